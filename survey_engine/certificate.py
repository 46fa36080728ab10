"""The number of a disability certificate: 20 places, or 18 of a child not yet graded.

An identity number (GB 11643) of 18 places, one place for the category of disability, one for its
grade; a reissued certificate adds B1, B2 … The number shows who somebody is, when they were born
and what disables them, so nothing here ever says more of it than its last four places.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum
from typing import TypeVar

from survey_engine.half_width import half_width
from survey_engine.worded import WordedError

T = TypeVar("T", bound=Enum)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
_IDENTITY, _WHOLE = 18, 20
_SUFFIX = re.compile(r"B[1-9][0-9]?")
_AS_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?E\+?[0-9]+|[0-9]+\.[0-9]*|[1-9][0-9]{14}0{3}(0{2})?")
_CENTURIES = ("18", "19", "20")
_DIGITS = frozenset("0123456789")


class Sex(StrEnum):
    """The sex that place 17 shows: odd male, even female."""

    MALE = "male"
    FEMALE = "female"


class Category(StrEnum):
    """Place 19: the category of disability."""

    SIGHT = "1"
    HEARING = "2"
    SPEECH = "3"
    LIMBS = "4"
    INTELLECT = "5"
    MIND = "6"
    MULTIPLE = "7"


class Grade(StrEnum):
    """Place 20: the grade, from 1 (most severe) to 4."""

    FIRST = "1"
    SECOND = "2"
    THIRD = "3"
    FOURTH = "4"


class CertificateFault(Enum):
    """What can be wrong with a number; the value says where, what, and what to do next."""

    EMPTY = "没有填证号；请照证件填写 20 位号码"
    SPREADSHEET_NUMBER = (
        "号码被表格软件当成数字改写，后几位已经丢失；请把这一列设为“文本”，照证件重新填写"
    )
    LENGTH = "号码有 {length} 位，应为 20 位（未评级儿童 18 位）；请照证件补全或删去多余的字"
    NOT_A_DIGIT = "第 {place} 位是“{found}”，不是数字；请照证件改正"
    NOT_A_CHECK_DIGIT = "第 18 位是“{found}”，不是数字也不是字母 X；请照证件改正"
    BEGINNING = "第 1 位是 0，身份证号不以 0 开头；请照证件改正"
    BIRTH = "第 7 至 14 位不是一个存在的出生日期；请照证件改正"
    CHECK_DIGIT = "第 18 位校验码不符，前 18 位中至少有一位写错；请照身份证逐位核对"
    CATEGORY = "第 19 位是“{found}”，残疾类别只有 1 至 7；请照证件改正"
    GRADE = "第 20 位是“{found}”，残疾等级只有 1 至 4；请照证件改正"
    SUFFIX = "号码后面的字母 B 没有跟着换证次数（如 B1、B2）或前面不足 20 位；请照证件改正"


class CertificateError(WordedError):
    """A number that is none; ``fault`` says which way, the message is one sentence."""


@dataclass(frozen=True, slots=True, repr=False)
class Certificate:
    """One certificate number; ``category`` and ``grade`` are None for an ungraded child.

    ``identity`` (the first 18 places) names the person: the rest changes with reassessment, and
    ``suffix`` with every reissue.
    """

    identity: str
    birth: date
    sex: Sex
    category: Category | None = None
    grade: Grade | None = None
    suffix: str = ""

    @classmethod
    def read(cls, text: str) -> "Certificate":
        """Read a number as people write it: full-width, spaced, with a small x, with a suffix.

        Raises :class:`CertificateError` at the first thing that is wrong, from length to grade.
        """
        body, suffix = _parts(text)
        _check_places(body)
        birth = _birth(body[6:14])
        if check_digit(body[:17]) != body[17]:
            raise CertificateError(CertificateFault.CHECK_DIGIT)
        sex = Sex.MALE if int(body[16]) % 2 else Sex.FEMALE
        if len(body) == _IDENTITY:
            return cls(body, birth, sex)
        category = _member(Category, body[18], CertificateFault.CATEGORY)
        grade = _member(Grade, body[19], CertificateFault.GRADE)
        return cls(body[:18], birth, sex, category, grade, suffix)

    @property
    def number(self) -> str:
        """The 20 places, or 18 of an ungraded child, without the suffix."""
        return f"{self.identity}{self.category or ''}{self.grade or ''}"

    @property
    def last4(self) -> str:
        """The last four places of the number; all that may be shown or logged."""
        return self.number[-4:]

    def __str__(self) -> str:
        return f"…{self.last4}"

    def __repr__(self) -> str:
        return f"Certificate(…{self.last4})"


def check_digit(seventeen: str) -> str:
    """Return the check digit (0–9 or X) of the first 17 places, by GB 11643."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, seventeen, strict=True))
    return _CHECK_DIGITS[total % 11]


def _parts(text: str) -> tuple[str, str]:
    plain = re.sub(r"[\s'-]+", "", half_width(text)).upper()
    if not plain:
        raise CertificateError(CertificateFault.EMPTY)
    if _AS_NUMBER.fullmatch(plain) and not _checks(plain):
        raise CertificateError(CertificateFault.SPREADSHEET_NUMBER)
    body, letter, rest = plain.partition("B")
    suffix = letter + rest
    if suffix and (len(body) != _WHOLE or not _SUFFIX.fullmatch(suffix)):
        raise CertificateError(CertificateFault.SUFFIX)
    if len(body) not in (_IDENTITY, _WHOLE):
        raise CertificateError(CertificateFault.LENGTH, length=len(plain))
    return body, suffix


def _checks(plain: str) -> bool:
    return plain.isdigit() and check_digit(plain[:17]) == plain[17] and len(plain) == _IDENTITY


def _check_places(body: str) -> None:
    for place, found in enumerate(body, start=1):
        if place == _IDENTITY:
            if found not in _DIGITS and found != "X":
                raise CertificateError(CertificateFault.NOT_A_CHECK_DIGIT, found=found)
        elif found not in _DIGITS:
            raise CertificateError(CertificateFault.NOT_A_DIGIT, place=place, found=found)
    if body[0] == "0":
        raise CertificateError(CertificateFault.BEGINNING)


def _birth(digits: str) -> date:
    try:
        if digits[:2] in _CENTURIES:
            return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        pass
    raise CertificateError(CertificateFault.BIRTH)


def _member(kind: type[T], found: str, fault: CertificateFault) -> T:
    try:
        return kind(found)
    except ValueError:
        raise CertificateError(fault, found=found) from None
