"""The reactive model of a questionnaire: its facts, sections and items as binds."""

from collections.abc import Iterator, Mapping

from survey_engine.bind import Bind
from survey_engine.datatype import Kind
from survey_engine.item import Item, ItemType
from survey_engine.model import Model
from survey_engine.questionnaire import Fact, Questionnaire, Section

LAST_YEAR = "last-saved#"
#: Facts that the interview itself keeps up to date, whether the form lists them or not.
SUPPLIED_FACTS = ("speaker", "relation", "channel")
_KINDS: Mapping[ItemType, Kind] = {
    ItemType.SINGLE: Kind.SINGLE,
    ItemType.MULTI: Kind.MULTI,
    ItemType.INTEGER: Kind.INTEGER,
    ItemType.DECIMAL: Kind.DECIMAL,
    ItemType.DATE: Kind.DATE,
    ItemType.TIME: Kind.TIME,
    ItemType.DATETIME: Kind.DATETIME,
    ItemType.ACKNOWLEDGE: Kind.ACKNOWLEDGE,
}
_FACT_KINDS = {"integer": Kind.INTEGER, "date": Kind.DATE}


def form_model(form: Questionnaire) -> Model:
    """Return the model of ``form``, built once.

    Raises :class:`survey_engine.model.ModelError` for unknown names and circles.
    """
    return form.derived(_build)


def _build(form: Questionnaire) -> Model:
    return Model.build(_binds(form))


def _binds(form: Questionnaire) -> Iterator[Bind]:
    named = {fact.name for fact in form.facts} | {item.name for item in form.items}
    yield from (Bind(name, Kind.STRING) for name in SUPPLIED_FACTS if name not in named)
    yield from (_fact_bind(fact) for fact in form.facts)
    questions = [item for item in form.items if item.type.is_question]
    yield from (Bind(f"{LAST_YEAR}{item.name}", Kind.STRING) for item in questions)
    yield from (_section_bind(section) for section in form.sections)
    yield from (_item_bind(item) for item in form.items)


def _fact_bind(fact: Fact) -> Bind:
    return Bind(fact.name, _FACT_KINDS.get(fact.kind, Kind.STRING))


def _section_bind(section: Section) -> Bind:
    return Bind(section.name, Kind.GROUP, parent=section.parent, relevant=section.relevant)


def _item_bind(item: Item) -> Bind:
    return Bind(
        item.name,
        _KINDS.get(item.type, Kind.STRING),
        parent=item.section,
        relevant=item.relevant,
        constraint=item.constraint,
        required=item.required,
        readonly=item.readonly,
        calculation=item.calculation,
        default=item.default,
        choices=tuple((choice.code, choice.when) for choice in item.choices),
        labels=tuple(choice.label for choice in item.choices),
    )
