"""Mending rows of the ledger, links, and the list of quarantined documents."""

from __future__ import annotations

from crm.customers.identity import identity_from
from crm.customers.ledger import LedgerEntry
from crm.db.collections import IDENTITIES, LINKS, ORDERS, QUARANTINE
from crm.db.documents import Delete, Snapshot, Update, Write
from crm.db.transaction import Plan, Transaction
from crm.repair.invariants import (
    LINK,
    LISTING,
    is_from_the_future,
    is_in_one_place,
    subject_path,
)
from crm.sync.quarantine_rows import quarantine_write


def plan_row(tx: Transaction, order_id: str) -> Plan[None]:
    """Plan to forget what a row that cannot be says of its order, so that a sync finds all new.

    Of a deleted order, which no sync looks at again, the tombstone stays. A row whose part was
    erased is left alone: the sync needs it, to know that the order fell under that erasure.
    """
    row = tx.document(f"{ORDERS}/{order_id}")
    if row.data is None or _can_be(tx, row):
        return Plan([], None)
    writes: list[Write] = [Delete(row.path, row.version)]
    if row.data["deleted"]:
        version = 0 if is_from_the_future(tx, row) else row.data["version"]
        tombstone = LedgerEntry(version, deleted=True, erased=row.data.get("erased"))
        writes = [Update(row.path, tombstone.to_data(), row.version)]
    path = f"{QUARANTINE}/{tx.keys.quarantine(*tx.settings.orders.place(order_id))}"
    return Plan([*writes, Delete(path)], None)


def _can_be(tx: Transaction, row: Snapshot) -> bool:
    if is_from_the_future(tx, row):
        return False
    return is_in_one_place(tx, row) or _is_erased(tx, row)


def _is_erased(tx: Transaction, row: Snapshot) -> bool:
    if row.fields["deleted"] or row.fields["identity"] is None:
        return False
    identity = tx.document(f"{IDENTITIES}/{row.fields['identity']}").data
    return identity is not None and row.fields["partId"] in identity_from(identity).erased


def plan_link(tx: Transaction, old_id: str) -> Plan[None]:
    """Plan to delete a link that leads nowhere, or from an id that is a customer's."""
    link = tx.document(f"{LINKS}/{old_id}")
    wrong = link.exists and any(LINK.faults(tx, [link]))
    return Plan([Delete(link.path, link.version)] if wrong else [], None)


def plan_listed(tx: Transaction, row_id: str) -> Plan[None]:
    """Plan to have a row in quarantine say what is known of its document, or to take it off."""
    row = tx.document(f"{QUARANTINE}/{row_id}")
    if row.data is None or not any(LISTING.faults(tx, [row])):
        return Plan([], None)
    subject = tx.document(subject_path(tx, row))
    reason = subject.fields.get("quarantined")
    collection, name = row.fields["collection"], row.fields["documentId"]
    writes: list[Write] = [Delete(row.path, row.version)]
    if reason is not None and row_id == tx.keys.quarantine(collection, name):
        writes = [quarantine_write(row.path, collection, name, reason, tx)]
    if subject.data is not None:
        writes.append(Update(subject.path, subject.data, subject.version))  # it must be as read
    return Plan(writes, None)
