"""Dials: whom, when, how often, and never who asked not to be called."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from models.call_hours import may_call
from models.campaign import Campaigns
from models.case import Case
from models.failure import CallRefusedError, NotStartedError
from models.phone_call import Limits, PhoneCall, PhoneCalls
from server.service import Service
from server.speech import silence_of
from server.telephone.line_token import line_token
from server.telephone.outcome import TROUBLE
from survey_engine.channel import Channel
from survey_engine.event import InputRefused
from survey_engine.input import Resume
from survey_engine.interview import Interview, Status
from telephony.carrier import Carrier, Order
from telephony.failure import CarrierError

#: Seconds that a call waits for its turn where the carrier takes only so many a second.
_PATIENCE, _STEP = 10.0, 0.1


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Dialled:
    """A call that was placed: our id, and the carrier's name for it."""

    call: str
    external_id: str


@dataclass(frozen=True, slots=True)
class Dialler:
    """Places calls through one carrier; blocking."""

    service: Service
    calls: PhoneCalls
    carrier: Carrier
    now: Callable[[], datetime] = _now

    def dial(self, case: Case) -> Dialled:
        """Call the person of ``case`` now.

        Raises :class:`models.failure.CallRefusedError` if they may not be called now or ever, and
        :class:`telephony.failure.CarrierError` if the carrier does not do it.
        """
        self.calls.refuse_opted_out(case.assignment_id)
        self._refuse_silence()
        self._refuse_wrong_time(case)
        number = international(case.telephone)
        if not number:
            raise CallRefusedError(
                f"Assignment {case.assignment_id} has no telephone number; ask the village for"
                " one.",
                "no-number",
            )
        self._refuse_finished(case)
        call = self._admitted(case)
        contacts, voice = self.service.contacts, Channel.VOICE
        contacts.begin(case.assignment_id, voice, self.now(), call.id)
        token = line_token(self.service.database, call.id)
        self.calls.give_token(call.id, token, self.now())
        try:
            external_id = self.carrier.place(self._order(call, number, token))
        except CarrierError:
            at = self.now()
            contacts.end(case.assignment_id, voice, at, TROUBLE.code, TROUBLE.aapor)
            self.calls.end(call.id, at)
            raise
        self.calls.name(call.id, external_id)
        return Dialled(call.id, external_id)

    def _refuse_silence(self) -> None:
        """Nobody is rung up by a machine that has nothing to speak with."""
        missing = silence_of(self.service.settings)
        if missing is not None:
            raise CallRefusedError(
                f"Nothing can speak here, so nobody is called: {missing}", "mute"
            )

    def _refuse_wrong_time(self, case: Case) -> None:
        campaign = Campaigns(self.service.database).get(case.campaign_id)
        if campaign.status != "open":
            raise CallRefusedError(
                f"Campaign {campaign.id} is closed; nobody is called for it.", "campaign-closed"
            )
        if not may_call(campaign.call_hours, case.region, self.now()):
            raise CallRefusedError(
                f"Campaign {campaign.id} calls only at {campaign.call_hours}; call again then, or"
                " open the campaign with other --call-hours.",
                "wrong-time",
            )

    def _refuse_finished(self, case: Case) -> None:
        if is_finished(self.service, case, self.now()):
            raise CallRefusedError(
                f"The interview of assignment {case.assignment_id} is over and nothing needs"
                " asking again.",
                "finished",
            )

    def _admitted(self, case: Case) -> PhoneCall:
        settings = self.service.settings
        limits = Limits(settings.lines, settings.calls_per_second)
        until = time.monotonic() + _PATIENCE
        while True:
            at = self.now()
            try:
                return self.calls.admit(case.assignment_id, self.carrier.name, limits, at)
            except CallRefusedError as refused:
                if refused.reason != "too-fast" or time.monotonic() > until:
                    raise
            time.sleep(_STEP)

    def _order(self, call: PhoneCall, number: str, token: str) -> Order:
        base = self.service.settings.public_url.rstrip("/")
        return Order(
            to=number,
            voice_url=f"{base}/twilio/voice?call={call.id}",
            status_url=f"{base}/twilio/status?call={call.id}",
            call=call.id,
            token=token,
        )


def international(number: str) -> str:
    """Return a number of the roster as carriers want it (E.164): ``+86`` and no leading zero."""
    digits = "".join(sign for sign in number if sign.isascii() and sign.isdigit())
    if number.strip().startswith("+"):
        return f"+{digits}"
    return f"+86{digits.removeprefix('0')}" if digits else ""


def is_finished(service: Service, case: Case, at: datetime) -> bool:
    """Whether nothing of this person's interview is left to be asked by telephone."""
    try:
        held = service.store.interview(case.assignment_id)
    except NotStartedError:
        return False
    return held.status is not Status.OPEN and not _can_go_on(service, held, at)


def _can_go_on(service: Service, held: Interview, at: datetime) -> bool:
    turn = service.conversation.put(held, Resume(at=at, channel=Channel.VOICE))
    return not any(isinstance(event, InputRefused) for event in turn.events)
