"""The review desk: reads the queue and one answer, and carries out what a caseworker decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dialog.wording import Office
from models.clip import Clips
from models.conversation_store import TurnStore
from models.database import Database
from models.draw import Draw
from models.failure import NotFoundError, OwnEntryError, TaskClosedError, TaskTakenError
from models.gold import GoldTasks
from models.interview_store import Forms
from models.note import Note, Notes
from models.review import CLAIM, ReviewStore, Ruling, Task, TaskFilter
from models.review_queue import Place, QueueLine, ReviewQueue
from models.ruling import Given, Rulings
from models.walled import Walled
from server.reader import FormReader
from server.review.answer_view import AnswerView, gather, view_of
from server.review.filter import Facet, Names, Wanted, facets, nameable, read_words
from server.review.reasons import (
    DONE,
    due_in_words,
    reason_in_words,
    task_title,
    title_of,
    waited_in_words,
)
from survey_engine.questionnaire import Questionnaire

PAGE = 50
_WORKDAY = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the queue as it is shown."""

    id: str
    title: str
    reason: str
    village: str
    due: str
    waited: str
    pressing: bool
    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    """One page of the queue: lines, what it can be narrowed to, how many there are in all.

    ``further`` is the place behind which the next page begins, or empty on the last one.
    """

    wanted: Wanted
    lines: Sequence[Line]
    facets: Sequence[Facet]
    chosen: Sequence[Facet]
    count: int
    further: str


@dataclass(frozen=True, slots=True)
class Chances:
    """How often a second person looks, and how often a gold task is mixed in; both are shares."""

    second: Draw
    gold: Draw


@dataclass(frozen=True, slots=True)
class ReviewDesk:
    """Everything behind ``/desk/review``; what it finds, it finds behind the viewer's wall."""

    database: Database
    reviews: ReviewStore
    rulings: Rulings
    store: TurnStore
    forms: Forms
    reader: FormReader
    office: Office
    chances: Chances

    @classmethod
    def open(
        cls,
        database: Database,
        store: TurnStore,
        forms: Forms,
        reader: FormReader,
        office: Office,
        chances: Chances,
    ) -> "ReviewDesk":
        """Put the desk together."""
        rulings = Rulings(database, store, chances.second)
        reviews = ReviewStore(database, store)
        return cls(database, reviews, rulings, store, forms, reader, office, chances)

    def queue(self, records: Walled, wanted: Wanted, now: datetime, after: str = "") -> QueuePage:
        """Return one page of what this person may decide, what helps most first."""
        tasks = self._queue(records)
        narrowed = _for(records, wanted, now)
        shares = tasks.shares(wanted.task_filter(now))
        lines = tasks.lines(narrowed, after=Place.read(after), limit=PAGE + 1)
        names = self.names(records, [one.region for one in shares])
        forms = self._forms(records)
        return QueuePage(
            wanted=wanted,
            lines=[_line(forms, names, one, now, records.viewer.login) for one in lines[:PAGE]],
            facets=facets(shares, names),
            chosen=_chosen(wanted, names),
            count=sum(one.count for one in shares),
            further=lines[PAGE - 1].place.written() if len(lines) > PAGE else "",
        )

    def narrowed(
        self, records: Walled, wanted: Wanted, words: str, now: datetime
    ) -> tuple[Wanted, str]:
        """Return ``wanted`` narrowed by words, and those of them that were not understood."""
        shares = self._queue(records).shares(Wanted().task_filter(now))
        names = self.names(records, [one.region for one in shares])
        return read_words(words, wanted, (*facets(shares, names), *nameable(names)))

    def next(self, records: Walled, wanted: Wanted, now: datetime, after: str = "") -> str:
        """Claim the next task, or now and then a gold one, and return its id; empty at the end."""
        gold = self._gold(records, now)
        if gold:
            return gold
        place = self._place(records, after)
        task = self._queue(records).claim_next(wanted.task_filter(now), now, place)
        return task.id if task else ""

    def view(self, records: Walled, task_id: str, now: datetime) -> AnswerView:
        """Claim a task if it can be claimed, and return how it is shown.

        Raises :class:`models.failure.NotFoundError` for one beyond the wall.
        """
        task = records.task(task_id)
        login = records.viewer.login
        if self._is_gold(task, login):
            return self._shown(records, task, now, blind=True)
        if task.is_held_by(login, now + CLAIM / 2):
            return self._shown(records, task, now)
        try:
            task = self.reviews.claim(task_id, login, now)
        except (TaskTakenError, TaskClosedError, OwnEntryError) as error:
            return self._shown(records, task, now, notice=_why_not(task, error, login))
        return self._shown(records, task, now)

    def _shown(
        self, records: Walled, task: Task, now: datetime, *, blind: bool = False, notice: str = ""
    ) -> AnswerView:
        interview = self.store.interview(task.assignment_id)
        clips = Clips(self.database)
        material = gather(
            self.database,
            records,
            task,
            interview,
            self.office,
            notes=Notes(self.database).of(task.assignment_id),
            rulings=self.rulings.of_task(task.id),
            heard=clips.words(task.utterance) if task.utterance else None,
        )
        return view_of(
            material,
            self.reader.understanding(interview.questionnaire),
            now,
            blind=blind,
            can_decide=not notice,
            may_be_gold=bool(notice) and task.status == "decided" and task.round < 3,
            notice=notice,
        )

    def rule(self, records: Walled, task_id: str, key: str, ruling: Ruling) -> Given:
        """Give a ruling; on a gold task it only measures.

        Raises what :meth:`models.ruling.Rulings.give` raises, and
        :class:`models.failure.NotFoundError` for a task beyond the wall.
        """
        task = records.task(task_id)
        if self._is_gold(task, ruling.by):
            return self.rulings.try_gold(key, task_id, ruling)
        return self.rulings.give(key, task_id, ruling)

    def undo(self, records: Walled, key: str, now: datetime) -> Given:
        """Undo one's own ruling within its ten seconds."""
        given = self.rulings.withdraw(key, records.viewer.login, now)
        records.task(given.task_id)
        return given

    def task_of(self, records: Walled, key: str) -> str:
        """Return the task of a ruling. Raises :class:`models.failure.NotFoundError`."""
        given = self.rulings.get(key)
        return records.task(given.task_id if given else key).id

    def given_in_words(self, records: Walled, given: Given) -> str:
        """Return what was just decided of what, for the line that offers to undo it."""
        task = records.task(given.task_id)
        campaign = records.campaign(task.campaign_id)
        form = self.forms(campaign.form, campaign.version)
        item = form.item(task.item)
        labels = {choice.code: choice.label for choice in item.choices} if item else {}
        value = "、".join(labels.get(code, code) for code in given.value.split())
        return f"{task_title(form, task.item, task.reason)}：{DONE[given.decision]} {value}".strip()

    def note(self, records: Walled, task_id: str, note_id: str, words: str, now: datetime) -> None:
        """Keep a note about the person of a task."""
        task = records.task(task_id)
        Notes(self.database).add(
            Note(
                id=note_id,
                assignment_id=task.assignment_id,
                written_by=records.viewer.login,
                words=words,
                at=now,
            )
        )

    def line(self, records: Walled, task_id: str, now: datetime) -> Line:
        """Return one task as a line of the queue; a gold task looks like any other."""
        task = records.task(task_id)
        names = self.names(records, [task.region])
        return _line(self._forms(records), names, task, now, records.viewer.login)

    def settle(self, now: datetime) -> int:
        """Let every ruling whose ten seconds are over take effect; return how many did."""
        return sum(self.rulings.settle(key, now) for key in self.rulings.due(now))

    def names(self, records: Walled, villages: Sequence[str]) -> Names:
        """Return how items, campaigns and the villages given are called."""
        forms = self._forms(records)
        items = {
            item.name: title_of(form, item.name) for form in forms.values() for item in form.items
        }
        return Names(items, records.names(set(villages)), {name: name for name in forms})

    def _forms(self, records: Walled) -> Mapping[str, Questionnaire]:
        return {one.id: self.forms(one.form, one.version) for one in records.campaigns()}

    def _queue(self, records: Walled) -> ReviewQueue:
        return ReviewQueue(records, self.reviews)

    def _place(self, records: Walled, task_id: str) -> Place | None:
        if not task_id:
            return None
        try:
            return Place.of(records.task(task_id))
        except NotFoundError:
            return None

    def _is_gold(self, task: Task, login: str) -> bool:
        return task.status == "decided" and GoldTasks(self.database).is_open_to(task.id, login)

    def _gold(self, records: Walled, now: datetime) -> str:
        """Whether a gold task comes now is drawn by how many rulings this person gave today."""
        login = records.viewer.login
        given = self.rulings.count(login, now - _WORKDAY)
        if not given or not self.chances.gold.falls_on(f"gold:{login}:{now.date()}:{given}"):
            return ""
        task = GoldTasks(self.database).next_for(records)
        return task.id if task else ""


def _for(records: Walled, wanted: Wanted, now: datetime) -> TaskFilter:
    return replace(wanted.task_filter(now), reader=records.viewer.login, free_at=now)


def _why_not(task: Task, error: Exception, login: str) -> str:
    if isinstance(error, OwnEntryError):
        return "这是您自己录入或审过的，要由另一个人审。"
    if task.status == "superseded":
        return "对方后来已经重新答清楚，这一条不用审了。"
    if task.status != "open":
        return "这一条已经有结论了。"
    if task.pending:
        return "这一条刚刚给了结论，十秒后生效。"
    return "这一条正在由别人审核，请换一条。" if task.claimed_by != login else ""


def _chosen(wanted: Wanted, names: Names) -> Sequence[Facet]:
    pairs = ((name, getattr(wanted, name)) for name in Wanted.__dataclass_fields__)
    return [Facet(name, value, names.of(name, value), 0) for name, value in pairs if value]


def _line(
    forms: Mapping[str, Questionnaire],
    names: Names,
    line: QueueLine | Task,
    now: datetime,
    login: str,
) -> Line:
    form = forms[line.campaign_id]
    today = now.astimezone().date()
    others = line.claimed_by not in (None, login)
    return Line(
        id=line.id,
        title=task_title(form, line.item, line.reason),
        reason=reason_in_words(form, line.reason) if line.item else "整个访问",
        village=names.of("village", line.region),
        due=due_in_words(line.due_on, today),
        waited=waited_in_words(line.created_at, now),
        pressing=line.due_on <= today or line.urgency <= 1,
        held=others and line.claimed_until is not None and line.claimed_until > now,
    )
