"""What a caseworker sees of one flagged answer, and what deciding it does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dialog.message import Offer
from dialog.wording import value_in_words, wording_for
from models.campaign import Campaigns
from models.case import Case, Cases
from models.conversation_store import TurnStore
from models.interview_store import Forms
from models.review import ReviewStore, Ruling, Task, TaskFilter
from models.walled import Walled
from survey_engine.interview import Interview
from survey_engine.item import Item
from survey_engine.questionnaire import Questionnaire

_PAGE = 100
_REASONS = {
    "unclear": "没听明白",
    "noise": "杂音太大",
    "no_input": "没有回答",
    "identity": "身份没有核对上",
    "dont_know": "本人说不清",
    "proxy_does_not_know": "代答人不清楚，要问经手的人",
    "unsure_option": "有一项没听明白",
    "refused": "不愿回答",
    "no_choices": "前面的答案没有，选不了",
    "meaning_changed": "前面改了答案，这一项的意思变了",
    "constraint": "不合填写要求",
    "empty": "没有可记的",
    "step_budget": "程序停住了，请人接着问",
}


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One line of the queue."""

    id: str
    title: str
    reason: str
    waiting_since: datetime


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """One reading of what was said."""

    value: str
    words: str
    share: str


@dataclass(frozen=True, slots=True)
class TaskView:
    """All that a caseworker needs to decide one task; the person is masked."""

    id: str
    title: str
    reason: str
    question: str
    words: str
    value: str
    value_words: str
    confidence: str
    candidates: tuple[CandidateLine, ...]
    last_year: str
    rule: str
    choices: tuple[Offer, ...]
    several: bool
    is_item: bool
    person: str
    speaker: str


@dataclass(frozen=True, slots=True)
class ReviewDesk:
    """Reads the queue and carries verdicts out."""

    reviews: ReviewStore
    store: TurnStore
    cases: Cases
    campaigns: Campaigns
    forms: Forms

    def queue(self, records: Walled, campaign: str = "") -> tuple[TaskLine, ...]:
        """Return the viewer's open tasks, oldest first, at most a hundred."""
        tasks = records.tasks(TaskFilter(campaign=campaign), limit=_PAGE)
        forms = {name: self._form(name) for name in {task.campaign_id for task in tasks}}
        return tuple(_line(forms[task.campaign_id], task) for task in tasks)

    def view(self, task_id: str) -> TaskView:
        """Return one task. Raises :class:`models.failure.NotFoundError`."""
        task = self.reviews.task(task_id)
        interview = self.store.interview(task.assignment_id)
        case = self.cases.get(task.assignment_id)
        return _view(task, interview, case)

    def decide(self, task_id: str, ruling: Ruling) -> None:
        """Claim a task and decide it. Raises a :class:`models.failure.RecordsError`."""
        self.reviews.claim(task_id, ruling.by, ruling.at)
        self.reviews.decide(task_id, ruling)

    def _form(self, campaign: str) -> Questionnaire:
        known = self.campaigns.get(campaign)
        return self.forms(known.form, known.version)


def _line(form: Questionnaire, task: Task) -> TaskLine:
    return TaskLine(task.id, _title(form, task), reason_in_words(form, task), task.created_at)


def reason_in_words(form: Questionnaire, task: Task) -> str:
    """Return why a task was made, in a caseworker's words."""
    kind, _, about = task.reason.partition(":")
    if kind in ("check", "lead"):
        rule = next((one for one in form.checks if one.id == about), None)
        head = "可能漏了一项服务" if kind == "lead" else f"核对规则 {about}"
        return f"{head}：{rule.caseworker}" if rule else head
    if kind == "outcome":
        outcome = form.outcome(about)
        return f"疑似{outcome.label}" if outcome else f"结果 {about}"
    if kind == "person":
        return "要转人工"
    return _REASONS.get(kind, kind)


def _title(form: Questionnaire, task: Task) -> str:
    item = form.item(task.item)
    if item is not None:
        return f"{item.name} {item.label}"
    section = form.section(task.item.partition(":")[2])
    return f"{section.label}的复述" if section else "整个访问"


def _view(task: Task, interview: Interview, case: Case) -> TaskView:
    item = interview.questionnaire.item(task.item)
    answer = interview.answers.get(task.item)
    words = task.words or (answer.heard.words if answer else "")
    last = interview.last_year.get(task.item, "")
    return TaskView(
        id=task.id,
        title=_title(interview.questionnaire, task),
        reason=reason_in_words(interview.questionnaire, task),
        question=_question(interview, item),
        words=words,
        value=task.value,
        value_words=_in_words(interview, task.item, task.value),
        confidence=_share(task.confidence),
        candidates=_candidates(interview, task),
        last_year=_in_words(interview, task.item, last),
        rule=task.reason.partition(":")[2] if task.reason.startswith("check") else "",
        choices=_choices(interview, item),
        several=item is not None and item.type == "multi",
        is_item=item is not None,
        person=masked(case),
        speaker=_speaker(interview),
    )


def masked(case: Case) -> str:
    """Return who it is as far as a screen may show: surname and last four characters."""
    name = f"{case.name[:1]}＊＊" if case.name else "村（社区）"
    number = f"（证号尾号 {case.certificate[:20][-4:]}）" if case.certificate else ""
    return f"{name}{number}"


def _question(interview: Interview, item: Item | None) -> str:
    if item is None:
        return ""
    wording = wording_for(interview, item)
    return (wording.ask or item.label).replace("{who}", "您").replace("{ta}", "他/她")


def _in_words(interview: Interview, item: str, value: str) -> str:
    known = interview.questionnaire.item(item)
    return value_in_words(interview, item, value) if known and value else value


def _candidates(interview: Interview, task: Task) -> tuple[CandidateLine, ...]:
    return tuple(
        CandidateLine(value, _in_words(interview, task.item, value), _share(confidence))
        for value, confidence in task.candidates
    )


def _choices(interview: Interview, item: Item | None) -> tuple[Offer, ...]:
    if item is None or not item.type.has_choices:
        return ()
    codes: Sequence[str] = tuple(dict.fromkeys(interview.instance.offers(item.name)))
    return tuple(Offer(code, value_in_words(interview, item.name, code)) for code in codes)


def _speaker(interview: Interview) -> str:
    relation = interview.speaker.relation
    who = {"self": "本人", "proxy": "代答", "staff": "村社区人员"}.get(
        interview.speaker.kind, "未明"
    )
    return f"{who}（{relation}）" if relation else who


def _share(confidence: float | None) -> str:
    return "" if confidence is None else f"{confidence:.0%}"
