"""One-time codes of an authenticator (TOTP, RFC 6238), each of which works once."""

from datetime import datetime
from typing import Final

import pyotp
import segno

from models.staff import Account, Staff

ISSUER: Final = "听问"
_STEP: Final = 30


def new_secret() -> str:
    """Return a secret for an authenticator."""
    return pyotp.random_base32()


def code_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the step of time whose code this is, the last or the next one included, or None."""
    digits = "".join(code.split())
    totp = pyotp.TOTP(secret, interval=_STEP)
    here = int(now.timestamp()) // _STEP
    for step in (here, here - 1, here + 1):
        if totp.verify(digits, for_time=step * _STEP):
            return step
    return None


def takes_code(staff: Staff, account: Account, code: str, now: datetime) -> bool:
    """Take a code of ``account``; False if it is wrong or was used before."""
    if account.second_factor is None:
        return False
    step = code_step(account.second_factor, code, now)
    return step is not None and staff.use_code(account.login, step)


def secret_in_groups(secret: str) -> str:
    """Return a secret as it is typed and read aloud."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def picture(secret: str, login: str) -> str:
    """Return the QR code of a secret as the address of an image."""
    address = pyotp.TOTP(secret, interval=_STEP).provisioning_uri(name=login, issuer_name=ISSUER)
    code = segno.make(address, error="m")
    return str(code.svg_data_uri(scale=5, border=4, dark="#000", light="#fff"))
