"""What must always hold, written once: `verify` names what breaks it, a rebuild looks at the same.

An invariant is about each document of one collection beside its neighbours, the documents that it
points to or that say the same. What breaks it is said without values. Pure but for `find_faults`.

That customers are what their orders add up to is in `sums`: it takes more than a few documents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from crm.core.days import day_of
from crm.customers.change_set import what_contacts_know
from crm.customers.customer import AHEAD, Customer, read_customer
from crm.customers.identity import (
    MAX_CONTACTS,
    AddressIdentity,
    Identity,
    UserIdentity,
    identity_from,
)
from crm.customers.part import Part
from crm.db.collections import (
    AUDIENCES,
    CONSENTS,
    CUSTOMERS,
    ERASURES,
    EVENTS,
    IDENTITIES,
    LINKS,
    MAILS,
    MERGES,
    NOTES,
    ORDERS,
    QUARANTINE,
    SEGMENT_NAMES,
    SEGMENTS,
)
from crm.db.documents import Path, Query, Snapshot, version_of
from crm.db.runner import Runner
from crm.db.transaction import MissingReads, Transaction
from crm.merging.unlink import is_unproven
from crm.repair.campaigns import check_mail, check_shard
from crm.repair.events import check_event
from crm.repair.records import check_consent, check_erasure, check_merge, check_note
from crm.repair.segments import check_name, check_segment
from crm.repair.shapes import examine
from crm.tags.catalogue import row_path

Fault = tuple[Path, str]
"""A document's path, and what is wrong with it, without values."""


@dataclass(frozen=True)
class Invariant:
    """What must hold for each document of a collection.

    Attributes:
        collection: The collection.
        check: Says what is wrong with a document; asks the transaction for its neighbours.
    """

    collection: str
    check: Callable[[Transaction, Snapshot], Iterator[str]]

    def faults(self, tx: Transaction, documents: Sequence[Snapshot]) -> Iterator[Fault]:
        """Return what is wrong with documents; the neighbours of all are demanded together.

        Raises:
            MissingReads: Some were not read yet.
        """
        missing: list[Path] = []
        queries: list[Query] = []
        for one in documents:
            try:
                yield from [(one.path, what) for what in self.check(tx, one)]
            except MissingReads as reads:
                if not (reads.paths or reads.queries):
                    raise
                missing += reads.paths
                queries += reads.queries
            except Exception:  # what is damaged stops nothing else; its own fields say what it is
                if not examine(one).flaws:
                    yield one.path, _DAMAGED_BESIDE
        if missing or queries:
            raise MissingReads(tuple(dict.fromkeys(missing)), tuple(dict.fromkeys(queries)))


_DAMAGED_BESIDE: Final = "cannot be held against its neighbours: one of them is damaged"


def find_faults(
    runner: Runner,
    invariant: Invariant,
    documents: Sequence[Snapshot],
    tx: Transaction | None = None,
) -> list[Fault]:
    """Read the neighbours of documents, in one round trip, and return what is wrong.

    Args:
        runner: Reads.
        invariant: The invariant.
        documents: Documents of its collection.
        tx: Keeps what was read, for whoever goes on with it.

    Raises:
        Conflict, Transient: Not read before the deadline.
    """
    reading = tx or runner.begin()

    def look(tx: Transaction) -> list[Fault]:
        return list(invariant.faults(tx, documents))

    return runner.retry.call(lambda: runner.evaluate(look, reading))


def parts_of(customer: Snapshot) -> Mapping[str, Any]:
    """Return the parts of a customer as they are stored; none of a document of another kind."""
    parts = customer.fields.get("parts")
    return parts if isinstance(parts, Mapping) else {}


def is_there(customer: Snapshot, part_id: str, key: str) -> bool:
    """Return whether a customer has a part, and it is of the identity of a key."""
    part = parts_of(customer).get(part_id)
    return isinstance(part, Mapping) and part.get("key", key) == key


def is_misplaced(tx: Transaction, identity: Snapshot) -> bool:
    """Return whether an identity of a uid is kept under another key than the uid's."""
    uid = identity.fields.get("uid")
    return isinstance(uid, str) and uid != "" and tx.keys.user(uid) != identity.id


def is_open(merge: Snapshot) -> bool:
    """Return whether a merge is there, and can still be undone."""
    return bool(merge.fields.get("state") == "open")


def _check_customer(tx: Transaction, snapshot: Snapshot) -> Iterator[str]:
    customer = tx.memoise(snapshot.path, lambda: read_customer(snapshot))
    if customer is None:
        yield "is not a customer"
        return
    tx.documents(pointed_to(tx, customer))
    if not customer.parts:
        yield "has no part"
    for part_id, part in customer.parts.items():
        identity = _identity(tx, part.key)
        if identity is None or identity.customer_of(part_id) != customer.id:
            yield f"the identity of part {part_id} does not lead here"
        elif has_another_reach(customer.id, part_id, part, identity):
            yield f"unreachable of part {part_id} is not what its address says"
    for part in customer.parts.values():
        if is_to_be_told(tx, customer, part):
            yield "an address that its user is to be reached by does not know it, or is another's"
    for merge in customer.merges:
        if not is_open(tx.document(f"{MERGES}/{merge}")):
            yield f"merge {merge} is not open"
    if not all(tx.document(row_path(tag)).exists for tag in customer.tags):
        yield "has a tag that the catalogue does not"


def has_another_reach(customer_id: str, part_id: str, part: Part, identity: Identity) -> bool:
    """Return whether a part says otherwise than its address whether mail arrives there."""
    if not isinstance(identity, AddressIdentity) or not part.address:
        return part.unreachable is not None
    here = (identity.customer_id, identity.part_id) == (customer_id, part_id)
    return here and part.unreachable != identity.unreachable


def pointed_to(tx: Transaction, customer: Customer) -> list[Path]:
    """Return the paths of everything that a customer points to."""
    parts = customer.parts.values()
    told = {tx.keys.address(one) for part in parts for one in customer.strange(part)}
    return [
        *(f"{IDENTITIES}/{part.key}" for part in customer.parts.values()),
        *(f"{IDENTITIES}/{key}" for key in told),
        *(f"{MERGES}/{merge}" for merge in customer.merges),
        *(row_path(tag) for tag in customer.tags),
    ]


def is_to_be_told(tx: Transaction, customer: Customer, part: Part) -> bool:
    """Return whether an address is to hear again who is to be reached by it."""
    if part.uid is None:
        return False
    for contact in part.contacts:
        if contact.address not in customer.strange(part):
            continue
        found = _identity(tx, tx.keys.address(contact.address))
        if not isinstance(found, AddressIdentity) or part.key not in found.contacts:
            full = isinstance(found, AddressIdentity) and len(found.contacts) >= MAX_CONTACTS
            if not full or contact.free:
                return True
        elif (contact.free, contact.withdrawn, contact.unreachable) != what_contacts_know(found):
            return True
    return False


def strays(tx: Transaction, key: str, identity: AddressIdentity | UserIdentity) -> list[str]:
    """Return the users whom an address thinks are to be reached by it, and who are not."""
    if not isinstance(identity, AddressIdentity) or not identity.contacts:
        return []
    tx.documents(f"{IDENTITIES}/{one}" for one in identity.contacts)
    users = {one: _identity(tx, one) for one in identity.contacts}
    tx.documents(f"{CUSTOMERS}/{one.customer_id}" for one in users.values() if one)
    return [one for one, user in users.items() if not _is_reached_by(tx, user, key)]


def _is_reached_by(tx: Transaction, user: AddressIdentity | UserIdentity | None, key: str) -> bool:
    if user is None or user.customer_id is None or user.part_id is None:
        return False
    part = parts_of(tx.document(f"{CUSTOMERS}/{user.customer_id}")).get(user.part_id, {})
    contacts = [part.get("typed"), part.get("claimed")]
    return any(one and tx.keys.address(one["address"]) == key for one in contacts)


def _identity(tx: Transaction, key: str) -> AddressIdentity | UserIdentity | None:
    data = tx.document(f"{IDENTITIES}/{key}").data
    return identity_from(data) if data is not None else None


def is_from_the_future(tx: Transaction, row: Snapshot) -> bool:
    """Return whether a row is of a version that no document can have by now."""
    return bool(row.fields["version"] > version_of(tx.now + AHEAD))


_FROM_THE_FUTURE: Final = "is of a version that no document can have"

_UNLISTED: Final = "is not listed in quarantine as it should be"


def _check_row(tx: Transaction, row: Snapshot) -> Iterator[str]:
    if is_from_the_future(tx, row):
        yield _FROM_THE_FUTURE
    if not is_in_one_place(tx, row):
        yield "is not in exactly one place"
    if not _is_listed(tx, row, *tx.settings.orders.place(row.id)):
        yield _UNLISTED
    fields = row.fields
    if fields["status"] is not None and not fields["deleted"]:
        day = day_of(fields["createdAt"], tx.settings.time_zone).isoformat()
        if fields.get("day", day) != day:
            yield "day is not the one of its createdAt in time_zone: rebuild after a change of zone"


def is_in_one_place(tx: Transaction, row: Snapshot) -> bool:
    """Return whether an order is with one customer, in quarantine, or retained after an erasure.

    A deleted one is in no place, or retained.
    """
    fields = row.fields
    identity = _identity(tx, fields["identity"]) if fields["identity"] else None
    home = identity.customer_of(fields["partId"]) if identity and fields["partId"] else None
    erased = fields.get("erased")
    places = [place for place in (home, fields["quarantined"], erased) if place is not None]
    return len(places) == (0 if fields["deleted"] and erased is None else 1)


def _check_identity(tx: Transaction, identity: Snapshot) -> Iterator[str]:
    known = identity_from(identity.fields)
    if strays(tx, identity.id, known):
        yield "thinks that a user is to be reached by it who is not"
    parts = known.parts
    tx.documents(f"{CUSTOMERS}/{home}" for home in parts.values())
    for part_id, home in parts.items():
        if not is_there(tx.document(f"{CUSTOMERS}/{home}"), part_id, identity.id):
            yield f"part {part_id} is not where it leads"
    if is_misplaced(tx, identity):
        yield "is not under the key of its uid"
    if identity.fields["kind"] == "address" and lost_owner(tx, identity):
        yield "does not know who has proven it"
    if identity.fields["kind"] == "user":
        if is_unproven(tx, UserIdentity.from_data(identity.fields)):
            yield "is linked to an address that Firebase Auth does not call verified"
        if is_from_the_future(tx, identity):
            yield _FROM_THE_FUTURE
        if not _is_listed(tx, identity, tx.settings.users.path, identity.fields["uid"]):
            yield _UNLISTED


def lost_owner(tx: Transaction, address: Snapshot) -> str | None:
    """Return who has proven an address that is nobody's, although its customer has it by proof."""
    fields = address.fields
    if fields["customerId"] is None or fields["owner"] is not None:
        return None
    parts = parts_of(tx.document(f"{CUSTOMERS}/{fields['customerId']}"))
    if not parts.get(fields["partId"], {}).get("byProof"):
        return None
    return next((one["key"] for one in parts.values() if one["proven"] == address.id), None)


def _check_link(tx: Transaction, link: Snapshot) -> Iterator[str]:
    merged, live = f"{CUSTOMERS}/{link.id}", f"{CUSTOMERS}/{link.fields['customerId']}"
    tx.documents([merged, live])
    if tx.document(merged).exists or not tx.document(live).exists:
        yield "does not lead from a merged id to a live customer"


def subject_path(tx: Transaction, listing: Snapshot) -> Path:
    """Return the path of what is known of the document that a row in quarantine is about."""
    collection, name = listing.fields["collection"], listing.fields["documentId"]
    if collection == tx.settings.users.path:
        return f"{IDENTITIES}/{tx.keys.user(name)}"
    return f"{ORDERS}/{tx.settings.orders.named(collection, name) or name}"


def _check_listing(tx: Transaction, listing: Snapshot) -> Iterator[str]:
    fields = listing.fields
    if tx.document(subject_path(tx, listing)).fields.get("quarantined") != fields["reason"]:
        yield "is about a document that is not in quarantine"
    if listing.path != _listing(tx, fields["collection"], fields["documentId"]):
        yield "is not where its document is listed"


def _is_listed(tx: Transaction, row: Snapshot, collection: str, document_id: str) -> bool:
    """Return whether the document of a row is listed, where the row says that it is quarantined."""
    return row.fields["quarantined"] is None or (
        tx.document(_listing(tx, collection, document_id)).exists
    )


def _listing(tx: Transaction, collection: str, document_id: str) -> Path:
    """Return the path of the row that lists a document in quarantine."""
    return f"{QUARANTINE}/{tx.keys.quarantine(collection, document_id)}"


CUSTOMER: Final = Invariant(CUSTOMERS, _check_customer)
"""What a customer points to is there, and points back."""

ROW: Final = Invariant(ORDERS, _check_row)
"""Each row of the ledger is with one customer, in quarantine, or retained."""

IDENTITY: Final = Invariant(IDENTITIES, _check_identity)
"""Each identity leads to live customers that have its parts."""

LINK: Final = Invariant(LINKS, _check_link)
"""Each id that was merged away leads to a live customer, in one hop."""

LISTING: Final = Invariant(QUARANTINE, _check_listing)
"""Each row in quarantine is about a document that is, and is where that one is listed."""

MERGE: Final = Invariant(MERGES, check_merge)
"""Each id that an open merge took away leads to a customer, where one is left."""

ERASURE: Final = Invariant(ERASURES, check_erasure)
"""Each identity of an erased person is a tombstone."""

CONSENT: Final = Invariant(CONSENTS, check_consent)
"""Each withdrawal is known by the address that it is about."""

NOTE: Final = Invariant(NOTES, check_note)
"""Each note is about somebody, whose part knows that it has notes."""

SEGMENT: Final = Invariant(SEGMENTS, check_segment)
"""Each saved segment holds its name, and knows which others use it."""

SEGMENT_NAME: Final = Invariant(SEGMENT_NAMES, check_name)
"""Each name is of the segment that has it."""

EVENT: Final = Invariant(EVENTS, check_event)
"""Each event is called what the newest order that describes it calls it."""

SHARD: Final = Invariant(AUDIENCES, check_shard)
"""Each shard of a campaign's audience counts its people as their records have them."""

MAIL: Final = Invariant(MAILS, check_mail)
"""Each record of a mail is of a campaign that is there, and of nobody who was erased."""

INVARIANTS: Final = (
    *(CUSTOMER, ROW, IDENTITY, LINK, LISTING),
    *(MERGE, ERASURE, CONSENT, NOTE, SEGMENT, SEGMENT_NAME, EVENT, SHARD, MAIL),
)
