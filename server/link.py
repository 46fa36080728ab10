"""Links by which a respondent opens their own interview: signed, expiring, for one browser."""

import base64
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models.keys import KeyService

_TOKEN = re.compile(r"([0-9a-f]{32})\.([0-9]{10})\.([A-Za-z0-9_-]{12})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Link:
    """What a token opens: an assignment, until a moment; ``nonce`` names the link itself."""

    assignment_id: str
    expires_at: datetime
    nonce: str

    def token(self, keys: KeyService) -> str:
        """Return the link's last part, which nobody can forge without the keys."""
        text = self._signed_text()
        return f"{text}.{_mac(keys, text)}"

    def _signed_text(self) -> str:
        return f"{self.assignment_id}.{int(self.expires_at.timestamp())}.{self.nonce}"

    def is_expired(self, now: datetime) -> bool:
        """Whether the link is too old to be opened."""
        return now >= self.expires_at


def new_link(assignment_id: str, now: datetime, hours: int) -> Link:
    """Return a fresh link to an assignment, valid for ``hours``."""
    expires = (now + timedelta(hours=hours)).replace(microsecond=0)
    return Link(assignment_id, expires, secrets.token_urlsafe(9))


def read_link(keys: KeyService, token: str) -> Link | None:
    """Return the link that ``token`` is, or None if this service never made it."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    text, mac = token.rpartition(".")[::2]
    if not hmac.compare_digest(mac.encode(), _mac(keys, text).encode()):
        return None
    return Link(found[1], datetime.fromtimestamp(int(found[2]), UTC), found[3])


def _mac(keys: KeyService, text: str) -> str:
    return base64.urlsafe_b64encode(keys.index(f"link:{text}")).rstrip(b"=").decode()
