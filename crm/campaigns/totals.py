"""What a campaign's people add up to, at one moment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from crm.campaigns.campaign import path_of
from crm.campaigns.counts import Counts
from crm.core.errors import Damaged
from crm.db.collections import AUDIENCES, MAILS
from crm.db.documents import Data, Query, Store

EVENTS: Final = ("bounced", "complained", "unsubscribed")
"""What can come of a mail later; a record has the time."""

STATES: Final = ("audience", "waiting", "accepted", "refused", "excluded", "uncertain")

_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


def totals(store: Store, campaign_id: str) -> Counts:
    """Return a campaign's people by state: the sums of its shards at one moment.

    Args:
        store: The database; where it is of one moment, that one.
        campaign_id: The campaign.

    Raises:
        Damaged: They do not add up: a shard was changed by hand.
        Transient: Not answered.
    """
    moment = store if store.moment is not None else store.at()
    shards = Query(AUDIENCES, (("campaignId", "==", campaign_id),))
    sums = {name: moment.sum(shards, f"counts.{name}").total for name in STATES}
    found = Counts(**sums)
    if not found.whole:
        raise Damaged(path_of(campaign_id), "counts", "do not add up over its shards")
    return found


def all_counts(store: Store, campaign_id: str) -> dict[str, int]:
    """Return the `counts` of a campaign's document, all of one moment.

    Args and errors:
        As `totals`.
    """
    moment = store if store.moment is not None else store.at()
    people: Data = totals(moment, campaign_id).to_data()
    return {
        **people,
        **{name: moment.count(_having(campaign_id, name)) for name in EVENTS},
    }


def _having(campaign_id: str, event: str) -> Query:
    return Query(MAILS, (("campaignId", "==", campaign_id), (event, ">=", _EVER)))
