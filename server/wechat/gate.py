"""The gate of the webhook: in which order a request is doubted before anybody reads it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from server.wechat.fault import Fault, RefusedError
from server.wechat.incoming import Incoming
from server.wechat.reading import read_fields
from server.wechat.seal import Seal
from server.wechat.signature import is_signed

#: How far the sender's clock may be from ours, either way.
FRESH = timedelta(seconds=300)


@dataclass(frozen=True, slots=True)
class Query:
    """The query of a request: what is signed, and by which signatures."""

    signature: str = ""
    timestamp: str = ""
    nonce: str = ""
    msg_signature: str = ""
    openid: str = ""

    @property
    def once(self) -> str:
        """What may be used for one message only."""
        return f"{self.timestamp}:{self.nonce}"


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets in what WeChat sent. ``seal`` is there in safe mode, in which nothing plain passes."""

    token: str
    seal: Seal | None

    def greet(self, query: Query, now: datetime) -> None:
        """Check a request that only wants to know whether we are who we are."""
        self._check_query(query, now)

    def admit(self, query: Query, body: bytes, now: datetime) -> Incoming:
        """Return the message of a request, whose size was capped before.

        Signature of the query, time, hardened XML, signature of the ciphertext, opening with the
        AppID, hardened XML again, fields: in this order, and the first that fails raises
        :class:`RefusedError`.
        """
        self._check_query(query, now)
        fields = read_fields(body)
        if self.seal is not None:
            fields = read_fields(self._opened(self.seal, query, fields.get("Encrypt", "")))
        elif "Encrypt" in fields and "MsgType" not in fields:
            raise RefusedError(Fault.NOT_OPENED)
        incoming = Incoming.read(fields)
        if query.openid not in ("", incoming.open_id):
            raise RefusedError(Fault.NOT_SIGNED)
        return incoming

    def _check_query(self, query: Query, now: datetime) -> None:
        if not is_signed(query.signature, self.token, query.timestamp, query.nonce):
            raise RefusedError(Fault.NOT_SIGNED)
        if not query.nonce or not _is_fresh(query.timestamp, now):
            raise RefusedError(Fault.STALE)

    def _opened(self, seal: Seal, query: Query, sealed: str) -> bytes:
        if not sealed:
            raise RefusedError(Fault.NOT_SEALED)
        parts = (query.timestamp, query.nonce, sealed)
        if not is_signed(query.msg_signature, self.token, *parts):
            raise RefusedError(Fault.NOT_SIGNED)
        return seal.open(sealed)


def _is_fresh(timestamp: str, now: datetime) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 11):
        return False
    return abs(now.timestamp() - int(timestamp)) <= FRESH.total_seconds()
