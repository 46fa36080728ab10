"""Offers a call of the machine, in which somebody wants a person, to a caller who is ready."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from models.bridge import MACHINE, Bridge
from models.call_queue import CallQueue, claim, release
from models.failure import CallRefusedError
from models.phone_call import PhoneCall
from models.ready import ReadyCallers
from models.staff import Account, Staff
from models.walled import Walled
from server.service import Service
from server.telephone.bridging import Bridging
from telephony.failure import CarrierError

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Offering:
    """See :class:`server.telephone.seeking.Takers`; rings one caller after the other."""

    service: Service
    bridging: Bridging
    call: PhoneCall
    now: Callable[[], datetime]
    _bridge: Bridge | None = field(default=None, init=False)
    _over: bool = field(default=False, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def ring(self) -> bool:
        """See :class:`server.telephone.seeking.Takers`."""
        with self._lock:
            self.call = self.bridging.calls.get(self.call.id)  # it may have become somebody's
            if self._over or not self._can_be_moved:
                return False
            ready = ReadyCallers(self.service.database).waiting(self.now())
            return any(self._offered(login) for login in ready)

    @property
    def _can_be_moved(self) -> bool:
        mine = self.call.carrier == self.bridging.carrier.name
        return mine and bool(self.call.assignment_id) and self.bridging.rooms is not None

    def _offered(self, login: str) -> bool:
        """Ring a caller whom the case suits and who holds no other; say whether it rings."""
        database, assignment = self.service.database, self.call.assignment_id
        account = Staff(database).get(login)
        if account is None or not self._suits(account):
            return False
        if not claim(database, assignment, login, self.now()):
            return False
        if ReadyCallers(database).unmark(login) and self._rings(account):
            return True
        release(database, assignment, login)
        return False

    def _suits(self, account: Account) -> bool:
        """Whether the person is theirs to see, and they have the language and the skill."""
        records = Walled(self.service.database, account.viewer())
        found = CallQueue(self.service.database, records).get(self.call.assignment_id)
        if found is None or account.role != "caller":
            return False
        return found.language in ("", *account.languages) and found.skill in ("", *account.skills)

    def _rings(self, account: Account) -> bool:
        bridging, lines = self.bridging, self.service.settings.lines
        try:
            leg = bridging.calls.admit_leg(
                self.call.assignment_id, self.call.carrier, lines, self.now()
            )
        except CallRefusedError:
            return False
        try:
            if self._keep(account.login, leg.id):
                bridging.ring_leg(self._kept, leg.id, account.telephone or "")
                return True
        except CarrierError as error:
            _log.warning("a caller could not be rung: %s", error)
        bridging.put_down(leg.id)
        return False

    @property
    def _kept(self) -> Bridge:
        assert self._bridge is not None  # noqa: S101 - kept before anybody is rung
        return self._bridge

    def _keep(self, login: str, leg_id: str) -> bool:
        """Keep whom the call is offered to; False if it is over."""
        bridges, now = self.bridging.bridges, self.now()
        if self._bridge is not None:
            return bridges.offer(self._bridge, login, leg_id)
        bridge = Bridge(
            id=self.service.database.new_id(),
            assignment_id=self.call.assignment_id,
            staff=login,
            caller_call=leg_id,
            person_call=self.call.id,
            begun_at=now,
            met_at=now,
            led_by=MACHINE,
            wanted=True,
        )
        if self.bridging.is_over(self.call.id) or not bridges.begin(bridge):
            return False
        self._bridge = bridge
        return True

    def took(self) -> bool | None:
        """See :class:`server.telephone.seeking.Takers`."""
        held = self.bridging.bridges.get(self._bridge.id) if self._bridge else None
        if held is None:
            return False
        if not held.is_offer:
            return None
        if held.is_open and held.wanted and not self.bridging.is_over(held.caller_call):
            return None
        self._let_go(held)
        return False

    def give_up(self) -> bool:
        """See :class:`server.telephone.seeking.Takers`; waits for whoever is just being rung."""
        with self._lock:
            self._over = True
            if self._bridge is None:
                return True
            bridges = self.bridging.bridges
            bridges.withdraw(self._bridge, self.now())
            held = bridges.get(self._bridge.id)
            if held is None or not held.is_offer:
                return held is None
            self._let_go(held)
            return True

    def _let_go(self, held: Bridge) -> None:
        self.bridging.put_down(held.caller_call)
        release(self.service.database, held.assignment_id, held.staff)
