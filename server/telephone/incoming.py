"""Somebody calls the county's number: their own interview goes on, or they are told kindly why not.

Whose number it is decides only which interview is begun; who is speaking is asked there as in any
call, and nothing about anybody is said before. Whoever else calls is asked who they are: a number
that is withheld, unknown or shared, somebody who opted out, who is being called or has been asked
everything. Whoever is not connected hears one and the same sentence, whatever the reason, so that
a number shown by a stranger tells nothing of why. Where no line is free everybody hears another;
whoever is known by their number is then called back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from models.case import Case
from models.failure import CallRefusedError
from models.missed_call import MissedCalls
from models.phone_call import PhoneCall, PhoneCalls
from server.service import Service
from server.speech import office_of, silence_of
from server.telephone.caller import Callers
from server.telephone.sentences import BUSY, HERE, REFUSED
from survey_engine.channel import Channel
from telephony.carrier import Carrier

_LINES_TAKEN = "lines-taken"


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
            return connected(known.id) if known.ended_at is None else self._away(REFUSED)
        if not self._can_talk():
            return self._missed(shown, external_id)
        try:
            call = self._taken(shown, external_id)
        except CallRefusedError as refused:
            if refused.reason == _LINES_TAKEN:
                return self._missed(shown, external_id)
            return self._away(REFUSED)
        return connected(call.id)

    def _missed(self, shown: str, external_id: str) -> str:
        """Have whoever is known by their number called back; everybody hears the same."""
        case = Callers(self.service, self.now).by_number(shown)
        if case is not None:
            missed = MissedCalls(self.service.database)
            missed.note(case.assignment_id, external_id, self.now())
        return self._away(BUSY)

    def _can_talk(self) -> bool:
        """Whether a line is free and something can speak: the same for whoever calls."""
        settings = self.service.settings
        return silence_of(settings) is None and self.calls.has_line(settings.lines, self.now())

    def _taken(self, shown: str, external_id: str) -> PhoneCall:
        callers = Callers(self.service, self.now)
        case = callers.by_number(shown)
        if case is not None:
            try:
                return self._of_somebody(case, external_id)
            except CallRefusedError as refused:
                if refused.reason == _LINES_TAKEN:
                    raise
        source = callers.source(shown)
        if callers.campaign() is None or callers.is_spent(source):
            raise CallRefusedError("Nobody who calls now can show who they are.", "nobody")
        return self._admitted("", external_id, source)

    def _of_somebody(self, case: Case, external_id: str) -> PhoneCall:
        call = self._admitted(case.assignment_id, external_id)
        self.service.contacts.begin(
            case.assignment_id, Channel.VOICE, self.now(), call.id, incoming=True
        )
        MissedCalls(self.service.database).reached(case.assignment_id, self.now())
        return call

    def _admitted(
        self, assignment_id: str, external_id: str, source: bytes | None = None
    ) -> PhoneCall:
        lines = self.service.settings.lines
        return self.calls.take(
            assignment_id, self.carrier.name, external_id, lines, self.now(), source
        )

    def _away(self, sentence: str) -> str:
        office = office_of(self.service.settings)
        return self.carrier.turn_away(
            f"{HERE}{sentence}".format(organisation=office.organisation, callback=office.callback)
        )
