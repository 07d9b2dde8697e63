"""A campaign: what is sent to whom, and how far that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from crm.db.codec import StoredById, kept
from crm.db.collections import CAMPAIGNS
from crm.db.documents import Data

CampaignState = Literal[
    "draft",
    "scheduled",
    "preparing",
    "sending",
    "paused",
    "done",
    "cancelled",
    "missed",
    "halted",
]

MOVES: Final[Mapping[CampaignState, frozenset[CampaignState]]] = {
    "draft": frozenset({"scheduled"}),
    "scheduled": frozenset({"preparing", "cancelled", "missed", "halted"}),
    "preparing": frozenset({"sending", "cancelled", "halted"}),
    "sending": frozenset({"paused", "done", "cancelled", "halted"}),
    "paused": frozenset({"sending", "cancelled"}),
    "halted": frozenset({"preparing", "sending", "cancelled"}),
    "done": frozenset(),
    "cancelled": frozenset(),
    "missed": frozenset(),
}
"""From each state to which; no other move is possible."""

OPEN: Final[frozenset[CampaignState]] = frozenset({"scheduled", "preparing", "sending"})
"""States in which a job is, or is to be, at work."""

EDITABLE: Final[frozenset[CampaignState]] = frozenset({"draft", "scheduled", "paused"})
"""States in which its text may be changed."""


@dataclass(frozen=True, slots=True)
class Campaign(StoredById):
    """A campaign.

    Attributes:
        id: Random.
        name: What staff call it.
        subject: The subject, with Liquid placeholders.
        preview: What mailboxes show beside the subject; "" for nothing.
        body: `format` (`markdown` or `mjml`) and `source`, with Liquid placeholders.
        segment: Who is to get it, in the JSON form of `segments.language.json_form`.
        sender: Whom it is from, as in `From`.
        created_at: When it was first saved (UTC).
        updated_at: When it was last changed (UTC).
        revision: Counts its savings.
        reply_to: Where answers go; None for the sender.
        state: How far it is.
        reason: Why it is `halted`, `missed` or `paused`: a stable code; None where it needs none.
        message: The same as a sentence for staff, which says what to mend.
        scheduled_at: When it is to begin, the undo window included.
        latest_by: When it may begin last; later it is `missed`.
        started_at: When its audience began to be fixed.
        prepared_at: The moment of the database that its audience is of.
        finished_at: When the last of its people was settled.
        expected: How many were to be reached, as who sent it was told; None once staff had it go
            on in spite of another number.
        actor: In whose name it is sent (see `transaction.Transaction`).
        job_id: The job that sends it. Only that one may: a worker that finds another here stops.
        ready: Whether its audience is complete, and was looked at.
        baseline: What was known when staff had it go on after a halt: `accepted`, `refused`,
            `bounced`, `complained` of then, which do not halt it a second time.
        rule: The rule that sends it; None where staff do.
        scope: The event that the rule acts for; None where it is about none.
        people: Ids of the customers that it goes to; None where its segment says who.
        counts: People by state, as of the last time that the document was written: the sums of
            its shards at one moment. `audience.totals` gives what they are now.
    """

    id: str
    name: str
    subject: str
    preview: str
    body: Mapping[str, str]
    segment: Mapping[str, Any]
    sender: str = field(metadata={"crm.key": "from"})
    created_at: datetime
    updated_at: datetime
    revision: int = 1
    reply_to: str | None = None
    state: CampaignState = "draft"
    reason: str | None = None
    message: str | None = None
    scheduled_at: datetime | None = None
    latest_by: datetime | None = None
    started_at: datetime | None = None
    prepared_at: datetime | None = None
    finished_at: datetime | None = None
    expected: int | None = None
    actor: str | None = None
    job_id: str | None = None
    ready: bool = False
    baseline: Mapping[str, int] = field(default_factory=dict)
    rule: str | None = field(default=None, metadata=kept(added_later=True))
    scope: str | None = field(default=None, metadata=kept(added_later=True))
    people: tuple[str, ...] | None = field(default=None, metadata=kept(added_later=True))
    counts: Data = field(
        default_factory=lambda: {
            **dict.fromkeys(("audience", "waiting", "accepted", "refused"), 0),
            **dict.fromkeys(("excluded", "uncertain"), 0),
            **dict.fromkeys(("bounced", "complained", "unsubscribed"), 0),
        }
    )

    @property
    def path(self) -> str:
        """Where its document is."""
        return path_of(self.id)


def path_of(campaign_id: str) -> str:
    """Return the path of a campaign's document."""
    return f"{CAMPAIGNS}/{campaign_id}"
