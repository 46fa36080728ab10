"""What pressed keys mean at the waiting question."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from survey_engine.interview import Interview
from survey_engine.wait import Accepts, Wait

REPEAT, PERSON, END = "*", "0", "#"
_NUMBERS = (Accepts.DIGITS, Accepts.INTEGER, Accepts.DECIMAL, Accepts.DATE)
_MOST_DIGITS = 20


@dataclass(frozen=True, slots=True)
class Pressed:
    """What was keyed: a tap as a page would send it, or the digits as if they were typed."""

    tapped: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Keys:
    """What keys may answer: a digit stands for a code, or digits make up a number.

    ``taps`` maps a digit to what it sends; ``several`` lets more than one be pressed, ended by
    ``#``; ``number`` takes digits, ``most`` of them (0: until ``#`` or a pause).
    """

    taps: Mapping[str, str] = field(default_factory=dict)
    several: bool = False
    number: bool = False
    most: int = 0


NO_KEYS = Keys()


def keys_of(interview: Interview) -> Keys:
    """Return what keys may answer at the waiting question of ``interview``."""
    wait = interview.wait
    if wait is None:
        return NO_KEYS
    if wait.accepts is Accepts.YES_NO:
        return Keys({"1": "yes", "2": "no"})
    if wait.accepts in _NUMBERS:
        return Keys(number=True, most=wait.digits[1] if wait.digits else 0)
    if wait.accepts in (Accepts.CHOICE, Accepts.CHOICES, Accepts.ITEM):
        return Keys(_choice_keys(interview, wait), several=wait.accepts is Accepts.CHOICES)
    return NO_KEYS


def _choice_keys(interview: Interview, wait: Wait) -> Mapping[str, str]:
    """The form's own keys, else the place in the list; a code that has no digit has no key."""
    item = interview.questionnaire.item(wait.item)
    own = {choice.code: choice.key for choice in item.choices if choice.key} if item else {}
    placed = ((own.get(code) or str(place), code) for place, code in enumerate(wait.codes, 1))
    return {key: code for key, code in placed if key.isdigit() and len(key) == 1 and key != PERSON}


class KeyPad:
    """Collects the keys of one answer."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._pressed = ""

    def press(self, key: str) -> Pressed | None:
        """Take a key; return the answer when it is whole."""
        if key == REPEAT:
            return Pressed(tapped="repeat")
        if key == END:
            return self.end()
        self._pressed += key
        if self._keys.number:
            enough = self._keys.most or _MOST_DIGITS
            return self.end() if len(self._pressed) >= enough else None
        if key == PERSON:
            return Pressed(tapped="human")
        return None if self._keys.several else self.end()

    def end(self) -> Pressed:
        """Return what was keyed so far, as ``#`` or a long pause ends it.

        A lone ``0`` where several digits are wanted calls a person; keys that stand for nothing
        have the question said again.
        """
        digits, self._pressed = self._pressed, ""
        if self._keys.number:
            if digits == PERSON and self._keys.most > 1:
                return Pressed(tapped="human")
            return Pressed(words=digits) if digits else Pressed(tapped="repeat")
        codes = [self._keys.taps.get(digit, "") for digit in dict.fromkeys(digits)]
        known = bool(codes) and all(codes)
        return Pressed(tapped=" ".join(codes)) if known else Pressed(tapped="repeat")
