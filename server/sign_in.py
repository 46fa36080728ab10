"""Who is working at a desk: one local account, signed in by a link of one use."""

import base64
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models.keys import KeyService

#: A sitting ends after eight hours, however busy it was (等保 GB/T 22239 8.1.4.1).
LASTING = timedelta(hours=8)
_TICKET = re.compile(r"([a-z0-9._-]{1,40})~(\d{10})~([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class SignIn:
    """A login with the moment until which it holds."""

    login: str
    until: datetime

    def ticket(self, keys: KeyService, purpose: str) -> str:
        """Return it as text that nobody can forge; ``purpose`` keeps links and cookies apart."""
        text = f"{self.login}~{int(self.until.timestamp())}"
        return f"{text}~{_mac(keys, purpose, text)}"


def read_ticket(keys: KeyService, purpose: str, ticket: str, now: datetime) -> SignIn | None:
    """Return the sign-in that ``ticket`` is, or None if it is forged, of another use, or over."""
    found = _TICKET.fullmatch(ticket)
    if found is None:
        return None
    mac = _mac(keys, purpose, f"{found[1]}~{found[2]}")
    until = datetime.fromtimestamp(int(found[2]), UTC)
    if not hmac.compare_digest(mac.encode(), found[3].encode()) or now >= until:
        return None
    return SignIn(found[1], until)


def _mac(keys: KeyService, purpose: str, text: str) -> str:
    sealed = keys.index(f"sign-in:{purpose}:{text}")
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()
