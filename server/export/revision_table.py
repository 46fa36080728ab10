"""The revisions: every change of every answer, with who made it, why, from what and when."""

from models.export import Export, ExportedRevision
from server.export.disclosure import Disclosure
from server.export.order import Order
from server.export.table import Column, Kind, Row, Table

_COLUMNS = (
    Column("assignment"),
    Column("region"),
    Column("event", Kind.NUMBER),
    Column("item"),
    Column("state_before"),
    Column("value_before"),
    Column("state"),
    Column("value"),
    Column("confirmed", Kind.TRUTH),
    Column("source"),
    Column("actor"),
    Column("reason"),
    Column("at", Kind.MOMENT),
)


def revision_table(order: Order, export: Export) -> Table:
    """Return one row a change, by person and in its order."""
    disclosure = order.disclosure
    changes = export.revisions(order.filter)
    return Table("revisions", _COLUMNS, (_row(change, disclosure) for change in changes))


def _row(change: ExportedRevision, disclosure: Disclosure) -> Row:
    return (
        change.assignment_id,
        change.region,
        change.event_seq,
        change.item,
        change.state_before,
        disclosure.value(change.item, change.value_before),
        change.state,
        disclosure.value(change.item, change.value),
        change.confirmed,
        change.source,
        change.actor,
        disclosure.reason(change.reason, change.actor),
        change.at,
    )
