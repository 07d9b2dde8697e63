"""Campaigns held to their shards and records, and mended so that nobody gets a mail twice.

Where it is not known whether a mail was handed over, its person is `uncertain`: never sent to again
by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from crm.campaigns.audience import Shard
from crm.campaigns.campaign import path_of
from crm.campaigns.claims import AT_ONCE
from crm.campaigns.counts import Counts
from crm.campaigns.mails import MailRecord, record_id, record_path
from crm.core.errors import Damaged, Refusal
from crm.db.collections import AUDIENCES, CUSTOMERS, IDENTITIES, LINKS
from crm.db.diff import replaced
from crm.db.documents import Create, Data, Delete, Snapshot, Update, Write
from crm.db.shapes import Flaw
from crm.db.transaction import Plan, Transaction
from crm.segments.language.json_form import parse_json

DAMAGED: Final = "damaged"
"""Why a campaign is halted that a hand has changed, or somebody `uncertain`."""

STATES: Final = ("waiting", "accepted", "refused", "excluded", "uncertain")

EVENTS: Final = ("bounced", "complained", "unsubscribed")


def campaign_of(document_id: str) -> str:
    """Return the campaign that a shard's or a record's id begins with."""
    return document_id.rpartition("-")[0]


# --- What is wrong -------------------------------------------------------------------------------


def campaign_flaws(data: Data) -> Iterator[Flaw]:
    """Say what is wrong with a campaign of the right kinds."""
    counts = data["counts"]
    names = ("audience", *STATES, *EVENTS)
    if any(type(counts.get(one)) is not int or counts[one] < 0 for one in names):
        yield Flaw("counts", "is not a number for each state")
    elif counts["audience"] != sum(counts[one] for one in STATES):
        yield Flaw("counts", "do not add up")
    body = data["body"]
    if body.get("format") not in ("markdown", "mjml") or not isinstance(body.get("source"), str):
        yield Flaw("body", "has no format or no source")
    try:
        parse_json(data["segment"])
    except Refusal:
        yield Flaw("segment", "is no question")


def shard_flaws(data: Data) -> Iterator[Flaw]:
    """Say what is wrong with a shard of the right kinds."""
    for entry in data["later"].values():
        kinds = (type(entry.get("attempts")), type(entry.get("code")), entry.get("claimed", True))
        if kinds != (int, str, True) or not isinstance(entry.get("at"), datetime):
            yield Flaw("later", "has somebody of whom it is not known when to try again")
            return


def check_shard(tx: Transaction, found: Snapshot) -> Iterator[str]:
    """Say whether a shard counts its people as their records have them."""
    shard = Shard.from_data(found.id, found.fields)
    if not _is_ordered(shard):
        yield "has places that cannot be"
        return
    (campaign, *records) = tx.documents([path_of(shard.campaign_id), *_settled_paths(shard)])
    if not campaign.exists:
        yield "is of a campaign that is not there"
    states = [one.fields.get("state") for one in records]
    if not all(one in STATES[1:] for one in states):
        yield "has people who are settled and have no record"
    elif shard.counts != _counted(shard, states):
        yield "does not count its people as their records have them"


def check_mail(tx: Transaction, found: Snapshot) -> Iterator[str]:
    """Say whether a record is of a campaign that is there, and of nobody who was erased."""
    record = MailRecord.from_data(found.id, found.fields)
    if not tx.document(path_of(record.campaign_id)).exists:
        yield "is of a campaign that is not there"
    if _erased_by(tx, record) is not None:
        yield "says whom it is about, who was erased"


def _is_ordered(shard: Shard) -> bool:
    size = len(shard.people)
    return (
        len(shard.keys) == size
        and 0 <= shard.next <= shard.claimed <= size
        and all(place.isdecimal() and int(place) < shard.next for place in shard.later)
    )


def _settled(shard: Shard) -> list[int]:
    return [one for one in range(shard.next) if str(one) not in shard.later]


def _settled_paths(shard: Shard) -> list[str]:
    return [
        record_path(record_id(shard.campaign_id, shard.keys[place])) for place in _settled(shard)
    ]


def _counted(shard: Shard, states: list[Any]) -> Counts:
    """Return the counts of a shard whose settled people are in these states."""
    people = Counter(states)
    people["excluded"] += len(shard.excluded)
    people["waiting"] = len(shard.people) - shard.next + len(shard.later)
    return Counts(len(shard.people) + len(shard.excluded), **{one: people[one] for one in STATES})


def _erased_by(tx: Transaction, record: MailRecord) -> str | None:
    """Return the erasure of the person whom a record still names; None for nobody erased."""
    if record.identity is None or record.customer_id is None or record.erased is not None:
        return None
    identity, customer, link = tx.documents(
        [
            f"{IDENTITIES}/{record.identity}",
            f"{CUSTOMERS}/{record.customer_id}",
            f"{LINKS}/{record.customer_id}",
        ]
    )
    if customer.exists or link.exists:
        return None
    at, by = identity.fields.get("erasedAt"), identity.fields.get("erasedBy")
    return by if at is not None and isinstance(by, str) else None


# --- Mending -------------------------------------------------------------------------------------


def plan_shard(tx: Transaction, shard_id: str) -> Plan[None]:
    """Plan to have a shard count its people as their records have them.

    Who is settled and has no record may have got the mail: `uncertain`.
    """
    found = tx.document(f"{AUDIENCES}/{shard_id}")
    if found.data is None or not any(check_shard(tx, found)):
        return Plan([], None)
    shard = Shard.from_data(shard_id, found.data)
    if not tx.document(path_of(shard.campaign_id)).exists:
        return Plan([Delete(found.path, found.version)], None)
    if len(shard.keys) != len(shard.people):
        raise Damaged(found.path, "keys", "are not as many as people; nothing knows them")
    shard = _placed(tx, shard)
    records = tx.documents(_settled_paths(shard))
    writes: list[Write] = []
    states: list[Any] = []
    for place, one in zip(_settled(shard), records, strict=True):
        state = one.fields.get("state")
        if state not in STATES[1:]:
            state = "uncertain"
            writes.append(_unknown(tx, shard, place, one))
        states.append(state)
    shard = replace(shard, counts=_counted(shard, states))
    return Plan([replaced(found, shard.to_data()), *writes], None)


def _placed(tx: Transaction, shard: Shard) -> Shard:
    """Return a shard with places that can be; those up to the last record are settled."""
    if _is_ordered(shard):
        return shard
    paths = [record_path(record_id(shard.campaign_id, key)) for key in shard.keys]
    known = [
        place
        for place, one in enumerate(tx.documents(paths))
        if one.fields.get("state") in STATES[1:]
    ]
    behind = max(known, default=-1) + 1
    claim = ended_claim(len(shard.people), behind, tx.now)
    return replace(shard, next=behind, **claim, later={})


def ended_claim(size: int, behind: int, now: datetime) -> dict[str, Any]:
    """Return a claim that is over: whoever meets it takes its people for `uncertain`.

    Args:
        size: How many people there are.
        behind: The place of the first one who is not settled.
        now: The time.
    """
    claimed = min(behind + AT_ONCE, size)
    if claimed == behind:
        return {"claimed": claimed, "holder": None, "lease_until": None}
    return {"claimed": claimed, "holder": DAMAGED, "lease_until": now}


def _unknown(tx: Transaction, shard: Shard, place: int, found: Snapshot) -> Write:
    if found.data is not None:
        said = {"state": "uncertain", "reason": DAMAGED, "at": tx.now}
        return Update(found.path, said, found.version)
    record = MailRecord(
        found.id,
        shard.campaign_id,
        shard.people[place],
        None,
        None,
        shard.id,
        "uncertain",
        tx.now,
        DAMAGED,
    )
    return Create(found.path, record.to_data())


def plan_mail(tx: Transaction, mail_id: str) -> Plan[None]:
    """Plan to take from a record whom it is about, who was erased; or to delete a stray one."""
    found = tx.document(record_path(mail_id))
    if found.data is None or not any(check_mail(tx, found)):
        return Plan([], None)
    record = MailRecord.from_data(mail_id, found.data)
    if not tx.document(path_of(record.campaign_id)).exists:
        return Plan([Delete(found.path, found.version)], None)
    gone = dict.fromkeys(("customerId", "identity", "address", "providerId"))
    erased = {**gone, "erased": _erased_by(tx, record)}
    return Plan([Update(found.path, erased, found.version)], None)
