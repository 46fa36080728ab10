"""What an export holds, in ``export.json`` beside its files."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from server.export.format import Format
from server.export.order import Order


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """One file: how many rows it has besides its header, and its SHA-256."""

    rows: int
    sha256: str

    @classmethod
    def of(cls, file: Path, rows: int) -> "WrittenFile":
        """Return what is to be told of ``file``."""
        with file.open("rb") as content:
            return cls(rows, hashlib.file_digest(content, "sha256").hexdigest())


@dataclass(frozen=True, slots=True)
class Manifest:
    """An export: what was ordered, when it was made, and its files by name."""

    order: Order
    format: Format
    at: datetime
    files: Mapping[str, WrittenFile]

    def as_dict(self) -> dict[str, object]:
        """Return the manifest as it is written."""
        return {
            "campaign": self.order.campaign.id,
            "form": self.order.form.form,
            "version": self.order.form.version,
            "reference_day": self.order.campaign.reference_day.isoformat(),
            "exported_at": self.at.isoformat(timespec="seconds"),
            "format": self.format.value,
            "identified": self.order.identified,
            "files": {
                name: {"rows": one.rows, "sha256": one.sha256} for name, one in self.files.items()
            },
        }
