"""What may be said of people who are not to be told by name."""

import re

from server.export.official import joined
from survey_engine.answer import SpeakerKind
from survey_engine.item import Item, ItemType, Role
from survey_engine.questionnaire import Questionnaire

WITHHELD = "withheld"
_NAMING_ROLES = (Role.CERTIFICATE, Role.GUARDIAN, Role.TELEPHONE, Role.LAST4, Role.NAME)
_MACHINES = frozenset({*(kind.value for kind in SpeakerKind), "engine"})
_CODED = re.compile(r"[A-Za-z_-]+(:[A-Za-z0-9_.-]+)*")
#: A number, date or time; none is as long as the number of a telephone or a certificate.
_PLAIN = re.compile(
    r"-?[0-9]{1,6}(\.[0-9]{1,6})?|[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.+Z-]+)?|[0-9:.]+"
)


class Disclosure:
    """Decides what is written out. Without identity: no name, no number, no free text.

    Choices, numbers and dates are kept, as are the reasons that the program itself gives.
    """

    def __init__(self, form: Questionnaire, identified: bool) -> None:
        self._form = form
        self.identified = identified

    def withholds(self, item: Item) -> bool:
        """Whether the values of ``item`` are left out."""
        free = item.type is ItemType.TEXT or item.role in _NAMING_ROLES
        return free and not self.identified

    def value(self, target: str, value: str | None) -> str:
        """Return the value of the item ``target`` with its codes joined, blank if left out."""
        item = self._form.item(target)
        if value and not self.identified and not _is_harmless(item, value):
            return ""
        return joined(item, value)

    def reason(self, reason: str | None, actor: str | None) -> str:
        """Return why something was done; what a member of staff wrote may name somebody."""
        if not reason or self.identified:
            return reason or ""
        return reason if actor in _MACHINES and _CODED.fullmatch(reason) else WITHHELD

    def words(self, text: str) -> str:
        """Return a name, a number or free text, blank if it is left out."""
        return text if self.identified else ""


def _is_harmless(item: Item | None, value: str) -> bool:
    """Whether the value of ``item`` cannot name anybody, whatever somebody wrote there."""
    if item is None or item.type is ItemType.TEXT or item.role in _NAMING_ROLES:
        return False
    if item.type.has_choices:
        return item.codes.issuperset(value.split())
    return _PLAIN.fullmatch(value) is not None
