"""Somebody comes in without an order, and news are granted to whoever said so."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.campaigns.came_back import mark_unreachable
from crm.consent.plan import plan_unsubscribe
from crm.contacts.arriving import arrive
from crm.contacts.granting import grant_part
from crm.customers.change_set import ChangeSet
from crm.customers.customer import Customer
from crm.customers.decision import Decision
from crm.customers.part import Contact, Entry, Part
from crm.customers.reference import CustomerRef
from crm.db.transaction import Plan, Transaction
from crm.privacy.erasure.erase import erase
from testing.hosts import DAY, order, user
from testing.world import KEYS, World

ADA = "ada@example.com"
ENTRY = Entry("form", "newsletter", DAY, "Ada")
TICK = timedelta(microseconds=1)


def come(world: World, address: str = ADA) -> tuple[str, str, bool]:
    """Have somebody come in; give the customer's id, the part's, and whether both are new."""

    def plan(tx: Transaction) -> Plan[tuple[str, str, bool]]:
        changes = ChangeSet(tx)
        customer, part_id, new = arrive(changes, tx, address, ENTRY)
        return Plan(changes.writes(), (customer.id, part_id, new))

    return world.runner.run(plan)[0].result


def test_who_is_new_is_a_guest_without_orders() -> None:
    world = World()
    customer_id, part_id, new = come(world)
    customer = world.the_customer()
    assert (customer["id"], new) == (customer_id, True)
    assert (customer["primaryEmail"], customer["emails"]) == (ADA, [ADA])
    assert (customer["name"], customer["registered"], customer["orderCount"]) == ("Ada", False, 0)
    assert customer["marketing"] == {"status": "none", "at": None, "source": None}
    assert customer["parts"][part_id]["entry"] == ENTRY.to_data()
    assert world.wrong() == []


def test_who_came_twice_is_one_and_keeps_the_first_entry() -> None:
    world = World()
    first = come(world)
    before = world.the_customer()
    assert come(world) == (*first[:2], False)
    assert world.the_customer() == before


def test_who_has_ordered_stays_as_they_are() -> None:
    world = World()
    world.put_order("o1", order(ADA))
    before = world.the_customer()
    customer_id, part_id, new = come(world)
    assert (customer_id, new, part_id in before["parts"]) == (before["id"], False, True)
    assert world.the_customer() == before


def test_whose_first_order_comes_afterwards_is_the_same_person() -> None:
    world = World()
    customer_id, part_id, _ = come(world)
    world.put_order("o1", order(ADA, name="Ada Byron"))
    customer = world.the_customer()
    assert (customer["id"], customer["name"]) == (customer_id, "Ada Byron")
    assert customer["parts"][part_id]["entry"]["name"] == "Ada"
    world.delete_order("o1")
    assert world.the_customer()["name"] == "Ada", "whoever came in stays without the order"
    assert world.wrong() == []


def test_who_registers_afterwards_is_the_same_person() -> None:
    world = World()
    customer_id, part_id, _ = come(world)
    world.put_user("u1", user(ADA))
    customer = world.the_customer()
    assert world.store.all("crmLinks")[customer_id]["customerId"] == customer["id"]
    assert (customer["registered"], customer["emails"]) == (True, [ADA])
    assert customer["parts"][part_id]["entry"]["by"] == "newsletter"
    world.delete_user("u1")
    assert world.the_customer()["name"] == "Ada"
    assert world.wrong() == []


def test_who_objected_before_any_customer_was_there_still_does() -> None:
    world = World()
    key = KEYS.address(ADA)
    world.put_order("o1", order(ADA))
    world.runner.run(lambda tx: plan_unsubscribe(tx, key))
    world.delete_order("o1")
    assert world.customers() == []
    come(world)
    assert world.the_customer()["marketing"]["status"] == "unsubscribed"


def test_an_erased_persons_address_comes_in_as_somebody_new_who_wants_no_news() -> None:
    world = World()
    world.put_order("o1", order(ADA))
    before = world.the_customer()["id"]
    erase(world.runner, world.queue.append, CustomerRef("email", ADA), reason="asked by letter")
    world.work()
    customer_id, _, new = come(world)
    assert new
    assert customer_id != before
    assert world.the_customer()["marketing"]["source"] == "suppression"
    assert world.the_customer()["marketing"]["status"] == "unsubscribed"


def test_that_no_mail_arrives_is_known_of_who_comes_in() -> None:
    world = World()
    world.put_order("o1", order(ADA))
    mark_unreachable(world.runner, KEYS.address(ADA), world.store.now())
    world.delete_order("o1")
    come(world)
    assert "unreachable" in world.the_customer()["marketing"]
    assert world.wrong() == []


def test_whose_address_somebody_typed_is_reached_by_it_no_more() -> None:
    world = World(trust="auth")
    world.put_user("u1", user("else@example.com"))
    world.put_order("o1", order(ADA, userId="u1"))
    assert world.with_uid("u1")["contactEmail"] == ADA
    come(world)
    assert world.with_uid("u1")["contactEmail"] != ADA
    assert world.with_email(ADA)["userIds"] == []


# --- Granting ------------------------------------------------------------------------------------

GUEST = Part("e-ada", address=ADA)


def on(day: int) -> datetime:
    return DAY + timedelta(days=day)


def granted(*parts: Part, over: bool, day: int = 5, of: int = 0) -> Any:
    customer = Customer("c", DAY, {f"p{n}": replace(one, rank=n) for n, one in enumerate(parts)})
    tx = World().runner.begin()
    found = grant_part(tx, customer, f"p{of}", "form", on(day), {"a": "b"}, over_withdrawal=over)
    if found is None:
        return None
    changed, record = found
    assert (record.identity, record.source) == (parts[of].key, "form")
    assert record.evidence == {"a": "b"}
    decision = changed.parts[f"p{of}"].decision
    assert decision == Decision("subscribed", record.at, "form")
    shown: Any = changed.to_data(on(9), double=True)["marketing"]
    return shown["status"], record.at


def objected(part: Part, day: int) -> Part:
    return replace(part, decision=Decision("unsubscribed", on(day), "unsubscribe"))


@pytest.mark.parametrize("over", [True, False])
def test_who_never_withdrew_is_granted_as_of_then(over: bool) -> None:
    assert granted(GUEST, over=over) == ("subscribed", on(5))
    opted = replace(GUEST, opted_in_at=on(7))
    assert granted(opted, over=over) == ("subscribed", on(5))


@pytest.mark.parametrize("day", [1, 5, 8])
def test_a_list_never_raises_who_withdrew_however_late_the_list_says_it_was(day: int) -> None:
    assert granted(objected(GUEST, day), over=False) is None
    other = objected(replace(GUEST, key="e-b", address=None), day)
    assert granted(GUEST, other, over=False) is None, "through whatever identity"


@pytest.mark.parametrize(("day", "at"), [(1, on(5)), (5, on(5) + TICK), (8, on(8) + TICK)])
def test_who_confirms_now_comes_after_what_was_withdrawn(day: int, at: datetime) -> None:
    assert granted(objected(GUEST, day), over=True) == ("subscribed", at)
    other = objected(replace(GUEST, key="e-b", address=None), day)
    assert granted(GUEST, other, over=True) == ("subscribed", at)


def test_an_objection_to_an_address_that_one_is_only_reached_by_stands_in_the_way() -> None:
    reached = Contact(ADA, DAY, "o1", withdrawn=on(6))
    visitor = Part("u-1", uid="u1", live=True, typed=reached)
    assert granted(visitor, over=False) is None
    assert granted(visitor, over=True) == ("subscribed", on(6) + TICK)
