"""What became of one answer so far: who changed it, from what to what, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dialog.wording import value_in_words
from models.projection import Revision
from models.ruling import Given
from server.review.reasons import DONE, REASONS
from survey_engine.interview import Interview

_ACTORS: Mapping[str, str] = {
    "self": "本人",
    "proxy": "代答人",
    "staff": "村社区人员",
    "nobody": "对方",
    "engine": "核对规则",
}
_STATES: Mapping[str, str] = {
    "recorded": "已记录",
    "to_verify": "待核实",
    "verified": "已核实",
    "declined": "不愿回答",
    "unknown": "不知道",
    "skipped": "不适用",
}
_SOURCES: Mapping[str, str] = {
    "answer": "回答",
    "series": "逐项回答",
    "last_year": "确认去年的值",
    "earlier": "确认先前的值",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the history."""

    at: datetime
    who: str
    what: str
    why: str


def history(
    interview: Interview, item: str, revisions: Sequence[Revision], rulings: Sequence[Given]
) -> tuple[Entry, ...]:
    """Return the history of an answer, newest first; ``rulings`` are those that may be shown."""
    entries = [_revised(interview, one) for one in revisions if one.item == item and _tells(one)]
    entries += [_ruled(interview, item, one) for one in rulings]
    return tuple(sorted(entries, key=lambda one: one.at, reverse=True))


def _tells(one: Revision) -> bool:
    """Whether anything changed that can be seen."""
    return (one.state_before, one.value_before) != (one.state, one.value)


def _revised(interview: Interview, one: Revision) -> Entry:
    state = _STATES.get(one.state, one.state)
    value = value_in_words(interview, one.item, one.value) if one.value else ""
    before = value_in_words(interview, one.item, one.value_before) if one.value_before else ""
    changed = f"{before} → {value}" if before and before != value else value
    return Entry(
        at=one.at,
        who=_ACTORS.get(one.actor, one.actor),
        what=f"{state}：{changed}" if changed else state,
        why=_why(one.reason),
    )


def _why(reason: str) -> str:
    """A reason that somebody wrote stands as it is; words of the program are translated."""
    known = _SOURCES.get(reason) or REASONS.get(reason)
    return known or ("" if reason.isascii() else reason)


def _ruled(interview: Interview, item: str, one: Given) -> Entry:
    value = value_in_words(interview, item, one.value) if one.value else ""
    return Entry(one.at, one.given_by, f"{DONE[one.decision]} {value}".strip(), one.reason)
