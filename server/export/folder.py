"""The folder of an export: private, of one export only, and whole or not there at all."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from server.failure import CommandFailedError

MANIFEST = "export.json"
_PRIVATE, _OWN = 0o700, 0o600


@dataclass(slots=True)
class Drafts:
    """Files under their temporary names in the folder of an export."""

    folder: Path
    files: dict[str, Path] = field(default_factory=dict)

    def add(self, name: str) -> Path:
        """Make an empty draft of the file ``name`` that only its owner may read."""
        draft = self.folder / f".{name}.part"
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWN))
        self.files[name] = draft
        return draft

    def publish(self) -> None:
        """Give every draft its name, the last one last, once all are on the disk."""
        for draft in self.files.values():
            _settle(draft)
        for name, draft in self.files.items():
            os.replace(draft, self.folder / name)
        _settle(self.folder)

    def discard(self) -> None:
        """Leave nothing behind, under whichever name it is."""
        for name, draft in self.files.items():
            draft.unlink(missing_ok=True)
            (self.folder / name).unlink(missing_ok=True)


@contextmanager
def export_folder(path: Path) -> Iterator[Drafts]:
    """Give a new or empty folder to write into; its files appear at the end, or none does.

    Raises :class:`CommandFailedError` if the folder holds anything or cannot be written.
    """
    drafts = Drafts(path)
    try:
        made = _claim(path)
        try:
            yield drafts
            drafts.publish()
        except BaseException:
            drafts.discard()
            if made:
                with suppress(OSError):
                    path.rmdir()
            raise
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        raise CommandFailedError(
            f"{path}: the export cannot be written there ({reason}); nothing was exported, so free"
            " the place or give another --out."
        ) from error


def _claim(path: Path) -> bool:
    """Make the folder private; return whether it is new."""
    made = not path.exists()
    path.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)
    found = sorted(entry.name for entry in path.iterdir())
    if found:
        raise CommandFailedError(
            f"{path} holds {_told(path, found)}; give a new or empty folder with --out."
        )
    path.chmod(_PRIVATE)
    return made


def _told(path: Path, found: list[str]) -> str:
    if all(name.startswith(".") and name.endswith(".part") for name in found):
        return "an export that is being written or was cut off"
    if MANIFEST not in found:
        return f"other files ({found[0]})"
    with suppress(OSError, ValueError, KeyError, TypeError):
        about = json.loads((path / MANIFEST).read_bytes())
        return f"the export of campaign {about['campaign']} of {about['exported_at']}"
    return "another export"


def _settle(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
