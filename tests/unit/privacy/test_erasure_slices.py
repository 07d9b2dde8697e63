"""An erasure of many orders by many workers leaves nothing, whatever becomes of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.customers.reference import CustomerRef
from crm.db.collections import ERASURES, JOBS, SLICES
from crm.privacy.erasure import job as steps
from crm.privacy.erasure.erase import erase
from crm.privacy.erasure.reason import WITHHELD
from testing.hosts import order
from testing.world import World
from tests.support.canary import residue
from tests.support.slicing import Turn, Workers, turns
from tests.unit.privacy.test_residue import EMAILS, MINE, a_person, dump, finish, normal

ADA = CustomerRef("email", "ada@example.com")
MANY = 9


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few orders are several slices of several steps."""
    monkeypatch.setattr(steps, "PAGE", 2)
    monkeypatch.setattr(steps, "THREADS", 1)


def buyer(**fields: Any) -> World:
    """Somebody with many orders, some of which nobody could read."""
    world = World()
    for number in range(MANY):
        odd: dict[str, Any] = {"status": "unheard of", "odd": True} if number % 4 == 3 else {}
        world.put_order(f"o{number}", order(day=number, marketingOptIn=True, **{**fields, **odd}))
    world.put_order("bob", order("bob@example.com", name="Bob"))
    return world


def begun(world: World, reason: str = "asked by letter") -> Workers:
    """Ask, and leave all but the first step to workers."""
    answer = erase(world.runner, world.queue.append, ADA, reason=reason, seconds=0)
    assert answer["status"] == "running"
    return Workers(world)


def told(world: World) -> tuple[object, ...]:
    (job,) = world.store.all(JOBS).values()
    (record,) = world.store.all(ERASURES).values()
    return job["state"], job["done"], job["result"], record["state"], record["counts"]


def test_many_orders_are_looked_at_in_slices_and_few_by_one_worker() -> None:
    world = buyer()
    workers = begun(world)
    workers.work()
    assert workers.most > 2
    few = World()
    few.put_order("o1", order())
    alone = begun(few)
    alone.work()
    assert alone.most == 1
    assert told(few)[:4] == ("done", 1, {"orders": 1}, "done")


def test_slices_come_to_what_one_worker_does() -> None:
    alone, together = buyer(), buyer()
    erase(alone.runner, alone.queue.append, ADA, reason="asked by letter")
    begun(together).work()
    assert told(together) == told(alone)
    assert told(together)[0] == "done"
    assert normal(together) == normal(alone)
    assert together.wrong() == []


@settings(max_examples=8)
@given(turns)
def test_nobody_is_half_erased_whoever_dies(plan: list[Turn]) -> None:
    alone, together = buyer(), buyer()
    erase(alone.runner, alone.queue.append, ADA, reason="asked by letter")
    begun(together).work(*plan)
    state, done, *counted = told(together)
    # An order that a dead worker has redacted is found no more, so the next one does not count it.
    assert (state, done, *counted) == ("done", done, *told(alone)[2:])
    assert done == MANY or (isinstance(done, int) and done < MANY and any(one.dies for one in plan))
    assert normal(together) == normal(alone)
    assert together.store.all(SLICES) == {}
    names = [data["name"] for data in together.store.all("orders").values()]
    assert names.count(None) == MANY
    assert together.wrong() == []


@settings(max_examples=5)
@given(turns)
def test_slices_of_a_person_with_everything_leave_nothing(plan: list[Turn]) -> None:
    clean, world = a_person(), a_person()
    finish(clean)
    who = CustomerRef("email", EMAILS[0])
    erase(world.runner, world.queue.append, who, reason="asked by letter", seconds=0)
    Workers(world).work(*plan)
    assert normal(world) == normal(clean)
    assert residue(dump(world), [MINE[0]]) == {}


@settings(max_examples=8)
@given(turns, st.integers(0, MANY - 2))
def test_a_reason_that_names_a_buyer_is_withheld_whichever_slice_finds_it(
    plan: list[Turn], which: int
) -> None:
    """It stands on two orders, not on the newest one: there a call itself would refuse it."""
    world = buyer(name="Ada Lovelace")
    named = order(day=which, name="Countess King")
    world.put_order(f"o{which}", named)
    world.put_order("o0", order(day=0, name="Countess King"))
    begun(world, reason="the countess king asked").work(*plan)
    (record,) = world.store.all(ERASURES).values()
    assert (record["state"], record["reason"]) == ("done", WITHHELD)
    assert {data["name"] for data in world.store.all("orders").values()} == {None, "Bob"}
