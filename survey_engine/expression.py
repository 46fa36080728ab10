"""The expression language of forms: text to tree, with every fault named in one sentence."""

from collections.abc import Collection
from functools import lru_cache

from survey_engine.functions import ANY_NUMBER, OF_OWN_VALUE, SIGNATURES, UNSUPPORTED
from survey_engine.pattern import PatternError, compile_pattern
from survey_engine.simplification import substitute
from survey_engine.token import Token, tokens
from survey_engine.tree import (
    CHAINED,
    Call,
    Column,
    Expression,
    Here,
    Negation,
    Nothing,
    Number,
    Operation,
    Reference,
    Text,
    columns,
    references,
    walk,
)
from survey_engine.writing import PRECEDENCE, to_text

MAX_LENGTH = 32_768
MAX_DEPTH = 100
_OPERAND = "a value"
_OPERATOR = "an operator or the end"


class ExpressionError(ValueError):
    """A text that is no expression: ``code``, ``position`` from 1, and what was ``expected``."""

    def __init__(self, code: str, position: int, expected: str, message: str) -> None:
        self.code = code
        self.position = position
        self.expected = expected
        super().__init__(f"At character {position}, {message}")

    def __reduce__(self) -> tuple[type["ExpressionError"], tuple[str, int, str, str]]:
        message = str(self).split(", ", 1)[1]
        return ExpressionError, (self.code, self.position, self.expected, message)


def parse(text: str, *, columns: Collection[str] = ()) -> Expression:
    """Return the tree of ``text``; bare names may only be among ``columns``.

    Raises :class:`ExpressionError` for the first fault.
    """
    if len(text) > MAX_LENGTH:
        message = (
            f"the expression goes on past {MAX_LENGTH} characters; divide it into calculations."
        )
        raise ExpressionError("expression-too-long", MAX_LENGTH, "a shorter expression", message)
    return _parsed(text, frozenset(columns))


@lru_cache(maxsize=2_048)
def _parsed(text: str, columns: frozenset[str]) -> Expression:
    """Parse once; forms repeat many of their conditions, and trees never change."""
    return _Parser(text, columns).whole()


class _Parser:
    """Reads words by operator precedence, never deeper than ``MAX_DEPTH``."""

    def __init__(self, text: str, columns: Collection[str]) -> None:
        self._words = list(tokens(text))
        self._columns = columns
        self._place = 0
        self._depth = 0

    @property
    def _word(self) -> Token:
        return self._words[self._place]

    def _take(self) -> Token:
        word = self._words[self._place]
        self._place += 1
        return word

    def whole(self) -> Expression:
        tree = self._operation(1)
        if self._word.kind != "end":
            raise self._unexpected(self._word, _OPERATOR)
        if any(depth > MAX_DEPTH for _, depth in walk(tree)):
            raise self._too_deep(1)
        return tree

    def _unexpected(self, word: Token, expected: str) -> ExpressionError:
        found = f"found `{word.text}`" if word.text else "found the end of the expression"
        if word.text.isprintable() and not word.text.isascii() and word.kind == "other":
            advice = "write operators, brackets and quotes as plain ASCII characters"
        elif word.kind == "other" and word.text in "'\"":
            advice = "close the quotes"
        else:
            advice = "correct it there"
        message = f"{found} where {expected} is expected; {advice}."
        return ExpressionError("expression-syntax", word.position, expected, message)

    def _too_deep(self, position: int) -> ExpressionError:
        message = f"the expression nests more than {MAX_DEPTH} deep; divide it into calculations."
        return ExpressionError("expression-too-deep", position, "less nesting", message)

    def _operation(self, least: int) -> Expression:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._too_deep(self._word.position)
        left = self._signed()
        while (rank := self._rank()) >= least:
            operator = self._take().text
            operands = [left, self._operation(rank + 1)]
            while operator in CHAINED and self._is_operator(operator):
                self._take()
                operands.append(self._operation(rank + 1))
            left = Operation(operator, tuple(operands))
        self._depth -= 1
        return left

    def _is_operator(self, operator: str) -> bool:
        return self._word.kind in ("mark", "name") and self._word.text == operator

    def _rank(self) -> int:
        word = self._word
        return PRECEDENCE.get(word.text, 0) if word.kind in ("mark", "name") else 0

    def _signed(self) -> Expression:
        signs = 0
        while self._is_operator("-"):
            self._take()
            signs += 1
            if signs > MAX_DEPTH:
                raise self._too_deep(self._word.position)
        tree = self._operand()
        for _ in range(signs):
            tree = Negation(tree)
        return tree

    def _operand(self) -> Expression:
        word = self._take()
        match word.kind, word.text:
            case "number", text:
                return Number(float(text))
            case "text", text:
                return Text(text[1:-1])
            case "reference", name:
                return Reference(name)
            case "path", path:
                return self._path(word, path)
            case "mark", ".":
                return Here()
            case "mark", "(":
                return self._bracketed()
            case "name", _:
                return self._call(word) if self._is_operator("(") else self._column(word)
        raise self._unexpected(word, _OPERAND)

    def _path(self, word: Token, path: str) -> Expression:
        if path.startswith("/") and path.count("/") < 2:
            message = f"found `{path}`, which names the whole form; write `${{name}}` of one item."
            raise ExpressionError("expression-syntax", word.position, "an item", message)
        return Reference(path.rpartition("/")[2])

    def _bracketed(self) -> Expression:
        tree = self._operation(1)
        self._close()
        return tree

    def _close(self) -> None:
        word = self._take() if self._is_operator(")") else self._word
        if word.text != ")" or word.kind != "mark":
            raise self._unexpected(word, "`)`")

    def _column(self, word: Token) -> Expression:
        if word.text in self._columns:
            return Column(word.text)
        if word.text == "null":
            return Nothing()
        message = (
            f"found the bare name `{word.text}`; write `${{{word.text}}}` for an item's value."
        )
        raise ExpressionError("expression-bare-name", word.position, "`${name}`", message)

    def _call(self, word: Token) -> Expression:
        if word.text == "position":
            return self._position()
        self._known(word)
        self._take()
        arguments: list[Expression] = []
        places: list[int] = []
        while not (self._is_operator(")") and not arguments):
            places.append(self._word.position)
            arguments.append(self._operation(1))
            if not self._is_operator(","):
                break
            self._take()
        self._close()
        if not arguments and word.text in OF_OWN_VALUE:
            arguments, places = [Here()], [word.position]
        return self._checked(word, arguments, places)

    def _position(self) -> Expression:
        """``position(..)``: nothing repeats here, so every group is the first of its name."""
        self._take()
        if not self._is_operator(".."):
            raise self._unexpected(self._word, "`..`")
        self._take()
        while self._is_operator("/"):
            self._take()
            if self._take().text != "..":
                raise self._unexpected(self._words[self._place - 1], "`..`")
        self._close()
        return Number(1.0)

    def _known(self, word: Token) -> None:
        if word.text in SIGNATURES:
            return
        if word.text in UNSUPPORTED:
            reason = UNSUPPORTED[word.text]
            message = f"`{word.text}()` is not supported, since {reason}; remove it."
            raise ExpressionError("expression-unsupported", word.position, "a function", message)
        message = f"found `{word.text}()`, which is no known function; correct its name."
        raise ExpressionError("expression-unknown-function", word.position, "a function", message)

    def _checked(self, word: Token, arguments: list[Expression], places: list[int]) -> Expression:
        self._counted(word, len(arguments))
        takes = SIGNATURES[word.text].takes
        for index, argument in enumerate(arguments):
            kind = takes[min(index, len(takes) - 1)]
            if kind == "node":
                arguments[index] = _as_node(argument, word.text, places[index])
            if kind == "pattern" and isinstance(argument, Text):
                _check_pattern(argument.value, places[index])
        return Call(word.text, tuple(arguments))

    def _counted(self, word: Token, count: int) -> None:
        signature = SIGNATURES[word.text]
        odd = word.text == "weighted-checklist" and count % 2
        if signature.least <= count <= signature.most and not odd:
            return
        wanted = _wanted(signature.least, signature.most) + (" in pairs" if odd else "")
        message = f"`{word.text}()` has {count} arguments, but takes {wanted}; correct the call."
        raise ExpressionError("expression-arguments", word.position, wanted, message)


def _wanted(least: int, most: int) -> str:
    if most == ANY_NUMBER:
        return f"at least {least}"
    return str(least) if least == most else f"{least} to {most}"


def _as_node(argument: Expression, function: str, position: int) -> Expression:
    """Return the node that an argument names; ``'${name}'`` in quotes names it too."""
    if isinstance(argument, Text) and function == "jr:choice-name":
        inner = list(tokens(argument.value))
        if [word.kind for word in inner] == ["reference", "end"]:
            return Reference(inner[0].text)
    if isinstance(argument, (Reference, Here)):
        return argument
    message = f"`{function}()` takes the name of an item there; write `${{name}}`."
    raise ExpressionError("expression-arguments", position, "`${name}`", message)


def _check_pattern(pattern: str, position: int) -> None:
    try:
        compile_pattern(pattern)
    except PatternError as error:
        message = f"the pattern `{pattern:.60}` cannot be used: {error}"
        raise ExpressionError("expression-pattern", position, "a pattern", message) from error


__all__ = [
    "MAX_DEPTH",
    "MAX_LENGTH",
    "Call",
    "Column",
    "Expression",
    "ExpressionError",
    "Here",
    "Negation",
    "Nothing",
    "Number",
    "Operation",
    "Reference",
    "Text",
    "columns",
    "parse",
    "references",
    "substitute",
    "to_text",
]
