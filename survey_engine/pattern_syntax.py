"""The syntax of patterns: JavaScript's, without look-around and back-references."""

from dataclasses import dataclass

MAX_PATTERN = 1_000
MAX_STATES = 1_000
MAX_NESTING = 30
_SPACE = (
    "\t\r",
    "  ",
    "\u00a0\u00a0",
    "\u1680\u1680",
    "\u2000\u200a",
    "\u2028\u2029",
    "\u202f\u202f",
    "\u205f\u205f",
    "\u3000\u3000",
    "\ufeff\ufeff",
)
_CLASSES = {"d": ("09",), "w": ("az", "AZ", "09", "__"), "s": _SPACE}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
_LAST = chr(0x10FFFF)


class PatternError(ValueError):
    """A pattern that cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Letters:
    """A set of letters as ranges, each two letters long."""

    ranges: tuple[str, ...]

    def has(self, letter: str) -> bool:
        """Whether ``letter`` is in the set."""
        return any(span[0] <= letter <= span[1] for span in self.ranges)

    def others(self) -> "Letters":
        """Return the set of all other letters."""
        gaps, after = [], 0
        for span in sorted(self.ranges):
            if ord(span[0]) > after:
                gaps.append(chr(after) + chr(ord(span[0]) - 1))
            after = max(after, ord(span[1]) + 1)
        if after <= ord(_LAST):
            gaps.append(chr(after) + _LAST)
        return Letters(tuple(gaps))


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a pattern: letters, assertion, sequence, either, or repeat."""

    kind: str
    letters: Letters | None = None
    assertion: str = ""
    parts: "tuple[Part, ...]" = ()
    least: int = 0
    most: int | None = None


_ANY = Letters(("\n\n", "\r\r", "\u2028\u2029")).others()


def parse_pattern(text: str) -> Part:
    """Return the parts of a pattern, or raise :class:`PatternError`."""
    if len(text) > MAX_PATTERN:
        raise PatternError(f"it is longer than {MAX_PATTERN} characters; shorten it.")
    reader = _Reader(text)
    part = reader.either()
    if not reader.done:
        raise PatternError("a `)` in it closes nothing; remove it or write `\\)`.")
    return part


class _Reader:
    """Reads one pattern from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0
        self._depth = 0

    @property
    def done(self) -> bool:
        return self._place >= len(self._text)

    def _peek(self, length: int = 1) -> str:
        return self._text[self._place : self._place + length]

    def _take(self) -> str:
        if self.done:
            raise PatternError("it ends too early; complete it.")
        self._place += 1
        return self._text[self._place - 1]

    def _skip(self, text: str) -> bool:
        if not self._text.startswith(text, self._place):
            return False
        self._place += len(text)
        return True

    def either(self) -> Part:
        """Read alternatives up to a closing bracket or the end."""
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise PatternError(f"its brackets nest more than {MAX_NESTING} deep; simplify it.")
        branches = [self._sequence()]
        while self._skip("|"):
            branches.append(self._sequence())
        self._depth -= 1
        return branches[0] if len(branches) == 1 else Part("either", parts=tuple(branches))

    def _sequence(self) -> Part:
        parts = []
        while not self.done and self._peek() not in ("|", ")"):
            parts.append(self._repeated())
        return Part("sequence", parts=tuple(parts))

    def _repeated(self) -> Part:
        part = self._atom()
        bounds = self._bounds()
        if bounds is None:
            return part
        if part.kind == "assertion":
            raise PatternError("it repeats a place instead of a letter; remove the repetition.")
        self._skip("?")
        if self._peek() in ("*", "+", "?"):
            raise PatternError("it repeats a repetition; put brackets around the first.")
        least, most = bounds
        return Part("repeat", parts=(part,), least=least, most=most)

    def _bounds(self) -> tuple[int, int | None] | None:
        for mark, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._skip(mark):
                return bounds
        return self._counted() if self._peek() == "{" else None

    def _counted(self) -> tuple[int, int | None] | None:
        closing = self._text.find("}", self._place)
        low, comma, high = self._text[self._place + 1 : max(closing, 0)].partition(",")
        if not _is_count(low) or (high and not _is_count(high)):
            return None
        self._place = closing + 1
        least, most = int(low), (int(high) if high else None) if comma else int(low)
        if most is not None and most < least:
            raise PatternError(
                "a repetition in it has its bounds exchanged; put the smaller first."
            )
        return least, most

    def _atom(self) -> Part:
        letter = self._take()
        match letter:
            case "(":
                return self._group()
            case "[":
                return Part("letters", letters=self._class())
            case ".":
                return Part("letters", letters=_ANY)
            case "^" | "$":
                return Part("assertion", assertion=letter)
            case "\\" if self._peek() in ("b", "B"):
                return Part("assertion", assertion=self._take())
            case "\\":
                return Part("letters", letters=self._escape())
            case "*" | "+" | "?":
                raise PatternError(f"a `{letter}` in it repeats nothing; write `\\{letter}`.")
            case _:
                return Part("letters", letters=_one(letter))

    def _group(self) -> Part:
        if self._skip("?:"):
            pass
        elif self._peek() == "?":
            self._named()
        part = self.either()
        if not self._skip(")"):
            raise PatternError("a `(` in it is never closed; add `)`.")
        return part

    def _named(self) -> None:
        closing = self._text.find(">", self._place)
        name = self._text[self._place + 2 : max(closing, 0)]
        if self._peek(2) != "?<" or not name.isidentifier():
            raise PatternError(
                "it looks ahead or behind, which is not supported; write it without."
            )
        self._place = closing + 1

    def _escape(self) -> Letters:
        letter = self._take()
        if letter in _CLASSES:
            return Letters(_CLASSES[letter])
        if letter.lower() in _CLASSES:
            return Letters(_CLASSES[letter.lower()]).others()
        if letter in _CONTROLS:
            return _one(_CONTROLS[letter])
        if letter in ("x", "u"):
            return self._coded(2 if letter == "x" else 4)
        if letter.isalnum() and letter.isascii():
            raise PatternError(f"it has `\\{letter}`, which is not supported; write it otherwise.")
        return _one(letter)

    def _coded(self, length: int) -> Letters:
        digits = self._peek(length)
        try:
            code = int(digits, 16) if len(digits) == length and digits.isalnum() else -1
        except ValueError:
            code = -1
        if code < 0:
            raise PatternError(f"it has a letter code without its {length} digits; complete it.")
        self._place += length
        return _one(chr(code))

    def _class(self) -> Letters:
        negated = self._skip("^")
        ranges: list[str] = []
        while not self._skip("]"):
            if self.done:
                raise PatternError("a `[` in it is never closed; add `]`.")
            ranges.extend(self._span())
        letters = Letters(tuple(ranges))
        return letters.others() if negated else letters

    def _span(self) -> tuple[str, ...]:
        first = self._class_letter()
        if self._peek() != "-" or self._peek(2) in ("-]", "-"):
            return first.ranges
        self._place += 1
        last = self._class_letter()
        if not (_is_one(first) and _is_one(last)):
            return (*first.ranges, "--", *last.ranges)
        low, high = first.ranges[0][0], last.ranges[0][0]
        if low > high:
            raise PatternError(f"the range `{low}-{high}` in it is exchanged; put the lower first.")
        return (low + high,)

    def _class_letter(self) -> Letters:
        letter = self._take()
        if letter != "\\":
            return _one(letter)
        return _one("\b") if self._skip("b") else self._escape()


def _one(letter: str) -> Letters:
    return Letters((letter * 2,))


def _is_one(letters: Letters) -> bool:
    return len(letters.ranges) == 1 and letters.ranges[0][0] == letters.ranges[0][1]


def _is_count(text: str) -> bool:
    return text.isdigit() and text.isascii() and len(text) <= 4
