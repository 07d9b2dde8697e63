"""Customers, held to what their orders and users add up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

from crm.customer import Customer
from crm.directory import UserIdentity
from crm.documents import Query, Snapshot, Store
from crm.errors import Conflict
from crm.ledger import Entry
from crm.limits import over_limit
from crm.part import HISTORY, Part
from crm.planning import CUSTOMERS, IDENTITIES, ORDERS, Context, Draft, Reading
from crm.repair.plans import RepairPlan
from crm.retry import Patience
from crm.runner import Runner
from crm.walking import walk

T = TypeVar("T")

NOW = Patience(seconds=0)
"""For readings of a moment that is given up as soon as something is in the way."""


@dataclass(frozen=True)
class Recounted:
    """What a recount has done.

    Attributes:
        changed: Whether the customer was written.
        crowded: Orders with events that found no room on the customer, and would now.
    """

    changed: bool = False
    crowded: Sequence[str] = ()


def add_up(parts: Mapping[str, Part], rows: Iterable[Snapshot]) -> dict[str, Part]:
    """Add rows of the ledger to their parts."""
    summed = dict(parts)
    for row in rows:
        part_id = row.fields["partId"]
        share = Entry.from_data(row.fields).share
        summed[part_id] = summed[part_id].exchange(row.id, None, share, _never)
    return summed


def recount(runner: Runner, view: Store, customer_id: str) -> Recounted:
    """Hold a customer to its orders and its users as they are at one moment.

    Args:
        runner: Commits, if the customer is still as it was at that moment.
        view: The moment.
        customer_id: The customer; one that is not there has nothing wrong.

    Errors:
        Conflict, Transient: Not done: take a later moment.
    """
    path = f"{CUSTOMERS}/{customer_id}"
    snapshot = view.read([path])[path]
    if snapshot.data is None:
        return Recounted()
    customer = Customer.from_data(customer_id, snapshot.data)
    crowded: list[Snapshot] = []
    summed = _summed(view, customer, crowded)
    users = view.read(f"{IDENTITIES}/{part.key}" for part in customer.parts.values() if part.uid)
    parts = {
        part_id: _with_user(_with_orders(part, summed[part_id]), users)
        for part_id, part in customer.parts.items()
    }
    counted = replace(customer, parts=parts)
    waiting = [row.id for row in crowded if _finds_room(counted, row)]
    said = counted.to_data(runner.now())
    if all(snapshot.data.get(name) == value for name, value in said.items() if name != "updatedAt"):
        return Recounted(crowded=waiting)

    def plan(reading: Reading, context: Context) -> RepairPlan:
        if reading.document(path).version != snapshot.version:
            raise Conflict(f"customer {customer_id} has changed")
        draft = Draft(reading, context.now)
        draft.put_customer(counted)
        return RepairPlan(draft.writes())

    runner.store.commit(runner.work_out(plan, Reading()).writes)
    return Recounted(changed=True, crowded=waiting)


def _summed(view: Store, customer: Customer, crowded: list[Snapshot]) -> dict[str, Part]:
    """Add up the customer's rows, a page in memory at a time; note those over the limit."""
    parts = {part_id: Part(part.key) for part_id, part in customer.parts.items()}

    def rows() -> Iterable[Snapshot]:
        for row in walk(view, NOW, Query(ORDERS, (("partId", "in", tuple(sorted(parts))),))):
            if row.fields["overLimit"]:
                crowded.append(row)
            yield row

    return add_up(parts, rows()) if parts else {}


def _with_orders(held: Part, summed: Part) -> Part:
    """Give a part with what its orders say; consent is history, and stays."""
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
    """Give the values that are there."""
    return [value for value in values if value is not None]


def _never(_mark: str, _direction: str) -> None:
    raise AssertionError("adding an order never looks for another")
