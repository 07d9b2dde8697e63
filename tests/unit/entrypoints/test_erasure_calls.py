"""`delete_customer` and `delete_my_data`: who may, whom it is about, what is refused."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from firebase_functions import https_fn

from testing.hosts import item, order, user
from testing.world import World
from tests.unit.entrypoints import test_dispatch as test_calls
from tests.unit.entrypoints.test_dispatch import call

ADMIN: dict[str, object] = {"crm": "admin", "email_verified": True}


def person(email: str = "ada@example.com", **claims: object) -> dict[str, object]:
    return {"email": email, "email_verified": True, "auth_time": time.time(), **claims}


@pytest.fixture
def world() -> World:
    return World()


def refused(
    name: str, asked: object, world: World, claims: dict[str, object], uid: str = "staff"
) -> tuple[str, str]:
    code, reason, _ = test_calls.refused(name, asked, world=world, claims=claims, uid=uid)
    return code, reason


def test_an_admin_erases(world: World) -> None:
    world.put_order("o1", order())
    asked = {"email": "Ada@Example.com", "reason": "asked by letter"}
    answer = call("delete_customer", asked, world, ADMIN)
    assert set(answer) == {"erasureId", "status", "report"}
    assert answer["status"] == "done"
    assert answer["report"]["retained"][0]["until"].endswith("Z")
    assert world.customers() == []
    assert call("delete_customer", asked, world, ADMIN) == answer
    (entry,) = world.store.all("crmAudit").values()
    assert entry["actor"] == world.runner.keys.user("staff")


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_nobody_but_an_admin_erases(world: World, role: str) -> None:
    asked = {"email": "nobody@example.com", "reason": "x"}
    assert refused("delete_customer", asked, world, {"crm": role, "email_verified": True}) == (
        "permission-denied",
        "role",
    )


BAD: list[tuple[dict[str, Any], str]] = [
    ({"email": "a@x.com"}, "missing-key"),
    ({"reason": "x"}, "who"),
    ({"email": "a@x.com", "userId": "u", "reason": "x"}, "who"),
    ({"email": "a@x.com", "reason": ""}, "value-invalid"),
    ({"email": "a@x.com", "reason": " \n"}, "value-invalid"),
    ({"email": "a@x.com", "reason": "x" * 501}, "value-invalid"),
    ({"email": "a@x.com", "reason": 7}, "value-invalid"),
    ({"email": "a@x.com", "reason": "x\x00"}, "text-invalid"),
    ({"email": "a@x.com", "reason": "mail to a@x.com"}, "reason-personal"),
    ({"email": "a@x.com", "reason": "call +49 (30) 123-456"}, "reason-personal"),
    ({"email": "a@x.com", "reason": "x", "force": "yes"}, "value-invalid"),
    ({"email": "a@x.com", "reason": "x", "dryRun": True}, "unknown-key"),
    ({"email": "a@@x.com", "reason": "x"}, "email-invalid"),
    ({"customerId": "a/b", "reason": "x"}, "id-invalid"),
]


@pytest.mark.parametrize(("asked", "reason"), BAD)
def test_bad_requests_are_refused_before_any_read(
    world: World, asked: dict[str, Any], reason: str
) -> None:
    assert refused("delete_customer", asked, world, ADMIN) == ("invalid-argument", reason)
    assert world.store.reads == 0


def test_nobody_is_not_found(world: World) -> None:
    asked = {"email": "nobody@example.com", "reason": "x"}
    assert refused("delete_customer", asked, world, ADMIN) == ("not-found", "no-such-customer")


def test_a_person_erases_their_own_and_nobody_elses(world: World) -> None:
    world.put_user("me", user())
    world.put_order("mine", order())
    world.put_order("theirs", order("bob@example.com"))
    world.accounts.of = {"me": "ada@example.com"}
    answer = call("delete_my_data", None, world, person(), uid="me")
    assert answer["status"] == "done"
    assert world.the_customer()["emails"] == ["bob@example.com"]
    assert world.accounts.of == {}
    assert call("delete_my_data", None, world, person(), uid="me") == answer


def test_a_guest_who_signed_in_erases_the_orders_of_the_verified_address(world: World) -> None:
    world.put_order("o1", order())
    world.accounts.of = {"me": "ada@example.com"}
    call("delete_my_data", None, world, person(), uid="me")
    assert world.customers() == []
    assert world.accounts.of == {}


def test_an_address_that_another_user_has_proven_is_theirs(world: World) -> None:
    world.put_user("other", user())
    claims = person()
    expected = ("not-found", "no-such-customer")
    assert refused("delete_my_data", None, world, claims, uid="me") == expected
    assert len(world.customers()) == 1


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        (person(email_verified=False), "address-not-verified"),
        (person(auth_time=time.time() - 3600), "recent-sign-in"),
        (person(auth_time=None), "recent-sign-in"),
        ({**ADMIN, "email_verified": True}, "recent-sign-in"),
    ],
)
def test_only_the_person_at_the_keyboard(
    world: World, claims: dict[str, object], reason: str
) -> None:
    world.put_user("me", user())
    assert refused("delete_my_data", None, world, claims, uid="me") == ("permission-denied", reason)
    assert len(world.customers()) == 1


def held(world: World, name: str, asked: object, claims: dict[str, object]) -> Any:
    uid = "me" if name == "delete_my_data" else "staff"
    with pytest.raises(https_fn.HttpsError) as error:
        call(name, asked, world, claims, uid=uid)
    assert error.value.code.value == "failed-precondition"
    return error.value.details


def test_strangers_free_tickets_do_not_keep_a_person_from_erasing_themselves(
    world: World,
) -> None:
    later = world.store.now() + timedelta(days=2000)
    world.put_user("me", user())
    for name, event in (("s1", "trap"), ("s2", "trap"), ("s3", "trap-2")):
        bought = [item(event, eventStartsAt=later)]
        world.put_order(name, order(total="0", items=bought, name="Stranger"))
    details = held(world, "delete_my_data", None, person())
    assert details == {
        "reason": "held",
        "events": ["trap", "trap-2"],
        "freeEvents": ["trap", "trap-2"],
        "confirmHelps": True,
    }
    assert held(world, "delete_my_data", {"confirm": False}, person()) == details
    asked = {"userId": "me", "reason": "asked by letter"}
    assert held(world, "delete_customer", asked, ADMIN) == {**details, "confirmHelps": False}
    assert call("delete_my_data", {"confirm": True}, world, person(), uid="me")["status"] == "done"
    assert world.customers() == []
    assert world.wrong() == []


@pytest.mark.parametrize(
    "paid",
    [
        {"items": [item("concert", eventStartsAt=datetime(2090, 1, 1, tzinfo=UTC))]},
        {"items": [item("trap")]},
        {"items": [item("trap")], "refunded": "49.90", "status": "partially_refunded"},
    ],
    ids=["another event", "the same event, without its time", "given back, and still valid"],
)
def test_a_ticket_with_money_holds_whatever_is_confirmed(
    world: World, paid: dict[str, Any]
) -> None:
    later = world.store.now() + timedelta(days=2000)
    world.put_user("me", user())
    world.put_order("stranger", order(total="0", items=[item("trap", eventStartsAt=later)]))
    world.put_order("mine", order(userId="me", **paid))
    details = held(world, "delete_my_data", {"confirm": True}, person())
    assert details["confirmHelps"] is False
    assert len(details["freeEvents"]) == len(details["events"]) - 1
    assert len(world.customers()) == 1


def test_a_confirmation_is_no_force_and_nobody_elses(world: World) -> None:
    asked = {"userId": "me", "reason": "x", "confirm": True}
    code, reason = refused("delete_customer", asked, world, ADMIN)
    assert (code, reason) == ("invalid-argument", "unknown-key")
    for more in ({"force": True}, {"confirm": "true"}, {"confirm": 1}, {"userId": "other"}):
        code, _ = refused("delete_my_data", more, world, person(), uid="me")
        assert code == "invalid-argument"


def test_a_hold_says_which_events(world: World) -> None:
    later = world.store.now() + timedelta(days=9)
    world.put_user("me", user())
    world.put_order("o1", order(items=[item("later", eventStartsAt=later)]))
    expected = ("failed-precondition", "held")
    assert refused("delete_my_data", None, world, person(), uid="me") == expected
    asked = {"userId": "me", "reason": "asked by letter", "force": True}
    assert call("delete_customer", asked, world, ADMIN)["status"] == "done"
