"""What this process last saw of events: an order that says the same costs nothing more.

A hint with an age. What another instance has changed meanwhile is not known here for so long.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

Word = tuple[str | None, datetime | None]
"""A name and a start, as `crm.events.event` has them; that module is loaded with the first order,
and this one with the process."""

MOST: Final = 10_000
"""Events that are remembered at least, those seen last: at most twice as many, some 6 MB."""

AGE: Final = timedelta(minutes=1)


class SeenEvents:
    """Event ids, each with what the catalogue said of it, and when.

    Two generations, so that nothing has to be sorted or locked: what threads do to it at once can
    make it forget, and nothing worse.

    Args:
        age: For how long what was seen is gone by; None for ever.
        most: How many are remembered at least.
    """

    def __init__(self, age: timedelta | None = AGE, most: int = MOST) -> None:
        self._age = age
        self._most = most
        self._young: dict[str, tuple[Word, datetime]] = {}
        self._old: dict[str, tuple[Word, datetime]] = {}

    def get(self, event_id: str, now: datetime) -> Word | None:
        """Return what the catalogue said of an event a short time ago."""
        found = self._young.get(event_id) or self._old.get(event_id)
        if found is None or (self._age is not None and now - found[1] >= self._age):
            return None
        return found[0]

    def put(self, event_id: str, word: Word, at: datetime) -> None:
        """Remember what the catalogue said of an event, and when it was asked."""
        if len(self._young) >= self._most:
            self._old, self._young = self._young, {}
        self._young[event_id] = (word, at)
