"""A rule: when something is done, for whom, how often, and what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crm.db.codec import Stored


@dataclass(frozen=True, slots=True)
class Rule(Stored):
    """A rule, as the book keeps it.

    Attributes:
        id: Random.
        name: What staff call it.
        on: Whether it acts.
        when: One of `{"enters": segment}`, `{"eventEnded": {"days", "at"}}`,
            `{"sinceLastOrder": {"days"}}`, `{"subscribed": true}`, as it was checked.
        then: `{"addTags": [labels], "removeTags": [ids]}`, or `{"send": campaignId}`.
        once: `ever`, `event` or `{"days": n}`: how often it acts on a person.
        most: How many people it acts on at once; for more it pauses, and asks.
        created_at: When it was first saved (UTC).
        updated_at: When it was last changed (UTC).
        only: A segment that is asked again at the moment of acting; None for everybody.
        entered: The segment of `enters` with its saved ones written out, in JSON; `subscribed` is
            the segment of that.
        uses: Ids of saved segments in `enters` and `only`.
        since: Since when it is on: what happened before is none of its business. None while it is
            off.
        paused: Why it stopped by itself, a stable code: `too-many`, `loop`, `template-gone`; None
            where it did not.
        waiting: How many people it found when it paused for there being too many.
        revision: Counts its savings.
        actor: Who saved it (see `transaction.Transaction`).
    """

    id: str
    name: str
    on: bool
    when: Mapping[str, Any]
    then: Mapping[str, Any]
    once: Any
    most: int
    created_at: datetime
    updated_at: datetime
    only: Any = None
    entered: Any = None
    uses: tuple[str, ...] = ()
    since: datetime | None = None
    paused: str | None = None
    waiting: int = 0
    revision: int = 1
    actor: str | None = field(default=None)
