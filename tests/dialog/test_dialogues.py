"""Whole talks go as a careful interviewer would have them go, and record nothing untrue."""

from pathlib import Path

import pytest

from dialog.policy import PLAIN, Circumstances
from dialog.question import Question
from dialog.reader import UnderstandingReader
from dialog.understanding import Understanding, Understood
from survey_engine.questionnaire import Questionnaire
from tests.dialog.dialogue import FOLDER, Row, Talk, read_dialogue

DIALOGUES = sorted(FOLDER.glob("*.md"))


class Remembering(Understanding):
    """Reads the same words under the same question once; a reading depends on nothing else."""

    def __init__(self, form: Questionnaire) -> None:
        super().__init__(form)
        self._known: dict[object, Understood] = {}

    def understand(
        self, question: Question, text: str, circumstances: Circumstances = PLAIN
    ) -> Understood:
        """Return what ``text`` means, as it was read before."""
        codes = tuple((one.code, one.label) for one in question.choices)
        asked = (question.target, question.kind, question.accepts, question.value, question.names)
        key = (asked, codes, question.context, text, circumstances)
        if key not in self._known:
            self._known[key] = super().understand(question, text, circumstances)
        return self._known[key]


@pytest.fixture(scope="module")
def reader(forms: dict[str, Questionnaire]) -> UnderstandingReader:
    """One understanding for all dialogues."""
    return UnderstandingReader(Remembering(forms["person"]))


@pytest.mark.parametrize("file", DIALOGUES, ids=lambda file: file.stem)
def test_a_talk_goes_as_written(
    file: Path,
    forms: dict[str, Questionnaire],
    reader: UnderstandingReader,
    request: pytest.FixtureRequest,
) -> None:
    dialogue = read_dialogue(file)
    if owed := dialogue.about.get("欠"):
        request.applymarker(pytest.mark.xfail(reason=owed, strict=True))
    talk = Talk(forms["person"], reader, dialogue)
    talk.hold()
    assert not talk.faults, "\n".join([*talk.faults, "", *talk.told])


def test_there_are_enough_dialogues() -> None:
    assert len(DIALOGUES) >= 30


def test_a_record_against_the_truth_is_noticed(
    forms: dict[str, Questionnaire], reader: UnderstandingReader
) -> None:
    dialogue = read_dialogue(FOLDER / "plain-townsman.md")
    dialogue.about["实情"] = "C2=4"
    dialogue.rows.append(Row("念 C", "对的", ""))
    talk = Talk(forms["person"], reader, dialogue)
    talk.hold()
    assert "recorded against the truth: C2=3" in talk.faults
