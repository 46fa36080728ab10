# Rows of a table of cases stay on one line.
# ruff: noqa: E501
import pickle
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_engine.bind import Bind
from survey_engine.datatype import Kind, canonical
from survey_engine.expression import Expression, parse
from survey_engine.instance import Instance
from survey_engine.model import Model, ModelError

NOW = datetime(2026, 9, 30, tzinfo=UTC)


def bind(name: str, kind: Kind = Kind.STRING, parent: str = "", **expressions: str) -> Bind:
    trees: dict[str, Expression] = {key: parse(text) for key, text in expressions.items()}
    return Bind(name, kind, parent, **trees)  # type: ignore[arg-type]


def start(*binds: Bind, **preset: str) -> Instance:
    return Instance.start(Model.build(binds), preset, NOW)


def test_a_hidden_value_reads_blank_and_returns() -> None:
    form = start(bind("a"), bind("b", relevant="${a} = 'y'"), bind("c", calculation="${b}"))
    form = form.with_value("a", "y", NOW).with_value("b", "kept", NOW)
    assert form.values() == {"a": "y", "b": "kept", "c": "kept"}
    hidden = form.with_value("a", "n", NOW)
    assert (hidden.value("b"), hidden.stored("b"), hidden.value("c")) == ("", "kept", "")
    changed = hidden.with_value("b", "meanwhile", NOW)
    assert changed.value("b") == ""
    assert changed.with_value("a", "y", NOW).values()["c"] == "meanwhile"


def test_a_group_hides_all_inside() -> None:
    form = start(
        bind("a", Kind.INTEGER),
        bind("g", Kind.GROUP, relevant="${a} > 1"),
        bind("h", Kind.GROUP, parent="g", relevant="${a} < 9"),
        bind("b", parent="h", required="true()"),
    )
    assert form.relevant() == ("a",)
    assert form.invalid() == ()
    form = form.with_value("a", "5", NOW)
    assert form.relevant() == ("a", "b")
    assert form.missing() == form.invalid() == ("b",)
    assert not form.with_value("a", "9", NOW).is_relevant("b")


def test_an_instance_never_changes() -> None:
    before = start(bind("a"), bind("b", calculation="${a}"))
    after = before.with_value("a", "x", NOW)
    assert before.values() == {}
    assert after.values() == {"a": "x", "b": "x"}


def test_constraint_on_values_only_and_required_on_blanks_only() -> None:
    form = start(bind("lo", Kind.INTEGER), bind("a", Kind.INTEGER, constraint=". > ${lo}"),
                 bind("b", required="${lo} > 5"))  # fmt: skip
    assert form.invalid() == ()
    form = form.with_value("a", "3", NOW)
    assert form.invalid() == ("a",)
    assert form.missing() == ()
    form = form.with_value("lo", "2", NOW)
    assert not form.is_invalid("a")
    form = form.with_value("lo", "6", NOW)
    assert form.invalid() == ("a", "b")
    assert form.missing() == ("b",)
    assert form.is_required("b")


def test_choices_on_offer() -> None:
    when = parse("${a} = 'x'")
    single = Bind("s", Kind.SINGLE, choices=(("1", when), ("2", None), ("1", parse("${a} = 'y'"))))
    multi = Bind("m", Kind.MULTI, choices=(("p", None), ("q", when), ("r", None)))
    form = start(bind("a"), single, multi)
    assert form.offers("s") == ("2",)
    assert form.with_value("s", "1", NOW).stored("s") == ""
    form = form.with_value("a", "x", NOW).with_value("s", "1", NOW).with_value("m", "r q zz", NOW)
    assert (form.value("s"), form.value("m")) == ("1", "q r")
    assert form.offers("m") == ("p", "q", "r")
    form = form.with_value("a", "z", NOW)
    assert (form.value("s"), form.value("m"), form.stored("m")) == ("", "r", "q r")
    assert form.with_value("a", "y", NOW).value("s") == "1"


def test_defaults_presets_and_calculations() -> None:
    form = start(
        bind("a", Kind.INTEGER, default="5"),
        bind("b", default="concat('x', ${a})"),
        bind("c", default="'never'", relevant="${a} > 9"),
        bind("d", calculation="${e} + 1"),
        bind("e", calculation="${a} * 2"),
        a="7",
    )
    assert form.values() == {"a": "7", "b": "x7", "d": "15", "e": "14"}
    assert form.stored("c") == "never"


def test_a_calculated_value_may_be_overwritten_until_its_sources_change() -> None:
    form = start(bind("a"), bind("b", calculation="concat(${a}, '!')"), bind("c"))
    form = form.with_value("a", "x", NOW).with_value("b", "mine", NOW)
    assert form.with_value("c", "other", NOW).value("b") == "mine"
    assert form.with_value("a", "y", NOW).value("b") == "y!"


def test_readonly_holds_for_all_in_a_group() -> None:
    form = start(bind("a"), bind("g", Kind.GROUP, readonly="${a} = 'y'"), bind("b", parent="g"))
    assert not form.is_readonly("b")
    assert form.with_value("a", "y", NOW).is_readonly("b")


def test_any_expression_can_be_asked() -> None:
    form = start(bind("a", Kind.INTEGER)).with_value("a", "16", NOW)
    assert form.test(parse("${a} >= 16"))
    assert form.evaluate(parse("${a} + 1")) == 17
    assert type(form.evaluate(parse("${a}"))) is str


def test_an_instance_can_be_pickled() -> None:
    form = start(bind("a", Kind.INTEGER), bind("b", calculation="${a} + 1")).with_value(
        "a", "1", NOW
    )
    again = pickle.loads(pickle.dumps(form))
    assert again.values() == form.values()
    assert again.with_value("a", "2", NOW).value("b") == "3"


@pytest.mark.parametrize("name", ["value", "stored", "is_relevant", "offers", "is_readonly"])
def test_an_unknown_name_is_a_key_error(name: str) -> None:
    with pytest.raises(KeyError):
        getattr(start(bind("a")), name)("zz")


def test_every_problem_of_a_model_is_listed() -> None:
    with pytest.raises(ModelError) as caught:
        Model.build([bind("a", relevant="${x} = ${y}"), bind("a"), bind("b", calculation="${g}"),
                     bind("g", Kind.GROUP), bind("c", parent="nowhere")])  # fmt: skip
    found = [(problem.code, problem.bind, problem.name) for problem in caught.value.problems]
    assert found == [
        ("duplicate-name", "a", "a"),
        ("unknown-name", "a", "x"),
        ("unknown-name", "a", "y"),
        ("unknown-name", "b", "g"),
        ("unknown-name", "c", "nowhere"),
    ]


@pytest.mark.parametrize(
    ("binds", "cycle"),
    [
        ([bind("a", calculation="${a} + 1")], ("a", "a")),
        ([bind("a", relevant=". = 1")], ("a", "a")),
        ([bind("a", relevant="${b}"), bind("b", calculation="${a}")], ("a", "b", "a")),
        ([bind("g", Kind.GROUP, relevant="${a} = 1"), bind("a", parent="g")], ("g", "a", "g")),
        ([Bind("s", Kind.SINGLE, choices=(("1", parse("${t}")),)), bind("t", calculation="${s}")],
         ("s", "t", "s")),
    ],
)  # fmt: skip
def test_circles_are_refused_with_their_path(binds: list[Bind], cycle: tuple[str, ...]) -> None:
    with pytest.raises(ModelError) as caught:
        Model.build(binds)
    (problem,) = caught.value.problems
    assert problem.code == "cycle"
    assert problem.cycle == cycle
    assert " → ".join(cycle) in str(caught.value)


def test_a_chain_of_thousands_is_no_trouble() -> None:
    binds = [bind(f"n{at}", calculation=f"${{n{at + 1}}} + 1") for at in range(3_000)]
    form = start(*binds, bind("n3000", Kind.INTEGER)).with_value("n3000", "0", NOW)
    assert form.value("n0") == "3000"


@pytest.mark.parametrize(
    ("kind", "text", "kept"),
    [
        (Kind.INTEGER, "007", "7"), (Kind.INTEGER, "2.9", "2"), (Kind.INTEGER, "-2.9", "-2"),
        (Kind.INTEGER, " 5 ", "5"), (Kind.INTEGER, "1e3", "1000"), (Kind.INTEGER, "abc", ""),
        (Kind.INTEGER, "2147483648", ""), (Kind.INTEGER, "1_000", ""), (Kind.INTEGER, "１", ""),
        (Kind.DECIMAL, "5", "5.0"), (Kind.DECIMAL, "1e-7", "0.0000001"), (Kind.DECIMAL, "1e400", ""),
        (Kind.DECIMAL, "1e22", "10000000000000000000000.0"), (Kind.DECIMAL, "nan", ""),
        (Kind.DATE, "2020-02-29", "2020-02-29"), (Kind.DATE, "2021-02-29", ""),
        (Kind.DATE, "2020-01-01T10:00:00", "2020-01-01"), (Kind.DATE, "2020-1-1", ""),
        (Kind.TIME, "14:30:00", "14:30:00"), (Kind.TIME, "14:30", ""), (Kind.TIME, "25:00:00", ""),
        (Kind.DATETIME, "2020-01-01T10:00:00+08:00", "2020-01-01T10:00:00+08:00"),
        (Kind.DATETIME, "2020-01-01", ""), (Kind.MULTI, " b  a ", "b a"),
        (Kind.ACKNOWLEDGE, "ok", "OK"), (Kind.ACKNOWLEDGE, "yes", ""), (Kind.STRING, " x ", " x "),
    ],
)  # fmt: skip
def test_the_text_that_a_value_is_kept_as(kind: Kind, text: str, kept: str) -> None:
    assert canonical(kind, text) == kept


@given(st.sampled_from(list(Kind)), st.text(max_size=20))
def test_keeping_is_done_once(kind: Kind, text: str) -> None:
    kept = canonical(kind, text)
    assert canonical(kind, kept) == kept


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["", "1", "2", "y"]))))
def test_updating_step_by_step_equals_starting_afresh(answers: list[tuple[str, str]]) -> None:
    model = Model.build([
        bind("a"), bind("b", relevant="${a} != ''"), bind("c", constraint=". = ${b}"),
        bind("d", calculation="concat(${f}, ${b})"), bind("e", relevant="${d} = '21'", required="${a} = 1"),
        bind("f", calculation="if(${c} > 1, ${c}, ${a})"),
    ])  # fmt: skip
    form = Instance.start(model, {}, NOW)
    given_values: dict[str, str] = {}
    for name, text in answers:
        form = form.with_value(name, text, NOW)
        given_values[name] = text
    fresh = Instance.start(model, given_values, NOW)
    assert (fresh.values(), fresh.relevant(), fresh.invalid()) == (
        form.values(), form.relevant(), form.invalid(),
    )  # fmt: skip
