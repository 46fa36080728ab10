"""One accepted row of a roster: a person to be interviewed."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from survey_engine.certificate import Certificate, Grade
from survey_engine.period import age_on
from survey_engine.region_code import RegionCode
from survey_engine.telephone import Telephone

#: Between the parts of a name people write many dots; they are all one in the search key.
_DOTS = dict.fromkeys(map(ord, "·•・‧∙⋅．.｡･ "), "")
UNGRADED = "9"


@dataclass(frozen=True, slots=True)
class RosterRow:
    """A person as the roster has them; ``row`` is the line of the file.

    The name and every text stand as they were given. ``household`` is the code that people of one
    household share (一户多残编码). ``residence`` is ``rural``, ``urban`` or
    empty; ``last_year`` holds last year's value by item, in the form's own codes.
    """

    row: int
    name: str = field(repr=False)
    certificate: Certificate
    region: RegionCode
    telephone: Telephone | None = None
    residence: str = ""
    reason: str = field(default="", repr=False)
    guardian: str = field(default="", repr=False)
    guardian_telephone: Telephone | None = None
    relation: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    household: str = ""
    note: str = field(default="", repr=False)
    last_year: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def name_key(self) -> str:
        """The name for searching: one width, one kind of dot, no blanks, look-alikes folded."""
        return search_key(self.name)

    def facts(self, reference_day: date) -> Mapping[str, str]:
        """Return what an interview knows of the person before it begins."""
        holder = self.certificate
        return {
            "name": self.name,
            "certificate": holder.number,
            "last4": holder.last4,
            "birth": holder.birth.isoformat(),
            "age": str(age_on(holder.birth, reference_day)),
            "sex": holder.sex.value,
            "category": holder.category.value if holder.category else "",
            "grade": holder.grade.value if isinstance(holder.grade, Grade) else UNGRADED,
            "residence": self.residence,
            "region": self.region.digits,
            "guardian": self.guardian,
            "reference_day": reference_day.isoformat(),
        }


def search_key(name: str) -> str:
    """Return ``name`` as it is looked up; never to be shown in its place."""
    return unicodedata.normalize("NFKC", name.translate(_DOTS)).casefold().translate(_DOTS)
