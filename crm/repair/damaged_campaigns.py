"""Campaigns, their shards and records of mails made whole again by their own fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final, get_args

from crm.campaigns.audience import Shard
from crm.campaigns.campaign import Campaign, CampaignState
from crm.campaigns.counts import Counts, PersonState
from crm.campaigns.mails import MailRecord
from crm.core.errors import Damaged
from crm.db.collections import AUDIENCES, CAMPAIGNS, MAILS
from crm.db.documents import Data, Query, Snapshot, Update, Write, moment_of
from crm.db.shapes import Looked
from crm.db.transaction import Transaction
from crm.repair.campaigns import DAMAGED, EVENTS, STATES, campaign_of, ended_claim
from crm.repair.shapes import collection_of, is_stray

_MESSAGE: Final = (
    "A part of this campaign was lost in the database and set to what is safe. Look at it, and"
    " resume it where it is to go on."
)

_NOBODY: Final[Data] = {"not": {}}
"""A segment that nobody is in, in the place of one that is lost."""


def mended_campaign(tx: Transaction, found: Snapshot, looked: Looked) -> list[Write]:
    """Return what makes a campaign, a shard or a record of a mail whole again.

    Raises:
        Damaged: Nothing knows what was there.
    """
    if is_stray(found, looked):
        flaw = looked.flaws[0]
        raise Damaged(found.path, flaw.field, f"{flaw.why}; nothing knows what was there")
    data = _MENDED[collection_of(found.path)](tx, found, looked)
    return [Update(found.path, data, found.version)]


def _campaign(tx: Transaction, found: Snapshot, looked: Looked) -> Data:
    """Return a campaign made whole by its own fields and its shards.

    One whose state is lost stops, unless it never began: people say whether it goes on.
    """
    data, broken = dict(looked.data), looked.broken
    if "state" in broken or data["state"] not in get_args(CampaignState):
        begun = data["startedAt"] is not None or data["scheduledAt"] is not None
        data |= {"state": "halted" if begun else "draft"}
        if begun:
            data |= {"reason": DAMAGED, "message": _MESSAGE}
    if "segment" in broken:
        data["segment"] = _NOBODY
    if "body" in broken:
        body = data["body"]
        form, source = body.get("format"), body.get("source")
        data["body"] = {
            "format": form if form in ("markdown", "mjml") else "markdown",
            "source": source if isinstance(source, str) else "",
        }
    if "createdAt" in broken:
        data["createdAt"] = found.created or tx.now
    if "updatedAt" in broken:
        data["updatedAt"] = moment_of(found.version)
    if "revision" in broken:
        data["revision"] = 1
    if "counts" in broken:
        data["counts"] = _summed(tx, found.id)
    return Campaign.from_data(found.id, data).to_data()


def _summed(tx: Transaction, campaign_id: str) -> Mapping[str, int]:
    """Return the sums of a campaign's shards; what came back is counted anew when it moves."""
    shards = tx.find(Query(AUDIENCES, (("campaignId", "==", campaign_id),)))
    total: Counter[str] = Counter()
    for one in shards:
        counts = one.fields.get("counts")
        if isinstance(counts, Mapping):
            total.update({name: counts.get(name, 0) for name in STATES})
    return {
        "audience": sum(total[one] for one in STATES),
        **{one: total[one] for one in STATES},
        **dict.fromkeys(EVENTS, 0),
    }


def _shard(tx: Transaction, found: Snapshot, looked: Looked) -> Data:
    """Return a shard made whole by its own fields; its counts are held to its records after this.

    Raises:
        Damaged: Nothing knows who was in it.
    """
    data, broken = dict(looked.data), looked.broken
    excluded = found.fields.get("excluded")
    if "excluded" in broken and isinstance(excluded, Mapping):
        known = {one: why if isinstance(why, str) else DAMAGED for one, why in excluded.items()}
        data["excluded"], broken = known, broken - {"excluded"}
    for name in ("people", "keys", "excluded"):
        if name in broken:
            raise Damaged(found.path, name, "is lost; nothing knows what was there")
    data["campaignId"] = campaign_of(found.id)
    if "next" in broken:
        data["next"] = len(data["people"])  # too far: whoever has no record is `uncertain`
        data["claimed"] = data["next"]
    if broken & {"claimed", "holder", "leaseUntil"}:
        behind = data["next"]
        claim = ended_claim(len(data["people"]), behind, tx.now)
        data |= {
            "claimed": claim["claimed"],
            "holder": claim["holder"],
            "leaseUntil": claim["lease_until"],
        }
    if "later" in broken:
        data["later"] = {}
    if "counts" in broken:
        data["counts"] = Counts().to_data()
    return Shard.from_data(found.id, data).to_data()


def _mail(tx: Transaction, found: Snapshot, looked: Looked) -> Data:
    """Return a record made whole by its own fields.

    Raises:
        Damaged: Nothing knows in which shard the person is counted.
    """
    data, broken = dict(looked.data), looked.broken
    if "shard" in broken:
        raise Damaged(found.path, "shard", "is lost; nothing knows what was there")
    data["campaignId"] = campaign_of(found.id)
    if "state" in broken or data["state"] not in get_args(PersonState):
        data |= {"state": "uncertain", "reason": DAMAGED}
    if "at" in broken:
        data["at"] = found.created or tx.now
    return MailRecord.from_data(found.id, data).to_data()


_MENDED: Final[Mapping[str, Callable[[Transaction, Snapshot, Looked], Data]]] = {
    AUDIENCES: _shard,
    CAMPAIGNS: _campaign,
    MAILS: _mail,
}
