"""What a supervisor wants of a result of calls, checked against the codes that are known."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from pydantic import BaseModel, Field

from models.disposition import COMPLETED, Disposition
from survey_engine.questionnaire import Outcome, Questionnaire
from survey_engine.worded import WordedError

#: Minutes of the units in which a pause is written.
UNITS: Mapping[str, int] = {"minutes": 1, "hours": 60, "days": 24 * 60}
LONGEST = 60 * 24 * 60
_MOST = 99


class ResultFault(Enum):
    """Why a result is not changed as it was sent."""

    NO_LABEL = "名称没有填，或者超过二十个字；请改短"
    NO_CODE = "没有“{code}”这个结果代码；请从调查表有的代码里选"
    NO_AAPOR = "没有“{aapor}”这个 AAPOR 代码；请从列出的里选"
    BAD_DELAY = "间隔要是零到六十天之间的整数；请重新填"
    BAD_MOST = "次数要是零到九十九的整数，零是不限；请重新填"
    MUST_END = "“{code}”按规定不能再打，或者要转审核，必须是最终结果；请勾上“以后不再打”"
    FIXED = "“答完了”这一行不能改"
    CHANGED = "这一行刚才有人改过，没有保存；下面是现在的内容，请再看一遍"
    NOT_YOURS = "结果表管着所有调查年度，只有区域盖得住全部年度的县级以上督导员能改"
    NO_UNDO = "这次改动之后又改过，不能直接撤回；请在这一行里改回去"


class ResultError(WordedError):
    """A result was not changed."""


class SentResult(BaseModel):
    """The form of one result; ``seen_…`` is what the page showed."""

    label: str = Field("", max_length=80)
    code: str = Field("", max_length=20)
    aapor: str = Field("", max_length=20)
    delay: str = Field("", max_length=8)
    unit: str = Field("minutes", pattern="^(minutes|hours|days)$")
    most: str = Field("", max_length=4)
    final: bool = False
    seen: int = Field(0, ge=0)

    def wanted(self, now: Disposition, codes: "Codes") -> Disposition:
        """Return the result as it is wanted. Raises :class:`ResultError`."""
        if now.code == COMPLETED:
            raise ResultError(ResultFault.FIXED)
        label = unicodedata.normalize("NFC", " ".join(self.label.split()))
        if not 0 < len(label) <= 20 or not label.isprintable():
            raise ResultError(ResultFault.NO_LABEL)
        delay = _whole(self.delay, ResultFault.BAD_DELAY) * UNITS[self.unit]
        most = _whole(self.most, ResultFault.BAD_MOST)
        if delay > LONGEST:
            raise ResultError(ResultFault.BAD_DELAY)
        if most > _MOST:
            raise ResultError(ResultFault.BAD_MOST)
        changed = replace(now, label=label, delay=delay, most=most, final=self.final)
        return codes.checked(replace(changed, code=self.code, aapor=self.aapor))


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes that may be chosen: those of the forms, and AAPOR codes that were ever in use."""

    outcomes: Mapping[str, Outcome]
    aapor: Sequence[str]

    @classmethod
    def of(cls, forms: Sequence[Questionnaire], used: Iterable[str]) -> "Codes":
        """Return the codes of ``forms``, with the AAPOR codes that were ``used`` besides."""
        outcomes = {one.code: one for form in forms for one in form.outcomes}
        aapor = {one.aapor for one in outcomes.values()} | set(used)
        return cls(dict(sorted(outcomes.items())), sorted(aapor))

    def checked(self, wanted: Disposition) -> Disposition:
        """Return it if its codes are known and agree with the rest. Raises :class:`ResultError`."""
        outcome = self.outcomes.get(wanted.code)
        if outcome is None:
            raise ResultError(ResultFault.NO_CODE, code=wanted.code)
        if wanted.aapor not in self.aapor:
            raise ResultError(ResultFault.NO_AAPOR, aapor=wanted.aapor)
        if (wanted.reports or outcome.calls == "stop") and not wanted.final:
            raise ResultError(ResultFault.MUST_END, code=wanted.code)
        return wanted


def _whole(text: str, fault: ResultFault) -> int:
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit()):
        raise ResultError(fault)
    return int(plain)


def delay_words(minutes: int) -> str:
    """Return a pause in its largest whole unit."""
    amount, unit = delay_parts(minutes)
    words = {"minutes": "分钟", "hours": "小时", "days": "天"}
    return f"{amount} {words[unit]}" if minutes else "—"


def delay_parts(minutes: int) -> tuple[int, str]:
    """Return a pause as a number of its largest whole unit, and the unit."""
    fitting = [unit for unit, many in UNITS.items() if minutes and minutes % many == 0]
    unit = fitting[-1] if fitting else "minutes"
    return minutes // UNITS[unit], unit
