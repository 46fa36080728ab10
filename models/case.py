"""A case: one assignment with all that is known of it before the interview."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from models.database import Database
from models.failure import NotFoundError
from models.keys import KeyService
from models.tables import AssignmentRow, CampaignRow, PersonRow
from survey_engine.period import age_on

_NUMBER, _WHOLE, _COUNTY = 18, 20, 6
#: What tells one house or flat from the rest of its village or street; a block has many.
_HOUSE = re.compile(
    "[0-9一二三四五六七八九十百零〇](号(?![楼院栋幢区线村])|室|户)|(楼|栋|幢|单元)[0-9]{3,}$"
)


@dataclass(frozen=True, slots=True)
class Case:
    """Who is to be interviewed, in which campaign, and what the roster says of them.

    ``name`` and the numbers are empty for an assignment that is about a village.
    """

    assignment_id: str
    campaign_id: str
    form: str
    version: str
    reference_day: date
    region: str
    status: str
    name: str = ""
    certificate: str = ""
    telephone: str = ""
    particulars: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    note: str = ""
    last_year: Mapping[str, str] = field(default_factory=dict)

    @property
    def telephones(self) -> tuple[str, ...]:
        """The numbers by which the person is reached: their own, then their guardian's."""
        known = (self.telephone, self.particulars.get("guardian_telephone", ""))
        return tuple(dict.fromkeys(filter(None, known)))

    def facts(self) -> Mapping[str, str]:
        """Return the facts that an interview starts with; what is not known is left out."""
        known = {
            "reference_day": self.reference_day.isoformat(),
            "region": self.region,
            "name": self.name,
            "certificate": self.certificate,
            "telephone": next(iter(self.telephones), ""),
            "residence": self.particulars.get("residence", ""),
            "guardian": self.particulars.get("guardian_name", ""),
            **_of_number(self.certificate, self.reference_day),
        }
        return {name: value for name, value in known.items() if value}


def certificate_text(number: str) -> str:
    """Return a certificate number as it is compared: half-width, capital, without spaces."""
    return "".join(unicodedata.normalize("NFKC", number).upper().split())


def person_key(keys: KeyService, certificate: str) -> bytes:
    """Return what a person is known by: the blind index of the first 18 places."""
    return keys.index(f"certificate:{certificate_text(certificate)[:_NUMBER]}")


def name_index(keys: KeyService, name: str) -> bytes:
    """Return the blind index of a name, alike for all ways to write the same characters."""
    return keys.index(f"name:{''.join(unicodedata.normalize('NFKC', name).split())}")


def telephone_index(keys: KeyService, telephone: str) -> bytes:
    """Return the blind index of a telephone number: its digits, without +86."""
    digits = "".join(one for one in unicodedata.normalize("NFKC", telephone) if one.isdigit())
    return keys.index(f"telephone:{digits.removeprefix('86') if len(digits) > 11 else digits}")


def household_index(keys: KeyService, region: str, particulars: Mapping[str, str]) -> bytes | None:
    """Return the blind index of a household: of its code in the county, or else of its address.

    An address counts within its village, and only if it names a house; None if neither is known.
    """
    code = "".join(unicodedata.normalize("NFKC", particulars.get("household", "")).upper().split())
    if code:
        return keys.index(f"household:{region[:_COUNTY]}:{code}")
    address = unicodedata.normalize("NFKC", particulars.get("address", ""))
    apart = re.sub(r"(?<=[0-9])[\W_]+(?=[0-9])", "/", address.upper())
    plain = re.sub(r"[^\w/]|_|(?<![0-9])/|/(?![0-9])", "", apart)
    return keys.index(f"household:{region}:{plain}") if _HOUSE.search(plain) else None


def _of_number(certificate: str, day: date) -> dict[str, str]:
    """What the number itself says: birth, sex, category, grade (GB 11643 and two places more)."""
    if len(certificate) < _NUMBER:
        return {}
    facts = {"last4": certificate[:_WHOLE][-4:], "sex": _sex(certificate[16])}
    try:
        birth = date.fromisoformat(certificate[6:14])
    except ValueError:
        return facts
    facts |= {"birth": birth.isoformat(), "age": str(age_on(birth, day))}
    if len(certificate) >= _WHOLE:
        facts |= {"category": certificate[18], "grade": certificate[19]}
    return facts


def _sex(place: str) -> str:
    if not place.isdigit():
        return ""
    return "male" if int(place) % 2 else "female"


_COLUMNS = (
    AssignmentRow.id,
    AssignmentRow.campaign_id,
    AssignmentRow.region,
    AssignmentRow.status,
    AssignmentRow.reason,
    AssignmentRow.note,
    AssignmentRow.last_year,
    CampaignRow.form,
    CampaignRow.version,
    CampaignRow.reference_day,
    PersonRow.name,
    PersonRow.certificate,
    PersonRow.telephone,
    PersonRow.particulars,
)


def find_cases(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[Case, ...]:
    """Return the cases that meet all conditions, by id."""
    wanted = (
        select(*_COLUMNS)
        .select_from(AssignmentRow)
        .join(CampaignRow, CampaignRow.id == AssignmentRow.campaign_id)
        .outerjoin(PersonRow, PersonRow.id == AssignmentRow.person_id)
        .where(*conditions)
        .order_by(AssignmentRow.id)
    )
    return tuple(_case(row) for row in connection.execute(wanted))


def _case(row: Row[*tuple[Any, ...]]) -> Case:
    return Case(
        assignment_id=row.id,
        campaign_id=row.campaign_id,
        form=row.form,
        version=row.version,
        reference_day=row.reference_day,
        region=row.region,
        status=row.status,
        name=row.name or "",
        certificate=row.certificate or "",
        telephone=row.telephone or "",
        particulars=row.particulars or {},
        reason=row.reason or "",
        note=row.note or "",
        last_year=row.last_year or {},
    )


class Cases:
    """Finds cases by what people know of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, assignment_id: str) -> Case:
        """Return one case. Raises :class:`models.failure.NotFoundError`."""
        found = self._find(AssignmentRow.id == assignment_id)
        if not found:
            raise NotFoundError(f"There is no assignment {assignment_id}; look it up anew.")
        return found[0]

    def by_certificate(self, campaign_id: str, certificate: str) -> Case:
        """Return the case of a certificate number; the first 18 places decide.

        Raises :class:`models.failure.NotFoundError`, which does not repeat the number.
        """
        key = person_key(self._database.keys, certificate)
        found = self._find(AssignmentRow.campaign_id == campaign_id, PersonRow.key == key)
        if not found:
            raise NotFoundError(
                f"Campaign {campaign_id} has nobody with this certificate number; check it, or"
                " import the roster first."
            )
        return found[0]

    def by_telephone(self, campaign_id: str, telephone: str) -> tuple[Case, ...]:
        """Return the cases whose person has this telephone number."""
        index = telephone_index(self._database.keys, telephone)
        return self._find(
            AssignmentRow.campaign_id == campaign_id, PersonRow.telephone_index == index
        )

    def of_person(self, person_id: str) -> tuple[Case, ...]:
        """Return the cases of one person, in all campaigns."""
        return self._find(AssignmentRow.person_id == person_id)

    def by_name(self, campaign_id: str, name: str) -> tuple[Case, ...]:
        """Return the cases of everybody with exactly this name."""
        index = name_index(self._database.keys, name)
        return self._find(AssignmentRow.campaign_id == campaign_id, PersonRow.name_index == index)

    def _find(self, *conditions: ColumnElement[bool]) -> tuple[Case, ...]:
        with self._database.reading() as connection:
            return find_cases(connection, *conditions)
