"""What a form must hold beyond the shape of its parts: names, references, slots, neutrality."""

import re
from collections.abc import Iterator, Mapping, Sequence

from survey_engine.evidence import EVIDENCE_PARTS
from survey_engine.expression import Expression, references
from survey_engine.fault import Fault, FaultKind, fault
from survey_engine.form_model import SUPPLIED_FACTS, form_model
from survey_engine.item import (
    ChatHint,
    Choice,
    Item,
    ItemType,
    KeypadHint,
    Role,
    VoiceHint,
    Wording,
)
from survey_engine.model import ModelError
from survey_engine.questionnaire import Check, Outcome, Questionnaire, Severity
from survey_engine.script import MAY_BE_MISSING, Line

_CODE = re.compile(r"[A-Za-z0-9_.\-]{1,128}")
_RESERVED_CODES = frozenset({"96", "97", "98", "99"})
_SLOT = re.compile(r"\{([^{}]*)\}")
_LEADING = re.compile(r"是吧|对吧|没错吧|应该是.{0,8}吧|肯定是|想必|难道|不会是")
_WHO = frozenset({"who", "ta"})
_PERIOD = frozenset({"from", "to", "day"})
_SLOTS: Mapping[str, frozenset[str]] = {
    "ask": _WHO | _PERIOD | {"name"},
    "proxy": _WHO | _PERIOD | {"name"},
    "reask": _WHO | _PERIOD | {"name"},
    "chat": _WHO | _PERIOD | {"name"},
    "readback": _WHO | _PERIOD | {"answer"},
    "last": _WHO | _PERIOD | {"last"},
    "explain": _WHO | _PERIOD,
    "keys": _WHO,
}
_SCRIPT_SLOTS = _WHO | {
    "name", "answer", "organisation", "callback", "form_number", "minutes", "hotline",
    "village_worker",
}  # fmt: skip
_VOICE_FITS: Mapping[ItemType, frozenset[VoiceHint]] = {
    ItemType.SINGLE: frozenset({VoiceHint.YES_NO, VoiceHint.CHOICE, VoiceHint.OPEN}),
    ItemType.MULTI: frozenset({VoiceHint.SERIES, VoiceHint.OPEN}),
    ItemType.INTEGER: frozenset({VoiceHint.NUMBER, VoiceHint.DIGITS}),
    ItemType.DECIMAL: frozenset({VoiceHint.NUMBER, VoiceHint.DIGITS}),
    ItemType.TEXT: frozenset({VoiceHint.TEXT, VoiceHint.OPEN, VoiceHint.DIGITS}),
    ItemType.DATE: frozenset({VoiceHint.DATE, VoiceHint.DIGITS}),
    ItemType.ACKNOWLEDGE: frozenset({VoiceHint.YES_NO}),
}
_CHAT_FITS: Mapping[ItemType, frozenset[ChatHint]] = {
    ItemType.SINGLE: frozenset({ChatHint.BUTTONS, ChatHint.TEXT}),
    ItemType.MULTI: frozenset({ChatHint.CHECKBOXES}),
    ItemType.INTEGER: frozenset({ChatHint.NUMBER, ChatHint.TEXT}),
    ItemType.DECIMAL: frozenset({ChatHint.NUMBER, ChatHint.TEXT}),
    ItemType.TEXT: frozenset({ChatHint.TEXT, ChatHint.NUMBER}),
    ItemType.DATE: frozenset({ChatHint.DATE, ChatHint.TEXT}),
    ItemType.ACKNOWLEDGE: frozenset({ChatHint.BUTTONS}),
}


def soundness_faults(form: Questionnaire, earlier: Sequence[Fault]) -> Iterator[Fault]:
    """Yield the faults of a form that was read into shape; ``earlier`` are those of reading.

    The dependency graph is only looked at where every expression could be read, since a missing
    one would make its neighbours look wrong.
    """
    yield from _name_faults(form)
    for index, item in enumerate(form.items):
        yield from _item_faults(form, item, f"items.{item.name or index}")
    yield from _section_faults(form)
    yield from _role_faults(form)
    yield from _procedure_faults(form)
    for check in form.checks:
        yield from _check_faults(form, check, f"checks.{check.id}")
    yield from _rule_number_faults(form)
    yield from _outcome_faults(form)
    yield from _script_faults(form)
    if not any(one.kind is FaultKind.BAD_EXPRESSION for one in earlier):
        yield from _model_faults(form)


def _name_faults(form: Questionnaire) -> Iterator[Fault]:
    if not any(item.type.is_question for item in form.items):
        yield fault(FaultKind.NO_QUESTIONS, "sections")
    seen: set[str] = set()
    for place, name in _names(form):
        if name in SUPPLIED_FACTS and not place.startswith("facts"):
            yield fault(FaultKind.RESERVED_NAME, place, name=name)
        if name and name in seen:
            yield fault(FaultKind.DUPLICATE_NAME, place, name=name)
        seen.add(name)


def _names(form: Questionnaire) -> Iterator[tuple[str, str]]:
    yield from ((f"facts.{fact.name}", fact.name) for fact in form.facts)
    yield from ((f"sections.{section.name}", section.name) for section in form.sections)
    yield from ((f"items.{item.name}", item.name) for item in form.items)


def _item_faults(form: Questionnaire, item: Item, path: str) -> Iterator[Fault]:
    yield from _type_faults(item, path)
    yield from _hint_faults(item, path)
    yield from _choice_faults(form, item, path)
    yield from _stable_faults(item, path)
    yield from _wording_faults(item.wording, f"{path}.wording")
    for index, variant in enumerate(item.variants):
        yield from _wording_faults(variant.wording, f"{path}.variants[{index}]")
    for choice in item.choices:
        yield from _text_faults(choice.ask, f"{path}.choices.{choice.code}.ask", _WHO | _PERIOD)


def _type_faults(item: Item, path: str) -> Iterator[Fault]:
    if item.type.has_choices and not item.choices:
        yield fault(FaultKind.NO_CHOICES, path)
    if item.choices and not item.type.has_choices:
        yield fault(FaultKind.CHOICES_NOT_ALLOWED, path, type=item.type)
    if item.type is ItemType.CALCULATE and item.calculation is None:
        yield fault(FaultKind.CALCULATION_MISSING, path)
    if item.calculation is not None and item.type in (ItemType.SINGLE, ItemType.MULTI):
        yield fault(FaultKind.CALCULATION_NOT_ALLOWED, path, type=item.type)


def _hint_faults(item: Item, path: str) -> Iterator[Fault]:
    hints = item.hints
    voice = _VOICE_FITS.get(item.type)
    if voice and hints.voice not in voice:
        yield _mismatch(f"{path}.hints.voice", item, voice)
    chat = _CHAT_FITS.get(item.type)
    if chat and hints.chat not in chat:
        yield _mismatch(f"{path}.hints.chat", item, chat)
    if KeypadHint.DIGITS is hints.keypad or VoiceHint.DIGITS is hints.voice:
        if hints.digits is None:
            yield fault(FaultKind.DIGITS_MISSING, path)
        elif hints.digits[0] > hints.digits[1]:
            low, high = hints.digits
            yield fault(FaultKind.DIGITS_REVERSED, f"{path}.hints.digits", low=low, high=high)
    if hints.keypad is not KeypadHint.NONE and not item.wording.keys:
        yield fault(FaultKind.KEYS_MISSING, path)


def _mismatch(path: str, item: Item, known: frozenset[VoiceHint] | frozenset[ChatHint]) -> Fault:
    return fault(FaultKind.HINT_MISMATCH, path, type=item.type, known=", ".join(sorted(known)))


def _choice_faults(form: Questionnaire, item: Item, path: str) -> Iterator[Fault]:
    for index, choice in enumerate(item.choices):
        place = f"{path}.choices.{choice.code or index}"
        yield from _code_faults(choice, place, is_ours=not form.foreign)
        yield from _clash_faults(choice, item.choices[:index], place)
        yield from _effect_faults(form, choice, place)
        yield from _text_faults(choice.readback, f"{place}.readback", _WHO | _PERIOD)
        if choice.exclusive and item.type is ItemType.SINGLE:
            yield fault(FaultKind.EXCLUSIVE_IN_SINGLE, place)
        if item.hints.voice is VoiceHint.SERIES and not choice.exclusive and not choice.ask:
            yield fault(FaultKind.NO_SERIES_QUESTION, place)
    yield from _exclusive_faults(item, path)


def _exclusive_faults(item: Item, path: str) -> Iterator[Fault]:
    exclusive = [choice for choice in item.choices if choice.exclusive and choice.when is None]
    if item.type is ItemType.MULTI and len(exclusive) > 1:
        yield fault(FaultKind.TWO_EXCLUSIVE, path)
    if item.choices and all(choice.exclusive for choice in item.choices):
        yield fault(FaultKind.ONLY_EXCLUSIVE, path)


def _code_faults(choice: Choice, place: str, *, is_ours: bool) -> Iterator[Fault]:
    """A county's own XLSForm may use 96 to 99; in a form of the survey they are internal."""
    if choice.code and not _CODE.fullmatch(choice.code):
        yield fault(FaultKind.BAD_CODE, place, code=choice.code)
    if is_ours and choice.code in _RESERVED_CODES:
        yield fault(FaultKind.RESERVED_CODE, place, code=choice.code)
    if choice.key and not re.fullmatch(r"[1-9]", choice.key):
        yield fault(FaultKind.BAD_KEY, place, found=choice.key)


def _clash_faults(choice: Choice, earlier: Sequence[Choice], place: str) -> Iterator[Fault]:
    for other in earlier:
        apart = choice.when is not None and other.when is not None
        if choice.code == other.code and not apart:
            yield fault(FaultKind.DUPLICATE_CODE, place, code=choice.code)
        if apart or choice.code == other.code:
            continue
        if choice.key and choice.key == other.key:
            yield fault(FaultKind.DUPLICATE_KEY, place, key=choice.key, other=other.code)
        for phrase in set(choice.says) & set(other.says):
            yield fault(FaultKind.DUPLICATE_PHRASE, place, phrase=phrase, other=other.code)


def _effect_faults(form: Questionnaire, choice: Choice, place: str) -> Iterator[Fault]:
    kind, _, value = choice.effect.partition(":")
    speaker = kind == "speaker" and value in ("self", "proxy", "staff")
    outcome = kind == "outcome" and form.outcome(value) is not None
    if choice.effect and not speaker and not outcome:
        yield fault(FaultKind.BAD_EFFECT, f"{place}.effect", found=choice.effect)


def _stable_faults(item: Item, path: str) -> Iterator[Fault]:
    if not item.stable:
        return
    if item.sensitivity == "H":
        yield fault(FaultKind.STABLE_AND_SENSITIVE, path)
    if not item.wording.last:
        yield fault(FaultKind.STABLE_WITHOUT_LAST, path)
    elif "{last}" not in item.wording.last:
        yield fault(FaultKind.LAST_WITHOUT_SLOT, f"{path}.wording.last")


def _wording_faults(wording: Wording, path: str) -> Iterator[Fault]:
    for key, slots in _SLOTS.items():
        yield from _text_faults(getattr(wording, key), f"{path}.{key}", slots)
    if wording.readback and "{answer}" not in wording.readback:
        yield fault(FaultKind.READBACK_WITHOUT_SLOT, f"{path}.readback", slot="answer")


def _text_faults(text: str, path: str, slots: frozenset[str]) -> Iterator[Fault]:
    for slot in _SLOT.findall(text):
        if slot not in slots:
            yield fault(FaultKind.UNKNOWN_SLOT, path, slot=slot, known=", ".join(sorted(slots)))
    leading = _LEADING.search(text)
    if leading:
        yield fault(FaultKind.LEADING_WORDING, path, found=leading.group())


def _section_faults(form: Questionnaire) -> Iterator[Fault]:
    for section in form.sections:
        path = f"sections.{section.name}"
        yield from _text_faults(section.intro, f"{path}.intro", _WHO | _PERIOD)
        yield from _text_faults(section.readback, f"{path}.readback", _WHO | {"answers"})
        if section.readback and "{answers}" not in section.readback:
            yield fault(FaultKind.READBACK_WITHOUT_SLOT, f"{path}.readback", slot="answers")


def _role_faults(form: Questionnaire) -> Iterator[Fault]:
    holders: dict[Role, str] = {}
    for item in form.items:
        if item.role and item.role in holders:
            path = f"items.{item.name}"
            yield fault(FaultKind.ROLE_TWICE, path, role=item.role, other=holders[item.role])
        elif item.role:
            holders[item.role] = item.name
    if form.procedure.identity == "certificate":
        for role in (Role.SPEAKER, Role.CERTIFICATE):
            if role not in holders:
                yield fault(FaultKind.IDENTITY_WITHOUT_ITEM, "procedure.identity", role=role)


def _procedure_faults(form: Questionnaire) -> Iterator[Fault]:
    for name in form.procedure.usable_partial:
        if form.item(name) is None:
            yield fault(FaultKind.UNKNOWN_ITEM, "procedure.usable_partial", name=name)


def _check_faults(form: Questionnaire, check: Check, path: str) -> Iterator[Fault]:
    if not check.items:
        yield fault(FaultKind.RULE_WITHOUT_ITEM, path)
    for name in check.items:
        if form.item(name) is None:
            yield fault(FaultKind.UNKNOWN_ITEM, f"{path}.items", name=name)
    if check.ask and not _is_askable(form, check.ask):
        yield fault(FaultKind.UNKNOWN_ITEM, f"{path}.ask", name=check.ask)
    guessed = check.certainty.is_guess and not check.confirmed_by
    if check.severity is Severity.ERROR and guessed:
        yield fault(FaultKind.GUESSED_RULE_BLOCKS, path, certainty=check.certainty)
    yield from _text_faults(check.respondent, f"{path}.respondent", _WHO | _PERIOD)


def _is_askable(form: Questionnaire, target: str) -> bool:
    name, slash, code = target.partition("/")
    item = form.item(name)
    return item is not None and item.type.is_question and (not slash or code in item.codes)


def _rule_number_faults(form: Questionnaire) -> Iterator[Fault]:
    seen: set[str] = set()
    places = [(f"checks.{check.id}", check.id) for check in form.checks]
    places += [(f"checks_elsewhere.{rule.id}", rule.id) for rule in form.elsewhere]
    for place, number in places:
        if number and number in seen:
            yield fault(FaultKind.DUPLICATE_RULE, place, name=number)
        seen.add(number)


def _outcome_faults(form: Questionnaire) -> Iterator[Fault]:
    seen: set[str] = set()
    for outcome in form.outcomes:
        path = f"outcomes.{outcome.code}"
        if outcome.code in seen:
            yield fault(FaultKind.DUPLICATE_OUTCOME, path, name=outcome.code)
        seen.add(outcome.code)
        yield from _outcome_line_faults(form, outcome, path)
        if outcome.calls == "retry" and outcome.retry is None:
            yield fault(FaultKind.RETRY_MISSING, path)


def _outcome_line_faults(form: Questionnaire, outcome: Outcome, path: str) -> Iterator[Fault]:
    for key, name in (("say", outcome.say), ("clarify", outcome.clarify)):
        if name and form.script and name not in form.script:
            yield fault(FaultKind.UNKNOWN_LINE, f"{path}.{key}", name=name)


def _script_faults(form: Questionnaire) -> Iterator[Fault]:
    """An XLSForm brings no script and borrows the service's; a written one must be whole."""
    needed = {str(line) for line in Line} - {str(line) for line in MAY_BE_MISSING}
    for name in sorted(needed - set(form.script)) if form.script else ():
        yield fault(FaultKind.LINE_MISSING, "script", name=name)
    for key, line in form.script.items():
        for part in (line.text, line.chat, line.simple, line.window, line.desk):
            yield from _text_faults(part, f"script.{key}", _SCRIPT_SLOTS)


def _model_faults(form: Questionnaire) -> Iterator[Fault]:
    try:
        model = form_model(form)
    except ModelError as error:
        yield from _foreign_faults(error)
        return
    for place, expression in _loose_expressions(form):
        for name in sorted(references(expression)):
            if not model.knows(name):
                yield fault(FaultKind.UNKNOWN_REFERENCE, place, name=name)


def _foreign_faults(error: ModelError) -> Iterator[Fault]:
    if any(problem.code == "duplicate-name" for problem in error.problems):
        return  # noted with the names already; its neighbours would only look wrong
    for problem in error.problems:
        kind = FaultKind.CYCLE if problem.cycle else FaultKind.UNKNOWN_REFERENCE
        path = f"items.{problem.bind}"
        yield fault(kind, path, name=problem.name, cycle=" → ".join(problem.cycle))


def _loose_expressions(form: Questionnaire) -> Iterator[tuple[str, Expression]]:
    """The expressions that are not part of the form's own graph."""
    for check in form.checks:
        yield f"checks.{check.id}.fails_when", check.fails_when
    for item in form.items:
        for index, variant in enumerate(item.variants):
            yield f"items.{item.name}.variants[{index}].when", variant.when


def missing_evidence(form: Questionnaire) -> Iterator[Fault]:
    """Yield a fault for each part of each item that does not say where it comes from.

    A county's own form need not say so; the two official forms must.
    """
    for item in form.items:
        for part in EVIDENCE_PARTS:
            wanted = part != "options" or item.type.has_choices
            if item.type.is_question and wanted and part not in item.evidence:
                yield fault(FaultKind.EVIDENCE_MISSING, f"items.{item.name}", part=part)
