"""The answers: one row a person, for each item its code, its label and its state."""

from collections.abc import Iterator

from models.export import AnswersOfOne, Export
from server.export.disclosure import Disclosure
from server.export.label import Labels
from server.export.official import published
from server.export.order import Order
from server.export.table import Cell, Column, Kind, Row, Table
from survey_engine.item import Item

_FIRST = (
    Column("assignment"),
    Column("region"),
    Column("status"),
    Column("outcome"),
    Column("outcome_decided", Kind.TRUTH),
    Column("usable", Kind.TRUTH),
)
_IDENTITY = (Column("name"), Column("certificate"))
_ITEM = ("", "_label", "_state")


def answer_table(order: Order, export: Export, labels: Labels) -> Table:
    """Return everybody of the campaign, also those who were never asked."""
    identity = _IDENTITY if order.identified else ()
    items = [Column(f"{item.name}{end}") for item in order.questions for end in _ITEM]
    people = export.answers(order.filter)
    return Table(
        "answers",
        (*_FIRST, *identity, *items),
        (_row(order, person, labels) for person in people),
    )


def _row(order: Order, person: AnswersOfOne, labels: Labels) -> Row:
    first: tuple[Cell, ...] = (
        person.assignment_id,
        person.region,
        person.status,
        person.outcome,
        person.outcome_decided,
        person.usable,
    )
    identity = (person.name, person.certificate) if order.identified else ()
    return (*first, *identity, *_items(order, person, labels))


def _items(order: Order, person: AnswersOfOne, labels: Labels) -> Iterator[str | None]:
    disclosure = order.disclosure
    for item in order.questions:
        yield from _item(item, person, labels, disclosure)


def _item(
    item: Item, person: AnswersOfOne, labels: Labels, disclosure: Disclosure
) -> tuple[str | None, str | None, str | None]:
    answer = person.answers.get(item.name)
    if answer is None:
        return None, None, None
    told = published(item, answer)
    value = disclosure.value(item.name, told.value)
    if not value:
        return None, None, told.state
    return value, labels.of(person.assignment_id, item, told.value), told.state
