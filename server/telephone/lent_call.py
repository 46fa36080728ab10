"""A call while the machine leads it for a caller: the way back to a person, and its end."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from models.bridge import Bridge
from models.call_queue import release
from server.inviting import Inviter
from server.service import Service
from server.telephone.bridging import Bridging
from server.telephone.lent_interviewer import LentInterviewer
from server.telephone.outcome import BROKEN_OFF
from survey_engine.channel import Channel
from telephony.failure import CarrierError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LentCall:
    """See the module; all of it is blocking."""

    service: Service
    bridging: Bridging
    bridge: Bridge
    now: Callable[[], datetime]

    def return_to_caller(self) -> bool:
        """Bring somebody who wants a person back to the caller, if they wait; say whether."""
        held = self.bridging.bridges.get(self.bridge.id)
        if held is None or not held.is_open:
            return False
        if not held.is_lent:
            return True
        try:
            return self.bridging.waits(held) and self.bridging.take(held)
        except CarrierError as error:
            _log.warning("a person could not be brought back to the caller: %s", error)
            return False

    def put_away(self, interviewer: LentInterviewer, report: dict[str, object]) -> None:
        """End the call as the interview has ended, unless the caller has taken the person back.

        The attempt is the caller's, with the result that the machine's call would have.
        """
        if not interviewer.is_mine:
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
