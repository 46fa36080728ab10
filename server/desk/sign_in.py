"""Signing in: name and password, then a one-time code or a passkey; failures are counted first."""

import ipaddress
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from models.audit import AuditEntry, AuditLog
from models.database import Database
from models.sign_in_failure import SignInFailures, Standing
from models.sitting import Held, Sittings
from models.staff import Account, Staff
from server.desk.challenge import Challenge, answered, new_challenge
from server.desk.one_time_code import code_step, takes_code
from server.desk.passkey import PasskeyRefusedError, Passkeys
from server.desk.password import Passwords, weakness

_NOBODY = "unknown"
_ANSWER_FIRST = "请先回答下面的问题，再填一次密码。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody sent who wants to sign in, and from where."""

    login: str
    password: str
    address: str
    sealed: str = ""
    answer: str = ""


class RefusedError(Exception):
    """A sign-in that goes no further; one sentence, and a question if the next try needs one."""

    def __init__(self, sentence: str, status: int, challenge: Challenge | None = None) -> None:
        self.sentence = sentence
        self.status = status
        self.challenge = challenge
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class SignIn:
    """The steps of signing in. Each raises :class:`RefusedError`."""

    database: Database
    passwords: Passwords
    passkeys: Passkeys

    @property
    def staff(self) -> Staff:
        """All accounts."""
        return Staff(self.database)

    @property
    def sittings(self) -> Sittings:
        """Everybody who is signed in."""
        return Sittings(self.database)

    @property
    def failures(self) -> SignInFailures:
        """What was tried in vain."""
        return SignInFailures(self.database)

    def password(self, asked: Asked, now: datetime) -> str:
        """Check name and password; return the cookie of a pending sitting."""
        before = self._allowed(asked, now)
        account = self.staff.get(asked.login)
        kept = account.password if account and account.active else None
        if not self.passwords.fits(kept, asked.password) or account is None:
            self._failed(asked.login if account else _NOBODY, "password", now)
            raise self._wrong("登录名或密码不对。", asked, before, now)
        self.failures.give_back(asked.login, asked.address)
        return self.sittings.begin(asked.login, now, pending=True)

    def code(self, held: Held, code: str, address: str, now: datetime) -> str:
        """Check a one-time code; return the cookie of a sitting."""
        self._count(held.account.login, address, now)
        if not takes_code(self.staff, held.account, code, now):
            self._failed(held.account.login, "code", now)
            raise RefusedError("验证码不对或已经用过；请等下一个验证码再填。", 401)
        return self._entered(held, address, now)

    def passkey(self, held: Held, sent: dict[str, Any], address: str, now: datetime) -> str:
        """Check what a passkey signed; return the cookie of a sitting."""
        login = held.account.login
        self._count(login, address, now)
        self.sittings.challenge(held.cookie, None)
        try:
            self.passkeys.check(login, held.challenge or b"", sent)
        except PasskeyRefusedError as error:
            self._failed(login, "passkey", now)
            raise RefusedError("通行密钥没有通过，请再试一次或用验证码。", 401) from error
        return self._entered(held, address, now)

    def enrol(
        self, held: Held, password: str, secret: str, code: str, address: str, now: datetime
    ) -> str:
        """Keep a first own password and authenticator; return the cookie of a sitting."""
        account = held.account
        weak = weakness(password, account.login)
        if weak or self.passwords.fits(account.password, password):
            raise RefusedError(weak or "请换一个和初始密码不同的密码。", 422)
        step = code_step(secret, code, now)
        if step is None:
            raise RefusedError("验证码不对；请看验证器上现在的六位数再填一次。", 422)
        anew = replace(
            account, password=self.passwords.hashed(password), second_factor=secret, fresh=False
        )
        self.staff.replace(anew, by=account.login, at=now)
        self.staff.use_code(account.login, step)
        return self._entered(held, address, now)

    def change_password(
        self, account: Account, old: str, new: str, address: str, now: datetime
    ) -> str:
        """Replace a password; every sitting ends, and the cookie of a new one is returned."""
        self._count(account.login, address, now)
        if not self.passwords.fits(account.password, old):
            self._failed(account.login, "password", now)
            raise RefusedError("现在的密码不对，没有改。", 422)
        self.failures.give_back(account.login, address)
        if weak := weakness(new, account.login):
            raise RefusedError(weak, 422)
        anew = replace(account, password=self.passwords.hashed(new))
        self.staff.replace(anew, by=account.login, at=now)
        return self.sittings.begin(account.login, now)

    def question(self, login: str, address: str, now: datetime) -> Challenge | None:
        """Return the question that the next try needs, or None."""
        standing = self.failures.standing(login, address, now)
        return self._question(login, standing, now) if standing.challenged else None

    def _allowed(self, asked: Asked, now: datetime) -> Standing:
        """Count a try before it is judged; without the answer it is neither."""
        standing = self.failures.standing(asked.login, asked.address, now)
        bound = _bound(asked.login, standing)
        keys = self.database.keys
        if standing.locked_until is not None:
            raise _locked()
        if standing.challenged and not answered(keys, asked.sealed, asked.answer, bound, now):
            question = self._question(asked.login, standing, now)
            raise RefusedError(_ANSWER_FIRST, 401, question)
        before = self._count(asked.login, asked.address, now)
        bound = _bound(asked.login, before)
        if before.challenged and not answered(keys, asked.sealed, asked.answer, bound, now):
            # Others tried in between; this one was not asked the question that it now needs.
            self.failures.give_back(asked.login, asked.address)
            question = self._question(asked.login, before, now)
            raise RefusedError(_ANSWER_FIRST, 401, question)
        return before

    def _count(self, login: str, address: str, now: datetime) -> Standing:
        before = self.failures.count(login, address, now)
        if before is None:
            raise _locked()
        return before

    def _wrong(self, sentence: str, asked: Asked, before: Standing, now: datetime) -> RefusedError:
        after = Standing(before.of_login + 1, before.of_address + 1, None)
        question = self._question(asked.login, after, now) if after.challenged else None
        return RefusedError(sentence, 401, question)

    def _question(self, login: str, standing: Standing, now: datetime) -> Challenge:
        return new_challenge(self.database.keys, _bound(login, standing), now)

    def _entered(self, held: Held, address: str, now: datetime) -> str:
        login = held.account.login
        self.failures.give_back(login, address, entirely=True)
        self.sittings.end(held.cookie)
        self._note("sign-in", login, {}, now)
        return self.sittings.begin(login, now)

    def _failed(self, login: str, what: str, now: datetime) -> None:
        self._note("sign-in.failed", login, {"step": what}, now)

    def _note(self, action: str, login: str, detail: dict[str, str], now: datetime) -> None:
        AuditLog(self.database).add(
            AuditEntry(at=now, actor=login, action=action, object=login, detail=detail)
        )


def _bound(login: str, standing: Standing) -> str:
    """A question is for one try: the next failure of the login makes it worthless."""
    return f"{login}:{standing.of_login}"


def _locked() -> RefusedError:
    return RefusedError("失败次数太多，已暂停登录 15 分钟。等一会儿再试，或请安全管理员解锁。", 429)


def from_address(host: str) -> str:
    """Return what counts as one address: of IPv6 the network that one household gets (/64)."""
    with suppress(ValueError):
        found = ipaddress.ip_address(host)
        if found.version == 6:
            return str(ipaddress.ip_network(f"{host}/64", strict=False))
    return host
