"""Whoever has verified no address has rights all the same, and a visitor is no second customer."""

from __future__ import annotations

from typing import Any

import pytest

from testing.auth import id_token
from testing.hosts import order
from tests.support.attacking import Client
from tests.support.scene import Scene, Victim


@pytest.fixture
def buyer(scene: Scene) -> Victim:
    """Registered, never verified, with the uid and the own address on the orders."""
    return scene.a_user(verified=False, marketingOptIn=True)


def test_by_an_unproven_address_nothing_is_half_erased(scene: Scene, buyer: Victim) -> None:
    before = scene.state(buyer)
    admin = scene.hired("admin")
    said: dict[str, dict[str, object]] = {
        "delete_customer": {"email": buyer.email, "reason": "asked by letter"},
        "export_customer": {"email": buyer.email},
    }
    for name, asked in said.items():
        answer = admin.call(name, **asked)
        assert answer.reason == "address-unproven", name
        assert answer.json["error"]["details"]["customerIds"] == [buyer.customer_id]
    assert scene.state(buyer) == before


def test_by_the_id_that_was_named_everything_is_exported_and_erased(
    scene: Scene, buyer: Victim
) -> None:
    admin = scene.hired("admin")
    archive = admin.call("export_customer", customerId=buyer.customer_id).data["archive"]
    assert {one["orderId"] for one in archive["orders"]} == {f"{buyer.mark}-0", f"{buyer.mark}-1"}
    asked = {"customerId": buyer.customer_id, "reason": "asked by letter"}
    assert admin.call("delete_customer", **asked).data["status"] == "done"
    assert scene.customer(buyer.customer_id) is None
    assert scene.account(buyer.uid) is None
    for number in range(2):
        kept = scene.documents.document(f"orders/{buyer.mark}-{number}").get().to_dict()
        assert (kept["name"], kept["userId"]) == (None, None)
        assert kept["email"] != buyer.email


def test_whoever_verified_nothing_is_found_shown_as_that_and_written_to(
    scene: Scene, buyer: Victim
) -> None:
    viewer = scene.hired("viewer")
    found = viewer.call("search_customers", q=buyer.email).data["customers"]
    assert [one["customerId"] for one in found] == [buyer.customer_id]
    shown = viewer.call("get_customer", email=buyer.email).data
    assert shown["matchedBy"] == "contact"
    customer = shown["customer"]
    assert (customer["primaryEmail"], customer["contactEmail"]) == (None, buyer.email)
    assert customer["emails"] == []
    answer = scene.hired("editor").csv(segment=f"has_ticket:event-{buyer.mark}")
    assert answer.text.count(buyer.email) == 1


DOCUMENTS: dict[str, Any] = {
    "no address": None,
    "an old one": "old@example.org",
    "a malformed one": "me@@example.com",
    "one from before it was verified": "own",
}


@pytest.mark.parametrize("said", DOCUMENTS.values(), ids=DOCUMENTS)
def test_what_the_token_proves_is_proven_whatever_the_document_says(
    scene: Scene, said: str | None
) -> None:
    person = scene.client().sign_up()
    path = f"orders/guest-{person.uid}"
    scene.documents.document(path).set(order(person.email))
    scene.settle(path)
    scene.attack(person, f"users/{person.uid}", {"email": person.email if said == "own" else said})
    person.verify()
    assert person.call("claim_my_orders").data == {"linked": 1}
    archive = person.call("export_my_data").data["archive"]
    assert [one["orderId"] for one in archive["orders"]] == [f"guest-{person.uid}"]
    assert person.call("delete_my_data", confirm=True).data["status"] == "done"
    kept = scene.documents.document(path).get().to_dict()
    assert kept["name"] is None
    assert kept["email"].endswith("@erased.invalid")


def test_visitors_with_one_address_are_no_registered_customers(scene: Scene) -> None:
    email = f"{scene.stranger().uid.lower()}@example.com"
    visitors = [scene.client().anonymous() for _ in range(2)]
    for visitor in visitors:
        scene.attack(visitor, f"users/{visitor.uid}", {"email": email})
        bought = order(email, userId=visitor.uid)
        scene.attack(visitor, f"orders/{visitor.uid}", bought)
    (customer,) = scene.customers_with("emails", email)
    assert (customer["registered"], customer["orderCount"]) == (False, 2)
    assert scene.customers_with("contactEmail", email) == []
    for visitor in visitors:
        assert scene.customers_with("userIds", visitor.uid) == []
        for name in ("export_my_data", "delete_my_data", "claim_my_orders"):
            assert visitor.call(name).reason == "address-not-verified"


def test_a_person_without_a_verified_address_is_told_what_to_do(
    scene: Scene, buyer: Victim
) -> None:
    assert buyer.person
    person = Client(scene.suite, id_token(buyer.person), buyer.uid, buyer.email)
    before = scene.state(buyer)
    for name in ("export_my_data", "delete_my_data", "claim_my_orders"):
        assert person.call(name).reason == "address-not-verified"
    assert scene.state(buyer) == before
