"""Whole numbers that an answer wraps, for JSON's readers in other languages would round them.

https://firebase.google.com/docs/functions/callable-reference#serialization
"""

from __future__ import annotations

from typing import Any, Final

_WRAPPED: Final = {
    "type.googleapis.com/google.protobuf.Int64Value",
    "type.googleapis.com/google.protobuf.UInt64Value",
}


def unwrapped(value: Any) -> Any:
    """Return an answer with plain numbers, at any depth."""
    if isinstance(value, dict):
        if value.get("@type") in _WRAPPED:
            return int(value["value"])
        return {key: unwrapped(one) for key, one in value.items()}
    if isinstance(value, list):
        return [unwrapped(one) for one in value]
    return value
