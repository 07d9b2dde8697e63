"""The plan of one order: bring the ledger, its identity and its customer up to the document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from crm.consent.records import order_records
from crm.core.errors import Conflict, Unreadable
from crm.customers.customer import Customer
from crm.customers.draft import Draft
from crm.customers.identity import AddressIdentity, identity_from
from crm.customers.ledger import Entry
from crm.customers.ledger_query import find_by_mark
from crm.customers.limits import is_crowded, over_limit
from crm.customers.part import Part
from crm.db.collections import CUSTOMERS, IDENTITIES, ORDERS, QUARANTINE
from crm.db.diff import replaced
from crm.db.documents import Create, Snapshot, Version, Write
from crm.db.transaction import Context, Reading
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
        freed: The parts of a customer who was nearly full and has fewer events now: there may be
            room for what other orders of theirs brought in vain.
    """

    writes: list[Write]
    awaiting: str | None = None
    freed: tuple[str, ...] = ()


NOTHING = OrderPlan([])


TOO_LARGE = Unreadable("too-large", "Firestore takes no document that this order would need.")


NOT_PROCESSED = Unreadable("not-processed", "Every attempt ended in an error; the log says more.")


def plan_order(
    reading: Reading,
    context: Context,
    order_id: str,
    deleted_after: Version | None,
    *,
    unfit: Unreadable | None = None,
    refit: bool = False,
) -> OrderPlan:
    """Plan the writes that bring CRM-Lite up to an order as it is now.

    Args:
        reading: What has been read; demands more by `planning.Need`.
        context: Settings, keys, time.
        order_id: The order's document id.
        deleted_after: The last version of the document that an event says was deleted; a missing
            order without such an event is left alone unless the ledger still counts it.
        unfit: Why the order, although it can be understood, is to go to quarantine.
        refit: Try again to find room for events that found none.
    """
    document, row = reading.documents(
        [f"{context.settings.orders.path}/{order_id}", f"{ORDERS}/{order_id}"]
    )
    before = Entry.from_data(row.data) if row.data is not None else None
    if before and document.version < before.version:
        return NOTHING  # an older reading than what is in the ledger already
    if document.data is not None:
        target = route(reading, context, document, before, unfit)
    elif deleted_after is None and (before is None or before.deleted):
        return NOTHING
    elif before and before.deleted and (deleted_after or 0) <= before.version:
        return NOTHING  # stamped already; else every sweep would write
    else:
        erased = before.erased if before else None
        target = Target(Entry(document.version, deleted=True, erased=erased))

    if refit and target.entry.share:
        share = replace(target.entry.share, over_limit=())
        target = replace(target, entry=replace(target.entry, share=share))
    after = target.entry
    if before and _same(before, after) and not target.redaction:
        if before.version == after.version:
            orders = context.settings.orders.path
            return OrderPlan(listed(reading, context, row, orders, order_id, before.quarantined))
        # Written although nothing else changes: it is what stops a paused handler that read the
        # version in between (paid, refunded, paid again) from committing it afterwards.
        return OrderPlan([_write_row(row, replace(before, version=after.version))])
    writes = _exchange(reading, context, order_id, row, before, target)
    news = after.awaiting if after.awaiting != (before.awaiting if before else None) else None
    return OrderPlan(writes, news, _freed(reading, before, after))


def _freed(reading: Reading, before: Entry | None, after: Entry) -> tuple[str, ...]:
    """Give the parts of the customer in which events of an order have made room."""
    if before is None or before.share is None or before.identity is None or before.part_id is None:
        return ()
    kept = after.share.applied.keys() if after.share and after.part_id == before.part_id else ()
    if not before.share.applied.keys() - kept:
        return ()
    home = identity_from(reading.document(f"{IDENTITIES}/{before.identity}").fields)
    customer_id = home.customer_of(before.part_id)
    if customer_id is None:
        return ()
    held = reading.document(f"{CUSTOMERS}/{customer_id}").fields
    events = {key: event["name"] for key, event in held.get("events", {}).items()}
    return tuple(sorted(held["parts"])) if is_crowded(events) else ()


def _same(before: Entry, after: Entry) -> bool:
    return before == replace(after, version=before.version)


def _exchange(
    reading: Reading,
    context: Context,
    order_id: str,
    row: Snapshot,
    before: Entry | None,
    target: Target,
) -> list[Write]:
    """Take the old share out of its part and put the new one into its own."""
    draft = Draft(reading, context.now)
    entry = target.entry
    old_part = before.part_id if before else None
    old_customer_id = None
    if before and before.identity and old_part:
        home = draft.identity(before.identity)
        old_customer_id = home.customer_of(old_part)
        if old_customer_id is None and old_part not in home.erased:
            raise Conflict(f"part {old_part} has moved")
    draft.prefetch([old_customer_id, target.customer_id])

    stays = old_part is not None and old_part == entry.part_id
    if before and old_part and old_customer_id and not stays:
        customer = draft.customer(old_customer_id)
        part = _part(customer, old_part)
        search = find_by_mark(reading, old_part, row.path)
        moves = entry.share is not None
        emptied = part.exchange(order_id, before.share, None, search, moves=moves)
        draft.put_customer(customer.with_part(old_part, emptied))
    if entry.share and not entry.erased:
        entry = _add(draft, reading, context, order_id, row.path, before if stays else None, target)

    for key in target.relied_on:
        # Written as it was read, which verifies it: an erasure beside this must not be missed.
        draft.guard(key)
    draft.add(_write_row(row, entry), *target.redaction)
    draft.add(*_quarantine(context, order_id, before, entry))
    draft.add(*order_records(context.keys, order_id, before, entry))
    return draft.writes()


def _add(
    draft: Draft,
    reading: Reading,
    context: Context,
    order_id: str,
    row_path: str,
    before: Entry | None,
    target: Target,
) -> Entry:
    """Put the share into its part; give the row with the part and what found no room."""
    entry = target.entry
    assert entry.share is not None
    assert entry.identity is not None
    if target.customer_id is None:
        customer = Customer(context.new_id(), context.now)
    else:
        customer = draft.customer(target.customer_id)
    part_id = entry.part_id
    if part_id is None:
        part_id = context.new_id()
        part = _new_part(draft, entry.identity, customer, part_id, target.address)
    else:
        part = _part(customer, part_id)

    old = before.share if before else None
    search = find_by_mark(reading, part_id, row_path)
    share = entry.share
    if share.applied.keys() - (old.applied.keys() if old else set()):
        # Room is judged without this order, so that replaying it gives the same answer.
        without = part.exchange(order_id, old, None, search) if old else part
        held = customer.with_part(part_id, without).held_events
        wanted: Mapping[str, str | None] = {key: t.name for key, t in share.events.items()}
        share = replace(share, over_limit=over_limit(held, wanted) if share.counted else ())
    changed = part.exchange(order_id, old, share, search)
    draft.put_customer(customer.with_part(part_id, changed))
    return replace(entry, part_id=part_id, share=share)


def _new_part(
    draft: Draft, key: str, customer: Customer, part_id: str, address: str | None
) -> Part:
    """Begin a part: of an address that is new, or of a known uid whose customer had gone."""
    rank = customer.next_rank
    if address is not None:
        known = draft.address(key) or AddressIdentity()
        draft.put_identity(key, replace(known, customer_id=customer.id, part_id=part_id))
        return Part(key, rank, address=address, decision=known.suppression)
    user = draft.user(key)
    if user is None:
        raise Conflict(f"identity {key} is gone")
    draft.put_identity(key, replace(user, customer_id=customer.id, part_id=part_id))
    return Part(key, rank, uid=user.uid, live=user.live, user_name=user.name, proven=user.proven)


def _part(customer: Customer, part_id: str) -> Part:
    """Give a part that must be in the customer: this is what guards the identity that led here."""
    part = customer.parts.get(part_id)
    if part is None:
        raise Conflict(f"part {part_id} has moved")
    return part


def _write_row(row: Snapshot, entry: Entry) -> Write:
    if row.exists:
        return replaced(row, entry.to_data())
    return Create(row.path, entry.to_data())


def _quarantine(context: Context, order_id: str, before: Entry | None, after: Entry) -> list[Write]:
    """List or unlist the order; guarded by its row of the ledger."""
    reason = before.quarantined if before else None
    if reason == after.quarantined:
        return []
    collection = context.settings.orders.path
    path = f"{QUARANTINE}/{context.keys.quarantine(collection, order_id)}"
    return [quarantine_write(path, collection, order_id, after.quarantined, context)]
