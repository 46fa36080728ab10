"""Twilio's request signatures, checked against our own public address and nothing else.

The sender's ``Host`` and ``X-Forwarded-*`` headers are never looked at: whoever can reach us can
write them. Vectors for every rule stand in the tests.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit, urlunsplit

_PORTS = {"https": 443, "wss": 443, "http": 80, "ws": 80}
_SOCKETS = {"https": "wss", "http": "ws"}
_DIGESTS = {"": hashlib.sha1, "HMAC_SHA1": hashlib.sha1, "HMAC_SHA256": hashlib.sha256}
_BODY = "bodySHA256"
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Signed:
    """The headers of a request that prove it, each as often as it was sent.

    ``signatures`` are those of ``X-Twilio-Signature``, ``settings`` those of
    ``X-Twilio-Webhooks-Signature-Settings``.
    """

    signatures: tuple[str, ...]
    settings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignatureCheck:
    """Tells Twilio's requests from everybody else's.

    ``base`` is the address under which the carrier reaches us (``https://…``), ``token`` the
    account's auth token, ``shared_key`` the secret for the SHA-256 setting; an empty secret
    accepts nothing.
    """

    base: str
    token: str
    shared_key: str = ""

    def form(self, path: str, pairs: Pairs, signed: Signed) -> bool:
        """Whether a form POST to ``path`` (with its query as sent) with these fields is theirs."""
        fields = "".join(_field(name, pairs) for name in sorted({name for name, _ in pairs}))
        return self._matches(signed, [url + fields for url in self._urls(path)])

    def get(self, path: str, signed: Signed) -> bool:
        """Whether a GET is theirs."""
        return self._matches(signed, self._urls(path))

    def json(self, path: str, body: bytes, signed: Signed) -> bool:
        """Whether a POST of JSON is theirs: the address names the digest of the body."""
        named = parse_qs(urlsplit(path).query).get(_BODY, [])
        digest = hashlib.sha256(body).hexdigest()
        same = len(named) == 1 and _equal(named[0].lower(), digest)
        return self._matches(signed, self._urls(path)) and same

    def socket(self, path: str, signed: Signed) -> bool:
        """Whether the upgrade of a WebSocket is theirs; some senders sign a trailing slash."""
        other = path.rstrip("/") if path.endswith("/") else f"{path}/"
        urls = [*self._urls(path, socket=True), *self._urls(other, socket=True)]
        return self._matches(signed, urls)

    def _urls(self, path: str, *, socket: bool = False) -> list[str]:
        """The address with the default port and without, since senders differ."""
        base = urlsplit(self.base)
        scheme = _SOCKETS.get(base.scheme, base.scheme) if socket else base.scheme
        asked = urlsplit(path)
        own = base.path.rstrip("/")
        hosts = _hosts(base.netloc, _PORTS.get(scheme))
        return [urlunsplit((scheme, host, own + asked.path, asked.query, "")) for host in hosts]

    def _matches(self, signed: Signed, texts: Iterable[str]) -> bool:
        """Compare with every possible signature, in a time that tells nothing."""
        setting = _setting(signed.settings)
        digest = _DIGESTS.get(setting or "")
        secret = self.shared_key if setting == "HMAC_SHA256" else self.token
        given = signed.signatures[0] if len(signed.signatures) == 1 else ""
        found = False
        for text in texts:
            known = digest or hashlib.sha1
            made = hmac.new(
                (secret or "-").encode(), text.encode("utf-8", "replace"), known
            ).digest()
            found |= _equal(base64.b64encode(made).decode(), given)
        return found and bool(secret) and digest is not None and setting is not None


def _field(name: str, pairs: Pairs) -> str:
    """A field as it is signed: its distinct values, sorted."""
    values = sorted({value for key, value in pairs if key == name})
    return "".join(name + value for value in values)


def _hosts(netloc: str, default: int | None) -> tuple[str, ...]:
    suffix = f":{default}"
    if default and netloc.endswith(suffix):
        return netloc, netloc.removesuffix(suffix)
    has_port = netloc.rpartition("]")[2].rpartition("@")[2].count(":") == 1
    return (netloc,) if has_port or not default else (netloc, netloc + suffix)


def _setting(settings: tuple[str, ...]) -> str | None:
    """Return the algorithm that the settings header names, empty without one, None if unclear."""
    if not settings:
        return ""
    if len(settings) > 1:
        return None
    parts = [part.strip().partition("=") for part in settings[0].split(",")]
    algorithms = [value for name, _equals, value in parts if name == "algorithm"]
    known = len(algorithms) == 1 and bool(algorithms[0]) and algorithms[0] in _DIGESTS
    return algorithms[0] if known else None


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode("utf-8", "replace"))
