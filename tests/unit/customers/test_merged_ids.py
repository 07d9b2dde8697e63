"""Old ids while merges are made and undone: who is there is never said to be unknown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from crm.consent.plan import plan_consent
from crm.core.errors import Conflict
from crm.customers.lookup import find_customer
from crm.customers.merged_ids import resolve
from crm.customers.reference import CustomerRef
from crm.db.transaction import Plan
from crm.privacy.erasure.plan import Asked, plan_erasure
from crm.tags.plan import change_of
from crm.tags.tagging import tag_customers
from testing.world import World
from tests.unit.merging.test_merge import guest, merge, refused, unmerge
from tests.unit.merging.test_races import meanwhile


def erase(world: World, customer_id: str) -> None:
    asked = Asked("erasure", "job", customer_id, "asked by letter")
    world.runner.run(lambda tx: plan_erasure(tx, asked))
    world.queue.append(asked.job_id)


def consent(world: World, customer_id: str) -> object:
    return world.runner.run(lambda tx: plan_consent(tx, "call", customer_id, "unsubscribed", None))


def tagged(world: World, customer_id: str) -> None:
    answer = tag_customers(world.runner, [customer_id], change_of(["new"], []))
    assert (answer["updated"], answer["notFound"]) == (1, [])


CALLS: dict[str, Callable[[World, str], Any]] = {
    "looked up": lambda w, one: find_customer(w.runner, CustomerRef("customerId", one)),
    "tagged": tagged,
    "decided": consent,
    "erased": erase,
    "merged": lambda w, one: merge(w, one, w.with_email("cyd@example.com")["id"]),
}


@pytest.mark.parametrize("at", range(6))
@pytest.mark.parametrize("also", ["undone", "merged"])
@pytest.mark.parametrize("name", CALLS)
def test_an_id_is_known_while_its_merge_comes_and_goes(name: str, also: str, at: int) -> None:
    """Between the readings of customer and link one goes and the other comes."""
    world = World()
    ada, bob, _ = (guest(world, who) for who in ("ada", "bob", "cyd"))
    if also == "undone":
        merge_id = merge(world, ada, bob).merge_id
        meanwhile(world, at, lambda: unmerge(world, merge_id))
    else:
        meanwhile(world, at, lambda: merge(world, ada, bob))
    CALLS[name](world, ada)
    world.store.pause = lambda: None
    world.work()
    assert world.wrong() == []


def test_who_was_never_there_is_unknown_for_a_read_more() -> None:
    world = World()
    for name, call in CALLS.items():
        if name not in {"tagged", "merged"}:
            refused(world, "no-such-customer", lambda call=call: call(world, "nobody"))
    guest(world, "cyd")
    refused(world, "no-such-customer", lambda: CALLS["merged"](world, "nobody"))
    answer = tag_customers(world.runner, ["nobody"], change_of(["new"], []))
    assert answer["notFound"] == ["nobody"]


def test_ids_lead_to_one_customer_each() -> None:
    world = World()
    ada, bob, cyd = (guest(world, who) for who in ("ada", "bob", "cyd"))
    first = merge(world, ada, bob).merge_id
    second = merge(world, bob, cyd).merge_id
    plans: list[Any] = []

    def look(tx: Any) -> Any:
        plans.append(resolve(tx, [ada, bob, cyd, "nobody", ada]))
        return Plan([], None)

    world.runner.run(look)
    (found,) = plans
    assert {key: (live.snapshot.id, live.merge_id) for key, live in found.items()} == {
        ada: (cyd, first),
        bob: (cyd, second),
        cyd: (cyd, None),
    }


def test_an_id_that_leads_to_nobody_is_a_reading_torn_by_a_merge() -> None:
    """The customer has moved on since the link was read: it is read again, from the beginning."""
    world = World()
    ada, bob = (guest(world, who) for who in ("ada", "bob"))
    merge(world, ada, bob)
    world.store.delete(f"customers/{bob}")
    for ids in ([ada], [ada, "nobody"], [guest(world, "cyd"), ada]):
        with pytest.raises(Conflict, match="a customer has moved"):
            world.runner.evaluate(partial(resolve, ids=ids))


def test_who_is_live_and_who_is_unknown_need_no_link() -> None:
    world = World()
    ada = guest(world, "ada")
    found = world.runner.evaluate(partial(resolve, ids=["nobody", ada, "no one", ada]))
    assert {key: (one.snapshot.id, one.merge_id) for key, one in found.items()} == {
        ada: (ada, None)
    }
    assert world.runner.evaluate(partial(resolve, ids=[])) == {}
