"""Between carriers and interviews: the live calls of one process, and what is said of them."""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from models.failure import RecordsError
from models.opt_out import OptOuts
from models.outbox import Outbox
from models.phone_call import PhoneCall, PhoneCalls
from server.inviting import invite_after
from server.service import Service
from server.speech import silence_of
from server.telephone.bridge_witness import BridgeWitness
from server.telephone.bridging import Bridging
from server.telephone.caller_interviewer import CallerInterviewer
from server.telephone.incoming import Incoming
from server.telephone.lent_call import LentCall
from server.telephone.lent_interviewer import LentInterviewer
from server.telephone.line_token import line_token
from server.telephone.moving import ear_token
from server.telephone.offering import Offering
from server.telephone.outcome import (
    BROKEN_OFF,
    MACHINE,
    NOBODY,
    TROUBLE,
    CallOutcome,
    outcome_of_state,
)
from server.telephone.phone_interviewer import PhoneInterviewer
from server.telephone.seeking import Seeking, Takers
from server.telephone.socket import TOKEN
from server.telephone.text_postman import TextPostman
from survey_engine.channel import Channel
from survey_engine.interview import Interview, Status
from telephony.activity import Activity
from telephony.call import Call, CallParts
from telephony.call_report import CallReport, Ending
from telephony.carrier import CallState, Carrier, StatusReport
from telephony.failure import CarrierError, LineError, RecogniserError
from telephony.interviewer import Interviewer
from telephony.line import LineCodec, Started, Transport
from telephony.open_line import START_PATIENCE, started_line
from telephony.overhearing import EarParts, Overhearing
from telephony.playout import PIECE
from telephony.recogniser import Hints, Recogniser
from telephony.recognisers.absent import AbsentRecogniser
from telephony.speaker import Speaker
from telephony.texting import Texting

_log = logging.getLogger(__name__)
#: Seconds between looks for lost calls, and for text messages.
_SWEEP, _TEXTS = 30.0, 3.0
#: How often, and every how many seconds, a call asks who has answered: verdicts come early.
_LOOKS, _LOOK = 40, 1.0
_WORKERS = 4
#: When a call has rung for as long as it may, and its reports have had time to come.
_RUNG_OUT = timedelta(seconds=75)
#: What has ended for so long without being put away, nobody is left to put away.
_LEFT = timedelta(seconds=60)
#: Seconds that a thread which works with the records may compute while the sound waits for it.
_TURN = 0.0005


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Voices:
    """What every call of a process shares: who speaks, who recognises, who notices speech.

    ``piece`` is how many seconds of sound one message carries.
    """

    speaker: Speaker
    recogniser: Recogniser
    activity: Callable[[], Activity]
    piece: float = PIECE


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that has started."""

    transport: Transport
    codec: LineCodec
    started: Started


class Exchange:
    """Holds the calls of one process; what outlasts it is in the records."""

    def __init__(
        self,
        service: Service,
        carrier: Carrier,
        voices: Voices,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self.service, self.carrier, self.voices, self.now = service, carrier, voices, now
        self.calls = PhoneCalls(service.database)
        self.bridging = Bridging(service, carrier, self.calls, now)
        self.live: dict[str, Call] = {}
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="call")

    # Webhooks; all of these are blocking.

    def answered(self, call_id: str, external_id: str, media_url: str) -> str | None:
        """Return what to tell the carrier now that a call is answered; None for no call of ours.

        Asked again, it is told the same, so that whichever answer it takes brings the right token.
        """
        call = self.calls.find(call_id, external_id)
        if call is None or not self.calls.name(call.id, external_id):
            return None
        if self.bridging.bridges.of_call(call.id) is not None:
            return self.bridging.answered(call.id, external_id)
        token = line_token(self.service.database, call.id)
        self.calls.give_token(call.id, token, self.now())
        return self.carrier.answer(media_url, {TOKEN: token})

    def rung(self, shown: str, external_id: str, media_url: str) -> str:
        """Return what to tell the carrier of a call that came in from the number ``shown``."""

        def connected(call_id: str) -> str:
            return self.answered(call_id, external_id, media_url) or ""

        incoming = Incoming(self.service, self.calls, self.carrier, self.now)
        return incoming.answer(shown, external_id, connected)

    def reported(self, call_id: str, report: StatusReport) -> bool:
        """Take a report about a call; False if it is no call of ours."""
        if self.bridging.reported(call_id, report):
            return True
        call = self.calls.find(call_id, report.call)
        if call is None:
            return False
        answered_by = report.answered_by.value if report.answered_by else None
        changed = self.calls.report(
            call.id,
            self.now(),
            state=report.state.value if report.state else None,
            sequence=report.sequence,
            answered_by=answered_by,
        )
        if changed and report.answered_by is not None and report.answered_by.is_machine:
            self._drop_machine(call)
        if changed and report.state is not None and report.state.is_over:
            self._note_over(self.calls.get(call.id), report.state, report.sip_code)
        return True

    def _drop_machine(self, call: PhoneCall) -> None:
        """Nobody is told anything by a machine; what is being said to a person goes on."""
        live = self.live.get(call.id)
        if live is not None:
            live.end_for_machine()
        elif call.media_at is None and call.external_id:
            try:
                self.carrier.hang_up(call.external_id)
            except CarrierError as error:
                _log.warning("a machine could not be hung up on: %s", error)

    def _note_over(self, call: PhoneCall, state: CallState, sip_code: int | None) -> None:
        """A call that never reached us is settled here; one that did settles itself."""
        if call.media_at is not None:
            return
        machine = call.answered_by in ("machine", "fax")
        self._settle_attempt(call, outcome_of_state(state, sip_code, machine=machine))
        self.calls.end(call.id, self.now())

    def _settle_attempt(self, call: PhoneCall, outcome: CallOutcome) -> None:
        self.service.contacts.end(
            call.assignment_id, Channel.VOICE, self.now(), outcome.code, outcome.aapor
        )

    # Lines.

    async def hold(
        self, transport: Transport, codec: LineCodec, patience: float = START_PATIENCE
    ) -> CallReport | None:
        """Hold the call on a line that was just opened; None if the line may not be here.

        Nothing is believed, and nothing sent, before the line has brought the call's token, for
        which it has ``patience`` seconds.
        """
        try:
            started = await started_line(transport, codec, patience)
        except LineError as error:
            _log.info("a line was closed: %s", error)
            return None
        token = started.parameters.get(TOKEN, "")
        call = await self._beside(self.calls.claim_media, started.call, token, self.now())
        if call is None:
            _log.warning("a line came without the token of its call")
            return None
        line = _Line(transport, codec, started)
        lent = await self._beside(self._lent, call)
        if lent is not None:
            return await self._held_for_caller(call, lent, line)
        return await self._held(call, line)

    async def _held(self, call: PhoneCall, line: _Line) -> CallReport:
        interviewer = self._interviewer(call)
        offering = Offering(self.service, self.bridging, call, self.now)
        held = self._call(line, interviewer, offering, call)
        self.live[call.id] = held
        report = CallReport()
        watching = asyncio.create_task(self._watch(call, held))
        try:
            report = await held.run()
        finally:
            watching.cancel()
            try:
                if await self._beside(offering.give_up):
                    await self._beside(self._put_away, call, interviewer, report)
                else:
                    await self._beside(self._leave_to_caller, call, report)
            finally:
                del self.live[call.id]
        return report

    def _interviewer(self, call: PhoneCall) -> PhoneInterviewer | CallerInterviewer:
        if not call.assignment_id:
            return CallerInterviewer(self.service, call, self._workers, self.now)
        return PhoneInterviewer(self.service, call.assignment_id, call.id, self._workers, self.now)

    def _leave_to_caller(self, taken: PhoneCall, report: CallReport) -> None:
        """The machine's part of a call that a caller has taken is over, the call is not."""
        self.calls.keep_report(taken.id, report_as_kept(report))
        self._settle_attempt(self.calls.get(taken.id), BROKEN_OFF)

    def _lent(self, call: PhoneCall) -> LentCall | None:
        """Return the call as a caller has handed it to the machine; None for one of its own."""
        bridges = self.bridging.bridges
        found = bridges.of_call(call.id)
        if found is None:
            return None
        bridges.note_lent(found.id, lent=True)
        return LentCall(self.service, self.bridging, bridges.get(found.id) or found, self.now)

    async def _held_for_caller(self, call: PhoneCall, lent: LentCall, line: _Line) -> CallReport:
        interviewer = LentInterviewer(self.service, lent.bridge, self._workers, self.now)
        report = CallReport()
        try:
            report = await self._call(line, interviewer, lent, call).run()
        finally:
            await self._beside(lent.put_away, interviewer, report_as_kept(report))
        return report

    async def _watch(self, call: PhoneCall, held: Call) -> None:
        """Act on a verdict about who answered that another process was told."""
        if call.carrier != self.carrier.name:
            return
        for _look in range(_LOOKS):
            await asyncio.sleep(_LOOK)
            with suppress(RecordsError):
                if await self._beside(self.calls.is_machine, call.id):
                    held.end_for_machine()
                    return

    def _call(self, line: _Line, interviewer: Interviewer, takers: Takers, call: PhoneCall) -> Call:
        """Return the call on a line; ``takers`` are who may take it from the machine."""

        async def transferred() -> bool:
            otherwise = partial(self._transferred, call)
            return await Seeking(takers, held.say, otherwise, self._beside).transferred()

        voices, met = self.voices, isinstance(interviewer, LentInterviewer)
        parts = CallParts(
            voices.speaker,
            voices.recogniser,
            voices.activity,
            transferred,
            piece=voices.piece,
            met=met,
        )
        held = Call(line.transport, line.codec, line.started, interviewer, parts)
        return held

    def _transferred(self, call: PhoneCall) -> bool:
        """Connect somebody who wants a person with the office's number; say whether."""
        to = self.service.settings.transfer_number
        if not to:
            return False
        try:
            self.carrier.transfer(self.calls.get(call.id).external_id or "", to)
        except CarrierError as error:
            _log.warning("a call could not be transferred: %s", error)
            return False
        return True

    def _put_away(
        self,
        taken: PhoneCall,
        interviewer: PhoneInterviewer | CallerInterviewer,
        report: CallReport,
    ) -> None:
        """Settle a call, which may have become somebody's while it was held."""
        at, call = self.now(), self.calls.get(taken.id)
        if report.ending is Ending.MACHINE:
            self._settle_attempt(call, interviewer.outcome or MACHINE)
        elif not interviewer.was_answered:
            broke = report.ending is Ending.BROKEN
            self._settle_attempt(call, TROUBLE if broke else NOBODY)
        interview = self._interview(call)
        if interview is not None:
            contacts = self.service.contacts
            contacts.settle(call.assignment_id, Channel.VOICE, interview, at)
        self._settle_attempt(call, BROKEN_OFF)
        self.calls.end(call.id, at, report_as_kept(report))
        if interview is not None and interviewer.wants_the_rest(interview):
            invite_after(self.service, self.carrier, call, self.now())

    def _interview(self, call: PhoneCall) -> Interview | None:
        try:
            return self.service.store.interview(call.assignment_id)
        except RecordsError:
            return None

    # Calls that a caller leads.

    async def overhear(self, transport: Transport) -> bool:
        """Hear both sides of a bridged call to its end; False if the line may not be here."""
        rooms = self.bridging.rooms
        if rooms is None:
            return False
        codec = rooms.codec()
        try:
            started = await started_line(transport, codec)
        except LineError as error:
            _log.info("an ear was closed: %s", error)
            return False
        token = ear_token(started.parameters.get(TOKEN, ""))
        call = await self._beside(self.calls.claim_media, started.call, token, self.now())
        bridge = await self._beside(self.bridging.bridges.of_call, call.id) if call else None
        if bridge is None:
            _log.warning("an ear came without the token of its call")
            return False
        await self._beside(self.bridging.note_taken, bridge)
        witness = BridgeWitness(self.service, bridge, self._workers, self.now)
        parts = EarParts(self.voices.recogniser, self.voices.activity)
        await Overhearing(transport, codec, started, witness, parts).run()
        await self._beside(self.bridging.ear_closed, bridge.id)
        return True

    # Calls that were lost.

    def sweep(self) -> int:
        """Put away the calls that nobody has heard of for too long; return how many."""
        self._ask_about_silent()
        lost = [call for call in self.calls.lost(self.now()) if call.id not in self.live]
        for call in lost:
            if call.media_at is not None:
                self._pause(call)
            self._settle_attempt(call, BROKEN_OFF if call.media_at else NOBODY)
            self.calls.end(call.id, self.now())
        return len(lost) + self.bridging.sweep() + self._put_away_left()

    def _put_away_left(self) -> int:
        """End what the machine led for callers in a process that has died; return how many."""
        bridges = self.bridging.bridges
        self.bridging.ask_about_lent(self.now() - _RUNG_OUT)
        left = bridges.left(self.now() - _LEFT)
        for bridge in left:
            LentCall(self.service, self.bridging, bridge, self.now).put_away_left()
        return len(left)

    def _ask_about_silent(self) -> None:
        """What has rung for long, or is held by no line here, is asked about at the carrier."""
        carrier, before = self.carrier, self.now() - _RUNG_OUT
        for call in self.calls.going_on(carrier.name, before):
            if call.id in self.live:
                continue
            name = call.external_id or ""
            try:
                self.reported(call.id, StatusReport(name, carrier.status(name)))
            except CarrierError as error:
                _log.warning("a call could not be asked about: %s", error)
                return

    def _pause(self, call: PhoneCall) -> None:
        interview = self._interview(call)
        if interview is None or interview.status is not Status.OPEN:
            return
        at = self.now()
        PhoneInterviewer(self.service, call.assignment_id, call.id, now=lambda: at).leave_now(
            "dropped"
        )

    @property
    def talks(self) -> bool:
        """Whether the machine can hear people and speak with them here."""
        deaf = isinstance(self.voices.recogniser, AbsentRecogniser)
        return not deaf and silence_of(self.service.settings) is None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look after the calls of all processes; in the end, calls still held drop."""
        sys.setswitchinterval(_TURN)
        tasks = [
            asyncio.create_task(self._sweep_for_ever()),
            asyncio.create_task(self._wake_recogniser()),
            asyncio.create_task(self._text_for_ever()),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.voices.recogniser.close()
            self._workers.shutdown(wait=True)

    async def _wake_recogniser(self) -> None:
        """Have the model loaded before the first call needs it."""
        try:
            listening = await self.voices.recogniser.listen(Hints())
            await listening.cancel()
        except RecogniserError as error:
            _log.warning("calls go on with keys: %s", error)

    async def _sweep_for_ever(self) -> None:
        while True:
            try:
                await self._beside(self.sweep)
            except RecordsError:
                _log.exception("lost calls could not be looked for")
            await asyncio.sleep(_SWEEP)

    async def _text_for_ever(self) -> None:
        """Send text messages that are due, where the carrier has them."""
        if not (isinstance(self.carrier, Texting) and self.carrier.can_text):
            return
        database, worker = self.service.database, f"text-{os.getpid()}"
        postman = TextPostman(Outbox(database), OptOuts(database), self.carrier, worker)
        while True:
            with suppress(RecordsError):
                await self._beside(postman.send_due, self.now())
            await asyncio.sleep(_TEXTS)

    async def _beside(self, work: Callable[..., Any], *given: object) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._workers, work, *given)


def report_as_kept(report: CallReport) -> dict[str, object]:
    """Return a report as the records keep it, sealed."""
    plain = asdict(report)
    return {**plain, "odd": dict(report.odd)}
