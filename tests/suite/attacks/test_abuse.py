"""Strangers' orders as a weapon, files that bite, and papers of other people's counters."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from testing.auth import id_token
from testing.hosts import item, order
from testing.patience import eventually
from tests.support.attacking import Client
from tests.support.scene import Scene, Victim

IN_FOUR_YEARS = datetime.now(UTC) + timedelta(days=1_461)


def signed_in(scene: Scene, victim: Victim) -> Client:
    assert victim.person
    return Client(scene.suite, id_token(victim.person), victim.uid, victim.email)


# --- Free tickets --------------------------------------------------------------------------------


@pytest.mark.parametrize("own", [False, True], ids=["by a guest", "by an account"])
def test_a_free_ticket_of_a_stranger_does_not_keep_a_person_from_erasing_themselves(
    scene: Scene, own: bool
) -> None:
    victim = scene.a_user(verified=True)
    attacker = scene.stranger() if own else scene.client()
    ticket = item("for-ever", eventStartsAt=IN_FOUR_YEARS)
    bought = order(victim.email, total=0, items=[ticket], userId=attacker.uid or None)
    scene.attack(attacker, f"orders/a-{victim.mark}", bought)
    person = signed_in(scene, victim)
    first = person.call("delete_my_data")
    assert first.reason == "held"
    assert first.json["error"]["details"]["confirmHelps"] is True
    assert person.call("delete_my_data", confirm=True).data["status"] == "done"
    assert scene.account(victim.uid) is None
    assert scene.customers_with("emails", victim.email) == []


def test_three_free_orders_of_a_thousand_events_leave_room_for_a_paid_concert(
    scene: Scene,
) -> None:
    victim = scene.a_guest()
    for number in range(3):
        items = [item(f"junk-{number}-{one}") for one in range(1_000)]
        bought = order(victim.email, total=0, items=items)
        path = f"orders/junk-{number}-{victim.mark}"
        assert scene.client().set(path, bought).status == 200
        eventually(
            lambda: _has_orders(scene, victim, number + 3)
        )  # by its event: two at once cost more
    path = f"orders/paid-{victim.mark}"
    concert = order(victim.email, items=[item(f"concert-{victim.mark}")], day=400)
    scene.documents.document(path).set(concert)
    scene.settle(path)
    customer = scene.customer(victim.customer_id)
    assert {f"concert-{victim.mark}", f"event-{victim.mark}"} <= set(customer["eventIds"])
    assert customer["totalSpend"] == {"USD": 3 * 4990}


def _has_orders(scene: Scene, victim: Victim, count: int) -> None:
    assert scene.customer(victim.customer_id)["orderCount"] == count


# --- Orders that nobody can read -----------------------------------------------------------------

ODD: dict[str, dict[str, Any]] = {
    "a pseudonym of an erasure": {"email": "erased-x@erased.invalid"},
    "a pseudonym without an id": {"email": "erased-@erased.invalid"},
    "not a number": {"total": float("nan")},
    "infinite": {"total": float("inf")},
    "a map for an address": {"email": {"$ne": None}},
    "a list for a uid": {"userId": None, "email": ["a@example.com"]},
    "items of odd kinds": {"items": [None, 1, "x", {"eventId": {}}, {"quantity": -1}]},
    "a huge number": {"total": 2**62},
    "a refund above the total": {"refunded": "999999.00"},
}


@pytest.mark.parametrize("said", ODD.values(), ids=ODD)
def test_no_order_stops_the_one_behind_it(scene: Scene, said: dict[str, Any]) -> None:
    victim = scene.a_guest()
    bought = order(victim.email, **{key: one for key, one in said.items() if key != "email"})
    bought |= said
    scene.attack(scene.client(), f"orders/odd-{victim.mark}", bought)
    path = f"orders/later-{victim.mark}"
    scene.documents.document(path).set(order(victim.email))
    scene.settle(path)
    customer = scene.customer(victim.customer_id)
    assert customer["totalSpend"] in ({"USD": 3 * 4990}, {"USD": 4 * 4990})  # odd items count


@pytest.mark.parametrize(
    "order_id", ["a b", "\u202ex", "a'b\"c", "%2e%2e", "$where", "\u00fc\u4e2d", "a.b", "x" * 700]
)
def test_an_order_of_any_id_is_an_order(scene: Scene, order_id: str) -> None:
    victim = scene.a_guest()
    scene.attack(scene.client(), f"orders/{order_id} {victim.mark}", order(victim.email))
    assert scene.customer(victim.customer_id)["orderCount"] == 3


# --- A file for a spreadsheet --------------------------------------------------------------------

FORMULAS = [
    "Zoe;=1+1;",
    '=HYPERLINK("https://attacker.example")',
    "Zoe,@SUM(1)",
    "Zoe\t=1+1",
    "Zoe|=cmd",
    "+1",
    "-1+1",
    "\uff1d1+1",
    '"=1+1',
    "Zoe\r\n=1+1",
]


@pytest.mark.parametrize("name", FORMULAS, ids=repr)
def test_no_name_is_a_formula_in_the_file(scene: Scene, name: str) -> None:
    victim = scene.a_guest(marketingOptIn=True)
    bought = order(victim.email, name=name, day=500, items=[item(f"event-{victim.mark}")])
    scene.attack(scene.client(), f"orders/a-{victim.mark}", bought)
    for form in ({}, {"for": "excel"}):
        answer = scene.staff("editor").csv(segment=f"has_ticket:event-{victim.mark}", **form)
        assert answer.status == 200, answer.text
        assert victim.email in answer.text
        for separator in ",;\t|":
            for row in csv.reader(io.StringIO(answer.text, newline=""), delimiter=separator):
                for cell in row:
                    assert not cell.lstrip(' "').startswith(("=", "+", "-", "@", "\uff1d")), cell


# --- Pages of somebody else's --------------------------------------------------------------------


@pytest.fixture(scope="module")
def much(scene: Scene) -> Victim:
    """A user whose archive comes in parts."""
    victim = scene.a_user(verified=True)
    for number in range(5):
        path = f"orders/{victim.mark}-much-{number}"
        bought = order(victim.email, userId=victim.uid, name=victim.name, note="x" * 900_000)
        scene.documents.document(path).set(bought)
        scene.settle(path)
    return victim


def test_a_page_of_an_archive_is_for_whom_it_was_made(scene: Scene, much: Victim) -> None:
    person, admin, another = signed_in(scene, much), scene.staff("admin"), scene.staff("admin")
    own = person.call("export_my_data").data["nextPageToken"]
    by_admin = admin.call("export_customer", customerId=much.customer_id).data["nextPageToken"]
    assert own
    assert by_admin
    stranger = scene.stranger()
    scene.attack(stranger, f"users/{stranger.uid}", {"email": stranger.email})
    scene.attack(stranger, f"orders/{stranger.uid}", order(stranger.email))
    of = {"customerId": much.customer_id}
    other = {"customerId": scene.guest.customer_id}
    tries = {
        "a stranger, own": stranger.call("export_my_data", pageToken=own),
        "a stranger, the admin's": stranger.call("export_my_data", pageToken=by_admin),
        "the person, the admin's": person.call("export_my_data", pageToken=by_admin),
        "an admin, the person's": admin.call("export_customer", **of, pageToken=own),
        "another admin": another.call("export_customer", **of, pageToken=by_admin),
        "another person": admin.call("export_customer", **other, pageToken=by_admin),
        "changed": person.call("export_my_data", pageToken=own[:-3] + "AAA"),
    }
    for name, answer in tries.items():
        assert answer.reason == "page-token", (name, answer.text[:300])
        assert much.found_in([answer.text]) == []
    as_editor = scene.hired("editor").call("export_customer", **of, pageToken=by_admin)
    assert as_editor.reason == "role"
    nobody = scene.client().call("export_my_data", pageToken=own)
    assert nobody.reason == "sign-in"


def test_every_page_is_in_the_audit_trail_and_ends_with_the_session(
    scene: Scene, much: Victim
) -> None:
    admin = scene.staff("admin")
    asked: dict[str, object] = {"customerId": much.customer_id}
    token = admin.call("export_customer", **asked).data["nextPageToken"]
    assert admin.call("export_customer", **asked, pageToken=token).status == 200
    entries = admin.call("list_audit", userId=admin.uid).data["entries"]
    parts = [one["facts"]["part"] for one in entries if "customer.export" in one["action"]]
    assert sorted(parts) == [1, 2]
    scene.end_sessions(admin.uid)
    again = admin.call("export_customer", **asked, pageToken=token)
    assert (again.status, again.reason) == (401, "sign-in")


def test_a_page_of_a_list_is_for_whom_it_was_made(scene: Scene) -> None:
    one, two = scene.staff("viewer"), scene.staff("viewer")
    asked = {"customerId": scene.guest.customer_id, "pageSize": 1}
    token = one.call("list_orders", **asked).data["nextPageToken"]
    other = {"customerId": scene.verified.customer_id, "pageSize": 1}
    for client, said in ((two, asked), (one, other)):
        assert client.call("list_orders", **said, pageToken=token).reason == "page-token"
    assert one.call("list_orders", **asked, pageToken=token).status == 200
