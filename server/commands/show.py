"""``tingwen show``: what is known of one person."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dialog.wording import value_in_words
from models.campaign import Campaigns
from models.case import Case
from models.showing import Showing, Shown
from server.commands.opened import opened_service
from server.export.official import joined
from server.service import Service
from server.shown import in_order, plain
from survey_engine.interview import Interview
from survey_engine.questionnaire import Questionnaire

_STATES: Mapping[str, str] = {
    "recorded": "已记录",
    "to_verify": "待核实",
    "verified": "已核实",
    "declined": "不愿回答",
    "unknown": "不知道",
    "skipped": "不适用",
}
_STATUSES: Mapping[str, str] = {
    "waiting": "未开始",
    "open": "访问中",
    "paused": "已暂停",
    "with_person": "转人工",
    "completed": "已完成",
    "ended": "已结束",
}
_NARROWEST = 120


def show(
    campaign: Annotated[str, typer.Option()],
    person: Annotated[str, typer.Option(metavar="KEY", help="The certificate number.")],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Show one person's answers, open review tasks and attempts."""
    with opened_service() as service:
        Campaigns(service.database).get(campaign)
        case = service.cases.by_certificate(campaign, person)
        form = service.shelf.find(case.form, case.version)
        shown = Showing(service.database).person(campaign, person)
        if as_json:
            typer.echo(json.dumps(plain(shown, form), ensure_ascii=False))
            return
        _Page(form, case, shown, _interview(service, shown)).print()


def _interview(service: Service, shown: Shown) -> Interview | None:
    return service.store.interview(shown.assignment_id) if shown.interview_id else None


@dataclass(frozen=True, slots=True)
class _Page:
    """One person as people read it."""

    form: Questionnaire
    case: Case
    shown: Shown
    interview: Interview | None

    def print(self) -> None:
        console = Console(highlight=False)
        if not console.is_terminal:
            console = Console(highlight=False, width=_NARROWEST)
        console.print(self._heading())
        for table in (self._answers(), self._tasks(), self._attempts()):
            if table.row_count:
                console.print(table)

    def _heading(self) -> Text:
        shown = self.shown
        outcome = self.form.outcome(shown.outcome)
        result = f"{shown.outcome} {outcome.label}" if outcome else shown.outcome or "无"
        suspected = "（待核定）" if shown.outcome and not shown.outcome_decided else ""
        return _text(
            f"{self.case.name}　证号 {_masked(self.case)}　{self.form.title} {self.form.version}\n"
            f"状态：{_STATUSES.get(shown.status, shown.status)}　结果：{result}{suspected}"
            f"　事件：{shown.events}"
        )

    def _answers(self) -> Table:
        table = _table("答案", "指标", "内容", "答案", "状态", "来源", "把握")
        for name, answer in in_order(self.shown, self.form):
            sure = "" if answer.confidence is None else f"{answer.confidence:.0%}"
            words, state = self._words(name, answer.value), _STATES.get(answer.state, answer.state)
            _add(table, name, self._label(name), words, state, answer.source, sure)
        return table

    def _tasks(self) -> Table:
        table = _table("待审核", "指标", "内容", "原因", "答案")
        for task in self.shown.review:
            words = self._words(task.item, task.value)
            _add(table, task.item, self._label(task.item), task.reason, words)
        return table

    def _attempts(self) -> Table:
        table = _table("联系记录", "次", "渠道", "开始", "结束", "结果")
        for one in self.shown.attempts:
            ended = f"{one.ended_at.astimezone():%Y-%m-%d %H:%M}" if one.ended_at else ""
            begun = f"{one.started_at.astimezone():%Y-%m-%d %H:%M}"
            _add(table, str(one.number), one.channel.value, begun, ended, one.outcome or "")
        return table

    def _label(self, name: str) -> str:
        item = self.form.item(name)
        return item.label if item else ""

    def _words(self, name: str, value: str | None) -> str:
        if not value or self.interview is None:
            return value or ""
        words = value_in_words(self.interview, name, value)
        item = self.form.item(name)
        coded = item is not None and item.type.has_choices
        return f"{joined(item, value)} {words}" if coded else words


def _masked(case: Case) -> str:
    return f"****{case.facts().get('last4', '')}"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _add(table: Table, *cells: str) -> None:
    table.add_row(*(_text(cell) for cell in cells))


def _text(words: str) -> Text:
    """Return text that is shown as it is: no markup, and nothing that steers the terminal."""
    return Text("".join("�" if _steers(sign) else sign for sign in words))


def _steers(sign: str) -> bool:
    return sign != "\n" and unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp")
