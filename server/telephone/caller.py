"""Whose interview goes on with somebody who calls: by their number, or by who they say they are."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from dialog.interpreters.names import names_alike
from dialog.pinyin import sound_key
from models.campaign import Campaign, Campaigns
from models.case import Case, Cases
from models.identity_question import IdentityQuestions
from models.opt_out import OptOuts
from server.service import Service
from server.telephone.dialler import is_finished


@dataclass(frozen=True, slots=True)
class Callers:
    """Finds the interviews of those who call; blocking."""

    service: Service
    now: Callable[[], datetime]

    def source(self, shown: str) -> bytes:
        """Return what wrong answers from a number are counted by; withheld numbers are one."""
        return self.service.database.keys.index(f"caller:{_digits(shown)}")

    def campaign(self) -> Campaign | None:
        """Return the newest open campaign, for which whoever is not known yet is greeted."""
        return next(reversed(self._open_campaigns()), None)

    def by_number(self, shown: str) -> Case | None:
        """Return the interview that goes on with the one person of this number, if there is one."""
        return self._going_on(self._of_number(shown))

    def is_spent(self, source: bytes) -> bool:
        """Whether so many wrong answers came from there that nobody is asked today."""
        return self._questions.is_spent(source, self.now())

    def by_answers(self, source: bytes, name: str, last4: str) -> Case | None:
        """Return the interview of the one person whom the answers mean; a miss is counted.

        Spoken names are written as they sound, so all that sound alike are looked for, and
        counted as one.
        """
        sounds = sound_key(name)
        if self._questions.is_locked(source, sounds, self.now()):
            return None
        found = self._questions.persons(names_alike(name), last4)
        if len(found) != 1:
            self._questions.miss(source, sounds, self.now())
            return None
        cases = Cases(self.service.database).of_person(found[0])
        is_open = {one.id for one in self._open_campaigns()}
        return self._going_on(case for case in cases if case.campaign_id in is_open)

    @property
    def _questions(self) -> IdentityQuestions:
        return IdentityQuestions(self.service.database)

    def _open_campaigns(self) -> list[Campaign]:
        return [one for one in Campaigns(self.service.database).all() if one.status == "open"]

    def _of_number(self, shown: str) -> Iterator[Case]:
        """Yield the cases in open campaigns of everybody who is reached by this number."""
        digits = _digits(shown)
        local = digits.removeprefix("86") if shown.startswith("+86") else digits
        spellings = {local, f"0{local}"} if local and not local.startswith("0") else {local}
        for campaign in self._open_campaigns() if local else ():
            for spelling in sorted(spellings):
                yield from Cases(self.service.database).by_telephone(campaign.id, spelling)

    def _going_on(self, found: Iterable[Case]) -> Case | None:
        """Return the first interview that is not over, of one person who takes calls."""
        cases = tuple(found)
        if len({one.certificate for one in cases}) != 1 or any(map(self._has_opted_out, cases)):
            return None
        return next((one for one in cases if not is_finished(self.service, one, self.now())), None)

    def _has_opted_out(self, case: Case) -> bool:
        return OptOuts(self.service.database).holds(case.assignment_id)


def _digits(shown: str) -> str:
    return "".join(sign for sign in shown if sign.isascii() and sign.isdigit())
