"""That a rule has looked at an event that was due: written in the commit that starts its work.

So it acts once on the people of an event, whoever else looks, and wherever the event's date goes
afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from crm.db.codec import StoredById
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


def occurrence_path(rule_id: str, event_id: str) -> Path:
    """Return where it is noted that a rule has looked at an event."""
    return f"{RULES}/event-{rule_id}-{document_id(event_path(event_id))}"


def waiting_of(rule_id: str, most: int) -> Query:
    """Return the query for what waits for an answer of staff."""
    return Query(RULES, (("ruleId", "==", rule_id), ("state", "==", "waiting")), limit=most)
