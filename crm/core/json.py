"""Answers as JSON."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def jsonable(value: object, whole: Callable[[int], Json] = int) -> Json:
    """Return a document or an answer as JSON: times as ISO 8601 in UTC, ending in `Z`.

    Args:
        value: The document, or the answer.
        whole: Returns a whole number as it is to stand there.

    Raises:
        TypeError: A value that no answer may hold, such as NaN.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return whole(value)
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {str(key): jsonable(one, whole) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(one, whole) for one in value]
    raise TypeError(f"an answer cannot hold a {type(value).__name__}")
