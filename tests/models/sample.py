"""A small campaign with invented people, and messages that answer whatever is asked."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models.campaign import Campaign, Campaigns
from models.case import Case, Cases
from models.conversation_store import Inbound, Reply, TurnResult, TurnStore
from models.database import Database
from models.outbox import Outgoing
from models.roster import Roster, RosterRow
from survey_engine.answer import Heard
from survey_engine.channel import Channel
from survey_engine.input import Affirm, Deny, HandOff, Input, Record
from survey_engine.interview import Interview, Status
from survey_engine.questionnaire import Questionnaire
from survey_engine.stepping import start, step
from survey_engine.wait import Accepts, Wait

AT = datetime.fromisoformat("2026-10-12T10:00:00+08:00")
CAMPAIGN = "990000-2026"
REGION = "990000100201"

#: What the invented people answer; what is not here is answered by the first code on offer.
ANSWERS: Mapping[str, str] = {
    "A1": "1", "A3": "1", "A4": "20", "A6": "15423607891", "A7": "2", "B1": "3", "B2": "2",
    "C1": "1", "C2": "2", "C3": "0", "E1": "4", "E2": "1", "E3": "1", "E3a": "1", "E4": "6",
    "E5": "2", "F0": "1", "F1": "2", "F4": "6", "F5": "3", "F6": "6", "F7": "2", "G1": "2",
    "G2": "9", "H1": "1",
}  # fmt: skip

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643


def number(index: int) -> str:
    """An invented certificate number in a region that does not exist."""
    year, month = 1950 + index % 25, 1 + index // 25_000 % 12
    places = f"990000{year}{month:02d}15{index // 25 % 1000:03d}"
    total = sum(int(place) * weight for place, weight in zip(places, _WEIGHTS, strict=True))
    return f"{places}{'10X98765432'[total % 11]}42"


def row(index: int, **changes: str) -> RosterRow:
    plain = {
        "certificate": number(index),
        "name": f"张试用{index}",
        "region": REGION,
        "telephone": f"1542360{index:04d}",
        "residence": "rural",
        "guardian_name": "李监护",
    }
    return RosterRow(**{**plain, **changes}, row=index + 2)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Sample:
    """A database with one campaign, its turn store, and the ids of its assignments."""

    database: Database
    turns: TurnStore
    forms: Mapping[str, Questionnaire]
    assignments: tuple[str, ...]

    @classmethod
    def build(
        cls, database: Database, forms: Mapping[str, Questionnaire], people: int = 2
    ) -> "Sample":
        form = forms["person"]
        campaign = Campaign(
            id=CAMPAIGN,
            form=form.form,
            version=form.version,
            reference_day=date(2026, 9, 30),
            region="990000000000",
        )
        Campaigns(database).create(campaign, by="test", at=AT)
        rows = [row(index) for index in range(people)]
        Roster(database).keep(CAMPAIGN, rows, by="test", at=AT)
        return cls.on(database, forms, people)

    @classmethod
    def on(cls, database: Database, forms: Mapping[str, Questionnaire], people: int) -> "Sample":
        """The sample as another process finds it."""
        cases = Cases(database)
        ids = tuple(
            cases.by_certificate(CAMPAIGN, number(index)).assignment_id for index in range(people)
        )
        return cls(database, TurnStore(database, found_in(forms)), forms, ids)

    def start(self, place: int = 0) -> Reply:
        return self.turns.start(self.assignments[place], self.opening)

    def opening(self, case: Case) -> TurnResult:
        form = self.forms[case.form]
        interview, events = start(form, case.facts(), case.last_year, at=AT, channel=Channel.CHAT)
        return TurnResult(interview, events, shown(interview))

    def say(self, key: str, body: str, place: int = 0) -> Reply:
        inbound = self.message(key, body, place)
        return self.turns.take(inbound, answering(body, inbound.received_at))

    def message(self, key: str, body: str, place: int = 0) -> Inbound:
        return Inbound(
            channel="chat",
            external_id=key,
            assignment_id=self.assignments[place],
            body=body,
            received_at=AT + timedelta(seconds=1),
        )

    def interview(self, place: int = 0) -> Interview:
        return self.turns.interview(self.assignments[place])

    def finish(self, place: int = 0) -> None:
        """Answer everything that is asked until the interview is over."""
        for count, body in enumerate(self.bodies(place)):
            self.say(f"{place}-finish-{count}", body, place)

    def alone(self, place: int, bodies: Iterable[str]) -> Interview:
        """What the engine makes of these messages without any storage."""
        case = Cases(self.database).get(self.assignments[place])
        interview = self.opening(case).interview
        for body in bodies:
            at = self.message("", body, place).received_at
            interview = answering(body, at)(interview).interview
        return interview

    def bodies(self, place: int = 0) -> Iterator[str]:
        """Yield an answer to what is asked, as long as something is."""
        while (interview := self.interview(place)).status is Status.OPEN:
            yield body_for(interview)


def found_in(forms: Mapping[str, Questionnaire]) -> Callable[[str, str], Questionnaire]:
    def find(name: str, version: str) -> Questionnaire:
        form = forms[name]
        if form.version != version:
            raise LookupError(version)
        return form

    return find


def shown(interview: Interview) -> str:
    """The reply of a turn: what is asked next."""
    return interview.wait.target if interview.wait else interview.status.value


def body_for(interview: Interview) -> str:
    """What the invented person says: what it is about, and the answer."""
    wait = interview.wait
    assert wait is not None
    return f"{wait.target}={_answer(interview, wait)}"


def _answer(interview: Interview, wait: Wait) -> str:
    if wait.item == "A2":
        return interview.facts["last4"]
    if wait.accepts is Accepts.YES_NO:
        return "yes"
    return ANSWERS.get(wait.item) or (wait.codes[0] if wait.codes else "1")


def answering(body: str, at: datetime) -> Callable[[Interview], TurnResult]:
    """The turn of a message ``target=value``, with something to be sent besides."""
    target, _, value = body.partition("=")

    def turn(interview: Interview) -> TurnResult:
        after, events = step(interview, _input(target, value, at))
        reply = shown(after)
        return TurnResult(after, events, reply, (Outgoing(channel="chat", body=reply),))

    return turn


def _input(target: str, value: str, at: datetime) -> Input:
    heard = Heard(f"我说的是{value}", f"u-{target}", 0.9)
    if value == "yes":
        return Affirm(at=at, heard=heard)
    if value == "no":
        return Deny(at=at, heard=heard)
    if value.startswith("unsure"):
        return HandOff(at=at, heard=heard, target=target, reason="unclear")
    return Record(at=at, heard=heard, target=target, value=value)
