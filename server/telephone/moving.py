"""Moves the person on a bridged call: from the caller to the machine in mid-interview, and back.

The carrier's redirect is the one mechanism. Who leads is written down before it, so that whoever
sees a line end knows why, and is undone if the carrier does not move the person. If its answer is
lost, the sound that comes says where the person is.
"""

import time
from collections.abc import Callable
from datetime import datetime

from models.bridge import CALLER, MACHINE, Bridge, Bridges
from models.bridge_line import BridgeLines
from models.conversation_store import Inbound, TurnResult
from models.phone_call import PhoneCalls
from models.staff import Staff
from models.uncovering import Uncovering
from models.walled import Walled
from server.chat_desk import turn_result
from server.service import Service
from server.telephone.socket import MEDIA, TOKEN, socket_address
from survey_engine.channel import Channel
from survey_engine.interview import Interview, Status
from telephony.carriers.fault import CarrierFault
from telephony.failure import CarrierError
from telephony.phone_conversation import PhoneConversation
from telephony.rooms import Ear, Rooms

EAR = "/twilio/ear"
#: How often, and every how many seconds, to look whether somebody was moved after all.
_LOOKS, _LOOK = 15, 0.2
#: How an interview stands with which somebody can be brought to the caller, or come by themselves.
_TAKEABLE = (Status.OPEN, Status.WITH_PERSON, Status.PAUSED)
_REASON = "接机器转来的电话"


class Moving:
    """See the module; all of it is blocking."""

    def __init__(
        self, service: Service, rooms: Rooms, calls: PhoneCalls, now: Callable[[], datetime]
    ) -> None:
        self._service, self._rooms, self._calls, self._now = service, rooms, calls, now
        self._bridges = Bridges(service.database)
        self._lines = BridgeLines(service.database)

    def place_of(self, bridge: Bridge) -> str:
        """Return what to tell the carrier so that the person is where the call has them now.

        Asked again, it is the same, so that whichever answer is taken brings the right token.
        """
        base, token = self._service.settings.public_url, self._token(bridge)
        if bridge.is_lent:
            return self._rooms.leave(socket_address(base, MEDIA), {TOKEN: token})
        ear = Ear(socket_address(base, EAR), {TOKEN: token})
        return self._rooms.enter(bridge.id, ear, closes=False)

    def admit(self, bridge: Bridge) -> None:
        """Let the sound of the person's leg in, once, where the call has them now."""
        self._calls.give_token(bridge.person_call, self._kept(bridge), self._now())

    def give(self, bridge: Bridge) -> None:
        """Hand the person to the machine; if that has been done, nothing happens.

        The caller stays in the room. Raises :class:`telephony.failure.CarrierError` if the carrier
        does not move the person, who then stays with the caller.
        """
        self._move(bridge, MACHINE)

    def take(self, bridge: Bridge) -> bool:
        """Bring the person to the room; False if somebody was faster, or there is nothing to ask.

        The machine's line ends by that; the interview goes on with the same speaker at the
        question that waits. A call of the machine's own becomes an attempt of the caller, who sees
        name and number from now on. Raises as :meth:`give` does, and
        :class:`models.failure.ApprovalNeededError` for too many names; the machine then goes on.
        """
        interview = self._service.store.interview(bridge.assignment_id)
        if interview.status not in (Status.OPEN, Status.WITH_PERSON):
            return False
        if bridge.is_offer:
            self._uncover(bridge)
        moved = self._move(bridge, CALLER)
        if moved is None:
            return False
        if bridge.is_offer:
            self._begin_attempt(bridge)
        self._arrive(moved)
        return True

    def note_taken(self, bridge: Bridge) -> None:
        """The person is with the caller, as the sound shows, whatever the carrier said of it."""
        held = self._bridges.get(bridge.id)
        if self._bridges.note_lent(bridge.id, lent=False) and held is not None:
            self._arrive(held)

    def awaits_another(self, bridge: Bridge) -> bool:
        """Whether the carrier was asked to move the person on from ``bridge`` as it is given."""
        return not self._calls.has_token(bridge.person_call, self._kept(bridge))

    def _arrive(self, bridge: Bridge) -> None:
        self._lines.pass_over(bridge.id)
        interview = self._service.store.interview(bridge.assignment_id)
        if interview.status in _TAKEABLE and self._is_elsewhere(interview):
            self._go_on_here(bridge)

    def _uncover(self, bridge: Bridge) -> None:
        database = self._service.database
        account = Staff(database).get(bridge.staff)
        if account is not None:
            records = Walled(database, account.viewer())
            Uncovering(database, records).person(bridge.assignment_id, _REASON, at=self._now())

    def _begin_attempt(self, bridge: Bridge) -> None:
        name = f"{bridge.assignment_id}:{bridge.id}"
        begin, at = self._service.contacts.begin, bridge.begun_at
        begin(bridge.assignment_id, Channel.DESK, at, name, staff=bridge.staff)

    def _move(self, bridge: Bridge, to: str) -> Bridge | None:
        moved = self._bridges.hand(bridge, to)
        if moved is None:
            return None
        person = self._calls.get(moved.person_call)
        self._calls.renew_token(person.id, self._kept(moved), self._now())
        try:
            self._rooms.move(person.external_id or "", self.place_of(moved))
        except CarrierError as error:
            if error.fault is CarrierFault.CARRIER_REFUSED:
                self._calls.stay(person.id, self._kept(bridge), self._now())
            elif self._has_come(person.id):
                return moved
            self._bridges.hand_back(bridge)
            raise
        return moved

    def _has_come(self, call_id: str) -> bool:
        """Whether the stream comes that a person brings who was moved."""
        for _look in range(_LOOKS):
            if self._calls.get(call_id).media_at is not None:
                return True
            time.sleep(_LOOK)
        return False

    def _go_on_here(self, bridge: Bridge) -> None:
        at = self._now()
        inbound = Inbound(
            channel=Channel.DESK.value,
            external_id=f"{bridge.id}:taken:{bridge.moves}",
            assignment_id=bridge.assignment_id,
            body="taken",
            received_at=at,
        )
        phone = PhoneConversation(self._service.conversation)

        def moved(held: Interview) -> TurnResult:
            *before, turn = phone.move(held, at, Channel.DESK)
            return turn_result(turn, "", before)

        self._service.store.take(inbound, moved)

    def _is_elsewhere(self, interview: Interview) -> bool:
        return interview.channel is not Channel.DESK or interview.status is not Status.OPEN

    def _token(self, bridge: Bridge) -> str:
        """Return what proves that a stream is this leg's since it was moved last."""
        name = f"leg:{bridge.person_call}:{bridge.moves}"
        return self._service.database.keys.index(name).hex()

    def _kept(self, bridge: Bridge) -> str:
        token = self._token(bridge)
        return token if bridge.is_lent else ear_token(token)


def ear_token(token: str) -> str:
    """Return a token as it is kept that only lets listen."""
    return f"ear:{token}"
