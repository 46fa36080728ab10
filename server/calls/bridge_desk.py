"""The callers' desk with a carrier: dialling by one key, hearing both sides."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from models.attempt import Attempt
from models.bridge import Bridge
from models.bridge_line import SaidLine
from models.disposition import Disposition
from models.failure import CallRefusedError
from models.staff import Staff
from models.walled import Walled
from server.calls.desk import LATER, Answered, CallsDesk, utterance_of
from server.calls.fault import CallsDeskError, Fault
from server.calls.own_telephone import dialable
from server.telephone.bridge_witness import take_words
from server.telephone.bridging import Bridging, Legs
from survey_engine.interview import Interview
from telephony.failure import CarrierError

_REFUSED = {"opted-out": Fault.OPTED_OUT, "being-called": Fault.NOT_CALLED}
#: The clocks of two processes may differ by so much.
_SLACK = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class BridgeDesk:
    """What the callers' desk does by the carrier; each act is one unit of work."""

    desk: CallsDesk
    bridging: Bridging

    # The caller's own telephone.

    def telephone(self, login: str) -> str:
        """Return the telephone of an account as it is shown to its owner; empty for none."""
        account = Staff(self.desk.database).get(login)
        return (account.telephone if account else None) or ""

    def keep_telephone(self, login: str, given: str, now: datetime) -> None:
        """Keep the caller's own telephone; empty for none."""
        kept = dialable(given)
        if given.strip() and not kept:
            raise CallsDeskError(Fault.OWN_NUMBER)
        Staff(self.desk.database).keep_telephone(login, kept, by=login, at=now)

    @property
    def connects(self) -> bool:
        """Whether there is a carrier that connects two telephones."""
        return self.bridging.rooms is not None

    def can_ring(self, login: str) -> bool:
        """Whether ``login`` dials through the carrier."""
        return self.connects and bool(self.telephone(login))

    # The call.

    def ring(self, records: Walled, assignment_id: str, number: int, now: datetime) -> None:
        """Ring the caller and then the person; what may forbid it is asked anew."""
        self.desk.going_on(records, assignment_id, now)
        calling = self.desk.held(records, assignment_id, now)
        self.desk.refuse_wrong_time(records, calling, now)
        login = records.viewer.login
        telephone, case = self.telephone(login), records.case(assignment_id)
        if not telephone:
            raise CallsDeskError(Fault.NO_TELEPHONE)
        if number >= len(case.telephones):
            raise CallsDeskError(Fault.NO_NUMBER)
        try:
            self.bridging.ring(case, number, login, telephone)
        except CallRefusedError as error:
            raise CallsDeskError(_REFUSED.get(error.reason, Fault.NO_LINE)) from error
        except CarrierError as error:
            raise CallsDeskError(Fault.NOT_PLACED) from error

    def legs(self, records: Walled, attempt: Attempt) -> Legs | None:
        """Return the latest bridged call of an attempt, or None if there is none."""
        bridge = self.bridging.bridges.last_of(
            attempt.assignment_id, records.viewer.login, attempt.started_at - _SLACK
        )
        return self.bridging.legs(bridge) if bridge else None

    def going_on(self, login: str) -> Bridge | None:
        """Return the call that a caller has open, with whomever."""
        return self.bridging.bridges.open_of(login)

    def hang_up(self, login: str) -> None:
        """End the call that a caller has open."""
        self.bridging.hang_up_of(login)

    # What is said.

    def lines(self, bridge: Bridge) -> tuple[SaidLine, ...]:
        """Return what was said and recognised, oldest first."""
        return tuple(one for one in self.bridging.lines.after(bridge.id) if one.words)

    def take(
        self, records: Walled, assignment_id: str, entered: Answered, now: datetime
    ) -> Interview:
        """Take what the caller entered; what the person said to it is kept as evidence."""
        attempt = self.desk.attempt(records, assignment_id)
        bridge = self.going_on(records.viewer.login)
        if attempt is None or bridge is None or bridge.assignment_id != assignment_id:
            return self.desk.take(records, assignment_id, entered, now)
        said = said_to(self.lines(bridge), bridge.asked_from)
        interview = self.desk.take(records, assignment_id, replace(entered, said=said), now)
        take_words(self.bridging.service, bridge, utterance_of(attempt, entered.turn), now)
        return interview

    def suggested(self, bridge: Bridge) -> Disposition | None:
        """Return the result that the carrier's reports suggest, if they do."""
        return self._named(bridge.code, bridge.aapor)

    def result(self, records: Walled, assignment_id: str) -> str:
        """Return the result that this caller's last attempt with somebody ended with; or empty."""
        login = records.viewer.login
        mine = [one for one in records.attempts(assignment_id) if one.staff == login]
        if not mine or mine[-1].ended_at is None:
            return ""
        found = self._named(mine[-1].outcome, mine[-1].aapor)
        return found.name if found else mine[-1].outcome or ""

    def _named(self, code: str | None, aapor: str | None) -> Disposition | None:
        fitting = (
            one
            for one in self.desk.dispositions()
            if (one.code, one.aapor) == (code, aapor) and one.name != LATER
        )
        return next(fitting, None)


def said_to(lines: tuple[SaidLine, ...], asked_from: int) -> str:
    """Return what the person has said to the present question, as far as it is finished."""
    mine = (one for one in lines if one.side == "person" and one.final)
    return "，".join(one.words for one in mine if one.number > asked_from)
