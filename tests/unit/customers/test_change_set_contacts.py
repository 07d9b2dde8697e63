"""Addresses and the users who are to be reached by them hear of each other in one commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.core.errors import Conflict
from crm.customers.change_set import ChangeSet
from crm.customers.customer import Customer
from crm.customers.identity import MAX_CONTACTS, AddressIdentity
from crm.customers.part import Contact
from crm.db.documents import Create, Write
from crm.db.transaction import Transaction
from testing.hosts import DAY, user
from testing.world import KEYS, World
from tests.unit.customers.test_change_set import ADA, BOB, planned


@pytest.fixture
def claiming() -> World:
    """Three users who claim an address that nobody has proven."""
    world = World(trust="auth")
    for uid in ("u1", "u2", "u3"):
        world.verified[uid] = None
        world.put_user(uid, user("ada@example.com"))
    return world


USERS = ("u1", "u2", "u3")


def customers_of(world: World, uids: Sequence[str]) -> list[str]:
    return [world.with_uid(uid)["id"] for uid in uids]


def contacts(world: World) -> list[Contact | None]:
    """What the customers of the users know of the address that they claim."""
    found = [Customer.from_data("c", world.with_uid(uid)) for uid in USERS]
    return [part.claimed for one in found for part in one.parts.values()]


def test_users_who_claim_an_address_hear_what_becomes_of_it(claiming: World) -> None:
    address = "ada@example.com"
    later = DAY + timedelta(days=1)
    identity = claiming.store.all("crmIdentities")[ADA]
    assert identity["contacts"] == sorted(KEYS.user(uid) for uid in USERS)
    assert contacts(claiming) == [Contact(address)] * 3

    def told(**news: Any) -> tuple[list[Write], list[list[str]]]:
        def plan(changes: ChangeSet, _: Transaction) -> list[Write]:
            known = changes.address(ADA)
            assert known is not None
            changes.put_identity(ADA, replace(known, **news))
            return changes.writes()

        writes, reads = planned(claiming, plan)
        claiming.store.commit(writes)
        return writes, reads

    writes, reads = told(suppressed=DAY, unreachable=later)
    assert contacts(claiming) == [Contact(address, withdrawn=DAY, unreachable=later)] * 3
    assert [len(some) for some in reads] == [1, 3, 3], "the address; its users; their customers"
    assert len(writes) == 1 + 3
    writes, reads = told(suppressed=DAY)
    assert (len(writes), reads) == (1, [[f"crmIdentities/{ADA}"]]), "nothing new for anybody"
    told(customer_id="somebody", part_id="p", suppressed=None)
    assert contacts(claiming) == [Contact(address, free=False, unreachable=later)] * 3


def test_a_user_whose_part_has_moved_meanwhile_is_a_conflict(claiming: World) -> None:
    (path,) = (f"customers/{one}" for one in customers_of(claiming, ["u2"]))
    claiming.store.put(path, {**claiming.store.read([path])[path].fields, "parts": {}})

    def plan(changes: ChangeSet, _: Transaction) -> None:
        known = changes.address(ADA)
        assert known is not None
        changes.put_identity(ADA, replace(known, suppressed=DAY))
        changes.writes()

    with pytest.raises(Conflict, match=r"part \w+ has moved"):
        planned(claiming, plan)


def test_whoever_an_address_has_no_room_for_is_not_reached_by_it() -> None:
    """It would hear of nothing that becomes of the address."""
    world = World(trust="auth")
    full = tuple(f"u1-{number:02}" for number in range(MAX_CONTACTS))
    identity = AddressIdentity(suppressed=DAY, unreachable=DAY, contacts=full)
    world.store.put(f"crmIdentities/{ADA}", identity.to_data())
    world.verified["u1"] = None
    world.put_user("u1", user("ada@example.com"))
    (part,) = Customer.from_data("c", world.with_uid("u1")).parts.values()
    assert part.claimed == Contact("ada@example.com", free=False, withdrawn=DAY, unreachable=DAY)
    assert world.the_customer()["contactEmail"] is None
    assert world.store.all("crmIdentities")[ADA] == identity.to_data()


def test_who_claims_another_address_is_told_of_that_and_of_the_old_one_no_more(
    claiming: World,
) -> None:
    key = KEYS.user("u2")
    claiming.put_user("u2", user("bob@example.com"))
    identities = claiming.store.all("crmIdentities")
    assert identities[ADA]["contacts"] == sorted(KEYS.user(uid) for uid in ("u1", "u3"))
    assert identities[BOB]["contacts"] == [key]
    claiming.put_user("u2", user(None))
    assert BOB not in claiming.store.all("crmIdentities")
    assert contacts(claiming) == [Contact("ada@example.com"), None, Contact("ada@example.com")]


def test_who_claims_an_address_too_changes_nothing_for_the_others(claiming: World) -> None:
    before = [claiming.with_uid(uid) for uid in USERS]
    claiming.verified["u4"] = None
    claiming.put_user("u4", user("ada@example.com"))
    assert len(claiming.store.all("crmIdentities")[ADA]["contacts"]) == 4
    assert [claiming.with_uid(uid) for uid in USERS] == before


def test_an_address_that_has_forgotten_a_user_is_told_again(claiming: World) -> None:
    key = KEYS.user("u2")
    (customer_id,) = customers_of(claiming, ["u2"])
    whole = claiming.store.all("crmIdentities")[ADA]
    others = [one for one in whole["contacts"] if one != key]
    claiming.store.put(f"crmIdentities/{ADA}", {**whole, "contacts": others, "suppressed": DAY})

    def written(again: bool) -> list[str]:
        def plan(changes: ChangeSet, _: Transaction) -> list[Write]:
            changes.put_customer(changes.customer(customer_id))
            if again:
                changes.tell_again(key)
            return changes.writes()

        writes, _ = planned(claiming, plan)
        claiming.store.commit(writes)
        return sorted(one.path for one in writes)

    assert written(again=False) == [f"customers/{customer_id}"]
    assert f"crmIdentities/{ADA}" in written(again=True)
    assert claiming.store.all("crmIdentities")[ADA]["contacts"] == whole["contacts"]
    assert contacts(claiming) == [Contact("ada@example.com", withdrawn=DAY)] * 3


def test_the_addresses_that_a_user_is_to_be_reached_by_are_read_together() -> None:
    world = World(trust="auth")
    world.verified["u1"] = None
    world.put_user("u1", user(None))
    (customer_id,) = customers_of(world, ["u1"])
    key = KEYS.user("u1")
    typed = Contact("ada@example.com", DAY, "o1")
    claimed = Contact("bob@example.com")

    def plan(changes: ChangeSet, _: Transaction) -> list[Write]:
        customer = changes.customer(customer_id)
        ((part_id, part),) = customer.parts.items()
        part = replace(part, typed=typed, claimed=claimed)
        changes.put_customer(customer.with_part(part_id, part))
        return changes.writes()

    writes, (first, second, *more) = planned(world, plan)
    assert first == [f"customers/{customer_id}"]
    assert sorted(second) == sorted([f"crmIdentities/{ADA}", f"crmIdentities/{BOB}"])
    assert more == [[f"crmIdentities/{key}"]]
    told = AddressIdentity(contacts=(key,)).to_data()
    made = [one for one in writes if isinstance(one, Create)]
    assert sorted(made, key=lambda one: one.path) == [Create(path, told) for path in sorted(second)]


@pytest.mark.parametrize(
    ("customer_id", "stays"), [("elsewhere", True), (None, False), ("here", False)]
)
def test_a_user_whose_customer_goes_is_told_of_an_address_while_it_has_another(
    claiming: World, customer_id: str | None, stays: bool
) -> None:
    (here,) = customers_of(claiming, ["u1"])
    key = KEYS.user("u1")
    path = f"crmIdentities/{key}"
    home = here if customer_id == "here" else customer_id
    claiming.store.put(path, {**claiming.store.read([path])[path].fields, "customerId": home})

    def plan(changes: ChangeSet, _: Transaction) -> list[Write]:
        changes.customer(here)
        changes.drop_customer(here)
        return changes.writes()

    claiming.store.commit(planned(claiming, plan)[0])
    assert (key in claiming.store.all("crmIdentities")[ADA]["contacts"]) is stays
    assert here not in claiming.store.all("customers")
