"""Answers as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def jsonable(value: object) -> Json:
    """Return a document or an answer as JSON: times as ISO 8601 in UTC, ending in `Z`.

    Raises:
        TypeError: A value that no answer may hold, such as NaN.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {str(key): jsonable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(one) for one in value]
    raise TypeError(f"an answer cannot hold a {type(value).__name__}")
