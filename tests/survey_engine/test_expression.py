# Rows of a table of cases stay on one line.
# ruff: noqa: E501

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from survey_engine.expression import (
    MAX_DEPTH,
    Call,
    Column,
    Expression,
    ExpressionError,
    Here,
    Negation,
    Nothing,
    Number,
    Operation,
    Reference,
    Text,
    columns,
    parse,
    references,
    substitute,
    to_text,
)
from survey_engine.tree import FALSE, TRUE

NAMES = st.sampled_from(["A3", "age", "last-saved#A4", "指标", "x-1", "a.b"])
LITERALS = st.one_of(
    st.builds(Number, st.floats(0, 1e21)),
    st.builds(Text, st.text(st.characters(exclude_characters="'", exclude_categories=["Cs"]))),
    st.builds(Reference, NAMES),
    st.just(Here()),
    st.just(Nothing()),
    st.builds(Column, st.sampled_from(["region", "name"])),
)


def _deeper(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    two = st.tuples(parts, parts)
    return st.one_of(
        st.builds(Negation, parts),
        st.builds(
            Operation,
            st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "-", "*", "div", "mod"]),
            two,
        ),
        st.builds(
            Operation,
            st.sampled_from(["and", "or", "+"]),
            st.lists(parts, min_size=2, max_size=4).map(tuple),
        ),
        st.builds(lambda pair: Call("selected", pair), two),
        st.builds(lambda few: Call("concat", tuple(few)), st.lists(parts, max_size=3)),
        st.builds(lambda one: Call("jr:choice-name", (one, Reference("A3"))), parts),
    )


TREES: st.SearchStrategy[Expression] = st.recursive(LITERALS, _deeper, max_leaves=20)


@given(TREES)
def test_the_text_of_a_tree_parses_to_the_same_tree(tree: Expression) -> None:
    assert parse(to_text(tree), columns=("region", "name")) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("16", Number(16)),
        (".5", Number(0.5)),
        ("5.", Number(5)),
        ("'a\"b'", Text('a"b')),
        ('"it\'s"', Text("it's")),
        ("${A3}", Reference("A3")),
        ("${ A3 }", Reference("A3")),
        ("${last-saved#A4}", Reference("last-saved#A4")),
        ("/data/grp/A3", Reference("A3")),
        ("../A3", Reference("A3")),
        (".", Here()),
        ("null", Nothing()),
        ("--1", Negation(Negation(Number(1)))),
        ("1 - 2 - 3", Operation("-", (Operation("-", (Number(1), Number(2))), Number(3)))),
        ("1+2+3", Operation("+", (Number(1), Number(2), Number(3)))),
        ("1 + (2 + 3)", Operation("+", (Number(1), Operation("+", (Number(2), Number(3)))))),
        ("1 + 2 * 3", Operation("+", (Number(1), Operation("*", (Number(2), Number(3)))))),
        ("-1 * 2", Operation("*", (Negation(Number(1)), Number(2)))),
        (".>=0", Operation(">=", (Here(), Number(0)))),
        ("(1=1)and(2=2)", Operation("and", (Operation("=", (Number(1),) * 2), Operation("=", (Number(2),) * 2)))),
        ("today()", Call("today", ())),
        ("jr:choice-name(${a}, '${b}')", Call("jr:choice-name", (Reference("a"), Reference("b")))),
    ],
)  # fmt: skip
def test_accepted(text: str, tree: Expression) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("", "expression-syntax", 1),
        ("1 +", "expression-syntax", 4),
        ("(1", "expression-syntax", 3),
        ("1)", "expression-syntax", 2),
        ("'open", "expression-syntax", 1),
        ("${A3", "expression-syntax", 1),
        ("${}", "expression-syntax", 1),
        ("1 2", "expression-syntax", 3),
        ("${a} == 1", "expression-syntax", 7),
        ("${a} = 1，2", "expression-syntax", 9),
        ("if(1, 2,)", "expression-syntax", 9),
        ("/data", "expression-syntax", 1),
        ("${a}[1]", "expression-syntax", 5),
        ("age > 3", "expression-bare-name", 1),
        ("iff(1, 2, 3)", "expression-unknown-function", 1),
        ("if(1, 2)", "expression-arguments", 1),
        ("today(1)", "expression-arguments", 1),
        ("count('x')", "expression-arguments", 7),
        ("weighted-checklist(1, 2, 1, 1, 1)", "expression-arguments", 1),
        ("regex(., '[a')", "expression-pattern", 10),
        ("regex(., '(?=a)b')", "expression-pattern", 10),
        ("regex(., '(a)\\1')", "expression-pattern", 10),
        ("uuid()", "expression-unsupported", 1),
        ("random()", "expression-unsupported", 1),
        ("instance('l')/root/item", "expression-unsupported", 1),
        ("position(${a})", "expression-syntax", 10),
        ("position(../a)", "expression-syntax", 10),
        ("current()/a", "expression-unsupported", 1),
    ],
)
def test_refused(text: str, code: str, position: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    error = caught.value
    assert (error.code, error.position) == (code, position)
    assert str(error).startswith(f"At character {position}, ")
    assert str(error).endswith(".")
    assert error.expected


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "1" + ")" * 10_000,
        "-" * 10_000 + "1",
        "1" + " - 1" * 5_000,
        "not(" * 5_000 + "1" + ")" * 5_000,
        "1 = (" * 5_000,
    ],
)
def test_deep_texts_are_refused_by_depth(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.code == "expression-too-deep"


def test_long_texts_are_refused_and_long_chains_are_not() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("1" * 40_000)
    assert caught.value.code == "expression-too-long"
    tree = parse(" or ".join(["${a} = 1"] * 2_000))
    assert isinstance(tree, Operation)
    assert len(tree.operands) == 2_000


def test_nesting_up_to_the_limit_is_accepted() -> None:
    deep = "(" * (MAX_DEPTH - 1) + "1" + ")" * (MAX_DEPTH - 1)
    assert parse(deep) == Number(1)
    nested = "not(" * (MAX_DEPTH - 1) + "1" + ")" * (MAX_DEPTH - 1)
    assert parse(to_text(parse(nested))) == parse(nested)


@given(st.text(alphabet="${}()'\"ab1 .,=<>+-*/[]:#|@\n（", max_size=40))
def test_any_text_is_a_tree_or_a_named_error(text: str) -> None:
    try:
        assert parse(to_text(parse(text))) == parse(text)
    except ExpressionError as error:
        event(error.code)
        if not 1 <= error.position <= len(text) + 1:
            pytest.fail(f"{error} points outside of {text!r}")


def test_what_a_tree_reads() -> None:
    tree = parse("${a} = ${b} or selected(${a}, region) and . > 1", columns=("region",))
    assert references(tree) == {"a", "b"}
    assert columns(tree) == {"region"}


@pytest.mark.parametrize(
    ("text", "cells", "expected"),
    [
        ("region = 'x'", {"region": "x"}, TRUE),
        ("region = 'x'", {"region": "y"}, FALSE),
        ("region = 'x'", {}, FALSE),
        ("region != 'x'", {}, FALSE),
        ("region = ${r}", {"region": "x"}, parse("'x' = ${r}")),
        ("region = ${r}", {"region": ""}, FALSE),
        ("region = 'x' and ${r} = 1", {"region": "x"}, parse("${r} = 1")),
        ("region = 'x' and ${r} = 1", {"region": "y"}, FALSE),
        ("region = 'x' or ${r} = 1", {"region": "x"}, TRUE),
        ("region = 'x' or ${r} = 1 or ${r} = 2", {"region": "y"}, parse("${r} = 1 or ${r} = 2")),
        ("not(region = 'x')", {"region": "y"}, TRUE),
        ("not(region)", {}, TRUE),
        ("if(region = 'x', ${a}, ${b})", {"region": "x"}, Reference("a")),
        ("selected(${a}, region)", {"region": "x"}, parse("selected(${a}, 'x')")),
    ],
)
def test_a_choice_filter_is_made_plain(
    text: str, cells: dict[str, str], expected: Expression
) -> None:
    assert substitute(parse(text, columns=("region",)), cells) == expected


def test_a_literal_with_both_quotes_is_written_as_concat() -> None:
    assert to_text(Text("a'b\"c")) == "concat('a', \"'\", 'b\"c')"
