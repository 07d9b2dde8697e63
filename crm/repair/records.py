"""Links, tombstones, withdrawals and notes held to what they are about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from crm.customers.change_set import ChangeSet
from crm.customers.decision import UNSUBSCRIBED, Decision, latest
from crm.customers.identity import AddressIdentity, UserIdentity, identity_from
from crm.db.collections import CONSENTS, CUSTOMERS, ERASURES, IDENTITIES, LINKS, MERGES, NOTES
from crm.db.documents import Create, Data, Delete, Query, Snapshot, Update
from crm.db.transaction import Plan, Transaction
from crm.repair.shapes import is_user_key

HOPS: Final = 20
"""Links that are followed at most: whole ones lead there in one."""


def live_home(tx: Transaction, customer_id: str) -> str | None:
    """Return the live customer that an id stands for; None where it leads nowhere."""
    for _ in range(HOPS):
        customer, link = tx.documents([f"{CUSTOMERS}/{customer_id}", f"{LINKS}/{customer_id}"])
        if customer.exists:
            return customer_id
        following = link.fields.get("customerId") if link.exists else _merged_into(tx, customer_id)
        if not isinstance(following, str) or not following or "/" in following:
            return None
        customer_id = following
    return None


def _merged_into(tx: Transaction, customer_id: str) -> object:
    """Return the customer that the newest open merge took an id to, though its link is gone."""
    taken = Query(MERGES, (("sourceId", "==", customer_id), ("state", "==", "open")))
    made = [one for one in tx.find(taken) if isinstance(one.fields.get("at"), datetime)]
    return max(made, key=lambda one: one.fields["at"]).fields.get("targetId") if made else None


def check_merge(tx: Transaction, merge: Snapshot) -> Iterator[str]:
    """Say whether the id that an open merge took away leads nowhere, although it could."""
    if _lost_link(tx, merge) is not None:
        yield "has taken an id away that leads nowhere"


def _lost_link(tx: Transaction, merge: Snapshot) -> str | None:
    """Return where the missing link of a merge is to lead."""
    if merge.fields["state"] != "open":
        return None
    source = merge.fields["sourceId"]
    customer, link = tx.documents([f"{CUSTOMERS}/{source}", f"{LINKS}/{source}"])
    if customer.exists or link.exists:
        return None
    return live_home(tx, merge.fields["targetId"])


def plan_merge_record(tx: Transaction, merge_id: str) -> Plan[None]:
    """Plan to have the id that a merge took away lead to the survivor again."""
    merge = tx.document(f"{MERGES}/{merge_id}")
    home = _lost_link(tx, merge) if merge.data is not None else None
    if home is None:
        return Plan([], None)
    survivor = tx.document(f"{CUSTOMERS}/{home}")
    link = {"customerId": home, "mergeId": merge_id}
    return Plan(
        [
            Create(f"{LINKS}/{merge.fields['sourceId']}", link),
            Update(merge.path, merge.fields, merge.version),
            Update(survivor.path, survivor.fields, survivor.version),
        ],
        None,
    )


def check_erasure(tx: Transaction, erasure: Snapshot) -> Iterator[str]:
    """Say whether a key that was erased does not know it."""
    keys = erasure.fields["keys"]
    tx.documents(f"{IDENTITIES}/{key}" for key in keys)
    if any(_forgotten(tx, erasure, key) for key in keys):
        yield "is not known by every identity that it was about"


def _forgotten(tx: Transaction, erasure: Snapshot, key: str) -> bool:
    found = tx.document(f"{IDENTITIES}/{key}")
    erased_at, by = found.fields.get("erasedAt"), found.fields.get("erasedBy")
    return erased_at is None or by is None or erased_at < erasure.fields["at"]


def plan_erasure_record(tx: Transaction, erasure_id: str) -> Plan[None]:
    """Plan to have every identity of an erased person be the tombstone again that it was.

    Where it leads to a customer by now, that one stays: whoever bought since is somebody new.
    """
    erasure = tx.document(f"{ERASURES}/{erasure_id}")
    if erasure.data is None or not any(check_erasure(tx, erasure)):
        return Plan([], None)
    changes = ChangeSet(tx)
    at, suppressed = erasure.fields["at"], erasure.fields["suppressed"]
    for key in erasure.fields["keys"]:
        if not _forgotten(tx, erasure, key):
            continue
        data = tx.document(f"{IDENTITIES}/{key}").data
        fresh = UserIdentity() if key.startswith("u") else AddressIdentity()
        held = identity_from(data) if data is not None else fresh
        known = held.customer_id is not None
        if isinstance(held, UserIdentity) and known:
            continue  # a uid is never given out twice: its documents say otherwise, for people
        buried = held.buried(erasure_id, at)
        if isinstance(buried, AddressIdentity):
            owner = held.owner if known and isinstance(held, AddressIdentity) else None
            buried = _owned(buried.suppress(suppressed), owner)
        changes.put_identity(key, buried)
    changes.add(Update(erasure.path, erasure.data, erasure.version))
    return Plan(changes.writes(), None)


def _owned(identity: AddressIdentity, owner: str | None) -> AddressIdentity:
    return replace(identity, owner=owner)


def check_consent(tx: Transaction, record: Snapshot) -> Iterator[str]:
    """Say whether a withdrawal is not known where it must never be forgotten.

    Only of addresses: what a user decided ends with the user's account.
    """
    if record.fields["status"] != UNSUBSCRIBED or is_user_key(record.fields["identity"]):
        return
    at = record.fields["at"]
    identity = tx.document(f"{IDENTITIES}/{record.fields['identity']}").fields
    objected = [identity.get("suppressed"), identity.get("erasedAt")]
    if not any(one is not None and one >= at for one in objected):
        yield "is a withdrawal that its address does not know"
    part = _part_of(tx, identity)
    if part and part["address"] and (part["decision"] is None or part["decision"]["at"] < at):
        yield "is a withdrawal that its customer does not know"


def check_note(tx: Transaction, note: Snapshot) -> Iterator[str]:
    """Say whether a note is about nobody, or its part does not know that it has any."""
    home = _home_of(tx, note)
    if home is None:
        yield "is about nobody"
    elif not home[1].get("notes"):
        yield "is on a part that counts none"


def _home_of(tx: Transaction, note: Snapshot) -> tuple[Snapshot, Data] | None:
    """Return the customer and the part that a note is kept on."""
    part_id = note.fields["partId"]
    identity = tx.document(f"{IDENTITIES}/{note.fields['identity']}")
    home = identity_from(identity.data).customer_of(part_id) if identity.data is not None else None
    if home is None:
        return None
    customer = tx.document(f"{CUSTOMERS}/{home}")
    part: Data | None = customer.fields.get("parts", {}).get(part_id)
    return (customer, part) if part is not None else None


def plan_note_record(tx: Transaction, note_id: str) -> Plan[None]:
    """Plan to have a part count its notes; a note about nobody is deleted: nobody could read it."""
    note = tx.document(f"{NOTES}/{note_id}")
    if note.data is None or not any(check_note(tx, note)):
        return Plan([], None)
    home = _home_of(tx, note)
    if home is None:
        return Plan([Delete(note.path, note.version)], None)
    part_id = note.data["partId"]
    changes = ChangeSet(tx)
    customer = changes.customer(home[0].id)
    part = replace(customer.parts[part_id], notes=notes_on(tx, part_id))
    changes.put_customer(customer.with_part(part_id, part))
    return Plan(changes.writes(), None)


def notes_on(tx: Transaction, part_id: str) -> int:
    """Count the notes that are kept on a part."""
    return len(tx.find(Query(NOTES, (("partId", "==", part_id),))))


def _part_of(tx: Transaction, identity: Data) -> Data | None:
    """Return the part that takes an identity's orders, where its customer has it."""
    if identity.get("customerId") is None:
        return None
    parts = tx.document(f"{CUSTOMERS}/{identity['customerId']}").fields.get("parts", {})
    part: Data | None = parts.get(identity["partId"])
    return part


def plan_consent_record(tx: Transaction, record_id: str) -> Plan[None]:
    """Plan to have a withdrawal known again by its address, and by the customer who has that."""
    record = tx.document(f"{CONSENTS}/{record_id}")
    if record.data is None or not any(check_consent(tx, record)):
        return Plan([], None)
    changes = ChangeSet(tx)
    key, at = record.data["identity"], record.data["at"]
    held = changes.address(key) or AddressIdentity()
    changes.put_identity(key, held.suppress(at))
    if _part_of(tx, tx.document(f"{IDENTITIES}/{key}").fields):
        assert held.customer_id
        assert held.part_id
        customer = changes.customer(held.customer_id)
        part = customer.parts[held.part_id]
        decision = latest([part.decision, Decision(UNSUBSCRIBED, at, record.data["source"])])
        changes.put_customer(customer.with_part(held.part_id, replace(part, decision=decision)))
    return Plan(changes.writes(), None)
