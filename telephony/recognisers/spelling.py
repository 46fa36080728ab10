"""Which of Whisper's tokens may be written, given the characters that are expected."""

from collections.abc import Iterable
from functools import cached_property, lru_cache

from faster_whisper.tokenizer import Tokenizer
from opencc import OpenCC

_HALF = "\ufffd"
_TO_TRADITIONAL = OpenCC("s2t")
_TO_SIMPLIFIED = OpenCC("t2s")


class Spelling:
    """The vocabulary of one model, seen as characters.

    The model writes some characters in their traditional form and some as two half tokens; both
    belong to the simplified character that is asked for.
    """

    def __init__(self, tokens: Tokenizer) -> None:
        self._tokens = tokens
        self._texts = [tokens.tokenizer.decode([token]) for token in range(tokens.eot)]
        self._all = range(tokens.tokenizer.get_vocab_size())
        self.only = lru_cache(maxsize=64)(self._only)

    def _only(self, characters: frozenset[str]) -> list[int]:
        """Return the tokens to suppress so that nothing but ``characters`` is written."""
        allowed = characters | frozenset(_TO_TRADITIONAL.convert("".join(sorted(characters))))
        kept = {token for token, text in enumerate(self._texts) if _is_of(text, allowed)}
        kept.update(self._halves(allowed))
        return self._but(kept)

    @cached_property
    def chinese(self) -> list[int]:
        """The tokens to suppress so that only Chinese and digits are written."""
        texts = enumerate(self._texts)
        return self._but(
            token
            for token, text in texts
            if _HALF in text or (text and all(map(_is_chinese, text)))
        )

    def text(self, tokens: list[int]) -> str:
        """Return what ``tokens`` write, simplified; a broken character is left out."""
        return simplified(self._tokens.decode(tokens).replace(_HALF, ""))

    def _halves(self, characters: frozenset[str]) -> Iterable[int]:
        for character in characters:
            parts = self._tokens.encode(character)
            if any(_HALF in self._texts[part] for part in parts):
                yield from parts

    def _but(self, kept: Iterable[int]) -> list[int]:
        written = {*kept, self._tokens.eot}
        return [token for token in self._all if token not in written]


def simplified(text: str) -> str:
    """Return ``text`` in simplified characters."""
    return str(_TO_SIMPLIFIED.convert(text))


def _is_of(text: str, allowed: frozenset[str]) -> bool:
    return bool(text) and _HALF not in text and all(sign in allowed for sign in text)


def _is_chinese(sign: str) -> bool:
    return "\u4e00" <= sign <= "\u9fff" or sign in "〇0123456789"
