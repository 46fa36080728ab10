"""Inputs that answer what is being asked."""

from survey_engine.agenda import CHANNEL, CONSENT, GUARDIAN, RELATION
from survey_engine.answer import Speaker, SpeakerKind
from survey_engine.command import CLARIFY, break_off, let_speak, relate, take_outcome
from survey_engine.event import (
    ChannelOffered,
    ConsentGiven,
    ConsentRefused,
    IdentityChecked,
    ItemsReopened,
    OutcomeDenied,
    ReadBackConfirmed,
    SpeakerChanged,
)
from survey_engine.failure import fail_identity, not_understood
from survey_engine.input import Confirm, Input, Record
from survey_engine.interview import Identity
from survey_engine.item import Item, ItemType, Role, Sensitivity
from survey_engine.option import take_option
from survey_engine.readback import unread, which_wait
from survey_engine.script import Line
from survey_engine.sprint import Sprint
from survey_engine.value import canonical, is_allowed
from survey_engine.wait import Accepts, Style, Wait, WaitKind
from survey_engine.waiting import item_wait

_YES_NO = frozenset({"yes", "no"})


def record(sprint: Sprint, given: Record) -> None:
    """Take a value for what is asked, or for another item that the respondent spoke of."""
    wait = sprint.interview.wait
    if wait and wait.target == given.target and wait.kind in (WaitKind.SCRIPT, WaitKind.WHICH):
        _take_words(sprint, wait, given.value)
        return
    item = _addressed(sprint, given.target)
    if item is None:
        return
    code = given.target.partition("/")[2]
    if item.role is Role.SPEAKER:
        _take_speaker(sprint, item, given)
    elif item.role is Role.CERTIFICATE:
        _take_certificate(sprint, item, given.value)
    elif code:
        _take_option_word(sprint, item, code, given.value)
    else:
        _take_value(sprint, item, given.value)


def _addressed(sprint: Sprint, target: str) -> Item | None:
    """Return the item of ``target`` if it may be answered now; otherwise refuse."""
    interview = sprint.interview
    item = interview.questionnaire.item(target.partition("/")[0])
    if item is None or not item.type.is_question:
        sprint.refuse("unknown-target", f"`{target}` is no question of this form; name one.")
    elif not interview.instance.is_relevant(item.name):
        sprint.refuse("not-relevant", f"`{item.name}` does not apply here, so it takes no answer.")
    elif item.role in (Role.SPEAKER, Role.CERTIFICATE):
        return item
    elif item.sensitivity is Sensitivity.SENSITIVE and not interview.is_cleared():
        sprint.refuse(
            "not-cleared", f"`{item.name}` is sensitive; identity and consent come first."
        )
    elif interview.questionnaire.item_of(Role.SPEAKER) and _is_nobody(sprint):
        sprint.refuse("speaker-first", "Nobody has said yet who is speaking; settle that first.")
    else:
        return item
    return None


def _is_nobody(sprint: Sprint) -> bool:
    return sprint.interview.speaker.kind is SpeakerKind.NOBODY


def _take_value(sprint: Sprint, item: Item, text: str) -> None:
    interview, wait = sprint.interview, sprint.interview.wait
    value = canonical(item, text, interview.instance)
    if value is None:
        sprint.refuse(
            "bad-value", f"`{text[:40]}` is no value of {item.name} now; give one on offer."
        )
    elif not is_allowed(item, value, interview.instance, sprint.at):
        if wait is None or wait.item != item.name:
            sprint.ask(item_wait(interview, item))
        not_understood(sprint, Style.INVALID)
    else:
        asked = wait is not None and wait.kind is WaitKind.CONFIRM and wait.target == item.name
        confirmed = asked and wait is not None and wait.value == value
        sprint.record(item, value, "answer", confirmed=confirmed)


def _take_option_word(sprint: Sprint, item: Item, code: str, word: str) -> None:
    offered = code in sprint.interview.instance.offers(item.name)
    if item.type is not ItemType.MULTI or not offered or word not in _YES_NO:
        place = f"{item.name}/{code}"
        sprint.refuse(
            "bad-value",
            f"`{word[:40]}` is no answer to {place}; give yes or no to an option on offer.",
        )
        return
    take_option(sprint, item, code, word)


def _take_words(sprint: Sprint, wait: Wait, text: str) -> None:
    """Take words to a scripted question, or the name of the item that is wrong."""
    if wait.target == RELATION:
        relate(sprint, text)
    elif wait.accepts is Accepts.YES_NO and text in _YES_NO:
        (affirm if text == "yes" else deny)(sprint, Input(at=sprint.at, heard=sprint.heard))
    elif wait.kind is WaitKind.WHICH and text in wait.codes:
        _ask_denied(sprint, wait.target.partition(":")[2], (text,))
    else:
        sprint.refuse(
            "bad-value", f"`{text[:40]}` is no answer to {wait.target}; give one that it accepts."
        )


def _take_speaker(sprint: Sprint, item: Item, given: Record) -> None:
    """Take who is speaking; the choice's effect says what that means."""
    value = canonical(item, given.value, sprint.interview.instance)
    choice = next((one for one in item.choices if one.code == value), None)
    if value is None or choice is None:
        said = given.value[:40]
        sprint.refuse("bad-value", f"`{said}` is no value of {item.name}; give one on offer.")
        return
    effect, _, word = choice.effect.partition(":")
    outcome = sprint.interview.questionnaire.outcome(word) if effect == "outcome" else None
    if outcome is not None:
        take_outcome(sprint, outcome)
        return
    kind = SpeakerKind(word) if effect == "speaker" else SpeakerKind.SELF
    sprint.emit(SpeakerChanged(at=sprint.at, speaker=Speaker(kind)))
    sprint.record(item, value, "answer")
    if given.relation and kind is SpeakerKind.PROXY:
        relate(sprint, given.relation)


def _take_certificate(sprint: Sprint, item: Item, text: str) -> None:
    """Compare the last four characters; a second miss leaves sensitive things unasked."""
    if sprint.interview.identity is Identity.FAILED:
        sprint.refuse("identity-failed", "The number did not match; a person settles who speaks.")
        return
    known = sprint.interview.facts.get("last4", "")
    said = text.strip().upper()
    if known and said == known.upper():
        sprint.record(item, said, "answer")
        sprint.emit(IdentityChecked(at=sprint.at, matched=True))
    else:
        miss_certificate(sprint, item)


def miss_certificate(sprint: Sprint, item: Item) -> None:
    """Count one miss of the certificate number; the last one allowed fails identity."""
    limit = sprint.interview.questionnaire.procedure.identity_tries
    if sprint.interview.identity_tries + 1 < limit:
        sprint.emit(IdentityChecked(at=sprint.at, matched=False))
        sprint.ask(item_wait(sprint.interview, item), Style.REASK)
        return
    fail_identity(sprint, item)


def confirm(sprint: Sprint, given: Confirm) -> None:
    """Read a probable value back and wait for yes or no."""
    wait = sprint.interview.wait
    if wait and wait.target == given.target == RELATION:
        sprint.ask(Wait(WaitKind.CONFIRM, RELATION, Accepts.YES_NO, value=given.value, keypad=True))
        return
    item = _addressed(sprint, given.target)
    if item is None:
        return
    value = _confirmable(sprint, item, given)
    if value is None:
        sprint.refuse("bad-value", f"`{given.value[:40]}` is no value of {given.target} now.")
        return
    same = wait is not None and wait.item == item.name
    sprint.ask(
        Wait(
            WaitKind.CONFIRM,
            given.target,
            Accepts.YES_NO,
            value=value,
            tries=wait.tries if wait and same else 0,
            rule=wait.rule if wait and same else "",
            keypad=True,
        )
    )


def _confirmable(sprint: Sprint, item: Item, given: Confirm) -> str | None:
    code = given.target.partition("/")[2]
    if code:
        offered = code in sprint.interview.instance.offers(item.name)
        return given.value if offered and given.value in _YES_NO else None
    return canonical(item, given.value, sprint.interview.instance)


def affirm(sprint: Sprint, given: Input) -> None:
    """Take a yes."""
    del given
    interview, wait = sprint.interview, sprint.interview.wait
    item = interview.questionnaire.item(wait.item) if wait else None
    if wait is None:
        return
    if wait.kind is WaitKind.SCRIPT:
        _affirm_script(sprint, wait)
    elif wait.kind is WaitKind.READBACK:
        block = wait.target.partition(":")[2]
        values = unread(interview, block)
        sprint.emit(ReadBackConfirmed(at=sprint.at, section=block, values=values))
    elif wait.kind is WaitKind.CONFIRM:
        _affirm_value(sprint, wait)
    elif item and wait.kind is WaitKind.LAST:
        _affirm_earlier(sprint, item, wait)
    elif item and wait.option:
        take_option(sprint, item, wait.option, "yes")
    elif item and item.type is ItemType.ACKNOWLEDGE:
        sprint.record(item, "OK", "answer", confirmed=True)
    else:
        _refuse_yes_no(sprint, wait)


def _affirm_earlier(sprint: Sprint, item: Item, wait: Wait) -> None:
    """Take an earlier value, unless it cannot be given any more; then the item is asked anew."""
    interview = sprint.interview
    known = canonical(item, wait.value, interview.instance)
    if known is None or not is_allowed(item, known, interview.instance, sprint.at):
        sprint.ask(item_wait(interview, item))
        return
    source = "earlier" if item.name in interview.answers else "last_year"
    sprint.record(item, wait.value, source, confirmed=True)


def _affirm_value(sprint: Sprint, wait: Wait) -> None:
    """A yes to a value read back settles that value and nothing else."""
    if wait.target == RELATION:
        relate(sprint, wait.value)
    else:
        record(
            sprint, Record(at=sprint.at, heard=sprint.heard, target=wait.target, value=wait.value)
        )


def _affirm_script(sprint: Sprint, wait: Wait) -> None:
    if wait.target == CONSENT:
        sprint.emit(ConsentGiven(at=sprint.at, heard=sprint.heard))
    elif wait.target == GUARDIAN:
        let_speak(sprint, Speaker(SpeakerKind.PROXY))
    elif wait.target == CHANNEL:
        sprint.emit(ChannelOffered(at=sprint.at, accepted=True))
        break_off(sprint, CHANNEL)
    elif wait.target.startswith(f"{CLARIFY}:"):
        outcome = sprint.interview.questionnaire.outcome(wait.target.partition(":")[2])
        if outcome is not None:
            take_outcome(sprint, outcome)
    else:
        _refuse_yes_no(sprint, wait)


def deny(sprint: Sprint, given: Input) -> None:
    """Take a no."""
    del given
    wait = sprint.interview.wait
    item = sprint.interview.questionnaire.item(wait.item) if wait else None
    if wait is None:
        return
    if wait.kind is WaitKind.SCRIPT:
        _deny_script(sprint, wait)
    elif wait.kind is WaitKind.READBACK:
        _deny_readback(sprint, wait)
    elif wait.kind is WaitKind.CONFIRM:
        not_understood(sprint, None)
    elif item and wait.kind is WaitKind.LAST:
        sprint.ask(item_wait(sprint.interview, item))
    elif item and wait.option:
        take_option(sprint, item, wait.option, "no")
    else:
        _refuse_yes_no(sprint, wait)


def _deny_readback(sprint: Sprint, wait: Wait) -> None:
    block = wait.target.partition(":")[2]
    which = which_wait(sprint.interview, block)
    if len(which.codes) == 1:
        _ask_denied(sprint, block, which.codes)
    else:
        sprint.ask(which)


def _ask_denied(sprint: Sprint, block: str, names: tuple[str, ...]) -> None:
    """Ask items of a section anew; the values that were denied are read back no more."""
    values = tuple(pair for pair in unread(sprint.interview, block) if pair[0] in names)
    sprint.emit(ReadBackConfirmed(at=sprint.at, section=block, values=values, accepted=False))
    sprint.emit(ItemsReopened(at=sprint.at, items=names))


def _deny_script(sprint: Sprint, wait: Wait) -> None:
    if wait.target == CONSENT:
        sprint.emit(ConsentRefused(at=sprint.at, heard=sprint.heard))
        sprint.say(Line.CONSENT_SENSITIVE_REFUSED)
    elif wait.target == GUARDIAN:
        break_off(sprint, GUARDIAN)
    elif wait.target == CHANNEL:
        sprint.emit(ChannelOffered(at=sprint.at, accepted=False))
    elif wait.target.startswith(f"{CLARIFY}:"):
        sprint.emit(OutcomeDenied(at=sprint.at, outcome=wait.target.partition(":")[2]))
    else:
        _refuse_yes_no(sprint, wait)


def _refuse_yes_no(sprint: Sprint, wait: Wait) -> None:
    sprint.refuse("not-yes-no", f"{wait.target} is not answered by yes or no; give {wait.accepts}.")
