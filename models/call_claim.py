"""The one statement by which a caller claims the next case."""

from functools import lru_cache

from sqlalchemy import Boolean, TextualSelect, bindparam, column, literal_column, text

from models.columns import Moment
from models.opt_out import opted_out
from models.tables import CallingRow

_TIMES = ("now", "soon", "until")
_IN_WALL = "region BETWEEN :low AND :high"
_FREE = "(claimed_until IS NULL OR claimed_until <= :now)"
_HELD = "claimed_by = :login AND claimed_until > :now"
_QUEUED = "due_at IS NOT NULL AND appointment_at IS NULL AND due_at <= :now"
_INSIDE = "region BETWEEN pick.low AND pick.high"
_PROMISED = (
    f"{_INSIDE} AND appointment_at IS NOT NULL AND appointment_at <= :soon"
    " AND appointment_for IN ('', :login)"
)
_URGENT = f"{_INSIDE} AND {_QUEUED} AND urgency <= 1"
_IN_COUNTY = f"county = pick.county AND urgency = pick.urgency AND {_QUEUED}"
#: The columns of :func:`models.call_places.places_json` and ``picks_json``.
_PLACES = {"campaign": "text", "hours": "text", "low": "text", "high": "text"}
_PICKS = {
    "campaign": "text", "hours": "text", "county": "text",
    "urgency": "smallint", "least": "smallint", "most": "smallint",
}  # fmt: skip
_OPEN = (
    "EXISTS (SELECT 1 FROM campaign"
    " WHERE id = pick.campaign AND status = 'open' AND call_hours = pick.hours)"
)
#: PostgreSQL need not wait for its disk: a claim that it loses with its power is only asked again.
_UNHURRIED = "set_config('synchronous_commit', 'off', true)"
_OPTED_OUT = f"{opted_out(literal_column('calling.assignment_id'))} AS opted_out"


@lru_cache(maxsize=64)
def claiming(
    fields: tuple[str, ...], band: str, languages: int, skills: int, *, sqlite: bool
) -> TextualSelect:
    """Return the guarded update for a part of the day and so many languages and skills.

    It touches one row: what the caller holds, or else the first that is found, and passes over
    rows that others are claiming right now. Each place is looked at only if those before it have
    nobody (COALESCE, and the LIMIT over a list that is read in its order). A campaign that was
    closed, or has other hours, since the places were read has nobody. It returns ``fields`` and
    whether the person opted out.
    """
    fitting = f"{_in('language', languages)} AND {_in('skill', skills)} AND {_FREE} AND {_IN_WALL}"
    tried = f"{_IN_COUNTY} AND {band} BETWEEN pick.least AND pick.most"
    found = ", ".join(
        (
            f"(SELECT assignment_id FROM calling WHERE {_HELD} AND {_IN_WALL})",  # noqa: S608
            _first("places", f"{_PROMISED} AND {fitting}", "appointment_at", sqlite=sqlite),
            _first("places", f"{_URGENT} AND {fitting}", "urgency, due_at", sqlite=sqlite),
            _first("picks", f"{tried} AND {fitting}", f"{band}, due_at", sqlite=sqlite),
        )
    )
    updating = text(
        "UPDATE calling SET claimed_by = :login,"  # noqa: S608
        f" claimed_until = CASE WHEN {_HELD} THEN claimed_until ELSE :until END"
        f" WHERE assignment_id = COALESCE({found}) AND (claimed_by = :login OR {_FREE})"
        f" RETURNING {', '.join(fields)}, {_OPTED_OUT}{'' if sqlite else f', {_UNHURRIED}'}"
    )
    columns = [getattr(CallingRow, name) for name in fields]
    times = (bindparam(one, type_=Moment()) for one in _TIMES)
    return updating.bindparams(*times).columns(*columns, column("opted_out", Boolean))


def _in(name: str, many: int) -> str:
    return f"{name} IN ({', '.join(f':{name}{n}' for n in range(many))})"


def _first(given: str, wanted: str, order: str, *, sqlite: bool) -> str:
    """Return what finds the first of the places or picks that has somebody."""
    picks, fence, lock = (_sqlite if sqlite else _postgresql)(given)
    return (  # all parts are this module's own words; what comes from outside is bound
        f"(SELECT found FROM (SELECT CASE WHEN {_OPEN} THEN (SELECT assignment_id FROM calling"  # noqa: S608
        f" WHERE campaign_id = pick.campaign AND {wanted} ORDER BY {order} LIMIT 1{lock}) END"
        f" AS found FROM ({picks}) AS pick{fence}) AS looked WHERE found IS NOT NULL LIMIT 1)"
    )


def _sqlite(given: str) -> tuple[str, str, str]:
    """Return how SQLite lists what was given, in its order; it has one writer and no locks."""
    columns = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in _columns(given))
    return f"SELECT {columns} FROM json_each(:{given})", " LIMIT -1 OFFSET 0", ""  # noqa: S608


def _postgresql(given: str) -> tuple[str, str, str]:
    """Return how PostgreSQL does; OFFSET 0 keeps it from looking at all of them first."""
    columns = ", ".join(f"{name} {kind}" for name, kind in _columns(given).items())
    listed = (
        f"SELECT * FROM jsonb_to_recordset(CAST(:{given} AS jsonb)) AS one (n int, {columns})"  # noqa: S608
        " ORDER BY n"
    )
    return listed, " OFFSET 0", " FOR UPDATE SKIP LOCKED"


def _columns(given: str) -> dict[str, str]:
    return _PLACES if given == "places" else _PICKS
