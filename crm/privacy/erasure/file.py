"""Records of erasures in a file, kept outside the database: what a restored backup is held against.

Pure. The file holds keyed hashes, ids and dates.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from crm.core.errors import Refusal
from crm.core.json import jsonable
from crm.privacy.erasure.record import Erasure

FORMAT: Final = "crm-lite-erasures"

VERSION: Final = 1


def write(erasures: Iterable[Erasure]) -> str:
    """Return the text of a file."""
    kept = [{"erasureId": one.id, **one.to_data(), "uids": []} for one in erasures]
    return json.dumps(jsonable({"format": FORMAT, "version": VERSION, "erasures": kept}), indent=1)


def read(text: str) -> list[Erasure]:
    """Read a file.

    Raises:
        Refusal: `invalid-argument` (`erasures-invalid`).
    """
    try:
        data = json.loads(text)
        if data["format"] != FORMAT or data["version"] != VERSION:
            raise ValueError("another format")
        return [_read(one) for one in data["erasures"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Refusal(
            "invalid-argument",
            "erasures-invalid",
            "This is no file of erasures: give one by `python -m crm list-erasures --save`.",
        ) from None


def _read(data: dict[str, Any]) -> Erasure:
    times = {name: _time(data[name]) for name in ("at", "newest", "suppressed")}
    return Erasure.from_data(str(data["erasureId"]), {**data, **times})


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
