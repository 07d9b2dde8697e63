"""The text form of a segment: what staff write and read. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from crm.config.fields import FieldValue, written_number
from crm.core.errors import Refusal
from crm.core.json import jsonable
from crm.core.money import DIGITS
from crm.segments.language import ast
from crm.segments.language.json_form import parse_json
from crm.segments.language.values import is_day

MAX_TEXT: Final = 20_000
"""Characters of a text."""

_BARE: Final = re.compile(r"[\w.+&#:/@$-]+")  # needs no quotes

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_ALONE, _OR, _AND, _NOT = range(4)  # how tightly what is around a node binds

_SIGNS: Final = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def parse(data: object) -> ast.Node:
    """Read a segment in either form: a string is its text, all else its JSON.

    Raises:
        Refusal: As `parse_text` and `parse_json` do.
    """
    return parse_text(data) if isinstance(data, str) else parse_json(data)


def parse_text(text: str) -> ast.Node:
    """Read the text form.

    Raises:
        Refusal: `invalid-argument`: `segment-syntax`, `segment-invalid`, `tag-invalid`,
            `id-invalid`, `segment-too-long`, `segment-too-deep`, `segment-too-wide`. The message
            says the column, and so does `more` where there is one.
    """
    if len(text) > MAX_TEXT:
        rule = f"The segment has more than {MAX_TEXT:,} characters: write less, or send JSON."
        raise Refusal("invalid-argument", "segment-too-long", rule)
    from crm.segments.language import grammar

    return ast.check_size(grammar.read(text))


def to_text(node: ast.Node) -> str:
    """Return the text form, with no more parentheses than it needs.

    `parse_text(to_text(node)) == node`, but that a list of one is written as that one.
    """
    return _text(node, _ALONE)


def _text(node: ast.Node, around: int) -> str:
    """Write a node inside one that binds as tightly as `around`."""
    match node:
        case ast.All((item,)) | ast.AnyOf((item,)):
            return _text(item, around)
        case ast.AnyOf(items):
            return _group(" or ", items, _OR, around)
        case ast.All(items):
            return _group(" and ", items, _AND, around)
        case ast.Not(item):
            return f"not {_text(item, _NOT)}"
    return _leaf(node)


def _group(word: str, items: tuple[ast.Node, ...], tightness: int, around: int) -> str:
    text = word.join(_text(item, tightness) for item in items)
    return f"({text})" if tightness <= around else text


def _leaf(node: ast.Leaf) -> str:
    match node:
        case ast.Everyone():
            return "everyone"
        case ast.Tag(name):
            return f"tag:{_word(name)}"
        case ast.Attended(event_id):
            return f"attended:{_word(event_id)}"
        case ast.HasTicket(event_id):
            return f"has_ticket:{_word(event_id)}"
        case ast.NoShow(event_id):
            return f"no_show:{_word(event_id)}"
        case ast.Tagged(value):
            return "tagged" if value else "untagged"
        case ast.TotalSpend(currency, bounds):
            return f"total_spend {_compared(bounds, currency)}"
        case ast.OrderCount(bounds):
            return f"order_count {_compared(bounds)}"
        case ast.FirstOrderAt(when):
            return f"first_order_at {_compared(when)}"
        case ast.LastOrderAt(when):
            return f"last_order_at {_compared(when)}"
        case ast.Marketing(status):
            return f"marketing:{status}"
        case ast.Registered(value):
            return "registered" if value else "registered:false"
        case ast.EmailDomain(domain):
            return f"email_domain:{_word(domain)}"
        case ast.Own(name, known=None):
            return f"field:{name} {_own(node.compared)}"
        case ast.Own(name, known=known):
            return f"field:{name} {'known' if known else 'unknown'}"
        case ast.Saved(segment_id):
            return f"segment:{_word(segment_id)}"


def _word(value: str) -> str:
    return value if _BARE.fullmatch(value) else json.dumps(value, ensure_ascii=False)


def _compared(compared: ast.Bounds | ast.When, currency: str | None = None) -> str:
    given = {name: value for name, value in vars(compared).items() if value is not None}
    parts = [f"{_SIGNS[name]} {_value(given[name], currency)}" for name in _SIGNS if name in given]
    if "within_days" in given:
        parts.append(f"within {given['within_days']} days")
    if "older_than_days" in given:
        parts.append(f"older than {given['older_than_days']} days")
    return ", ".join(parts)


def _value(value: int | date, currency: str | None) -> str:
    if isinstance(value, date):
        return value.isoformat() if is_day(value) else str(jsonable(value))
    return f"{_major(value, DIGITS[currency])} {currency}" if currency else str(value)


def _own(compared: Mapping[str, FieldValue]) -> str:
    return ", ".join(f"{_SIGNS[name]} {_field_value(one)}" for name, one in compared.items())


def _field_value(value: FieldValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value if _DAY.fullmatch(value) else json.dumps(value, ensure_ascii=False)
    return written_number(value)


def _major(minor_units: int, digits: int) -> str:
    whole, part = divmod(minor_units, 10**digits)
    return f"{whole}.{part:0{digits}}" if part else str(whole)
