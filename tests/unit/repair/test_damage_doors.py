"""Damaged documents at every door: a call and an event mend them, or say that they are damaged."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, Final, cast

import pytest
from firebase_functions import https_fn

from crm.entrypoints.callables.dispatch import answer
from crm.entrypoints.rate_limit import RateLimit
from crm.entrypoints.triggers.events import deliver, healed
from crm.repair.rebuild import rebuild
from crm.repair.verify import verify
from testing.answers import of_damaged_documents
from testing.hosts import order, user
from testing.world import World
from tests.support.damage import MISSING, Damage, all_damages, damaged, shop

ADMIN: Final[Mapping[str, object]] = {"crm": "admin", "email_verified": True}

DAMAGED: Final = ("failed-precondition", "damaged")


@pytest.fixture(autouse=True)
def _damaged_answers() -> Iterator[None]:
    with of_damaged_documents():
        yield


def customer(name: str) -> str:
    return str(shop().with_email(f"{name}@example.com")["id"])


def call(name: str, data: object, world: World) -> Any:
    """The result of a call; the code and reason of one that is refused."""
    auth = https_fn.AuthData("staff", dict(ADMIN))
    request = https_fn.CallableRequest(data=data, raw_request=cast("Any", None), auth=auth)
    try:
        return answer(name, request, lambda: world.services, RateLimit())
    except https_fn.HttpsError as error:
        return error.code.value, cast("Any", error.details)["reason"]


def calls(of: str) -> list[tuple[str, dict[str, Any]]]:
    """Every call that is about one customer."""
    other = next(one for one in (customer("eve"), customer("dan")) if one != of)
    return [
        ("get_customer", {"customerId": of}),
        ("list_orders", {"customerId": of}),
        ("export_customer", {"customerId": of}),
        ("set_consent", {"customerId": of, "status": "unsubscribed"}),
        ("tag_customers", {"customerIds": [of], "add": ["new"]}),
        ("merge_customers", {"sourceId": other, "targetId": of, "allowTwoUsers": True}),
        ("delete_customer", {"customerId": of, "reason": "asked by letter", "force": True}),
    ]


LOST = [
    *("merges", "parts", "tags", "facets", "createdAt", "updatedAt", "marketing", "events"),
    *("totalSpend", "search", "userIds", "primaryEmail"),
]


@pytest.mark.parametrize("field", LOST)
@pytest.mark.parametrize("value", [MISSING, 17], ids=["missing", "17"])
def test_a_customer_without_a_field_is_answered_for(field: str, value: object) -> None:
    eve = customer("eve")
    for name, data in calls(eve):
        world = damaged(Damage("customers", field, eve, (field,), "", value))
        answered = call(name, data, world)
        assert isinstance(answered, dict), (name, answered)
        world.work()
        assert verified(world) == [], name


def test_a_call_that_had_to_mend_says_so_in_the_log_and_names_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    eve = customer("eve")
    world = damaged(Damage("customers", "parts", eve, ("parts",), "", MISSING))
    assert isinstance(call("export_customer", {"customerId": eve}, world), dict)
    assert "export_customer was done again: KeyError" in caplog.text
    assert "eve@" not in caplog.text


def verified(world: World) -> list[tuple[str, str]]:
    assert rebuild(world.runner, threads=1).failed == []
    return list(verify(world.runner))


def test_a_customer_without_merges_is_erased_in_full() -> None:
    eve = customer("eve")
    world = damaged(Damage("customers", "merges", eve, ("merges",), "missing", MISSING))
    assert isinstance(call(*calls(eve)[-1], world), dict)
    world.work()
    assert eve not in world.store.all("customers")
    assert "eve@example.com" not in str(
        [world.store.all(one) for one in ("customers", "crmOrders", "orders", "crmConsents")]
    )


SOME: Final = 25


def test_no_damage_of_whatever_a_call_reads_is_a_defect() -> None:
    """One that nothing knows is said to be one: `failed-precondition`, `damaged`."""
    some = [
        one
        for one in all_damages()
        if one.collection in ("customers", "crmIdentities", "crmOrders", "crmMerges", "crmTags")
    ]
    random.Random(2).shuffle(some)
    for one in some[:SOME]:
        of = one.name if one.collection == "customers" else customer("bob")
        for name, data in calls(of):
            answered = call(name, data, damaged(one))
            assert isinstance(answered, dict) or answered == DAMAGED, (str(one), name, answered)


def test_a_customer_that_is_gone_comes_back_where_a_call_meets_its_address() -> None:
    before = shop().with_email("eve@example.com")
    for name, more in (
        ("get_customer", {}),
        ("export_customer", {}),
        ("delete_customer", {"reason": "asked by letter"}),
    ):
        world = damaged()
        world.store.delete(f"customers/{before['id']}")
        answered = call(name, {"email": "eve@example.com", **more}, world)
        assert isinstance(answered, dict), (name, answered)
        if name == "get_customer":
            assert answered["customer"]["orderCount"] == before["orderCount"]
            assert answered["customer"]["marketing"]["status"] == "unsubscribed"


def test_a_customer_that_is_gone_is_not_found_by_its_id() -> None:
    eve = customer("eve")
    for name, data in calls(eve):
        world = damaged()
        world.store.delete(f"customers/{eve}")
        answered = call(name, data, world)
        found = isinstance(answered, dict) and name == "tag_customers"  # counts whom it met
        assert found or answered == ("not-found", "no-such-customer"), (name, answered)


def test_a_stray_customer_is_said_to_be_damaged() -> None:
    stray = "s" * 20
    for name, data in calls(stray):
        world = damaged()
        world.store.put(f"customers/{stray}", {"hello": "world"})
        answered = call(name, data, world)
        assert isinstance(answered, dict) or answered == DAMAGED, (name, answered)


# Events


def event(kind: str, name: str) -> Any:
    there = SimpleNamespace(update_time=datetime.now(UTC), to_dict=dict)
    data = SimpleNamespace(before=None, after=there)
    return SimpleNamespace(params={kind: name}, data=data, time=datetime.now(UTC))


def come(world: World, kind: str, name: str) -> None:
    """Deliver an event as `main.py` does."""
    if kind == "orderId":
        again = healed(world.runner, "order")
        deliver(event(kind, name), kind, world.sync.sync_order, world.sync.give_up_order, again)
    else:
        deliver(event(kind, name), kind, world.sync.sync_user, None, healed(world.runner, "user"))


@pytest.mark.parametrize("field", ["merges", "parts", "createdAt", "tags"])
def test_an_order_event_counts_beside_a_damaged_customer(field: str) -> None:
    eve = customer("eve")
    world = damaged(Damage("customers", field, eve, (field,), "missing", MISSING))
    world.store.put("orders/more", order("eve@example.com", day=20))
    come(world, "orderId", "more")
    found = world.with_email("eve@example.com")
    assert found["orderCount"] == shop().with_email("eve@example.com")["orderCount"] + 1
    assert list(verify(world.runner)) == []


def test_an_order_event_brings_a_customer_back_that_is_gone() -> None:
    before = shop().with_email("eve@example.com")
    world = damaged()
    world.store.delete(f"customers/{before['id']}")
    world.store.put("orders/more", order("eve@example.com", day=20))
    come(world, "orderId", "more")
    assert world.with_email("eve@example.com")["orderCount"] == before["orderCount"] + 1


@pytest.mark.parametrize("field", ["name", "proven", "contacts", "quarantined", "version", "uid"])
def test_a_user_event_is_done_beside_a_damaged_identity(field: str) -> None:
    world = damaged()
    key = world.runner.keys.user("u1")
    if field not in world.store.all("crmIdentities")[key]:
        key = world.runner.keys.address("bobby@example.com")
    Damage("crmIdentities", field, key, (field,), "missing", MISSING).do(world.store)
    world.store.put("users/u1", user("bobby@example.com", name="Robert"))
    come(world, "uid", "u1")
    assert world.with_uid("u1")["registered"]
    assert verified(world) == []


def test_a_user_event_brings_a_customer_back_that_is_gone() -> None:
    before = shop().with_uid("u1")
    world = damaged()
    world.store.delete(f"customers/{before['id']}")
    world.store.put("users/u1", user("bobby@example.com", name="Robert"))
    come(world, "uid", "u1")
    assert world.with_uid("u1")["emails"] == before["emails"]
    # What is left: orders of an address that another user has proven since.
    assert verified(world) == []
    assert world.with_uid("u1")["orderCount"] == before["orderCount"]
