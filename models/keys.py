"""The one door to cryptography: SM4-GCM for secrecy, HMAC-SM3 for search and for chains."""

import base64
import fcntl
import json
import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from models.failure import KeyFileError, SealError

_FORMAT = 1
_NONCE, _TAG = 12, 16
#: Seconds after which a process notices at the latest that another one rotated or retired.
_GLANCE = 1.0
_WIDER = stat.S_IRWXG | stat.S_IRWXO


class KeyService(Protocol):
    """Keeps the keys; nothing else in the project sees one. A hardware module may stand behind.

    ``context`` is ``table.column``: what was sealed for one column opens in no other.
    """

    @property
    def active(self) -> str:
        """The id of the key that new data is sealed with."""
        ...

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The ids of all keys that can still open what they sealed, oldest first."""
        ...

    def encrypt(self, plain: bytes, context: str) -> bytes:
        """Seal ``plain``; the result names the key and differs each time."""
        ...

    def decrypt(self, sealed: bytes, context: str) -> bytes:
        """Open what :meth:`encrypt` sealed. Raises :class:`models.failure.SealError`."""
        ...

    def index(self, text: str) -> bytes:
        """Return the blind index of ``text``: equal texts have equal ones, and no way back."""
        ...

    def seal(self, data: bytes) -> bytes:
        """Return the 32 bytes that prove ``data``, as links of the hash chains do."""
        ...

    def rotate(self) -> str:
        """Make a new active key and return its id; older keys go on opening."""
        ...

    def retire(self, key_id: str) -> None:
        """Destroy a key that is not active; what it sealed can never be opened again.

        Other processes may seal with it for a second after a rotation, so wait a minute.
        """
        ...


def key_of(sealed: bytes) -> str:
    """Return the id of the key that sealed this. Raises :class:`models.failure.SealError`."""
    if len(sealed) < 2 or sealed[0] != _FORMAT:
        raise SealError("A stored value is no ciphertext of this program; restore it from a copy.")
    return sealed[2 : 2 + sealed[1]].decode("ascii", "replace")


@dataclass(frozen=True, slots=True, repr=False)
class _Ring:
    active: str
    ciphers: dict[str, bytes]
    index: bytes
    chain: bytes

    @classmethod
    def new(cls) -> "_Ring":
        return cls("k1", {"k1": _secret(16)}, _secret(32), _secret(32))

    def written(self) -> bytes:
        plain = {
            "format": _FORMAT,
            "active": self.active,
            "ciphers": {name: _text(key) for name, key in self.ciphers.items()},
            "index": _text(self.index),
            "chain": _text(self.chain),
        }
        return json.dumps(plain, indent=1).encode()

    @classmethod
    def read(cls, written: bytes) -> "_Ring":
        plain = json.loads(written)
        ciphers = {str(name): _bytes(key, 16) for name, key in plain["ciphers"].items()}
        if plain["format"] != _FORMAT or plain["active"] not in ciphers:
            raise ValueError("unknown format or no active key")
        return cls(plain["active"], ciphers, _bytes(plain["index"], 32), _bytes(plain["chain"], 32))


def _secret(length: int) -> bytes:
    return secrets.token_bytes(length)


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode("ascii")


def _bytes(text: str, length: int) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != length:
        raise ValueError(f"a key has {len(key)} bytes instead of {length}")
    return key


class KeyFile:
    """Keys in one file that only its owner may read; made at the first start.

    Whoever has the file can read all records, and without it nobody can: keep a copy apart from
    the copies of the database.
    """

    def __init__(self, path: Path, ring: _Ring) -> None:
        self._path = path
        self._ring = ring
        self._looked_at = time.monotonic()

    @classmethod
    def open(cls, path: Path) -> "KeyFile":
        """Open the key file at ``path``, or make one with mode 0600 if there is none.

        Raises :class:`models.failure.KeyFileError` if others may read it or it is damaged.
        """
        if not path.exists():
            _create(path, _Ring.new().written())
        return cls(path, _read(path))

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._path

    @property
    def active(self) -> str:
        """See :class:`KeyService`."""
        return self._current().active

    @property
    def key_ids(self) -> tuple[str, ...]:
        """See :class:`KeyService`."""
        return tuple(self._current().ciphers)

    def encrypt(self, plain: bytes, context: str) -> bytes:
        """See :class:`KeyService`."""
        ring = self._current()
        name = ring.active.encode("ascii")
        header = bytes((_FORMAT, len(name))) + name
        nonce = os.urandom(_NONCE)
        sealer = Cipher(algorithms.SM4(ring.ciphers[ring.active]), modes.GCM(nonce)).encryptor()
        sealer.authenticate_additional_data(header + context.encode())
        return b"".join((header, nonce, sealer.update(plain), sealer.finalize(), sealer.tag))

    def decrypt(self, sealed: bytes, context: str) -> bytes:
        """See :class:`KeyService`."""
        name = key_of(sealed)
        key = self._cipher(name, context)
        start = 2 + sealed[1]
        nonce, tag = sealed[start : start + _NONCE], sealed[-_TAG:]
        try:
            opener = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
            opener.authenticate_additional_data(sealed[:start] + context.encode())
            return opener.update(sealed[start + _NONCE : -_TAG]) + opener.finalize()
        except (InvalidTag, ValueError) as error:
            raise SealError(
                f"A value of {context} was changed or moved; restore it from a copy."
            ) from error

    def index(self, text: str) -> bytes:
        """See :class:`KeyService`."""
        return _mac(self._ring.index, text.encode())

    def seal(self, data: bytes) -> bytes:
        """See :class:`KeyService`."""
        return _mac(self._ring.chain, data)

    def rotate(self) -> str:
        """See :class:`KeyService`."""
        with _alone(self._path):
            ring = _read(self._path)
            number = 1 + max(int(name[1:]) for name in ring.ciphers)
            name = f"k{number}"
            ciphers = {**ring.ciphers, name: _secret(16)}
            self._keep(replace(ring, active=name, ciphers=ciphers))
            return name

    def retire(self, key_id: str) -> None:
        """See :class:`KeyService`."""
        with _alone(self._path):
            ring = _read(self._path)
            if key_id == ring.active or key_id not in ring.ciphers:
                raise KeyFileError(
                    f"{self._path}: key {key_id} is active or unknown; rotate first, then retire"
                    f" one of {', '.join(ring.ciphers)}."
                )
            left = {name: key for name, key in ring.ciphers.items() if name != key_id}
            self._keep(replace(ring, ciphers=left))

    def _current(self) -> _Ring:
        """Return the keys, looking at most once in `_GLANCE` whether another process rotated."""
        now = time.monotonic()
        if now - self._looked_at > _GLANCE:
            self._looked_at = now
            self._ring = _read(self._path)
        return self._ring

    def _cipher(self, name: str, context: str) -> bytes:
        if name not in self._ring.ciphers:
            self._ring = _read(self._path)  # another process may have rotated
        key = self._ring.ciphers.get(name)
        if key is None:
            raise SealError(
                f"A value of {context} was sealed with key {name}, which is not in"
                f" {self._path}; bring back the key file that has it."
            )
        return key

    def _keep(self, ring: _Ring) -> None:
        fresh = _draft(self._path, ring.written())
        os.replace(fresh, self._path)
        _settle(self._path.parent)
        self._ring = ring


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold other processes off while the key file changes, so that no key is lost."""
    handle = os.open(path.with_name(f"{path.name}.lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _mac(key: bytes, data: bytes) -> bytes:
    mac = hmac.HMAC(key, hashes.SM3())
    mac.update(data)
    return mac.finalize()


def _create(path: Path, content: bytes) -> None:
    """Make the file whole or not at all; of two that race, one wins and both read the same."""
    fresh = _draft(path, content)
    try:
        os.link(fresh, path)
    except FileExistsError:
        return
    except OSError as error:
        raise _unusable(path, error) from error
    finally:
        fresh.unlink(missing_ok=True)
    _settle(path.parent)


def _draft(path: Path, content: bytes) -> Path:
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise _unusable(path, error) from error
    return fresh


def _settle(folder: Path) -> None:
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise _unusable(folder, error) from error


def _read(path: Path) -> _Ring:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read()
    except OSError as error:
        raise _unusable(path, error) from error
    if mode & _WIDER:
        raise KeyFileError(
            f"{path}: others may read the key file (mode {stat.S_IMODE(mode):04o});"
            f" say `chmod 600 {path}`."
        )
    try:
        return _Ring.read(content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyFileError(f"{path}: the key file is damaged; restore it from its copy.") from error


def _unusable(path: Path, error: OSError) -> KeyFileError:
    reason = error.strerror or type(error).__name__
    return KeyFileError(f"{path}: the key file cannot be used ({reason}); check the folder.")
