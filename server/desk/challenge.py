"""A question that people answer by reading or hearing, after several failed sign-ins.

It is plain text with a label, so a screen reader says it and a braille line shows it; no picture,
no sound, no time pressure. It slows a program down; the lock stops it.
"""

import base64
import binascii
import json
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from models.failure import SealError
from models.keys import KeyService

LASTING: Final = timedelta(minutes=10)
_CONTEXT: Final = "sign-in.challenge"
_DIGITS: Final = "零一二三四五六七八九"
_WORDS: Final = ("山", "水", "火", "田", "花", "树", "鱼", "鸟", "桥", "船", "门", "灯")


@dataclass(frozen=True, slots=True)
class Challenge:
    """A question, and the sealed text by which its answer is known again."""

    question: str
    sealed: str


def new_challenge(keys: KeyService, bound: str, now: datetime) -> Challenge:
    """Return a fresh question that holds for the try ``bound`` names, and for ten minutes."""
    question, answer = secrets.choice((_sum, _place))()
    plain = {"answer": answer, "bound": bound, "until": (now + LASTING).timestamp()}
    sealed = keys.encrypt(json.dumps(plain).encode(), _CONTEXT)
    return Challenge(question, base64.urlsafe_b64encode(sealed).decode())


def answered(keys: KeyService, sealed: str, answer: str, bound: str, now: datetime) -> bool:
    """Whether ``answer`` is right for the question of ``sealed``, asked for this very try."""
    try:
        plain = json.loads(keys.decrypt(base64.urlsafe_b64decode(sealed), _CONTEXT))
    except (SealError, binascii.Error, ValueError):
        return False
    holds = plain["bound"] == bound and now.timestamp() < plain["until"]
    return bool(holds and _plain(answer) == plain["answer"])


def _sum() -> tuple[str, str]:
    one, two = 1 + secrets.randbelow(9), 1 + secrets.randbelow(9)
    return f"{_DIGITS[one]}加{_DIGITS[two]}等于几？写数字就行。", str(one + two)


def _place() -> tuple[str, str]:
    words = secrets.SystemRandom().sample(_WORDS, 4)
    at = secrets.randbelow(4)
    return f"{'、'.join(words)}，第{_DIGITS[at + 1]}个字是什么？", words[at]


def _plain(answer: str) -> str:
    text = "".join(unicodedata.normalize("NFKC", answer).split()).strip("。.")
    if text and all(sign in f"{_DIGITS}十两" for sign in text):
        return str(_number(text.replace("两", "二")))
    return text


def _number(text: str) -> int:
    tens, ten, ones = text.rpartition("十")
    return (10 * (_DIGITS.index(tens) if tens else 1) if ten else 0) + (
        _DIGITS.index(ones) if len(ones) == 1 else 0
    )
