"""Looking a customer up: whole answers and refusals, how many are named, and how long is tried."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from crm.core.errors import Refusal, Transient
from crm.customers.customer import Customer
from crm.customers.identity import MAX_CONTACTS
from crm.customers.lookup import (
    MAX_CLAIMS,
    find_anybody,
    find_by_order,
    find_customer,
    get_customer,
    possible_duplicates,
)
from crm.customers.merged_ids import resolve_one
from crm.customers.orders import list_orders
from crm.customers.part import Part
from crm.customers.reference import CustomerRef
from crm.customers.search import search_customers
from crm.db.documents import Path, Query, Snapshot
from crm.db.paging import Pager
from crm.db.retry import RetryPolicy
from crm.db.runner import Runner
from testing.hosts import DAY, order, user
from testing.memory import MemoryStore
from testing.world import KEYS, World
from tests.unit.customers.test_lookup import AT_ONCE, TOKENS

TYPED = CustomerRef("email", "typed@example.com")


def refused(call: Callable[[], object]) -> tuple[str, str, Any]:
    with pytest.raises(Refusal) as told:
        call()
    return told.value.code, told.value.reason, told.value.more


def users_who_typed(*uids: str) -> World:
    """Users who have proven nothing and typed one address, in the order of their customers' ids."""
    world = World(trust="auth")
    for number, uid in enumerate(uids):
        world.verified[uid] = None
        world.put_user(uid, user(None, name=uid))
        world.put_order(f"o{number}", order("typed@example.com", userId=uid))
    return world


# --- By an address that nobody has proven --------------------------------------------------------


@pytest.mark.parametrize("several", [False, True])
def test_one_who_typed_an_address_is_found_by_it_and_said_to_be_reached_by_it(
    several: bool,
) -> None:
    world = users_who_typed("ada")
    customer = world.the_customer()
    customer_id = customer.pop("id")
    found = find_anybody(world.runner, TYPED, AT_ONCE, several=several)
    assert found == (customer_id, customer, "contact")
    assert get_customer(world.runner, TYPED, AT_ONCE)["matchedBy"] == "contact"


def test_of_several_who_typed_an_address_the_first_is_found_by_whoever_takes_any() -> None:
    world = users_who_typed("ada", "bob")
    ids = sorted(one["id"] for one in world.customers())
    found = find_anybody(world.runner, TYPED, AT_ONCE, several=True)
    assert found == (ids[0], world.store.all("customers")[ids[0]], "contact")
    ambiguous = ("failed-precondition", "ambiguous", {"customerIds": ids})
    assert refused(lambda: find_anybody(world.runner, TYPED, AT_ONCE)) == ambiguous
    assert refused(lambda: get_customer(world.runner, TYPED, AT_ONCE)) == ambiguous
    unproven = ("failed-precondition", "address-unproven", {"customerIds": ids})
    assert refused(lambda: find_customer(world.runner, TYPED, AT_ONCE)) == unproven


def test_no_more_are_named_than_may_be_reached_by_one_address() -> None:
    world = users_who_typed("ada")
    (document,) = world.store.all("customers").values()
    for number in range(MAX_CONTACTS + 1):
        world.store.put(f"customers/c{number:03}", document)
    (_, _, told) = refused(lambda: find_customer(world.runner, TYPED, AT_ONCE))
    assert told == {"customerIds": [f"c{number:03}" for number in range(MAX_CONTACTS)]}


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("email", "nobody@example.com", ("not-found", "no-such-customer", {})),
        ("userId", "typed@example.com", ("not-found", "no-such-customer", {})),
        ("customerId", "typed@example.com", ("not-found", "no-such-customer", {})),
        ("email", "nobody", ("invalid-argument", "email-invalid", {})),
    ],
)
def test_who_is_not_known_is_refused_by_whatever_looks(
    kind: Any, value: str, expected: tuple[str, str, Any]
) -> None:
    world = users_who_typed("ada")
    who = CustomerRef(kind, value)
    for looks in (find_customer, find_anybody, get_customer):
        assert refused(functools.partial(looks, world.runner, who, AT_ONCE)) == expected


def test_an_id_that_leads_nowhere_is_refused_by_a_plan_too() -> None:
    world = users_who_typed("ada")
    customer_id = world.the_customer()["id"]
    (found,) = world.runner.evaluate(lambda tx: [resolve_one(tx, customer_id)])
    assert (found.snapshot.id, found.merge_id) == (customer_id, None)
    assert refused(lambda: world.runner.evaluate(lambda tx: resolve_one(tx, "nobody"))) == (
        *("not-found", "no-such-customer"),
        {},
    )


# --- Likely the same -----------------------------------------------------------------------------


def same(world: World, customer_id: str) -> dict[str, str]:
    data = world.store.all("customers")[customer_id]
    return {**possible_duplicates(world.store, Customer.from_data(customer_id, data))}


def claimed(world: World, uid: str, email: str) -> str:
    world.verified[uid] = None
    world.put_user(uid, user(email))
    return str(world.with_uid(uid)["id"])


def test_no_more_claims_are_looked_at_than_there_may_be() -> None:
    world = World(trust="auth")
    world.put_order("o1", order("ada@example.com"))
    guest = world.with_email("ada@example.com")["id"]
    claimed(world, "u", "ada@example.com")
    row = world.store.all("crmIdentities")[KEYS.user("u")]
    for number in range(MAX_CLAIMS + 5):
        world.store.put(f"crmIdentities/u1-{number}", {**row, "customerId": f"c{number}"})
    assert len(same(world, guest)) == MAX_CLAIMS


def test_a_conflict_says_more_than_an_address_that_is_not_proven() -> None:
    """Where both hold of one pair, in whatever order they are found."""
    world = World(trust="auth")
    world.put_order("o1", order("ada@example.com"))
    guest = world.with_email("ada@example.com")["id"]
    other = claimed(world, "u1", "ada@example.com")
    row = world.store.all("crmIdentities")[KEYS.user("u1")]
    for first, second in ((True, False), (False, True)):
        world.store.put("crmIdentities/u1-a", {**row, "conflict": first})
        world.store.put("crmIdentities/u1-b", {**row, "conflict": second})
        assert same(world, guest) == {other: "address-conflict"}


def test_who_has_no_address_and_claims_none_is_not_looked_for() -> None:
    world = World(trust="auth")
    world.verified["u1"] = None
    world.put_user("u1", user(None))
    before = world.store.reads
    assert same(world, world.with_uid("u1")["id"]) == {}
    assert world.store.reads - before == 1, "the identity of the user"


def test_of_a_guest_only_claims_on_its_addresses_are_looked_for() -> None:
    world = World(trust="auth")
    world.put_order("o1", order("ada@example.com"))
    before = world.store.reads
    assert same(world, world.the_customer()["id"]) == {}
    assert world.store.reads - before == 1, "a query that finds nothing"


def test_a_claim_on_an_address_that_has_gone_elsewhere_is_about_somebody_else() -> None:
    world = World(trust="auth")
    claimed(world, "u1", "ada@example.com")
    key = KEYS.address("ada@example.com")
    former = Customer("c", DAY, {"p": Part(key), "q": Part("e1-other", address="o@example.com")})
    assert possible_duplicates(world.store, former) == {}


@pytest.mark.parametrize(
    ("changes", "likely"),
    [
        ({}, True),
        ({"live": False}, False),
        ({"claimed": None}, False),
        ({"customerId": None}, False),
    ],
)
def test_a_claim_counts_while_its_user_is_there(changes: dict[str, Any], likely: bool) -> None:
    world = World(trust="auth")
    world.put_order("o1", order("ada@example.com"))
    guest = world.with_email("ada@example.com")["id"]
    other = claimed(world, "u1", "ada@example.com")
    path = f"crmIdentities/{KEYS.user('u1')}"
    world.store.put(path, {**world.store.read([path])[path].fields, **changes})
    assert same(world, guest) == ({other: "unproven-address"} if likely else {})


# --- How long is tried ---------------------------------------------------------------------------


class Away(MemoryStore):
    """A store that does not answer the first time that some of it is asked for."""

    def __init__(self, inner: MemoryStore, away: str) -> None:
        super().__init__()
        self.inner = inner
        self.away = {away}

    def _answer(self, asked: str) -> None:
        if asked in self.away:
            self.away.remove(asked)
            raise Transient("nobody answered")

    def read(self, paths: Iterable[Path]) -> dict[Path, Snapshot]:
        paths = list(paths)
        for path in paths:
            self._answer(path.partition("/")[0])
        return self.inner.read(paths)

    def find(self, query: Query) -> list[Snapshot]:
        self._answer(f"{query.collection}?")
        return self.inner.find(query)


def pager(retry: RetryPolicy) -> Pager:
    return Pager(TOKENS, "staff", 10, None, retry)


LOOKS: dict[str, tuple[list[str], Callable[[Runner, RetryPolicy], object]]] = {
    "a customer by its id": (
        ["customers", "crmLinks"],
        lambda runner, retry: (
            find_customer(runner, CustomerRef("userId", "ada"), retry)
            and find_customer(runner, CustomerRef("customerId", "none"), retry)
        ),
    ),
    "a customer by a uid": (
        ["customers", "crmIdentities"],
        lambda runner, retry: find_customer(runner, CustomerRef("userId", "ada"), retry),
    ),
    "a customer by an address that was typed": (
        ["crmIdentities", "customers?"],
        lambda runner, retry: find_customer(runner, TYPED, retry),
    ),
    "anybody": (
        ["crmIdentities", "customers?"],
        lambda runner, retry: find_anybody(runner, TYPED, retry),
    ),
    "an answer": (
        ["crmIdentities", "customers?"],
        lambda runner, retry: get_customer(runner, TYPED, retry),
    ),
    "an order's customer": (
        ["crmOrders", "crmIdentities", "customers"],
        lambda runner, retry: find_by_order(runner, "o0", retry),
    ),
    "a search": (
        ["customers?", "crmOrders"],
        lambda runner, retry: search_customers(runner, pager(retry), "typed"),
    ),
    "orders": (
        ["customers", "crmLinks"],
        lambda runner, retry: list_orders(runner, pager(retry), "none"),
    ),
}


@pytest.mark.parametrize(
    ("name", "away"), [(name, one) for name, (some, _) in LOOKS.items() for one in some]
)
def test_whoever_looks_says_how_long_to_wait_for_a_store_that_is_away(name: str, away: str) -> None:
    world = users_who_typed("ada")
    waits: list[float] = []
    store = Away(world.store, away)
    runner = replace(world.runner, store=store)
    with contextlib.suppress(Refusal):  # answered all the same
        LOOKS[name][1](runner, RetryPolicy(sleep=waits.append))
    assert (len(waits), store.away) == (1, set())
