"""Connects callers with people through the carrier: two legs in a room, and we hear both sides."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from models.bridge import Bridge, Bridges
from models.bridge_line import BridgeLines
from models.call_hours import may_call
from models.campaign import Campaigns
from models.case import Case
from models.failure import ApprovalNeededError, CallRefusedError
from models.phone_call import PhoneCall, PhoneCalls
from server.service import Service
from server.telephone.dialler import international
from server.telephone.moving import Moving
from server.telephone.outcome import BROKEN_OFF, MACHINE, TROUBLE, CallOutcome, outcome_of_state
from telephony.carrier import Carrier, Order, StatusReport
from telephony.failure import CarrierError
from telephony.rooms import Rooms

_log = logging.getLogger(__name__)
LEG, LEG_STATUS = "/twilio/leg", "/twilio/leg/status"
_RINGS = 30


@dataclass(frozen=True, slots=True)
class Legs:
    """A bridged call with both of its legs as they stand."""

    bridge: Bridge
    caller: PhoneCall
    person: PhoneCall

    @property
    def has_caller(self) -> bool:
        """Whether the caller's own telephone is on the line."""
        return self.caller.state == "answered" and self.caller.ended_at is None


class Bridging:
    """Everything about bridged calls but what is said on them; all of it is blocking."""

    def __init__(
        self, service: Service, carrier: Carrier, calls: PhoneCalls, now: Callable[[], datetime]
    ) -> None:
        self.service, self.carrier, self.calls, self.now = service, carrier, calls, now
        self.bridges, self.lines = Bridges(service.database), BridgeLines(service.database)
        self.rooms = carrier.rooms()
        self._moving = Moving(service, self.rooms, calls, now) if self.rooms else None

    # Dialling.

    def ring(self, case: Case, number: int, login: str, telephone: str) -> Bridge:
        """Ring the caller's own telephone; once it is taken, the person is dialled.

        ``number`` says which of the person's numbers. A call that the caller had going on ends.
        Raises :class:`models.failure.CallRefusedError` if the person may not be called, and
        :class:`telephony.failure.CarrierError` if the carrier does not do it.
        """
        self.hang_up_of(login)
        settings, at = self.service.settings, self.now()
        carrier, lines = self.carrier.name, settings.lines
        caller, person = self.calls.admit_legs(case.assignment_id, carrier, lines, at)
        bridge = Bridge(
            id=self.service.database.new_id(),
            assignment_id=case.assignment_id,
            staff=login,
            number=number,
            caller_call=caller.id,
            person_call=person.id,
            begun_at=at,
        )
        if not self.bridges.begin(bridge):
            self._end_legs(bridge)
            raise CallRefusedError(
                f"Assignment {case.assignment_id} is being called already.", "being-called"
            )
        self.place(bridge, caller.id, telephone, detects=False)
        return bridge

    def place(self, bridge: Bridge, call_id: str, to: str, *, detects: bool) -> None:
        """Dial one leg. Raises as :meth:`ring` does; the call is over then."""
        try:
            self.ring_leg(bridge, call_id, to, detects=detects)
        except CarrierError:
            self.close(bridge)
            raise

    def ring_leg(self, bridge: Bridge, call_id: str, to: str, *, detects: bool = False) -> None:
        """Dial one leg of a call that goes on. Raises as :meth:`ring` does; nothing ends by it."""
        base = self.service.settings.public_url.rstrip("/")
        order = Order(
            to=to,
            voice_url=f"{base}{LEG}?call={call_id}",
            status_url=f"{base}{LEG_STATUS}?call={call_id}",
            ring=45 if detects else _RINGS,
            detects=detects,
        )
        external_id = self.carrier.place(order)
        self.calls.name(call_id, external_id)
        held = self.bridges.get(bridge.id)
        if held is None or not held.is_open:
            self._hang_up(external_id)

    # Between the caller and the machine.

    def give(self, bridge: Bridge) -> None:
        """Hand the person to the machine; see :meth:`server.telephone.moving.Moving.give`."""
        if self._moving is not None:
            self._moving.give(bridge)

    def take(self, bridge: Bridge) -> bool:
        """Bring the person back to the caller; see :meth:`server.telephone.moving.Moving.take`."""
        return self._moving is not None and self._moving.take(bridge)

    def note_taken(self, bridge: Bridge) -> None:
        """The person is with the caller; see :meth:`server.telephone.moving.Moving.note_taken`."""
        if self._moving is not None:
            self._moving.note_taken(bridge)

    def awaits_another(self, bridge: Bridge) -> bool:
        """See :meth:`server.telephone.moving.Moving.awaits_another`."""
        return self._moving is not None and self._moving.awaits_another(bridge)

    def is_there(self, call_id: str) -> bool | None:
        """Whether the carrier still has somebody on a leg; None if it does not say."""
        try:
            return not self.carrier.status(self.calls.get(call_id).external_id or "").is_over
        except CarrierError as error:
            _log.warning("a leg could not be asked about: %s", error)
            return None

    def waits(self, bridge: Bridge) -> bool:
        """Whether the caller is in the room, so that the person can be brought there."""
        caller = self.calls.get(bridge.caller_call)
        return caller.state == "answered" and caller.ended_at is None

    def is_over(self, call_id: str) -> bool:
        """Whether a leg has ended."""
        return self.calls.get(call_id).ended_at is not None

    def ring_back(self, bridge: Bridge, telephone: str) -> None:
        """Ring a caller who has left the room; once they pick up, the person is brought to them.

        Until then the machine goes on. Raises as :meth:`ring` does; nothing has changed then.
        """
        carrier, lines = self.carrier.name, self.service.settings.lines
        leg = self.calls.admit_leg(bridge.assignment_id, carrier, lines, self.now())
        if not self.bridges.want(bridge, leg.id):
            self.calls.end(leg.id, self.now())
            return
        try:
            self.ring_leg(bridge, leg.id, telephone)
        except CarrierError:
            self.calls.end(leg.id, self.now())
            raise

    # What the carrier tells.

    def answered(self, call_id: str, external_id: str) -> str | None:
        """Return what to tell the carrier now that a leg was taken; None for no leg of ours."""
        call = self.calls.find(call_id, external_id)
        bridge = self.bridges.of_call(call.id) if call else None
        if self.rooms is None or call is None or bridge is None:
            return None
        if not bridge.is_open or not self.calls.name(call.id, external_id):
            return self.rooms.end()
        self.calls.speak(call.id, self.now())
        if call.id == bridge.caller_call:
            return self._caller_there(self.rooms, bridge)
        self.bridges.meet(bridge.id, self.now())
        return self._person_there(bridge)

    def _person_there(self, bridge: Bridge) -> str | None:
        if self._moving is None:
            return None
        self._moving.admit(bridge)
        return self._moving.place_of(bridge)

    def _caller_there(self, rooms: Rooms, bridge: Bridge) -> str:
        """The caller has taken their telephone: only now is the person dialled, or brought."""
        if bridge.wanted and not self._brought(bridge):
            return rooms.end()
        if bridge.met_at is not None:
            return rooms.enter(bridge.id, closes=True)
        try:
            if self.calls.report(bridge.person_call, self.now(), state="ringing"):
                self._dial_person(bridge)
        except (CallRefusedError, CarrierError) as error:
            _log.warning("a person could not be connected: %s", error)
            self.bridges.suggest(bridge.id, *_pair(TROUBLE))
            self.close(bridge)
            return rooms.end()
        return rooms.enter(bridge.id, closes=True)

    def _brought(self, bridge: Bridge) -> bool:
        """Bring the person to a caller who has been rung for them; say whether they are there."""
        try:
            self.take(bridge)
        except (CarrierError, ApprovalNeededError) as error:
            _log.warning("a person could not be brought to the caller: %s", error)
        held = self.bridges.get(bridge.id)
        return held is not None and not held.is_lent

    def _dial_person(self, bridge: Bridge) -> None:
        case = self.service.cases.get(bridge.assignment_id)
        self.calls.refuse_opted_out(case.assignment_id)
        campaign = Campaigns(self.service.database).get(case.campaign_id)
        if campaign.status != "open" or not may_call(campaign.call_hours, case.region, self.now()):
            raise CallRefusedError(
                f"Campaign {campaign.id} does not call now; call at {campaign.call_hours}.",
                "wrong-time",
            )
        to = international(case.telephones[bridge.number])
        self.place(bridge, bridge.person_call, to, detects=True)

    def reported(self, call_id: str, report: StatusReport) -> bool:
        """Take a report about a leg; False if it is no leg of ours."""
        call = self.calls.find(call_id, report.call)
        bridge = self.bridges.of_call(call.id) if call else None
        if call is None or bridge is None:
            return False
        changed = self.calls.report(
            call.id,
            self.now(),
            state=report.state.value if report.state else None,
            sequence=report.sequence,
            answered_by=report.answered_by.value if report.answered_by else None,
        )
        is_person = call.id == bridge.person_call
        if changed and bridge.is_open and is_person:
            self._suggest(bridge, call.id, report)
        if report.state is not None and report.state.is_over:
            self.leg_over(bridge, call.id)
        return True

    def _suggest(self, bridge: Bridge, call_id: str, report: StatusReport) -> None:
        """What the reports come to is suggested as the result; the caller decides."""
        if report.answered_by is not None and report.answered_by.is_machine:
            self.bridges.suggest(bridge.id, *_pair(MACHINE))
        elif report.state is not None and report.state.is_over and bridge.code is None:
            machine = self.calls.get(call_id).answered_by in ("machine", "fax")
            over = outcome_of_state(report.state, report.sip_code, machine=machine)
            self.bridges.suggest(bridge.id, *_pair(BROKEN_OFF if bridge.met_at else over))

    # The end.

    def ear_closed(self, bridge_id: str) -> None:
        """We may hear nothing any more: where nobody has told why, ask whether the person is there.

        A report that the carrier loses leaves nobody waiting on an open line.
        """
        bridge = self.bridges.get(bridge_id)
        if bridge is None or not bridge.is_open:
            return
        if self.is_there(bridge.person_call) is False:
            self.leg_over(bridge, bridge.person_call)

    def ask_about_lent(self, begun_before: datetime) -> None:
        """Ask whether the people are still there whom the machine leads for callers.

        If the process that holds their line has died, nobody else may have been told.
        """
        for bridge in self.bridges.open():
            if bridge.is_lent and not bridge.is_offer and bridge.begun_at <= begun_before:
                self.ear_closed(bridge.id)

    def leg_over(self, bridge: Bridge, call_id: str) -> None:
        """One leg is over, so the other one is; the caller may leave while the machine leads."""
        self.calls.end(call_id, self.now())
        held = self.bridges.get(bridge.id) or bridge
        left = held.is_lent and call_id != held.person_call
        if held.is_open and not left:
            self.close(held)

    def close(self, bridge: Bridge) -> None:
        """End a bridged call: both legs are hung up, and what was heard for nothing is erased."""
        if self.bridges.end(bridge.id, self.now()):
            self._end_legs(self.bridges.get(bridge.id) or bridge)

    def _end_legs(self, bridge: Bridge) -> None:
        for call_id in (bridge.person_call, bridge.caller_call):
            self.put_down(call_id)

    def put_down(self, call_id: str) -> None:
        """End one leg; one that has ended is no error."""
        call = self.calls.get(call_id)
        if self.calls.end(call_id, self.now()) and call.external_id:
            self._hang_up(call.external_id)

    def _hang_up(self, external_id: str) -> None:
        try:
            self.carrier.hang_up(external_id)
        except CarrierError as error:
            _log.warning("a leg could not be hung up on: %s", error)

    def hang_up_of(self, login: str) -> None:
        """End the call that a caller has going on, if any.

        Whom the machine asks for them it goes on asking; then only the caller's own leg ends.
        """
        going_on = self.bridges.open_of(login)
        if going_on is not None:
            self.close(going_on)
        for lent in self.bridges.lent_of(login):
            self.put_down(lent.caller_call)

    def sweep(self) -> int:
        """End the bridged calls that nobody has heard of for too long; return how many."""
        lost = [self.bridges.of_call(call.id) for call in self.calls.lost(self.now(), led=True)]
        for bridge in lost:
            if bridge is not None:
                self.close(bridge)
                self._end_legs(bridge)
        return len(lost)

    def legs(self, bridge: Bridge) -> Legs:
        """Return a bridged call with its legs."""
        return Legs(bridge, self.calls.get(bridge.caller_call), self.calls.get(bridge.person_call))


def _pair(outcome: CallOutcome) -> tuple[str, str]:
    return outcome.code, outcome.aapor
