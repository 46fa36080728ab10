"""Random small forms, persons and inputs: whatever may come, sense and nonsense.

A :class:`Move` is drawn without knowing the interview and becomes an input only when it is made,
so that a sequence of moves goes deep into any form and still shrinks well.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from functools import cache
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from server.forms.library import SHIPPED, load_form
from survey_engine import input as given
from survey_engine.answer import Candidate, Heard, SpeakerKind
from survey_engine.channel import Channel
from survey_engine.input import Input
from survey_engine.interview import Interview
from survey_engine.item import Role
from survey_engine.questionnaire import Questionnaire
from survey_engine.reading import read_questionnaire
from survey_engine.wait import Accepts
from tests.survey_engine.small_forms import (
    SCRIPT,
    Entry,
    certificate,
    check,
    choice,
    form,
    multi,
    outcome,
    question,
    section,
    single,
    speaker,
)

START = datetime(2026, 9, 20, 10, tzinfo=timezone(timedelta(hours=8)))
LAST4 = "123X"
NONSENSE = (
    "", " ", "1", "2", "1 2", "3+1", "1 1", "96", "97", "98", "99", "-1", "7", "7.5", "1e3", "²",
    "9999999999", "99999999999999999", "2026-02-30", "2026-02-28", "2026-W10-1", "20260228",
    "10:30", "10:30:00", "24:00", "2026-02-28T10:30", "是", "yes", "no", "ok", "{who}", "\0",
    "母亲", LAST4, LAST4.lower(), "长" * 2_001, "nan", "inf", "true", "A1", "Q1",
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Whom an interview is about: facts and last year's values."""

    facts: Mapping[str, str]
    last_year: Mapping[str, str]
    channel: Channel


@dataclass(frozen=True)
class Move:
    """What is done next: a kind of input, and what it picks from what there is."""

    kind: str
    pick: int = 0
    text: str = ""
    days: int = 0


@dataclass(frozen=True)
class Scene:
    """An interview at the moment of a move."""

    interview: Interview
    at: datetime
    move: Move

    @property
    def heard(self) -> Heard:
        return Heard(words=self.move.text[:20], confidence=0.5)

    def one_of(self, options: Sequence[str]) -> str:
        """The option that the move picks, or its text where there is none."""
        return options[self.move.pick % len(options)] if options else self.move.text

    @property
    def asked(self) -> str:
        return self.interview.wait.target if self.interview.wait else self.move.text

    @property
    def anything(self) -> str:
        """What is asked, any item, any option, or nonsense."""
        items = self.interview.questionnaire.items
        options = [f"{item.name}/{choice.code}" for item in items for choice in item.choices]
        names = [item.name for item in items]
        return self.one_of([self.asked, *names, *options, self.move.text, "S1", "consent"])


def _fitting(scene: Scene) -> Input:
    """An answer that a willing person would give to what is asked."""
    wait = scene.interview.wait
    if wait is None:
        return given.Resume(at=scene.at, channel=Channel.CHAT)
    if wait.accepts is Accepts.YES_NO:
        kind = given.Deny if scene.move.pick % 3 == 0 else given.Affirm
        return kind(at=scene.at, heard=scene.heard)
    values = {
        Accepts.CHOICE: wait.codes,
        Accepts.CHOICES: wait.codes,
        Accepts.ITEM: wait.codes,
        Accepts.INTEGER: ("0", "1", "3", "12"),
        Accepts.DECIMAL: ("0.5", "2", "12.25"),
        Accepts.DATE: ("2026-01-31",),
        Accepts.TIME: ("10:30:00",),
        Accepts.DATETIME: ("2026-01-31T10:30:00",),
        Accepts.DIGITS: ("13800138000",),
    }
    words = values.get(wait.accepts, ("母亲",))
    item = scene.interview.questionnaire.item(wait.item)
    known = item is not None and item.role is Role.CERTIFICATE
    value = LAST4 if known else scene.one_of(words)
    return given.Record(at=scene.at, heard=scene.heard, target=wait.target, value=value)


def _record(scene: Scene) -> Input:
    target, value = scene.anything, scene.move.text
    return given.Record(at=scene.at, heard=scene.heard, target=target, value=value)


def _candidate(scene: Scene) -> Input:
    return given.Confirm(
        at=scene.at, heard=scene.heard, target=scene.anything, value=scene.move.text
    )


def _hand_off(scene: Scene) -> Input:
    guesses = (Candidate(scene.move.text, 0.5),) * (scene.move.pick % 2)
    target = scene.asked if scene.move.pick % 5 else scene.anything
    return given.HandOff(at=scene.at, target=target, reason="unclear", candidates=guesses)


def _verify(scene: Scene) -> Input:
    by = "" if scene.move.pick % 7 == 0 else "审核员"
    return given.Verify(
        at=scene.at, item=scene.anything, value=scene.move.text, by=by, reason="听录音"
    )


def _reopen(scene: Scene) -> Input:
    names = [item.name for item in scene.interview.questionnaire.items]
    items = (scene.one_of(names), scene.anything)[: scene.move.pick % 3]
    return given.Reopen(at=scene.at, items=items, by="审核员")


def _outcome(scene: Scene) -> str:
    return scene.one_of([*(one.code for one in scene.interview.questionnaire.outcomes), "X"])


def _channel(scene: Scene) -> Channel:
    return Channel(scene.one_of(list(Channel)))


MOVES: Mapping[str, Callable[[Scene], Input]] = {
    "fit": _fitting,
    "record": _record,
    "record_asked": lambda s: given.Record(at=s.at, target=s.asked, value=s.move.text),
    "confirm": _candidate,
    "ask_again": lambda s: given.AskAgain(at=s.at, reason=s.one_of(["no_input", "noise"])),
    "hand_off": _hand_off,
    "affirm": lambda s: given.Affirm(at=s.at, heard=s.heard),
    "deny": lambda s: given.Deny(at=s.at, heard=s.heard),
    "unknown": lambda s: given.Unknown(at=s.at, heard=s.heard),
    "decline": lambda s: given.Decline(at=s.at, heard=s.heard),
    "say_again": lambda s: given.SayAgain(at=s.at, manner=s.one_of(["repeat", "explain", "x"])),
    "hold_on": lambda s: given.HoldOn(at=s.at),
    "go_back": lambda s: given.GoBack(at=s.at, item=s.anything if s.move.pick % 2 else ""),
    "who_are_you": lambda s: given.WhoAreYou(at=s.at),
    "abuse": lambda s: given.Abuse(at=s.at),
    "want_person": lambda s: given.WantPerson(at=s.at),
    "change_speaker": lambda s: given.ChangeSpeaker(
        at=s.at, kind=SpeakerKind(s.one_of(list(SpeakerKind))), relation=s.move.text
    ),
    "report": lambda s: given.Report(at=s.at, outcome=_outcome(s), certain=s.move.pick % 2 == 0),
    "pause": lambda s: given.Pause(at=s.at, reason=s.one_of(["later", "dropped", "x"])),
    "resume": lambda s: given.Resume(at=s.at, channel=_channel(s), returns=s.move.pick % 2 == 0),
    "close": lambda s: given.Close(at=s.at, outcome=_outcome(s)),
    "verify": _verify,
    "reject_outcome": lambda s: given.RejectOutcome(
        at=s.at, outcome=_outcome(s), by="" if s.move.pick % 7 == 0 else "审核员"
    ),
    "reopen": _reopen,
    "naive": lambda s: given.Affirm(at=s.at.replace(tzinfo=None)),
    "no_kind": lambda s: Input(at=s.at),
}
_ENDING = ("close", "report", "want_person", "abuse", "pause")
_TURNING = ("go_back", "reopen", "reject_outcome", "verify", "confirm", "change_speaker", *MOVES)
_COMMON = tuple(kind for kind in MOVES if kind not in _ENDING)

_kinds = st.one_of(
    st.just("fit"), st.just("fit"), st.just("fit"), st.just("fit"),
    st.sampled_from(_COMMON), st.sampled_from(_COMMON), st.sampled_from(_TURNING),
)  # fmt: skip
_texts = st.one_of(st.sampled_from(NONSENSE), st.text(max_size=6))
moves = st.lists(
    st.builds(
        Move,
        kind=_kinds,
        pick=st.integers(0, 400),
        text=_texts,
        days=st.sampled_from((0, 0, 0, 0, 0, 0, 0, 1, 12)),
    ),
    min_size=10,
    max_size=60,
)


def inputs_of(move: Move, interview: Interview, at: datetime) -> tuple[datetime, Input]:
    """The input that a move makes of the interview as it stands, and when it is put in."""
    later = at + timedelta(days=move.days, seconds=20)
    return later, MOVES[move.kind](Scene(interview, later, move))


_ages = st.sampled_from((0, 5, 13, 14, 17, 18, 20, 45, 59, 60, 80))


def _birth(age: int) -> str:
    return f"{2026 - age}-03-01"


@st.composite
def persons(draw: st.DrawFn, questionnaire: Questionnaire) -> Person:
    """Anybody whom the form may be about, with some of last year's values."""
    age = draw(_ages)
    facts = {
        "age": str(age),
        "sex": draw(st.sampled_from(("male", "female"))),
        "category": draw(st.sampled_from("1234567")),
        "grade": draw(st.sampled_from("12349")),
        "residence": draw(st.sampled_from(("rural", "urban", ""))),
        "name": "王小明",
        "last4": draw(st.sampled_from((LAST4, LAST4, LAST4, ""))),
        "birth": draw(st.sampled_from((_birth(age), ""))),
        "reference_day": draw(st.sampled_from(("2026-09-30", "2026-09-01", ""))),
    }
    stable = [item for item in questionnaire.items if item.stable]
    values = st.one_of(st.sampled_from(("1", "2", "3", "1 2", "12")), _texts)
    last_year = {item.name: draw(values) for item in stable if draw(st.booleans())}
    return Person(facts, last_year, draw(st.sampled_from(Channel)))


@st.composite
def _conditions(draw: st.DrawFn, names: Sequence[str]) -> str:
    """An expression over the facts and the items named."""
    name = draw(st.sampled_from(tuple(names) or ("age",)))
    pattern = draw(
        st.sampled_from(
            (
                "${%s} = '1'", "selected(${%s}, '2')", "${%s} != ''", "not(${%s} = '2')",
                "${%s} > 2", "${%s} >= ${age}", "${speaker} = 'self' or ${%s} = '1'",
                "${last-saved#Q1} = '1' or ${%s} = ''", "${channel} != 'voice' or ${%s} = '1'",
            )
        )
    )  # fmt: skip
    return pattern % name


_CONSTRAINTS = {
    "integer": (". >= 0 and . <= 10", ". < ${age}", ". != 3"),
    "decimal": (". < 10", ". > 0"),
    "text": ("string-length(.) < 5", "regex(., '^[0-9]{1,11}$')"),
    "multi": ("count-selected(.) <= 1", "not(selected(., '1') and selected(., '3'))"),
    "single": (". != '2'",),
}
_SILENT = ("note", "calculate", "hidden")
_QUESTIONS = (
    "single", "single", "multi", "multi", "integer", "decimal", "text", "date", "time", "dateTime",
    "acknowledge",
)  # fmt: skip


def _often(draw: st.DrawFn, chance: int) -> bool:
    return draw(st.integers(1, chance)) == 1


@st.composite
def _choice_lists(draw: st.DrawFn, names: Sequence[str], kind: str) -> list[Entry]:
    choices = [choice(str(code)) for code in range(1, draw(st.integers(2, 4)))]
    for one in choices:
        if names and _often(draw, 4):
            one["when"] = draw(_conditions(names))
    if kind == "multi" and _often(draw, 2):
        choices.append(choice("9", exclusive="true"))
    if names and _often(draw, 6):
        condition = draw(_conditions(names))
        choices += [
            choice("5", when=condition),
            choice("5", label="另一个", when=f"not({condition})"),
        ]
    return choices


@st.composite
def _items(draw: st.DrawFn, name: str, earlier: Sequence[str]) -> Entry:
    kind = draw(st.sampled_from(_QUESTIONS + _SILENT if earlier else _QUESTIONS))
    relevant = draw(_conditions(earlier)) if earlier and _often(draw, 2) else "true"
    silent: Mapping[str, Entry] = {
        "calculate": {"name": name, "type": kind, "calculation": relevant},
        "hidden": {"name": name, "type": kind, "default": "'1'"},
        "note": question(name, "note", relevant=relevant),
    }
    if kind in silent:
        return silent[kind]
    more = {"relevant": relevant, **draw(_traits(kind, earlier))}
    if kind == "single":
        return single(name, *draw(_choice_lists(earlier, kind)), **more)
    if kind == "multi":
        voice = {"voice": draw(st.sampled_from(("series", "open")))}
        return multi(name, *draw(_choice_lists(earlier, kind)), hints=voice, **more)
    return question(name, kind, **more)


@st.composite
def _traits(draw: st.DrawFn, kind: str, earlier: Sequence[str]) -> Entry:
    more: dict[str, Any] = {"sensitivity": draw(st.sampled_from("LMHH"))}
    more["reference"] = draw(st.sampled_from(("NOW", "T0", "Y1", "2W")))
    if kind in _CONSTRAINTS and _often(draw, 2):
        more["constraint"] = draw(st.sampled_from(_CONSTRAINTS[kind]))
    if _often(draw, 4):
        sometimes = [f"${{{one}}} = '1'" for one in earlier]
        more["required"] = draw(st.sampled_from(("false", *sometimes)))
    if earlier and _often(draw, 8):
        more["readonly"] = draw(_conditions(earlier))
    if more["sensitivity"] != "H" and _often(draw, 3):
        more |= {"stable": "true", "wording": {"last": "上次是{last}，还是吗？"}}
    if kind in ("text", "integer") and _often(draw, 10):
        more["default"] = "'3'"
    return more


@st.composite
def _checks(draw: st.DrawFn, number: int, names: Sequence[str]) -> Entry:
    concerned = draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
    return check(
        f"L{number}",
        items=concerned,
        fails_when=draw(_conditions(names)),
        severity=draw(st.sampled_from("EQH")),
        lead=draw(st.sampled_from(("true", "false"))),
        heard=draw(st.sampled_from(([], [], ["是"]))),
        ask=draw(st.sampled_from(("", *names))),
    )


@st.composite
def _procedures(draw: st.DrawFn, names: Sequence[str], *, known: bool) -> Entry:
    return {
        "identity": "certificate" if known else "none",
        "consent": draw(st.sampled_from(("true", "false"))),
        "guardian_age": draw(st.sampled_from(("0", "14"))),
        "guardian_relations": ["母亲"],
        "proxy_categories": draw(st.sampled_from(([], ["5", "6"]))),
        "text_categories": draw(st.sampled_from(([], ["2", "3"]))),
        "identity_tries": draw(st.sampled_from(("1", "2"))),
        "ladder": draw(st.sampled_from((["ask"], ["ask", "reask"], ["ask", "reask", "keys"]))),
        "refusals": draw(st.sampled_from(("1", "2"))),
        "usable_partial": list(names[:1]),
        "section_readback": draw(st.sampled_from(("true", "false"))),
    }


@st.composite
def forms(draw: st.DrawFn) -> Entry:
    """A sound form of a few items, with or without identity and consent."""
    names = [f"Q{number}" for number in range(1, draw(st.integers(2, 8)))]
    items = [draw(_items(name, names[:place])) for place, name in enumerate(names)]
    asked = [item["name"] for item in items if item["type"] not in _SILENT]
    cuts = sorted({0, *draw(st.lists(st.integers(0, len(items)), max_size=2)), len(items)})
    sections = [
        section(f"S{start}", *items[start:end], **draw(_manners(start, names)))
        for start, end in pairwise(cuts)
    ]
    if len(sections) > 1 and _often(draw, 3):
        sections = [section("T", *sections, readback="记的是：{answers}。")]
    known = draw(st.booleans())
    if known or _often(draw, 3):
        who = [speaker()] + ([certificate()] if known else [])
        sections.insert(0, section("A", *who))
    elsewhere = {"outcomes": [*_OUTCOMES], "script": SCRIPT, "facts": _FACTS}
    count = draw(st.integers(0, 3))
    return form(
        procedure=draw(_procedures(asked, known=known)),
        checks=[draw(_checks(number, asked)) for number in range(count)],
        **{**elsewhere, "sections": sections},
    )


@st.composite
def _manners(draw: st.DrawFn, start: int, names: Sequence[str]) -> Entry:
    manners = {"intro": f"第{start}段。", "readback": "记的是：{answers}。"}
    chosen = {key: text for key, text in manners.items() if draw(st.booleans())}
    earlier = names[: max(start - 1, 0)]
    if earlier and _often(draw, 3):
        chosen["relevant"] = draw(_conditions(earlier))
    return chosen


_FACTS = [
    {"name": "age", "kind": "integer", "label": "年龄"},
    {"name": "category", "label": "类别"},
]
_OUTCOMES = (
    outcome("N01", ends="true", say="condolence", clarify="clarify_N01"),
    outcome("N02", ends="false"),
    outcome("N12", ends="true", calls="keep"),
)


@dataclass(frozen=True)
class Journey:
    """Who is interviewed with which form, and what is put in; an empty form is the person form."""

    form: Entry
    person: Person
    moves: Sequence[Move]

    @property
    def questionnaire(self) -> Questionnaire:
        return read_questionnaire(self.form) if self.form else person_form()


@cache
def person_form() -> Questionnaire:
    """The official form of the person."""
    return load_form(SHIPPED / "person.yaml")


@st.composite
def journeys_on(draw: st.DrawFn, plain: st.SearchStrategy[Entry]) -> Journey:
    """Anybody interviewed with one of these forms; an empty one is the person form."""
    journey = Journey(draw(plain), Person({}, {}, Channel.VOICE), draw(moves))
    return replace(journey, person=draw(persons(journey.questionnaire)))
