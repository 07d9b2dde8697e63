"""Which parts of a customer are a signed-in person's: by what is stored of each identity."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crm.customers.customer import Customer
from crm.customers.identity import AddressIdentity, UserIdentity
from crm.customers.part import Part
from crm.privacy.own import SignedIn, own_parts
from testing.hosts import DAY
from testing.world import KEYS, World

ADA = SignedIn("u1", "ada@example.com")
U1, U2 = KEYS.user("u1"), KEYS.user("u2")
MAIL, SECOND, BOB = (KEYS.address(f"{name}@example.com") for name in ("ada", "second", "bob"))


def an_address(key: str, owner: str | None = None, customer: str | None = "c") -> AddressIdentity:
    return AddressIdentity(customer, key[:6], owner=owner)


def a_user(uid: str, customer: str | None = "c", *, account: bool = True) -> UserIdentity:
    return UserIdentity(customer, KEYS.user(uid)[:6], uid=uid, known=True, account=account)


PARTS = {
    "p1": Part(U1, 0, uid="u1", live=True),
    "p2": Part(MAIL, 1, address="ada@example.com"),
    "p3": Part(SECOND, 2, address="second@example.com"),
    "p4": Part(BOB, 3, orders=1),  # of an address that went elsewhere, with the orders before
}
GONE = Part(U2, 4, uid="u2")
LIVE = replace(GONE, live=True)


def put(world: World, parts: dict[str, Part], name: str = "c", staff_merges: int = 0) -> None:
    one = Customer(name, DAY, parts, staff_merges=staff_merges)
    world.store.put(f"customers/{name}", one.to_data(DAY, double=False))


def put_identities(world: World, **identities: AddressIdentity | UserIdentity) -> None:
    known = {"u1": U1, "u2": U2, "mail": MAIL, "second": SECOND, "bob": BOB}
    for name, one in identities.items():
        world.store.put(f"crmIdentities/{known[name]}", one.to_data())


def owned(world: World) -> dict[str, set[str]]:
    found = world.runner.evaluate(lambda tx: own_parts(tx, ADA))
    assert all(one.whole == (one.parts == one.customer.parts.keys()) for one in found)
    return {one.customer.id: {*one.parts} for one in found}


@pytest.mark.parametrize(
    ("second", "more", "staff_merges", "account", "mine"),
    [
        # All of it: nobody else is in it.
        (U1, {}, 0, True, "p1 p2 p3 p4"),
        # Staff merged somebody into it: what is proven alone, and nothing that went elsewhere.
        (U1, {}, 1, True, "p1 p2 p3"),
        (None, {}, 1, True, "p1 p2"),
        (U2, {}, 1, True, "p1 p2"),
        # An address in it that nobody, or somebody else, has proven.
        (None, {}, 0, True, "p1 p2"),
        (U2, {}, 0, True, "p1 p2"),
        # Another user in it, there or gone.
        (U1, {"p5": GONE}, 0, True, "p1 p2 p3"),
        (U1, {"p5": LIVE}, 0, True, "p1 p2 p3"),
        # What documents alone had proven is not.
        (U1, {}, 0, False, "p1 p2"),
        (U1, {}, 1, False, "p1 p2"),
    ],
)
def test_in_the_customer_of_the_uid(
    second: str | None, more: dict[str, Part], staff_merges: int, account: bool, mine: str
) -> None:
    world = World(trust="auth")
    put(world, PARTS | more, staff_merges=staff_merges)
    put_identities(
        world,
        u1=a_user("u1", account=account),
        mail=an_address(MAIL, U1),
        second=an_address(SECOND, second),
        bob=an_address(BOB, U2, "elsewhere"),
    )
    assert owned(world) == {"c": {*mine.split()}}


def test_where_documents_are_believed_what_they_prove_is_proven() -> None:
    world = World(trust="document")
    put(world, PARTS)
    put_identities(
        world,
        u1=a_user("u1", account=False),
        mail=an_address(MAIL, U1),
        second=an_address(SECOND, U1),
    )
    assert owned(world) == {"c": {*PARTS}}


@pytest.mark.parametrize(
    ("more", "staff_merges", "mine"),
    [
        ({}, 0, "p2 p4"),
        ({}, 1, "p2"),
        ({"p5": GONE}, 0, "p2"),
        ({"p5": LIVE}, 0, ""),
        ({"p3": PARTS["p3"]}, 0, "p2"),
    ],
)
def test_in_the_customer_of_the_address_alone(
    more: dict[str, Part], staff_merges: int, mine: str
) -> None:
    """An account without a document: the address is its own, unless another user has it."""
    world = World(trust="auth")
    parts = {name: PARTS[name] for name in ("p2", "p4")}
    put(world, parts | more, staff_merges=staff_merges)
    put_identities(world, mail=an_address(MAIL, U2), second=an_address(SECOND, U1))
    assert owned(world) == ({"c": {*mine.split()}} if mine else {})


def test_the_customer_of_the_uid_comes_first_and_one_that_is_both_once() -> None:
    world = World(trust="auth")
    put(world, {"p1": PARTS["p1"]}, "z")
    put(world, {"p2": PARTS["p2"]}, "a")
    put_identities(world, u1=a_user("u1", "z"), mail=an_address(MAIL, None, "a"))
    assert [*owned(world).items()] == [("z", {"p1"}), ("a", {"p2"})]
    put(world, {"p1": PARTS["p1"], "p2": PARTS["p2"]}, "z")
    put_identities(world, mail=an_address(MAIL, U1, "z"))
    assert owned(world) == {"z": {"p1", "p2"}}


@pytest.mark.parametrize(
    ("identities", "mine"),
    [
        ({}, {}),
        ({"u1": a_user("u1", None), "mail": an_address(MAIL, None, None)}, {}),
        ({"u1": a_user("u1", "gone"), "mail": an_address(MAIL)}, {"c": {"p2"}}),
        ({"u1": a_user("u1", "gone")}, {}),
        ({"mail": an_address(MAIL)}, {"c": {"p2"}}),
    ],
)
def test_who_has_no_customer_or_one_that_has_moved(
    identities: dict[str, Any], mine: dict[str, set[str]]
) -> None:
    world = World(trust="auth")
    put(world, {"p2": PARTS["p2"]})
    put_identities(world, **identities)
    assert owned(world) == mine
