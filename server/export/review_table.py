"""The review log: what had to be looked at, and what was decided about it."""

from models.export import Export, ExportedReview
from server.export.disclosure import Disclosure
from server.export.order import Order
from server.export.table import Column, Kind, Row, Table

_COLUMNS = (
    Column("task"),
    Column("assignment"),
    Column("region"),
    Column("item"),
    Column("reason"),
    Column("value"),
    Column("status"),
    Column("created_at", Kind.MOMENT),
    Column("decided_by"),
    Column("decision"),
    Column("verdict"),
    Column("verdict_reason"),
    Column("decided_at", Kind.MOMENT),
)


def review_table(order: Order, export: Export) -> Table:
    """Return one row a task, by person and oldest first."""
    disclosure = order.disclosure
    tasks = export.reviews(order.filter)
    return Table("reviews", _COLUMNS, (_row(task, disclosure) for task in tasks))


def _row(task: ExportedReview, disclosure: Disclosure) -> Row:
    return (
        task.task_id,
        task.assignment_id,
        task.region,
        task.item,
        disclosure.reason(task.reason, "engine"),
        disclosure.value(task.item, task.value),
        task.status,
        task.created_at,
        task.given_by,
        task.decision,
        disclosure.value(task.item, task.verdict),
        disclosure.reason(task.why, task.given_by),
        task.decided_at,
    )
