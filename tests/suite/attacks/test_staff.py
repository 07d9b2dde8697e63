"""Staff who want more than their role, and clients who want a role."""

from __future__ import annotations

import json
from typing import Any

import pytest

from testing.auth import id_token, sign_up
from testing.hosts import order, user
from tests.support.attacking import Client
from tests.support.scene import Scene, Victim


def keeps_everything(scene: Scene, victim: Victim, before: dict[str, Any]) -> None:
    """The documents and the account; the customer may be merged."""
    for path in (f"orders/{victim.mark}-0", f"orders/{victim.mark}-1", f"users/{victim.uid}"):
        if path in before:
            assert scene.documents.document(path).get().to_dict() == before[path], path
    if victim.person:
        assert scene.account(victim.uid) == before["account"]


def own_customer(scene: Scene, client: Client) -> str:
    """Make somebody a registered customer."""
    scene.attack(client, f"users/{client.uid}", user(client.email))
    scene.attack(client, f"orders/{client.uid}", order(client.email, userId=client.uid))
    return id_of(scene, client.email)


def id_of(scene: Scene, email: str) -> str:
    found: str = (
        scene.hired("admin").call("get_customer", email=email).data["customer"]["customerId"]
    )
    return found


# --- Merging as a way to somebody's data ---------------------------------------------------------


@pytest.mark.parametrize("into", ["own", "the victim"])
@pytest.mark.parametrize("whose", ["guest", "verified user", "unverified user"])
def test_no_editor_merges_with_the_own_customer(scene: Scene, whose: str, into: str) -> None:
    victim = scene.victims[whose]
    before = scene.state(victim)
    editor = scene.staff("editor")
    own = own_customer(scene, editor)
    ids = [victim.customer_id, own] if into == "own" else [own, victim.customer_id]
    said: dict[str, object] = {"sourceId": ids[0], "targetId": ids[1], "allowTwoUsers": True}
    answer = editor.call("merge_customers", **said)
    assert (answer.status, answer.reason) == (403, "own-customer")
    own_words = editor.call("export_my_data").text + editor.call("delete_my_data").text
    assert victim.found_in([own_words]) == []
    assert scene.state(victim) == before


@pytest.mark.parametrize("whose", ["guest", "verified user"])
@pytest.mark.parametrize("account", ["of a second account", "of the own address as a guest"])
def test_whom_an_editor_merges_into_another_customer_of_the_own_is_not_given_away(
    scene: Scene, account: str, whose: str
) -> None:
    victim = scene.a_guest() if whose == "guest" else scene.a_user(verified=True)
    before = scene.state(victim)
    editor = scene.staff("editor")
    if account == "of a second account":
        thief = scene.stranger()
        own = own_customer(scene, thief)
    else:
        thief = Client(scene.suite, editor.token, editor.uid, editor.email)
        scene.attack(thief, f"orders/{thief.uid}", order(thief.email))
        own = id_of(scene, thief.email)
    said: dict[str, object] = {"sourceId": victim.customer_id, "targetId": own}
    editor.call("merge_customers", **said, allowTwoUsers=True)
    thief.call("claim_my_orders")
    thief.call("export_my_data")
    scene.attack(thief, f"users/{thief.uid}", user(thief.email))
    for name in ("claim_my_orders", "export_my_data"):
        thief.call(name)
    erased = thief.call("delete_my_data", confirm=True)
    assert victim.found_in(thief.heard) == []
    assert erased.status == 200 or erased.reason == "merged-by-staff"
    keeps_everything(scene, victim, before)


def test_two_users_whom_an_admin_merged_by_mistake_have_shown_and_erased_their_own(
    scene: Scene,
) -> None:
    one, two = scene.a_user(verified=True), scene.a_user(verified=True)
    before = {who.mark: scene.state(who) for who in (one, two)}
    said: dict[str, object] = {"sourceId": one.customer_id, "targetId": two.customer_id}
    editor, admin = scene.hired("editor"), scene.hired("admin")
    refused = editor.call("merge_customers", **said, allowTwoUsers=True)
    assert refused.reason == "two-users-need-an-admin"
    assert admin.call("merge_customers", **said, allowTwoUsers=True).status == 200
    for who, other in ((one, two), (two, one)):
        assert who.person
        person = Client(scene.suite, id_token(who.person), who.uid, who.email)
        archive = person.call("export_my_data")
        assert who.order_id in archive.text
        assert other.mark not in archive.text
        assert person.call("delete_my_data", confirm=True).reason == "merged-by-staff"
    for who in (one, two):
        keeps_everything(scene, who, before[who.mark])


# --- Roles ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pretender(scene: Scene) -> Client:
    """Signed up with an address of the staff's, and was given its role; nobody verified it."""
    person = sign_up({"crm": "admin"}, verified=False)
    return Client(scene.suite, id_token(person), person.uid, person.email)


@pytest.mark.parametrize(
    "name", ["get_customer", "export_customer", "delete_customer", "list_audit", "set_consent"]
)
def test_a_role_beside_an_unverified_address_is_none(
    scene: Scene, pretender: Client, name: str
) -> None:
    victim = scene.verified
    before = scene.state(victim)
    told: dict[str, dict[str, object]] = {
        "list_audit": {},
        "delete_customer": {"customerId": victim.customer_id, "reason": "by letter", "force": True},
        "set_consent": {"customerId": victim.customer_id, "status": "unsubscribed"},
    }
    answer = pretender.call(name, **told.get(name, {"customerId": victim.customer_id}))
    assert (answer.status, answer.reason) == (403, "role")
    assert scene.state(victim) == before


def test_a_role_beside_an_unverified_address_reads_no_document_and_no_list(
    scene: Scene, pretender: Client
) -> None:
    assert pretender.get(f"customers/{scene.guest.customer_id}").status == 403
    assert pretender.query("customers").status == 403
    assert pretender.csv(segment="everyone").status == 403
    assert scene.guest.found_in(pretender.heard) == []


CHANGES: dict[str, dict[str, object]] = {
    "a role": {"customAttributes": json.dumps({"crm": "admin"})},
    "a verified address": {"emailVerified": True},
    "both": {"customAttributes": json.dumps({"crm": "admin"}), "emailVerified": True},
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_nobody_gives_oneself_a_role(scene: Scene, changes: dict[str, object]) -> None:
    client = scene.client().sign_up()
    client.auth("update", idToken=client.token, **changes)
    client.sign_in()
    assert client.call("search_customers", q=scene.guest.email).reason == "role"
    assert client.call("export_my_data").reason == "address-not-verified"
    assert client.get(f"customers/{scene.guest.customer_id}").status == 403
    assert scene.guest.found_in(client.heard) == []


# --- Erasures ------------------------------------------------------------------------------------


def test_the_job_of_an_erasure_names_nobody_and_is_the_admins(scene: Scene) -> None:
    victim = scene.a_guest()
    asked = {"customerId": victim.customer_id, "reason": "asked by letter"}
    erased = scene.hired("admin").call("delete_customer", **asked).data
    erasure = scene.documents.document(f"crmErasures/{erased['erasureId']}").get()
    job = scene.documents.document(f"crmJobs/{erasure.get('jobId')}").get()
    viewer, editor = scene.hired("viewer"), scene.hired("editor")
    seen = viewer.call("get_job", jobId=job.id)
    assert seen.data["job"]["state"] == "done"
    for answer in (seen, viewer.get(f"crmJobs/{job.id}")):
        assert victim.email not in answer.text
        assert victim.mark not in answer.text
    for name in ("retry_job", "cancel_job"):
        assert editor.call(name, jobId=job.id).reason in {"role", "job-must-end", "job-over"}
    assert scene.documents.document(f"crmJobs/{job.id}").get().to_dict() == job.to_dict()
