"""The zip file that an .xlsx is, opened only after all that it says of itself was weighed."""

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from server.roster.fault import FileFault, RosterError
from server.roster.limits import (
    CHUNK,
    MAX_DIRECTORY,
    MAX_ENTRIES,
    MAX_EXPANDED,
    MAX_PART,
    MAX_RATIO,
    SMALL_ENTRY,
)

_END = struct.Struct("<4s4H2LH")
_END_MARK = b"PK\x05\x06"
_ENCRYPTED = 0x1
_MACROS = ("vbaproject", "macrosheets/", "dialogsheets/", "vbadata")
_EXTERNAL = (
    "externallinks/", "embeddings/", "activex/", "ctrlprops/", "querytables/", "xl/model/",
    "connections.xml", "webextensions/", "oleobject",
)  # fmt: skip


class Archive:
    """An .xlsx as named parts, none of which expands beyond what the limits allow."""

    def __init__(self, path: Path) -> None:
        """Open and weigh the file. Raises :class:`RosterError`; close it when done."""
        self._file: BinaryIO = path.open("rb")
        try:
            _weigh_directory(self._file)
            self._zip = ZipFile(self._file)
            self._entries = {entry.filename: entry for entry in self._zip.infolist()}
            _weigh_entries(self._zip.infolist())
        except (BadZipFile, ValueError, OSError, NotImplementedError) as error:
            self.close()
            raise RosterError(FileFault.DAMAGED) from error
        except RosterError:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all parts."""
        return tuple(self._entries)

    def size(self, name: str) -> int:
        """Return how many bytes the part ``name`` expands to."""
        return self._entry(name).file_size

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the part ``name`` in pieces."""
        entry = self._entry(name)
        try:
            with self._zip.open(entry) as stream:
                while chunk := stream.read(CHUNK):
                    yield chunk
        except (BadZipFile, EOFError, OSError, zlib.error, NotImplementedError) as error:
            raise RosterError(FileFault.DAMAGED) from error

    def part(self, name: str) -> Iterator[bytes]:
        """Yield a small part, such as a list of parts. Raises RosterError if it is not small."""
        if self.size(name) > MAX_PART:
            raise RosterError(FileFault.PACKED_TOO_TIGHT)
        return self.chunks(name)

    def _entry(self, name: str) -> ZipInfo:
        entry = self._entries.get(name)
        if entry is None:
            raise RosterError(FileFault.DAMAGED)
        return entry


def _weigh_directory(file: BinaryIO) -> None:
    """Look at the end record before anything reads the directory that it points to."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END.size))
    end = file.read(_END.size)
    if len(end) < _END.size or not end.startswith(_END_MARK):
        raise RosterError(FileFault.CUT)
    _, _, _, _, entries, directory, start, _ = _END.unpack(end)
    if entries > MAX_ENTRIES or directory > MAX_DIRECTORY:
        raise RosterError(FileFault.PACKED_TOO_TIGHT)
    if start + directory + _END.size != size:
        raise RosterError(FileFault.DAMAGED)


def _weigh_entries(entries: list[ZipInfo]) -> None:
    names = [entry.filename.lower() for entry in entries]
    if len(set(names)) < len(names) or any(map(_is_crooked, entries)):
        raise RosterError(FileFault.DAMAGED)
    if any(map(_is_bomb, entries)) or sum(entry.file_size for entry in entries) > MAX_EXPANDED:
        raise RosterError(FileFault.PACKED_TOO_TIGHT)
    for name in names:
        if any(part in name for part in _MACROS):
            raise RosterError(FileFault.MACROS)
        if any(part in name for part in _EXTERNAL):
            raise RosterError(FileFault.EXTERNAL, part=name[-40:])


def _is_crooked(entry: ZipInfo) -> bool:
    name = entry.filename
    strange = name.startswith("/") or "\\" in name or ".." in name.split("/") or ":" in name
    unusual = entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED)
    return strange or unusual or bool(entry.flag_bits & _ENCRYPTED)


def _is_bomb(entry: ZipInfo) -> bool:
    tight = entry.file_size > MAX_RATIO * max(entry.compress_size, 1)
    return entry.file_size > SMALL_ENTRY and tight
