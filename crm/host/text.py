"""Names as hosts write them. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MAX_NAME: Final = 200  # characters of a person's or an event's name that are kept

_BREAKS: Final = re.compile("[\t-\r\x1c-\x1f\x85\u2028\u2029]+")

# Controls, direction marks, zero-width spaces, and surrogates that no UTF-8 can hold.
_UNSEEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def one_line(value: object) -> str | None:
    """Return a name as one clean line of at most `MAX_NAME` characters in NFC."""
    if not isinstance(value, str):
        return None
    line = _UNSEEN.sub("", _BREAKS.sub(" ", value[: 10 * MAX_NAME]))
    return unicodedata.normalize("NFC", line).strip()[:MAX_NAME].rstrip() or None
