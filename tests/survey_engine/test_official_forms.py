"""Every item, choice, check, outcome and sentence of the two official forms is whole and civil."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest

from dialog.wording import Office, wording_of
from server.forms.library import SHIPPED, load_form
from server.forms.plain_yaml import read_plain_yaml
from survey_engine.answer import SpeakerKind
from survey_engine.channel import Channel
from survey_engine.event import Asked, Introduced, Said
from survey_engine.form_model import form_model
from survey_engine.input import ChangeSpeaker, Resume
from survey_engine.instance import Instance
from survey_engine.interview import Interview, Status
from survey_engine.item import Choice, Item, ItemType, KeypadHint, ReferencePeriod, Role
from survey_engine.overlay import Overlay, lay_over
from survey_engine.period import period_of
from survey_engine.questionnaire import Check, Outcome, Questionnaire
from survey_engine.script import Line
from survey_engine.soundness import missing_evidence
from survey_engine.stepping import start, step
from survey_engine.wait import Accepts, Style, Wait, WaitKind
from survey_engine.waiting import item_wait, yes_no
from tests.survey_engine.random_interviews import LAST4, Move, inputs_of

AT = datetime(2026, 10, 12, 10, tzinfo=timezone(timedelta(hours=8)))
FORMS = {name: load_form(SHIPPED / f"{name}.yaml") for name in ("person", "community")}
PERSON, COMMUNITY = FORMS["person"], FORMS["community"]
OVERLAYS = sorted((SHIPPED / "overlays").glob("*.yaml"))
FACTS = {
    "name": "王小明",
    "age": "45",
    "sex": "male",
    "category": "4",
    "grade": "2",
    "last4": LAST4,
    "reference_day": "2026-09-30",
}

PERSON_ITEMS = [
    "A1", "A2", "A3", "A4", "A5", "A6", "A7", "B1", "B2", "B2a", "C1", "C2", "C3", "C4",
    "D1", "D1a", "D2", "D3", "D4", "D5", "D6", "E1", "E2", "E2a", "E3", "E3a", "E4", "E5", "E6",
    "E7", "F0", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "G1", "G2", "H1", "H2",
]  # fmt: skip
COMMUNITY_ITEMS = [
    "V1", "V2", "V3", "V3a", "V4", "V5", "V6", "V7", "V8", "V9", "V10", "V11",
]  # fmt: skip
NOT_IN_WAVE = {"2016": {"F0", "F7"}, "2018": {"F7"}}

RUDE = re.compile(
    "瞎子|瞎眼|聋子|聋哑|哑巴|瘸|跛子|傻|疯|残废|瘫子|弱智|白痴|痴呆|智障|神经病|精神病|废人|麻子|矬"
)
LEADING = re.compile(
    "是吧|对吧|没错吧|好吧|肯定|想必|难道|不会是|应该没|应该有|当然|太好了|真不错|可惜|还不|居然|怎么会"
)
_HARMLESS = re.compile("精神病(?:院|医院)|精神病人|感觉还不错")


def items() -> list[tuple[Questionnaire, Item]]:
    return [(form, item) for form in FORMS.values() for item in form.items]


def choices() -> list[tuple[Item, Choice]]:
    return [(item, choice) for _form, item in items() for choice in item.choices]


def checks() -> list[Check]:
    return [check for form in FORMS.values() for check in form.checks]


def outcomes() -> list[Outcome]:
    return [outcome for form in FORMS.values() for outcome in form.outcomes]


def lines() -> list[tuple[str, str, str, str]]:
    return [
        (f"{name}.{key}", line.text, line.chat, line.simple)
        for name, form in FORMS.items()
        for key, line in form.script.items()
    ]


def said_texts(form: Questionnaire) -> Iterator[tuple[str, str]]:
    """Everything of a form that people are told, with its place."""
    for section in form.sections:
        yield f"{section.name}.intro", section.intro
        yield f"{section.name}.readback", section.readback
    for item in form.items:
        wordings = [item.wording, *(variant.wording for variant in item.variants)]
        for wording in wordings:
            for key in ("ask", "proxy", "reask", "chat", "readback", "last", "explain", "keys"):
                yield f"{item.name}.{key}", getattr(wording, key)
        yield f"{item.name}.constraint_message", item.constraint_message
        yield f"{item.name}.label", item.label
        for choice in item.choices:
            for key in ("label", "meaning", "ask", "readback"):
                yield f"{item.name}.{choice.code}.{key}", getattr(choice, key)
    for check in form.checks:
        yield f"{check.id}.respondent", check.respondent
    for key, line in form.script.items():
        yield from ((f"script.{key}", text) for text in (line.text, line.chat, line.simple))


SAID = [place for form in FORMS.values() for place in said_texts(form) if place[1]]


# Which there are


def test_person_form_has_exactly_its_items_in_order() -> None:
    assert [item.name for item in PERSON.items if item.type.is_question] == PERSON_ITEMS


def test_community_form_has_exactly_its_items_in_order() -> None:
    assert [item.name for item in COMMUNITY.items if item.type.is_question] == COMMUNITY_ITEMS


def numbers(ids: Iterator[str]) -> set[int]:
    return {int(match[1]) for one in ids if (match := re.fullmatch(r"[LN](\d\d)[a-z]?", one))}


def test_every_rule_of_the_manual_has_its_place() -> None:
    ids = [check.id for check in PERSON.checks] + [rule.id for rule in PERSON.elsewhere]
    assert numbers(iter(ids)) == set(range(1, 82))


def test_every_outcome_of_the_manual_is_there() -> None:
    assert numbers(outcome.code for outcome in PERSON.outcomes) == set(range(1, 23))


@pytest.mark.parametrize("wave", NOT_IN_WAVE)
def test_every_item_of_a_wave_has_its_official_number(wave: str) -> None:
    without = {item.name for item in PERSON.items if not item.legacy.get(wave)}
    assert without == NOT_IN_WAVE[wave]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_part_says_where_it_comes_from_and_how_sure(form: Questionnaire) -> None:
    assert [fault.message for fault in missing_evidence(form)] == []


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_rules_and_outcomes_name_their_source(form: Questionnaire) -> None:
    sources = [check.source for check in form.checks]
    sources += [rule.source for rule in form.elsewhere]
    sources += [outcome.source for outcome in form.outcomes]
    assert sources
    assert all(sources)


# What is said


@pytest.mark.parametrize(("form", "item"), items(), ids=lambda one: getattr(one, "name", ""))
def test_item_has_every_wording(form: Questionnaire, item: Item) -> None:
    needed = ["ask", "proxy", "reask", "chat", "readback", "explain"]
    needed += ["keys"] if item.hints.keypad is not KeypadHint.NONE else []
    needed += ["last"] if item.stable else []
    for wording in [item.wording, *(variant.wording for variant in item.variants)]:
        assert [key for key in needed if not getattr(wording, key)] == []
        assert "{answer}" in wording.readback


@pytest.mark.parametrize(
    ("item", "choice"), choices(), ids=lambda one: getattr(one, "name", getattr(one, "code", ""))
)
def test_choice_is_defined_and_knows_the_words_of_people(item: Item, choice: Choice) -> None:
    assert choice.meaning
    assert len(set(choice.says)) >= 5
    if item.type is ItemType.MULTI and not choice.exclusive:
        assert re.search(r"(有没有.*|吗|没有|没)？", choice.ask)


@pytest.mark.parametrize(("form", "item"), items(), ids=lambda one: getattr(one, "name", ""))
def test_item_knows_words_that_no_careful_person_codes(form: Questionnaire, item: Item) -> None:
    assert item.unclear
    for unclear in item.unclear:
        assert unclear.says
        assert unclear.why
    coded = {phrase for choice in item.choices for phrase in choice.says}
    assert coded & {phrase for unclear in item.unclear for phrase in unclear.says} == set()


@pytest.mark.parametrize("check", checks(), ids=lambda check: check.id)
def test_check_speaks_to_respondent_and_caseworker(check: Check) -> None:
    assert check.respondent.endswith(("？", "。"))
    assert len(check.caseworker) >= 8


@pytest.mark.parametrize("outcome", outcomes(), ids=lambda outcome: outcome.code)
def test_outcome_can_be_heard_reported_and_followed_up(outcome: Outcome) -> None:
    assert re.fullmatch(r"[1-4]\.\d{1,3}", outcome.aapor)
    assert len(outcome.says) >= 5 or outcome.code == "N15"  # nobody answers, so nothing is heard
    assert outcome.tasks
    assert all(re.fullmatch(r"\d+[mhd]", task.within) for task in outcome.tasks)


@pytest.mark.parametrize(("place", "text", "chat", "simple"), lines(), ids=lambda text: text[:20])
def test_sentence_is_worded_for_every_channel(
    place: str, text: str, chat: str, simple: str
) -> None:
    for wording in (text, chat, simple):
        assert wording.endswith(("。", "？", "？）", "）"))
    assert len(simple) <= len(text) + 5


@pytest.mark.parametrize(("place", "text"), SAID, ids=[place for place, _text in SAID])
def test_nothing_said_is_rude_or_leads(place: str, text: str) -> None:
    plain = _HARMLESS.sub("", text)
    assert RUDE.search(plain) is None
    assert LEADING.search(plain) is None or place.endswith((".label", ".meaning"))


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_section_is_read_back(form: Questionnaire) -> None:
    for section in form.sections:
        assert section.parent or "{answers}" in section.readback


# Every question in every manner


def interviewed(form: Questionnaire, kind: SpeakerKind, age: int, channel: Channel) -> Interview:
    """An interview of which everything may be asked."""
    facts = {**FACTS, "age": str(age)}
    interview, _events = start(form, facts, {}, at=AT, channel=channel)
    changed = ChangeSpeaker(at=AT, kind=kind, relation="母亲")
    return step(interview, changed)[0]


def waits_of(interview: Interview, item: Item) -> Iterator[Wait]:
    """Everything that may be waited for about an item."""
    value = item.choices[0].code if item.choices else "1"
    yield item_wait(interview, item)
    yield yes_no(item.name, WaitKind.CONFIRM, value)
    yield yes_no(item.name, WaitKind.LAST, value)
    if item.type is ItemType.MULTI:
        offered = set(interview.instance.offers(item.name))
        for code in sorted(offered - item.exclusive_codes()):
            yield yes_no(f"{item.name}/{code}", WaitKind.ASK)
            yield yes_no(f"{item.name}/{code}", WaitKind.CONFIRM, "yes")
    for check in interview.questionnaire.checks:
        if check.target.partition("/")[0] == item.name:
            yield Wait(WaitKind.CHECK, check.target, Accepts.TEXT, rule=check.id)


def all_wordings(form: Questionnaire) -> Iterator[Questionnaire]:
    """The form, with all choices on offer, and once with each further wording as the only one."""
    yield form
    yield replace(form, items=tuple(_with_all_choices(item, item.choices) for item in form.items))
    yield replace(
        form, items=tuple(_with_all_choices(item, item.choices[::-1]) for item in form.items)
    )
    most = max(len(item.variants) for item in form.items)
    for place in range(most):
        yield replace(form, items=tuple(_in_variant(item, place) for item in form.items))


def _with_all_choices(item: Item, listed: tuple[Choice, ...]) -> Item:
    by_code = {choice.code: replace(choice, when=None) for choice in listed}
    return replace(item, choices=tuple(by_code.values()))


def _in_variant(item: Item, place: int) -> Item:
    if place >= len(item.variants):
        return item
    return replace(item, wording=item.variants[place].wording, variants=())


@pytest.mark.parametrize("channel", [Channel.VOICE, Channel.CHAT])
@pytest.mark.parametrize("age", [8, 45, 80])
@pytest.mark.parametrize("kind", [SpeakerKind.SELF, SpeakerKind.PROXY, SpeakerKind.STAFF])
@pytest.mark.parametrize("name", FORMS)
def test_every_question_is_whole_in_every_manner(
    name: str, kind: SpeakerKind, age: int, channel: Channel
) -> None:
    for form in all_wordings(FORMS[name]):
        interview = interviewed(form, kind, age, channel)
        for item in form.items:
            for wait in waits_of(interview, item):
                for style in Style:
                    said = wording_of(interview, Asked(at=AT, wait=wait, style=style), Office())
                    assert said, (item.name, wait, style)
                    assert not set("{}") & set(said), (item.name, wait, style, said)


@pytest.mark.parametrize("channel", [Channel.VOICE, Channel.CHAT])
@pytest.mark.parametrize("name", FORMS)
def test_every_sentence_and_introduction_is_whole(name: str, channel: Channel) -> None:
    form = FORMS[name]
    interview = interviewed(form, SpeakerKind.PROXY, 8, channel)
    answered = {Line.CONFIRM_VALUE, Line.STILL_SO}  # filled where they are asked
    for key in set(form.script) - answered:
        said = wording_of(interview, Said(at=AT, line=key), Office())
        assert said
        assert "{" not in said.replace("{name}", "")
    for section in form.sections:
        said = wording_of(interview, Introduced(at=AT, name=section.name), Office())
        assert "{" not in said


PEOPLE: Mapping[str, Mapping[str, str]] = {
    "a farmer": {"age": "60", "category": "4", "grade": "2"},
    "a woman of working age": {"age": "30", "sex": "female", "category": "1", "grade": "1"},
    "a child": {"age": "8", "category": "5", "grade": "2"},
    "somebody with a mental illness": {"age": "40", "category": "6", "grade": "1"},
    "a deaf person": {"age": "70", "category": "2", "grade": "3"},
}


def willing(
    form: Questionnaire, facts: Mapping[str, str], channel: Channel, pick: int
) -> tuple[Interview, set[str], list[str]]:
    """Interview somebody who answers whatever is asked: the end, what was asked, what was said."""
    interview, events = start(form, {**FACTS, **facts}, {}, at=AT, channel=channel)
    at, asked, said = AT, set[str](), list[str]()
    for _ in range(400):
        for event in events:
            said.append(wording_of(interview, event, Office()))
            if isinstance(event, Asked):
                asked.add(event.wait.item)
        if interview.status is Status.PAUSED:
            interview, events = step(interview, Resume(at=at, channel=Channel.CHAT))
            continue
        if interview.status is not Status.OPEN:
            break
        at, put = inputs_of(Move("fit", pick), interview, at)
        interview, events = step(interview, put)
    return interview, asked, said


@pytest.mark.parametrize("pick", [1, 2, 4])
@pytest.mark.parametrize("channel", [Channel.VOICE, Channel.CHAT])
@pytest.mark.parametrize("person", PEOPLE)
def test_whoever_answers_everything_comes_to_the_end(
    person: str, channel: Channel, pick: int
) -> None:
    end, asked, said = willing(PERSON, PEOPLE[person], channel, pick)
    assert end.status is Status.COMPLETED
    assert not any("{" in text for text in said)
    relevant = {name for name in PERSON_ITEMS if end.instance.is_relevant(name)}
    assert relevant <= asked | {"A1", "A2"}
    assert relevant <= set(end.answers)


# Overlays


def laid(name: str) -> tuple[Questionnaire, Overlay]:
    plain = [
        read_plain_yaml(file.read_bytes()).value
        for file in (SHIPPED / "person.yaml", SHIPPED / "overlays" / f"{name}.yaml")
    ]
    assert all(isinstance(one, dict) for one in plain)
    _result, about = lay_over(plain[0], plain[1])  # type: ignore[arg-type]
    return load_form(SHIPPED / "person.yaml", (SHIPPED / "overlays" / f"{name}.yaml",)), about


@pytest.mark.parametrize("file", OVERLAYS, ids=lambda file: file.stem)
def test_overlay_makes_another_version_of_the_person_form(file: object) -> None:
    form, about = laid(getattr(file, "stem", ""))
    assert form.version != PERSON.version
    assert about.extends == PERSON.form
    assert [fault.message for fault in missing_evidence(form)] == []


def test_gansu_2016_lacks_what_came_later_and_ends_its_year_in_june() -> None:
    form, about = laid("gansu-2016")
    names = {item.name for item in form.items}
    assert set(PERSON_ITEMS) - names == NOT_IN_WAVE["2016"]
    assert (about.wave, about.reference_day) == ("2016", "06-30")
    day = date.fromisoformat(f"2016-{about.reference_day}")
    year = period_of(ReferencePeriod.PAST_YEAR, day, day, "interview")
    assert (year.first, year.last) == (date(2015, 7, 1), date(2016, 6, 30))


def test_gansu_2016_speaks_of_the_year_up_to_june() -> None:
    form, _about = laid("gansu-2016")
    facts = {**FACTS, "reference_day": "2026-06-30"}
    _end, _asked, said = willing(form, facts, Channel.CHAT, 1)
    told = "".join(said)
    assert "7月1日" in told
    assert "6月30日" in told
    assert "10月1日" not in told


def test_guizhou_asks_its_own_items_too() -> None:
    form, _about = laid("guizhou-example")
    adult = willing(form, {}, Channel.CHAT, 1)[1]
    child = willing(form, PEOPLE["a child"], Channel.CHAT, 1)[1]
    grown, young = {"G101", "G102"}, {"G101", "G102", "G103"}
    assert (adult | child) & young == young
    assert "G103" not in adult
    assert grown & set(PERSON_ITEMS) == set()


def reasons_not_to_work(form: Questionnaire) -> list[str]:
    item = form.item("D4")
    assert item is not None
    return [choice.label for choice in item.choices]


def test_nh_orders_the_reasons_for_not_working_otherwise() -> None:
    nh, _about = laid("nh-codes")
    assert reasons_not_to_work(PERSON)[2:5] == ["无就业意愿", "无就业技能", "丧失劳动能力"]
    assert reasons_not_to_work(nh)[2:5] == ["丧失劳动能力", "无就业意愿", "无就业技能"]


@pytest.mark.parametrize(
    ("name", "code", "asked"),
    [("", "4", True), ("", "5", False), ("nh-codes", "4", False), ("nh-codes", "5", True)],
)
def test_help_with_work_is_asked_by_meaning_and_not_by_code(
    name: str, code: str, asked: bool
) -> None:
    form = laid(name)[0] if name else PERSON
    answers = {"age": "30", "A7": "2", "D1": "2", "D4": code}
    instance = Instance.start(form_model(form), answers, AT)
    assert instance.is_relevant("D5") is asked
    assert instance.is_relevant("D6") is asked


def test_only_the_person_form_asks_who_speaks() -> None:
    assert PERSON.item_of(Role.SPEAKER) is not None
    assert COMMUNITY.item_of(Role.SPEAKER) is None
