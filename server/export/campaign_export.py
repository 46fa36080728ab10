"""One export from the records to the folder: all tables, the roster to be signed, a manifest."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from models.audit import AuditEntry, AuditLog
from models.case import find_cases
from models.export import Export
from server.export.answer_table import answer_table
from server.export.dictionary import dictionary_table
from server.export.folder import MANIFEST, Drafts, export_folder
from server.export.format import Format
from server.export.label import Labels
from server.export.manifest import Manifest, WrittenFile
from server.export.order import Order
from server.export.outcome_table import outcome_table
from server.export.review_table import review_table
from server.export.revision_table import revision_table
from server.export.roster_sheet import write_roster
from server.export.signed_roster import signed_roster
from server.export.table import Table
from server.service import Service

_ROSTER = "roster.xlsx"


def export_campaign(
    service: Service,
    order: Order,
    kind: Format,
    out: Path,
    *,
    by: str,
    at: datetime,
    leave: Callable[[], None] | None = None,
) -> Manifest:
    """Write the records of ``order`` to the folder ``out`` and return what was written.

    ``leave`` is called once the folder can be written, and refuses by raising. The audit entry is
    kept before the first record is read, also for an export that then fails. All files are of
    one moment, whatever is written meanwhile.
    Raises :class:`server.failure.CommandFailedError` if the folder cannot take it.
    """
    with export_folder(out) as drafts:
        if leave is not None:
            leave()
        AuditLog(service.database).add(_entry(order, kind, by, at))
        with service.database.reading() as connection:
            files = dict(_files(service, connection, order, kind, drafts))
        manifest = Manifest(order, kind, at, files)
        text = json.dumps(manifest.as_dict(), ensure_ascii=False, indent=1)
        drafts.add(MANIFEST).write_text(text, encoding="utf-8")
    return manifest


def _entry(order: Order, kind: Format, by: str, at: datetime) -> AuditEntry:
    return AuditEntry(
        at=at,
        actor=by,
        action="export.identified" if order.identified else "export.unidentified",
        object=order.campaign.id,
        detail={"format": kind.value, "region": order.region},
    )


def _files(
    service: Service, connection: Connection, order: Order, kind: Format, drafts: Drafts
) -> Iterator[tuple[str, WrittenFile]]:
    for table in _tables(service, connection, order):
        name = f"{table.name}.{kind.value}"
        draft = drafts.add(name)
        yield name, WrittenFile.of(draft, kind.write(draft, table))
    draft = drafts.add(_ROSTER)
    rows = write_roster(draft, _roster(connection, order), order.campaign)
    yield _ROSTER, WrittenFile.of(draft, rows)


def _tables(service: Service, connection: Connection, order: Order) -> Iterator[Table]:
    export = Export(connection)
    yield answer_table(order, export, Labels(order.form, service.store))
    yield revision_table(order, export)
    yield outcome_table(order, export)
    yield review_table(order, export)
    yield dictionary_table(order)


def _roster(connection: Connection, order: Order) -> Table:
    cases = find_cases(connection, *order.filter.conditions())
    return signed_roster(order, cases)
