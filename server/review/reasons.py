"""Tasks, channels, days and rulings in a caseworker's words."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from models.tables.review import NO_DAY
from survey_engine.questionnaire import Questionnaire

REASONS: Mapping[str, str] = {
    "unclear": "没听明白",
    "noise": "杂音太大",
    "denied": "念出来说不对，再问又是原来的答案",
    "no_input": "没有回答",
    "identity": "身份没有核对上",
    "dont_know": "本人说不清",
    "proxy_does_not_know": "代答人不清楚，要问经手的人",
    "unsure_option": "有一项没听明白",
    "refused": "不愿回答",
    "no_choices": "前面的答案没定，这一项还选不了",
    "meaning_changed": "前面改了答案，这一项的意思变了",
    "constraint": "不合填写要求",
    "empty": "没有可记的",
    "step_budget": "程序停住了，请人接着问",
    "person": "要转人工",
}
CHANNELS: Mapping[str, str] = {
    "voice": "电话",
    "chat": "网页聊天",
    "wechat": "微信",
    "window": "窗口",
    "desk": "话务员电话",
    "terminal": "终端",
}
#: How a decision is kept in the revision log where nobody writes a reason of their own.
WHY: Mapping[str, str] = {
    "confirm": "听原话，认可建议的值",
    "change": "听原话，选定这个值",
    "undetermined": "听原话，无法确定",
    "reopen": "原话不够，请再问一次",
    "visit": "原话不够，请上门核实",
    "accept": "核对后属实",
    "reject": "核对后不属实",
}
DONE: Mapping[str, str] = {
    "confirm": "认可",
    "change": "定为",
    "undetermined": "无法确定",
    "reopen": "再问一次",
    "visit": "上门核实",
    "accept": "属实",
    "reject": "不属实",
}


def reason_in_words(form: Questionnaire, reason: str) -> str:
    """Return why a task was made; a rule that failed in the form's own plain words."""
    kind, _, about = reason.partition(":")
    if kind in ("check", "lead"):
        rule = next((one for one in form.checks if one.id == about), None)
        head = "可能漏了一项服务" if kind == "lead" else f"核对规则 {about}"
        return f"{head}：{rule.caseworker}" if rule else head
    if kind == "outcome":
        outcome = form.outcome(about)
        if outcome is None:
            return f"结果 {about}"
        return outcome.label if outcome.label.startswith("疑") else f"疑似{outcome.label}"
    return REASONS.get(kind, kind)


def title_of(form: Questionnaire, name: str) -> str:
    """Return what a task is about: an item, the read-back of a section, or the whole interview."""
    item = form.item(name)
    if item is not None:
        return f"{item.name} {item.label}"
    section = form.section(name.partition(":")[2])
    return f"{section.label}的复述" if section else "整个访问"


def task_title(form: Questionnaire, item: str, reason: str) -> str:
    """Return what a task is called: its item, or what is suspected of the whole interview."""
    return title_of(form, item) if item else reason_in_words(form, reason)


def rejection_in_words(form: Questionnaire, reason: str) -> str:
    """Return what it means that a task without an item is not so; an outcome's end is undone."""
    kind, _, about = reason.partition(":")
    if kind != "outcome":
        return "不用处理"
    outcome = form.outcome(about)
    return "不属实，回电接着访问" if outcome and outcome.ends else "不属实"


def needed_in_words(form: Questionnaire, reason: str) -> str:
    """Return what an outcome has to be shown by, as the form says; empty for anything else."""
    kind, _, about = reason.partition(":")
    outcome = form.outcome(about) if kind == "outcome" else None
    return outcome.evidence_needed if outcome else ""


def due_in_words(due_on: date, today: date) -> str:
    """Return how long there is, or an empty text without a last day."""
    days = (due_on - today).days
    if due_on == NO_DAY:
        return ""
    if days < 0:
        return f"已过期 {-days} 天"
    return "今天到期" if days == 0 else f"还有 {days} 天"


def waited_in_words(since: datetime, now: datetime) -> str:
    """Return how long a task has waited."""
    waited = max(now - since, timedelta(0))
    if waited < timedelta(hours=1):
        return f"{int(waited.total_seconds() // 60)} 分钟前"
    if waited < timedelta(days=1):
        return f"{int(waited.total_seconds() // 3600)} 小时前"
    return f"{waited.days} 天前"
