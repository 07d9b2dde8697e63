"""The grammar of the text form, and the tree that a text stands for.

Loaded by `text` at the first text, because the parser takes a while to import and to build. It
does not recurse, and builds the tree while it reads: no nesting is too deep for it.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NoReturn, cast

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken, v_args
from pydantic import ValidationError

from crm.config.fields import FieldValue
from crm.core.errors import Refusal
from crm.core.money import DIGITS
from crm.segments.language import ast
from crm.segments.language.values import fault_of

# Words in any letter case, ASCII alone: since `i` alone takes the long s (U+017F) for an s.
# Underscores may be left out, so that the names of the JSON form are understood too.
# Telephones and word processors write curly quotes and ≥ by themselves, and Chinese, Japanese and
# Korean keyboards signs of full width: they are taken where the plain ones are. An opening quote is
# one only where a value begins: within a word it is a part of the word.
_GRAMMAR: Final = r"""
?start: disjunction
?disjunction: conjunction (_OR conjunction)*
?conjunction: negation (_AND negation)*
?negation: _NOT negation -> complement
    | _OPEN disjunction _CLOSE
    | NAMED _COLON (WORD | STRING) -> named
    | REGISTERED (_COLON (WORD | STRING))? -> registered
    | TAGGED (_COLON (WORD | STRING))? -> tagged
    | _UNTAGGED -> untagged
    | STATUS -> status
    | _EVERYONE -> everyone
    | TOTAL_SPEND amount (_COMMA amount)* -> total_spend
    | ORDER_COUNT number (_COMMA number)* -> order_count
    | ORDER_AT time (_COMMA time)* -> order_at
    | _FIELD _COLON FIELD_NAME value (_COMMA value)* -> own
    | _FIELD _COLON FIELD_NAME (KNOWN | UNKNOWN) -> known
amount: COMPARISON NUMBER CURRENCY
number: COMPARISON NUMBER
value: COMPARISON (WORD | STRING)
time: COMPARISON TIME | WITHIN NUMBER _DAYS | OLDER_THAN NUMBER _DAYS

_OR: /(?ai:or)\b/
_AND: /(?ai:and)\b/
_NOT: /(?ai:not)\b/
_OPEN: /[(（]/
_CLOSE: /[)）]/
_COLON: /[:：]/
_COMMA: /[,，]/
NAMED: /(?ai:tag|attended|has_?ticket|no_?show|email_?domain|marketing|segment)\b/
REGISTERED: /(?ai:registered)\b/
TAGGED: /(?ai:tagged)\b/
_UNTAGGED: /(?ai:untagged)\b/
STATUS: /(?ai:(un)?subscribed)\b/
_EVERYONE: /(?ai:everyone)\b/
TOTAL_SPEND: /(?ai:total_?spend)\b/
ORDER_COUNT: /(?ai:order_?count)\b/
ORDER_AT: /(?ai:(first|last)_?order_?at)\b/
_FIELD: /(?ai:field)\b/
FIELD_NAME: /[A-Za-z][A-Za-z0-9_]*/
KNOWN: /(?ai:known)\b/
UNKNOWN: /(?ai:unknown)\b/
WITHIN: /(?ai:within)\b/
OLDER_THAN: /(?ai:older\s+than)\b/
_DAYS: /(?ai:days?)\b/
COMPARISON: /[>＞][=＝]|[<＜][=＝]|[=＝][=＝]?|[>＞]|[<＜]|[≥≧⩾]|[≤≦⩽]/
NUMBER: /[0-9０-９]+([.．][0-9０-９]+)?/
CURRENCY: /[A-Za-z]{3}\b/
TIME: /[0-9０-９]{4}[-－][0-9０-９]{2}[-－][0-9０-９]{2}(T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})?)?/
STRING: /"([^"\\]|\\.)*"|[“”„‟][^“”„‟]*[“”„‟]|[«»][^«»]*[«»]|‘.*?’(?!\w)/s
WORD: /[^\s"“”„‟«»‘(),（），][^\s"(),（），]*/
%ignore /\s+/
"""  # noqa: RUF001

# What a terminal is to the reader of a message, in the order in which they are listed.
_CONDITION: Final = "a condition such as tag:vip or order_count >= 2"

_EXPECTED: Final = {
    "NAMED": _CONDITION,
    "_AND": "`and`",
    "_OR": "`or`",
    "_COLON": "a colon",
    "FIELD_NAME": "the name of an own field",
    "WORD": "a word, or a text in double quotes",
    "COMPARISON": "one of = > >= < <=",
    "KNOWN": "`known` or `unknown`",
    "WITHIN": "`within` or `older than` and a number of days",
    "NUMBER": "a number",
    "CURRENCY": "a currency such as USD",
    "TIME": "a date such as 2024-01-31 or a time such as 2024-01-31T18:00:00Z",
    "_DAYS": "`days`",
    "_COMMA": "a comma and another comparison",
    "_CLOSE": "a closing parenthesis",
    "$END": "the end",
}

_COMPARISONS: Final = {"=": "eq", "==": "eq", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}

_PLAIN: Final = str.maketrans(
    {"≥": ">=", "≧": ">=", "⩾": ">=", "≤": "<=", "≦": "<=", "⩽": "<="}
    | dict(zip("＞＜＝．－０１２３４５６７８９", "><=.-0123456789", strict=True))  # noqa: RUF001
)

_DAYS: Final = {"WITHIN": "within_days", "OLDER_THAN": "older_than_days"}

_NAMED: Final[Mapping[str, Callable[[Any], ast.Leaf]]] = {
    "tag": ast.Tag,
    "attended": ast.Attended,
    "hasticket": ast.HasTicket,
    "noshow": ast.NoShow,
    "emaildomain": ast.EmailDomain,
    "marketing": lambda value: ast.Marketing(value.lower()),
    "segment": ast.Saved,
}

_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,19}(\.[0-9]{1,19})?")

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_MAX_DIGITS: Final = 19  # of the largest number of minor units


def read(text: str) -> ast.Node:
    """Read a text.

    Raises:
        Refusal: `invalid-argument`; `segment-syntax`, or what a leaf is refused for. `line` and
            `column` (from 1) are in `more`.
    """
    try:
        return cast(ast.Node, _parser().parse(text))  # what the builder makes, no tree of lark's
    except UnexpectedInput as error:
        end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
        at = len(text.rstrip()) if end else error.pos_in_stream or 0
        can_follow = error.interactive_parser.accepts()  # type: ignore[no-untyped-call]
        words = [word for terminal, word in _EXPECTED.items() if terminal in can_follow]
        line_start = text.rfind("\n", 0, at) + 1
        place = text.count("\n", 0, at) + 1, at - line_start + 1
        raise _refusal(*place, f"expected {', '.join(words)}", "segment-syntax") from None


@functools.cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", transformer=_Builder())


@v_args(inline=True)
class _Builder(Transformer[Token, ast.Node]):
    """Makes a node of each rule of the grammar."""

    def disjunction(self, *items: ast.Node) -> ast.Node:
        return ast.AnyOf(items)

    def conjunction(self, *items: ast.Node) -> ast.Node:
        return ast.All(items)

    def complement(self, item: ast.Node) -> ast.Node:
        return ast.Not(item)

    def everyone(self) -> ast.Node:
        return ast.Everyone()

    def status(self, word: Token) -> ast.Node:
        return _made(ast.Marketing, word.lower(), {}, word)

    def named(self, name: Token, value: Token) -> ast.Node:
        leaf = _made(_NAMED[_plain(name)], _string(value), {}, value)
        if isinstance(leaf, ast.EventLeaf) and value.type == "STRING":
            return replace(leaf, quoted=True)
        return leaf

    def registered(self, _name: Token, value: Token | None = None) -> ast.Node:
        return ast.Registered(_true(value))

    def tagged(self, _name: Token, value: Token | None = None) -> ast.Node:
        return ast.Tagged(_true(value))

    def untagged(self) -> ast.Node:
        return ast.Tagged(False)

    def total_spend(self, name: Token, *amounts: tuple[Token, Token, Token]) -> ast.Node:
        currency = amounts[0][2]
        code = currency.upper()
        if code not in DIGITS:
            _refuse(currency, "write an ISO 4217 code such as EUR")
        for _, _, other in amounts:
            if other.upper() != code:
                _refuse(other, "compare one currency here, and another behind `and`")
        minor = [(one, number, _minor_units(number, code)) for one, number, _ in amounts]
        return _compared(lambda given: ast.TotalSpend(code, ast.Bounds(**given)), minor, name)

    def order_count(self, name: Token, *numbers: tuple[Token, Token]) -> ast.Node:
        counts = [(one, number, _whole(number)) for one, number in numbers]
        return _compared(lambda given: ast.OrderCount(ast.Bounds(**given)), counts, name)

    def order_at(self, name: Token, *times: tuple[Token, Token]) -> ast.Node:
        kind = ast.FirstOrderAt if _plain(name).startswith("first") else ast.LastOrderAt
        moments = [(one, value, _time(value)) for one, value in times]
        return _compared(lambda given: kind(ast.When(**given)), moments, name)

    def own(self, name: Token, *values: tuple[Token, Token]) -> ast.Node:
        compared = [(one, value, _field_value(value)) for one, value in values]
        return _compared(lambda given: ast.Own(str(name), **given), compared, name)

    def known(self, name: Token, word: Token) -> ast.Node:
        known = word.type == "KNOWN"
        return _made(lambda given: ast.Own(given, known=known), str(name), {}, name)

    def amount(self, *tokens: Token) -> tuple[Token, ...]:
        return tokens

    number = time = value = amount


def _compared(
    leaf: Callable[[dict[str, Any]], ast.Leaf],
    compared: Sequence[tuple[Token, Token, object]],
    name: Token,
) -> ast.Leaf:
    """Make a leaf of comparisons, each at most once: how, with what, and what that means."""
    tokens: dict[str, Token] = {}
    values: dict[str, object] = {}
    for comparison, token, value in compared:
        field = _COMPARISONS.get(comparison.translate(_PLAIN)) or _DAYS[comparison.type]
        if field in values:
            _refuse(comparison, "write each comparison once")
        tokens[field], values[field] = token, value
    return _made(leaf, values, tokens, name)


def _made(
    leaf: Callable[[Any], ast.Leaf], value: object, tokens: Mapping[str, Token], name: Token
) -> ast.Leaf:
    """Make a leaf; what it refuses is said at the token of the field, or at `name`."""
    try:
        return leaf(value)
    except ValidationError as error:
        fault = fault_of(error)
        _refuse(tokens.get(fault.field, name), fault.rule, fault.reason)


def _true(value: Token | None) -> bool:
    given = "true" if value is None else _string(value).lower()
    if value is not None and given not in {"true", "false"}:
        _refuse(value, "write true or false")
    return given == "true"


def _plain(name: Token) -> str:
    return name.lower().replace("_", "")


def _string(token: Token) -> str:
    if token.type == "WORD":
        return str(token)
    if token[0] != '"':
        return token[1:-1].strip()  # as French has it, « with blanks inside »
    try:
        return str(json.loads(token, strict=False))
    except ValueError:
        _refuse(token, 'write `\\"` and `\\\\` for a quote and a backslash', "segment-syntax")


def _whole(token: Token) -> int:
    number = token.translate(_PLAIN)
    if "." in number or len(number) > _MAX_DIGITS:
        _refuse(token, f"write a whole number of at most {_MAX_DIGITS} digits")
    return int(number)


def _minor_units(token: Token, currency: str) -> int:
    digits = DIGITS[currency]
    whole, _, part = token.translate(_PLAIN).partition(".")
    part = part.rstrip("0")
    if len(part) > digits:
        most = f"at most {digits}" if digits else "no"
        _refuse(token, f"write an amount in {currency} with {most} decimals")
    if len(whole) + digits > _MAX_DIGITS:
        _refuse(token, "write a smaller amount")
    return int(whole + part.ljust(digits, "0"))


def _field_value(token: Token) -> FieldValue:
    """Read a value of an own field: what is quoted is a text, whatever it looks like."""
    word = token.translate(_PLAIN)
    if token.type == "STRING":
        return _string(token)
    if word.lower() in {"true", "false"}:
        return word.lower() == "true"
    if _NUMBER.fullmatch(word):
        return float(word)
    return word if _DAY.fullmatch(word) else str(token)


def _time(token: Token) -> int | str:
    if token.type == "NUMBER":
        return _whole(token)
    return token.translate(_PLAIN)


def _refuse(token: Token, rule: str, reason: str = "segment-invalid") -> NoReturn:
    raise _refusal(cast(int, token.line), cast(int, token.column), rule, reason)


def _refusal(line: int, column: int, rule: str, reason: str) -> Refusal:
    place = f"column {column}" if line == 1 else f"line {line}, column {column}"
    text = f"The segment was refused at {place}: {rule}."
    return Refusal("invalid-argument", reason, text, {"line": line, "column": column})
