"""The plan of one order: bring the ledger, its identity and its customer up to the document."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from crm.consent.records import order_records
from crm.core.equality import same
from crm.core.errors import Conflict, InvalidDocument
from crm.customers.change_set import ChangeSet
from crm.customers.customer import Customer
from crm.customers.identity import AddressIdentity, identity_from
from crm.customers.ledger import Contribution, LedgerEntry
from crm.customers.ledger_query import find_by_term
from crm.customers.limits import is_crowded, is_day_over_limit, over_limit
from crm.customers.part import Part
from crm.db.collections import CUSTOMERS, IDENTITIES, ORDERS, QUARANTINE
from crm.db.diff import replaced
from crm.db.documents import Create, Snapshot, Version, Write
from crm.db.transaction import Transaction
from crm.sync.order_route import Target, route
from crm.sync.quarantine_rows import listed, quarantine_write


@dataclass(frozen=True)
class OrderPlan:
    """What to commit, atomically.

    Attributes:
        writes: None where nothing has changed.
        awaiting: The key of a uid that the plan found unknown. Its absence cannot be guarded by
            the commit, so it is read again afterwards: else the order and its user's first sync
            could miss each other for good.
        crowded: The parts of each customer who is so full that the order found no room, or has made
            some: the room is to be given out anew.
        worth: Whether that is worth any number of reads. Not for a free order, which strangers can
            place as often as they like.
        was: What the order contributed before, for the catalogue of events.
        now: What it contributes.
    """

    writes: list[Write]
    awaiting: str | None = None
    crowded: tuple[tuple[str, ...], ...] = ()
    worth: bool = True
    was: Contribution | None = None
    now: Contribution | None = None


NOTHING = OrderPlan([])

TOO_LARGE = InvalidDocument("too-large", "Firestore takes no document that this order would need.")

NOT_PROCESSED = InvalidDocument(
    "not-processed", "Every attempt ended in an error; the log says more."
)


def plan_order(
    tx: Transaction,
    order_id: str,
    deleted_after: Version | None,
    *,
    unfit: InvalidDocument | None = None,
    refit: Collection[str] | None = None,
) -> OrderPlan:
    """Plan the writes that bring CRM-Lite up to an order as it is now.

    Args:
        tx: The transaction.
        order_id: The order's document id.
        deleted_after: The last version of the document that an event says was deleted; a missing
            order without such an event is left alone unless the ledger still counts it.
        unfit: Why the order, although it can be understood, is to go to quarantine.
        refit: Events of the order that are to make way for others; all of its others find room
            again where there is some.
    """
    document, row = tx.documents([tx.settings.orders.document(order_id), f"{ORDERS}/{order_id}"])
    before = LedgerEntry.from_data(row.data) if row.data is not None else None
    if before and document.version < before.version:
        return NOTHING  # an older reading than what is in the ledger already
    if document.data is not None:
        target = route(tx, document, before, unfit)
    elif deleted_after is None and (before is None or before.deleted):
        return NOTHING
    elif before and before.deleted and (deleted_after or 0) <= before.version:
        return NOTHING  # stamped already; else every sweep would write
    else:
        erased = before.erased if before else None
        target = Target(LedgerEntry(document.version, deleted=True, erased=erased))

    if refit is not None and target.entry.contribution and target.entry.contribution.counted:
        over = tuple(sorted(target.entry.contribution.events.keys() & set(refit)))
        contribution = replace(target.entry.contribution, over_limit=over)
        target = replace(target, entry=replace(target.entry, contribution=contribution))
    after = target.entry
    if before and _same(before, after) and not target.redaction:
        if before.version == after.version:
            place = tx.settings.orders.place(order_id)
            writes = listed(tx, row, *place, before.quarantined)
            # Where this was found before, and whoever found it died before giving the room out.
            return _plan(tx, writes, None, before, after, target)
        # Written although nothing else changes: it is what stops a paused handler that read the
        # version in between (paid, refunded, paid again) from committing it afterwards.
        return OrderPlan([_write_row(row, replace(before, version=after.version))])
    writes, after = _exchange(tx, order_id, row, before, target, refit is not None)
    news = after.awaiting if after.awaiting != (before.awaiting if before else None) else None
    return _plan(tx, writes, news, before, after, target)


def _plan(
    tx: Transaction,
    writes: list[Write],
    awaiting: str | None,
    before: LedgerEntry | None,
    after: LedgerEntry,
    target: Target,
) -> OrderPlan:
    left = _was_crowded(tx, before, after)
    was, now = before.contribution if before else None, after.contribution
    if not (now and now.over_limit and target.customer_id):
        return OrderPlan(writes, awaiting, left, was=was, now=now)
    parts = tx.document(f"{CUSTOMERS}/{target.customer_id}").fields["parts"]
    full = tuple(sorted(parts))
    worth = bool(left) or not now.free
    return OrderPlan(writes, awaiting, tuple({*left, full}), worth, was, now)


def _was_crowded(
    tx: Transaction, before: LedgerEntry | None, after: LedgerEntry
) -> tuple[tuple[str, ...], ...]:
    """Return the parts of the nearly full customer in which events of an order have changed."""
    was = before.contribution if before else None
    if not (before and was and was.applied and before.identity and before.part_id):
        return ()
    if same(was, after.contribution) and before.part_id == after.part_id:
        return ()
    home = identity_from(tx.document(f"{IDENTITIES}/{before.identity}").fields)
    customer_id = home.customer_of(before.part_id)
    if customer_id is None:
        return ()
    held = tx.document(f"{CUSTOMERS}/{customer_id}").fields
    events = {key: event["name"] for key, event in held.get("events", {}).items()}
    return (tuple(sorted(held["parts"])),) if is_crowded(events) else ()


def _same(before: LedgerEntry, after: LedgerEntry) -> bool:
    return same(before, replace(after, version=before.version))


def _exchange(
    tx: Transaction,
    order_id: str,
    row: Snapshot,
    before: LedgerEntry | None,
    target: Target,
    refit: bool,
) -> tuple[list[Write], LedgerEntry]:
    """Take the old contribution out of its part and put the new one into its own.

    Returns:
        What to write, and the row as it is then.
    """
    changes = ChangeSet(tx)
    entry = target.entry
    old_part = before.part_id if before else None
    old_customer_id = None
    if before and before.identity and old_part:
        home = changes.identity(before.identity)
        old_customer_id = home.customer_of(old_part)
        if old_customer_id is None and old_part not in home.erased:
            raise Conflict(f"part {old_part} has moved")
    changes.prefetch([old_customer_id, target.customer_id])
    if before and before.identity and old_customer_id:
        _guard(changes, tx, before.identity, old_customer_id)

    stays = old_part is not None and old_part == entry.part_id
    if before and old_part and old_customer_id and not stays:
        customer = changes.customer(old_customer_id)
        part = _part(customer, old_part)
        search = find_by_term(tx, old_part, row.path)
        moves = entry.contribution is not None
        emptied = part.apply(order_id, before.contribution, None, search, moves=moves)
        changes.put_customer(customer.with_part(old_part, emptied))
    if entry.contribution and not entry.erased:
        entry = _add(changes, tx, order_id, row.path, before if stays else None, target, refit)

    for key in target.relied_on:
        # Written as it was read, which verifies it: an erasure beside this must not be missed.
        changes.guard(key)
    changes.add(_write_row(row, entry), *target.redaction)
    changes.add(*_quarantine(tx, order_id, before, entry))
    changes.add(*order_records(tx.keys, order_id, before, entry))
    return changes.writes(), entry


def _add(
    changes: ChangeSet,
    tx: Transaction,
    order_id: str,
    row_path: str,
    before: LedgerEntry | None,
    target: Target,
    refit: bool,
) -> LedgerEntry:
    """Put the contribution into its part; return the row with the part and what found no room."""
    entry = target.entry
    assert entry.contribution is not None
    assert entry.identity is not None
    if target.customer_id is None:
        customer = Customer(tx.new_id(), tx.now)
    else:
        customer = changes.customer(target.customer_id)
        for key in (entry.identity, entry.address_key):
            if key is not None:
                _guard(changes, tx, key, customer.id)
    part_id = entry.part_id
    if part_id is None:
        part_id = tx.new_id()
        part = _new_part(changes, entry.identity, customer.id, part_id, target.address)
    else:
        part = _part(customer, part_id)

    old = before.contribution if before else None
    search = find_by_term(tx, part_id, row_path)
    contribution = entry.contribution
    if contribution.applied.keys() - (old.applied.keys() if old else set()):
        # Room is judged without this order, so that replaying it gives the same answer.
        without = part.apply(order_id, old, None, search) if old else part
        held = customer.with_part(part_id, without).held_events
        ceded = contribution.over_limit if refit else ()
        wanted: Mapping[str, str | None] = {
            key: t.name for key, t in contribution.events.items() if key not in ceded
        }
        over = sorted({*ceded, *over_limit(held, wanted)})
        contribution = replace(contribution, over_limit=tuple(over))
    others = sum(len(one.days) for name, one in customer.parts.items() if name != part_id)
    day = contribution.day if contribution.counted else None
    over_days = is_day_over_limit(day, part.days_with(old, None), others)
    contribution = replace(contribution, day_over_limit=over_days)
    changed = part.apply(order_id, old, contribution, search)
    changes.put_customer(customer.with_part(part_id, changed))
    return replace(entry, part_id=part_id, contribution=contribution)


def _new_part(
    changes: ChangeSet, key: str, customer_id: str, part_id: str, address: str | None
) -> Part:
    """Begin a customer's part: of a new address, or of a known uid whose customer had gone."""
    if address is not None:
        known = changes.address(key) or AddressIdentity()
        changes.put_identity(key, replace(known, customer_id=customer_id, part_id=part_id))
        return Part(
            key,
            address=address,
            decision=known.suppression,
            unreachable=known.unreachable,
        )
    user = changes.user(key)
    if user is None:
        raise Conflict(f"identity {key} is gone")
    changes.put_identity(key, replace(user, customer_id=customer_id, part_id=part_id))
    part = Part(key, uid=user.uid, live=user.live, user_name=user.name, proven=user.proven)
    return replace(part, user_fields=user.fields)


def _guard(changes: ChangeSet, tx: Transaction, key: str, customer_id: str) -> None:
    """Say that a customer guards an identity whose orders it takes: that cannot end unnoticed.

    Whoever moves, erases or hands over an identity takes its part out of the customer, or the
    address out of the part.
    """
    identity = changes.find(key)
    if identity is None or identity.customer_id != customer_id or identity.part_id is None:
        return
    part = changes.customer(customer_id).parts.get(identity.part_id)
    if part is not None and (part.uid is not None or part.address is not None):
        tx.guard(f"{IDENTITIES}/{key}", by=f"{CUSTOMERS}/{customer_id}")


def _part(customer: Customer, part_id: str) -> Part:
    """Return a part that must be in the customer, which guards the identity that led here."""
    part = customer.parts.get(part_id)
    if part is None:
        raise Conflict(f"part {part_id} has moved")
    return part


def _write_row(row: Snapshot, entry: LedgerEntry) -> Write:
    if row.exists:
        return replaced(row, entry.to_data())
    return Create(row.path, entry.to_data())


def _quarantine(
    tx: Transaction, order_id: str, before: LedgerEntry | None, after: LedgerEntry
) -> list[Write]:
    """List or unlist the order; guarded by its row of the ledger."""
    reason = before.quarantined if before else None
    if reason == after.quarantined:
        return []
    collection, own = tx.settings.orders.place(order_id)
    path = f"{QUARANTINE}/{tx.keys.quarantine(collection, own)}"
    return [quarantine_write(path, collection, own, after.quarantined, tx)]
