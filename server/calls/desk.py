"""The callers' desk: from the next case to its outcome; each act is one unit of work."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, text, update

from dialog.conversation import Conversation, Turn
from dialog.tapped import WISHES
from dialog.wording import Office, with_office
from models.appointment import REMIND, Appointment, Appointments
from models.attempt import Attempt, Attempts
from models.call_hours import clocks_agree, may_call
from models.call_places import CallPlaces
from models.call_queue import Calling, CallQueue
from models.calling import read_known, standing
from models.case import Case
from models.conversation_store import Inbound, TurnResult, TurnStore
from models.database import Database
from models.disposition import Disposition, read_dispositions
from models.failure import (
    AppointmentRefusedError,
    ApprovalNeededError,
    CaseNotHeldError,
    NotStartedError,
)
from models.interview_store import Forms
from models.invitation import Way
from models.tables import CallingRow
from models.uncovering import Uncovering
from models.walled import Walled
from server.calls.fault import CallsDeskError, Fault
from server.calls.question import Reading, asked_about, reading_of
from server.chat_desk import turn_result
from server.contact import Contacts
from server.inviting import Inviter
from server.reader import FormReader
from survey_engine.answer import Heard
from survey_engine.channel import Channel
from survey_engine.event import InputRefused
from survey_engine.input import Affirm, Deny, GoBack, Input, Pause, Record, Report, Resume
from survey_engine.interview import Interview, Status
from survey_engine.questionnaire import Questionnaire
from survey_engine.script import Line
from survey_engine.wait import Accepts

CHANNEL = Channel.DESK
LATER = "later"
_OTHER_LANGUAGE = "other_language"
_REASON = "拨打电话"
#: What a caller says first where the form has no words for it, and of a call that is recorded.
_OPENING = (
    "您好，我是{organisation}的工作人员，做残疾人登记，要{minutes}分钟。"
    "可以不答，也可以停。想核实请打{callback}。"
)
_TAPED = "这通电话有录音。"
#: How long somebody rests who has no number.
WITHOUT_NUMBER = timedelta(days=7)
#: Answers outside what the form needs; a caller speaks for themselves, so these are not for them.
_WISHES = frozenset(WISHES) - {"human", "later"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the caller entered: a value or a wish, for which question of which turn.

    ``words`` are what the person said as the caller typed or saw it, ``said`` as it was heard.
    """

    turn: int
    target: str
    value: str = ""
    wish: str = ""
    words: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class CallsDesk:
    """Everything behind ``/desk/calls``; what it finds, it finds behind the viewer's wall."""

    database: Database
    store: TurnStore
    forms: Forms
    conversation: Conversation
    contacts: Contacts
    reader: FormReader
    office: Office
    inviter: Inviter
    places: CallPlaces
    clock: Callable[[], datetime] | None = None

    # The next case.

    def queue(self, records: Walled) -> CallQueue:
        """Return the queue of whoever sits here."""
        return CallQueue(self.database, records, self.places)

    def appointments(self, records: Walled) -> Appointments:
        """Return the calendar of whoever sits here."""
        return Appointments(self.database, records)

    def held(self, records: Walled, assignment_id: str, now: datetime) -> Calling:
        """Return a case that is held here, and hold it longer.

        Raises :class:`models.failure.NotFoundError` beyond the wall, and
        :class:`server.calls.fault.CallsDeskError` if it is not held.
        """
        records.case(assignment_id)
        queue = self.queue(records)
        try:
            queue.keep(assignment_id, now)
        except CaseNotHeldError as error:
            raise CallsDeskError(Fault.NOT_HELD) from error
        found = queue.get(assignment_id)
        if found is None:
            raise CallsDeskError(Fault.NOT_HELD)
        return found

    # The call.

    def dial(self, records: Walled, assignment_id: str, now: datetime) -> Case:
        """Begin the attempt and return whom to dial, uncovered; the look is in the audit log.

        The same again returns the same. Everything that may forbid a call is asked anew here, and
        the hours by two clocks.
        """
        calling = self.held(records, assignment_id, now)
        if self.attempt(records, assignment_id) is None:
            self._refuse(records, calling, now)
        try:
            case = Uncovering(self.database, records).person(assignment_id, _REASON, at=now)
        except ApprovalNeededError as error:
            raise CallsDeskError(Fault.TOO_MANY) from error
        if not case.telephones:
            self._rest(records, assignment_id, now)
            raise CallsDeskError(Fault.NO_NUMBER)
        if self.attempt(records, assignment_id) is None:
            name = f"{assignment_id}:{self.database.new_id()}"
            self.contacts.begin(assignment_id, CHANNEL, now, name, staff=records.viewer.login)
            if calling.appointment_is_due(now):
                self.appointments(records).clear(assignment_id)
        return case

    def _rest(self, records: Walled, assignment_id: str, now: datetime) -> None:
        mine = update(CallingRow).where(CallingRow.assignment_id == assignment_id)
        with self.database.writing() as connection:
            connection.execute(mine.values(due_at=now + WITHOUT_NUMBER))
        self.queue(records).release(assignment_id)

    def refuse_wrong_time(self, records: Walled, calling: Calling, now: datetime) -> None:
        """Refuse to dial outside the hours of the place, by two clocks that agree."""
        hours = records.campaign(calling.campaign_id).call_hours
        other = self._other_clock()
        if not clocks_agree(now, other):
            raise CallsDeskError(Fault.CLOCKS)
        if not all(may_call(hours, calling.region, at) for at in (now, other)):
            raise CallsDeskError(Fault.WRONG_HOURS, hours=hours)

    def _refuse(self, records: Walled, calling: Calling, now: datetime) -> None:
        self.refuse_wrong_time(records, calling, now)
        with self.database.reading() as connection:
            known = read_known(connection, calling.assignment_id)
            dispositions = read_dispositions(connection)
        if known is None or known.opted_out:
            raise CallsDeskError(Fault.OPTED_OUT)
        due = standing(known, dispositions).due_at
        if not calling.appointment_is_due(now) and (due is None or due > now):
            raise CallsDeskError(Fault.NOT_DUE)

    def _other_clock(self) -> datetime:
        """Return the time of a second clock: the database server's, unless a test has its own."""
        if self.clock is not None:
            return self.clock()
        with self.database.reading() as connection:
            told = connection.scalar(select(text("CURRENT_TIMESTAMP")))
        found = told if isinstance(told, datetime) else datetime.fromisoformat(str(told))
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    def attempt(self, records: Walled, assignment_id: str) -> Attempt | None:
        """Return the attempt that this caller has going on with somebody."""
        mine = (one for one in records.attempts(assignment_id) if one.channel is CHANNEL)
        login = records.viewer.login
        return next((one for one in mine if one.ended_at is None and one.staff == login), None)

    def answered(
        self, records: Walled, assignment_id: str, now: datetime, *, taped: bool = False
    ) -> None:
        """Somebody answered: begin the interview, or go on with it; ``taped`` is said to them."""
        attempt = self.going_on(records, assignment_id, now)
        inbound = _inbound(assignment_id, f"{attempt.id}:open", "open", now)
        try:
            self.store.take(inbound, lambda held: self._resumed(held, now))
        except NotStartedError:
            self.store.start(assignment_id, lambda case: self._opened(case, now, taped), inbound)
        self._settle(records, assignment_id, now)

    def going_on(self, records: Walled, assignment_id: str, now: datetime) -> Attempt:
        """Return the attempt of a case that is held here, and hold it longer.

        Raises as :meth:`held` does, also without an attempt.
        """
        self.held(records, assignment_id, now)
        attempt = self.attempt(records, assignment_id)
        if attempt is None:
            raise CallsDeskError(Fault.NOT_HELD)
        return attempt

    def _opened(self, case: Case, now: datetime, taped: bool = False) -> TurnResult:
        form = self.forms(case.form, case.version)
        facts, last_year = case.facts(), case.last_year
        turn = self.conversation.begin(form, facts, last_year, at=now, channel=CHANNEL)
        first, *others = turn.messages
        if first.kind == "say":
            first = replace(first, text=self.opening(form, taped=taped))
        return turn_result(replace(turn, messages=(first, *others)), "")

    def opening(self, form: Questionnaire, *, taped: bool) -> str:
        """Return what the caller, who is no machine, says first; ``taped`` if sound is kept."""
        line = form.script.get(Line.OPENING)
        own = with_office(line.desk if line and line.desk else _OPENING, form, self.office)
        return own + (_TAPED if taped else "")

    def _resumed(self, interview: Interview, now: datetime) -> TurnResult:
        """Whoever answers the telephone is not known yet, wherever the interview was before."""
        before: tuple[Turn, ...] = ()
        if interview.status is Status.OPEN:
            paused = self.conversation.put(interview, Pause(at=now, reason="dropped"))
            before, interview = (paused,), paused.interview
        turn = self.conversation.put(interview, Resume(at=now, channel=CHANNEL))
        return turn_result(turn, "", before)

    # The interview.

    def interview(self, assignment_id: str) -> Interview | None:
        """Return the interview of an assignment, or None if it has none yet."""
        try:
            return self.store.interview(assignment_id)
        except NotStartedError:
            return None

    def reading(self, interview: Interview, item: str = "", words: str = "") -> Reading | None:
        """Return the question to read, or that of ``item``, and what ``words`` suggest."""
        about = asked_about(interview, item) if item else interview
        understanding = self.reader.understanding(interview.questionnaire)
        return reading_of(about, understanding, words.strip(), self.office)

    def take(
        self, records: Walled, assignment_id: str, entered: Answered, now: datetime
    ) -> Interview:
        """Take what the caller entered; sent twice, it counts once.

        Raises :class:`models.failure.KeyReusedError` if something else was sent from the same
        page before, and :class:`server.calls.fault.CallsDeskError` for what cannot be taken.
        """
        attempt = self.going_on(records, assignment_id, now)
        body = json.dumps(
            [entered.target, entered.value, entered.wish, entered.words], ensure_ascii=False
        )
        inbound = _inbound(assignment_id, utterance_of(attempt, entered.turn), body, now)
        self.store.take(inbound, lambda held: self._taken(held, entered, inbound.external_id, now))
        return self._settle(records, assignment_id, now)

    def _taken(
        self, interview: Interview, entered: Answered, utterance: str, now: datetime
    ) -> TurnResult:
        turn = self.conversation.put(interview, _meant(interview, entered, utterance, now))
        if any(isinstance(event, InputRefused) for event in turn.events):
            raise CallsDeskError(Fault.NOT_TAKEN, value=entered.value or entered.wish)
        return turn_result(turn, entered.words or entered.said or entered.value)

    def _settle(self, records: Walled, assignment_id: str, now: datetime) -> Interview:
        """An interview that has stopped ends the attempt, and its case is given back."""
        interview = self.store.interview(assignment_id)
        self.contacts.settle(assignment_id, CHANNEL, interview, now)
        if interview.status is not Status.OPEN:
            self.queue(records).release(assignment_id)
        return interview

    # The end.

    def dispositions(self) -> tuple[Disposition, ...]:
        """Return the results of calls in the order of their keys."""
        with self.database.reading() as connection:
            return tuple(read_dispositions(connection).values())

    def end(
        self, records: Walled, assignment_id: str, name: str, now: datetime, language: str = ""
    ) -> Disposition:
        """End the attempt with a result, and give the case back."""
        found = next((one for one in self.dispositions() if one.name == name), None)
        if found is None or found.code == "completed":
            raise CallsDeskError(Fault.NO_RESULT)
        if name == _OTHER_LANGUAGE and not language.strip():
            raise CallsDeskError(Fault.NO_LANGUAGE)
        attempt = self.going_on(records, assignment_id, now)
        self._stop(assignment_id, attempt, found, now)
        Attempts(self.database).end(
            attempt.id, outcome=found.code, aapor=found.aapor, at=now, disposition=found.name
        )
        needs = {"language": language.strip()[:20]} if name == _OTHER_LANGUAGE else {}
        self._need(assignment_id, {**needs, **({"skill": found.skill} if found.skill else {})})
        self.queue(records).release(assignment_id)
        return found

    def _stop(
        self, assignment_id: str, attempt: Attempt, found: Disposition, now: datetime
    ) -> None:
        """Tell the interview: what it has to know of is reported, anything else interrupts it."""
        inbound = _inbound(assignment_id, f"{attempt.id}:end", found.name, now)
        held = self.interview(assignment_id)
        if not _concerns(held, found):
            return
        if held is None:
            self.store.start(assignment_id, lambda case: self._opened(case, now))
        self.store.take(inbound, lambda one: self._stopped(one, found, now))

    def _stopped(self, interview: Interview, found: Disposition, now: datetime) -> TurnResult:
        heard = Heard(words=found.label)
        given: Input = Pause(at=now, reason="dropped" if found.name == "broken_off" else LATER)
        if found.reports:
            given = Report(at=now, heard=heard, outcome=found.code)
        turn = self.conversation.put(interview, given)
        if found.reports and turn.interview.status is Status.OPEN:
            ended = self.conversation.put(turn.interview, Pause(at=now, reason=LATER))
            return turn_result(ended, found.label, (turn,))
        return turn_result(turn, found.label)

    def _need(self, assignment_id: str, needs: dict[str, str]) -> None:
        if not needs:
            return
        mine = update(CallingRow).where(CallingRow.assignment_id == assignment_id)
        with self.database.writing() as connection:
            connection.execute(mine.values(**needs))

    def book(
        self, records: Walled, assignment_id: str, at: datetime, now: datetime, *, mine: bool
    ) -> None:
        """Make an appointment and end the attempt with it."""
        self.going_on(records, assignment_id, now)
        hours = records.campaign(records.case(assignment_id).campaign_id).call_hours
        wanted = Appointment(
            assignment_id=assignment_id,
            at=at,
            for_login=records.viewer.login if mine else "",
            remind_at=max(now, at - REMIND) if mine else None,
        )
        try:
            self.appointments(records).make(wanted, now=now)
        except AppointmentRefusedError as error:
            fault = Fault[error.reason.upper()]
            slots = {"hours": hours} if fault is Fault.HOURS else {}
            raise CallsDeskError(fault, **slots) from error
        self.end(records, assignment_id, LATER, now)

    def give_back(self, records: Walled, assignment_id: str, now: datetime) -> None:
        """Give a case back that was not dialled."""
        self.held(records, assignment_id, now)
        if self.attempt(records, assignment_id) is None:
            self.queue(records).release(assignment_id)

    def invite(self, records: Walled, assignment_id: str, now: datetime) -> Way:
        """Send the person the link by which they go on in WeChat or the chat; return how.

        Raises :class:`server.calls.fault.CallsDeskError` if it is not sent.
        """
        attempt = self.going_on(records, assignment_id, now)
        case, login = records.case(assignment_id), records.viewer.login
        way = self.inviter.send(case, attempt.id, login, now)
        if way is None:
            raise CallsDeskError(Fault.NOT_SENT)
        return way

    def show_link(self, records: Walled, assignment_id: str, now: datetime) -> str:
        """Return a link to be shown, by which the person goes on in the chat."""
        attempt = self.going_on(records, assignment_id, now)
        case, login = records.case(assignment_id), records.viewer.login
        return self.inviter.show(case, attempt.id, login, now)


def utterance_of(attempt: Attempt, turn: int) -> str:
    """Return the name of what was answered on the page of one turn."""
    return f"{attempt.id}:{turn}"


def _concerns(interview: Interview | None, found: Disposition) -> bool:
    """Whether the interview is to be told of a result."""
    if interview is None:
        return found.reports
    if interview.status in (Status.COMPLETED, Status.ENDED):
        return False
    return found.reports or interview.status is Status.OPEN


def _inbound(assignment_id: str, name: str, body: str, at: datetime) -> Inbound:
    return Inbound(
        channel=CHANNEL.value,
        external_id=name,
        assignment_id=assignment_id,
        body=body,
        received_at=at,
    )


def _meant(interview: Interview, entered: Answered, utterance: str, now: datetime) -> Input:
    """Return what was entered as an input; a caller's word is sure."""
    heard = Heard(words=entered.words or entered.said, utterance=utterance, confidence=1.0)
    if entered.wish.startswith("back:"):
        return GoBack(at=now, heard=heard, item=entered.wish.partition(":")[2])
    if entered.wish in _WISHES:
        return WISHES[entered.wish](now, heard)
    if not entered.value:
        raise CallsDeskError(Fault.EMPTY)
    wait = interview.wait
    if wait is None or wait.target != entered.target:
        return Record(at=now, heard=heard, target=entered.target, value=entered.value)
    if wait.accepts is Accepts.YES_NO and entered.value in ("yes", "no"):
        return (Affirm if entered.value == "yes" else Deny)(at=now, heard=heard)
    return Record(at=now, heard=heard, target=entered.target, value=entered.value)
