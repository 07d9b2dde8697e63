"""An erasure beside everything else: one happens whole between any two calls of the other."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from crm.consent.plan import plan_consent, plan_unsubscribe
from crm.core.errors import Refusal
from crm.customers.reference import CustomerRef
from crm.merging.merge import plan_merge
from crm.privacy.erasure.erase import erase
from testing.hosts import order, user
from testing.world import KEYS, World
from tests.support.canary import ADDRESS, NAME, Canary, residue
from tests.unit.merging.test_merge import guest, merge, tag, unmerge
from tests.unit.merging.test_races import meanwhile

ADA = "ada@example.com"
PERSON = [Canary(ADDRESS, ADA), Canary(NAME, "Serinus Canaria")]

Act = Callable[[World, str, str], object]


def buy(world: World, name: str, **fields: Any) -> None:
    world.put_order(name, order(ADA, name="Serinus Canaria", **fields))


def gone(world: World) -> None:
    """Erase Ada, as a call does."""
    with suppress(Refusal):
        erase(world.runner, world.queue.append, CustomerRef("email", ADA), reason="asked by letter")
        world.work()


def withdraw(world: World, customer_id: str) -> None:
    with suppress(Refusal):
        world.runner.run(
            lambda tx: plan_consent(tx, "call", customer_id, "unsubscribed", "by letter")
        )


BESIDE: dict[str, Act] = {
    "a new order": lambda w, a, b: buy(w, "new", day=1),
    "an edit of an order": lambda w, a, b: buy(w, "order-ada", total=5),
    "an order that cannot be read": lambda w, a, b: buy(w, "odd", status="unheard of", odd=True),
    "an order of another user with the address": lambda w, a, b: w.put_order(
        "typed", order(ADA, userId="u2", name="Bob")
    ),
    "an order corrected to somebody else": lambda w, a, b: w.put_order(
        "order-ada", order("bob@example.com", name="Bob")
    ),
    "an order deleted": lambda w, a, b: w.delete_order("order-ada"),
    "a user who proves the address": lambda w, a, b: w.put_user("u1", user(ADA)),
    "a merge into another": lambda w, a, b: merge_if_there(w, a, b),
    "a merge of another": lambda w, a, b: merge_if_there(w, b, a),
    "an undo": lambda w, a, b: undo(w),
    "a tag": lambda w, a, b: tag(w, a, "vip"),
    "a withdrawal": lambda w, a, b: withdraw(w, a),
    "a click on unsubscribe": lambda w, a, b: w.runner.run(
        lambda tx: plan_unsubscribe(tx, KEYS.address(ADA))
    ),
    "the same erasure": lambda w, a, b: gone(w),
}


def merge_if_there(world: World, source: str, target: str) -> None:
    with suppress(Refusal):
        merge(world, source, target)


def undo(world: World) -> None:
    with suppress(Refusal):
        for merge_id in [*world.store.all("crmMerges")][:1]:
            unmerge(world, merge_id)


def setting(name: str) -> tuple[World, str, str]:
    world = World()
    buy(world, "order-ada")
    ada = world.the_customer()["id"]
    bob = guest(world, "bob")
    world.put_user("u2", user("cyd@example.com", name="Bob"))
    if name == "an undo":
        cyd = guest(world, "dan")
        world.runner.run(lambda tx: plan_merge(tx, cyd, ada))
    return world, ada, bob


def settled(world: World) -> None:
    world.store.pause = lambda: None
    world.work()
    world.resync()
    world.resync()
    assert world.wrong() == []
    assert world.resync() is False
    left = residue({path: dict(one.data) for path, one in world.store._kept.items()}, PERSON)
    assert left == {}
    customers = world.store.all("customers")
    for link in world.store.all("crmLinks").values():
        assert link["customerId"] in customers


@pytest.mark.parametrize("at", range(0, 60, 3))
@pytest.mark.parametrize("name", BESIDE)
def test_an_erasure_beside_something_else(name: str, at: int) -> None:
    """The other happens whole between two remote calls of the erasure, from first to last."""
    world, ada, bob = setting(name)
    meanwhile(world, at, lambda: BESIDE[name](world, ada, bob))
    gone(world)
    world.store.pause = lambda: None
    if name == "a user who proves the address":
        gone(world)  # whoever registers after an erasure is new here
    settled(world)


@pytest.mark.parametrize("at", range(12))
@pytest.mark.parametrize("name", BESIDE)
def test_something_else_beside_an_erasure(name: str, at: int) -> None:
    """The erasure happens whole between two remote calls of the other."""
    world, ada, bob = setting(name)
    meanwhile(world, at, lambda: gone(world))
    BESIDE[name](world, ada, bob)
    world.store.pause = lambda: None
    gone(world)  # where the other was over before it came to that
    settled(world)
