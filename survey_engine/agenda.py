"""What comes next: the one place that decides what an interview asks, in which order."""

from datetime import date

from survey_engine.answer import AnswerState, SpeakerKind
from survey_engine.channel import Channel
from survey_engine.event import Completed, Introduced, PersonRequested
from survey_engine.interview import IDENTITY, Consent, Identity, Interview, Status
from survey_engine.item import Item, ItemType, Role, Sensitivity
from survey_engine.period import age_on
from survey_engine.readback import unread
from survey_engine.rules import run_checks
from survey_engine.script import Line
from survey_engine.sprint import Sprint
from survey_engine.wait import Accepts, Wait, WaitKind
from survey_engine.waiting import is_due_again, item_wait, last_wait, yes_no

#: Steps that one turn may take; a form that needs more goes to a person instead of looping.
STEP_BUDGET = 2_000

CONSENT, RELATION, GUARDIAN, CHANNEL = "consent", "relation", "guardian", "channel"


def advance(sprint: Sprint) -> None:
    """Go on until the interview waits for an answer or is over."""
    for _ in range(STEP_BUDGET):
        if sprint.interview.wait is not None or sprint.interview.status is not Status.OPEN:
            return
        if not (_settle_speaker(sprint) or _settle_items(sprint)):
            _finish(sprint)
            return
    sprint.review("", "step_budget")
    sprint.emit(PersonRequested(at=sprint.at, reason="step_budget"))


def _finish(sprint: Sprint) -> None:
    sprint.emit(Completed(at=sprint.at))
    sprint.say(Line.COMPLETED)


def _settle_speaker(sprint: Sprint) -> bool:
    """Settle who speaks, that they may, who they are, and their consent; True if it acted."""
    interview = sprint.interview
    speaker = interview.questionnaire.item_of(Role.SPEAKER)
    if speaker is not None and interview.speaker.kind is SpeakerKind.NOBODY:
        sprint.ask(item_wait(interview, speaker))
    elif _channel_is_to_be_offered(interview):
        sprint.ask(yes_no(CHANNEL))
    elif interview.speaker.kind is SpeakerKind.PROXY and not interview.speaker.relation:
        sprint.ask(Wait(WaitKind.SCRIPT, RELATION, Accepts.TEXT))
    elif needs_guardian(interview, sprint.at.date()):
        sprint.ask(yes_no(GUARDIAN))
    elif interview.identity is Identity.UNVERIFIED:
        _ask_certificate(sprint)
    elif interview.consent is Consent.UNASKED and interview.identity is not Identity.FAILED:
        sprint.ask(yes_no(CONSENT))
    else:
        return False
    return True


def _ask_certificate(sprint: Sprint) -> None:
    item = sprint.interview.questionnaire.item_of(Role.CERTIFICATE)
    if item is not None:
        sprint.ask(item_wait(sprint.interview, item))


def _channel_is_to_be_offered(interview: Interview) -> bool:
    wanted = (
        interview.facts.get("category", "") in interview.questionnaire.procedure.text_categories
    )
    alone = interview.speaker.kind is SpeakerKind.SELF
    return wanted and alone and interview.channel is Channel.VOICE and not interview.channel_offered


def needs_guardian(interview: Interview, today: date) -> bool:
    """Whether a guardian still has to take over.

    Below the form's age (个人信息保护法 Art. 31: 14) only a guardian may consent; persons of the
    form's proxy categories are answered for by whoever cares for them.
    """
    procedure = interview.questionnaire.procedure
    if interview.speaker.kind is SpeakerKind.NOBODY:
        return False
    if is_minor(interview, today):
        return not interview.guardian
    by_proxy = interview.facts.get("category", "") in procedure.proxy_categories
    return by_proxy and interview.speaker.kind is SpeakerKind.SELF


def is_minor(interview: Interview, today: date) -> bool:
    """Whether the person is below the age at which a guardian has to consent."""
    limit = interview.questionnaire.procedure.guardian_age
    birth, age = interview.facts.get("birth", ""), interview.facts.get("age", "")
    if birth:
        return age_on(date.fromisoformat(birth), today) < limit
    return age.isdigit() and int(age) < limit


def _settle_items(sprint: Sprint) -> bool:
    """Ask or settle the next item, check or read-back; False if nothing is left."""
    for name in sprint.interview.reopened:
        item = sprint.interview.questionnaire.item(name)
        if item and _is_askable(sprint.interview, item):
            sprint.ask(item_wait(sprint.interview, item))
            return True
    if sprint.interview.only_reopened:
        return run_checks(sprint, sprint.interview.questionnaire.blocks)
    return any(_settle_block(sprint, block) for block in sprint.interview.questionnaire.blocks)


def _is_askable(interview: Interview, item: Item) -> bool:
    return interview.instance.is_relevant(item.name) and not interview.is_withheld(item)


def _settle_block(sprint: Sprint, block: str) -> bool:
    for item in sprint.interview.questionnaire.items_of(block):
        if is_open(sprint.interview, item, sprint.at.date()):
            _approach(sprint, item)
            return True
    return run_checks(sprint, (block,)) or _read_back(sprint, block)


def is_open(interview: Interview, item: Item, today: date) -> bool:
    """Whether ``item`` is still to be asked."""
    if not interview.instance.is_relevant(item.name):
        return False
    if item.type is ItemType.NOTE:
        return item.name not in interview.introduced
    if not item.type.is_question or item.role in (Role.SPEAKER, Role.CERTIFICATE):
        return False
    if _is_readonly(interview, item):
        return False
    answer = interview.answers.get(item.name)
    return answer is None or is_due_again(interview, item, answer, today)


def _is_readonly(interview: Interview, item: Item) -> bool:
    return item.readonly is not None and interview.instance.test(item.readonly)


def _approach(sprint: Sprint, item: Item) -> None:
    interview = sprint.interview
    if item.type is ItemType.NOTE:
        sprint.emit(Introduced(at=sprint.at, name=item.name))
    elif item.sensitivity is Sensitivity.SENSITIVE and not interview.is_cleared():
        _withhold(sprint, item)
    elif item.type.has_choices and not interview.instance.offers(item.name):
        _leave_without_choices(sprint, item)
    elif section := _unsaid_intro(interview, item):
        sprint.emit(Introduced(at=sprint.at, name=section))
    else:
        sprint.ask(last_wait(interview, item, sprint.at.date()) or item_wait(interview, item))


def _withhold(sprint: Sprint, item: Item) -> None:
    """Sensitive things are not asked of somebody unknown, nor without consent.

    A value that was to be confirmed again is kept for a person to verify.
    """
    answer = sprint.interview.answers.get(item.name)
    if answer and answer.value:
        sprint.review(item.name, IDENTITY, answer.value)
    elif sprint.interview.consent is Consent.REFUSED:
        sprint.miss(item, AnswerState.DECLINED, "consent_refused")
    else:
        sprint.miss(item, AnswerState.TO_VERIFY, IDENTITY)
        sprint.review(item.name, IDENTITY)


def _leave_without_choices(sprint: Sprint, item: Item) -> None:
    """Where an earlier answer is missing, nothing may be on offer; a person settles both."""
    sprint.miss(item, AnswerState.TO_VERIFY, "no_choices")
    sprint.review(item.name, "no_choices")


def _unsaid_intro(interview: Interview, item: Item) -> str:
    form = interview.questionnaire
    name = item.section
    while section := form.section(name):
        if section.intro and name not in interview.introduced:
            return name
        name = section.parent
    return ""


def _read_back(sprint: Sprint, block: str) -> bool:
    if not sprint.interview.questionnaire.procedure.section_readback:
        return False
    if not unread(sprint.interview, block):
        return False
    sprint.ask(yes_no(f"{WaitKind.READBACK}:{block}", WaitKind.READBACK))
    return True
