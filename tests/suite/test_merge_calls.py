"""Merging, undoing and claiming as a web app does it: the real SDK, the real functions."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import pytest

from crm.core.roles import Role
from crm.firebase.staff import grant
from suite.running import Suite
from testing.auth import Person, sign_up
from testing.client import PatientClient
from testing.hosts import order
from testing.patience import eventually
from tests.support.web import call


@dataclass(frozen=True)
class Desk:
    """An editor at work in the suite's own project."""

    suite: Suite
    editor: Person
    documents: PatientClient

    def call(self, name: str, **data: Any) -> dict[str, Any]:
        return call(self.suite, self.editor, (name, data))[0]

    def guest(self) -> tuple[str, str]:
        """A guest's address and customer id, made by the live trigger."""
        email = f"{uuid.uuid4().hex}@example.com"
        self.documents.document(f"orders/{email.split('@')[0]}").set(order(email))
        answer = eventually(lambda: self.call("get_customer", email=email)["data"])
        return email, answer["customer"]["customerId"]


@pytest.fixture(scope="module")
def desk(suite: Suite) -> Desk:
    person = sign_up()
    grant(person.email, Role.EDITOR)
    return Desk(suite, person, PatientClient(project=suite.project))


def test_preview_merge_and_undo(desk: Desk) -> None:
    (one, source), (two, target) = desk.guest(), desk.guest()
    preview = desk.call("merge_customers", sourceId=source, targetId=target, dryRun=True)["data"]
    assert preview["mergeId"] is None
    assert preview["customer"]["orderCount"] == 2
    assert preview["moves"] == {"identities": 1, "orders": 1, "events": 1, "tags": []}
    assert preview["stops"] == preview["warnings"] == []
    assert desk.call("get_customer", email=one)["data"]["customer"]["customerId"] == source

    done = desk.call("merge_customers", sourceId=source, targetId=target)["data"]
    assert set(done) == {"mergeId", "customer"}
    again = desk.call("merge_customers", sourceId=source, targetId=target)["data"]
    assert again["mergeId"] == done["mergeId"]
    old = desk.call("get_customer", customerId=source)["data"]["customer"]
    assert (old["customerId"], old["emails"]) == (target, sorted([one, two]))
    assert len(desk.call("list_orders", customerId=source)["data"]["orders"]) == 2

    both = desk.call("unmerge_customers", mergeId=done["mergeId"])["data"]["customers"]
    assert [customer["customerId"] for customer in both] == [source, target]
    assert [customer["emails"] for customer in both] == [[one], [two]]


def test_refusals(desk: Desk) -> None:
    _, customer_id = desk.guest()
    same = desk.call("merge_customers", sourceId=customer_id, targetId=customer_id)
    assert same["code"] == "functions/invalid-argument"
    assert same["details"]["reason"] == "same-customer"
    missing = desk.call("merge_customers", sourceId=customer_id, targetId="nobody")
    assert missing["code"] == "functions/not-found"
    unknown = desk.call("unmerge_customers", mergeId="nothing")
    assert unknown["details"]["reason"] == "no-such-merge"
    viewer = sign_up()
    grant(viewer.email, Role.VIEWER)
    for name in ("merge_customers", "unmerge_customers"):
        assert call(desk.suite, viewer, (name, {}))[0]["code"] == "functions/permission-denied"


def test_a_buyer_claims_guest_orders(desk: Desk) -> None:
    email, guest_id = desk.guest()
    stranger, _ = desk.guest()
    unverified = sign_up(email=email, verified=False)
    refused = call(desk.suite, unverified, ("claim_my_orders", None))[0]
    assert refused["code"] == "functions/permission-denied"
    assert refused["details"]["reason"] == "address-not-verified"

    own = sign_up(email=stranger, verified=True)
    refused = call(desk.suite, own, ("claim_my_orders", None))[0]
    assert refused["details"]["reason"] == "no-user-document"
    assert call(desk.suite, None, ("claim_my_orders", None))[0]["code"] == (
        "functions/unauthenticated"
    )

    # A document that claims somebody else's address gains nothing by it; the token's own counts.
    desk.documents.document(f"users/{own.uid}").set({"email": email, "name": "Eve"})
    assert call(desk.suite, own, ("claim_my_orders", None))[0]["data"] == {"linked": 1}
    assert desk.call("get_customer", customerId=guest_id)["data"]["customer"]["userIds"] == []

    desk.documents.document(f"users/{own.uid}").set({"email": stranger, "name": "Eve"})
    assert call(desk.suite, own, ("claim_my_orders", None))[0]["data"] == {"linked": 1}
    customer = desk.call("get_customer", email=stranger)["data"]["customer"]
    assert customer["userIds"] == [own.uid]
