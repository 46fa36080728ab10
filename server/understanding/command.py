"""What the commands ``tingwen understand`` and ``tingwen evaluate`` do."""

from collections.abc import Callable, Mapping
from pathlib import Path

from dialog.question import Question, UnknownQuestionError, read_context
from dialog.understanding import Understanding, Understood
from server.failure import CommandFailedError
from server.understanding.evaluation import decision_name, read_rows, report, run
from survey_engine.questionnaire import Questionnaire


def understand(
    form: Questionnaire, ask: str, text: str, context: str = "{}"
) -> Mapping[str, object]:
    """Return what ``text`` means in answer to ``ask``, as the command prints it.

    Raises :class:`CommandFailedError` if the form has no such question or the context is no JSON.
    """
    try:
        question = Question.of_ask(form, ask, read_context(context))
    except UnknownQuestionError as error:
        raise CommandFailedError(str(error)) from error
    return plain_result(Understanding(form).understand(question, text))


def plain_result(understood: Understood) -> Mapping[str, object]:
    """Return ``understood`` as plain data for JSON."""
    return {
        "decision": decision_name(understood.decision),
        "value": understood.value or None,
        "intent": understood.intent or None,
        "confidence": round(understood.confidence, 4),
        "candidates": [
            {
                "value": one.value,
                "confidence": round(one.confidence, 4),
                "evidence": one.evidence.words,
            }
            for one in understood.candidates
        ],
    }


def evaluate(file: Path, load: Callable[[str], Questionnaire]) -> Mapping[str, object]:
    """Run an evaluation set and return its numbers; ``load`` gives a form by its name.

    Raises :class:`CommandFailedError` if the file is no set or names what a form does not have.
    """
    return report(run(read_rows(file), load))
