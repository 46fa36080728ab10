"""An evaluation set run through the understanding, and the numbers read off it."""

import csv
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from dialog.policy import PLAIN, AskAgain, Confirm, Decision, HandOff, Record
from dialog.question import Question, UnknownQuestionError, read_context
from dialog.understanding import Understanding, Understood, spoken
from server.failure import CommandFailedError
from survey_engine.questionnaire import Questionnaire

_COLUMNS = ("id", "form", "ask", "context", "utterance", "expect")
_INTENT = "intent:"
_UNCLEAR = "unclear"
_BINS = 10


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a set: what was asked, said, and meant."""

    id: str
    form: str
    ask: str
    context: str
    utterance: str
    expect: str

    @property
    def expects_value(self) -> bool:
        """Whether a careful human would write a value down."""
        return self.expect != _UNCLEAR and not self.expect.startswith(_INTENT)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one row, and how long it took."""

    row: Row
    understood: Understood
    seconds: float

    @property
    def is_recorded(self) -> bool:
        """Whether a value would have been written down."""
        return isinstance(self.understood.decision, Record)

    @property
    def is_right(self) -> bool:
        """Whether the value recorded is the one expected."""
        return self.is_recorded and self.understood.value == self.row.expect

    @property
    def is_wrong(self) -> bool:
        """Whether a value was recorded that is not the one expected."""
        return self.is_recorded and self.understood.value != self.row.expect


def decision_name(decision: Decision) -> str:
    """Return how a decision is called outside: record, confirm, ask_again or hand_off."""
    names = {Record: "record", Confirm: "confirm", AskAgain: "ask_again", HandOff: "hand_off"}
    return names[type(decision)]


def read_rows(file: Path) -> list[Row]:
    """Read a set. Raises :class:`CommandFailedError` where it is none."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                lacking = ", ".join(missing)
                raise CommandFailedError(f"{file.name}:1 lacks the columns {lacking}; add them.")
            return [Row(**{name: line[name] or "" for name in _COLUMNS}) for line in reader]
    except (OSError, UnicodeDecodeError) as error:
        raise CommandFailedError(
            f"{file.name} cannot be read as UTF-8 ({error}); give the path of a TSV file."
        ) from error


def heard_of(row: Row) -> float | None:
    """Return how sure a recogniser was of the words, if the row's context tells (``heard``).

    Raises :class:`dialog.question.UnknownQuestionError` where that is no share from 0 to 1.
    """
    heard = read_context(row.context).get("heard")
    if heard is None:
        return None
    if isinstance(heard, bool) or not isinstance(heard, int | float) or not 0 <= heard <= 1:
        raise UnknownQuestionError("heard is no number from 0 to 1; write how sure it was heard.")
    return float(heard)


def run(
    rows: Iterable[Row],
    load: Callable[[str], Questionnaire],
    clock: Callable[[], float] = time.perf_counter,
) -> list[Result]:
    """Understand every row with the thresholds of plain items."""
    forms: dict[str, Understanding] = {}
    results = []
    for row in rows:
        if row.form not in forms:
            forms[row.form] = Understanding(load(row.form))
        results.append(_result(row, forms[row.form], clock))
    return results


def _result(row: Row, understanding: Understanding, clock: Callable[[], float]) -> Result:
    try:
        question = Question.of_ask(understanding.form, row.ask, read_context(row.context))
        circumstances = spoken(PLAIN, question, heard_of(row))
    except UnknownQuestionError as error:
        raise CommandFailedError(f"row {row.id}: {error}") from error
    begun = clock()
    understood = understanding.understand(question, row.utterance, circumstances)
    return Result(row, understood, clock() - begun)


def report(results: list[Result]) -> Mapping[str, object]:
    """Return the numbers of a run, and every row."""
    valued = [one for one in results if one.row.expects_value]
    intents = [one for one in results if one.row.expect.startswith(_INTENT)]
    known = sum(f"{_INTENT}{one.understood.intent}" == one.row.expect for one in intents)
    return {
        "rows": len(results),
        "wrong": _share(sum(one.is_wrong for one in results), len(results)),
        "coverage": _share(sum(one.is_right for one in results), len(valued)),
        "intent_accuracy": _share(known, len(intents)),
        "ece": round(calibration_error(results), 4),
        "ms_per_row": round(median([one.seconds for one in results] or [0.0]) * 1000, 2),
        "items": [_item(one) for one in results],
    }


def _share(count: int, of: int) -> float:
    return round(count / of, 4) if of else 0.0


def calibration_error(results: Iterable[Result]) -> float:
    """Return how far confidence and truth lie apart over rows with a candidate, in ten bins."""
    pairs = [
        (best.confidence, best.value == one.row.expect)
        for one in results
        if (best := one.understood.interpretation.best)
    ]
    total = 0.0
    for place in range(_BINS):
        low, high = place / _BINS, (place + 1) / _BINS
        inside = [pair for pair in pairs if low <= pair[0] < high]
        if inside:
            sure = sum(confidence for confidence, _ in inside) / len(inside)
            right = sum(correct for _, correct in inside) / len(inside)
            total += len(inside) / len(pairs) * abs(sure - right)
    return total


def _item(result: Result) -> Mapping[str, object]:
    understood = result.understood
    return {
        "id": result.row.id,
        "decision": decision_name(understood.decision),
        "value": understood.value or None,
        "intent": understood.intent or None,
        "confidence": round(understood.confidence, 4),
    }


def as_json(value: Mapping[str, object]) -> str:
    """Return ``value`` as one line of JSON."""
    return json.dumps(value, ensure_ascii=False)
