"""What a caller sees of a person before and during a call: why now, what to know, what was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timezone

from models.attempt import Attempt
from models.call_hours import local, offset_of
from models.call_queue import Calling
from models.case import Case
from models.invitation import Invitation, Way
from models.missed_call import is_missed
from models.note import Note
from models.region import COUNTRY
from models.talking import Talking
from models.visit import Visit
from server.desk.masking import masked_telephone
from server.desk.words import CATEGORIES, CHANNELS, VISITED
from survey_engine.interview import Interview
from survey_engine.item import Item
from survey_engine.questionnaire import Questionnaire

_WHY: Mapping[str, str] = {
    "with_person": "对方在电话里要找工作人员",
    "call_back": "审核后要再问几项",
    "resume": "上次没问完，接着问",
    "retry": "上次没接通，该再打了",
    "new": "还没有打过",
}
_INVITED: Mapping[Way, str] = {
    Way.WECHAT: "链接发到微信",
    Way.SMS: "链接发了短信",
    Way.SHOWN: "出了链接",
}
_OWED = "对方打来，线路忙没接进来，请回电"
_HEARS_BADLY, _SPEAKS_BADLY = ("2",), ("3",)
_SLOW_RATE, _LONG_PAUSE = 0.95, 1.2


@dataclass(frozen=True, slots=True)
class Past:
    """One thing that happened before; without ``clock`` only its day is known."""

    when: datetime
    words: str
    clock: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The card of a case: masked until it is dialled."""

    why: str
    when: str
    know: Sequence[str]
    person: Sequence[tuple[str, str]]
    past: Sequence[Past]
    last_year: Sequence[tuple[str, str]]
    notes: Sequence[Note]


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a section: ``state`` is done, verify, open, now or skipped."""

    name: str
    label: str
    state: str
    value: str


def card_of(
    case: Case,
    calling: Calling,
    form: Questionnaire,
    attempts: Sequence[Attempt],
    invitations: Sequence[Invitation],
    visits: Sequence[Visit],
    notes: Sequence[Note],
    talking: Talking | None,
    now: datetime,
    hours: str,
) -> Card:
    """Return the card of a case."""
    owed = _is_owed(calling, attempts)
    return Card(
        why=_OWED if owed else _why(calling, now),
        when=_when(case, None if owed else calling.appointment_at, now, hours),
        know=_know(case, calling, talking),
        person=_person(case),
        past=_past(form, attempts, invitations, visits),
        last_year=[(_label(form, name), answer_words(form, name, value))
                   for name, value in case.last_year.items() if value],
        notes=notes,
    )  # fmt: skip


def _is_owed(calling: Calling, attempts: Sequence[Attempt]) -> bool:
    """Whether they are called back because they could not get through."""
    return any(one.started_at == calling.appointment_at for one in attempts if is_missed(one))


def _why(calling: Calling, now: datetime) -> str:
    if calling.appointment_at is not None and calling.appointment_is_due(now):
        return "到了约好的时间"
    return _WHY[calling.reason]


def _when(case: Case, booked: datetime | None, now: datetime, hours: str) -> str:
    here = local(case.region, now)
    zone = f"（当地钟点，东{int(offset_of(case.region).total_seconds() // 3600)}区）"
    allowed = f"可以打的时间 {hours.replace(',', '、')}" if hours else "任何时间都可以打"
    promised = f"，约在 {local(case.region, booked):%m-%d %H:%M}" if booked else ""
    return f"那边现在 {here:%H:%M}{zone}，{allowed}{promised}"


def _know(case: Case, calling: Calling, talking: Talking | None) -> Sequence[str]:
    category, age = case.facts().get("category", ""), case.facts().get("age", "")
    guardian = case.particulars.get("guardian_name", "")
    relation = case.particulars.get("relation", "")
    known = {
        "听力不好，请大声、短句，或请家里人转述": category in _HEARS_BADLY,
        "说话不方便，请给足时间，多用“对不对”来问": category in _SPEAKS_BADLY,
        "多重残疾，先问清怎么沟通方便": category == "7",
        "智力或精神残疾，由照料的人回答": category in ("5", "6"),
        f"{age} 岁，请念慢一点": age.isdigit() and int(age) >= 70,
        "听得慢，问完多等一等": bool(talking and talking.pause >= _LONG_PAUSE),
        "上次放慢了语速": bool(talking and talking.rate < _SLOW_RATE),
        f"可能是{relation or '监护人'} {guardian[:1]}＊＊ 接电话": bool(guardian),
        f"要会说{calling.language}": bool(calling.language),
        case.reason and f"未入户原因：{case.reason}": bool(case.reason),
        case.note and f"名册备注：{case.note}": bool(case.note),
    }
    return [words for words, holds in known.items() if holds]


def _person(case: Case) -> Sequence[tuple[str, str]]:
    facts = case.facts()
    sex = {"male": "男", "female": "女"}.get(facts.get("sex", ""), "")
    age = f"{facts['age']} 岁" if facts.get("age") else ""
    known = {
        "性别年龄": " ".join(filter(None, (sex, age))),
        "残疾类别": CATEGORIES.get(facts.get("category", ""), ""),
        "电话": masked_telephone(case.telephone),
    }
    return [(name, words) for name, words in known.items() if words]


def _past(
    form: Questionnaire,
    attempts: Sequence[Attempt],
    invitations: Sequence[Invitation],
    visits: Sequence[Visit],
) -> Sequence[Past]:
    found = [Past(one.started_at, _tried(form, one)) for one in attempts]
    found += map(_invited, invitations)
    found += map(_visited, visits)
    return sorted(found, key=lambda one: one.when, reverse=True)


def _visited(one: Visit) -> Past:
    """A visit is kept with its day only, which is a day of the official clock."""
    day = datetime.combine(one.visited_on, time(), timezone(offset_of(COUNTRY)))
    return Past(day, f"上门：{VISITED[one.kind]}", clock=False)


def _invited(one: Invitation) -> Past:
    failed = "，没有发出去" if one.state == "failed" else ""
    return Past(one.at, f"{_INVITED[one.way]}{failed}")


def _tried(form: Questionnaire, attempt: Attempt) -> str:
    channel = CHANNELS.get(attempt.channel.value, attempt.channel.value)
    channel += "（对方打来）" if attempt.incoming else ""
    if is_missed(attempt):
        return f"{channel}：没接进来"
    outcome = form.outcome(attempt.outcome or "")
    ended = {None: "还没结束", "completed": "答完了"}.get(attempt.outcome, attempt.outcome)
    codes = f"（{attempt.outcome}，AAPOR {attempt.aapor}）" if outcome else ""
    return f"{channel}：{outcome.label if outcome else ended}{codes}"


def _label(form: Questionnaire, name: str) -> str:
    item = form.item(name)
    return f"{name} {item.label}" if item else name


def answer_words(form: Questionnaire, name: str, value: str) -> str:
    """Return a value as the form labels it, where no interview says which label holds."""
    item = form.item(name)
    labels = {one.code: one.label for one in item.choices} if item else {}
    return "、".join(labels.get(code, code) for code in value.split())


def section_lines(interview: Interview) -> tuple[str, Sequence[Line]]:
    """Return the section that is asked about, and its items."""
    form = interview.questionnaire
    wait = interview.wait
    now = form.item(wait.item) if wait else None
    name = now.section if now else (wait.target.partition(":")[2] if wait else "")
    section = form.section(name) if name else None
    first = next((one for one in form.items if one.type.is_question), None)
    if section is None and first is not None:
        section = form.section(first.section)
    if section is None:
        return "", ()
    mine = [one for one in form.items if one.section == section.name and one.type.is_question]
    return section.label, [_line(interview, one, now) for one in mine]


def _line(interview: Interview, item: Item, now: Item | None) -> Line:
    answer = interview.answers.get(item.name)
    if not interview.instance.is_relevant(item.name):
        state = "skipped"
    elif now is not None and item.name == now.name:
        state = "now"
    elif answer is None:
        state = "open"
    else:
        state = "verify" if answer.state == "to_verify" else "done"
    words = answer_words(interview.questionnaire, item.name, answer.value) if answer else ""
    if interview.is_withheld(item):
        words = ""
    return Line(item.name, item.label, state, words)
