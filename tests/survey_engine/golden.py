"""Golden interviews: one readable file a case, played against the engine step by step.

A file has a title, ``key: value`` lines about the person, the answers given where nothing special
happens, a table of the turns that matter, and what must have come of it. In the table a row holds
what is being asked, what is put in, and every notable thing that follows from it, exactly.
``auto`` answers from ``answers:`` until nothing there fits what is asked.
"""

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from survey_engine import event as happened
from survey_engine import input as given
from survey_engine.answer import Candidate, Heard, SpeakerKind
from survey_engine.channel import Channel
from survey_engine.event import Event
from survey_engine.input import Input
from survey_engine.interview import Interview, Status
from survey_engine.questionnaire import Questionnaire
from survey_engine.stepping import start, step
from survey_engine.wait import Wait, WaitKind

_TURNS = 400


@dataclass(frozen=True, slots=True)
class Row:
    """One turn of the table: what is asked, what is put in, what follows."""

    asks: str
    puts: str
    follows: str


@dataclass(slots=True)
class Case:
    """One golden interview."""

    title: str
    about: dict[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    outcome: dict[str, str] = field(default_factory=dict)

    def pairs(self, key: str) -> dict[str, str]:
        """Return ``key: A3=1 E5=1+2`` as a mapping; values with spaces are quoted."""
        words = shlex.split(self.about.get(key, ""))
        return dict(word.split("=", 1) for word in words)


def read_case(file: Path) -> Case:
    """Read a golden interview; what comes after the table is what must hold at the end."""
    lines = file.read_text(encoding="utf-8").splitlines()
    case = Case(lines[0].lstrip("# ").strip())
    for line in lines[1:]:
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) == 3:
            if cells[0] not in ("asks", "---"):
                case.rows.append(Row(*cells))
        elif match := re.fullmatch(r"([a-z ]+):\s*(.*)", line):
            (case.outcome if case.rows else case.about)[match[1]] = match[2].strip()
    return case


class Player:
    """Plays a case; ``log`` is the table as it really went."""

    def __init__(self, form: Questionnaire, case: Case) -> None:
        self.case = case
        self.at = datetime.fromisoformat(case.about.get("at", "2026-10-12T10:00:00+08:00"))
        self.answers = case.pairs("answers")
        self.log: list[Row] = []
        facts = {"reference_day": "2026-09-30", **case.pairs("facts")}
        channel = Channel(case.about.get("channel", "voice"))
        self.interview, events = start(
            form, facts, case.pairs("last year"), at=self.at, channel=channel
        )
        self.events: list[Event] = list(events)

    def play(self) -> None:
        """Play every row."""
        for row in self.case.rows:
            if row.puts == "auto":
                self._auto()
                self.log.append(Row("", "auto", ""))
            else:
                asks = shown_wait(self.interview.wait, self.interview.status)
                follows = " ".join(notable(self._put(row.puts)))
                self.log.append(Row(asks, row.puts, follows))

    def _put(self, text: str) -> Sequence[Event]:
        self.at += timedelta(seconds=20)
        return self.step(self._input(text))

    def step(self, taken: Input) -> Sequence[Event]:
        """Put one input in and return what follows."""
        self.interview, events = step(self.interview, taken)
        self.events += events
        return events

    def _auto(self) -> None:
        for _ in range(_TURNS):
            plain = self._plain()
            if plain is None or self.interview.status is not Status.OPEN:
                return
            before = self.interview.wait
            self._put(plain)
            assert self.interview.wait != before, f"auto is stuck at {before}"
        raise AssertionError("auto does not come to an end")

    def _plain(self) -> str | None:
        """Return the plain answer to what is asked, or None where the case says none."""
        wait = self.interview.wait
        if wait is None or wait.kind in (WaitKind.CHECK, WaitKind.WHICH, WaitKind.CONFIRM):
            return None
        if wait.kind is WaitKind.READBACK:
            return "yes" if self.answers.get("readback") == "yes" else None
        value = self.answers.get(wait.item)
        if wait.kind is WaitKind.LAST:
            return None if value is None else "yes" if value == wait.value else "no"
        if wait.option:
            chosen = (value or "").split("+")
            return None if value is None else "yes" if wait.option in chosen else "no"
        if value is None:
            return None
        return value if value in ("yes", "no", "unknown", "decline") else f"record {value}"

    def _input(self, text: str) -> Input:
        text, words = _split_words(text)
        text, day = _split_day(text)
        if day:
            self.at = day
        verb, *rest = text.split()
        heard = Heard(words=words, confidence=0.9)
        wait = self.interview.wait
        return _VERBS[verb](_Turn(self.at, heard, wait.target if wait else "", rest))


@dataclass(frozen=True, slots=True)
class _Turn:
    at: datetime
    heard: Heard
    target: str
    rest: Sequence[str]

    def word(self, place: int = 0, default: str = "") -> str:
        return self.rest[place] if len(self.rest) > place else default

    def named(self) -> tuple[str, str]:
        name, equals, value = self.word().partition("=")
        return (name, value) if equals else (self.target, name)


def _split_words(text: str) -> tuple[str, str]:
    match = re.search(r"「(.*)」", text)
    return (text.replace(match[0], "").strip(), match[1]) if match else (text, "")


def _split_day(text: str) -> tuple[str, datetime | None]:
    match = re.search(r"@(\S+)", text)
    if not match:
        return text, None
    return text.replace(match[0], "").strip(), datetime.fromisoformat(f"{match[1]}T09:30:00+08:00")


def _record(turn: _Turn) -> Input:
    target, value = turn.named()
    return given.Record(at=turn.at, heard=turn.heard, target=target, value=value)


def _confirm(turn: _Turn) -> Input:
    target, value = turn.named()
    return given.Confirm(at=turn.at, heard=turn.heard, target=target, value=value)


def _hand_off(turn: _Turn) -> Input:
    guesses = tuple(Candidate(code, 0.5) for code in turn.rest[1:])
    return given.HandOff(
        at=turn.at, heard=turn.heard, target=turn.target, reason=turn.word(0, "unclear"),
        candidates=guesses,
    )  # fmt: skip


def _verify(turn: _Turn) -> Input:
    item, value = turn.named()
    return given.Verify(
        at=turn.at, item=item, value=value, by=turn.word(1), reason=turn.word(2, "听录音")
    )


_VERBS: Mapping[str, Callable[[_Turn], Input]] = {
    "record": _record,
    "confirm": _confirm,
    "handoff": _hand_off,
    "verify": _verify,
    "yes": lambda t: given.Affirm(at=t.at, heard=t.heard),
    "no": lambda t: given.Deny(at=t.at, heard=t.heard),
    "again": lambda t: given.AskAgain(at=t.at, heard=t.heard, reason=t.word(0, "unclear")),
    "unknown": lambda t: given.Unknown(at=t.at, heard=t.heard),
    "decline": lambda t: given.Decline(at=t.at, heard=t.heard),
    "repeat": lambda t: given.SayAgain(at=t.at, heard=t.heard),
    "slower": lambda t: given.SayAgain(at=t.at, heard=t.heard, manner="slower"),
    "explain": lambda t: given.SayAgain(at=t.at, heard=t.heard, manner="explain"),
    "wait": lambda t: given.HoldOn(at=t.at, heard=t.heard),
    "back": lambda t: given.GoBack(at=t.at, heard=t.heard, item=t.word()),
    "who": lambda t: given.WhoAreYou(at=t.at, heard=t.heard),
    "abuse": lambda t: given.Abuse(at=t.at, heard=t.heard),
    "person": lambda t: given.WantPerson(at=t.at, heard=t.heard),
    "speaker": lambda t: given.ChangeSpeaker(
        at=t.at, heard=t.heard, kind=SpeakerKind(t.word()), relation=t.word(1)
    ),
    "report": lambda t: given.Report(
        at=t.at, heard=t.heard, outcome=t.word().rstrip("?"), certain=not t.word().endswith("?")
    ),
    "pause": lambda t: given.Pause(at=t.at, heard=t.heard, reason=t.word()),
    "resume": lambda t: given.Resume(
        at=t.at,
        heard=t.heard,
        channel=Channel(t.word()),
        same_speaker=t.word(1) != "anybody",
        returns="returns" in t.rest,
    ),
    "close": lambda t: given.Close(at=t.at, heard=t.heard, outcome=t.word(0, "N12")),
    "reject": lambda t: given.RejectOutcome(at=t.at, outcome=t.word(), by=t.word(1)),
    "reopen": lambda t: given.Reopen(at=t.at, items=tuple(t.rest[1:]), by=t.word()),
}


def shown_wait(wait: Wait | None, status: Status) -> str:
    """Return a wait as the tables write it: kind, target, value to confirm, rule."""
    if status is not Status.OPEN:
        return f"({status})"
    if wait is None:
        return "(nothing)"
    value = f" ={wait.value}" if wait.value else ""
    rule = f" {wait.rule}" if wait.rule else ""
    return f"{wait.kind} {wait.target}{value}{rule}"


def notable(events: Sequence[Event]) -> Iterator[str]:
    """Yield what the tables write of events: everything but plain asking and recording."""
    for event in events:
        show = _NOTABLE.get(type(event))
        if text := show(event) if show else "":
            yield text


def _identity(event: happened.IdentityChecked) -> str:
    if event.matched:
        return ""
    return "identity:failed" if event.failed else "identity:missed"


_NOTABLE: Mapping[type[Event], Callable[[Any], str]] = {
    happened.Said: lambda e: f"say:{e.line}",
    happened.ReviewRequested: lambda e: f"review:{e.item or '-'}:{e.reason}",
    happened.CheckFailed: lambda e: f"check:{e.rule}",
    happened.OutcomeReported: lambda e: f"outcome:{e.outcome}",
    happened.OutcomeRejected: lambda e: f"rejected:{e.outcome}",
    happened.Ended: lambda e: f"end:{'usable' if e.usable else 'unusable'}",
    happened.Paused: lambda e: f"paused:{e.reason}",
    happened.Completed: lambda _: "completed",
    happened.PersonRequested: lambda e: f"person:{e.reason}",
    happened.InputRefused: lambda e: f"refused:{e.code}",
    happened.IdentityChecked: _identity,
    happened.Asked: lambda e: "" if e.style == "ask" else f"style:{e.style}",
}


def shown_end(interview: Interview) -> dict[str, str]:
    """Return what became of an interview, as the tables write it below the turns."""
    states: dict[str, list[str]] = {}
    for item in interview.questionnaire.items:
        if not item.type.is_question:
            continue
        state = interview.state_of(item.name)
        answer = interview.answers.get(item.name)
        value = answer.value.replace(" ", "+") if answer and state != "skipped" else ""
        key = str(state).replace("_", " ") if state else "open"
        states.setdefault(key, []).append(f"{item.name}={value}" if value else item.name)
    return {
        "status": interview.status.value,
        **{key: " ".join(names) for key, names in sorted(states.items())},
    }
