"""The person a task is about, masked: as much as helps to decide, never who it is."""

from dataclasses import dataclass

from models.case import Case
from server.desk.masking import masked_name, masked_person, masked_telephone
from server.desk.words import CATEGORIES
from survey_engine.interview import Interview

_GRADES = {"1": "一级", "2": "二级", "3": "三级", "4": "四级", "9": "未评级"}
_SEXES = {"male": "男", "female": "女"}
_SPEAKERS = {"self": "本人", "proxy": "代答", "staff": "村社区人员"}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line about the person."""

    name: str
    words: str


def person_facts(case: Case, interview: Interview, village: str) -> tuple[Fact, ...]:
    """Return what is shown of the person beside the answer."""
    facts, guardian = case.facts(), case.particulars.get("guardian_name", "")
    category = CATEGORIES.get(facts.get("category", ""), "")
    grade = _GRADES.get(facts.get("grade", ""), "")
    years = f"{facts['age']} 岁" if facts.get("age") else ""
    known = {
        "对象": masked_person(case),
        "性别年龄": " ".join(filter(None, (_SEXES.get(facts.get("sex", "")), years))),
        "残疾": f"{category}{grade}",
        "村（社区）": village,
        "电话": masked_telephone(case.telephone),
        "监护人": masked_name(guardian) if guardian else "",
        "谁在回答": speaker_in_words(interview),
        "未入户原因": case.reason,
    }
    return tuple(Fact(name, words) for name, words in known.items() if words)


def speaker_in_words(interview: Interview) -> str:
    """Return who answers, and for a proxy (代) how related."""
    speaker = interview.speaker
    who = _SPEAKERS.get(speaker.kind.value, "未明")
    return f"{who}（{speaker.relation}）" if speaker.relation else who
