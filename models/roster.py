"""The roster (底册): who is to be interviewed, imported whole or not at all."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, insert, literal, select, update

from models.audit_entry import AuditEntry, add_audit
from models.case import (
    certificate_text,
    household_index,
    name_index,
    person_key,
    telephone_index,
)
from models.database import Database
from models.failure import ConflictError, DuplicateError, NotFoundError, RosterRefusedError
from models.region import Region, ensure_regions
from models.sealing import Sealing
from models.tables import AssignmentRow, CampaignRow, PersonRow

_AT_ONCE, _PORTION = 500, 2_000
_TRIES = 3
T = TypeVar("T")
_Tables = type[PersonRow] | type[AssignmentRow]
_Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRow:
    """One person of a roster. ``last_year`` maps items to last year's values.

    ``household`` is the code that people of one household share in their county, if there is one.
    ``residence`` is ``rural``, ``urban`` or empty; ``reason`` says why nobody was met at home
    (未入户原因). ``row`` is the row of the file, for messages.
    """

    certificate: str
    name: str
    region: str
    telephone: str = ""
    residence: str = ""
    reason: str = ""
    guardian_name: str = ""
    guardian_telephone: str = ""
    relation: str = ""
    address: str = ""
    household: str = ""
    note: str = ""
    last_year: Mapping[str, str] = field(default_factory=dict)
    row: int = 0

    def particulars(self) -> dict[str, str]:
        """Return what is known of the person besides name, number and telephone."""
        known = {name: str(getattr(self, name)) for name in _PARTICULARS}
        return {name: value for name, value in known.items() if value}


_PARTICULARS = (
    "residence", "guardian_name", "guardian_telephone", "relation", "address", "household",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RosterResult:
    """How many persons and assignments an import added, and how many it brought up to date."""

    persons_added: int
    persons_updated: int
    assignments_added: int
    assignments_updated: int


@dataclass(frozen=True, slots=True)
class _Prepared:
    key: bytes
    person: Mapping[str, Any]
    assignment: Mapping[str, Any]


class Roster:
    """Imports rosters."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(
        self, campaign_id: str, rows: Iterable[RosterRow], *, by: str, at: datetime
    ) -> RosterResult:
        """Add or update these persons and their assignments, all in one transaction.

        A person is known by the first 18 places of the certificate number, so the same roster
        again changes nothing but times. ``rows`` may be read as they are stored; whatever they
        raise leaves everything as it was. Raises :class:`models.failure.RosterRefusedError` for a
        row that cannot be kept, :class:`models.failure.NotFoundError` for an unknown campaign and
        :class:`models.failure.ConflictError` where another import adds the same people.
        """
        for _ in range(_TRIES if isinstance(rows, Sequence) else 1):
            with suppress(DuplicateError):
                return self._try(campaign_id, rows, by, at)
        raise ConflictError("Another import holds the same people; wait for it and try again.")

    def place(self, campaign_id: str, region: str, *, by: str, at: datetime) -> str:
        """Assign a village as a whole, as the village form is about nobody; return the id."""
        wanted = select(AssignmentRow.id).where(
            AssignmentRow.campaign_id == campaign_id,
            AssignmentRow.region == region,
            AssignmentRow.person_id.is_(None),
        )
        entry = AuditEntry(at=at, actor=by, action="roster.place", object=f"{campaign_id}/{region}")
        with self._database.writing() as connection:
            known = connection.scalar(wanted)
            if known is not None:
                return known
            _require(connection, campaign_id)
            ensure_regions(connection, (region,))
            new_id = self._database.new_id()
            values = {"id": new_id, "region": region, **_unbegun(campaign_id, at)}
            connection.execute(insert(AssignmentRow).values(values))
            add_audit(connection, self._database.keys, entry)
        return new_id

    def _try(
        self, campaign_id: str, rows: Iterable[RosterRow], by: str, at: datetime
    ) -> RosterResult:
        """Store portion by portion, so that a province does not have to fit into memory."""
        seen: dict[bytes, int] = {}
        added = assigned = 0
        with self._database.writing() as connection:
            _require(connection, campaign_id)
            for some in _portions(rows, _PORTION):
                prepared = self._prepare(some, seen)
                ensure_regions(connection, {str(row.person["region"]) for row in prepared})
                persons, new = self._keep_persons(connection, prepared, at)
                added += new
                assigned += self._keep_assignments(connection, campaign_id, prepared, persons, at)
            add_audit(connection, self._database.keys, _entry(campaign_id, len(seen), by, at))
        return RosterResult(added, len(seen) - added, assigned, len(seen) - assigned)

    def _prepare(self, rows: Sequence[RosterRow], seen: dict[bytes, int]) -> list[_Prepared]:
        """Seal rows; ``seen`` holds the place of everybody so far and is added to."""
        seal = Sealing(self._database.keys)
        found = []
        for row in rows:
            place = row.row or len(seen) + 1
            _check(row, place)
            key = person_key(self._database.keys, row.certificate)
            if key in seen:
                raise RosterRefusedError(
                    f"Row {place} is the same person as row {seen[key]}; keep one of them.", place
                )
            seen[key] = place
            found.append(_sealed(self._database, seal, key, row))
        return found

    def _keep_persons(
        self, connection: Connection, rows: Sequence[_Prepared], at: datetime
    ) -> tuple[Mapping[bytes, str], int]:
        known: dict[bytes, str] = {}
        for some in _portions(rows, _AT_ONCE):
            wanted = select(PersonRow.key, PersonRow.id).where(
                PersonRow.key.in_([one.key for one in some])
            )
            known.update((row.key, row.id) for row in connection.execute(wanted))
        old = [{"known": known[row.key], **row.person} for row in rows if row.key in known]
        new = [row for row in rows if row.key not in known]
        fresh = {row.key: self._database.new_id() for row in new}
        added = [{"id": fresh[row.key], "key": row.key, **row.person} for row in new]
        _insert(connection, PersonRow, added, {"created_at": at, "updated_at": at})
        _update(connection, PersonRow, old, {"updated_at": at})
        return {**known, **fresh}, len(new)

    def _keep_assignments(
        self,
        connection: Connection,
        campaign_id: str,
        rows: Sequence[_Prepared],
        persons: Mapping[bytes, str],
        at: datetime,
    ) -> int:
        known: dict[str | None, str] = {}
        for some in _portions([persons[row.key] for row in rows], _AT_ONCE):
            wanted = select(AssignmentRow.person_id, AssignmentRow.id).where(
                AssignmentRow.campaign_id == campaign_id, AssignmentRow.person_id.in_(some)
            )
            known.update((row.person_id, row.id) for row in connection.execute(wanted))
        new, old = [], []
        for row in rows:
            person = persons[row.key]
            if person in known:
                old.append({"known": known[person], **row.assignment})
            else:
                new_id = self._database.new_id()
                new.append({"id": new_id, "person_id": person, **row.assignment})
        _insert(connection, AssignmentRow, new, _unbegun(campaign_id, at))
        _update(connection, AssignmentRow, old, {"updated_at": at})
        return len(new)


def _check(row: RosterRow, place: int) -> None:
    number = certificate_text(row.certificate)
    if len(number) < 18 or not number.isalnum():
        raise RosterRefusedError(
            f"Row {place} has no certificate number of 18 or 20 places; correct it.", place
        )
    try:
        Region(row.region)
    except ValueError:
        raise RosterRefusedError(
            f"Row {place} has no region code of 12 digits; correct it.", place
        ) from None


def _sealed(database: Database, seal: Sealing, key: bytes, row: RosterRow) -> _Prepared:
    phone = row.telephone
    return _Prepared(
        key,
        {
            "name": database.keys.encrypt(row.name.encode(), "person.name"),
            "name_index": name_index(database.keys, row.name),
            "certificate": seal.text("person.certificate", certificate_text(row.certificate)),
            "telephone": seal.text("person.telephone", phone),
            "telephone_index": telephone_index(database.keys, phone) if phone else None,
            "particulars": seal.json("person.particulars", row.particulars()),
            "household_index": household_index(database.keys, row.region, row.particulars()),
            "region": row.region,
        },
        {
            "region": row.region,
            "reason": seal.text("assignment.reason", row.reason),
            "note": seal.text("assignment.note", row.note),
            "last_year": seal.json("assignment.last_year", dict(row.last_year)),
        },
    )


def _require(connection: Connection, campaign_id: str) -> None:
    if connection.scalar(select(CampaignRow.id).where(CampaignRow.id == campaign_id)) is None:
        raise NotFoundError(f"There is no campaign {campaign_id}; create it first.")


def _unbegun(campaign_id: str, at: datetime) -> dict[str, Any]:
    return {
        "campaign_id": campaign_id,
        "status": "waiting",
        "outcome": "",
        "outcome_decided": False,
        "created_at": at,
        "updated_at": at,
    }


def _insert(
    connection: Connection, table: _Tables, rows: Sequence[_Values], alike: _Values
) -> None:
    """Insert rows; what is ``alike`` in all of them stands once in the statement."""
    if rows:
        adding = insert(Sealing.plain(table)).values({n: bindparam(n) for n in rows[0]})
        connection.execute(adding.values(_constants(table, alike)), rows)


def _update(
    connection: Connection, table: _Tables, rows: Sequence[_Values], alike: _Values
) -> None:
    if rows:
        columns = Sealing.plain(table)
        changing = update(columns).where(columns.c.id == bindparam("known"))
        fresh: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "known"}
        connection.execute(changing.values({**fresh, **_constants(table, alike)}), rows)


def _constants(table: _Tables, alike: _Values) -> dict[str, Any]:
    columns = Sealing.plain(table).c
    return {name: literal(value, columns[name].type) for name, value in alike.items()}


def _entry(campaign_id: str, rows: int, by: str, at: datetime) -> AuditEntry:
    return AuditEntry(
        at=at, actor=by, action="roster.import", object=campaign_id, detail={"rows": str(rows)}
    )


def _portions(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    waiting = iter(rows)
    while some := list(islice(waiting, size)):
        yield some
