"""Customers, held to what their orders and users add up to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from crm.core.errors import Conflict
from crm.customers.change_set import ChangeSet
from crm.customers.customer import Customer, read_customer
from crm.customers.identity import UserIdentity
from crm.customers.ledger import LedgerEntry
from crm.customers.limits import over_limit
from crm.customers.part import HISTORY, Part
from crm.db.collections import CUSTOMERS, IDENTITIES, ORDERS
from crm.db.documents import Query, Snapshot, Store, read_one
from crm.db.retry import RetryPolicy
from crm.db.runner import Runner
from crm.db.scan import scan
from crm.db.transaction import Plan, Transaction

T = TypeVar("T")

NOW = RetryPolicy(seconds=0)
"""For readings of a moment that is given up as soon as something is in the way."""

IN_QUERY: Final = 30
"""Values of one Firestore `in` query, and parts of one customer."""


@dataclass(frozen=True)
class Recounted:
    """A customer, counted anew.

    Attributes:
        customer: As its orders and users make it.
        changed: Whether it was not like that.
        crowded: Orders with events that found no room on the customer, and would now.
    """

    customer: Customer
    changed: bool
    crowded: Sequence[str]


def add_up(parts: Mapping[str, Part], rows: Iterable[Snapshot]) -> dict[str, Part]:
    """Add rows of the ledger to their parts."""
    summed = dict(parts)
    for row in rows:
        part_id = row.fields["partId"]
        contribution = LedgerEntry.from_data(row.fields).contribution
        summed[part_id] = summed[part_id].apply(row.id, None, contribution, _never)
    return summed


def count_anew(
    view: Store, retry: RetryPolicy, found: Iterable[Snapshot], now: datetime
) -> Iterator[Recounted]:
    """Count customers anew, those with few parts together: a query takes so many of them.

    Args:
        view: The moment at which the customers were read.
        retry: How long to try.
        found: Customers; documents of another kind are passed over.
        now: The time.

    Raises:
        Conflict, Transient: Not read before the deadline.
    """
    for some in _together(found):
        parts = {name: part for _, one in some for name, part in one.parts.items()}
        crowded: dict[str, list[Snapshot]] = {name: [] for name in parts}
        summed = _summed(view, retry, parts, crowded)
        paths = [f"{IDENTITIES}/{part.key}" for part in parts.values() if part.uid]
        users = retry.call(partial(view.read, paths))
        for snapshot, customer in some:
            held = {
                name: _with_user(_with_orders(part, summed[name]), users)
                for name, part in customer.parts.items()
            }
            counted = replace(customer, parts=held)
            said = counted.to_data(now)
            changed = any(
                snapshot.fields.get(name) != value
                for name, value in said.items()
                if name != "updatedAt"
            )
            rows = [row for name in customer.parts for row in crowded[name]]
            waiting = [row.id for row in rows if _finds_room(counted, row)]
            yield Recounted(counted, changed, waiting)


def recount(runner: Runner, view: Store, customer_id: str) -> Recounted | None:
    """Hold a customer to its orders and its users as they are at one moment.

    Args:
        runner: Commits, if the customer is still as it was at that moment.
        view: The moment.
        customer_id: The customer.

    Returns:
        What it was counted to; None where there is no such customer.

    Raises:
        Conflict, Transient: Not done: take a later moment.
    """
    path = f"{CUSTOMERS}/{customer_id}"
    snapshot = read_one(view, path)
    counted = next(count_anew(view, NOW, [snapshot], runner.now()), None)
    if counted is None:
        return None

    def plan(tx: Transaction) -> Plan[None]:
        if tx.document(path).version != snapshot.version:
            raise Conflict(f"customer {customer_id} has changed")
        changes = ChangeSet(tx)
        changes.put_customer(counted.customer)
        return Plan(changes.writes(), None)

    if counted.changed:
        runner.store.commit(runner.evaluate(plan).writes)
    return counted


def _together(found: Iterable[Snapshot]) -> Iterator[list[tuple[Snapshot, Customer]]]:
    """Return customers in groups whose parts one query can name."""
    some: list[tuple[Snapshot, Customer]] = []
    held = 0
    for one in found:
        customer = read_customer(one)
        if customer is None:
            continue
        if some and held + len(customer.parts) > IN_QUERY:
            yield some
            some, held = [], 0
        some.append((one, customer))
        held += len(customer.parts)
    if some:
        yield some


def _summed(
    view: Store,
    retry: RetryPolicy,
    parts: Mapping[str, Part],
    crowded: Mapping[str, list[Snapshot]],
) -> dict[str, Part]:
    """Add up the rows of parts, a page in memory at a time; note those over the limit."""
    empty = {name: Part(part.key) for name, part in parts.items()}

    def rows() -> Iterable[Snapshot]:
        for row in scan(view, retry, Query(ORDERS, (("partId", "in", tuple(sorted(parts))),))):
            if row.fields["overLimit"]:
                crowded[row.fields["partId"]].append(row)
            yield row

    return add_up(empty, rows()) if parts else {}


def _with_orders(held: Part, summed: Part) -> Part:
    """Return a part with what its orders say; consent is history, and stays."""
    opted_in = max(known(held.opted_in_at, summed.opted_in_at), default=None)
    names = [one.name for one in fields(Part) if one.name not in HISTORY]
    return replace(held, opted_in_at=opted_in, **{name: getattr(summed, name) for name in names})


def _with_user(part: Part, users: Mapping[str, Snapshot]) -> Part:
    found = users.get(f"{IDENTITIES}/{part.key}")
    if found is None or found.data is None:
        return part
    user = UserIdentity.from_data(found.data)
    return replace(part, live=user.live, user_name=user.name, proven=user.proven)


def _finds_room(customer: Customer, row: Snapshot) -> bool:
    events = row.fields["events"]
    wanted = {event: events[event]["name"] for event in row.fields["overLimit"]}
    return over_limit(customer.held_events, wanted) != tuple(sorted(wanted))


def known(*values: T | None) -> list[T]:
    """Return the values that are there."""
    return [value for value in values if value is not None]


def _never(_mark: str, _direction: str) -> None:
    raise AssertionError("adding an order never looks for another")
