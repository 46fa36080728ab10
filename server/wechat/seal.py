"""Messages in safe mode: AES-256-CBC around 16 random bytes, the length, the text, the AppID."""

import base64
import binascii
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from secrets import token_bytes

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from server.wechat.fault import Fault, RefusedError

_KEY = re.compile(r"[A-Za-z0-9+/]{43}")
_RANDOM, _LENGTH, _BLOCK = 16, 4, 32


@dataclass(frozen=True)
class Seal:
    """Opens and closes messages of one account.

    ``key`` is the account's EncodingAESKey. Raises :class:`RefusedError` if it is none.
    """

    key: str
    app_id: str
    random: Callable[[int], bytes] = token_bytes

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise RefusedError(Fault.BAD_SETTING)

    @cached_property
    def _cipher(self) -> Cipher[modes.CBC]:
        # The last of the 43 places has spare bits, which WeChat does not zero.
        secret = base64.b64decode(f"{self.key}=")
        return Cipher(algorithms.AES(secret), modes.CBC(secret[:16]))

    def close(self, text: str) -> str:
        """Return ``text`` sealed, in Base64."""
        content = text.encode()
        plain = self.random(_RANDOM) + len(content).to_bytes(_LENGTH) + content
        plain += self.app_id.encode()
        pad = _BLOCK - len(plain) % _BLOCK
        closer = self._cipher.encryptor()
        whole = closer.update(plain + bytes((pad,)) * pad) + closer.finalize()
        return base64.b64encode(whole).decode("ascii")

    def open(self, sealed: str) -> bytes:
        """Return what was sealed; raises :class:`RefusedError` for anything not exactly right.

        Padding, length and AppID are judged together, so that the refusal tells nothing of which.
        """
        plain = self._decrypted(sealed)
        pad = plain[-1]
        padded = 1 <= pad <= _BLOCK and plain.endswith(bytes((pad,)) * pad)
        body = plain[_RANDOM + _LENGTH : len(plain) - pad]
        length = int.from_bytes(plain[_RANDOM : _RANDOM + _LENGTH])
        ours = hmac.compare_digest(body[length:], self.app_id.encode())
        if not (padded and ours and length <= len(body)):
            raise RefusedError(Fault.NOT_OPENED)
        return body[:length]

    def _decrypted(self, sealed: str) -> bytes:
        try:
            whole = base64.b64decode(sealed, validate=True)
        except (binascii.Error, ValueError) as error:
            raise RefusedError(Fault.NOT_OPENED) from error
        if len(whole) < _BLOCK or len(whole) % _BLOCK:
            raise RefusedError(Fault.NOT_OPENED)
        opener = self._cipher.decryptor()
        return opener.update(whole) + opener.finalize()
