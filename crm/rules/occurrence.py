"""What time has brought to a rule: events that it has looked at, and up to when it has looked.

That it has looked at an event is written in the commit that starts its work. So it acts once on the
people of an event, whoever else looks, and wherever the event's date goes afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from crm.db.codec import Stored, StoredById
from crm.db.collections import RULES
from crm.db.documents import Path, Query, document_id
from crm.events.event import event_path


@dataclass(frozen=True, slots=True)
class Occurrence(StoredById):
    """A rule's work on the people of an event.

    Attributes:
        id: See `occurrence_path`.
        rule_id: The rule.
        event_id: The event, as the host calls it.
        due_at: When it was due (UTC).
        at: When it was looked at first (UTC).
        since: The rule's `since` of then.
        state: `begun`: it acts, or has acted. `waiting`: there are too many people, or the draft is
            gone, and the rule asks.
        people: How many there were.
        campaign_id: The campaign that it sends by; None where it sends none.
        job_id: The job that gives the tags; None where none does.
    """

    id: str
    rule_id: str
    event_id: str
    due_at: datetime
    at: datetime
    since: datetime | None
    state: Literal["begun", "waiting"]
    people: int
    campaign_id: str | None = None
    job_id: str | None = None

    @property
    def path(self) -> Path:
        """Where its document is."""
        return f"{RULES}/{self.id}"


@dataclass(frozen=True, slots=True)
class Progress(Stored):
    """How far it was looked who is due by a rule with `sinceLastOrder`.

    Attributes:
        rule_id: The rule.
        since: The rule's `since` of then: switched on anew, it begins anew.
        until: Everybody was met who was due then or before (UTC).
        last: Who was met last of those due at that moment; None for all of them.
    """

    rule_id: str
    since: datetime | None
    until: datetime
    last: str | None = None


def progress_path(rule_id: str) -> Path:
    """Return where it is noted how far a rule has looked."""
    return f"{RULES}/since-{rule_id}"


def is_occurrence(document: str) -> bool:
    """Return whether a document of the collection, by its id, is an `Occurrence`."""
    return document.startswith("event-")


def is_progress(document: str) -> bool:
    """Return whether a document of the collection, by its id, is a `Progress`."""
    return document.startswith("since-")


def occurrence_path(rule_id: str, event_id: str) -> Path:
    """Return where it is noted that a rule has looked at an event."""
    return f"{RULES}/event-{rule_id}-{document_id(event_path(event_id))}"


def waiting_of(rule_id: str, most: int) -> Query:
    """Return the query for what waits for an answer of staff."""
    return Query(RULES, (("ruleId", "==", rule_id), ("state", "==", "waiting")), limit=most)
