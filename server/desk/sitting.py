"""Somebody at a desk, for the length of one request."""

from dataclasses import dataclass
from datetime import datetime

from models.region import Region
from models.viewer import Viewer
from models.walled import Walled
from server.desk.permission import Permission, may


@dataclass(frozen=True, slots=True)
class Sitting:
    """Who is at the desk and what they may see; a route gets one from its door.

    ``records`` finds people, interviews and tasks behind the viewer's wall and nowhere else;
    ``csrf`` is what every form and every script of the page has to send back; ``ends_at`` is when
    the sitting ends if nobody does anything from now on, ``lasts_until`` whatever is done.
    """

    viewer: Viewer
    records: Walled
    csrf: str
    cookie: str
    ends_at: datetime
    lasts_until: datetime

    @property
    def login(self) -> str:
        """The login, as records name who did something."""
        return self.viewer.login

    def may(self, permission: Permission) -> bool:
        """Whether this person may do that."""
        return may(self.viewer.role, permission)

    def place(self, region: str = "") -> tuple[Region, ...]:
        """Return the way from the viewer's region down to ``region`` (or their own)."""
        return self.records.path(region or self.viewer.region)
