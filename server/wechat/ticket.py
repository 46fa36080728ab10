"""Binding tickets: what a county sends so that somebody's WeChat is bound to them.

A ticket is short enough for the scene of a QR code (64 places), signed, expires, and works for
one account. Sent as a message it does the same.
"""

import base64
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models.keys import KeyService

#: 16 bytes of assignment, 5 of time, 6 of nonce, 16 of proof: 43 bytes, 58 places.
_TICKET = re.compile(r"[A-Za-z0-9_-]{58}")
_BODY, _MAC = 27, 16
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a ticket binds to, until when; ``nonce`` names the ticket itself."""

    assignment_id: str
    expires_at: datetime
    nonce: str

    def text(self, keys: KeyService) -> str:
        """Return the ticket as it is sent, which nobody can forge without the keys."""
        body = (
            bytes.fromhex(self.assignment_id)
            + int(self.expires_at.timestamp()).to_bytes(5)
            + bytes.fromhex(self.nonce)
        )
        return base64.urlsafe_b64encode(body + _mac(keys, body)).rstrip(b"=").decode()

    def is_expired(self, now: datetime) -> bool:
        """Whether the ticket is too old."""
        return now >= self.expires_at


def new_ticket(assignment_id: str, now: datetime, hours: int) -> Ticket:
    """Return a fresh ticket for an assignment, valid for ``hours``."""
    if not _ID.fullmatch(assignment_id):
        raise ValueError("an assignment's id has 32 hexadecimal places")
    expires = (now + timedelta(hours=hours)).replace(microsecond=0)
    return Ticket(assignment_id, expires, secrets.token_hex(6))


def read_ticket(keys: KeyService, text: str) -> Ticket | None:
    """Return the ticket that ``text`` is, or None if this service never made it."""
    if not _TICKET.fullmatch(text):
        return None
    whole = base64.urlsafe_b64decode(f"{text}==")
    body, mac = whole[:_BODY], whole[_BODY:]
    if not hmac.compare_digest(mac, _mac(keys, body)):
        return None
    expires = datetime.fromtimestamp(int.from_bytes(body[16:21]), UTC)
    return Ticket(body[:16].hex(), expires, body[21:].hex())


def looks_like_ticket(text: str) -> bool:
    """Whether somebody meant to send a ticket, right or wrong."""
    return bool(_TICKET.fullmatch(text))


def _mac(keys: KeyService, body: bytes) -> bytes:
    return keys.index(f"wechat-ticket:{body.hex()}")[:_MAC]
