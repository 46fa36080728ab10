"""From the plain mapping of a form to a :class:`Questionnaire`, or to the list of its faults."""

from collections.abc import Mapping

from survey_engine.evidence import read_evidence, read_source
from survey_engine.expression import Expression, parse
from survey_engine.fault import Fault, FaultKind, FormError
from survey_engine.item import (
    Certainty,
    ChatHint,
    Choice,
    Evidence,
    Hints,
    Item,
    ItemType,
    KeypadHint,
    ReferencePeriod,
    Role,
    Sensitivity,
    Unclear,
    Variant,
    VoiceHint,
    Wording,
)
from survey_engine.node import Node
from survey_engine.questionnaire import (
    Check,
    Fact,
    Official,
    Outcome,
    Procedure,
    Questionnaire,
    Retry,
    RuleElsewhere,
    ScriptLine,
    Section,
    Severity,
    Task,
)
from survey_engine.soundness import soundness_faults

_SCOPES = ("campaign", "household", "village", "process", "structure")
_STEPS = ("ask", "reask", "keys")
_TRUE = parse("true()")
_VOICE = {
    ItemType.SINGLE: VoiceHint.CHOICE,
    ItemType.MULTI: VoiceHint.SERIES,
    ItemType.INTEGER: VoiceHint.NUMBER,
    ItemType.DECIMAL: VoiceHint.NUMBER,
    ItemType.DATE: VoiceHint.DATE,
    ItemType.ACKNOWLEDGE: VoiceHint.YES_NO,
}
_CHAT = {
    ItemType.SINGLE: ChatHint.BUTTONS,
    ItemType.MULTI: ChatHint.CHECKBOXES,
    ItemType.INTEGER: ChatHint.NUMBER,
    ItemType.DECIMAL: ChatHint.NUMBER,
    ItemType.DATE: ChatHint.DATE,
    ItemType.ACKNOWLEDGE: ChatHint.BUTTONS,
}


def read_questionnaire(form: Mapping[str, object]) -> Questionnaire:
    """Read a form from the mapping that ``docs/questionnaire-format.md`` describes.

    Every scalar may be text; numbers and booleans are accepted too. Raises
    :class:`survey_engine.fault.FormError` with every fault found.
    """
    faults: list[Fault] = []
    questionnaire = _read_form(Node(form, "", faults))
    faults.extend(soundness_faults(questionnaire, faults))
    if faults:
        raise FormError(faults)
    return questionnaire


def _read_form(node: Node) -> Questionnaire:
    defaults = read_evidence(node.child("evidence"))
    sections: list[Section] = []
    items: list[Item] = []
    for section in node.nodes("sections", required=True):
        _read_section(section, "", sections, items, defaults)
    questionnaire = Questionnaire(
        form=node.name("form"),
        version=node.text("version", required=True),
        title=node.text("title", required=True),
        official=_read_official(node.child("official")),
        procedure=_read_procedure(node.child("procedure")),
        facts=tuple(_read_fact(fact) for fact in node.nodes("facts")),
        sections=tuple(sections),
        items=tuple(items),
        checks=tuple(_read_check(check) for check in node.nodes("checks")),
        elsewhere=tuple(_read_elsewhere(rule) for rule in node.nodes("checks_elsewhere")),
        outcomes=tuple(_read_outcome(outcome) for outcome in node.nodes("outcomes")),
        script=_read_script(node.child("script")),
        foreign=node.flag("foreign"),
    )
    node.close()
    return questionnaire


def _read_section(
    node: Node,
    parent: str,
    sections: list[Section],
    items: list[Item],
    defaults: Mapping[str, Evidence],
) -> None:
    section = Section(
        name=node.name("name"),
        label=node.text("label", required=True),
        parent=parent,
        relevant=node.expression("relevant"),
        intro=node.text("intro"),
        readback=node.text("readback"),
    )
    sections.append(section)
    for entry in node.nodes("items", required=True):
        if entry.has("items"):
            _read_section(entry, section.name, sections, items, defaults)
        else:
            items.append(_read_item(entry, section.name, defaults))
    node.close()


def _read_item(node: Node, section: str, defaults: Mapping[str, Evidence]) -> Item:
    kind = node.word("type", ItemType)
    wording = _read_wording(node.child("wording"), required=kind.is_question)
    item = Item(
        name=node.name("name"),
        label=node.text("label", required=kind.is_question),
        type=kind,
        section=section,
        wording=wording,
        hints=_read_hints(node.child("hints"), kind),
        legacy=_read_legacy(node.child("legacy")),
        relevant=node.expression("relevant"),
        required=_required(node, kind),
        readonly=node.expression("readonly"),
        constraint=node.expression("constraint"),
        constraint_message=node.text("constraint_message"),
        calculation=node.expression("calculation"),
        default=node.expression("default"),
        reference=node.word("reference", ReferencePeriod, ReferencePeriod.NOW),
        sensitivity=node.word("sensitivity", Sensitivity, Sensitivity.PERSONAL),
        stable=node.flag("stable"),
        role=node.word("role", Role) if node.has("role") else None,
        variants=tuple(_read_variant(variant, wording) for variant in node.nodes("variants")),
        choices=tuple(_read_choice(choice) for choice in node.nodes("choices")),
        unclear=tuple(_read_unclear(unclear) for unclear in node.nodes("unclear")),
        evidence={**defaults, **read_evidence(node.child("evidence"))},
    )
    node.close()
    return item


def _required(node: Node, kind: ItemType) -> Expression | None:
    written = node.expression("required")
    return written if written is not None or not kind.is_question else _TRUE


def _read_wording(node: Node, *, required: bool) -> Wording:
    wording = Wording(
        ask=node.text("ask", required=required),
        proxy=node.text("proxy"),
        reask=node.text("reask"),
        chat=node.text("chat"),
        readback=node.text("readback"),
        last=node.text("last"),
        explain=node.text("explain"),
        keys=node.text("keys"),
    )
    node.close()
    return wording


def _read_variant(node: Node, base: Wording) -> Variant:
    variant = Variant(
        when=node.expression("when", required=True) or _TRUE,
        wording=Wording(
            ask=node.text("ask") or base.ask,
            proxy=node.text("proxy") or base.proxy,
            reask=node.text("reask") or base.reask,
            chat=node.text("chat") or base.chat,
            readback=node.text("readback") or base.readback,
            last=node.text("last") or base.last,
            explain=node.text("explain") or base.explain,
            keys=node.text("keys") or base.keys,
        ),
    )
    node.close()
    return variant


def _read_hints(node: Node, kind: ItemType) -> Hints:
    digits = node.child("digits")
    length = None
    if node.has("digits"):
        length = (digits.integer("min", 1, 1, 32), digits.integer("max", 32, 1, 32))
        digits.close()
    hints = Hints(
        voice=node.word("voice", VoiceHint, _VOICE.get(kind, VoiceHint.TEXT)),
        keypad=node.word("keypad", KeypadHint, KeypadHint.NONE),
        chat=node.word("chat", ChatHint, _CHAT.get(kind, ChatHint.TEXT)),
        digits=length,
    )
    node.close()
    return hints


def _read_legacy(node: Node) -> Mapping[str, str]:
    codes = {wave: node.text(wave) for wave in node.written()}
    node.close()
    return codes


def _read_choice(node: Node) -> Choice:
    choice = Choice(
        code=node.text("code", required=True),
        label=node.text("label", required=True),
        meaning=node.text("meaning"),
        says=node.texts("says"),
        ask=node.text("ask"),
        readback=node.text("readback"),
        exclusive=node.flag("exclusive"),
        when=node.expression("when"),
        effect=node.text("effect"),
        key=node.text("key"),
        evidence=read_source(node.child("evidence")) if node.has("evidence") else None,
    )
    node.close()
    return choice


def _read_unclear(node: Node) -> Unclear:
    unclear = Unclear(says=node.texts("says"), why=node.text("why", required=True))
    node.close()
    return unclear


def _read_official(node: Node) -> Official:
    official = Official(
        number=node.text("number"),
        authority=node.text("authority"),
        approval=node.text("approval"),
        valid_until=node.date("valid_until"),
    )
    node.close()
    return official


def _read_procedure(node: Node) -> Procedure:
    default = Procedure()
    procedure = Procedure(
        identity=node.one_of("identity", ("certificate", "none"), default.identity),
        consent=node.flag("consent"),
        guardian_age=node.integer("guardian_age", default.guardian_age, 0, 30),
        guardian_relations=node.texts("guardian_relations"),
        proxy_categories=node.texts("proxy_categories"),
        text_categories=node.texts("text_categories"),
        identity_tries=node.integer("identity_tries", default.identity_tries, 1, 5),
        ladder=_read_ladder(node) or default.ladder,
        refusals=node.integer("refusals", default.refusals, 1, 5),
        two_weeks_before=node.one_of(
            "two_weeks_before", ("interview", "reference_day"), default.two_weeks_before
        ),
        usable_partial=node.texts("usable_partial"),
        section_readback=node.flag("section_readback"),
    )
    node.close()
    return procedure


def _read_ladder(node: Node) -> tuple[str, ...]:
    steps = node.texts("ladder")
    for index, step in enumerate(steps):
        if step not in _STEPS:
            known = ", ".join(_STEPS)
            node.note(FaultKind.UNKNOWN_WORD, f"ladder[{index}]", found=step, known=known)
    return steps


def _read_fact(node: Node) -> Fact:
    fact = Fact(
        name=node.name("name"),
        kind=node.one_of("kind", ("integer", "string", "date"), "string"),
        label=node.text("label", required=True),
    )
    node.close()
    return fact


def _read_check(node: Node) -> Check:
    check = Check(
        id=node.name("id"),
        items=node.texts("items"),
        fails_when=node.expression("fails_when", required=True) or _TRUE,
        severity=node.word("severity", Severity),
        respondent=node.text("respondent", required=True),
        caseworker=node.text("caseworker", required=True),
        source=node.text("source", required=True),
        certainty=node.word("certainty", Certainty),
        ask=node.text("ask"),
        heard=node.texts("heard"),
        lead=node.flag("lead"),
        confirmed_by=node.text("confirmed_by"),
    )
    node.close()
    return check


def _read_elsewhere(node: Node) -> RuleElsewhere:
    rule = RuleElsewhere(
        id=node.name("id"),
        scope=node.one_of("scope", _SCOPES, "process"),
        rule=node.text("rule", required=True),
        severity=node.text("severity", required=True),
        source=node.text("source", required=True),
    )
    node.close()
    return rule


def _read_outcome(node: Node) -> Outcome:
    outcome = Outcome(
        code=node.name("code"),
        label=node.text("label", required=True),
        aapor=node.text("aapor", required=True),
        says=node.texts("says"),
        ends=node.flag("ends"),
        final=node.flag("final"),
        say=node.text("say", required=True),
        urgency=node.one_of("urgency", ("minutes", "same_day", "normal"), "normal"),
        evidence_needed=node.text("evidence_needed"),
        calls=node.one_of("calls", ("stop", "retry", "keep", "visit"), "keep"),
        source=node.text("source", required=True),
        certainty=node.word("certainty", Certainty),
        clarify=node.text("clarify"),
        voids=node.flag("voids"),
        tasks=tuple(_read_task(task) for task in node.nodes("tasks")),
        retry=_read_retry(node.child("retry")) if node.has("retry") else None,
    )
    node.close()
    return outcome


def _read_task(node: Node) -> Task:
    task = Task(
        to=node.text("to", required=True),
        do=node.text("do", required=True),
        within=node.text("within", required=True),
    )
    node.close()
    return task


def _read_retry(node: Node) -> Retry:
    retry = Retry(
        attempts=node.integer("attempts", 3, 1, 30),
        bands=node.integer("bands", 1, 1, 6),
        days=node.integer("days", 1, 1, 365),
    )
    node.close()
    return retry


def _read_script(node: Node) -> Mapping[str, ScriptLine]:
    lines = {}
    for key in node.written():
        line = node.child(key)
        lines[key] = ScriptLine(
            text=line.text("text", required=True),
            chat=line.text("chat"),
            simple=line.text("simple"),
            window=line.text("window"),
            desk=line.text("desk"),
        )
        line.close()
    node.close()
    return lines
