"""Codes of places: 12 digits that narrow down from province to village (统计用区划代码)."""

from dataclasses import dataclass
from enum import Enum, IntEnum

from survey_engine.half_width import half_width
from survey_engine.worded import WordedError

_LENGTH = 12


class Level(IntEnum):
    """How far down a code reaches; the value is the number of places that count."""

    PROVINCE = 2
    PREFECTURE = 4
    COUNTY = 6
    TOWNSHIP = 9
    VILLAGE = 12


class RegionFault(Enum):
    """What can be wrong with a code; the value says what, and what to do next."""

    EMPTY = "没有填区划代码；请填写 12 位的村（社区）代码"
    SPREADSHEET_NUMBER = (
        "代码被表格软件改写成了科学计数法，后几位已经丢失；请把这一列设为“文本”后重新填写"
    )
    LENGTH = "代码有 {length} 位，应为 12 位；请填写 12 位的村（社区）代码"
    NOT_A_DIGIT = "第 {place} 位是“{found}”，代码只能有数字；请改正"
    BEGINNING = "代码以 0 开头，没有这样的省份；请填写 12 位的村（社区）代码"
    NOT_A_VILLAGE = "代码只到{level}，没有到村（社区）；请把最后三位填成村（社区）的代码"


_NAMES = {
    Level.PROVINCE: "省",
    Level.PREFECTURE: "地市",
    Level.COUNTY: "县",
    Level.TOWNSHIP: "乡镇",
}


class RegionError(WordedError):
    """A code that is none; ``fault`` says which way, the message is one sentence."""


@dataclass(frozen=True, slots=True, order=True)
class RegionCode:
    """One place; its code always has 12 digits, filled up with zeros."""

    digits: str

    @classmethod
    def read(cls, text: str) -> "RegionCode":
        """Read a code of any level. Raises :class:`RegionError`."""
        plain = half_width(text).replace(" ", "").lstrip("'").removesuffix(".0")
        if not plain:
            raise RegionError(RegionFault.EMPTY)
        if "E" in plain.upper() and plain[0].isdigit():
            raise RegionError(RegionFault.SPREADSHEET_NUMBER)
        if len(plain) != _LENGTH:
            raise RegionError(RegionFault.LENGTH, length=len(plain))
        for place, found in enumerate(plain, start=1):
            if not "0" <= found <= "9":
                raise RegionError(RegionFault.NOT_A_DIGIT, place=place, found=found)
        if plain[0] == "0":
            raise RegionError(RegionFault.BEGINNING)
        return cls(plain)

    @classmethod
    def village(cls, text: str) -> "RegionCode":
        """Read a code that reaches village level. Raises :class:`RegionError`."""
        region = cls.read(text)
        if region.level is not Level.VILLAGE:
            raise RegionError(RegionFault.NOT_A_VILLAGE, level=_NAMES[region.level])
        return region

    @property
    def level(self) -> Level:
        """The level of the last part that is not all zeros."""
        kept = len(self.digits.rstrip("0"))
        return next(level for level in Level if kept <= level)

    @property
    def parent(self) -> "RegionCode | None":
        """The place around this one, or None for a province.

        A part of zeros is no level of its own: a village of a county without prefecture
        (469001…) has township, county and province above it.
        """
        for level in sorted((level for level in Level if level < self.level), reverse=True):
            code = RegionCode(self.digits[:level].ljust(_LENGTH, "0"))
            if code.level is level:
                return code
        return None

    def contains(self, other: "RegionCode") -> bool:
        """Whether ``other`` is this place or lies in it."""
        return other.digits.startswith(self.digits[: self.level])

    def __str__(self) -> str:
        return self.digits
