"""Regular expressions over respondents' text that cannot run away.

A pattern is turned into a machine that reads the text once, letter by letter, so the time is
bounded by the size of the pattern times the length of the text, whatever the pattern is.
Look-around and back-references need more than that and are refused. As in ODK's web engine a
pattern may match anywhere in the text; ``^`` and ``$`` bind it to the ends.
"""

from collections.abc import Callable
from functools import lru_cache

from survey_engine.pattern_syntax import MAX_STATES, Letters, Part, PatternError, parse_pattern

MAX_INPUT = 2_000
_CACHED = 4_000
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")

Ends = tuple[bool, bool, bool, bool]
"""Whether the place is the start, is the end, follows a word letter, precedes a word letter."""

_ASSERTIONS: dict[str, Callable[[Ends], bool]] = {
    "^": lambda ends: ends[0],
    "$": lambda ends: ends[1],
    "b": lambda ends: ends[2] != ends[3],
    "B": lambda ends: ends[2] == ends[3],
}


class Pattern:
    """A compiled pattern."""

    def __init__(self, text: str) -> None:
        self._letters: list[Letters | None] = []
        self._assertions: list[str] = []
        self._next: list[tuple[int, ...]] = []
        self._end = self._state(None, "", ())
        self._start = self._build(parse_pattern(text), self._end)
        self._reached: dict[tuple[frozenset[int], Ends], frozenset[int]] = {}
        self._steps: dict[tuple[frozenset[int], str], frozenset[int]] = {}

    def matches(self, text: str) -> bool:
        """Whether the pattern matches somewhere in ``text``; never in text past the limit."""
        if len(text) > MAX_INPUT:
            return False
        kernel = frozenset((self._start,))
        for place in range(len(text) + 1):
            reached = self._closure(kernel, _ends(text, place))
            if self._end in reached:
                return True
            if place < len(text):
                kernel = self._step(reached, text[place])
        return False

    def _state(self, letters: Letters | None, assertion: str, following: tuple[int, ...]) -> int:
        if len(self._next) >= MAX_STATES:
            raise PatternError("it is too large once its repetitions are written out; shorten it.")
        self._letters.append(letters)
        self._assertions.append(assertion)
        self._next.append(following)
        return len(self._next) - 1

    def _build(self, part: Part, then: int) -> int:
        """Return the state from which ``part`` leads to the state ``then``."""
        match part.kind:
            case "letters":
                return self._state(part.letters, "", (then,))
            case "assertion":
                return self._state(None, part.assertion, (then,))
            case "either":
                return self._state(None, "", tuple(self._build(one, then) for one in part.parts))
            case "repeat":
                return self._repeat(part, then)
            case _:
                for one in reversed(part.parts):
                    then = self._build(one, then)
                return then

    def _repeat(self, part: Part, then: int) -> int:
        body = part.parts[0]
        if part.most is None:
            loop = self._state(None, "", ())
            self._next[loop] = (self._build(body, loop), then)
            then = loop
        else:
            last = then
            for _ in range(part.most - part.least):
                then = self._state(None, "", (self._build(body, then), last))
        for _ in range(part.least):
            then = self._build(body, then)
        return then

    def _closure(self, kernel: frozenset[int], ends: Ends) -> frozenset[int]:
        found = self._reached.get((kernel, ends))
        if found is None:
            found = self._spread(kernel, ends)
            if len(self._reached) >= _CACHED:
                self._reached.clear()
            self._reached[kernel, ends] = found
        return found

    def _spread(self, kernel: frozenset[int], ends: Ends) -> frozenset[int]:
        waiting, seen = list(kernel), set(kernel)
        while waiting:
            state = waiting.pop()
            assertion = self._assertions[state]
            if self._letters[state] or (assertion and not _ASSERTIONS[assertion](ends)):
                continue
            fresh = [one for one in self._next[state] if one not in seen]
            seen.update(fresh)
            waiting.extend(fresh)
        return frozenset(state for state in seen if self._letters[state] or state == self._end)

    def _step(self, reached: frozenset[int], letter: str) -> frozenset[int]:
        found = self._steps.get((reached, letter))
        if found is None:
            ahead = {self._start}
            for state in reached:
                letters = self._letters[state]
                if letters is not None and letters.has(letter):
                    ahead.update(self._next[state])
            found = frozenset(ahead)
            if len(self._steps) >= _CACHED:
                self._steps.clear()
            self._steps[reached, letter] = found
        return found


def _ends(text: str, place: int) -> Ends:
    before = place > 0 and text[place - 1] in _WORD
    after = place < len(text) and text[place] in _WORD
    return place == 0, place == len(text), before, after


@lru_cache(maxsize=256)
def compile_pattern(text: str) -> Pattern:
    """Return the compiled pattern, or raise :class:`PatternError`."""
    return Pattern(text)


__all__ = ["MAX_INPUT", "Pattern", "PatternError", "compile_pattern"]
