"""Somebody calls the county's number: their own interview goes on, or they are told kindly why not.

Whose number it is decides only which interview is begun; who is speaking is asked there as in any
call, and nothing about anybody is said before. Whoever is not connected hears one and the same
sentence, whatever the reason: a number that is withheld, unknown or shared, somebody who opted
out, who is being called or who has been asked everything. So a number shown by a stranger tells
nothing of who is on the roster. Where no line is free everybody hears another one.
"""

from collections.abc import Callable, Iterator
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

_HERE = "您好，这里是{organisation}的残疾人基本状况调查电话，是机器接听。"
_REFUSED = (
    f"{_HERE}这次来电现在接不上调查。有事，或者不想再接到我们的电话，请联系{{callback}}。再见。"
)
_BUSY = f"{_HERE}现在线路忙，请过一会儿再打。有事请联系{{callback}}。再见。"


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
            return connected(known.id) if known.ended_at is None else self._away(_REFUSED)
        if not self._can_talk():
            return self._away(_BUSY)
        case = self._case(shown)
        return self._away(_REFUSED) if case is None else self._taken(case, external_id, connected)

    def _can_talk(self) -> bool:
        """Whether a line is free and something can speak: the same for whoever calls."""
        settings = self.service.settings
        return silence_of(settings) is None and self.calls.has_line(settings.lines, self.now())

    def _case(self, shown: str) -> Case | None:
        """Return the first interview that is not over of the one person with this number."""
        cases = tuple(self._cases(shown))
        if len({one.certificate for one in cases}) != 1 or any(map(self._has_opted_out, cases)):
            return None
        return next((one for one in cases if not is_finished(self.service, one, self.now())), None)

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

    def _taken(self, case: Case, external_id: str, connected: Callable[[str], str]) -> str:
        lines = self.service.settings.lines
        try:
            call = self.calls.take(
                case.assignment_id, self.carrier.name, external_id, lines, self.now()
            )
        except CallRefusedError as refused:
            return self._away(_BUSY if refused.reason == "lines-taken" else _REFUSED)
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
