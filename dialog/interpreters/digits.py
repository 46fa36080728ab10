"""Numbers that are read out sign by sign: the end of a certificate number, a telephone number."""

import re
from functools import cache

from dialog.clause import clauses_of
from dialog.interpretation import Candidate, Evidence, Interpretation
from dialog.lexicon.word_list import any_of
from dialog.normalisation import Text
from dialog.question import Question
from dialog.strength import Strength, strength
from survey_engine.item import Role
from survey_engine.wait import Accepts

_NAME = "digits"
_FILE = "digits.yaml"
_SIGNS = {
    **{str(n): str(n) for n in range(10)},
    **dict(zip("零一二三四五六七八九", "0123456789", strict=True)),
    "〇": "0",
    "洞": "0",
    "灵": "0",
    "幺": "1",
    "要": "1",
    "两": "2",
    "陆": "6",
    "拐": "7",
    **dict(zip("壹贰叁肆伍柒捌玖", "12345789", strict=True)),
    "勾": "9",
    "叉": "X",
    "x": "X",
    "×": "X",
}
_SIGN = "".join(_SIGNS)
_COUNT = dict(zip("一二两三四五六七八九", (1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_TOKEN = re.compile(
    rf"(?P<many>[一二两三四五六七八九2-9])个(?P<sign>[{_SIGN}])"
    r"|(?P<whole>[一二三四五六七八九]千零?(?:[一二三四五六七八九]百)?零?(?:[一二三四五六七八九]?十)?[一二三四五六七八九]?)"
    rf"|一个(?P<one>[{_SIGN}])"
    rf"|(?P<digit>[{_SIGN}])"
)
_JOIN = re.compile(
    r"(?:[\s，。、；：-]|然后|再加?|还有|后(?:面|头|边)|接着|跟着|是|到|区号|和|就)*"
)
_LETTER = re.compile(r"(?:一个)?(?:大写|小写|英文|字母|的)*(?:[埃艾爱]克斯|叉叉?|x)")
_CLAUSES = re.compile(r"[，。；]")
_FIX = re.compile(
    r"不对|(?:[说讲报念看打写输按记搞弄][错岔])了?[一两]?[位个]?|错了|不是(?=[，。\s])|更正|口误"
)
_PHONE = re.compile(r"1[3-9][0-9]{9}|0[0-9]{9,11}")
_LAST4 = re.compile(r"[0-9]X[1-7][1-4]|[0-9]{3}[0-9X]")
_SHAPES = {Role.CERTIFICATE: _LAST4, Role.LAST4: _LAST4, Role.TELEPHONE: _PHONE}
#: A whole certificate number: an identity number, category and grade.
_CERTIFICATE = re.compile(r"[0-9]{17}[0-9X][1-7][1-4]")
_ASKED = 4
_BY_THE_END = frozenset((Role.CERTIFICATE, Role.LAST4))
#: More characters than these beside the digits, and what is said around digits, are about more.
_MUCH = 9


class Digits:
    """Reads counted digits, 幺 and 拐, whole thousands, and what is corrected on the way."""

    name = _NAME

    def read(self, question: Question, text: Text) -> Interpretation:
        """Return the one number that has the length and form asked for, if there is one."""
        if question.accepts is not Accepts.DIGITS or question.item is None:
            return Interpretation()
        spoken = any_of(_FILE, "noise").sub("·", _LETTER.sub("x", text.digits))
        if any_of(_FILE, "doubt").search(spoken):
            return Interpretation(doubts=("digits",))
        role = question.item.role
        if role in _BY_THE_END and any_of(_FILE, "other_number").search(spoken):
            return Interpretation(doubts=("digits",))
        shape = _SHAPES.get(role) if role else None
        groups, mended = _heard(spoken)
        if role in _BY_THE_END:
            groups = [one[-_ASKED:] if _CERTIFICATE.fullmatch(one) else one for one in groups]
        return _reading(groups, question, shape, text, mended=mended or _says_more(spoken))


def is_read_out(question: Question, text: Text) -> bool:
    """Whether nothing but signs is read out where a number is asked for; that has no sense."""
    return question.accepts is Accepts.DIGITS and all(char in _SIGNS for char in text.plain)


def _says_more(spoken: str) -> bool:
    """Whether so much is said besides the digits that they may be about something else."""
    rest = any_of(_FILE, "about_digits").sub("", _TOKEN.sub("", spoken))
    return sum(char.isalpha() for char in rest) > _MUCH


def _reading(
    groups: list[str],
    question: Question,
    shape: re.Pattern[str] | None,
    text: Text,
    *,
    mended: bool,
) -> Interpretation:
    """Return the one number that fits; one that was put together or mended is only a guess."""
    fitting = [group for group in groups if _fits(group, question, shape)]
    if not fitting and len(groups) > 1 and _fits("".join(groups), question, shape):
        fitting = groups = ["".join(groups)]
        mended = True
    stray = [group for group in groups if group not in fitting and len(group) > 1]
    if fitting and stray and all(group in fitting[0] for group in stray):
        stray, mended = [], True
    if len(set(fitting)) != 1 or stray:
        return Interpretation(doubts=("digits",) if groups else ())
    start = max((one.start for one in clauses_of(text.plain) if _TOKEN.search(one.text)), default=0)
    evidence = Evidence(text.raw[:80], start, len(text.plain))
    sure = strength(Strength.READ_BACK if mended else Strength.DIGITS)
    return Interpretation((Candidate(fitting[0], sure, evidence, _NAME),))


def _fits(group: str, question: Question, shape: re.Pattern[str] | None) -> bool:
    if shape is not None:
        return shape.fullmatch(group) is not None
    low, high = (question.item.hints.digits if question.item else None) or (1, 20)
    return group.isdigit() and low <= len(group) <= high


def _heard(spoken: str) -> tuple[list[str], bool]:
    """Return the groups of digits after the last correction, and whether it mended a part."""
    parts, mended = _FIX.split(spoken), False
    groups = _groups(parts[0])
    for part in parts[1:]:
        later = _groups(part)
        whole = _mended(groups, later, part) if later else groups
        groups, mended = whole, whole != later
    return groups, mended


def _mended(groups: list[str], later: list[str], part: str) -> list[str]:
    """最后是零八 mends the end of what was said; a number of its own replaces it.

    What is said once more, with more before it, counts once: 末尾是六，三三八六.
    """
    said = [digits for clause in _CLAUSES.split(part) if (digits := "".join(_groups(clause)))]
    again = len(said) > 1 and said[-1].endswith("".join(said[:-1]))
    fresh = said[-1] if again else "".join(later)
    if groups and _ends(part) and len(fresh) < len("".join(groups)):
        whole = "".join(groups)
        return [whole[: -len(fresh)] + fresh]
    return later


@cache
def _ending() -> re.Pattern[str]:
    return re.compile(r"最后|末(?:尾|了|位)|尾(?:巴|号)|后面")


def _ends(part: str) -> bool:
    return _ending().search(part) is not None


def _groups(spoken: str) -> list[str]:
    groups: list[str] = []
    place, current = 0, ""
    while match := _TOKEN.search(spoken, place):
        gap = spoken[place : match.start()]
        sign = _sign(match, spoken)
        if current and not _JOIN.fullmatch(gap):
            groups.append(current)
            current = ""
        current += sign
        place = match.end()
    return [group for group in [*groups, current] if group]


def _sign(match: re.Match[str], spoken: str) -> str:
    if match["many"]:
        count = _COUNT.get(match["many"]) or int(match["many"])
        return _SIGNS[match["sign"]] * count
    if match["whole"]:
        return _thousands(match["whole"])
    said = match["one"] or match["digit"]
    following = spoken[match.end() : match.end() + 1]
    if said == "要" and following not in _SIGNS:
        return ""
    return _SIGNS[said]


def _thousands(text: str) -> str:
    total, digit = 0, 0
    units = {"千": 1000, "百": 100, "十": 10}
    for char in text:
        if char in units:
            total += (digit or 1) * units[char]
            digit = 0
        else:
            digit = _COUNT.get(char, 0)
    return f"{total + digit:04d}"
