"""What somebody who signs in may have shown and erased: what that person has proven, no more."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import Any, cast

import pytest
from firebase_functions import https_fn

from crm.core.errors import Refusal
from crm.db.transaction import Transaction
from crm.entrypoints.callables.dispatch import answer
from crm.merging.merge import MergePlan, plan_merge
from crm.privacy.own import SignedIn, catch_up, own_parts
from testing.hosts import order, user
from testing.world import KEYS, World

ADA = SignedIn("ada", "ada@example.com")


@pytest.fixture
def world() -> World:
    """Ada, with an account and a document, and Bob, a guest."""
    made = World(trust="auth")
    made.verified["ada"] = ADA.address
    made.put_user("ada", user())
    made.put_order("a1", order(userId="ada"))
    made.put_order("a2", order(day=1))
    made.put_order("b1", order("bob@example.com", name="Bob", phone="+1 555"))
    return made


def call(world: World, name: str, person: SignedIn = ADA) -> Any:
    claims = {"email": person.address, "email_verified": True, "auth_time": time.time()}
    auth = https_fn.AuthData(person.uid, claims)
    request = https_fn.CallableRequest(data=None, raw_request=cast("Any", None), auth=auth)
    done = cast("Any", answer(name, request, lambda: world.services))
    world.work()
    return done


def refused(world: World, name: str, person: SignedIn = ADA) -> tuple[str, str]:
    with pytest.raises(https_fn.HttpsError) as refusal:
        call(world, name, person)
    return refusal.value.code.value, cast("Any", refusal.value.details)["reason"]


def shown(world: World, person: SignedIn = ADA) -> list[str]:
    archive = call(world, "export_my_data", person)["archive"]
    return [one["orderId"] for one in archive["orders"]]


def tag(world: World, ids: list[str]) -> None:
    auth = https_fn.AuthData("staff", {"crm": "editor", "email_verified": True})
    data = {"add": ["VIP"], "customerIds": ids}
    request = https_fn.CallableRequest(data=data, raw_request=cast("Any", None), auth=auth)
    assert cast("Any", answer("tag_customers", request, lambda: world.services))["updated"]


def merged(world: World, source: str, target: str) -> None:
    plan, _ = world.runner.run(
        lambda tx: plan_merge(
            tx,
            world.with_email(source)["id"],
            world.with_email(target)["id"],
            allow_two_users=True,
        )
    )
    assert plan.merge_id


def test_one_has_shown_and_erases_what_is_proven(world: World) -> None:
    assert shown(world) == ["a1", "a2"]
    assert call(world, "delete_my_data")["status"] == "done"
    assert world.the_customer()["emails"] == ["bob@example.com"]
    assert world.accounts.of == {}
    assert world.wrong() == []


@pytest.mark.parametrize("swapped", [False, True])
def test_whom_staff_merged_is_not_shown_and_stops_the_erasure(world: World, swapped: bool) -> None:
    sides = ["bob@example.com", "ada@example.com"]
    merged(world, *(reversed(sides) if swapped else sides))
    tag(world, [one["id"] for one in world.customers()])
    archive = call(world, "export_my_data")["archive"]
    assert [one["orderId"] for one in archive["orders"]] == ["a1", "a2"]
    assert archive["profile"]["emails"] == ["ada@example.com"]
    assert archive["profile"]["orderCount"] == 2
    assert archive["profile"]["name"] == "Ada L."
    assert archive["profile"]["tags"] == archive["tags"] == []
    text = str(archive)
    assert "bob" not in text.casefold()
    assert "+1 555" not in text
    before = world.database
    assert refused(world, "delete_my_data") == ("failed-precondition", "merged-by-staff")
    assert world.database == before


def test_two_users_whom_an_admin_merged_see_each_their_own(world: World) -> None:
    bob = SignedIn("bob", "bob@example.com")
    world.verified["bob"] = bob.address
    world.put_user("bob", user(bob.address, name="Bob"))
    world.put_order("b2", order("typed@example.com", userId="bob"))
    merged(world, bob.address, ADA.address)
    assert shown(world) == ["a1", "a2"]
    assert shown(world, bob) == ["b1", "b2"]
    for person in (ADA, bob):
        assert refused(world, "delete_my_data", person)[1] == "merged-by-staff"


def test_who_proves_the_address_of_a_user_who_is_gone_has_the_addresses_orders_alone(
    world: World,
) -> None:
    world.delete_user("ada")
    world.accounts.of = {"next": ADA.address}
    heir = SignedIn("next", ADA.address)
    world.put_user("next", user(name="Next"))
    assert len(world.customers()) == 2  # one customer with the one who is gone, by the address
    assert shown(world, heir) == ["a2"]
    answered = call(world, "delete_my_data", heir)
    assert answered["status"] == "done"
    assert world.with_uid("ada")["orderCount"] == 1
    assert world.with_uid("ada")["emails"] == []
    assert world.with_uid("ada")["userIds"] == ["ada"]
    assert world.wrong() == []


@pytest.mark.parametrize("document", [None, {}, {"email": "not an address"}, {"email": "x@y.zz"}])
def test_what_the_token_proves_is_proven_whatever_the_document_says(
    world: World, document: dict[str, Any] | None
) -> None:
    bob = SignedIn("bob", "bob@example.com")
    world.verified["bob"] = bob.address
    if document is not None:
        world.put_user("bob", document)
    assert shown(world, bob) == ["b1"]
    assert call(world, "delete_my_data", bob)["status"] == "done"
    assert {*world.accounts.of} == {"ada"}
    assert world.the_customer()["emails"] == ["ada@example.com"]
    assert world.wrong() == []


def test_claiming_links_what_the_token_proves(world: World) -> None:
    world.verified["bob"] = "bob@example.com"
    world.put_user("bob", user("old@example.com", name="Bob"))
    assert call(world, "claim_my_orders", SignedIn("bob", "bob@example.com")) == {"linked": 1}
    assert world.with_uid("bob")["emails"] == ["bob@example.com"]
    identity = world.store.all("crmIdentities")[KEYS.user("bob")]
    assert identity["claimed"] == KEYS.address("old@example.com")
    assert world.resync() is False
    assert world.wrong() == []


def test_catching_up_links_what_the_token_proves_and_nothing_without_a_document(
    world: World,
) -> None:
    bob = SignedIn("bob", "bob@example.com")
    world.verified["bob"] = bob.address
    catch_up(world.runner, bob)
    assert world.with_email(bob.address)["userIds"] == []
    world.store.put("users/bob", user("typed@example.com", name="Bob"))  # no event yet
    catch_up(world.runner, bob)
    assert world.with_uid("bob")["emails"] == [bob.address]
    assert world.with_uid("bob")["orderCount"] == 1


def test_an_address_that_another_user_has_is_nobody_elses(world: World) -> None:
    thief = SignedIn("thief", ADA.address)
    world.put_user("thief", user("own@example.com"))
    assert shown(world, thief) == []
    assert call(world, "claim_my_orders", thief) == {"linked": 0}
    call(world, "delete_my_data", thief)
    assert world.with_uid("ada")["orderCount"] == 2
    assert world.wrong() == []


@pytest.mark.parametrize("name", ["export_my_data", "delete_my_data", "claim_my_orders"])
def test_a_token_that_is_good_no_more_opens_nothing(world: World, name: str) -> None:
    world.accounts.ended.add("ada")
    before = world.database
    assert refused(world, name) == ("unauthenticated", "sign-in")
    assert world.database == before


def test_an_address_that_a_document_alone_had_given_is_not_ones_own() -> None:
    world = World()
    world.put_order("b1", order("bob@example.com"))
    world.put_user("eve", user("bob@example.com"))
    world.put_user("eve", user("eve@example.com"))
    settings = world.runner.settings.model_copy(update={"email_trust": "auth"})
    object.__setattr__(world.runner, "settings", settings)
    world.verified["eve"] = "eve@example.com"
    (owned,) = world.runner.evaluate(lambda tx: own_parts(tx, SignedIn("eve", "eve@example.com")))
    assert {owned.customer.parts[one].address for one in owned.parts} == {None, "eve@example.com"}


def test_a_customer_that_has_moved_hides_no_other_of_the_person() -> None:
    world = World(trust="auth")
    world.verified["ada"] = None
    world.put_user("ada", user())
    world.put_order("a1", order())
    world.store.delete(f"customers/{world.with_uid('ada')['id']}")  # merged by now, and not yet
    (owned,) = world.runner.evaluate(lambda tx: own_parts(tx, ADA))
    assert owned.customer.id == world.with_email(ADA.address)["id"]


def test_of_whom_nothing_is_known_nothing_is_shown() -> None:
    nobody = SignedIn("nobody", "nobody@example.com")
    for name in ("export_my_data", "delete_my_data"):
        assert refused(World(), name, nobody) == ("not-found", "no-such-customer")


def joining(source: str, target: str, tx: Transaction) -> MergePlan:
    return plan_merge(tx, source, target, by_admin=False)


def test_no_editor_makes_a_strangers_data_the_own(world: World) -> None:
    bob, ada = world.with_email("bob@example.com"), world.with_uid("ada")
    editor = replace(world.runner, actor=KEYS.user("ada"))  # signed in as Ada
    for source, target in [(bob["id"], ada["id"]), (ada["id"], bob["id"])]:
        with pytest.raises(Refusal) as refusal:
            editor.run(partial(joining, source, target))
        assert (refusal.value.code, refusal.value.reason) == ("permission-denied", "own-customer")
    world.runner.run(lambda tx: plan_merge(tx, bob["id"], ada["id"], by_admin=False))


def test_two_users_are_merged_by_an_admin_alone(world: World) -> None:
    world.put_user("bob", user("typed@example.com", name="Bob"))
    ids = (world.with_uid("bob")["id"], world.with_uid("ada")["id"])
    with pytest.raises(Refusal) as refusal:
        world.runner.run(lambda tx: plan_merge(tx, *ids, allow_two_users=True, by_admin=False))
    assert refusal.value.reason == "two-users-need-an-admin"
    preview = world.runner.evaluate(lambda tx: plan_merge(tx, *ids, dry_run=True, by_admin=False))
    assert {*preview.stops} == {"two-users", "two-users-need-an-admin"}
