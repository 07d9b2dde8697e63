"""Counting customers anew: what their orders and users add up to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Final, TypeVar

from crm.core.batches import batches
from crm.core.equality import same
from crm.core.errors import Conflict
from crm.customers.change_set import ChangeSet
from crm.customers.customer import AHEAD, Customer, read_customer
from crm.customers.identity import UserIdentity
from crm.customers.ledger import LedgerEntry
from crm.customers.ledger_query import claims_of, counted_queries
from crm.customers.limits import arranged
from crm.customers.part import HISTORY, Part
from crm.db.collections import CUSTOMERS, IDENTITIES, NOTES, ORDERS
from crm.db.documents import IN_QUERY, Path, Query, Snapshot, Store, read_one
from crm.db.retry import RetryPolicy
from crm.db.runner import Runner
from crm.db.scan import scan
from crm.db.transaction import Plan, Transaction
from crm.repair.invariants import Fault
from crm.repair.shapes import examine, is_user, is_user_key

T = TypeVar("T")

ONCE: Final = RetryPolicy(seconds=0)
"""For readings of a moment that is given up as soon as something is in the way."""

LATE: Final = timedelta(minutes=10)
"""So long after an event's start its ticket holders attend it, at the latest (see `begun`)."""

_OF_THE_USER: Final = frozenset({"uid", "live", "user_name", "user_fields"})
"""What a part says as the user's identity knows it."""


@dataclass(frozen=True)
class Recounted:
    """A customer, counted anew.

    Attributes:
        customer: As its orders and users make it.
        changed: Whether it was stored otherwise.
        faults: What is wrong with the stored one, for people.
        crowded: Orders that hold room on the customer which is others', or do not have theirs.
    """

    customer: Customer
    changed: bool
    faults: Sequence[Fault]
    crowded: Sequence[str]


def add_up(parts: Mapping[str, Part], rows: Iterable[Snapshot]) -> dict[str, Part]:
    """Add rows of the ledger to their parts; a damaged one, which `verify` names, adds nothing."""
    summed = dict(parts)
    for row in rows:
        part_id = row.fields["partId"]
        with suppress(KeyError, TypeError, AttributeError, ValueError):
            contribution = LedgerEntry.from_data(row.fields).contribution
            summed[part_id] = summed[part_id].apply(row.id, None, contribution, _never)
    return summed


def users_of(found: Iterable[Snapshot]) -> list[Path]:
    """Return the paths of the identities of customers' users."""
    customers = [one for snapshot in found if (one := read_customer(snapshot))]
    parts = [part for customer in customers for part in customer.parts.values()]
    return [f"{IDENTITIES}/{part.key}" for part in parts if part.uid or is_user_key(part.key)]


def count_anew(
    runner: Runner, found: Iterable[Snapshot], users: Mapping[Path, Snapshot]
) -> Iterator[Recounted]:
    """Count customers anew; a query takes `IN_QUERY` parts, so customers share one.

    Args:
        runner: Its store is the moment at which the customers were read.
        found: Customers; damaged documents are passed over.
        users: What `users_of` gives, at that moment.

    Raises:
        Conflict, Transient: Not read before the deadline.
    """
    double = runner.settings.newsletter.double
    at = runner.store.moment or runner.now()
    whole = [one for one in found if not examine(one).flaws]
    for some in _together(whole):
        parts = {name: part for _, one in some for name, part in one.parts.items()}
        crowded: set[str] = set()
        summed = _summed(runner, parts, crowded)
        noted = _noted(runner, parts)
        for snapshot, customer in some:
            held = {
                name: replace(
                    _with_user(name, _with_orders(part, summed[name]), users), notes=noted[name]
                )
                for name, part in customer.parts.items()
            }
            counted = replace(customer, parts=held)
            waiting = _misplaced(runner, customer) if crowded & customer.parts.keys() else ()
            faults = [
                (snapshot.path, what)
                for what in _differences(snapshot, customer, counted, at, double)
            ]
            yield Recounted(counted, bool(faults) or not same(counted, customer), faults, waiting)


def _differences(
    snapshot: Snapshot, customer: Customer, counted: Customer, at: datetime, double: bool
) -> Iterator[str]:
    """Return how a customer is not what its parts say, and a part not what its orders say.

    What depends on the time must be as it was when the customer was written. That an event has
    begun since is no fault, unless it was long ago.
    """
    written = customer.as_of(customer.updated_at or at, double=double)
    for name, said in sorted(written.items()):
        if not same(snapshot.fields.get(name), said):
            yield f"{name} is not what its parts say"
    if customer.updated_at and customer.updated_at > at + AHEAD:
        yield "updatedAt is of a moment that has not come"
    if isinstance(start := written["nextStartAt"], datetime) and start <= at - LATE:
        yield "an event has begun, and it is not said to have attended it"
    for part_id, part in customer.parts.items():
        for one in fields(Part):
            held, anew = getattr(part, one.name), getattr(counted.parts[part_id], one.name)
            if same(held, anew):
                continue
            if one.name in _OF_THE_USER or (one.name == "proven" and held is None):
                yield f"{one.name} of part {part_id} is not what its user says"
            elif one.name == "notes":
                yield f"notes of part {part_id} are not as many as there are"
            # An address that another user has proven since may stay the proven one of a part: it
            # says nothing there any more, so it is taken off and not named.
            elif one.name != "proven":
                yield f"{one.name} of part {part_id} is not what its orders say"


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
    users = view.read(users_of([snapshot]))
    frozen = replace(runner, store=view, retry=ONCE)
    counted = next(count_anew(frozen, [snapshot], users), None)
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


def _summed(runner: Runner, parts: Mapping[str, Part], crowded: set[str]) -> dict[str, Part]:
    """Add up the rows of parts, a page in memory at a time; note parts with one over the limit."""
    summed = {name: Part(part.key) for name, part in parts.items()}

    def rows(names: Sequence[str]) -> Iterator[Snapshot]:
        query = Query(ORDERS, (("partId", "in", tuple(names)),))
        for row in scan(runner.store, runner.retry, query):
            if row.fields.get("overLimit"):
                crowded.add(row.fields["partId"])
            yield row

    for names in batches(sorted(parts), IN_QUERY):  # one, but for a customer with more parts
        summed = add_up(summed, rows(names))
    return summed


def _noted(runner: Runner, parts: Mapping[str, Part]) -> dict[str, int]:
    """Count the notes of parts that say they have some; others are found by their notes."""
    counts = dict.fromkeys(parts, 0)
    some = sorted(name for name, part in parts.items() if part.notes)
    for names in batches(some, IN_QUERY):
        query = Query(NOTES, (("partId", "in", tuple(names)),))
        for note in scan(runner.store, runner.retry, query):
            counts[note.fields["partId"]] += 1
    return counts


def _with_orders(held: Part, summed: Part) -> Part:
    """Return a part with what its orders say; consent is history, and stays."""
    opted_in = max(known(held.opted_in_at, summed.opted_in_at), default=None)
    names = [one.name for one in fields(Part) if one.name not in HISTORY]
    counted = {name: getattr(summed, name) for name in names}
    return replace(held, opted_in_at=opted_in, **counted).knowing(held)


def _with_user(part_id: str, part: Part, users: Mapping[Path, Snapshot]) -> Part:
    """Return a part with what its user says; one whose uid is lost has it again."""
    found = users.get(f"{IDENTITIES}/{part.key}")
    if found is None or found.data is None or examine(found).flaws or not is_user(found):
        return part
    user = UserIdentity.from_data(found.data)
    if not part.uid and (user.part_id != part_id or not user.uid):
        return part
    part = part if part.uid else replace(part, uid=user.uid)
    part = replace(part, live=user.live, user_name=user.name, proven=user.proven)
    return replace(part, user_fields=user.fields)


def _misplaced(runner: Runner, customer: Customer) -> list[str]:
    """Return the orders of a full customer that hold other events than they should."""
    queries = counted_queries(customer.parts)
    rows = [row for one in queries for row in scan(runner.store, runner.retry, one)]
    wanted = arranged(claims_of(rows))
    return [row.id for row in rows if {*row.fields["overLimit"]} != {*wanted[row.id]}]


def known(*values: T | None) -> list[T]:
    """Return the values that are there."""
    return [value for value in values if value is not None]


def _never(_mark: str, _direction: str) -> None:
    raise AssertionError("adding an order never looks for another")
