"""A campaign's audience, in shards: who is in it, whose turn it is, and how many are how far.

A shard is the counter of its people: each commit that changes what became of one of them changes
the shard's `counts` too, so their sum over a campaign's shards at one moment adds up always.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from crm.campaigns.counts import Counts
from crm.db.codec import StoredById
from crm.db.collections import AUDIENCES

MOST: Final = 250
"""People of one shard at most."""


@dataclass(frozen=True, slots=True)
class Shard(StoredById):
    """A part of an audience.

    Attributes:
        id: `{campaign}-{number}`, of six digits: shards sort as they were cut.
        campaign_id: The campaign.
        people: Ids of customers who are to get the mail, in the order of their ids.
        keys: Of each of these, the key of the address that the mail goes to (`mails.mail_key`).
            Each address is in one shard once, so it gets one mail at most: whoever has another
            address when the turn comes is excluded.
        excluded: Who was in the segment and is to get no mail, with the reason, as found while
            the audience was fixed.
        counts: How many of its people, `excluded` ones included, are in which state.
        next: Place in `people` of the first one who is not settled; those before it have records.
        claimed: Place behind the last one whose mail may be handed over now; `next` when nobody is
            claimed.
        holder: The run of a worker that has claimed them; None when nobody is claimed.
        lease_until: When the claim ends. What a worker that is gone had claimed is `uncertain`.
        later: Place of who has to be tried again, with `attempts`, `at` (not before) and `code`.
    """

    id: str
    campaign_id: str
    people: tuple[str, ...]
    keys: tuple[str, ...]
    excluded: Mapping[str, str]
    counts: Counts
    next: int = 0
    claimed: int = 0
    holder: str | None = None
    lease_until: datetime | None = None
    later: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Where its document is."""
        return f"{AUDIENCES}/{self.id}"
