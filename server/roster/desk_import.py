"""A roster imported from a desk: in a thread of its own, watched while it runs."""

import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.campaign import Campaign
from models.database import Database
from models.failure import RecordsError
from models.region import COUNTRY, Region
from models.roster_import import RosterImports
from models.viewer import Viewer
from models.walled import Walled
from server.failure import CommandFailedError
from server.form_shelf import FormShelf
from server.roster.campaign_target import CampaignTarget
from server.roster.intake import Progress, import_roster
from server.roster.reader import RosterTerms
from survey_engine.region_code import RegionCode

_BROKEN: Mapping[str, Any] = {
    "message": "导入中断，什么也没有收下；请再导入一次，还不行请找系统管理员。"
}


def narrower(region: str, other: str) -> str:
    """Return the smaller of two regions of which one lies in the other."""
    return max(region, other, key=lambda code: Region(code).level)


def terms_of(shelf: FormShelf, campaign: Campaign, region: str) -> RosterTerms:
    """Return what ``campaign`` demands of a roster for ``region``."""
    form = shelf.find(campaign.form, campaign.version)
    place = None if region == COUNTRY else RegionCode.read(region)
    return RosterTerms(form, campaign.reference_day, place)


@dataclass(slots=True)
class DeskImports:
    """The imports that run in this process, and how far each is (0 to 1)."""

    database: Database
    shelf: FormShelf
    _far: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def far(self, import_id: str) -> float | None:
        """Return how far a running import is, or None where another process runs it."""
        with self._lock:
            return self._far.get(import_id)

    def begin(self, records: Walled, campaign: Campaign, name: str, content: bytes) -> str:
        """Begin to import ``content``, called ``name``; return the import's id.

        Rows beyond the viewer's wall, and people who are known beyond it, are rejected.
        """
        imports, viewer = RosterImports(self.database, records), records.viewer
        region = narrower(campaign.region, viewer.region)
        import_id = imports.begin(campaign.id, region, name, datetime.now(UTC))
        self._note(import_id, 0.0)

        def run() -> None:
            state, report = "refused", _BROKEN
            try:
                state, report = self._import(import_id, campaign, region, name, content, viewer)
            finally:
                imports.end(import_id, state, report, datetime.now(UTC))
                with self._lock:
                    self._far.pop(import_id, None)

        threading.Thread(target=run, name=f"import-{import_id}", daemon=True).start()
        return import_id

    def _import(
        self,
        import_id: str,
        campaign: Campaign,
        region: str,
        name: str,
        content: bytes,
        viewer: Viewer,
    ) -> tuple[str, Mapping[str, Any]]:
        terms = terms_of(self.shelf, campaign, region)
        now = datetime.now(UTC)
        target = CampaignTarget(self.database, campaign.id, by=viewer.login, at=now, viewer=viewer)

        def tell(progress: Progress) -> None:
            self._note(import_id, progress.done / max(progress.total, 1))

        with tempfile.TemporaryDirectory(prefix="roster-") as folder:
            file = Path(folder) / f"roster{Path(name).suffix[:10].lower()}"
            file.write_bytes(content)
            try:
                return "done", import_roster(file, terms, target, tell).as_dict()
            except CommandFailedError as refused:
                return "refused", {"message": str(refused)}
            except (RecordsError, OSError):
                return "refused", _BROKEN

    def _note(self, import_id: str, far: float) -> None:
        with self._lock:
            self._far[import_id] = min(1.0, far)
