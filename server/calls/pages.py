"""Makes the callers' pages: between two calls, the card, the question, the result."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone
from itertools import groupby

import segno
from fastapi import Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from models.attempt import Attempt
from models.call_hours import local, may_call, offset_of
from models.call_queue import Calling
from models.case import Case
from models.disposition import Disposition
from models.failure import KeyReusedError
from models.invitation import Invitations, Way
from models.note import Note, Notes
from models.talking import TalkingBook
from models.visit import Visits
from models.walled import Walled
from server.calls.bridge_desk import BridgeDesk
from server.calls.desk import CallsDesk, days_ahead
from server.calls.fault import CallsDeskError, Fault
from server.calls.hand_desk import HandDesk
from server.calls.live import LiveView, live_view, who
from server.calls.material import Card, card_of, section_lines
from server.calls.sent import Booked, Ended, Entered, Linked
from server.desk.masking import masked_name, masked_number, masked_telephone
from server.desk.note import Written
from server.desk.page import Key, desk_page
from server.desk.sitting import Sitting
from server.inviting import mobile_number
from server.service import Service
from survey_engine.interview import Interview, Status

HOME = "/desk/calls"
KEYS = (
    Key("n", "接下一位"),
    Key("r", "空闲接听：打开、关上"),
    Key("d", "拨打；接通后再按 Enter"),
    Key("y", "系统接通时：交给机器问，再按接回来"),
    Key("h p f", "系统接通时：挂断、打监护人、按建议记结果"),
    Key("1–9", "取这一项；没人接或记结果时按两个数字"),
    Key("Enter", "认可建议的值"),
    Key("w", "打对方说的话"),
    Key("e", "另填一个值"),
    Key("x u s", "怎么解释、不知道、不想说"),
    Key("b", "改上一题"),
    Key("j k", "在本段的题里上下走，Enter 跳过去"),
    Key("m", "写备注"),
    Key("o", "挂断，记结果"),
    Key("a", "约时间"),
    Key("c", "剩下的发到微信、短信，或出一个链接"),
)
_GROUPS = {"1": "没接通", "2": "接通了，没答完", "3": "这个人的情况"}
#: What a caller may do while the machine asks.
_WHILE_LENT = ("give", "take", "hang")
_DAYS, _QUARTER = 14, timedelta(minutes=15)
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


class CallsPages:
    """Makes the answers to requests."""

    def __init__(
        self, service: Service, desk: CallsDesk, bridge: BridgeDesk, hands: HandDesk
    ) -> None:
        self._service = service
        self._desk = desk
        self._bridge = bridge
        self._hands = hands

    def start(
        self, request: Request, sitting: Sitting, done: str = "", *, notice: str = ""
    ) -> Response:
        """The page between two calls: what is coming, and the button to the next case."""
        now, records = _now(), sitting.records
        held = self._desk.queue(records).held(now)
        if done == "missed":
            notice = "没有接到机器转来的那一位，空闲接听已经关上，要接请再打开。"
        known = {one.name: one.label for one in self._desk.dispositions()}
        known |= {"kept": "约好了时间", "completed": "答完了"}
        book = self._desk.appointments(records)
        coming = book.between(now - timedelta(hours=2), now + timedelta(days=2), sitting.login)
        return desk_page(
            request,
            sitting,
            "desk/calls.html",
            active="call",
            keys=KEYS,
            held=held.assignment_id if held else "",
            done=known.get(done, ""),
            notice=notice,
            coming=[(one, self._named(sitting, one.assignment_id)) for one in coming[:20]],
            remind=book.to_remind(sitting.login, now),
            login=sitting.login,
            going_on=self._bridge.going_on(sitting.login) is not None,
            waits=self._hands.offered(records, now)[0],
            connects=self._bridge.connects,
            rings=self._bridge.can_ring(sitting.login),
        )

    def telephone(
        self, request: Request, sitting: Sitting, *, notice: str = "", done: bool = False
    ) -> Response:
        """The page of the caller's own telephone."""
        return desk_page(
            request,
            sitting,
            "desk/calls_telephone.html",
            active="call",
            code=422 if notice else 200,
            telephone=self._bridge.telephone(sitting.login),
            connects=self._bridge.connects,
            notice=notice,
            done=done,
        )

    def keep_telephone(self, request: Request, sitting: Sitting, given: str) -> Response:
        """Keep the caller's own telephone."""
        try:
            self._bridge.keep_telephone(sitting.login, given, _now())
        except CallsDeskError as error:
            return self.telephone(request, sitting, notice=str(error))
        return RedirectResponse(f"{HOME}/telephone?done=yes", 303)

    def ready(self, request: Request, sitting: Sitting, *, ready: bool) -> Response:
        """Let the caller wait for calls of the machine, or wait no more."""
        try:
            self._hands.set_ready(sitting.login, _now(), ready=ready)
        except CallsDeskError as error:
            return self.start(request, sitting, notice=str(error))
        return RedirectResponse(HOME, 303)

    def offered(self, sitting: Sitting) -> Response:
        """Return how a caller who waits stands, for the page's script."""
        state, assignment_id = self._hands.offered(sitting.records, _now())
        return JSONResponse({"state": state, "case": assignment_id})

    def hang_up(self, sitting: Sitting) -> Response:
        """End the call that the caller has open."""
        self._bridge.hang_up(sitting.login)
        return RedirectResponse(HOME, 303)

    def _named(self, sitting: Sitting, assignment_id: str) -> str:
        case = sitting.records.case(assignment_id)
        return f"{masked_name(case.name)} {masked_number(case.certificate)}"

    def following(self, request: Request, sitting: Sitting) -> Response:
        """Claim the next case and show it."""
        self._hands.let_go(sitting.records, _now())
        self._hands.set_ready(sitting.login, _now(), ready=False)
        self._bridge.hang_up(sitting.login)
        found = self._desk.queue(sitting.records).claim_next(_now())
        if found is None:
            words = "现在没有可以打的：没有到时间的约定，也没有轮到的人。"
            return self.start(request, sitting, notice=words)
        return _to(found.assignment_id)

    def act(self, request: Request, sitting: Sitting, assignment_id: str, act: str) -> Response:
        """Dial, say that somebody answered, hand them over, or give the case back."""
        sitting.records.case(assignment_id)
        try:
            self._do(sitting, assignment_id, act, _now())
        except CallsDeskError as error:
            return self._refused(request, sitting, assignment_id, error)
        return RedirectResponse(HOME, 303) if act == "back" else _to(assignment_id)

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
            return _to(assignment_id)
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
        at = _moment(case.region, sent)
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
        return _to(case.assignment_id)

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
            return self.start(request, sitting, notice=notice or fault)
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
        """Return the days ahead, each with its quarters of an hour and whether one is promised."""
        hours = sitting.records.campaign(case.campaign_id).call_hours
        today = datetime.combine(
            local(case.region, now).date(), time(), local(case.region, now).tzinfo
        )
        until = today + timedelta(days=_DAYS)
        book = self._desk.appointments(sitting.records)
        taken = {one.at for one in book.between(now, until, sitting.login) if one.for_login}
        return [
            (
                f"{day:%Y-%m-%d}",
                f"{day.month}月{day.day}日 周{'一二三四五六日'[day.weekday()]}",
                slots,
            )
            for day in days_ahead(today, _DAYS)
            if (slots := _slots(case.region, hours, day, now, taken))
        ]


def _code(link: str) -> str:
    """Return a QR code as the address of an image."""
    return str(segno.make(link, error="l").svg_data_uri(scale=4, dark="#000", light="#fff"))


def _day_words(day: datetime) -> str:
    return f"{day.month}月{day.day}日 周{'一二三四五六日'[day.weekday()]}"


def _slots(
    region: str, hours: str, day: datetime, now: datetime, taken: set[datetime]
) -> Sequence[tuple[str, bool]]:
    quarters = (day + number * _QUARTER for number in range(96))
    return [
        (f"{at:%H:%M}", at in taken) for at in quarters if at > now and may_call(hours, region, at)
    ]


def _moment(region: str, sent: Booked) -> datetime | None:
    zone = timezone(offset_of(region))
    try:
        return datetime.fromisoformat(f"{sent.day}T{sent.clock}:00").replace(tzinfo=zone)
    except ValueError:
        return None


def _is_here(interview: Interview | None) -> bool:
    return (
        interview is not None
        and interview.status is Status.OPEN
        and interview.channel.value == "desk"
        and interview.wait is not None
    )


def _to(assignment_id: str) -> Response:
    return RedirectResponse(f"{HOME}/{assignment_id}#now", 303)


def _now() -> datetime:
    return datetime.now(UTC)
