"""What others of the same household answered to the same question."""

from dataclasses import dataclass

from models.case import Case
from models.walled import Walled
from server.desk.masking import masked_person

_MOST = 8


@dataclass(frozen=True, slots=True)
class Relative:
    """One other person of the household, or reached by the same telephone, and their value.

    ``tie`` says which of the two, in words.
    """

    assignment_id: str
    tie: str
    person: str
    value: str
    state: str


def household(records: Walled, case: Case, item: str) -> tuple[Relative, ...]:
    """Return the others of this person's household, and whoever else shares a telephone with it.

    A household is known by the code or the address that the roster has. A telephone, own or the
    guardian's, hints at one where the roster has neither.
    """
    found = {one.assignment_id: (one, "同户") for one in records.of_household(case)}
    for number in sorted(case.telephones):
        for one in records.by_telephone(case.campaign_id, number):
            found.setdefault(one.assignment_id, (one, "同一电话"))
    found.pop(case.assignment_id, None)
    return tuple(_relative(records, one, tie, item) for one, tie in list(found.values())[:_MOST])


def _relative(records: Walled, case: Case, tie: str, item: str) -> Relative:
    shown = records.shown(case.assignment_id)
    answer = shown.answers.get(item)
    return Relative(
        assignment_id=case.assignment_id,
        tie=tie,
        person=masked_person(case),
        value=(answer.value or "") if answer else "",
        state=answer.state if answer else "",
    )
