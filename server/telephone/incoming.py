"""Somebody calls the county's number: their own interview goes on, or they are told kindly why not.

Whose number it is decides only which interview is begun; who is speaking is asked there as in any
call, and nothing about anybody is said before. A number that is withheld, unknown, shared by
several people, or of somebody who has been asked everything is told the same sentence, so that
nobody learns who is on the roster.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.campaign import Campaigns
from models.case import Case, Cases
from models.failure import CallRefusedError
from models.phone_call import PhoneCalls
from server.service import Service
from server.speech import office_of, silence_of
from server.telephone.dialler import is_finished
from survey_engine.channel import Channel
from telephony.carrier import Carrier

_UNKNOWN = (
    "您好，这里是{organisation}的残疾人基本状况调查电话，是机器接听。您来电的号码现在没有要接着做的调查。"
    "有事请联系{callback}。再见。"
)
_OPTED_OUT = (
    "您好，您说过不要再打电话，我们不会再打给您。想接着答，或者有事，请联系{callback}。再见。"
)
_BUSY = "您好，现在线路忙，或者正在跟您通话，请过一会儿再打。有事请联系{callback}。再见。"


@dataclass(frozen=True, slots=True)
class Incoming:
    """Takes calls that nobody here has placed; blocking."""

    service: Service
    calls: PhoneCalls
    carrier: Carrier
    now: Callable[[], datetime]

    def answer(self, shown: str, external_id: str, connected: Callable[[str], str]) -> str:
        """Return what the carrier is told of a call from the number ``shown``.

        ``connected`` gives the words that connect a call of ours to its stream. Asked again for
        the same call, the same call goes on.
        """
        known = self.calls.find("", external_id)
        if known is not None:
            return connected(known.id) if known.ended_at is None else self._away(_BUSY)
        cases = tuple(self._cases(shown))
        if len({one.certificate for one in cases}) != 1:
            return self._away(_UNKNOWN)
        return self._taken(cases, external_id, connected)

    def _cases(self, shown: str) -> Iterator[Case]:
        """Yield the cases in open campaigns of everybody who is reached by this number."""
        digits = "".join(sign for sign in shown if sign.isascii() and sign.isdigit())
        local = digits.removeprefix("86") if shown.startswith("+86") else digits
        spellings = {local, f"0{local}"} if local and not local.startswith("0") else {local}
        cases = Cases(self.service.database)
        for campaign in Campaigns(self.service.database).all():
            if campaign.status == "open" and local:
                for spelling in sorted(spellings):
                    yield from cases.by_telephone(campaign.id, spelling)

    def _taken(
        self, cases: Sequence[Case], external_id: str, connected: Callable[[str], str]
    ) -> str:
        """Take the call of one person, for the first of their interviews that is not over."""
        settings = self.service.settings
        if any(self._has_opted_out(one) for one in cases):
            return self._away(_OPTED_OUT)
        case = next((one for one in cases if not is_finished(self.service, one, self.now())), None)
        if case is None:
            return self._away(_UNKNOWN)
        if silence_of(settings) is not None:
            return self._away(_BUSY)
        try:
            call = self.calls.take(
                case.assignment_id, self.carrier.name, external_id, settings.lines, self.now()
            )
        except CallRefusedError:
            return self._away(_BUSY)
        self.service.contacts.begin(case.assignment_id, Channel.VOICE, self.now(), call.id)
        return connected(call.id)

    def _has_opted_out(self, case: Case) -> bool:
        try:
            self.calls.refuse_opted_out(case.assignment_id)
        except CallRefusedError:
            return True
        return False

    def _away(self, sentence: str) -> str:
        office = office_of(self.service.settings)
        return self.carrier.turn_away(
            sentence.format(organisation=office.organisation, callback=office.callback)
        )
