"""Rows of the ledger, links and the list of quarantined documents, held to what they are about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from crm.customers.identity import UserIdentity, identity_from
from crm.db.collections import CUSTOMERS, IDENTITIES, LINKS, ORDERS, QUARANTINE
from crm.db.documents import Delete, Snapshot, Update, Version, Write, version_of
from crm.db.transaction import Plan, Transaction
from crm.sync.quarantine_rows import quarantine_write

AHEAD: Final = timedelta(hours=1)
"""How far clocks may differ: a version beyond that is of no document that ever was."""


def home_of(row: Snapshot) -> str | None:
    """Return the path of the identity that a row's contribution is counted with."""
    key = row.fields.get("identity")
    return f"{IDENTITIES}/{key}" if key else None


def latest_version(now: datetime) -> Version:
    """Return the latest version that a document can have by now."""
    return version_of(now + AHEAD)


def row_is_right(row: Snapshot, identities: Mapping[str, Snapshot], latest: Version) -> bool:
    """Return whether a row of the ledger, or a user's, can be what a sync has left.

    Args:
        row: A row of the ledger, or the identity of a user.
        identities: By path, those that `home_of` gives.
        latest: What `latest_version` gives.
    """
    if row.fields["version"] > latest:
        return False
    home = home_of(row)
    return home is None or _counted(row, identities[home])


def _counted(row: Snapshot, identity: Snapshot) -> bool:
    part = row.fields["partId"]
    if part is None or identity.data is None:
        return part is None
    known = identity_from(identity.data)
    return known.customer_of(part) is not None or part in known.erased


def plan_row(tx: Transaction, path: str) -> Plan[None]:
    """Plan to forget what a row says of an order or a user, so that the next look finds all new."""
    row = tx.document(path)
    if row.data is None:
        return Plan([], None)
    if path.startswith(f"{ORDERS}/"):
        return Plan([Delete(path, row.version)], None)
    user = replace(UserIdentity.from_data(row.data), version=0)
    return Plan([Update(path, user.to_data(), row.version)], None)


def link_is_right(link: Snapshot, customers: Mapping[str, Snapshot]) -> bool:
    """Return whether a link leads from an id that was merged away to a live customer."""
    left, right = link_paths(link)
    return customers[right].exists and not customers[left].exists


def link_paths(link: Snapshot) -> tuple[str, str]:
    """Return the paths of the customers at both ends of a link."""
    return f"{CUSTOMERS}/{link.id}", f"{CUSTOMERS}/{link.fields['customerId']}"


def plan_link(tx: Transaction, old_id: str) -> Plan[None]:
    """Plan to delete a link that leads nowhere, or from an id that is a customer's."""
    link = tx.document(f"{LINKS}/{old_id}")
    if link.data is None:
        return Plan([], None)
    found = {one.path: one for one in tx.documents(link_paths(link))}
    return Plan([] if link_is_right(link, found) else [Delete(link.path, link.version)], None)


def subject_path(row: Snapshot, tx: Transaction) -> str:
    """Return the path of what is known of the document that a row in quarantine is about."""
    name = row.fields["documentId"]
    if row.fields["collection"] == tx.settings.users.path:
        return f"{IDENTITIES}/{tx.keys.user(name)}"
    return f"{ORDERS}/{name}"


def plan_listed(tx: Transaction, row_id: str) -> Plan[None]:
    """Plan to have a row in quarantine say what is known of its document, or to take it off."""
    path = f"{QUARANTINE}/{row_id}"
    row = tx.document(path)
    if row.data is None:
        return Plan([], None)
    subject = tx.document(subject_path(row, tx))
    reason = subject.fields.get("quarantined")
    collection, name = row.fields["collection"], row.fields["documentId"]
    right = f"{QUARANTINE}/{tx.keys.quarantine(collection, name)}"
    if reason == row.fields["reason"] and right == path:
        return Plan([], None)
    writes: list[Write] = [Delete(path, row.version)]
    if reason is not None and right == path:
        writes = [quarantine_write(path, collection, name, reason, tx)]
    if subject.data is not None:
        writes.append(Update(subject.path, subject.data, subject.version))  # it must be as read
    return Plan(writes, None)
