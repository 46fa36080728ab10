"""The outcomes: how far everybody is, what came of it, and how often they were tried."""

from models.export import Export, ExportedOutcome
from server.export.order import Order
from server.export.table import Column, Kind, Row, Table
from survey_engine.questionnaire import Questionnaire

_COLUMNS = (
    Column("assignment"),
    Column("region"),
    Column("status"),
    Column("outcome"),
    Column("outcome_label"),
    Column("outcome_decided", Kind.TRUTH),
    Column("attempts", Kind.NUMBER),
    Column("last_attempt", Kind.MOMENT),
    Column("last_aapor"),
)


def outcome_table(order: Order, export: Export) -> Table:
    """Return one row a person."""
    people = export.outcomes(order.filter)
    return Table("outcomes", _COLUMNS, (_row(person, order.form) for person in people))


def _row(person: ExportedOutcome, form: Questionnaire) -> Row:
    outcome = form.outcome(person.outcome)
    return (
        person.assignment_id,
        person.region,
        person.status,
        person.outcome,
        outcome.label if outcome else None,
        person.outcome_decided,
        person.attempts,
        person.last_attempt,
        person.last_aapor,
    )
