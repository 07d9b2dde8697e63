"""By what a person is found, and who else is not shown with that person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.core.errors import Refusal
from crm.customers.customer import Customer
from crm.customers.decision import Decision
from crm.customers.identity import AddressIdentity, UserIdentity
from crm.customers.part import Entry, Part
from crm.customers.reference import CustomerRef
from crm.db.transaction import OPERATOR, SYSTEM
from crm.privacy.own import SignedIn
from crm.privacy.subject import Subject, head, read_subject
from testing.hosts import DAY
from testing.world import KEYS, World

PARTS = {
    "p2": Part("e-ada", address="ada@example.com"),
    "p1": Part("u-ada", uid="u1", live=True),
    "p3": Part("e-gone"),
}


def subject(**identities: dict[str, Any]) -> Subject:
    by_key = {key.replace("_", "-"): identity for key, identity in identities.items()}
    return Subject(Customer("c", DAY, PARTS), {}, ("c", "merged"), by_key)


def test_an_address_that_is_somebody_elses_since_is_no_key_of_the_person() -> None:
    person = subject()
    assert person.part_ids == ("p1", "p2", "p3")
    assert person.users == {"u-ada": "u1"}
    assert person.addresses == {"e-ada": "ada@example.com"}
    assert person.keys == ("e-ada", "u-ada")


@pytest.mark.parametrize(
    ("owner", "proven"), [("u-ada", True), ("u-bob", False), (None, False), ("e-ada", False)]
)
def test_an_address_is_proven_by_a_user_of_the_person(owner: str | None, proven: bool) -> None:
    assert subject(e_ada={"owner": owner}).proven("e-ada") is proven
    assert not subject().proven("e-ada")


@pytest.mark.parametrize(
    ("identity", "another"),
    [
        ({}, False),
        ({"former": {}, "erased": {}}, False),
        ({"former": {"p0": "c", "p9": "merged"}}, False),
        ({"former": {"p0": "c", "p9": "else"}}, True),
        ({"former": {}, "erased": {"p9": "e"}}, True),
    ],
)
def test_an_address_was_another_customers_that_led_elsewhere_or_was_erased(
    identity: dict[str, Any], another: bool
) -> None:
    assert subject(e_ada=identity).had_another_owner("e-ada") is another
    assert not subject().had_another_owner("e-ada")


@pytest.mark.parametrize(
    ("actor", "shown"),
    [
        ("u-ada", "you"),
        ("e-ada", "you"),
        ("u-boss", "staff"),
        ("e-gone", "staff"),
        (SYSTEM, SYSTEM),
        (OPERATOR, OPERATOR),
    ],
)
def test_of_others_no_more_is_told_than_that_they_are_staff(actor: str, shown: str) -> None:
    assert subject().actor(actor) == shown


# --- Whose customers it is read from -------------------------------------------------------------


ADA = SignedIn("u1", "ada@example.com")
U1, MAIL, BOB = KEYS.user("u1"), KEYS.address("ada@example.com"), KEYS.address("bob@example.com")


def customer(name: str, parts: dict[str, Part], **more: Any) -> Customer:
    return Customer(name, more.pop("created_at", DAY), parts, **more)


def put(world: World, one: Customer, updated: int = 0) -> None:
    data = one.to_data(DAY + timedelta(days=updated), double=False)
    world.store.put(f"customers/{one.id}", data)


def put_identities(world: World, uid: str, address: str, owner: str | None = None) -> None:
    """Have Ada's uid and address lead to customers."""
    user = UserIdentity(uid, "x", uid="u1", known=True, account=True)
    world.store.put(f"crmIdentities/{U1}", user.to_data())
    world.store.put(f"crmIdentities/{MAIL}", AddressIdentity(address, "y", owner=owner).to_data())
    world.store.put(f"crmIdentities/{BOB}", AddressIdentity("z", "b").to_data())


def read(world: World, who: CustomerRef | SignedIn = ADA) -> Subject:
    return read_subject(replace(world.runner, store=world.store.at()), who)


OWN = {
    "p5": Part(U1, 5, uid="u1", live=True, user_name="Ada L."),
    "p2": Part("e-old", 2, orders=1),
}
GUEST = {"p9": Part(MAIL, 0, address="ada@example.com", orders=3, counted=3)}


def test_a_customer_that_is_wholly_the_persons_is_read_as_it_is() -> None:
    world = World(trust="auth")
    one = customer("c", OWN | GUEST, tags=("vip",))
    put(world, one, updated=3)
    put_identities(world, "c", "c", U1)
    world.store.put("crmLinks/old", {"customerId": "c", "mergeId": "m"})
    world.store.put("crmLinks/other", {"customerId": "d", "mergeId": "m"})
    found = read(world)
    stored = world.store.all("customers")["c"]
    assert found.customer == replace(one, updated_at=DAY + timedelta(days=3))
    assert found.profile == stored
    assert found.ids == ("c", "old")
    assert found.identities == {
        MAIL: world.store.all("crmIdentities")[MAIL],
        U1: world.store.all("crmIdentities")[U1],
        "e-old": {},
    }
    assert read(world, CustomerRef("customerId", "old")) == found


@pytest.mark.parametrize(("first", "second"), [(-5, 2), (2, -5)])
def test_of_two_customers_one_is_made_with_the_own_parts_and_the_older_date(
    first: int, second: int
) -> None:
    """The uid's comes first; each keeps the order of its parts."""
    world = World(trust="auth")
    made = [DAY + timedelta(days=day) for day in (first, second)]
    put(world, customer("z", OWN, tags=("vip",), created_at=made[0]), updated=first + 1)
    put(world, customer("a", GUEST, tags=("fair", "vip"), created_at=made[1]), updated=second + 1)
    put_identities(world, "z", "a")
    for name, home in (("l1", "z"), ("l2", "a"), ("l3", "x")):
        world.store.put(f"crmLinks/{name}", {"customerId": home, "mergeId": "m"})
    found = read(world)
    assert found.ids == ("z", "a", "l1", "l2")
    ranked = {name: replace(one, rank=0) for name, one in (OWN | GUEST).items()}
    assert {name: replace(one, rank=0) for name, one in found.customer.parts.items()} == ranked
    assert [*found.customer.parts] == ["p2", "p5", "p9"]
    assert [one.rank for one in found.customer.parts.values()] == [0, 1, 2]
    assert replace(found.customer, parts={}) == Customer(
        "z", DAY - timedelta(days=5), {}, ("fair", "vip")
    )
    last = DAY + timedelta(days=3)
    assert found.profile == found.customer.to_data(last, double=False)
    assert found.profile["updatedAt"] == last


@pytest.mark.parametrize(("opt_in", "double"), [("single", False), ("double", True)])
def test_of_a_customer_with_somebody_else_only_the_own_parts_are_read_and_no_tags(
    opt_in: str, double: bool
) -> None:
    """What staff noted of both is left to them to give."""
    world = World(trust="auth", settings={"newsletter": {"opt_in": opt_in}})
    bob = {"b": Part(BOB, 1, address="bob@example.com", orders=1)}
    opted = {name: replace(one, opted_in_at=DAY) for name, one in GUEST.items()}
    put(world, customer("c", OWN | opted | bob, tags=("vip",), staff_merges=1, merges=("m",)))
    put(world, customer("d", {}, tags=("other",)))
    put_identities(world, "c", "c", U1)
    found = read(world)
    assert found.ids == ("c",)
    assert [*found.customer.parts] == ["p9", "p5"]
    assert found.customer.tags == ()
    assert found.customer.staff_merges == 1
    assert found.profile == found.customer.to_data(DAY, double=double)
    assert {*found.identities} == {MAIL, U1}
    assert (found.profile["marketing"]["status"] == "subscribed") is not double


def test_of_whom_nothing_is_known_there_is_nobody() -> None:
    for who in (ADA, CustomerRef("userId", "u1")):
        with pytest.raises(Refusal) as refusal:
            read(World(), who)
        assert (refusal.value.code, refusal.value.reason) == ("not-found", "no-such-customer")


# --- What is told of each identity ---------------------------------------------------------------


def told(person: Subject, who: CustomerRef | SignedIn | None = None) -> dict[str, Any]:
    world = World()
    world.accounts.of = {"u1": None, "u2": "x@y.zz"}
    frozen = replace(world.runner, store=world.store.at())
    return head(frozen, who or CustomerRef("customerId", "c"), person)


def test_an_identity_tells_how_it_came_in_and_when_it_was_last_asked() -> None:
    """Of several parts with one key the first that came in so, and the last time of all."""
    first = Entry("import", "i1", DAY, "Ada")
    late = DAY + timedelta(days=2)
    parts = {
        "p1": Part("e-ada", orders=2, asked_at=late),
        "p2": Part("e-ada", address="ada@example.com", entry=first, asked_at=DAY, orders=3),
        "p3": Part("e-ada", entry=Entry("form", "f", late)),
        "p4": Part("u-ada", uid="u1", entry=Entry("form", "newsletter", late), orders=1),
        "p5": Part("e-bob", address="bob@example.com"),
    }
    person = Subject(Customer("c", DAY, parts), {}, ("c",), {})
    mine, ada, bob = told(person)["identities"]
    at, later = "2024-03-01T12:00:00Z", "2024-03-03T12:00:00Z"
    assert ada["entry"] == {"source": "import", "by": "i1", "at": at, "name": "Ada"}
    assert (ada["askedAt"], ada["orders"]) == (later, 5)
    entry = {"source": "form", "by": "newsletter", "at": later, "name": None}
    assert (mine["entry"], mine["askedAt"], mine["orders"]) == (entry, None, 1)
    assert (bob["entry"], bob["askedAt"], bob["orders"]) == (None, None, 0)


def test_an_identity_tells_the_first_decision_that_holds_for_it() -> None:
    late = DAY + timedelta(days=2)
    parts = {
        "p1": Part("e-ada"),
        "p2": Part("e-ada", address="a@b.c", opted_in_at=DAY),
        "p3": Part("u-ada", uid="u1", decision=Decision("unsubscribed", late, "staff")),
        "p4": Part("e-ada", decision=Decision("unsubscribed", late, "staff")),
    }
    person = Subject(Customer("c", DAY, parts), {}, ("c",), {})
    mine, ada = told(person)["identities"]
    assert ada["marketing"] == {
        "status": "subscribed",
        "at": "2024-03-01T12:00:00Z",
        "source": "order",
    }
    assert mine["marketing"] == {
        "status": "unsubscribed",
        "at": "2024-03-03T12:00:00Z",
        "source": "staff",
    }


def test_an_identity_that_is_not_stored_any_more_is_told_by_its_key_alone() -> None:
    mine, ada = told(subject())["identities"]
    unknown = {"entry": None, "askedAt": None, "orders": 0, "marketing": None}
    assert mine == {
        **unknown,
        "kind": "user",
        "userId": "u1",
        "name": None,
        "live": False,
        "conflict": False,
        "quarantined": None,
        "account": False,
        "fields": {},
    }
    assert ada == {
        **unknown,
        "kind": "address",
        "address": "ada@example.com",
        "proven": False,
        "suppressed": None,
        "unreachable": None,
    }


def test_a_users_identity_is_told_as_it_is_stored() -> None:
    stored = {
        "name": "Ada",
        "live": True,
        "conflict": True,
        "quarantined": "email-invalid",
        "account": True,
        "fields": {"since": DAY},
    }
    mine, _ = told(subject(u_ada=stored))["identities"]
    assert {name: mine[name] for name in stored} == {
        **stored,
        "fields": {"since": "2024-03-01T12:00:00Z"},
    }


def test_accounts_are_those_of_the_uids_and_of_whoever_asks() -> None:
    def uids(who: CustomerRef | SignedIn | None = None) -> list[str]:
        return [one["userId"] for one in told(subject(), who)["accounts"]]

    assert uids() == ["u1"]
    assert uids(SignedIn("u2", "x@y.zz")) == ["u1", "u2"]
    assert uids(SignedIn("u1", "x@y.zz")) == ["u1"]
    assert uids(SignedIn("nobody", "x@y.zz")) == ["u1"]
