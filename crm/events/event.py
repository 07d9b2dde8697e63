"""An event of the host, as the catalogue keeps it: `crmEvents/{id}`. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import ClassVar, Final

from crm.core.text import fold
from crm.db.codec import Stored
from crm.db.collections import EVENTS
from crm.db.documents import Path
from crm.events.search_terms import terms

_UNKNOWN_START: Final = datetime(1, 1, 1, tzinfo=UTC)
"""Before all others: an event without a known start counts as begun."""

Word = tuple[str | None, datetime | None]
"""What an order says of an event: its name and its start (UTC); None where it does not say."""


@dataclass(frozen=True, slots=True)
class Event(Stored):
    """An event.

    Attributes:
        event_id: The host's id.
        first_seen_at: When the first order that names it was taken in (UTC).
        name: What the newest order that describes it calls it; None where none does.
        starts_at: When it begins, by the same order (UTC).
    """

    DERIVED: ClassVar = {"nameKey": "name_key", "startKey": "start_key", "search": "search"}

    event_id: str
    first_seen_at: datetime
    name: str | None = None
    starts_at: datetime | None = None

    @property
    def name_key(self) -> str | None:
        """What events share that people would call by the same name."""
        return None if self.name is None else name_key(self.name)

    @property
    def start_key(self) -> datetime:
        """What events are listed by."""
        return self.starts_at or _UNKNOWN_START

    @property
    def search(self) -> list[str]:
        """What it is found by while staff type."""
        return terms(self.event_id, self.name)

    @property
    def word(self) -> Word:
        """What the newest order that describes it says of it."""
        return self.name, self.starts_at

    def told(self, word: Word) -> Event:
        """Return the event as an order describes it."""
        return replace(self, name=word[0], starts_at=word[1])


def name_key(name: str) -> str:
    """Return a name as it is compared: case, accents and blanks aside."""
    return " ".join(fold(name).split())


def event_path(event_id: str) -> Path:
    """Return the path of an event's document: an id of the host can hold what a path cannot."""
    return f"{EVENTS}/{hashlib.sha256(event_id.encode()).hexdigest()[:40]}"
