"""What is said for an event: the form's wording, chosen by channel, speaker and style."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from survey_engine.answer import SpeakerKind
from survey_engine.channel import Channel
from survey_engine.event import Asked, Event, Introduced, Said
from survey_engine.interview import Interview
from survey_engine.item import Choice, Item, Wording
from survey_engine.period import period_of
from survey_engine.questionnaire import Questionnaire, ScriptLine
from survey_engine.readback import unread
from survey_engine.script import MAY_BE_MISSING, Line
from survey_engine.wait import Style, Wait, WaitKind

_SLOT = re.compile(r"\{([a-z_]+)\}")
_CHILD_BELOW, _ELDER_FROM = 14, 70
#: Styles in which the shorter and simpler wording is better understood.
_SHORTER = (Style.REASK, Style.KEYS, Style.EXPLAIN, Style.INVALID, Style.SLOWER)
_LINE_OF = {
    "consent": Line.CONSENT,
    "relation": Line.RELATION,
    "guardian": Line.GUARDIAN_NEEDED,
    "channel": Line.CHANNEL_OFFER,
}
_INSTEAD = {str(key): line for key, line in MAY_BE_MISSING.items()}


@dataclass(frozen=True, slots=True)
class Office:
    """Who asks: what the script names of the county's own office."""

    organisation: str = "残联"
    callback: str = "村（社区）专职委员"
    village_worker: str = "村（社区）专职委员"
    hotline: str = "120 或 110"
    minutes: str = "十来"


def wording_of(interview: Interview, event: Event, office: Office) -> str:
    """Return the sentence for ``event``, or an empty text where nothing is said.

    ``interview`` is the interview as it was when the event had been applied.
    """
    if isinstance(event, Said):
        return _scripted(interview, event.line, office, {})
    if isinstance(event, Introduced):
        return _introduction(interview, event.name)
    if isinstance(event, Asked):
        return _question(interview, event.wait, event.style, office)
    return ""


def _question(interview: Interview, wait: Wait, style: Style, office: Office) -> str:
    item = interview.questionnaire.item(wait.item)
    if wait.kind is WaitKind.SCRIPT:
        return _scripted(interview, _script_key(interview, wait), office, {}, style)
    if wait.kind is WaitKind.READBACK:
        return _section_readback(interview, wait)
    if wait.kind is WaitKind.WHICH:
        labels = "、".join(_label_of(interview, name) for name in wait.codes)
        return f"{_scripted(interview, Line.READBACK_WHICH, office, {})}（{labels}）"
    if item is None:
        return ""
    if wait.kind is WaitKind.CONFIRM:
        own = _own_readback(interview, item, wait.value)
        answer = {"answer": own or value_in_words(interview, wait.target, wait.value)}
        return _scripted(interview, Line.CONFIRM_VALUE, office, answer, style)
    if wait.kind is WaitKind.LAST:
        return _earlier(interview, item, wait, office)
    return _item_question(interview, item, wait, style)


def _item_question(interview: Interview, item: Item, wait: Wait, style: Style) -> str:
    wording = wording_for(interview, item)
    if wait.rule and style is not Style.EXPLAIN:
        check = next(one for one in interview.questionnaire.checks if one.id == wait.rule)
        return _filled(interview, check.respondent, item, {})
    if style is Style.EXPLAIN and wording.explain:
        again = _item_question(interview, item, wait, Style.REASK)
        return f"{_filled(interview, wording.explain, item, {})}{again}"
    if style is Style.INVALID and item.constraint_message:
        return item.constraint_message
    if wait.option:
        return _filled(interview, _option_question(interview, item, wait.option), item, {})
    return _filled(interview, _styled(interview, wording, wait, style), item, {})


def _styled(interview: Interview, wording: Wording, wait: Wait, style: Style) -> str:
    spoken = interview.channel.is_spoken
    if style is Style.KEYS and spoken and wait.keypad and wording.keys:
        return wording.keys
    if style in _SHORTER and wording.reask:
        return wording.reask
    if not spoken and wording.chat:
        return wording.chat
    by_proxy = interview.speaker.kind in (SpeakerKind.PROXY, SpeakerKind.STAFF)
    return wording.proxy if by_proxy and wording.proxy else wording.ask


def wording_for(interview: Interview, item: Item) -> Wording:
    """Return the wording of ``item`` whose condition holds now."""
    for variant in item.variants:
        if interview.instance.test(variant.when):
            return variant.wording
    return item.wording


def _option_question(interview: Interview, item: Item, code: str) -> str:
    offered = interview.instance.test
    return next(
        (
            choice.ask
            for choice in item.choices
            if choice.code == code and (choice.when is None or offered(choice.when))
        ),
        "",
    )


def _earlier(interview: Interview, item: Item, wait: Wait, office: Office) -> str:
    last = value_in_words(interview, item.name, wait.value)
    wording = wording_for(interview, item).last
    if wording:
        return _filled(interview, wording, item, {"last": last})
    pattern = wording_for(interview, item).readback or f"{item.label}：{{answer}}"
    clause = _filled(interview, pattern, item, {"answer": last})
    return _scripted(interview, Line.STILL_SO, office, {"answer": clause})


def _section_readback(interview: Interview, wait: Wait) -> str:
    section = interview.questionnaire.section(wait.target.partition(":")[2])
    clauses = [_clause(interview, name) for name in readable(interview, wait)]
    text = section.readback if section else "{answers}"
    return _filled(interview, text, None, {"answers": "；".join(clauses)})


def readable(interview: Interview, wait: Wait) -> tuple[str, ...]:
    """Return the items that the read-back ``wait`` is about."""
    return tuple(name for name, _value in unread(interview, wait.target.partition(":")[2]))


def _clause(interview: Interview, name: str) -> str:
    item, answer = interview.questionnaire.item(name), interview.answers[name]
    if item is None:
        return ""
    if clause := _own_readback(interview, item, answer.value):
        return clause
    words = value_in_words(interview, name, answer.value)
    own = answer.heard.words
    if own and own not in words and own in _approved_words(item, answer.value):
        words = f"{words}，就是您说的{own}"
    pattern = wording_for(interview, item).readback or f"{item.label}：{{answer}}"
    return _filled(interview, pattern, item, {"answer": words})


def _own_readback(interview: Interview, item: Item, value: str) -> str:
    """Return the clause that a choice has of its own, or nothing."""
    choice = _choice(interview, item, value)
    return choice.readback if choice else ""


def _approved_words(item: Item, value: str) -> frozenset[str]:
    """Own words are repeated only if the form lists them, so that no rude word is ever said."""
    chosen = value.split()
    return frozenset(
        phrase for choice in item.choices if choice.code in chosen for phrase in choice.says
    )


def value_in_words(interview: Interview, target: str, value: str) -> str:
    """Return a value as the form labels it; for an option its label and 有 or 没有."""
    name, _, code = target.partition("/")
    item = interview.questionnaire.item(name)
    if item is None:
        return value
    if code:
        return f"{_code_label(interview, item, code)}：{'有' if value == 'yes' else '没有'}"
    if item.type.has_choices:
        return "、".join(_code_label(interview, item, one) for one in value.split())
    return value


def _code_label(interview: Interview, item: Item, code: str) -> str:
    choice = _choice(interview, item, code)
    return choice.label if choice else code


def _choice(interview: Interview, item: Item, code: str) -> Choice | None:
    """Return the choice of ``code`` that is on offer now."""
    for choice in item.choices:
        if choice.code == code and (choice.when is None or interview.instance.test(choice.when)):
            return choice
    return None


def _label_of(interview: Interview, name: str) -> str:
    item = interview.questionnaire.item(name)
    return item.label if item else name


def _introduction(interview: Interview, name: str) -> str:
    section, item = interview.questionnaire.section(name), interview.questionnaire.item(name)
    if section is not None:
        return _filled(interview, section.intro, None, {})
    return _filled(interview, item.wording.ask or item.label, item, {}) if item else ""


def _script_key(interview: Interview, wait: Wait) -> str:
    kind, _, code = wait.target.partition(":")
    outcome = interview.questionnaire.outcome(code)
    if kind == "clarify" and outcome is not None:
        return outcome.clarify
    return str(_LINE_OF.get(kind, kind))


def _scripted(
    interview: Interview,
    key: str,
    office: Office,
    slots: Mapping[str, str],
    style: Style = Style.ASK,
) -> str:
    script = interview.questionnaire.script
    line = script.get(str(key)) or script.get(str(_INSTEAD.get(str(key))))
    if line is None:
        return ""
    about = office_slots(interview.questionnaire, office)
    return _filled(interview, _written(line, interview.channel, style), None, {**about, **slots})


def _written(line: ScriptLine, channel: Channel, style: Style) -> str:
    """Where a person speaks, at the window or the callers' desk, their wording outweighs others."""
    if own := {Channel.WINDOW: line.window, Channel.DESK: line.desk}.get(channel):
        return own
    if line.simple and style in _SHORTER:
        return line.simple
    return line.chat if line.chat and not channel.is_spoken else line.text


def office_slots(form: Questionnaire, office: Office) -> Mapping[str, str]:
    """Return what the script says of the county's office and of the form."""
    return {
        "organisation": office.organisation,
        "callback": office.callback,
        "village_worker": office.village_worker,
        "hotline": office.hotline,
        "minutes": office.minutes,
        "form_number": form.official.number,
    }


def with_office(text: str, form: Questionnaire, office: Office) -> str:
    """Return ``text`` with what it names of the office and of the form."""
    slots = office_slots(form, office)
    return _SLOT.sub(lambda match: slots.get(match[1], match[0]), text)


def _filled(interview: Interview, text: str, item: Item | None, slots: Mapping[str, str]) -> str:
    """Fill the slots of ``text``; one that is unknown stays, since the form was checked."""

    def word(match: re.Match[str]) -> str:
        name = match[1]
        if name in slots:
            return slots[name]
        maker = _SLOTS.get(name)
        return maker(interview, item) if maker else match[0]

    return _SLOT.sub(word, text).replace("老人家家", "老人家")


def _ta(interview: Interview, _item: Item | None) -> str:
    age = interview.facts.get("age", "")
    years = int(age) if age.isdigit() else None
    if years is not None and years < _CHILD_BELOW:
        return "孩子"
    if years is not None and years >= _ELDER_FROM:
        return "老人家"
    return "她" if interview.facts.get("sex") == "female" else "他"


def _who(interview: Interview, item: Item | None) -> str:
    direct = interview.speaker.kind in (SpeakerKind.SELF, SpeakerKind.NOBODY)
    return "您" if direct else _ta(interview, item)


def _name(interview: Interview, _item: Item | None) -> str:
    return interview.facts.get("name", "")


def _day_in_words(day: date, today: date) -> str:
    years = {today.year: "今年", today.year - 1: "去年"}
    return f"{years.get(day.year, f'{day.year}年')}{day.month}月{day.day}日"


def _period_slot(end: str) -> Callable[[Interview, Item | None], str]:
    def slot(interview: Interview, item: Item | None) -> str:
        known = interview.facts.get("reference_day", "")
        today = interview.at.date()
        if item is None:
            return known
        period = period_of(
            item.reference,
            date.fromisoformat(known) if known else today,
            today,
            interview.questionnaire.procedure.two_weeks_before,
        )
        return _day_in_words(period.first if end == "first" else period.last, today)

    return slot


_SLOTS: Mapping[str, Callable[[Interview, Item | None], str]] = {
    "ta": _ta,
    "who": _who,
    "name": _name,
    "from": _period_slot("first"),
    "to": _period_slot("last"),
    "day": _period_slot("last"),
}
