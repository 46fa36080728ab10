"""Telephone numbers of the mainland as rosters write them, brought to one row of digits."""

import re
from dataclasses import dataclass
from enum import Enum, StrEnum

from survey_engine.half_width import half_width
from survey_engine.worded import WordedError

_MOBILE = re.compile(r"0?(1[3-9][0-9]{9})")
_LANDLINE = re.compile(r"(0(?:10|2[0-9]|[3-9][0-9]{2}))([2-9][0-9]{6,7})")
_AREA_ONLY_COUNTRY = re.compile(r"(?:10|2[0-9]|[3-9][0-9]{2})[2-9][0-9]{6,7}")
_STRANGE = re.compile(r"[^0-9() .-]")
_EXTENSION = re.compile(r"转|分机|#|[*]|EXT|X[0-9]|(?<=[0-9]),(?=[0-9]{1,5}$)")
_SEVERAL = re.compile(r"[/、;,|\n]|和|或")
_GROUPED_EXTENSION = re.compile(r"[0-9]{7,}[ .-]+[0-9]{1,6}")
_AS_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?E\+?[0-9]+")
_LOCAL_LENGTHS = (7, 8)


class TelephoneKind(StrEnum):
    """What a number reaches."""

    MOBILE = "mobile"
    LANDLINE = "landline"


class TelephoneFault(Enum):
    """What can be wrong with a number; the value says what, and what to do next."""

    EMPTY = "没有填电话；请填写手机号，或带区号的座机号"
    SPREADSHEET_NUMBER = (
        "号码被表格软件改写成了科学计数法，后几位已经丢失；请把这一列设为“文本”后重新填写"
    )
    SEVERAL = "一格里有不止一个号码；请只留一个，其余写进备注"
    EXTENSION = "号码带分机，机器无法直接拨打；请换成手机号或直拨号码"
    CHARACTERS = "号码里有“{found}”；请只写数字，座机区号后可以加短横"
    FOREIGN = "国家代码不是 86，只能拨打大陆号码；请换一个大陆的手机号或座机号"
    NO_AREA_CODE = "座机没有区号；请在前面补上 0 开头的区号"
    MOBILE_LENGTH = "手机号有 {length} 位，应为 11 位；请核对后补全或删去多余的数字"
    NOT_A_NUMBER = "不是手机号（1 开头共 11 位），也不是带区号的座机号；请核对后改正"


class TelephoneError(WordedError):
    """A number that cannot be dialled; ``fault`` says why, the message is one sentence."""


@dataclass(frozen=True, slots=True, repr=False)
class Telephone:
    """One number: a mobile of 11 digits, or a landline with its area code (0…)."""

    digits: str
    kind: TelephoneKind

    @classmethod
    def read(cls, text: str) -> "Telephone":
        """Read a number as people write it: +86, 0086, spaces, dashes, brackets, full-width.

        Raises :class:`TelephoneError` for what is not one number that can be dialled directly.
        """
        plain = half_width(text).upper().lstrip("'").removesuffix(".0")
        if not plain:
            raise TelephoneError(TelephoneFault.EMPTY)
        national = _national(_written(plain))
        digits = re.sub(r"[^0-9]", "", national)
        if mobile := _MOBILE.fullmatch(digits):
            return cls(mobile[1], TelephoneKind.MOBILE)
        landline = _LANDLINE.fullmatch(digits)
        if landline and not _GROUPED_EXTENSION.search(_local(national, landline[1])):
            return cls(digits, TelephoneKind.LANDLINE)
        raise _unusable(national, digits)

    @property
    def last4(self) -> str:
        """The last four digits; all that may be shown or logged."""
        return self.digits[-4:]

    def __repr__(self) -> str:
        return f"Telephone({self.kind}, …{self.last4})"


def _written(plain: str) -> str:
    """Return ``plain`` if it is one number in permitted signs; a leading + stays."""
    if _AS_NUMBER.fullmatch(plain):
        raise TelephoneError(TelephoneFault.SPREADSHEET_NUMBER)
    if _EXTENSION.search(plain):
        raise TelephoneError(TelephoneFault.EXTENSION)
    if _SEVERAL.search(plain):
        raise TelephoneError(TelephoneFault.SEVERAL)
    strange = _STRANGE.search(plain.removeprefix("(").removeprefix("+"))
    if strange:
        raise TelephoneError(TelephoneFault.CHARACTERS, found=strange[0])
    return plain


def _national(plain: str) -> str:
    """Return the number without its country code, an area code with its leading 0."""
    marked = plain.startswith(("+", "00", "(+", "(00"))
    bare = plain.lstrip("(+").lstrip("0") if marked else plain
    if marked and not bare.startswith("86"):
        raise TelephoneError(TelephoneFault.FOREIGN)
    if not marked and not re.fullmatch(r"86[ .-]*1[3-9]([ .-]*[0-9]){9}", plain):
        return plain
    rest = bare.removeprefix("86").lstrip(") .-")
    digits = re.sub(r"[^0-9]", "", rest)
    area = _AREA_ONLY_COUNTRY.fullmatch(digits) and not _MOBILE.fullmatch(digits)
    return f"0{rest}" if area else rest


def _local(national: str, area: str) -> str:
    """Return what is written after the area code, with its separators."""
    seen = 0
    for place, sign in enumerate(national):
        seen += sign.isdigit()
        if seen == len(area):
            return national[place + 1 :].lstrip(") .-")
    return national


def _unusable(national: str, digits: str) -> TelephoneError:
    """Return the most helpful reason why the number cannot be used."""
    if len(digits) in _LOCAL_LENGTHS and digits[0] in "23456789":
        return TelephoneError(TelephoneFault.NO_AREA_CODE)
    if digits.startswith("0") and _GROUPED_EXTENSION.search(national):
        return TelephoneError(TelephoneFault.EXTENSION)
    if re.match(r"1[3-9]", digits) and "(" not in national:
        return TelephoneError(TelephoneFault.MOBILE_LENGTH, length=len(digits))
    return TelephoneError(TelephoneFault.NOT_A_NUMBER)
