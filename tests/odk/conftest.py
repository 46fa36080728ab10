"""ODK's own form engine, installed once per version into a folder that git ignores."""

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
Answers = Sequence[tuple[str, str]]


class Oracle:
    """A running Node process with ODK's engine; one job a line."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def run(self, xform: str, answers: Answers, *, timed: bool = False) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        job = json.dumps({"form": xform, "answers": list(answers), "timed": timed})
        self._process.stdin.write(f"{job}\n")
        self._process.stdin.flush()
        result: dict[str, Any] = json.loads(self._process.stdout.readline())
        return result


def _installed() -> Path | None:
    """Install with npm ci, one test process at a time; None where there is no network."""
    with (HERE / ".install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _install()


def _install() -> Path | None:
    marker = HERE / "node_modules" / ".package-lock.json"
    if not marker.exists() or marker.stat().st_mtime < (HERE / "package-lock.json").stat().st_mtime:
        command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=300)
        if done.returncode:
            return None
        marker.touch()
    return HERE / "oracle.mjs"


@pytest.fixture(scope="session")
def oracle() -> Iterator[Oracle]:
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed, so ODK's engine cannot run")
    script = _installed()
    if script is None:
        pytest.skip("npm could not install ODK's engine (is the registry within reach?)")
    process = subprocess.Popen(
        ["node", str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "TZ": "UTC"},
    )
    yield Oracle(process)
    assert process.stdin is not None
    process.stdin.close()
    process.wait(timeout=30)
    assert process.stdout is not None
    process.stdout.close()
