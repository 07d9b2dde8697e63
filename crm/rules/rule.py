"""A rule: when something is done, for whom, how often, and what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from crm.db.codec import Stored

MOST: Final = 1_000
"""How many people a rule acts on at once, unless staff say another number."""

THIS_EVENT: Final = "this_event"
"""In `only`, in the place of an event's id: the event for which the rule acts."""


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
        asked: The segment of `only` with its saved ones written out, in JSON.
        uses: Ids of saved segments in `enters` and `only`.
        since: Since when it is on: what happened before is none of its business. None while it is
            off. It moves when what the rule waits for changes.
        paused: Why it stopped by itself, a stable code: `too-many`, `loop`, `template-gone`,
            `template-unfit`, `segment-gone`; None where it did not. It stays `on`: staff want it,
            and are asked.
        waiting: How many people waited when it paused.
        allowed: When staff said that it is to act on all who waited: these are not too many, and
            not too late.
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
    asked: Any = None
    uses: tuple[str, ...] = ()
    since: datetime | None = None
    paused: str | None = None
    waiting: int = 0
    allowed: datetime | None = None
    revision: int = 1
    actor: str | None = field(default=None)

    @property
    def active(self) -> bool:
        """Whether it acts now."""
        return self.on and self.paused is None

    @property
    def kind(self) -> str:
        """What it waits for: `enters`, `eventEnded`, `sinceLastOrder` or `subscribed`."""
        return next(iter(self.when))

    @property
    def campaign_id(self) -> str | None:
        """The draft that it sends; None for a rule that changes tags."""
        return self.then.get("send")
