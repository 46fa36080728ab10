"""What the interview is waiting for, so that a channel knows what to expect and to offer."""

from dataclasses import dataclass
from enum import StrEnum


class WaitKind(StrEnum):
    """What the next words are taken as.

    ``ask`` expects a value for an item or yes/no for one of its options; ``confirm`` yes/no to a
    value just understood; ``last`` yes/no to an earlier value (last year's, or one given before
    the reference day); ``check`` a value once more because a rule failed; ``script`` yes/no or
    words to a scripted question; ``readback`` yes/no to a section; ``which`` the name of an item.
    """

    ASK = "ask"
    CONFIRM = "confirm"
    LAST = "last"
    CHECK = "check"
    SCRIPT = "script"
    READBACK = "readback"
    WHICH = "which"


class Accepts(StrEnum):
    """The kind of value that is accepted; the hint by which a recogniser is constrained."""

    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    TIME = "time"
    DATETIME = "dateTime"
    DIGITS = "digits"
    TEXT = "text"
    ITEM = "item"


class Style(StrEnum):
    """How a question is worded this time."""

    ASK = "ask"
    REASK = "reask"
    KEYS = "keys"
    REPEAT = "repeat"
    SLOWER = "slower"
    EXPLAIN = "explain"
    INVALID = "invalid"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Wait:
    """One question in the air.

    ``target`` is an item (``A4``), one option of a multiple choice (``E5/2``), ``readback:D``,
    ``which:D`` or the key of a scripted question (``consent``). ``codes`` are the codes on offer,
    ``value`` what is to be confirmed, ``tries`` how often it was not understood, ``rule`` the
    check that asks, ``digits`` the least and most digits.
    """

    kind: WaitKind
    target: str
    accepts: Accepts
    codes: tuple[str, ...] = ()
    value: str = ""
    tries: int = 0
    rule: str = ""
    digits: tuple[int, int] | None = None
    keypad: bool = False

    @property
    def item(self) -> str:
        """The name of the item that is asked about, if it is one."""
        return self.target.partition("/")[0]

    @property
    def option(self) -> str:
        """The option of a multiple choice that is asked about, or an empty text."""
        return self.target.partition("/")[2]
