"""A host's values as JSON, whatever Firestore can hold.

Pure, and total: an export never fails for what a document holds. JSON has no bytes, places,
references and NaN, and most readers round large whole numbers. Each of them becomes an object of
one key, as Firestore's REST API writes it
(https://firebase.google.com/docs/firestore/reference/rest/v1/Value); a time becomes ISO 8601 text.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from crm.core.json import Json, jsonable

MAX_EXACT: Final = 2**53 - 1
"""The largest whole number that JavaScript keeps exactly (`Number.MAX_SAFE_INTEGER`)."""

MARKS: Final = frozenset(
    {
        "bytesValue",
        "doubleValue",
        "geoPointValue",
        "integerValue",
        "mapValue",
        "referenceValue",
        "unknownValue",
    }
)
"""Keys of such objects. A host's own map that looks like one is written as a `mapValue`."""


def json_value(value: object) -> Json:
    """Return a stored value as JSON."""
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) <= MAX_EXACT else {"integerValue": str(value)}
    if isinstance(value, float):
        return value if math.isfinite(value) else {"doubleValue": _not_finite(value)}
    if isinstance(value, datetime):
        return jsonable(value)
    if isinstance(value, Mapping):
        members = {str(key): json_value(one) for key, one in value.items()}
        looks_marked = len(members) == 1 and not MARKS.isdisjoint(members)
        return {"mapValue": {"fields": members}} if looks_marked else members
    if isinstance(value, bytes):
        return {"bytesValue": base64.b64encode(value).decode()}
    if isinstance(value, Sequence):  # a list, or a vector
        return [json_value(one) for one in value]
    return _special(value)


def _not_finite(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _special(value: object) -> Json:
    """Return a value of one of the database's own types, which are known here by what they have."""
    latitude, longitude = getattr(value, "latitude", None), getattr(value, "longitude", None)
    if latitude is not None and longitude is not None:
        return {
            "geoPointValue": {"latitude": json_value(latitude), "longitude": json_value(longitude)}
        }
    path = getattr(value, "path", None)
    if isinstance(path, str):
        return {"referenceValue": path}
    return {"unknownValue": type(value).__name__}
