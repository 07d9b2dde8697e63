"""Follow the mapping into a document: what a field's sources find there.

Pure, and total: whatever a document holds, there is a value or None.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from crm.config.sources import FieldPath, Source
from crm.core.ids import is_key

MAX_UID: Final = 128  # characters of a Firebase Auth uid


@dataclass(frozen=True, slots=True)
class Parts:
    """Amounts that are one amount together."""

    amounts: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Keyed:
    """An item of a map that is read as a list, with its key there."""

    key: str
    item: object


def value_of(
    sources: tuple[Source, ...],
    data: object,
    order: Mapping[str, object] | None = None,
    key: str | None = None,
) -> object:
    """Return the first value that is there and neither null nor a blank, else the blank or None.

    Args:
        sources: Where to look.
        data: The document, or an item of it.
        order: The item's document, for what is read from there.
        key: The item's key, where it stands in a map.
    """
    blank = None
    for source in sources:
        at = order if source.from_order and order is not None else data
        value = at_path(at, source.path) if source.plain else _of_form(source, at, key)
        if isinstance(value, str) and not value.strip():
            blank = value
        elif value is not None:
            return value
    return blank


def at_path(value: object, path: FieldPath) -> object:
    """Return what stands at a path of map keys, or None."""
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def can_be_uid(value: str) -> bool:
    """Return whether a text can be a uid and the id of a `users` document."""
    # A slash would name another path, and dots alone are no id.
    return len(value) <= MAX_UID and "/" not in value and is_key(value) and bool(value.strip("."))


def reference(value: object) -> tuple[str, str] | None:
    """Return path and id of a document reference, which is known here by what it has."""
    path, name = getattr(value, "path", None), getattr(value, "id", None)
    return (path, name) if isinstance(path, str) and isinstance(name, str) else None


def _of_form(source: Source, data: object, key: str | None) -> object:
    match source.form:
        case "const":
            return source.const
        case "is":
            if source.nonempty:
                return source.const if _is_something(source, data) else None
            same = any(_equal(one, source) for one in _found(source, data))
            return source.const if same else None
        case "nonempty":
            return _is_something(source, data)
        case "join":
            texts = (at_path(data, path) for path in source.join)
            return " ".join(one.strip() for one in texts if isinstance(one, str) and one.strip())
        case "sum":
            return _parts(source, data)
        case "document":
            return [data]
        case "values":
            found = at_path(data, source.path)
            if isinstance(found, Mapping):
                return [Keyed(str(name), item) for name, item in found.items()]
            return found
        case "item":
            return key if source.item == "key" else data
        case "uid":
            value = _first(source, data)
            return value if not isinstance(value, str) or can_be_uid(value) else None
        case "path":
            return _first(source, data)


def _equal(value: object, source: Source) -> bool:
    # The types too, because to Python 1 is True.
    return type(value) is type(source.equals) and value == source.equals


def _first(source: Source, data: object) -> object:
    """Return the first value that says something, of the elements that are meant."""
    values = (one for one in _found(source, data) if one is not None)
    return next((one for one in values if not isinstance(one, str) or one.strip()), None)


def _found(source: Source, data: object) -> Iterator[object]:
    """Yield what a path leads to: one value, or one of each element that is meant."""
    if not source.where:
        yield at_path(data, source.path)
        return
    found, rest = _list(data, source.path)
    if isinstance(found, list):
        for one in found:
            if all(condition.holds(one) for condition in source.where):
                yield at_path(one, rest)


def _list(value: object, path: FieldPath) -> tuple[object, FieldPath]:
    """Return the first list on a path, and the path from its elements on; else what is there."""
    for index, key in enumerate(path):
        if isinstance(value, list):
            return value, path[index:]
        if not isinstance(value, Mapping):
            return None, ()
        if value and key not in value and index == len(path) - 1 > 0:
            return value, ()  # a map where a list should be: nothing that can be summed up
        value = value.get(key)
    return value, ()


def _parts(source: Source, data: object) -> object:
    """Return the amounts that make a sum; None where there is no list, what is there otherwise."""
    found, rest = _list(data, source.path)
    if not isinstance(found, list):
        return found
    meant = (one for one in found if all(condition.holds(one) for condition in source.where))
    amounts = (at_path(one, rest) for one in meant)
    return Parts(tuple(_negated(one) for one in amounts) if source.negative else tuple(amounts))


def _negated(amount: object) -> object:
    """Return an amount with the other sign, as it is written; what is none stays."""
    if isinstance(amount, bool):
        return amount
    if isinstance(amount, int | float):
        return 0 - amount
    if isinstance(amount, str) and amount.strip("0."):
        return amount[1:] if amount.startswith("-") else f"-{amount}"
    return amount


def _is_something(source: Source, data: object) -> bool | None:
    """Return whether there is anything at a path: not false, 0, blank or empty; None for null."""
    values = [one for one in _found(source, data) if one is not None]
    if not values:
        return False if source.where and isinstance(_list(data, source.path)[0], list) else None
    return any(map(_something, values))


def _something(value: object) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, float) and math.isnan(value):
        return False
    # A time, a reference, a place: whatever is no number and no collection is something.
    return bool(value) if isinstance(value, int | float | list | Mapping | bytes) else True
