"""Whether two values of documents are the same. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass


def same(first: object, second: object) -> bool:
    """Return whether two values of documents are the same, as Firestore sees it.

    To Python NaN is not equal to itself: who compares by `==` finds a document that holds one
    changed each time, and writes it again for ever.

    Args:
        first: What a document can hold, or a dataclass of such values.
        second: Likewise.
    """
    if first == second:
        return True
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return first.keys() == second.keys() and all(
            same(value, second[key]) for key, value in first.items()
        )
    if isinstance(first, list | tuple) and isinstance(second, list | tuple):
        return (
            type(first) is type(second)
            and len(first) == len(second)
            and all(map(same, first, second))
        )
    if is_dataclass(first) and type(first) is type(second):
        return all(
            same(getattr(first, one.name), getattr(second, one.name)) for one in fields(first)
        )
    return first != first and second != second
