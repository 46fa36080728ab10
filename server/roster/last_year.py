"""Last year's answers as a roster brings them, checked against the items of the form."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, timezone

from server.roster.fault import RowFault
from server.roster.rejection import CellError
from server.roster.words import MAX_TEXT, free_text, plain
from survey_engine.clock import Clock
from survey_engine.datatype import Kind, canonical
from survey_engine.form_model import form_model
from survey_engine.half_width import half_width
from survey_engine.item import Item, ItemType
from survey_engine.questionnaire import Questionnaire

_CHINA = timezone(timedelta(hours=8))
_SEPARATOR = re.compile(r"[\s,;、+]+")
_REMEMBERED = 10_000
_KINDS = {
    ItemType.INTEGER: (Kind.INTEGER, "整数"),
    ItemType.DECIMAL: (Kind.DECIMAL, "数"),
    ItemType.DATE: (Kind.DATE, "日期，如 2025-09-30"),
    ItemType.TIME: (Kind.TIME, "时间，如 09:30:00.000+08:00"),
    ItemType.DATETIME: (Kind.DATETIME, "日期和时间"),
    ItemType.ACKNOWLEDGE: (Kind.ACKNOWLEDGE, "OK"),
}


class LastYear:
    """Reads values of one form's items as the form keeps them."""

    def __init__(self, form: Questionnaire, reference_day: date) -> None:
        """Take dates in constraints to be seen from noon of ``reference_day``."""
        self._form = form
        self._model = form_model(form)
        self._clock = Clock(datetime.combine(reference_day, time(12), _CHINA))
        self._known: dict[tuple[str, str], str] = {}

    def seen(self, name: str, cell: str) -> str | None:
        """Return the value of a cell that was read before, or None."""
        return self._known.get((name, cell))

    def read(self, name: str, cell: str) -> str:
        """Return the value of the item ``name``, empty for a blank cell. Raises CellError."""
        item = self._form.item(name)
        value = self._checked(item, plain(cell)) if item is not None else ""
        if len(self._known) < _REMEMBERED:
            self._known[name, cell] = value
        return value

    def _checked(self, item: Item, text: str) -> str:
        value = _READERS.get(item.type, _value)(item, text) if text else ""
        if value and not self._fits(item, value):
            raise CellError(RowFault.LAST_YEAR_VALUE, kind=item.constraint_message or item.label)
        return value

    def _fits(self, item: Item, value: str) -> bool:
        """Whether the item's own constraint holds, all other answers being open."""
        place = self._model.places[item.name]
        constraint = self._model.cells[place].constraint
        if constraint is None:
            return True
        values = [""] * len(self._model.names)
        values[place] = value
        return constraint(values, self._clock)


def _single(item: Item, text: str) -> str:
    code = half_width(text).removesuffix(".0")
    if code not in item.codes:
        raise CellError(RowFault.LAST_YEAR_CODE, known=_listed(item))
    return code


def _multi(item: Item, text: str) -> str:
    chosen = set(_SEPARATOR.split(half_width(text).removesuffix(".0"))) - {""}
    alone = chosen & item.exclusive_codes()
    if not chosen <= item.codes or (alone and len(chosen) > 1):
        raise CellError(RowFault.LAST_YEAR_CODES, known=_listed(item))
    return " ".join(dict.fromkeys(one.code for one in item.choices if one.code in chosen))


def _value(item: Item, text: str) -> str:
    kind, shown = _KINDS.get(item.type, (Kind.STRING, f"不超过 {MAX_TEXT} 字的文字"))
    value = canonical(kind, free_text(text) if kind is Kind.STRING else half_width(text))
    if not value:
        raise CellError(RowFault.LAST_YEAR_VALUE, kind=shown)
    return value


def _listed(item: Item) -> str:
    return "、".join(dict.fromkeys(choice.code for choice in item.choices))


_READERS: Mapping[ItemType, Callable[[Item, str], str]] = {
    ItemType.SINGLE: _single,
    ItemType.MULTI: _multi,
}
