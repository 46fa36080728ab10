"""Passwords: how they are kept, checked and judged."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from models.failure import StorageBusyError
from server.settings import Settings

SHORTEST: Final = 10
LONGEST: Final = 128
_AT_ONCE: Final = 4
_PATIENCE: Final = 20.0
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"


class Passwords:
    """Argon2id with the cost of the settings; a few at a time, since each takes its memory."""

    def __init__(self, settings: Settings) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.argon2_time, memory_cost=settings.argon2_memory_kib, parallelism=1
        )
        self._turn = threading.BoundedSemaphore(_AT_ONCE)

    def hashed(self, password: str) -> str:
        """Return what is kept of a password."""
        with self._one_of_few():
            return self._hasher.hash(password)

    def fits(self, kept: str | None, password: str) -> bool:
        """Whether ``password`` is the one that ``kept`` was made of.

        Without an account (None) the same work is done, so that time tells nobody which logins
        there are.
        """
        with self._one_of_few():
            try:
                return self._hasher.verify(kept or self._nobodys, password) and kept is not None
            except (VerificationError, InvalidHashError):
                return False

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe(32))

    @contextmanager
    def _one_of_few(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=_PATIENCE):
            raise StorageBusyError("Too many people sign in at once; try again in a minute.")
        try:
            yield
        finally:
            self._turn.release()


def weakness(password: str, login: str) -> str:
    """Return why a new password is too weak, in one sentence, or an empty text."""
    if len(password) < SHORTEST:
        return f"密码至少要 {SHORTEST} 个字符，可以用一句话。"
    if len(password) > LONGEST:
        return f"密码最多 {LONGEST} 个字符，请缩短。"
    if len(set(password)) < 5 or password.isdigit():
        return "密码太好猜，请不要只用数字或重复的字符。"
    if login.lower() in password.lower():
        return "密码里不要有登录名。"
    return ""


def first_password() -> str:
    """Return a password that somebody is given once and has to replace: easy to read aloud."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
    return "-".join(groups)
