"""Every kind of fault: the form that has it, and the form beside it that is accepted."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from survey_engine.evidence import EVIDENCE_PARTS
from survey_engine.fault import Fault, FaultKind, FormError
from survey_engine.overlay import lay_over
from survey_engine.reading import read_questionnaire
from survey_engine.script import Line
from survey_engine.soundness import missing_evidence
from tests.survey_engine.small_forms import (
    SCRIPT,
    Entry,
    certificate,
    check,
    choice,
    form,
    multi,
    outcome,
    overlay,
    question,
    rule_elsewhere,
    section,
    single,
    speaker,
)

K = FaultKind


@dataclass(frozen=True)
class Case:
    """A broken form, the one fault that it has and where, what to do, and the sound form."""

    kind: FaultKind
    path: str
    advice: str
    broken: Entry
    sound: Entry

    def __str__(self) -> str:
        return f"{self.kind.name.lower()}@{self.path or 'form'}"


DIGITS = {"voice": "digits", "chat": "text"}
SURE = {"source": "手册", "certainty": "official"}

SHAPE = [
    Case(K.NOT_A_MAPPING, "official", "write it as", form(official=["x"]), form(official=None)),
    Case(K.NOT_A_MAPPING, "procedure", "write it as", form(procedure="fast"), form(procedure={})),
    Case(K.NOT_A_LIST, "facts", "write one `- ` line", form(facts="age"), form(facts=[])),
    Case(K.NOT_A_TEXT, "title", "write a single value", form(title=["a"]), form(title="a")),
    Case(
        K.NOT_A_TEXT, "procedure.usable_partial[0]", "write a single value",
        form(procedure={"usable_partial": [{"Q": 1}]}), form(procedure={"usable_partial": ["Q"]}),
    ),
    Case(K.MISSING_KEY, "", "add it", form(version=""), form(version="1")),
    Case(
        K.MISSING_KEY, "sections[0].items[0].wording", "add it",
        form({**question("Q"), "wording": {"proxy": "怎么样？"}}), form(question("Q")),
    ),
    Case(K.EMPTY_TEXT, "title", "write its text", form(title="  "), form(title="表")),
    Case(K.UNKNOWN_KEY, "", "use one of", form(colour="red"), form(official={})),
    Case(
        K.UNKNOWN_KEY, "sections[0].items[0]", "use one of",
        form(single("Q", relevent="true")), form(single("Q", relevant="true")),
    ),
    Case(
        K.UNKNOWN_WORD, "sections[0].items[0].reference", "use one of: T0, Y1",
        form(single("Q", reference="Y2")), form(single("Q", reference="Y1")),
    ),
    Case(
        K.UNKNOWN_WORD, "procedure.ladder[1]", "use one of: ask, reask, keys",
        form(procedure={"ladder": ["ask", "shout"]}), form(procedure={"ladder": ["ask", "keys"]}),
    ),
    Case(
        K.BAD_FLAG, "procedure.consent", "write true or false",
        form(procedure={"consent": "perhaps"}), form(procedure={"consent": "是"}),
    ),
    Case(
        K.BAD_INTEGER, "procedure.guardian_age", "between 0 and 30",
        form(procedure={"guardian_age": "31"}), form(procedure={"guardian_age": "30"}),
    ),
    Case(
        K.BAD_DATE, "official.valid_until", "YYYY-MM-DD",
        form(official={"valid_until": "2026-02-29"}), form(official={"valid_until": "2028-02-29"}),
    ),
    Case(
        K.BAD_NAME, "sections[0].items[0].name", "starts with a letter",
        form(single("1Q")), form(single("Q-1.a")),
    ),
    Case(
        K.TEXT_TOO_LONG, "title", "shorten it to 20000",
        form(title="表" * 20_001), form(title="表" * 20_000),
    ),
    Case(
        K.TOO_MANY, "sections[0].items[0].choices[0].says", "the limit is 5000",
        form(single("Q", choice("1", says=[f"话{n}" for n in range(5001)]))),
        form(single("Q", choice("1", says=[f"话{n}" for n in range(5000)]))),
    ),
    Case(
        K.BAD_EXPRESSION, "sections[0].items[0].relevant", "write `${Q}`",
        form(single("Q", relevant="Q = 1")), form(single("Q", relevant="'a' = 'a'")),
    ),
]  # fmt: skip

NAMES = [
    Case(
        K.NO_QUESTIONS, "sections", "add at least one",
        form(question("Q", "note")), form(question("Q", "note"), question("R")),
    ),
    Case(
        K.DUPLICATE_NAME, "items.Q", "give each",
        form(single("Q"), single("Q")), form(single("Q"), single("R")),
    ),
    Case(K.DUPLICATE_NAME, "items.S", "give each", form(single("S")), form(single("s"))),
    Case(
        K.RESERVED_NAME, "items.channel", "choose another",
        form(single("channel")), form(facts=[{"name": "channel", "label": "渠道"}]),
    ),
    Case(
        K.UNKNOWN_REFERENCE, "items.Q", "correct the name",
        form(single("Q", relevant="${R} = '1'")),
        form(single("R"), single("Q", relevant="${R} = '1'")),
    ),
    Case(
        K.UNKNOWN_REFERENCE, "checks.L1.fails_when", "correct the name",
        form(checks=[check(fails_when="${last-saved#R} = '1'")]),
        form(checks=[check(fails_when="${last-saved#Q} = '1'")]),
    ),
    Case(
        K.UNKNOWN_REFERENCE, "items.Q.variants[0].when", "correct the name",
        form(single("Q", variants=[{"when": "${R} = '1'", "ask": "怎么样？"}])),
        form(single("Q", variants=[{"when": "${Q} = '1'", "ask": "怎么样？"}])),
    ),
    Case(
        K.CYCLE, "items.Q", "break the circle",
        form(single("Q", relevant="${R} = '1'"), single("R", relevant="${Q} = '1'")),
        form(single("Q"), single("R", relevant="${Q} = '1'")),
    ),
]  # fmt: skip

CHOICES = [
    Case(
        K.NO_CHOICES, "items.Q", "add `choices`",
        form(question("Q", "single")), form(single("Q")),
    ),
    Case(
        K.CHOICES_NOT_ALLOWED, "items.Q", "remove `choices`",
        form(question("Q", choices=[choice("1")])), form(question("Q")),
    ),
    Case(
        K.DUPLICATE_CODE, "items.Q.choices.1", "has a `when`",
        form(single("Q", "1", choice("1", when="true"))),
        form(single("Q", choice("1", when="false"), choice("1", when="true"))),
    ),
    Case(
        K.BAD_CODE, "items.Q.choices.一", "no spaces and at most 128",
        form(single("Q", "一", "2")), form(single("Q", "A-1_b.c", "2")),
    ),
    Case(
        K.RESERVED_CODE, "items.Q.choices.98", "under `unclear`",
        form(single("Q", "1", "98")),
        form(single("Q", "1", "95", unclear=[{"says": ["说不好"], "why": "不知道"}])),
    ),
    Case(
        K.DUPLICATE_PHRASE, "items.Q.choices.2", "move them to `unclear`",
        form(single("Q", choice("1", says=["有"]), choice("2", says=["有"]))),
        form(single("Q", choice("1", says=["有"]), choice("2", says=["没有"]))),
    ),
    Case(
        K.DUPLICATE_KEY, "items.Q.choices.2", "give each choice its own",
        form(single("Q", choice("1", key="1"), choice("2", key="1"))),
        form(single("Q", choice("1", key="1"), choice("2", key="2"))),
    ),
    Case(
        K.BAD_KEY, "items.Q.choices.1", "one digit from 1 to 9",
        form(single("Q", choice("1", key="0"))), form(single("Q", choice("1", key="9"))),
    ),
    Case(
        K.NO_SERIES_QUESTION, "items.Q.choices.1", "write its yes/no question",
        form(multi("Q", choice("1", ask=""), "2")), form(multi("Q", "1", "2")),
    ),
    Case(
        K.EXCLUSIVE_IN_SINGLE, "items.Q.choices.2", "remove the mark",
        form(single("Q", "1", choice("2", exclusive="true"))),
        form(multi("Q", "1", choice("2", exclusive="true"))),
    ),
    Case(
        K.TWO_EXCLUSIVE, "items.Q", "keep one",
        form(multi("Q", "1", choice("2", exclusive="true"), choice("3", exclusive="true"))),
        form(multi("Q", "1", choice("2", exclusive="true"), "3")),
    ),
    Case(
        K.ONLY_EXCLUSIVE, "items.Q", "add what can be chosen",
        form(multi("Q", choice("1", exclusive="true"))),
        form(multi("Q", choice("1", exclusive="true"), "2")),
    ),
    Case(
        K.BAD_EFFECT, "items.Q.choices.1.effect", "write speaker:self",
        form(single("Q", choice("1", effect="outcome:N9")), outcomes=[outcome("N1")]),
        form(single("Q", choice("1", effect="outcome:N1")), outcomes=[outcome("N1")]),
    ),
]  # fmt: skip

WORDING = [
    Case(
        K.STABLE_WITHOUT_LAST, "items.Q", "write how",
        form(single("Q", stable="true")),
        form(single("Q", stable="true", wording={"last": "还是{last}吗？"})),
    ),
    Case(
        K.LAST_WITHOUT_SLOT, "items.Q.wording.last", "{last}",
        form(single("Q", stable="true", wording={"last": "还一样吗？"})),
        form(single("Q", stable="true", wording={"last": "还是{last}吗？"})),
    ),
    Case(
        K.STABLE_AND_SENSITIVE, "items.Q", "remove `stable`",
        form(single("Q", stable="true", sensitivity="H", wording={"last": "还是{last}吗？"})),
        form(single("Q", stable="true", sensitivity="M", wording={"last": "还是{last}吗？"})),
    ),
    Case(
        K.UNKNOWN_SLOT, "items.Q.wording.ask", "use one of",
        form(single("Q", wording={"ask": "{whom}怎么样？"})),
        form(single("Q", wording={"ask": "{who}怎么样？"})),
    ),
    Case(
        K.UNKNOWN_SLOT, "items.Q.choices.1.ask", "use one of",
        form(multi("Q", choice("1", ask="{answer}？"))),
        form(multi("Q", choice("1", ask="{ta}？"))),
    ),
    Case(
        K.UNKNOWN_SLOT, "items.Q.choices.1.readback", "use one of",
        form(single("Q", choice("1", readback="{answer}"))),
        form(single("Q", choice("1", readback="{ta}去了"))),
    ),
    Case(
        K.LEADING_WORDING, "items.Q.wording.reask", "ask neutrally",
        form(single("Q", wording={"reask": "没去，是吧？"})),
        form(single("Q", wording={"reask": "去了没有？"})),
    ),
    Case(
        K.LEADING_WORDING, "checks.L1.respondent", "ask neutrally",
        form(checks=[check(respondent="您难道没有结婚？")]),
        form(checks=[check(respondent="您结婚了没有？")]),
    ),
    Case(
        K.READBACK_WITHOUT_SLOT, "items.Q.wording.readback", "{answer}",
        form(single("Q", wording={"readback": "记下了"})),
        form(single("Q", wording={"readback": "记的是{answer}"})),
    ),
    Case(
        K.READBACK_WITHOUT_SLOT, "sections.S.readback", "{answers}",
        form(sections=[section("S", single("Q"), readback="对不对？")]),
        form(sections=[section("S", single("Q"), readback="{answers}，对不对？")]),
    ),
]  # fmt: skip

TYPES = [
    Case(
        K.CALCULATION_MISSING, "items.C", "write it",
        form(single("Q"), {"name": "C", "type": "calculate"}),
        form(single("Q"), {"name": "C", "type": "calculate", "calculation": "1 + 1"}),
    ),
    Case(
        K.CALCULATION_NOT_ALLOWED, "items.Q", "make it calculate",
        form(single("Q", calculation="1")), form(question("Q", "integer", calculation="1")),
    ),
    Case(
        K.HINT_MISMATCH, "items.Q.hints.voice", "use one of: choice, open, yes_no",
        form(single("Q", hints={"voice": "number"})), form(single("Q", hints={"voice": "open"})),
    ),
    Case(
        K.HINT_MISMATCH, "items.Q.hints.chat", "use one of: checkboxes",
        form(multi("Q", hints={"chat": "buttons"})), form(multi("Q", hints={"chat": "checkboxes"})),
    ),
    Case(
        K.DIGITS_MISSING, "items.Q", "add it",
        form(question("Q", hints=DIGITS)),
        form(question("Q", hints={**DIGITS, "digits": {"min": "4", "max": "4"}})),
    ),
    Case(
        K.DIGITS_REVERSED, "items.Q.hints.digits", "exchange them",
        form(question("Q", hints={**DIGITS, "digits": {"min": "5", "max": "4"}})),
        form(question("Q", hints={**DIGITS, "digits": {"min": "4", "max": "5"}})),
    ),
    Case(
        K.KEYS_MISSING, "items.Q", "write what each key means",
        form(single("Q", hints={"keypad": "choice"})),
        form(single("Q", hints={"keypad": "choice"}, wording={"keys": "按1或按2。"})),
    ),
]  # fmt: skip

PROCEDURE = [
    Case(
        K.ROLE_TWICE, "items.R", "belongs to one item",
        form(question("Q", role="telephone"), question("R", role="telephone")),
        form(question("Q", role="telephone"), question("R", role="guardian")),
    ),
    Case(
        K.IDENTITY_WITHOUT_ITEM, "procedure.identity", "give it to one",
        form(speaker(), single("Q"), procedure={"identity": "certificate"}),
        form(speaker(), certificate(), single("Q"), procedure={"identity": "certificate"}),
    ),
    Case(
        K.UNKNOWN_ITEM, "procedure.usable_partial", "correct the name",
        form(procedure={"usable_partial": ["R"]}), form(procedure={"usable_partial": ["Q"]}),
    ),
    Case(
        K.UNKNOWN_ITEM, "checks.L1.items", "correct the name",
        form(checks=[check(items=["R"])]), form(checks=[check(items=["Q"])]),
    ),
    Case(
        K.UNKNOWN_ITEM, "checks.L1.ask", "correct the name",
        form(checks=[check(ask="R")]), form(checks=[check(ask="Q")]),
    ),
    Case(
        K.UNKNOWN_ITEM, "checks.L1.ask", "correct the name",
        form(multi("Q"), checks=[check(ask="Q/3")]), form(multi("Q"), checks=[check(ask="Q/2")]),
    ),
    Case(
        K.LINE_MISSING, "script", "write it",
        form(script={key: line for key, line in SCRIPT.items() if key != Line.CONSENT}),
        form(script=SCRIPT),
    ),
    Case(
        K.UNKNOWN_LINE, "outcomes.N1.say", "use one of its keys",
        form(script=SCRIPT, outcomes=[outcome(say="farewell")]),
        form(script=SCRIPT, outcomes=[outcome(say="opted_out")]),
    ),
    Case(
        K.DUPLICATE_RULE, "checks_elsewhere.L1", "each rule stands once",
        form(checks=[check("L1")], checks_elsewhere=[rule_elsewhere("L1")]),
        form(checks=[check("L1")], checks_elsewhere=[rule_elsewhere("L2")]),
    ),
    Case(
        K.GUESSED_RULE_BLOCKS, "checks.L1", "make it Q",
        form(checks=[check(severity="E", certainty="memory")]),
        form(checks=[check(severity="E", certainty="memory", confirmed_by="县残联")]),
    ),
    Case(
        K.RULE_WITHOUT_ITEM, "checks.L1", "at least one",
        form(checks=[check(items=[])]), form(checks=[check(items=["Q"])]),
    ),
    Case(
        K.DUPLICATE_OUTCOME, "outcomes.N1", "each outcome stands once",
        form(outcomes=[outcome("N1"), outcome("N1")]),
        form(outcomes=[outcome("N1"), outcome("N2")]),
    ),
    Case(
        K.RETRY_MISSING, "outcomes.N1", "say how many attempts",
        form(outcomes=[outcome(calls="retry")]),
        form(outcomes=[outcome(calls="retry", retry={"attempts": "5"})]),
    ),
]  # fmt: skip

OVERLAYS = [
    Case(
        K.OVERLAY_FORM, "extends", "use the form that",
        overlay(extends="person"), overlay(extends="small"),
    ),
    Case(
        K.BAD_MONTH_DAY, "reference_day", "MM-DD",
        overlay(reference_day="06-31"), overlay(reference_day="06-30"),
    ),
    Case(
        K.BAD_MONTH_DAY, "reference_day", "MM-DD",
        overlay(reference_day="02-29"), overlay(reference_day="12-31"),
    ),
    Case(
        K.BAD_MONTH_DAY, "reference_day", "MM-DD",
        overlay(reference_day="2016-06-30"), overlay(reference_day="02-28"),
    ),
    Case(
        K.OVERLAY_TARGET, "items.drop", "correct the name",
        overlay(items={"drop": ["R"]}), overlay(items={"drop": ["P"]}),
    ),
    Case(
        K.OVERLAY_TARGET, "items.change[0]", "correct the name",
        overlay(items={"change": [{"name": "R"}]}), overlay(items={"change": [{"name": "Q"}]}),
    ),
    Case(
        K.OVERLAY_TARGET, "items.add[0].after", "correct the name",
        overlay(items={"add": [{"section": "S", "after": "T", "item": single("R")}]}),
        overlay(items={"add": [{"section": "S", "after": "Q", "item": single("R")}]}),
    ),
    Case(
        K.OVERLAY_TARGET, "checks.drop", "correct the name",
        overlay(checks={"drop": ["L2"]}), overlay(checks={"drop": ["L1"]}),
    ),
    Case(
        K.OVERLAY_TARGET, "outcomes.change[0]", "correct the name",
        overlay(outcomes={"change": [{"code": "N2"}]}),
        overlay(outcomes={"change": [{"code": "N1"}]}),
    ),
    Case(
        K.OVERLAY_DUPLICATE, "items.add[0].item", "use `change`",
        overlay(items={"add": [{"section": "S", "item": single("Q")}]}),
        overlay(items={"add": [{"section": "S", "item": single("R")}]}),
    ),
    Case(
        K.OVERLAY_DUPLICATE, "checks.add[0]", "use `change`",
        overlay(checks={"add": [check("L1")]}), overlay(checks={"add": [check("L2")]}),
    ),
    Case(
        K.UNKNOWN_SECTION, "items.add[0].section", "correct the name",
        overlay(items={"add": [{"section": "T", "item": single("R")}]}),
        overlay(items={"add": [{"section": "S", "item": single("R")}]}),
    ),
]  # fmt: skip

PROVENANCE = [
    Case(
        K.EVIDENCE_MISSING, "items.Q", "say `source` and `certainty`",
        form(evidence=dict.fromkeys(EVIDENCE_PARTS[:-1], SURE)),
        form(evidence=dict.fromkeys(EVIDENCE_PARTS, SURE)),
    ),
]  # fmt: skip

FORMS = [*SHAPE, *NAMES, *CHOICES, *WORDING, *TYPES, *PROCEDURE]


def form_faults(plain: Mapping[str, object]) -> tuple[Fault, ...]:
    try:
        read_questionnaire(plain)
    except FormError as error:
        return error.faults
    return ()


def overlay_faults(changes: Mapping[str, object]) -> tuple[Fault, ...]:
    base = form(single("P"), single("Q"), checks=[check("L1")], outcomes=[outcome("N1")])
    try:
        laid, _about = lay_over(base, changes)
    except FormError as error:
        return error.faults
    return form_faults(laid)


def evidence_faults(plain: Mapping[str, object]) -> tuple[Fault, ...]:
    return tuple(missing_evidence(read_questionnaire(plain)))


def assert_only_fault(case: Case, faults: tuple[Fault, ...]) -> None:
    assert [(fault.kind, fault.path) for fault in faults] == [(case.kind, case.path)]
    assert faults[0].message.startswith(case.path or "the form")
    assert case.advice in faults[0].message


@pytest.mark.parametrize("case", FORMS, ids=str)
def test_broken_form_is_refused_and_the_sound_one_beside_it_accepted(case: Case) -> None:
    assert_only_fault(case, form_faults(case.broken))
    assert form_faults(case.sound) == ()


@pytest.mark.parametrize("case", OVERLAYS, ids=str)
def test_broken_overlay_is_refused_and_the_sound_one_beside_it_accepted(case: Case) -> None:
    assert_only_fault(case, overlay_faults(case.broken))
    assert overlay_faults(case.sound) == ()


@pytest.mark.parametrize("case", PROVENANCE, ids=str)
def test_item_without_provenance_is_named_and_one_with_it_is_not(case: Case) -> None:
    assert_only_fault(case, evidence_faults(case.broken))
    assert evidence_faults(case.sound) == ()


@pytest.mark.parametrize("kind", FaultKind, ids=lambda kind: kind.name.lower())
def test_every_kind_of_fault_has_a_case(kind: FaultKind) -> None:
    assert kind in {case.kind for case in (*FORMS, *OVERLAYS, *PROVENANCE)}


def test_all_faults_of_a_form_are_named_at_once() -> None:
    broken = form(single("Q", relevant="${R} = '1'", stable="maybe"), version="", colour="red")
    assert {fault.kind for fault in form_faults(broken)} == {
        K.MISSING_KEY,
        K.UNKNOWN_KEY,
        K.BAD_FLAG,
        K.UNKNOWN_REFERENCE,
    }


def test_a_fault_has_a_stable_code() -> None:
    [fault] = form_faults(form(title=""))
    assert fault.code == "missing-key"
