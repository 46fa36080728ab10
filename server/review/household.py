"""What others of the same household answered to the same question."""

from dataclasses import dataclass

from models.case import Case
from models.walled import Walled
from server.desk.masking import masked_person


@dataclass(frozen=True, slots=True)
class Relative:
    """One other person who is reached by the same telephone, and their value of the item."""

    assignment_id: str
    person: str
    value: str
    state: str


def household(records: Walled, case: Case, item: str) -> tuple[Relative, ...]:
    """Return the others whose telephone, own or guardian's, is this person's.

    Rosters hold no household code, and addresses are sealed without an index, so the telephone
    is what the records can find a household by.
    """
    found = {
        one.assignment_id: one
        for number in sorted(case.telephones)
        for one in records.by_telephone(case.campaign_id, number)
        if one.assignment_id != case.assignment_id
    }
    return tuple(_relative(records, one, item) for one in found.values())


def _relative(records: Walled, case: Case, item: str) -> Relative:
    shown = records.shown(case.assignment_id)
    answer = shown.answers.get(item)
    return Relative(
        assignment_id=case.assignment_id,
        person=masked_person(case),
        value=(answer.value or "") if answer else "",
        state=answer.state if answer else "",
    )
