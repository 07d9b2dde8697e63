"""Whole numbers as the callable protocol has them: wrapped where JSON's readers lose digits.

The SDKs of Swift, Kotlin, Flutter and Unity wrap every 64-bit number that they send, however small:
`{"@type": "type.googleapis.com/google.protobuf.Int64Value", "value": "50"}`; all SDKs read it.
https://firebase.google.com/docs/functions/callable-reference#serialization
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from crm.core.errors import Refusal
from crm.core.json import Json
from crm.entrypoints.callables.envelope import MAX_DEPTH

SIGNED: Final = "type.googleapis.com/google.protobuf.Int64Value"
UNSIGNED: Final = "type.googleapis.com/google.protobuf.UInt64Value"

EXACT: Final = 2**53 - 1
"""Up to here JavaScript's numbers are exact, and those of JSON as most read it (RFC 8259, 6)."""

_RANGES: Final[Mapping[object, range]] = {
    SIGNED: range(-(2**63), 2**63),
    UNSIGNED: range(2**64),
}

_DIGITS: Final = re.compile(r"-?[0-9]{1,20}")


def unwrapped(value: object, levels: int = MAX_DEPTH) -> object:
    """Return a request with plain numbers where wrapped ones are.

    Args:
        value: As JSON.
        levels: How deep it is looked at. What is nested deeper stays as it is: no call takes
            numbers from there, and the envelope refuses it.

    Raises:
        Refusal: `invalid-argument` (`value-invalid`): what is wrapped is no number of its type.
    """
    if levels < 0:
        return value
    if isinstance(value, Mapping):
        kind = value.get("@type")
        if isinstance(kind, str) and kind in _RANGES:
            return _number(kind, value)
        return {key: unwrapped(one, levels - 1) for key, one in value.items()}
    if isinstance(value, list):
        return [unwrapped(one, levels - 1) for one in value]
    return value


def wrapped(number: int) -> Json:
    """Return a number as an answer has it: plain, or wrapped where it is too large for that.

    What 64 bits do not hold stays plain: there is no type for it that all SDKs read.
    """
    if -EXACT <= number <= EXACT or number not in _RANGES[SIGNED]:
        return number
    return {"@type": SIGNED, "value": str(number)}


def _number(kind: str, wrapper: Mapping[object, object]) -> int:
    text = wrapper.get("value")
    if len(wrapper) == 2 and isinstance(text, str) and _DIGITS.fullmatch(text):
        number = int(text)
        if number in _RANGES[kind]:
            return number
    name = kind.rpartition(".")[2]
    raise Refusal(
        "invalid-argument",
        "value-invalid",
        f"The request was refused: send a number of type {name} as"
        f' {{"@type": "{kind}", "value": "50"}}, its digits as a text.',
    )
