"""Pages within the frame of the desks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import Request
from fastapi.responses import HTMLResponse

from models.region import Region
from server.desk.permission import ROLE_WORDS
from server.desk.rail import entries
from server.desk.sitting import Sitting
from server.templates import page

#: The six levels, from the country (level 1) down to the village.
LEVELS = ("全国", "省", "市", "县", "乡镇（街道）", "村（社区）")


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a desk and what it does, for the table that ``?`` shows."""

    key: str
    does: str


_EVERYWHERE = (
    Key("?", "看这张表"),
    Key("/", "到筛选框"),
    Key("j k", "下一行、上一行"),
    Key("Enter", "打开这一行"),
)


def desk_page(
    request: Request,
    sitting: Sitting,
    template: str,
    /,
    *,
    active: str = "",
    region: str = "",
    place_address: str = "",
    keys: Sequence[Key] = (),
    code: int = 200,
    **values: object,
) -> HTMLResponse:
    """Return the page ``template``, which extends ``desk/frame.html``.

    ``active`` is the desk's name on the rail, ``region`` where the page is about (its breadcrumb;
    the viewer's own if empty), ``place_address`` the address of the page for a region but for the
    code at its end, if the breadcrumb shall lead there, ``keys`` what the desk's own keys do. The
    template has ``sitting`` and ``csrf`` besides ``values``.
    """
    paths: Sequence[str] = request.app.state.desk_paths
    return page(
        template,
        code=code,
        sitting=sitting,
        csrf=sitting.csrf,
        lasts=int((sitting.ends_at - datetime.now(UTC)).total_seconds()),
        role=ROLE_WORDS[sitting.viewer.role],
        rail=entries(sitting, paths),
        active=active,
        place=sitting.place(region),
        place_address=place_address,
        place_words=place_words,
        keys=(*_EVERYWHERE, *keys),
        **values,
    )


def place_words(region: Region) -> str:
    """Return how a region is called on a screen; one without a name by its level and code."""
    if region.level == 1:
        return region.name or LEVELS[0]
    return region.name or f"{LEVELS[region.level - 1]} {region.prefix}"
