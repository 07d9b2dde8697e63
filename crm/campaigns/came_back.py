"""What a provider tells later of a campaign's mail: applied in one commit with all its effects.

What a record says depends on which events there were, and on nothing else: told again, late or in
another order they come to the same. So whoever is told of an event twice changes nothing, and who
was told half may be told all again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from crm.campaigns.audience import Shard
from crm.campaigns.campaign import path_of
from crm.campaigns.counts import PersonState
from crm.campaigns.mails import MailRecord, record_path
from crm.campaigns.resolving import CLOSED
from crm.consent.plan import withdraw_address
from crm.consent.reach import came_back
from crm.consent.records import COMPLAINT, UNSUBSCRIBE
from crm.customers.change_set import ChangeSet
from crm.db.collections import AUDIENCES, IDENTITIES, MAILS
from crm.db.diff import replaced
from crm.db.documents import Query
from crm.db.runner import Runner
from crm.db.transaction import Plan, Transaction
from crm.mail.events import MailEvent

SOFT_BOUNCES: Final = 3
"""So many mails in a row that came back for now, and the address is unreachable."""

WITHIN: Final = timedelta(days=180)
"""They count together only so close to each other."""

EARLY: Final = timedelta(hours=1)
"""So long an event may be ahead of the record of its mail: a worker notes ten mails at a time, and
what one that died had in hand is known when its claim ends."""

_LOOKED_AT: Final = 1_000
"""Records of an address that are looked at for a row of soft bounces, at most."""

BOUNCED: Final = "bounced"
REJECTED: Final = "rejected"
SOFT_BOUNCED: Final = "soft-bounced"

_RETURNED: Final = (SOFT_BOUNCED, REJECTED, BOUNCED)
"""Reasons that events give, the one that says least first."""

Outcome = Literal["changed", "unchanged", "unknown", "early"]
"""`unknown`: there is no such mail of ours. `early`: there may be soon, so tell it again."""


def apply(runner: Runner, event: MailEvent) -> Outcome:
    """Apply an event.

    Raises:
        Conflict, Transient: Not done before the deadline; safe to call again.
    """
    plan, _ = runner.run(lambda tx: plan_event(tx, event))
    return plan.result


def mark_unreachable(runner: Runner, address: str, at: datetime) -> None:
    """Have it known that an address was refused as none when a mail was handed over.

    Args:
        runner: Runs the transaction.
        address: The identity key of the address.
        at: When.

    Raises:
        Conflict, Transient: Not done before the deadline; safe to call again.
    """

    def plan(tx: Transaction) -> Plan[None]:
        changes = ChangeSet(tx)
        came_back(changes, address, at, anew=True)
        return Plan(changes.writes(), None)

    runner.run(plan)


def plan_event(tx: Transaction, event: MailEvent) -> Plan[Outcome]:
    """Plan to apply an event.

    Raises:
        Conflict: Something moved meanwhile.
    """
    record = _record_of(tx, event)
    if record is None:
        return Plan([], "early" if _is_early(tx, event) else "unknown")
    noted = after(record, event)
    if noted == record:
        return Plan([], "unchanged")
    return _plan_noted(tx, record, noted, event)


def plan_left(tx: Transaction, key: str, mail_id: str) -> Plan[None]:
    """Plan the withdrawal of whoever has an address, by the link in a campaign's mail.

    The person's click counts each time, and the mail notes that it was by its link.

    Args:
        tx: The transaction.
        key: The identity key of the address.
        mail_id: The mail.

    Raises:
        Conflict: Something moved meanwhile.
    """
    found, _ = tx.documents([record_path(mail_id), f"{IDENTITIES}/{key}"])
    changes = ChangeSet(tx)
    _, changed = withdraw_address(changes, tx, key, UNSUBSCRIBE)
    writes = changes.writes() if changed else []
    record = MailRecord.from_data(found.id, found.data) if found.data is not None else None
    if record is not None and record.address == key and record.unsubscribed is None:
        left = replace(record, unsubscribed=tx.now)
        writes.append(replaced(found, left.to_data()))
    return Plan(writes, None)


def after(record: MailRecord, event: MailEvent) -> MailRecord:
    """Return a record as an event leaves it. Pure.

    An accepted mail that came back stays accepted, and says so. An uncertain one is settled, also
    where staff had given it up: it was delivered, or it was not; that it was delivered outweighs
    what is told of it otherwise.
    """
    if record.state in ("excluded", "waiting") or _is_refused_at_once(record):
        return record
    match event.kind:
        case "delivered":
            return _delivered(record)
        case "soft_bounce":
            soft = _later(record.soft_bounced, event.at)
            return _returned(replace(record, soft_bounced=soft), SOFT_BOUNCED)
        case "hard_bounce":
            return _returned(replace(record, bounced=_later(record.bounced, event.at)), BOUNCED)
        case "rejected":
            return _returned(replace(record, bounced=_later(record.bounced, event.at)), REJECTED)
        case "complaint":
            first = _sooner(record.complained, event.at)
            return _delivered(replace(record, complained=first))
        case "unsubscribed":
            first = _sooner(record.unsubscribed, event.at)
            return _delivered(replace(record, unsubscribed=first))
        case "deferred":
            return record


def _is_refused_at_once(record: MailRecord) -> bool:
    """Return whether a mail was refused when it was handed over: nothing can become of it."""
    return record.state == "refused" and record.reason not in (*_RETURNED, CLOSED)


def _delivered(record: MailRecord) -> MailRecord:
    if record.state == "accepted":
        return record
    reason = record.reason if record.reason in _RETURNED else None
    return replace(record, state="accepted", reason=reason)


def _returned(record: MailRecord, reason: str) -> MailRecord:
    """Return a record whose mail came back, for the reason that says most of those told."""
    told = [one for one in (record.reason, reason) if one in _RETURNED]
    most = max(told, key=_RETURNED.index)
    state: PersonState = "accepted" if record.state == "accepted" else "refused"
    return replace(record, state=state, reason=most)


def _later(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else max(known, at)


def _sooner(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else min(known, at)


def _record_of(tx: Transaction, event: MailEvent) -> MailRecord | None:
    """Return the record of an event's mail, by our key or, where nobody gives it back, theirs."""
    if event.mail_id is not None:
        found = tx.document(record_path(event.mail_id))
        if found.data is not None:
            return MailRecord.from_data(found.id, found.data)
        return None
    if event.provider_id is None:
        return None
    some = tx.find(Query(MAILS, (("providerId", "==", event.provider_id),), limit=2))
    if len(some) != 1:
        return None
    held = tx.document(some[0].path)  # the query alone would guard nothing
    return MailRecord.from_data(held.id, held.fields) if held.exists else None


def _is_early(tx: Transaction, event: MailEvent) -> bool:
    if event.mail_id is None or event.kind == "deferred" or tx.now - event.at > EARLY:
        return False
    campaign = tx.document(path_of(event.mail_id.partition("-")[0])).fields
    # Also of one that is done: staff may have had it sent once more to some.
    return campaign.get("state") in ("sending", "paused", "halted", "cancelled", "done")


@dataclass
class _Effects:
    """What an event changes beside its record."""

    tx: Transaction
    changes: ChangeSet

    def count(self, record: MailRecord, noted: MailRecord) -> None:
        """Move the person in the shard that counts it."""
        found = self.tx.document(f"{AUDIENCES}/{record.shard}")
        if found.data is not None and noted.state != record.state:
            shard = Shard.from_data(found.id, found.data)
            moved = replace(shard, counts=shard.counts.moved(record.state, noted.state))
            self.changes.add(replaced(found, moved.to_data()))

    def reach(self, record: MailRecord, noted: MailRecord) -> None:
        """Have the address known as unreachable, where that is what it means."""
        if noted.address is None:  # nobody's any more
            return
        # That it was rejected may be known already, as later or at the same moment.
        anew = record.reason != BOUNCED
        if noted.reason == BOUNCED and noted.bounced and (anew or noted.bounced != record.bounced):
            came_back(self.changes, noted.address, noted.bounced, anew=anew)
        if noted.soft_bounced != record.soft_bounced:
            row = self._row(noted)
            if row is not None:
                came_back(self.changes, noted.address, row, anew=True)

    def _row(self, noted: MailRecord) -> datetime | None:
        """Return when the last of a row of mails came back for now; None where there is no row.

        The others must be as they were read: of two events at once, neither must miss the other.
        """
        # Sorted here: an index would cost something at each mail that is sent, this a bounce.
        query = Query(MAILS, (("address", "==", noted.address),), limit=_LOOKED_AT)
        found = {one.id: one for one in self.tx.find(query)}
        records = [MailRecord.from_data(one.id, one.fields) for one in found.values()]
        sent = [noted if one.id == noted.id else one for one in records if one.state != "excluded"]
        newest = sorted(sent, key=lambda one: (one.at, one.id), reverse=True)[:SOFT_BOUNCES]
        for one in newest:
            if one.id != noted.id:
                self.changes.add(replaced(found[one.id], found[one.id].fields))
        times = [one.soft_bounced for one in newest if one.soft_bounced is not None]
        if len(times) < SOFT_BOUNCES or max(times) - min(times) > WITHIN:
            return None
        return max(times)

    def withdraw(self, record: MailRecord, noted: MailRecord, event: MailEvent) -> None:
        """Withdraw whoever called the mail spam, or left by it; with what shows it."""
        if noted.address is None:  # nobody's any more
            return
        if record.complained is None and noted.complained is not None:
            proof = {"mailId": noted.id, "reportedAt": noted.complained.isoformat()}
            if event.event_id is not None:
                proof["eventId"] = event.event_id
            withdraw_address(self.changes, self.tx, noted.address, COMPLAINT, proof)
        if record.unsubscribed is None and noted.unsubscribed is not None:
            withdraw_address(self.changes, self.tx, noted.address, UNSUBSCRIBE)


def _plan_noted(
    tx: Transaction, record: MailRecord, noted: MailRecord, event: MailEvent
) -> Plan[Outcome]:
    effects = _Effects(tx, ChangeSet(tx))
    effects.count(record, noted)
    effects.reach(record, noted)
    effects.withdraw(record, noted, event)
    found = tx.document(record.path)
    return Plan([*effects.changes.writes(), replaced(found, noted.to_data())], "changed")
