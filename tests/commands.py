"""The command line as tests run it: within their own process, or in one that has a limit.

``python -m tests.commands BYTES`` is that other process: a command a line, its outcome a line.
"""

import json
import os
import resource
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from server.cli import main

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Outcome:
    """What a run of a command gave."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def tingwen(
    *words: str, environment: Mapping[str, str] | None = None, folder: Path = ROOT
) -> Outcome:
    """Run one command here; what it raises besides its exit is the test's failure."""
    out, err = StringIO(), StringIO()
    with (
        redirect_stdout(out), redirect_stderr(err), chdir(folder),
        patch.dict(os.environ, environment or {}), patch.object(sys, "argv", ["tingwen", *words]),
    ):  # fmt: skip
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return Outcome(code, out.getvalue(), err.getvalue())


class Contained:
    """A process of its own that runs commands and may not take more memory than it is given."""

    def __init__(self, memory: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.commands", str(memory)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, *words: str, patience: float) -> Outcome:
        """Run a command; fail if it takes longer than ``patience`` seconds or kills the process."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], patience)
        assert ready, f"{words} hangs"
        line = self._process.stdout.readline()
        assert line, f"{words} killed its process"
        return Outcome(**json.loads(line))

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


@contextmanager
def contained(memory: int) -> Iterator[Contained]:
    """Give a process that runs commands within ``memory`` bytes."""
    found = Contained(memory)
    try:
        yield found
    finally:
        found.close()


def _serve(memory: int) -> None:
    answers = sys.stdout
    tingwen("form", "check", "person")
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    for line in sys.stdin:
        words: Sequence[str] = json.loads(line)
        print(json.dumps(asdict(tingwen(*words))), file=answers, flush=True)


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
