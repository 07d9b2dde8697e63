"""The long lists of an archive: orders, those not read, consents, mails, audit, notes, rules.

Each is a query in the order of ids, and what is shown of the documents that it finds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crm.config.settings import Settings
from crm.core.json import Json
from crm.core.keyring import Keyring
from crm.db.accounts import Accounts
from crm.db.collections import AUDIT, CONSENTS, MAILS, NOTES, ORDERS, RULE_RUNS
from crm.db.documents import Clause, Data, Query, Snapshot, Store
from crm.db.runner import Runner
from crm.host.order import PartialOrder
from crm.host.reader import read_named
from crm.privacy import mail_records, rule_records
from crm.privacy.consent_records import shown
from crm.privacy.json_values import json_value
from crm.privacy.many import named, some
from crm.privacy.subject import Subject

NAMES: Final = ("orders", "unreadOrders", "consents", "audit", "mails", "notes", "rules")
"""The lists, in the order in which they fill an archive."""


@dataclass(frozen=True)
class Listing:
    """One list.

    Attributes:
        name: Its key in the archive.
        queries: Find its documents, each once; none where nothing can be found.
        show: Gives the entry of each document, in order; None for one that is not shown.
    """

    name: str
    queries: Sequence[Query]
    show: Callable[[Store, Sequence[Snapshot]], Sequence[Json]]


def lists_of(subject: Subject, runner: Runner) -> tuple[Listing, ...]:
    """Return the lists of a person's archive, as `NAMES` says."""
    orders = _Orders(subject, runner.settings, runner.keys, runner.accounts)
    keys, parts = subject.keys, subject.part_ids
    return (
        Listing("orders", named(ORDERS, "partId", parts), orders.counted),
        Listing("unreadOrders", [_nobodys(subject, one) for one in some(keys)], orders.unread),
        Listing(
            "consents",
            named(CONSENTS, "identity", keys),
            lambda _, found: [_consent(subject, one.fields) for one in found],
        ),
        Listing(
            "audit",
            [_about(one) for one in some(subject.ids)],
            lambda _, found: [_entry(subject, runner.keys, one.fields) for one in found],
        ),
        Listing(
            "mails",
            named(MAILS, "identity", keys),
            lambda store, found: mail_records.own(subject, store, found),
        ),
        Listing(
            "notes",
            named(NOTES, "partId", parts),
            lambda _, found: [_note(one.fields) for one in found],
        ),
        Listing(
            "rules",
            named(RULE_RUNS, "identity", keys),
            lambda store, found: rule_records.own(subject, store, found),
        ),
    )


def _nobodys(subject: Subject, keys: Sequence[str]) -> Query:
    """Find the orders in nobody's part that name one of these addresses and uids."""
    fields = (("addressKey", subject.addresses), ("userKey", subject.users))
    named_by = [(field, tuple(key for key in keys if key in known)) for field, known in fields]
    either: list[tuple[Clause, ...]] = [((field, "in", held),) for field, held in named_by if held]
    return Query(ORDERS, (("partId", "==", None),), either=tuple(either))


def _about(ids: Sequence[str]) -> Query:
    """Find the entries of the audit trail about one of these customers."""
    about: list[tuple[Clause, ...]] = [(("customers", "array_contains", one),) for one in ids]
    return Query(AUDIT, either=tuple(about))


@dataclass(frozen=True)
class _Orders:
    """The host's orders, as they are, by the rows of the ledger that find them."""

    subject: Subject
    settings: Settings
    keys: Keyring
    accounts: Accounts

    def counted(self, store: Store, rows: Sequence[Snapshot]) -> list[Json]:
        """Return the orders in the person's parts.

        Without its document where that names other people than the ledger knows of: it was changed
        a moment ago, and may be somebody else's by now. One that somebody else has signed in for is
        left out, though it counts: a buyer can mistype an address, and need not be known yet.
        """
        documents = self._documents(store, rows)
        others = self._others(rows, documents)
        return [
            {
                "orderId": row.id,
                "counted": row.fields["counted"],
                "optedIn": row.fields["optedIn"],
                "document": json_value(document.data) if self._names_as(row, document) else None,
            }
            if document.exists and row.id not in others
            else None
            for row, document in zip(rows, documents, strict=True)
        ]

    def _others(self, rows: Sequence[Snapshot], documents: Sequence[Snapshot]) -> set[str]:
        """Return the ids of orders whose uid is somebody else's; a visitor is a guest."""
        signed_in = {}
        for row, document in zip(rows, documents, strict=True):
            if row.fields["userKey"] not in (None, *self.subject.users) and document.created:
                named = self._named(document, document.created)
                signed_in[row.id] = named.user_id or ""
        believed = self.settings.email_trust == "document"
        visitors = set() if believed else self.accounts.anonymous_among(set(signed_in.values()))
        return {order_id for order_id, uid in signed_in.items() if uid not in visitors}

    def unread(self, store: Store, rows: Sequence[Snapshot]) -> list[Json]:
        """Return the orders in quarantine that name the person, and no other account."""
        documents = self._documents(store, rows)
        others = self._others(rows, documents)
        return [
            {
                "orderId": row.id,
                "reason": row.fields["quarantined"],
                "document": json_value(document.data),
            }
            if row.fields["quarantined"]
            and row.id not in others
            and document.exists
            and self._names_as(row, document)
            else None
            for row, document in zip(rows, documents, strict=True)
        ]

    def _documents(self, store: Store, rows: Sequence[Snapshot]) -> list[Snapshot]:
        paths = [self.settings.orders.document(row.id) for row in rows]
        found = store.read(paths)
        return [found[path] for path in paths]

    def _named(self, document: Snapshot, created: datetime) -> PartialOrder:
        data = self.settings.orders.placed(document.path, document.fields)
        return read_named(data, created, self.settings)

    def _names_as(self, row: Snapshot, document: Snapshot) -> bool:
        """Whether an order still names whom its row says."""
        if document.version == row.fields["version"] or document.created is None:
            return True
        named = self._named(document, document.created)
        address = self.keys.address(named.email) if named.email is not None else None
        user = self.keys.user(named.user_id) if named.user_id is not None else None
        return (address, user) == (row.fields["addressKey"], row.fields["userKey"])


def _note(note: Data) -> Json:
    """Return a note of staff's; who wrote it is another person's data."""
    return {"text": note["text"], "at": json_value(note["at"])}


def _consent(subject: Subject, record: Data) -> Json:
    return {**shown(subject, record), "by": subject.actor(record["actor"])}


def _entry(subject: Subject, keys: Keyring, entry: Data) -> Json:
    """Return an audit entry: that it was, not whom else it was about."""
    return {
        "at": json_value(entry["at"]),
        "action": entry["action"],
        "by": subject.actor(keys.renewed(entry["actor"])),
    }
