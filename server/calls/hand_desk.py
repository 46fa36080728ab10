"""Handing the person to the machine in mid-interview, and taking them back."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from models.bridge import Bridge
from models.failure import CallRefusedError, CaseNotHeldError
from models.ready import ReadyCallers
from models.walled import Walled
from server.calls.bridge_desk import BridgeDesk
from server.calls.desk import CHANNEL
from server.calls.fault import CallsDeskError, Fault
from server.telephone.exchange import Exchange
from survey_engine.interview import Interview, Status
from telephony.failure import CarrierError

#: How an interview stands that can still be taken back.
_GOING_ON = (Status.OPEN, Status.WITH_PERSON)


@dataclass(frozen=True, slots=True)
class HandDesk:
    """See the module; each act is one unit of work, and done twice it is done once."""

    bridge: BridgeDesk
    exchange: Exchange

    def give(self, records: Walled, assignment_id: str, now: datetime) -> None:
        """Hand the person to the machine, which goes on at the question that waits.

        Raises :class:`server.calls.fault.CallsDeskError`, with nobody moved.
        """
        self.bridge.desk.going_on(records, assignment_id, now)
        found = self._open(records, assignment_id)
        if found is None or found.met_at is None:
            raise CallsDeskError(Fault.NOT_TALKING)
        if found.is_lent:
            return
        interview = self.bridge.desk.interview(assignment_id)
        if interview is None or not _is_asked_here(interview):
            raise CallsDeskError(Fault.NOT_ASKING)
        if not (self.exchange.talks and found.hears):
            raise CallsDeskError(Fault.NO_MACHINE)
        try:
            self.bridge.bridging.give(found)
        except CarrierError as error:
            raise CallsDeskError(Fault.NOT_HANDED) from error

    def take(self, records: Walled, assignment_id: str, now: datetime) -> None:
        """Take the person back, at once, or once the caller has picked up their telephone again.

        Raises as :meth:`give` does.
        """
        self.bridge.desk.going_on(records, assignment_id, now)
        found = self._open(records, assignment_id)
        if found is None:
            raise CallsDeskError(Fault.NOT_TALKING)
        if not found.is_lent:
            return
        interview = self.bridge.desk.interview(assignment_id)
        if interview is None or interview.status not in _GOING_ON:
            raise CallsDeskError(Fault.SAID_GOODBYE)
        if self.bridge.going_on(records.viewer.login) is not None:
            raise CallsDeskError(Fault.OTHER_CALL)
        self._bring(found, records.viewer.login)

    def _bring(self, found: Bridge, login: str) -> None:
        bridging = self.bridge.bridging
        try:
            if bridging.waits(found):
                bridging.take(found)
            elif not found.wanted or bridging.is_over(found.caller_call):
                bridging.ring_back(found, self.bridge.telephone(login))
        except CallRefusedError as error:
            raise CallsDeskError(Fault.NO_LINE) from error
        except CarrierError as error:
            raise CallsDeskError(Fault.NOT_HANDED) from error

    def refuse_lent(self, records: Walled, assignment_id: str) -> None:
        """Refuse what only whoever asks may do, while the machine asks.

        Raises :class:`server.calls.fault.CallsDeskError`.
        """
        found = self._open(records, assignment_id)
        if found is not None and found.is_lent:
            raise CallsDeskError(Fault.PICK_UP if found.is_offer else Fault.MACHINE_ASKS)

    def keep(self, records: Walled, assignment_id: str, now: datetime) -> None:
        """Hold a case longer while the machine asks, since its caller has nothing to do then."""
        found = self._open(records, assignment_id)
        if found is not None and found.is_lent:
            with suppress(CaseNotHeldError):
                self.bridge.desk.queue(records).keep(assignment_id, now)

    def let_go(self, records: Walled, now: datetime) -> None:
        """Leave whom the machine asks to the machine, so that the caller can take the next."""
        queue = self.bridge.desk.queue(records)
        held = queue.held(now)
        found = self._open(records, held.assignment_id) if held else None
        if found is not None and found.is_lent:
            queue.release(found.assignment_id)

    # Calls of the machine's own.

    def set_ready(self, login: str, now: datetime, *, ready: bool) -> None:
        """Let a caller wait for somebody whom the machine speaks with, or wait no more.

        Raises :class:`server.calls.fault.CallsDeskError` without a telephone to be rung on.
        """
        if not ready:
            self._ready.unmark(login)
        elif self.bridge.can_ring(login):
            self._ready.mark(login, now)
        else:
            raise CallsDeskError(Fault.NO_TELEPHONE)

    def offered(self, records: Walled, now: datetime) -> tuple[str, str]:
        """Return how a caller who waits stands: off, ready, ringing or taken, and with whom."""
        held = self.bridge.desk.queue(records).held(now)
        found = self._open(records, held.assignment_id) if held else None
        if held is not None and found is not None:
            return "ringing" if found.is_offer else "taken", held.assignment_id
        return "ready" if self._ready.holds(records.viewer.login, now) else "off", ""

    @property
    def _ready(self) -> ReadyCallers:
        return ReadyCallers(self.bridge.desk.database)

    def _open(self, records: Walled, assignment_id: str) -> Bridge | None:
        """Return this caller's call with somebody, whoever leads it."""
        found = self.bridge.bridging.bridges.open_with(assignment_id)
        return found if found is not None and found.staff == records.viewer.login else None


def _is_asked_here(interview: Interview) -> bool:
    return interview.status is Status.OPEN and interview.channel is CHANNEL
