"""The data dictionary: what each item of the answers means and where that comes from."""

from collections.abc import Mapping
from datetime import date

from server.export.official import is_internal
from server.export.order import Order
from server.export.table import Column, Kind, Row, Table
from survey_engine.item import Choice, Evidence, Item, ReferencePeriod, Sensitivity
from survey_engine.period import Period, period_of
from survey_engine.questionnaire import Procedure
from survey_engine.writing import to_text

_NAMES = (
    "item", "label", "section", "type", "codes", "asked_if", "legacy", "legacy_wave",
    "reference", "period", "period_from", "period_to", "sensitivity", "withheld", "evidence",
)  # fmt: skip
_PERIODS: Mapping[ReferencePeriod, str] = {
    ReferencePeriod.REFERENCE_DAY: "调查时点",
    ReferencePeriod.PAST_YEAR: "到调查时点为止的一年",
    ReferencePeriod.TWO_WEEKS: "前两周（第 14 天到前 1 天）",
    ReferencePeriod.NOW: "回答当天",
}
_SENSITIVITIES: Mapping[Sensitivity, str] = {
    Sensitivity.ORDINARY: "一般",
    Sensitivity.PERSONAL: "个人信息",
    Sensitivity.SENSITIVE: "敏感个人信息",
}


def dictionary_table(order: Order) -> Table:
    """Return one row an item of the answers."""
    truths = ("withheld",)
    columns = tuple(Column(n, Kind.TRUTH if n in truths else Kind.TEXT) for n in _NAMES)
    return Table("dictionary", columns, (_row(order, item) for item in order.questions))


def _row(order: Order, item: Item) -> Row:
    period = _period(order.campaign.reference_day, item.reference, order.form.procedure)
    wave = max(item.legacy, default="")
    section = order.form.section(item.section)
    return (
        item.name,
        item.label,
        section.label if section else item.section,
        item.type.value,
        "；".join(_code(choice) for choice in item.choices if not is_internal(item, choice.code)),
        to_text(item.relevant) if item.relevant else None,
        item.legacy.get(wave),
        wave or None,
        item.reference.value,
        _PERIODS[item.reference],
        period.first.isoformat() if period else None,
        period.last.isoformat() if period else None,
        f"{item.sensitivity.value} {_SENSITIVITIES[item.sensitivity]}",
        order.disclosure.withholds(item),
        "；".join(_evidence(part, one) for part, one in item.evidence.items()),
    )


def _code(choice: Choice) -> str:
    condition = f"（{to_text(choice.when)}）" if choice.when else ""
    return f"{choice.code}={choice.label}{condition}"


def _evidence(part: str, evidence: Evidence) -> str:
    return f"{part}: {evidence.source} ({evidence.certainty.value})"


def _period(day: date, reference: ReferencePeriod, procedure: Procedure) -> Period | None:
    """Return the dates, or None where they hang on the day of each interview."""
    anchor = procedure.two_weeks_before
    by_interview = reference is ReferencePeriod.TWO_WEEKS and anchor == "interview"
    if by_interview or reference is ReferencePeriod.NOW:
        return None
    return period_of(reference, day, day, anchor)
