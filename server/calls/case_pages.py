"""Makes the page of one case: the card, the question, the result."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

import segno
from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from models.attempt import Attempt
from models.call_queue import Calling
from models.case import Case
from models.disposition import Disposition
from models.failure import KeyReusedError
from models.invitation import Invitations, Way
from models.note import Note, Notes
from models.talking import TalkingBook
from models.visit import Visits
from models.walled import Walled
from server.calls.between import HOME, KEYS, BetweenCalls, to_case
from server.calls.bridge_desk import BridgeDesk
from server.calls.calendar import booked_at, calendar_of, last_of_calendar
from server.calls.desk import CallsDesk
from server.calls.fault import CallsDeskError, Fault
from server.calls.hand_desk import HandDesk
from server.calls.live import LiveView, live_view, who
from server.calls.material import Card, card_of, section_lines
from server.calls.sent import Booked, Ended, Entered, Linked
from server.desk.masking import masked_name, masked_number, masked_telephone
from server.desk.note import Written
from server.desk.page import desk_page
from server.desk.sitting import Sitting
from server.inviting import mobile_number
from server.service import Service
from survey_engine.interview import Interview, Status

_GROUPS = {"1": "没接通", "2": "接通了，没答完", "3": "这个人的情况"}
#: What a caller may do while the machine asks.
_WHILE_LENT = ("give", "take", "hang")
_SPEAKERS = {"self": "本人", "proxy": "代答", "staff": "村社区人员", "nobody": "还没问是谁"}
_NOT_BOOKED = Booked(day="", clock="", mine="")


@dataclass(frozen=True, slots=True)
class Onward:
    """How a link would reach the person, or how far it is once it was sent.

    ``number`` is where a text message would go, masked.
    """

    way: str
    state: str = ""
    number: str = ""


class CasePages:
    """Makes the answers to requests."""

    def __init__(
        self,
        service: Service,
        desk: CallsDesk,
        bridge: BridgeDesk,
        hands: HandDesk,
        between: BetweenCalls,
    ) -> None:
        self._service = service
        self._between = between
        self._desk = desk
        self._bridge = bridge
        self._hands = hands

    def act(self, request: Request, sitting: Sitting, assignment_id: str, act: str) -> Response:
        """Dial, say that somebody answered, hand them over, or give the case back."""
        sitting.records.case(assignment_id)
        try:
            self._do(sitting, assignment_id, act, _now())
        except CallsDeskError as error:
            return self._refused(request, sitting, assignment_id, error)
        return RedirectResponse(HOME, 303) if act == "back" else to_case(assignment_id)

    def _do(self, sitting: Sitting, assignment_id: str, act: str, now: datetime) -> None:
        records = sitting.records
        case = (records, assignment_id)
        if act not in _WHILE_LENT:
            self._hands.refuse_lent(*case)
        if act in ("ring0", "ring1"):
            self._bridge.ring(*case, int(act[-1]), now)
        elif act == "hang":
            self._bridge.hang_up(sitting.login)
        elif act in (acts := self._acts()):
            acts[act](*case, now)

    def _acts(self) -> Mapping[str, Callable[[Walled, str, datetime], object]]:
        return {
            "dial": self._dial,
            "answered": self._answered,
            "give": self._hands.give,
            "take": self._hands.take,
            "back": self._desk.give_back,
        }

    def _answered(self, records: Walled, assignment_id: str, now: datetime) -> None:
        taped = self._bridge.going_on(records.viewer.login) is not None
        self._desk.answered(records, assignment_id, now, taped=taped)

    def _dial(self, records: Walled, assignment_id: str, now: datetime) -> None:
        self._desk.dial(records, assignment_id, now)
        if self._bridge.can_ring(records.viewer.login):
            self._bridge.ring(records, assignment_id, 0, now)

    def answer(
        self, request: Request, sitting: Sitting, assignment_id: str, sent: Entered
    ) -> Response:
        """Take an answer and show the next question."""
        try:
            self._hands.refuse_lent(sitting.records, assignment_id)
            interview = self._bridge.take(sitting.records, assignment_id, sent.answered(), _now())
        except KeyReusedError:
            notice = str(CallsDeskError(Fault.ALREADY))
            return self.show(request, sitting, assignment_id, notice=notice, code=409)
        except CallsDeskError as error:
            return self._refused(
                request, sitting, assignment_id, error, item=sent.item, words=sent.words
            )
        if interview.status is Status.OPEN:
            return to_case(assignment_id)
        done = "completed" if interview.status is Status.COMPLETED else "later"
        return RedirectResponse(f"{HOME}?done={done}", 303)

    def outcome(
        self, request: Request, sitting: Sitting, assignment_id: str, sent: Ended
    ) -> Response:
        """End the call with a result."""
        try:
            self._hands.refuse_lent(sitting.records, assignment_id)
            done = self._desk.end(sitting.records, assignment_id, sent.name, _now(), sent.language)
        except CallsDeskError as error:
            return self._refused(request, sitting, assignment_id, error)
        self._bridge.hang_up(sitting.login)
        return RedirectResponse(f"{HOME}?done={done.name}", 303)

    def appointment(
        self, request: Request, sitting: Sitting, assignment_id: str, sent: Booked
    ) -> Response:
        """Make an appointment, which ends the call."""
        case = sitting.records.case(assignment_id)
        at = booked_at(case.region, sent)
        if at is None:
            odd = CallsDeskError(Fault.ODD)
            return self._refused(request, sitting, assignment_id, odd, booked=sent)
        try:
            self._hands.refuse_lent(sitting.records, assignment_id)
            self._desk.book(sitting.records, assignment_id, at, _now(), mine=bool(sent.mine))
        except CallsDeskError as error:
            return self._refused(request, sitting, assignment_id, error, booked=sent)
        self._bridge.hang_up(sitting.login)
        return RedirectResponse(f"{HOME}?done=kept", 303)

    def note(self, sitting: Sitting, assignment_id: str, sent: Written) -> Response:
        """Keep a note."""
        case, words = sitting.records.case(assignment_id), sent.words.strip()
        if words:
            Notes(self._service.database).add(
                Note(
                    id=sent.key,
                    assignment_id=case.assignment_id,
                    written_by=sitting.login,
                    words=words,
                    at=_now(),
                )
            )
        return to_case(case.assignment_id)

    def link(
        self, request: Request, sitting: Sitting, assignment_id: str, sent: Linked
    ) -> Response:
        """Send the link, or make one and show it once."""
        records, now = sitting.records, _now()
        try:
            if sent.way == "send":
                self._desk.invite(records, assignment_id, now)
                return RedirectResponse(f"{HOME}/{assignment_id}#onward", 303)
            link = self._desk.show_link(records, assignment_id, now)
        except CallsDeskError as error:
            return self._refused(request, sitting, assignment_id, error)
        return self.show(request, sitting, assignment_id, link=link)

    def _refused(
        self,
        request: Request,
        sitting: Sitting,
        assignment_id: str,
        error: CallsDeskError,
        *,
        item: str = "",
        words: str = "",
        booked: Booked | None = None,
    ) -> Response:
        return self.show(
            request,
            sitting,
            assignment_id,
            item=item,
            words=words,
            notice=str(error),
            code=409,
            booked=booked,
        )

    def show(
        self,
        request: Request,
        sitting: Sitting,
        assignment_id: str,
        *,
        item: str = "",
        words: str = "",
        notice: str = "",
        code: int = 200,
        link: str = "",
        booked: Booked | None = None,
    ) -> Response:
        """The page of one case: its card, the call, the question, or the result."""
        now, records = _now(), sitting.records
        case = records.case(assignment_id)
        calling = self._desk.queue(records).get(assignment_id)
        if calling is None or not calling.is_held_by(sitting.login, now):
            fault = str(CallsDeskError(Fault.NOT_HELD))
            return self._between.start(request, sitting, notice=notice or fault)
        attempt = self._desk.attempt(records, assignment_id)
        interview = self._desk.interview(assignment_id)
        talking = attempt is not None and _is_here(interview)
        reading = self._desk.reading(interview, item, words) if talking and interview else None
        live = self._live(sitting, attempt)
        asks = self._asked_by_machine(live, interview)
        section, lines = section_lines(interview) if interview else ("", ())
        return desk_page(
            request,
            sitting,
            "desk/calls_case.html",
            active="call",
            region=case.region,
            keys=KEYS,
            code=code,
            case=case,
            id=assignment_id,
            name=case.name if attempt else masked_name(case.name),
            number=masked_number(case.certificate),
            numbers=case.telephones if attempt else (),
            card=self._card(sitting, case, calling, now),
            attempt=attempt,
            talking=reading is not None,
            reading=reading,
            item=item,
            turn=interview.length if interview else 0,
            speaker=_SPEAKERS[interview.speaker.kind.value] if interview else "",
            relation=interview.speaker.relation if interview else "",
            section=section,
            lines=lines,
            seconds=int((now - attempt.started_at).total_seconds()) if attempt else 0,
            groups=self._groups(),
            opening=self._opening(case, interview, taped=live is not None),
            calendar=self._calendar(sitting, case, now) if attempt else (),
            booked=booked or _NOT_BOOKED,
            key=secrets.token_hex(16),
            link=link,
            code_of_link=_code(link) if link else "",
            onward=self._onward(case, attempt, now) if attempt else None,
            notice=notice,
            live=live,
            asks=asks,
            who=who,
            connects=self._bridge.connects,
            rings=self._bridge.can_ring(sitting.login),
        )

    def _onward(self, case: Case, attempt: Attempt, now: datetime) -> Onward:
        """How the rest would reach the person, or did."""
        sent = [
            one
            for one in Invitations(self._service.database).of(case.assignment_id)
            if one.attempt_id == attempt.id and one.way is not Way.SHOWN
        ]
        if sent:
            return Onward(sent[0].way.value, sent[0].state)
        way = self._desk.inviter.way(case, now)
        number = mobile_number(case)
        return Onward(way.value, number=masked_telephone(number) if way is Way.SMS else "")

    def _live(self, sitting: Sitting, attempt: Attempt | None) -> LiveView | None:
        legs = self._bridge.legs(sitting.records, attempt) if attempt else None
        if legs is None:
            return None
        lines = self._bridge.lines(legs.bridge)
        return live_view(legs, lines, self._bridge.suggested(legs.bridge))

    def _asked_by_machine(self, live: LiveView | None, interview: Interview | None) -> str:
        """Return the question that the machine is asking for the caller, if it does."""
        if live is None or not live.is_lent or interview is None or interview.wait is None:
            return ""
        reading = self._desk.reading(interview)
        return reading.ask if reading else ""

    def told(self, sitting: Sitting, assignment_id: str) -> dict[str, object] | None:
        """Return how the call with somebody stands; None where it is not this caller's any more.

        Raises :class:`models.failure.NotFoundError` beyond the wall.
        """
        records = sitting.records
        records.case(assignment_id)
        calling = self._desk.queue(records).get(assignment_id)
        attempt = self._desk.attempt(records, assignment_id)
        live = self._live(sitting, attempt)
        if live is None or calling is None or not calling.is_held_by(sitting.login, _now()):
            return None
        interview = self._desk.interview(assignment_id)
        return {**live.told(), "turn": interview.length if interview else 0}

    def keep(self, sitting: Sitting, assignment_id: str) -> None:
        """Hold a case longer while its page follows the machine."""
        self._hands.keep(sitting.records, assignment_id, _now())

    def result(self, sitting: Sitting, assignment_id: str) -> str:
        """Return how the call with somebody has ended, as the page between two calls takes it."""
        return self._bridge.result(sitting.records, assignment_id)

    def _opening(self, case: Case, interview: Interview | None, *, taped: bool) -> str:
        if interview is not None and interview.answers:
            return ""
        return self._desk.opening(self._service.shelf.find(case.form, case.version), taped=taped)

    def _card(self, sitting: Sitting, case: Case, calling: Calling, now: datetime) -> Card:
        database, records = self._service.database, sitting.records
        return card_of(
            case,
            calling,
            self._service.shelf.find(case.form, case.version),
            records.attempts(case.assignment_id),
            Invitations(database).of(case.assignment_id),
            Visits(database, records).of(case.assignment_id),
            Notes(database).of(case.assignment_id),
            TalkingBook(database).of(case.assignment_id),
            now,
            records.campaign(case.campaign_id).call_hours,
        )

    def _groups(self) -> Sequence[tuple[str, str, Sequence[Disposition]]]:
        grouped = groupby(self._desk.dispositions(), key=lambda one: one.place[0])
        return [(key, _GROUPS[key], list(some)) for key, some in grouped if key in _GROUPS]

    def _calendar(
        self, sitting: Sitting, case: Case, now: datetime
    ) -> Sequence[tuple[str, str, Sequence[tuple[str, bool]]]]:
        """Return the days ahead, each with its times and whether this caller promised one."""
        hours = sitting.records.campaign(case.campaign_id).call_hours
        book, until = self._desk.appointments(sitting.records), last_of_calendar(case.region, now)
        taken = {one.at for one in book.between(now, until, sitting.login) if one.for_login}
        return calendar_of(case.region, hours, now, taken)


def _code(link: str) -> str:
    """Return a QR code as the address of an image."""
    return str(segno.make(link, error="l").svg_data_uri(scale=4, dark="#000", light="#fff"))


def _is_here(interview: Interview | None) -> bool:
    return (
        interview is not None
        and interview.status is Status.OPEN
        and interview.channel.value == "desk"
        and interview.wait is not None
    )


def _now() -> datetime:
    return datetime.now(UTC)
