"""The official labels of answers."""

from collections import Counter
from collections.abc import Mapping

from dialog.wording import value_in_words
from models.conversation_store import TurnStore
from survey_engine.interview import Interview
from survey_engine.item import Item
from survey_engine.questionnaire import Questionnaire


class Labels:
    """Finds labels. Where two choices share a code, the person's own answers decide which is meant.

    Only for such an item the interview is read, the last one being remembered.
    """

    def __init__(self, form: Questionnaire, store: TurnStore) -> None:
        self._form = form
        self._store = store
        self._last: tuple[str, Interview] | None = None
        self._fixed = {item.name: _labels(item) for item in form.items if not _is_shared(item)}

    def of(self, assignment_id: str, item: Item, value: str) -> str:
        """Return the label of ``value``, several joined by ``+``, or what is no code as it is."""
        if not value or not item.type.has_choices:
            return value
        fixed = self._fixed.get(item.name)
        return "+".join(
            self._own(assignment_id, item, code) if fixed is None else fixed.get(code, code)
            for code in value.split()
        )

    def _own(self, assignment_id: str, item: Item, code: str) -> str:
        if self._last is None or self._last[0] != assignment_id:
            self._last = assignment_id, self._store.interview(assignment_id)
        return value_in_words(self._last[1], item.name, code)


def _labels(item: Item) -> Mapping[str, str]:
    return {choice.code: choice.label for choice in item.choices}


def _is_shared(item: Item) -> bool:
    counted = Counter(choice.code for choice in item.choices)
    return any(count > 1 for count in counted.values())
