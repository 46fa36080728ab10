"""Small sound forms made from a few lines each, to be broken or played in tests."""

from typing import Any

from survey_engine.questionnaire import Questionnaire
from survey_engine.reading import read_questionnaire
from survey_engine.script import Line

Entry = dict[str, Any]

SCRIPT: Entry = {str(line): {"text": f"{line}。"} for line in Line}


def choice(code: str, **more: Any) -> Entry:
    """A choice that a telephone can also ask by itself."""
    return {"code": code, "label": f"选项{code}", **more}


def question(name: str, kind: str = "text", **more: Any) -> Entry:
    """A question; ``wording`` is merged into its one sentence."""
    wording = {"ask": f"请问{name}怎么样？", **more.pop("wording", {})}
    return {"name": name, "label": f"第{name}项", "type": kind, "wording": wording, **more}


def single(name: str, *choices: Entry | str, **more: Any) -> Entry:
    """A question with one answer out of several, 1 and 2 unless said otherwise."""
    return question(name, "single", choices=_listed(choices), **more)


def multi(name: str, *choices: Entry | str, **more: Any) -> Entry:
    """A question with several answers, each of which has its yes/no question."""
    listed = [{"ask": f"有没有{one['code']}？", **one} for one in _listed(choices)]
    return question(name, "multi", choices=listed, **more)


def _listed(choices: tuple[Entry | str, ...]) -> list[Entry]:
    return [choice(one) if isinstance(one, str) else one for one in choices or ("1", "2")]


def section(name: str, *items: Entry, **more: Any) -> Entry:
    """A section of the form, or within another section."""
    return {"name": name, "label": f"{name}部分", "items": list(items), **more}


def form(*items: Entry, **parts: Any) -> Entry:
    """A sound form: these items (or one question ``Q``) in one section, and these parts."""
    inside = section("S", *(items or (single("Q"),)))
    return {"form": "small", "version": "1", "title": "小表", "sections": [inside], **parts}


def check(number: str = "L1", **more: Any) -> Entry:
    """A check over the question ``Q``."""
    return {
        "id": number,
        "items": ["Q"],
        "fails_when": "${Q} = '1'",
        "severity": "Q",
        "respondent": "我再跟您核一下。",
        "caseworker": "请核对。",
        "source": "规则",
        "certainty": "official",
        **more,
    }


def rule_elsewhere(number: str) -> Entry:
    """A rule that one record alone cannot show."""
    return {"id": number, "scope": "village", "rule": "看全村", "severity": "Q", "source": "规则"}


def outcome(code: str = "N1", **more: Any) -> Entry:
    """An outcome that ends the interview."""
    return {
        "code": code,
        "label": "不在",
        "aapor": "2.2",
        "ends": "true",
        "say": "outcome_noted",
        "calls": "keep",
        "source": "规则",
        "certainty": "official",
        **more,
    }


def speaker(name: str = "A1") -> Entry:
    """The question of who is speaking."""
    effects = ("speaker:self", "speaker:proxy", "speaker:staff")
    kinds = [choice(str(code), effect=effect) for code, effect in enumerate(effects, start=1)]
    return single(name, *kinds, role="speaker")


def certificate(name: str = "A2") -> Entry:
    """The question of the last four characters of the certificate."""
    return question(name, role="certificate", sensitivity="H")


def overlay(**changes: Any) -> Entry:
    """An overlay of the small form that changes nothing but what is given."""
    return {"overlay": "county", "extends": "small", **changes}


def read(*items: Entry, **parts: Any) -> Questionnaire:
    """The form of these items and parts as a questionnaire."""
    return read_questionnaire(form(*items, **parts))
