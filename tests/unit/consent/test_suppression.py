"""A withdrawal outlives the customer: the next one of the address begins with it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.customers.customer import Customer
from crm.customers.decision import UNSUBSCRIBED, Decision
from crm.customers.identity import AddressIdentity
from testing.hosts import DAY, order, user
from testing.world import KEYS, World

LATER = DAY + timedelta(days=5)
PATH = f"crmIdentities/{KEYS.address('ada@example.com')}"


@pytest.fixture
def world() -> World:
    return World()


def suppress(world: World, at: datetime) -> None:
    identity = AddressIdentity.from_data(world.store.read([PATH])[PATH].fields)
    world.store.put(PATH, identity.suppress(at).to_data())


def withdraw(world: World, customer_id: str) -> None:
    """On each part, as any withdrawal."""
    path = f"customers/{customer_id}"
    customer = Customer.from_data(customer_id, world.store.read([path])[path].fields)
    decision = Decision(UNSUBSCRIBED, LATER, "unsubscribe")
    for part_id, part in customer.parts.items():
        customer = customer.with_part(part_id, replace(part, decision=decision))
    world.store.put(path, customer.to_data(world.store.now(), double=False))


def marketing(world: World) -> Any:
    return world.the_customer()["marketing"]


def suppressed(world: World, email: str = "ada@example.com") -> Any:
    data = world.store.all("crmIdentities").get(KEYS.address(email))
    return data and data["suppressed"]


def test_the_last_withdrawal_counts() -> None:
    first = AddressIdentity().suppress(LATER)
    assert first.suppressed == LATER
    assert first.suppress(DAY) == first
    assert first.suppress(None) == first
    assert AddressIdentity().suppress(None) == AddressIdentity()


def test_an_identity_from_before_there_was_suppression_is_read() -> None:
    data = AddressIdentity("c", "p").to_data()
    del data["suppressed"]
    assert AddressIdentity.from_data(data) == AddressIdentity("c", "p")


def test_a_withdrawal_outlives_its_customer(world: World) -> None:
    world.put_order("o1", order(marketingOptIn=True))
    withdraw(world, world.the_customer()["id"])
    world.delete_order("o1")
    assert world.customers() == []
    assert suppressed(world) == LATER
    world.put_order("o2", order(marketingOptIn=True, day=4))
    assert marketing(world) == {"status": "unsubscribed", "at": LATER, "source": "suppression"}
    assert world.resync() is False
    assert world.wrong() == []


def test_every_address_of_a_customer_that_disappears_is_suppressed(world: World) -> None:
    world.put_user("u1", user("old@example.com"))
    world.put_user("u1", user("ada@example.com"))
    withdraw(world, world.the_customer()["id"])
    world.delete_user("u1")
    assert world.customers() == []
    assert suppressed(world) == suppressed(world, "old@example.com") == LATER


def test_without_a_withdrawal_nothing_stays(world: World) -> None:
    world.put_order("o1", order(marketingOptIn=True))
    world.delete_order("o1")
    assert world.store.all("crmIdentities") == {}


@pytest.mark.parametrize("day", [5, 6])
def test_an_order_grants_nothing_over_a_suppression(world: World, day: int) -> None:
    world.put_order("o1", order())
    suppress(world, LATER)
    world.delete_order("o1")
    world.put_order("o2", order(marketingOptIn=True, day=day))
    assert marketing(world)["status"] == "unsubscribed"
    assert marketing(world).get("pending", False) is (day == 6)


def test_a_user_who_proves_a_suppressed_address_begins_unsubscribed(world: World) -> None:
    world.put_order("o1", order())
    suppress(world, LATER)
    world.delete_order("o1")
    world.put_user("u1", user())
    assert marketing(world) == {"status": "unsubscribed", "at": LATER, "source": "suppression"}


def test_a_suppressed_alias_that_another_user_proves_stays_suppressed(world: World) -> None:
    world.put_user("u1", user("ada@example.com"))
    world.put_user("u1", user("new@example.com"))
    suppress(world, LATER)
    world.put_user("u2", user("ada@example.com"))
    assert world.with_uid("u2")["marketing"]["status"] == "unsubscribed"
    assert world.with_uid("u1")["marketing"]["status"] == "none"
