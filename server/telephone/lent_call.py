"""A call while the machine leads it for a caller: the way back to a person, and its end."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from models.bridge import Bridge
from models.call_queue import CallQueue, release
from models.failure import CallRefusedError
from models.staff import Staff
from models.walled import Walled
from server.inviting import Inviter
from server.service import Service
from server.telephone.bridging import Bridging
from server.telephone.lent_interviewer import LentInterviewer
from server.telephone.outcome import BROKEN_OFF
from survey_engine.channel import Channel
from survey_engine.interview import Status
from telephony.failure import CarrierError

_log = logging.getLogger(__name__)
#: How often, and every how many seconds, to ask whether somebody whose line ended is still there.
_LOOKS, _LOOK = 15, 0.2


@dataclass(slots=True)
class LentCall:
    """See :class:`server.telephone.seeking.Takers`; the only one is whose call it is."""

    service: Service
    bridging: Bridging
    bridge: Bridge
    now: Callable[[], datetime]
    _rung: bool = field(default=False, init=False)
    _returned: bool = field(default=False, init=False)

    def ring(self) -> bool:
        """See :class:`server.telephone.seeking.Takers`; a caller who waits is not rung."""
        held = self._held
        if self._rung or not held.is_open:
            return False
        self._rung = True
        try:
            if self._is_taken(held):
                return True
            if self.bridging.waits(held):
                self._returned = self.bridging.take(held)
                return self._returned
            return self._rings(held)
        except (CallRefusedError, CarrierError) as error:
            _log.warning("a person could not be brought back to the caller: %s", error)
            return False

    def _rings(self, held: Bridge) -> bool:
        """Ring a caller who has left the room, if they have not left the person to the machine."""
        account = Staff(self.service.database).get(held.staff)
        if account is None or not account.telephone:
            return False
        queue = CallQueue(self.service.database, Walled(self.service.database, account.viewer()))
        found = queue.held(self.now())
        if found is None or found.assignment_id != held.assignment_id:
            return False
        self.bridging.ring_back(held, account.telephone)
        return True

    def took(self) -> bool | None:
        """See :class:`server.telephone.seeking.Takers`."""
        held = self._held
        if self._returned or self._is_taken(held):
            return self._returned or None
        rings = held.is_open and held.wanted and not self.bridging.is_over(held.caller_call)
        return None if rings else False

    def give_up(self) -> bool:
        """See :class:`server.telephone.seeking.Takers`."""
        held = self._held
        if held.wanted and self.bridging.bridges.unwant(held):
            self.bridging.put_down(held.caller_call)
        return not self._is_taken(self._held)

    @property
    def _held(self) -> Bridge:
        return self.bridging.bridges.get(self.bridge.id) or self.bridge

    def _is_taken(self, held: Bridge) -> bool:
        return not held.is_lent or held.moves != self.bridge.moves

    def _has_been_moved(self, interviewer: LentInterviewer) -> bool:
        """Whether the line ended because the carrier brought the person to the caller after all.

        Its answer was lost then, and another stream was still to come; who hung up is not there.
        """
        bridging, person = self.bridging, self.bridge.person_call
        if not bridging.awaits_another(self.bridge):
            return False
        for _look in range(_LOOKS):
            if not interviewer.is_mine:
                return True
            if bridging.is_over(person) or bridging.is_there(person) is False:
                return False
            time.sleep(_LOOK)
        return True

    def put_away_left(self) -> None:
        """End a call whose process has died as if the person had hung up on the machine.

        If they are on the line again, by another call, that one goes on.
        """
        at = self.now()
        interviewer = LentInterviewer(self.service, self.bridge, None, lambda: at)
        interview = self.service.store.interview(self.bridge.assignment_id)
        if interview.status is Status.OPEN and not self._is_called_again():
            interviewer.leave_now("dropped")
        self.put_away(interviewer, {})

    def _is_called_again(self) -> bool:
        attempts = self.service.contacts.attempts.of(self.bridge.assignment_id)
        return any(one.channel is Channel.VOICE and one.ended_at is None for one in attempts)

    def put_away(self, interviewer: LentInterviewer, report: dict[str, object]) -> None:
        """End the call as the interview has ended, unless the caller has taken the person back.

        The attempt is the caller's, with the result that the machine's call would have.
        """
        if not interviewer.is_mine:
            return
        if self._has_been_moved(interviewer):
            self.bridging.note_taken(self.bridge)
            return
        at, assignment = self.now(), self.bridge.assignment_id
        self.bridging.calls.end(self.bridge.person_call, at, report)
        attempts = self.service.contacts.attempts.of(assignment)
        mine = [one for one in attempts if one.channel is Channel.DESK and one.ended_at is None]
        interview = self.service.store.interview(assignment)
        contacts = self.service.contacts
        contacts.settle(assignment, Channel.DESK, interview, at)
        contacts.end(assignment, Channel.DESK, at, BROKEN_OFF.code, BROKEN_OFF.aapor)
        release(self.service.database, assignment, self.bridge.staff)
        self.bridging.close(self.bridge)
        if mine and interviewer.wants_the_rest(interview):
            inviter = Inviter.of(self.service, self.bridging.carrier)
            inviter.send(self.service.cases.get(assignment), mine[-1].id, self.bridge.staff, at)
