"""The person a task is about, masked: as much as helps to decide, never who it is."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.case import Case
from survey_engine.interview import Interview

#: The 19th place of a certificate number (GB/T 26341, 残疾人残疾分类和分级).
CATEGORIES: Mapping[str, str] = {
    "1": "视力残疾",
    "2": "听力残疾",
    "3": "言语残疾",
    "4": "肢体残疾",
    "5": "智力残疾",
    "6": "精神残疾",
    "7": "多重残疾",
}
_GRADES = {"1": "一级", "2": "二级", "3": "三级", "4": "四级", "9": "未评级"}
_SEXES = {"male": "男", "female": "女"}
_SPEAKERS = {"self": "本人", "proxy": "代答", "staff": "村社区人员"}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line about the person."""

    name: str
    words: str


def masked_name(case: Case) -> str:
    """Return who it is as far as a screen may show: surname, and the number's last four."""
    name = f"{case.name[:1]}＊＊" if case.name else "村（社区）"
    number = f"（证号尾号 {case.certificate[:20][-4:]}）" if case.certificate else ""
    return f"{name}{number}"


def masked_telephone(number: str) -> str:
    """Return a number of which only the first three and last two digits can be read."""
    return f"{number[:3]}****{number[-2:]}" if len(number) > 6 else "＊＊＊" if number else ""


def person_facts(case: Case, interview: Interview, village: str) -> tuple[Fact, ...]:
    """Return what is shown of the person beside the answer."""
    facts = case.facts()
    category = CATEGORIES.get(facts.get("category", ""), "")
    grade = _GRADES.get(facts.get("grade", ""), "")
    years = f"{facts['age']} 岁" if facts.get("age") else ""
    known = {
        "对象": masked_name(case),
        "性别年龄": " ".join(filter(None, (_SEXES.get(facts.get("sex", "")), years))),
        "残疾": f"{category}{grade}",
        "村（社区）": village,
        "电话": masked_telephone(case.telephone),
        "监护人": f"{case.particulars.get('guardian_name', '')[:1]}＊＊"
        if case.particulars.get("guardian_name")
        else "",
        "谁在回答": speaker_in_words(interview),
        "未入户原因": case.reason,
    }
    return tuple(Fact(name, words) for name, words in known.items() if words)


def speaker_in_words(interview: Interview) -> str:
    """Return who answers, and for a proxy (代) how related."""
    speaker = interview.speaker
    who = _SPEAKERS.get(speaker.kind.value, "未明")
    return f"{who}（{speaker.relation}）" if speaker.relation else who
