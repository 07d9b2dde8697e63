"""How to reach a buyer who signed in and has proven no address: found, shown, never an alias."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from crm.core.errors import Refusal
from crm.customers.lookup import find_customer, get_customer
from crm.customers.reference import CustomerRef
from crm.customers.search import search_customers
from crm.db.paging import Pager, PageTokens, Scope
from crm.privacy.erasure.erase import erase
from crm.privacy.erasure.plan import plan_erasure  # noqa: F401
from crm.privacy.export.archive import export
from crm.repair.rebuild import rebuild
from crm.repair.verify import verify
from testing.hosts import order, user
from testing.world import KEYS, World

TYPED = CustomerRef("email", "typed@example.com")


@pytest.fixture
def world() -> World:
    """Ada has an account and a document, and has verified nothing."""
    made = World(trust="auth")
    made.verified["ada"] = None
    made.put_user("ada", user("claimed@example.com", name="Ada"))
    return made


def buys(world: World, order_id: str, address: str | None, day: int = 0, **more: Any) -> None:
    world.put_order(order_id, order(address, userId="ada", day=day, **more))


def contact(world: World) -> str | None:
    address: str | None = world.with_uid("ada")["contactEmail"]
    return address


def in_order(world: World) -> None:
    assert world.wrong() == []
    assert list(verify(world.runner)) == []
    writes = world.store.writes
    rebuild(world.runner)
    assert world.store.writes == writes
    assert world.resync() is False


def test_the_address_of_the_newest_order_comes_before_the_claimed_one(world: World) -> None:
    assert contact(world) == "claimed@example.com"
    buys(world, "o1", "typed@example.com")
    buys(world, "o2", "later@example.com", day=2)
    buys(world, "o0", "between@example.com", day=1)
    assert contact(world) == "later@example.com"
    world.delete_order("o2")
    assert contact(world) == "between@example.com"
    buys(world, "o0", None, day=1)
    assert contact(world) == "typed@example.com"
    world.delete_order("o1")
    assert contact(world) == "claimed@example.com"
    ada = world.with_uid("ada")
    assert (ada["primaryEmail"], ada["emails"]) == (None, [])
    in_order(world)


def test_an_order_that_is_not_paid_says_how_to_reach_the_buyer_too(world: World) -> None:
    buys(world, "o1", "typed@example.com", status="pending")
    assert contact(world) == "typed@example.com"


def test_it_is_searched_for_and_looked_up_and_said_to_be_unproven(world: World) -> None:
    buys(world, "o1", "typed@example.com")
    pager = Pager(PageTokens(b"x"), "staff", 10, None)
    found = search_customers(world.runner, pager, "typed@ex")["customers"]
    assert [one["userIds"] for one in found] == [["ada"]]  # type: ignore[attr-defined]
    answer = get_customer(world.runner, TYPED)
    assert answer["matchedBy"] == "contact"
    assert answer["customer"]["contactEmail"] == "typed@example.com"  # type: ignore[index]
    assert get_customer(world.runner, CustomerRef("userId", "ada"))["matchedBy"] == "userId"


def test_a_guests_own_address_is_never_somebody_elses_contact(world: World) -> None:
    buys(world, "o1", "typed@example.com")
    world.put_order("g1", order("typed@example.com", name="Guest"))
    assert contact(world) == "claimed@example.com"
    assert get_customer(world.runner, TYPED)["matchedBy"] == "email"
    in_order(world)
    world.delete_order("g1")  # nobody's again
    assert contact(world) == "typed@example.com"
    in_order(world)


def test_it_is_gone_the_moment_somebody_proves_it(world: World) -> None:
    buys(world, "o1", "typed@example.com")
    world.verified["bob"] = "typed@example.com"
    world.put_user("bob", user("typed@example.com", name="Bob"))
    assert contact(world) == "claimed@example.com"
    assert world.with_uid("bob")["primaryEmail"] == "typed@example.com"
    in_order(world)


def test_who_proves_it_has_it(world: World) -> None:
    buys(world, "o1", "claimed@example.com")
    world.verified["ada"] = "claimed@example.com"
    world.sync.sync_user("ada")
    ada = world.with_uid("ada")
    assert (ada["primaryEmail"], ada["contactEmail"]) == ("claimed@example.com", None)
    in_order(world)


def test_what_somebody_with_a_proven_address_types_is_not_shown(world: World) -> None:
    world.verified["ada"] = "claimed@example.com"
    world.sync.sync_user("ada")
    buys(world, "o1", "friend@example.com")
    assert contact(world) is None
    with pytest.raises(Refusal) as refused:
        get_customer(world.runner, CustomerRef("email", "friend@example.com"))
    assert refused.value.reason == "no-such-customer"
    in_order(world)


def test_two_users_who_typed_one_address_are_told_apart_by_people(world: World) -> None:
    world.put_user("bob", user(None, name="Bob"))
    buys(world, "o1", "typed@example.com")
    world.put_order("o2", order("typed@example.com", userId="bob"))
    ids = sorted(one["id"] for one in world.customers())
    with pytest.raises(Refusal) as refused:
        get_customer(world.runner, TYPED)
    assert (refused.value.code, refused.value.reason) == ("failed-precondition", "ambiguous")
    assert refused.value.more == {"customerIds": ids}
    in_order(world)


@pytest.mark.parametrize("others", [False, True])
def test_nothing_is_given_away_or_destroyed_by_it(world: World, others: bool) -> None:
    buys(world, "o1", "typed@example.com")
    if others:
        world.put_user("bob", user(None))
        world.put_order("o2", order("typed@example.com", userId="bob"))
    before = world.database
    ids = sorted(one["id"] for one in world.customers())
    for attempt in (
        lambda: erase(world.runner, world.queue.append, TYPED, reason="asked by letter"),
        lambda: export(world.runner, Scope("staff", "export_customer", {}), TYPED),
        lambda: find_customer(world.runner, TYPED),
    ):
        with pytest.raises(Refusal) as refused:
            attempt()
        assert (refused.value.code, refused.value.reason) == (
            "failed-precondition",
            "address-unproven",
        )
        assert refused.value.more == {"customerIds": ids}
    assert world.database == before


def test_an_erasure_leaves_nothing_of_it(world: World) -> None:
    buys(world, "o1", "typed@example.com")
    who = CustomerRef("userId", "ada")
    erase(world.runner, world.queue.append, who, reason="asked by letter")
    world.work()
    assert "typed@example.com" not in str({**world.store.all("customers")})
    for key in ("typed@example.com", "claimed@example.com"):
        assert KEYS.address(key) not in world.store.all("crmIdentities")
    assert world.wrong() == []


def test_an_erased_guests_address_reaches_nobody_again(world: World) -> None:
    world.put_order("g1", order("typed@example.com"))
    buys(world, "o1", "typed@example.com")
    erase(world.runner, world.queue.append, TYPED, reason="asked by letter")
    world.work()
    world.resync()
    assert contact(world) == "claimed@example.com"
    assert "typed@example.com" not in str(world.store.all("customers"))
    assert world.wrong() == []


def test_any_order_of_events_ends_the_same() -> None:
    ends = set()
    steps = {
        "user": lambda w: w.sync.sync_user("ada"),
        "mine": lambda w: w.sync.sync_order("o1"),
        "later": lambda w: w.sync.sync_order("o2"),
        "guest": lambda w: w.sync.sync_order("g1"),
        "bob": lambda w: w.sync.sync_user("bob"),
    }
    for turn in itertools.permutations(steps):
        world = World(trust="auth")
        world.verified |= {"ada": None, "bob": "later@example.com"}
        world.store.put("users/ada", user("claimed@example.com"))
        world.store.put("users/bob", user("later@example.com"))
        world.store.put("orders/o1", order("typed@example.com", userId="ada", day=1))
        world.store.put("orders/o2", order("later@example.com", userId="ada", day=2))
        world.store.put("orders/g1", order("typed@example.com", day=3))
        for step in turn:
            steps[step](world)
        assert world.resync() is False
        assert world.wrong() == []
        ends.add(contact(world))
    assert ends == {"claimed@example.com"}
