"""What an erasure answers that finds nobody, or somebody who is gone, and what it leaves then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crm.core.errors import Refusal, Transient
from crm.customers.reference import CustomerRef
from crm.db.retry import RetryPolicy
from crm.merging.merge import plan_merge
from crm.privacy.erasure.erase import erase
from crm.privacy.erasure.reason import OWN
from crm.privacy.own import SignedIn
from testing.hosts import order, user
from testing.world import KEYS, World

ADA = CustomerRef("email", "ada@example.com")
PERSON = SignedIn("u1", "ada@example.com")


def gone(world: World, who: CustomerRef | SignedIn = ADA, **more: Any) -> dict[str, Any]:
    asked = {"reason": OWN if isinstance(who, SignedIn) else "asked", **more}
    return erase(world.runner, world.queue.append, who, **asked)


def acting(world: World, actor: str) -> None:
    world.runner = replace(world.runner, actor=actor)


def refused(world: World, who: CustomerRef | SignedIn, **more: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        gone(world, who, **more)
    return refusal.value.reason


@pytest.mark.parametrize("reason", ["no-such-customer", "reason-personal"])
def test_what_staff_need_not_look_at_is_no_request(reason: str) -> None:
    world = World()
    if reason == "reason-personal":
        world.put_user("u1", user(name="Zebulon Quuxley"))
    assert refused(world, PERSON, reason="Mr Quuxley asked") == reason
    assert world.store.all("crmRequests") == {}
    assert world.store.all("crmAudit") == {}


@pytest.mark.parametrize("who", [PERSON, CustomerRef("userId", "u1")])
def test_only_a_person_who_asks_is_kept_waiting_for_staff(who: Any) -> None:
    world = World()
    world.put_user("u1", user())
    world.put_order("bob", order("bob@example.com", name="Bob"))
    pair = (world.with_email("bob@example.com")["id"], world.with_uid("u1")["id"])
    world.runner.run(lambda tx: plan_merge(tx, *pair))
    if who is PERSON:
        assert refused(world, who) == "merged-by-staff"
    else:
        gone(world, who)
    assert len(world.store.all("crmRequests")) == (who is PERSON)


def test_who_asks_again_is_told_of_the_own_erasure_by_the_uid_or_the_address() -> None:
    world = World()
    acting(world, KEYS.user("u1"))
    world.put_user("u1", user())
    world.put_order("o1", order())
    first = gone(world, PERSON)
    assert gone(world, PERSON) == first
    assert gone(world, SignedIn("u1", "new@example.com")) == first
    assert len(world.store.all("crmErasures")) == 1


def test_who_had_no_document_is_told_of_the_own_erasure_by_the_address() -> None:
    world = World(trust="auth")
    acting(world, KEYS.user("u1"))
    world.accounts.of = {"u1": "ada@example.com"}
    world.put_order("o1", order())
    first = gone(world, PERSON)
    assert gone(world, PERSON) == first
    assert len(world.store.all("crmErasures")) == 1


def test_who_has_the_address_of_somebody_who_was_erased_hears_nothing_of_it() -> None:
    world = World()
    acting(world, KEYS.user("boss"))
    world.put_order("o1", order())
    answer = gone(world)
    acting(world, KEYS.user("u1"))
    assert refused(world, PERSON) == "no-such-customer"
    acting(world, KEYS.user("boss"))
    assert gone(world) == answer
    assert len(world.store.all("crmErasures")) == 1


def test_an_address_that_was_only_written_to_was_never_erased() -> None:
    """As one whose news were objected to, and that is nobody's."""
    world = World()
    world.put_order("o1", order())
    key = KEYS.address("ada@example.com")
    identity = world.store.all("crmIdentities")[key]
    world.store.put(f"crmIdentities/{key}", {**identity, "customerId": None, "partId": None})
    world.store.delete("crmOrders/o1")
    assert refused(world, ADA) == "no-such-customer"
    assert refused(world, CustomerRef("email", "x@y.zz")) == "no-such-customer"


def test_as_many_orders_as_name_nobodys_customer_are_asked_for_once() -> None:
    found = []
    for number in (1, 3):
        world = World()
        for one in range(number):
            world.put_order(f"o{one}", order(status="unheard of", odd=True))
        reads = world.store.reads
        gone(world, seconds=0)
        found.append(world.store.reads - reads)
    assert found[0] == found[1]


def test_the_record_of_an_erasure_that_is_not_there_is_waited_for() -> None:
    """It is never deleted: an answer without it is of another moment."""
    world = World()
    world.put_order("o1", order())
    answer = gone(world)
    world.store.delete(f"crmErasures/{answer['erasureId']}")
    world.runner = replace(world.runner, retry=RetryPolicy(seconds=0))
    with pytest.raises(Transient, match="record of an erasure"):
        gone(world)
