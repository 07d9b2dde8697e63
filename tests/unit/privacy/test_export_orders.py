"""Which orders an archive shows: of those that count for a person, not all are that person's."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from crm.customers.reference import CustomerRef
from crm.privacy.export.archive import export
from testing.hosts import order, user
from testing.world import KEYS, World
from tests.unit.privacy.test_export import SCOPE

ADA = CustomerRef("email", "ada@example.com")


def archive(world: World, who: CustomerRef = ADA) -> dict[str, Any]:
    answer: Any = export(world.runner, SCOPE, who)
    return dict(answer["archive"])


def shown(world: World, who: CustomerRef = ADA) -> dict[str, bool]:
    """The orders that are shown, by their ids, and whether each with its document."""
    return {one["orderId"]: one["document"] is not None for one in archive(world, who)["orders"]}


@pytest.mark.parametrize(
    ("now", "named"),
    [
        ({}, True),
        ({"total": "1.00"}, True),
        ({"email": "ADA@example.com"}, True),
        ({"email": "bob@example.com"}, False),
        ({"email": None}, False),
        ({"email": "no address"}, False),
        ({"userId": "u1"}, False),
        ({"userId": "u2"}, False),
    ],
)
def test_a_guests_order_is_shown_while_it_names_the_guest(now: Any, named: bool) -> None:
    world = World()
    world.put_user("u1", user())
    world.put_order("o1", order())
    world.store.put("orders/o1", order(**({"email": "ada@example.com"} | now)))  # no event yet
    assert shown(world) == {"o1": named}


@pytest.mark.parametrize(
    ("now", "named"),
    [
        ({"note": "x"}, True),
        ({"email": "bob@example.com"}, False),
        ({"userId": "u2"}, False),
        ({"userId": None}, False),
    ],
)
def test_a_users_order_is_shown_while_it_names_both(now: Any, named: bool) -> None:
    world = World()
    world.put_user("u1", user())
    world.put_order("o1", order(userId="u1"))
    world.store.put("orders/o1", order(**({"email": "ada@example.com", "userId": "u1"} | now)))
    assert shown(world, CustomerRef("userId", "u1")) == {"o1": named}


@pytest.mark.parametrize("now", [{"userId": None}, {"userId": "u2"}, {"userId": "visitor"}, {}])
@pytest.mark.parametrize("trust", ["auth", "document"])
def test_an_order_that_its_row_says_a_stranger_signed_in_for_is_left_out(
    trust: str, now: Any
) -> None:
    """Unless it is a visitor's now, of whom Firebase Auth says that nobody can sign in."""
    world = World(trust=trust)
    world.accounts.anonymous.add("visitor")
    world.put_order("o1", order())
    world.put_order("o2", order(userId=None, day=1))
    row = world.store.all("crmOrders")["o2"]
    world.store.put("crmOrders/o2", {**row, "userKey": KEYS.user("stranger")})
    world.store.put("orders/o2", order(**({"userId": "stranger", "day": 1} | now)))
    visits = trust == "auth" and now == {"userId": "visitor"}
    assert shown(world) == ({"o1": True, "o2": False} if visits else {"o1": True})


def test_a_visitors_order_is_the_guests_where_firebase_auth_is_asked() -> None:
    world = World(trust="auth")
    world.accounts.anonymous.add("visitor")
    world.put_order("o1", order(userId="visitor"))
    world.put_order("o2", order(userId="visitor", status="odd"))
    told = archive(world)
    assert [one["orderId"] for one in told["orders"]] == ["o1"]
    assert [one["orderId"] for one in told["unreadOrders"]] == ["o2"]


@pytest.mark.parametrize(("uid", "asked"), [("stranger", ["stranger"]), (None, [])])
def test_firebase_auth_is_asked_for_the_uid_that_an_order_names_now(
    monkeypatch: pytest.MonkeyPatch, uid: str | None, asked: list[str]
) -> None:
    world = World(trust="auth")
    world.put_order("o1", order(userId="stranger"))
    world.store.put("orders/o1", order(userId=uid, note="changed"))  # no event yet
    found: list[str] = []

    def among(uids: Collection[str]) -> set[str]:
        found.extend(one for one in uids if one)
        return set()

    monkeypatch.setattr(world.accounts, "anonymous_among", among)
    assert shown(world) == {}
    assert found == asked


def test_firebase_auth_is_not_asked_where_documents_are_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """There a uid of a document is somebody, whatever account it has."""
    world = World()
    world.put_order("o1", order())
    row = world.store.all("crmOrders")["o1"]
    world.store.put("crmOrders/o1", {**row, "userKey": KEYS.user("u9")})
    asked: list[object] = []
    monkeypatch.setattr(world.accounts, "anonymous_among", asked.append)
    assert shown(world) == {}
    assert asked == []


# --- Orders that nobody could read ----------------------------------------------------------------


@pytest.fixture
def unread() -> World:
    """One by the address, one by the uid, and one by both of a user."""
    world = World()
    world.put_user("u1", user())
    world.put_order("by-address", order(status="odd"))
    world.put_order("by-uid", order(None, userId="u1", total="much"))
    world.put_order("by-both", order(userId="u1", currency="?"))
    world.put_order("bobs", order("bob@example.com", status="odd", name="Bob"))
    world.put_order("read", order())
    return world


def reasons(world: World, who: CustomerRef = ADA) -> dict[str, str]:
    return {one["orderId"]: one["reason"] for one in archive(world, who)["unreadOrders"]}


def test_an_order_nobody_could_read_is_found_by_address_and_uid(unread: World) -> None:
    found = {
        "by-address": "status-unknown",
        "by-both": "currency-unknown",
        "by-uid": "amount-invalid",
    }
    assert reasons(unread) == reasons(unread, CustomerRef("userId", "u1")) == found
    told = {one["orderId"]: one for one in archive(unread)["unreadOrders"]}
    assert {*told["by-uid"]} == {"orderId", "reason", "document"}
    assert told["by-uid"]["document"]["total"] == "much"
    assert told["by-both"]["document"]["currency"] == "?"


@pytest.mark.parametrize(
    ("order_id", "now"),
    [
        ("by-address", order("bob@example.com", status="odd")),
        ("by-address", order(None, status="odd")),
        ("by-uid", order(None, userId="u2", total="much")),
        ("by-both", order("bob@example.com", userId="u1", currency="?")),
    ],
)
def test_one_that_names_somebody_else_by_now_is_left_out(
    unread: World, order_id: str, now: dict[str, Any]
) -> None:
    before = reasons(unread)
    unread.store.put(f"orders/{order_id}", now)  # no event yet
    del before[order_id]
    assert reasons(unread) == before


def test_one_that_is_gone_is_left_out(unread: World) -> None:
    unread.store.delete("orders/by-uid")
    assert {*reasons(unread)} == {"by-address", "by-both"}


def test_a_row_of_nobodys_that_is_in_no_quarantine_is_left_out(unread: World) -> None:
    row = unread.store.all("crmOrders")["by-address"]
    unread.store.put("crmOrders/by-address", {**row, "quarantined": None})
    assert {*reasons(unread)} == {"by-uid", "by-both"}


def test_one_of_another_account_that_names_the_address_is_left_out(unread: World) -> None:
    unread.put_order("strangers", order(userId="u9", status="odd", name="Bob"))
    assert "strangers" not in reasons(unread)


def test_who_has_an_address_alone_or_a_uid_alone_is_found_by_that() -> None:
    world = World(trust="auth")
    world.accounts.of = {"u1": None}
    world.put_user("u1", user(None))
    world.put_order("o1", order(None, userId="u1"))
    world.put_order("odd", order(None, userId="u1", status="odd"))
    world.put_order("guest", order())
    world.put_order("odd-guest", order(status="odd"))
    assert reasons(world, CustomerRef("userId", "u1")) == {"odd": "status-unknown"}
    assert reasons(world) == {"odd-guest": "status-unknown"}
