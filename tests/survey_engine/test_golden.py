"""Every golden interview goes as its file says, and its history replays to the same state."""

from pathlib import Path

import pytest

from survey_engine.history import load, store
from survey_engine.questionnaire import Questionnaire
from survey_engine.snapshot import restore, take_snapshot
from survey_engine.stepping import replay
from tests.survey_engine.golden import Player, Row, read_case, shown_end

CASES = sorted((Path(__file__).parents[1] / "corpus" / "interviews").glob("*.md"))


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_interview_goes_as_written(
    file: Path, forms: dict[str, Questionnaire], request: pytest.FixtureRequest
) -> None:
    case = read_case(file)
    player = Player(forms[case.about.get("form", "person")], case)
    player.play()
    if request.config.getoption("--write-golden"):
        _write(file, player)
        return
    assert player.log == [Row("", r.puts, "") if r.puts == "auto" else r for r in case.rows]
    assert shown_end(player.interview) == case.outcome


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_history_and_snapshot_give_the_same_interview(
    file: Path, forms: dict[str, Questionnaire]
) -> None:
    case = read_case(file)
    form = forms[case.about.get("form", "person")]
    player = Player(form, case)
    player.play()
    stored = [store(event) for event in player.events]
    replayed = replay(form, (load(one) for one in stored))
    snapshot = take_snapshot(player.interview)
    assert take_snapshot(replayed) == snapshot
    assert take_snapshot(restore(form, snapshot)) == snapshot


def test_there_are_enough_interviews() -> None:
    assert len(CASES) >= 60


def _write(file: Path, player: Player) -> None:
    """Write the file again as the interview really went; a person reads the difference."""
    head = [f"# {player.case.title}", ""]
    head += [f"{key}: {value}" for key, value in player.case.about.items()]
    table = ["", "| asks | puts | follows |", "| --- | --- | --- |"]
    table += [f"| {row.asks} | {row.puts} | {row.follows} |" for row in player.log]
    tail = ["", *(f"{key}: {value}" for key, value in shown_end(player.interview).items()), ""]
    file.write_text("\n".join([*head, *table, *tail]), encoding="utf-8")
