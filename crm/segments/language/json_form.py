"""The JSON form of a segment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from crm.core.errors import Refusal
from crm.core.json import Json, jsonable
from crm.segments.language import ast
from crm.segments.language.values import fault_of, is_day


def parse_json(data: object) -> ast.Node:
    """Read the JSON form, decoded. A key whose value is null is the same as an absent one.

    Raises:
        Refusal: `invalid-argument`: `segment-invalid`, `segment-too-deep`, `segment-too-wide`,
            `tag-invalid`, `id-invalid`. The message says where, such as `all[2].totalSpend.gte`.
    """
    return _Reader().node(data, "", 1)


class _Reader:
    """Reads a tree level by level, and stops at the first node too many."""

    def __init__(self) -> None:
        self.leaves = 0

    def node(self, data: object, at: str, level: int) -> ast.Node:
        if level > ast.MAX_LEVELS:
            raise ast.too_deep()
        if isinstance(data, dict) and data.get("field") is not None:
            self.leaf()
            return _leaf(ast.Own, data, at)
        given = _given_keys(data)
        if given is None:
            raise _invalid(at, "write a JSON object with one key, or {} for everyone")
        if not given:
            self.leaf()
            return ast.Everyone()
        ((key, value),) = given.items()
        below = _below(at, key)
        if key == "all" or key == "any":
            if not isinstance(value, list) or not value:
                raise _invalid(below, "write a list of one or more segments")
            items = (self.node(one, f"{below}[{i}]", level + 1) for i, one in enumerate(value))
            return ast.All(tuple(items)) if key == "all" else ast.AnyOf(tuple(items))
        if key == "not":
            return ast.Not(self.node(value, below, level + 1))
        self.leaf()
        if key not in _KINDS:
            raise _invalid(at, f"use one of the keys {', '.join(_ALL_KEYS)}")
        return _leaf(_KINDS[key], value, below)

    def leaf(self) -> None:
        self.leaves += 1
        if self.leaves > ast.MAX_LEAVES:
            raise ast.too_wide()


def _given_keys(data: object) -> dict[str, object] | None:
    """Return an object's one key, or none of `{}`; None for what is no segment.

    Nulls beside a key are left out. Alone one is a mistake: to take what was undefined for
    everyone could tag everyone.
    """
    if not isinstance(data, dict):
        return None
    given = {key: value for key, value in data.items() if value is not None or len(data) == 1}
    known = len(data) == 1 or data.keys() <= _ALL_KEYS.keys()
    return given if len(given) == min(len(data), 1) and known else None


def _leaf(kind: type[ast.Leaf], value: object, at: str) -> ast.Leaf:
    try:
        leaf: ast.Leaf = _made(kind, value)
        return leaf
    except ValidationError as error:
        fault = fault_of(error)
        below = _below(at, _NAMES[fault.field]) if fault.field in _NAMES else at
        raise _invalid(below, fault.rule, fault.reason) from None
    except _WrongKeys as wrong:
        raise _invalid(at, f"write an object with some of the keys {wrong}") from None


def _below(at: str, key: str) -> str:
    return f"{at}.{key}" if at else key


def _invalid(at: str, rule: str, reason: str = "segment-invalid") -> Refusal:
    where = f" at `{at}`" if at else ""
    return Refusal("invalid-argument", reason, f"The segment was refused{where}: {rule}.")


class _WrongKeys(Exception):
    """A leaf's value is not an object of the keys that it may have; says which these are."""


_KINDS: Final[Mapping[str, type[ast.Leaf]]] = {
    "tag": ast.Tag,
    "tagged": ast.Tagged,
    "attended": ast.Attended,
    "hasTicket": ast.HasTicket,
    "noShow": ast.NoShow,
    "totalSpend": ast.TotalSpend,
    "orderCount": ast.OrderCount,
    "firstOrderAt": ast.FirstOrderAt,
    "lastOrderAt": ast.LastOrderAt,
    "marketing": ast.Marketing,
    "registered": ast.Registered,
    "emailDomain": ast.EmailDomain,
    "field": ast.Own,
    "segment": ast.Saved,
}

_KEYS: Final = {kind: key for key, kind in _KINDS.items()}

_ALL_KEYS: Final = dict.fromkeys(("all", "any", "not", *_KINDS))

_COMPARISONS: Final = {name: name for name in ("eq", "gt", "gte", "lt", "lte")}

_SPEND: Final = {"currency": "currency", **_COMPARISONS}

_TIMES: Final = {
    **_COMPARISONS,
    "withinDays": "within_days",
    "olderThanDays": "older_than_days",
}

_OWN: Final = {"field": "name", **_COMPARISONS, "known": "known"}

_NAMES: Final = {field: name for name, field in (_SPEND | _TIMES | _OWN).items()}


def _made(kind: Any, value: object) -> Any:
    if kind is ast.TotalSpend:
        fields = _fields(value, _SPEND)
        return ast.TotalSpend(currency=fields.pop("currency", None), bounds=ast.Bounds(**fields))
    if kind is ast.OrderCount:
        return ast.OrderCount(ast.Bounds(**_fields(value, _COMPARISONS)))
    if kind is ast.FirstOrderAt or kind is ast.LastOrderAt:
        return kind(ast.When(**_fields(value, _TIMES)))
    if kind is ast.Own:
        return ast.Own(**_fields(value, _OWN))
    return kind(value)


def _fields(value: object, names: Mapping[str, str]) -> dict[str, Any]:
    if not isinstance(value, dict) or not value.keys() <= names.keys():
        raise _WrongKeys(", ".join(names))
    return {names[key]: one for key, one in value.items()}


def to_json(node: ast.Node) -> Json:
    """Return the JSON form; `parse_json(to_json(node)) == node`."""
    value: object
    match node:
        case ast.Everyone():
            return {}
        case ast.All(items):
            return {"all": [to_json(item) for item in items]}
        case ast.AnyOf(items):
            return {"any": [to_json(item) for item in items]}
        case ast.Not(item):
            return {"not": to_json(item)}
        case ast.TotalSpend(currency, bounds):
            value = {"currency": currency, **_given(bounds)}
        case ast.OrderCount(compared) | ast.FirstOrderAt(compared) | ast.LastOrderAt(compared):
            value = _given(compared)
        case ast.Attended(value) | ast.HasTicket(value) | ast.NoShow(value):
            pass
        case ast.Tag(value) | ast.Tagged(value) | ast.Marketing(value) | ast.Registered(value):
            pass
        case ast.EmailDomain(value) | ast.Saved(value):
            pass
        case ast.Own(name, known=known):
            return {"field": name, **(node.compared if known is None else {"known": known})}
    return {_KEYS[type(node)]: jsonable(value)}


def _given(compared: ast.Bounds | ast.When) -> dict[str, object]:
    return {
        _NAMES[key]: one.isoformat() if is_day(one) else one
        for key, one in vars(compared).items()
        if one is not None
    }
