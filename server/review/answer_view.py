"""One flagged answer as a caseworker sees it, put together from the records."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from dialog.message import Offer
from dialog.wording import Office, value_in_words, wording_for, wording_of
from models.answer_store import read_revisions
from models.attempt import Attempt, find_attempts
from models.case import Case
from models.clip import HeardWord
from models.database import Database
from models.event_store import read_asked
from models.follow_up import FollowUp, FollowUps
from models.note import Note
from models.projection import Revision
from models.ruling import Given
from models.tables import AttemptRow
from models.task import Task
from models.walled import Walled
from server.review.candidates import Row, rows_of
from server.review.history import Entry, history
from server.review.household import Relative, household
from server.review.person import Fact, person_facts
from server.review.reasons import (
    CHANNELS,
    DONE,
    due_in_words,
    needed_in_words,
    reason_in_words,
    rejection_in_words,
    task_title,
    title_of,
    waited_in_words,
)
from survey_engine.answer import Speaker
from survey_engine.channel import Channel
from survey_engine.interview import Interview
from survey_engine.item import Item, ItemType
from survey_engine.questionnaire import Check, Questionnaire

if TYPE_CHECKING:
    from dialog.understanding import Understanding

_TYPED = {
    ItemType.INTEGER: "number",
    ItemType.DECIMAL: "number",
    ItemType.DATE: "date",
    ItemType.TIME: "time",
}
_ATTEMPTS = 6
_SPOKEN = (Channel.VOICE.value, Channel.DESK.value, Channel.WINDOW.value)


@dataclass(frozen=True, slots=True)
class Failed:
    """A rule that failed, in plain words, with the other items that it is about."""

    id: str
    words: str
    others: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Shade:
    """A word that was heard, shaded from 1 (sure) to 4 (hardly heard), with its times."""

    text: str
    level: int
    start: str
    end: str
    words: str


@dataclass(frozen=True, slots=True)
class Tried:
    """One try to reach this person."""

    when: datetime
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerView:
    """All that a caseworker needs to decide one task.

    ``can_decide`` is false for a task that somebody else holds, that is over, or that this person
    must not decide; ``notice`` says so. ``suggested`` is what Enter takes.
    """

    id: str
    title: str
    reason: str
    needed: str
    due: str
    pressing: bool
    waited: str
    is_item: bool
    several: bool
    question: str
    words: str
    shades: Sequence[Shade]
    clip: str
    heard: str
    channel: str
    rows: Sequence[Row]
    suggested: str
    value_words: str
    last_year: str
    input: str
    offers: Sequence[Offer]
    ticked: Sequence[str]
    yes: str
    no: str
    relatives: Sequence[Relative]
    failed: Sequence[Failed]
    facts: Sequence[Fact]
    history: Sequence[Entry]
    attempts: Sequence[Tried]
    follow_ups: Sequence[Tried]
    notes: Sequence[Note]
    rival: Sequence[Entry]
    can_decide: bool
    may_be_gold: bool
    notice: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a view is made of: the task with everything that was read for it."""

    task: Task
    interview: Interview
    case: Case
    village: str
    asked: str
    relatives: Sequence[Relative]
    revisions: Sequence[Revision]
    rulings: Sequence[Given]
    attempts: Sequence[Attempt]
    follow_ups: Sequence[FollowUp]
    notes: Sequence[Note]
    heard: Sequence[HeardWord] | None


def gather(
    database: Database,
    records: Walled,
    task: Task,
    interview: Interview,
    office: Office,
    *,
    notes: Sequence[Note],
    rulings: Sequence[Given],
    heard: Sequence[HeardWord] | None,
) -> Material:
    """Read what is shown of ``task``, all of it behind the viewer's wall."""
    case = records.case(task.assignment_id)
    with database.reading() as connection:
        revisions = read_revisions(connection, task.interview_id)
        attempts = find_attempts(connection, AttemptRow.assignment_id == task.assignment_id)
        asked = read_asked(connection, task.interview_id, task.item, task.event_seq)
    then = _as_it_was(interview, task)
    question = wording_of(then, asked, office) if asked else _plain_question(then, task.item)
    return Material(
        task=task,
        interview=interview,
        case=case,
        village=records.region(task.region).name,
        asked=question,
        relatives=household(records, case, task.item),
        revisions=revisions,
        rulings=rulings,
        attempts=attempts,
        follow_ups=FollowUps(database).of(task.assignment_id),
        notes=notes,
        heard=heard,
    )


def _as_it_was(interview: Interview, task: Task) -> Interview:
    """The channel and the speaker decide the wording, and both may have changed since."""
    answer = interview.answers.get(task.item)
    speaker = answer.speaker if answer else interview.speaker
    channel = Channel(task.channel) if task.channel else interview.channel
    return replace(interview, channel=channel, speaker=speaker or Speaker())


def _plain_question(interview: Interview, name: str) -> str:
    item = interview.questionnaire.item(name)
    return wording_for(interview, item).ask or item.label if item else ""


def view_of(
    material: Material,
    understanding: "Understanding",
    now: datetime,
    *,
    blind: bool = False,
    can_decide: bool = True,
    may_be_gold: bool = False,
    notice: str = "",
) -> AnswerView:
    """Return the view. ``blind`` hides whatever was decided, as for a gold task."""
    task, interview = material.task, material.interview
    form = interview.questionnaire
    item = form.item(task.item)
    is_item = item is not None and item.type.is_question
    last = interview.last_year.get(task.item, "")
    rows = rows_of(interview, task, understanding, last) if is_item else ()
    today = now.astimezone().date()
    rivals = [one for one in material.rulings if one.ending == "settled"] if task.round == 3 else []
    return AnswerView(
        id=task.id,
        title=task_title(form, task.item, task.reason),
        reason=reason_in_words(form, task.reason) if task.item else "整个访问",
        needed=needed_in_words(form, task.reason),
        due=due_in_words(task.due_on, today),
        pressing=task.due_on <= today or task.urgency <= 1,
        waited=waited_in_words(task.created_at, now),
        is_item=is_item,
        several=item is not None and item.type is ItemType.MULTI,
        question=material.asked,
        words=task.words,
        shades=_shades(material.heard or ()),
        clip=task.utterance if material.heard is not None else "",
        heard=_heard(task),
        channel=CHANNELS.get(task.channel, task.channel),
        rows=rows,
        suggested=_suggested(task, rows),
        value_words=value_in_words(interview, task.item, task.value) if is_item else task.value,
        last_year=value_in_words(interview, task.item, last) if last else "",
        input=_input(item),
        offers=_offers(interview, item),
        ticked=task.value.split() if item is not None and item.type is ItemType.MULTI else (),
        yes="属实" if task.reason.startswith("outcome:") else "已处理",
        no=rejection_in_words(form, task.reason),
        relatives=_in_words(interview, task.item, material.relatives),
        failed=_failed(interview, task),
        facts=person_facts(material.case, interview, material.village),
        history=history(interview, task.item, _shown(material, blind=blind), ()),
        attempts=[_tried(form, one) for one in material.attempts[::-1][:_ATTEMPTS]],
        follow_ups=[] if blind else [_followed(form, one) for one in material.follow_ups],
        notes=[one for one in material.notes if not blind or one.at <= task.created_at],
        rival=_anonymous(history(interview, task.item, (), rivals)),
        can_decide=can_decide,
        may_be_gold=may_be_gold,
        notice=notice,
        region=task.region,
    )


def _offers(interview: Interview, item: Item | None) -> Sequence[Offer]:
    if item is None or item.type is not ItemType.MULTI:
        return ()
    codes = dict.fromkeys(interview.instance.offers(item.name))
    return [Offer(code, value_in_words(interview, item.name, code)) for code in codes]


def _tried(form: Questionnaire, attempt: Attempt) -> Tried:
    channel = CHANNELS.get(attempt.channel.value, attempt.channel.value)
    outcome = form.outcome(attempt.outcome or "")
    ended = {None: "还没结束", "completed": "完成"}.get(attempt.outcome, attempt.outcome)
    by = f"，{attempt.staff}" if attempt.staff else ""
    return Tried(attempt.started_at, f"{channel}{by}：{outcome.label if outcome else ended}")


def _followed(form: Questionnaire, wanted: FollowUp) -> Tried:
    what = DONE["visit" if wanted.kind == "visit" else "reopen"]
    about = "、".join(title_of(form, item) for item in wanted.items)
    done = f"{wanted.done_at:%m-%d} 做完" if wanted.done_at else "还没做"
    return Tried(wanted.asked_at, f"{what} {about}：{done}")


def _shown(material: Material, *, blind: bool) -> Sequence[Revision]:
    if not blind:
        return material.revisions
    return [one for one in material.revisions if one.event_seq <= material.task.event_seq]


def _anonymous(entries: Sequence[Entry]) -> Sequence[Entry]:
    """The third person sees what two others said, not who they are."""
    return [replace(one, who=f"第{'一二三'[place]}人") for place, one in enumerate(entries[::-1])]


def _heard(task: Task) -> str:
    """How well it was heard, where a recogniser heard it."""
    if task.confidence is None or task.channel not in _SPOKEN:
        return ""
    return f"识别把握 {task.confidence:.0%}"


_LEVELS = ((0.9, 1, "很清楚"), (0.7, 2, "较清楚"), (0.5, 3, "不太清楚"))


def _shades(heard: Sequence[HeardWord]) -> Sequence[Shade]:
    return [_shade(word) for word in heard]


def _shade(word: HeardWord) -> Shade:
    level, words = next(
        ((level, words) for least, level, words in _LEVELS if word.confidence >= least),
        (4, "几乎没听清"),
    )
    share = f"{words}，{word.confidence:.0%}"
    return Shade(word.text, level, f"{word.start:.2f}", f"{word.end:.2f}", share)


def _suggested(task: Task, rows: Sequence[Row]) -> str:
    """What Enter takes: the value asked about, or else the most probable reading."""
    if task.value:
        return task.value
    return rows[0].value if rows and rows[0].share else ""


def _input(item: Item | None) -> str:
    """What kind of field a value is typed into; empty where it is chosen."""
    if item is None or item.type.has_choices:
        return ""
    return _TYPED.get(item.type, "text")


def _in_words(interview: Interview, item: str, relatives: Sequence[Relative]) -> Sequence[Relative]:
    return [
        replace(one, value=value_in_words(interview, item, one.value) if one.value else "")
        for one in relatives
    ]


def _failed(interview: Interview, task: Task) -> Sequence[Failed]:
    named = task.reason.partition(":")[2] if task.reason.startswith("check:") else ""
    return [
        Failed(rule.id, rule.caseworker, _others(interview, rule, task.item))
        for rule in interview.questionnaire.checks
        if rule.id == named or _fails(interview, rule, task.item)
    ]


def _fails(interview: Interview, rule: Check, item: str) -> bool:
    known = rule.id in interview.failed_checks and item in rule.items
    return known and interview.instance.test(rule.fails_when)


def _others(interview: Interview, rule: Check, item: str) -> Sequence[Fact]:
    answers = {name: interview.answers.get(name) for name in rule.items if name != item}
    form = interview.questionnaire
    return [
        Fact(title_of(form, name), value_in_words(interview, name, answer.value))
        for name, answer in answers.items()
        if answer is not None and answer.value
    ]
