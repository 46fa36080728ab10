"""Measures the engine: one step, loading a form, the size of a waiting interview.

Run ``python -m benchmarks.engine``; it prints a Markdown table.
"""

import json
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast

from server.forms.library import SHIPPED, load_form
from server.forms.plain_yaml import read_plain_yaml
from survey_engine.event import Event
from survey_engine.input import Input
from survey_engine.questionnaire import Questionnaire
from survey_engine.reading import read_questionnaire
from survey_engine.snapshot import take_snapshot
from tests.survey_engine.golden import Case, Player, read_case

CASES = Path(__file__).parents[1] / "tests" / "corpus" / "interviews"


def main() -> None:
    """Print every figure."""
    form = load_form(SHIPPED / "person.yaml")
    turns, sizes = _turns(form)
    print(f"Python {platform.python_version()}, {platform.machine()}, {_processor()}\n")
    print("| what | median | 95 % | worst |")
    print("| --- | --- | --- | --- |")
    _row("one `step` on the person form, µs", [1e6 * seconds for seconds in turns])
    whole = _repeated(lambda: load_form(SHIPPED / "person.yaml"), 20)
    _row("loading person.yaml from the file, ms", whole)
    content = (SHIPPED / "person.yaml").read_bytes()
    plain = cast(Mapping[str, object], read_plain_yaml(content).value)
    _row("  of it YAML text, ms", _repeated(lambda: read_plain_yaml(content), 20))
    _row("  of it the questionnaire, ms", _repeated(lambda: read_questionnaire(plain), 20))
    _row("a waiting interview as JSON, KiB", [size / 1024 for size in sizes])


def _turns(form: Questionnaire) -> tuple[list[float], list[int]]:
    """Play every golden interview of the person form three times, timing each step."""
    seconds: list[float] = []
    sizes: list[int] = []
    for file in sorted(CASES.glob("*.md")) * 3:
        case = read_case(file)
        if case.about.get("form", "person") != "person":
            continue
        player = Timed(form, case, seconds)
        player.play()
        sizes.append(len(json.dumps(take_snapshot(player.interview), ensure_ascii=False).encode()))
    return seconds, sizes


class Timed(Player):
    """A player that notes how long each step took."""

    def __init__(self, form: Questionnaire, case: Case, seconds: list[float]) -> None:
        super().__init__(form, case)
        self.seconds = seconds

    def step(self, given: Input) -> Sequence[Event]:
        begun = time.perf_counter()
        events = super().step(given)
        self.seconds.append(time.perf_counter() - begun)
        return events


def _repeated(run: Callable[[], object], times: int) -> list[float]:
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        run()
        found.append(1e3 * (time.perf_counter() - begun))
    return found


def _row(what: str, values: list[float]) -> None:
    ordered = sorted(values)
    worst, high = ordered[-1], ordered[int(0.95 * (len(ordered) - 1))]
    print(f"| {what} | {statistics.median(ordered):.1f} | {high:.1f} | {worst:.1f} |")


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if "model name" in line), "")


if __name__ == "__main__":
    main()
