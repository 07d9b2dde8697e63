"""The callables as a web app calls them: with the real Firebase JavaScript SDK."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from google.cloud.firestore import FieldFilter

from crm.config.settings import settings
from crm.core.roles import Role
from crm.firebase.staff import grant
from crm.jobs.job import Job
from crm.runtime import services as runtime
from suite.running import Suite
from testing.auth import Person, sign_up
from testing.client import client_of
from testing.hosts import order
from testing.patience import PATIENCE, eventually
from tests.support.web import call


@dataclass(frozen=True)
class Shop:
    """Two customers that the live triggers made, with an address each of their own."""

    buyer: str
    buyer_id: str
    member_id: str
    member_uid: str


@pytest.fixture(scope="module")
def viewer(suite: Suite) -> Person:
    person = sign_up()
    grant(person.email, Role.VIEWER)
    return person


@pytest.fixture(scope="module")
def shop(suite: Suite) -> Shop:
    """Three orders of a guest, and an account with the same address, not verified."""
    mark = uuid.uuid4().hex
    buyer = f"{mark}@example.com"
    member = sign_up(email=buyer, verified=False)
    documents = client_of(suite.project)
    for day in range(3):
        documents.document(f"orders/{mark}-{day}").set(order(buyer, day=day))
    documents.document(f"users/{member.uid}").set({"email": buyer, "name": "Ada"})
    deadline = time.monotonic() + PATIENCE
    customers = documents.collection("customers")
    ordered = FieldFilter("emails", "array_contains", buyer)
    registered = FieldFilter("userIds", "array_contains", member.uid)
    while True:
        guests = [
            one for one in customers.where(filter=ordered).stream() if one.get("orderCount") == 3
        ]
        members = list(customers.where(filter=registered).stream())
        if guests and members:
            return Shop(buyer, guests[0].id, members[0].id, member.uid)
        assert time.monotonic() < deadline, suite.logs()[-4000:]
        time.sleep(0.1)


def test_a_viewer_looks_a_customer_up(suite: Suite, viewer: Person, shop: Shop) -> None:
    by_address, by_id, by_uid = call(
        suite,
        viewer,
        ("get_customer", {"email": shop.buyer.upper(), "userId": "(undefined)"}),
        ("get_customer", {"customerId": shop.buyer_id}),
        ("get_customer", {"userId": shop.member_uid}),
    )
    customer = by_address["data"]["customer"]
    assert customer["customerId"] == shop.buyer_id
    assert customer["totalSpend"] == {"USD": 3 * 4990}
    assert customer["orderCount"] == 3
    assert customer["emails"] == [shop.buyer]
    assert customer["firstOrderAt"] == "2024-03-01T12:00:00Z"
    assert datetime.now(UTC) - datetime.fromisoformat(customer["updatedAt"]) < timedelta(hours=1)
    assert "parts" not in customer
    reason = "unproven-address"
    assert by_address["data"]["likelySame"] == [{"customerId": shop.member_id, "reason": reason}]
    assert by_address["data"]["matchedBy"] == "email"
    assert by_id["data"] == by_address["data"] | {"matchedBy": "customerId"}
    reached = by_uid["data"]["customer"]
    assert (reached["primaryEmail"], reached["contactEmail"]) == (None, None)  # it is the guest's
    assert by_uid["data"]["likelySame"] == [{"customerId": shop.buyer_id, "reason": reason}]


def test_a_viewer_pages_through_orders(suite: Suite, viewer: Person, shop: Shop) -> None:
    arguments: dict[str, object] = {"customerId": shop.buyer_id, "pageSize": 2}
    (first,) = call(suite, viewer, ("list_orders", arguments))
    token = first["data"]["nextPageToken"]
    last, other_query = call(
        suite,
        viewer,
        ("list_orders", arguments | {"pageToken": token}),
        ("list_orders", {"customerId": shop.member_id, "pageToken": token}),
    )
    days = [one["orderId"][-1] for one in first["data"]["orders"] + last["data"]["orders"]]
    assert days == ["2", "1", "0"]
    assert last["data"]["nextPageToken"] is None
    assert last["data"]["orders"][0] == {
        "orderId": shop.buyer.split("@")[0] + "-0",
        "status": "paid",
        "currency": "USD",
        "total": 4990,
        "refunded": 0,
        "net": 4990,
        "counted": True,
        "createdAt": "2024-03-01T12:00:00Z",
        "eventIds": ["devops-2024"],
    }
    assert other_query["details"] == {"reason": "page-token"}


def test_a_viewer_is_told_what_to_change(suite: Suite, viewer: Person) -> None:
    stranger = f"{uuid.uuid4().hex}@example.com"
    cases: list[tuple[str, object, str, str]] = [
        ("get_customer", None, "invalid-argument", "who"),
        ("get_customer", {"email": "a@example.com", "x": 1}, "invalid-argument", "unknown-key"),
        ("get_customer", {"customerId": "a/b"}, "invalid-argument", "id-invalid"),
        ("get_customer", {"email": "a@@example.com"}, "invalid-argument", "email-invalid"),
        ("get_customer", {"email": stranger}, "not-found", "no-such-customer"),
        ("list_orders", {"customerId": "none"}, "not-found", "no-such-customer"),
        ("list_orders", {"customerId": "a", "pageSize": 201}, "invalid-argument", "value-invalid"),
        ("list_orders", {"customerId": "a", "pageToken": "x"}, "invalid-argument", "page-token"),
    ]
    sentences = {
        "who": "The request was refused: give exactly one of",
        "unknown-key": "The request was refused: `x`: ",
        "id-invalid": "The request was refused: `customerId`: must be",
        "email-invalid": "Write `email` as",
        "no-such-customer": "No customer has this id",
        "value-invalid": "The request was refused: `pageSize`: ",
        "page-token": "This pageToken is not one for",
    }
    results = call(suite, viewer, *((name, data) for name, data, _, _ in cases))
    for (name, data, code, reason), result in zip(cases, results, strict=True):
        told = (result.get("code"), result.get("details"))
        assert told == (f"functions/{code}", {"reason": reason}), (name, data)
        assert result["message"].startswith(sentences[reason])
    assert stranger not in suite.logs()


def test_a_viewer_sees_what_was_decided(suite: Suite, viewer: Person, shop: Shop) -> None:
    editor = sign_up({"crm": "editor"})
    evidence = {"source": "paper form", "textVersion": "2024-03"}
    grant = {"customerId": shop.buyer_id, "status": "subscribed", "evidence": evidence}
    leave = {"customerId": shop.buyer_id, "status": "unsubscribed"}
    call(suite, editor, ("set_consent", grant), ("set_consent", leave))
    asked: dict[str, object] = {"email": shop.buyer, "pageSize": 1}
    (first,) = call(suite, viewer, ("list_consents", asked))
    asked["pageToken"] = first["data"]["nextPageToken"]
    (last,) = call(suite, viewer, ("list_consents", asked))
    latest, before = first["data"]["consents"][0], last["data"]["consents"][0]
    assert (latest["status"], latest["evidence"]) == ("unsubscribed", None)
    assert (before["status"], before["evidence"]) == ("subscribed", evidence)
    assert (before["address"], before["source"]) == (shop.buyer, "staff")
    assert last["data"]["nextPageToken"] is None


def test_an_editor_stops_a_job_and_has_it_taken_up_again(suite: Suite, viewer: Person) -> None:
    editor = sign_up({"crm": "editor"})
    now, job_id = datetime.now(UTC), uuid.uuid4().hex
    arguments = {"add": [], "remove": ["x"], "segment": f'{{"tag": "{job_id}"}}', "now": now}
    lost = Job(job_id, "tag_segment", arguments, "system", now, now)  # the queue did not take it
    documents = client_of(suite.project)
    documents.document(lost.path).set(lost.to_data())
    asked = {"jobId": job_id}
    for name in ("cancel_job", "retry_job"):
        (refused,) = call(suite, viewer, (name, asked))
        assert refused["details"] == {"reason": "role"}
    stopped, again, missing, queued = call(
        suite,
        editor,
        ("cancel_job", asked),
        ("cancel_job", asked),
        ("cancel_job", {"jobId": "none"}),
        ("retry_job", asked),
    )
    assert stopped == again
    assert stopped["data"]["job"]["error"] == "cancelled"
    assert missing["details"] == {"reason": "no-such-job"}
    assert (queued["data"]["job"]["state"], queued["data"]["job"]["error"]) == ("queued", None)

    def done() -> None:
        assert documents.document(lost.path).get().get("state") == "done"

    eventually(done)
    (over,) = call(suite, editor, ("cancel_job", asked))
    assert (over["code"], over["details"]) == (
        "functions/failed-precondition",
        {"reason": "job-over"},
    )


def test_staff_write_down_what_they_know(suite: Suite, viewer: Person, shop: Shop) -> None:
    editor = sign_up({"crm": "editor"})
    of = {"customerId": shop.buyer_id}
    fields = {"company": "ACME", "seats": 2.5, "vegan": False, "birthday": "1990-01-02"}
    written, noted, wrong = call(
        suite,
        editor,
        ("set_fields", {**of, "fields": {**fields, "size": None}}),
        ("add_note", {**of, "text": "  Wants the front row.\r\nCalled. "}),
        ("set_fields", {**of, "fields": {"size": "XXL"}}),
    )
    assert written["data"] == {"fields": fields}
    assert wrong["details"] == {"reason": "field-invalid", "field": "size"}
    note_id = noted["data"]["noteId"]
    listed, declared, shown, refused = call(
        suite,
        viewer,
        ("list_notes", {**of, "pageToken": "(undefined)"}),
        ("list_fields", None),
        ("get_customer", of),
        ("add_note", {**of, "text": "x"}),
    )
    (note,) = listed["data"]["notes"]
    assert (note["noteId"], note["text"]) == (note_id, "Wants the front row.\nCalled.")
    assert datetime.now(UTC) - datetime.fromisoformat(note["at"]) < timedelta(hours=1)
    assert note["own"] is False
    assert {one["name"] for one in declared["data"]["fields"]} >= fields.keys()
    assert shown["data"]["customer"]["fields"] == fields
    assert refused["details"] == {"reason": "role"}
    deleted, again = call(suite, editor, *[("delete_note", {"noteId": note_id})] * 2)
    assert deleted["data"] == {"noteId": note_id}
    assert (again["code"], again["details"]) == ("functions/not-found", {"reason": "no-such-note"})


def test_an_admin_takes_a_list_in_and_back(suite: Suite, viewer: Person) -> None:
    admin = sign_up({"crm": "admin"})
    mark = uuid.uuid4().hex
    csv = f"\ufeffemail;name;status\r\nnew.{mark}@example.com;Zoë;subscribed\r\nnobody;;\r\n"
    asked = {"csv": csv, "source": "a fair", "evidence": "a ticked box"}
    preview, done, unvouched = call(
        suite,
        admin,
        ("import_contacts", {"csv": csv, "source": "(undefined)", "dryRun": True}),
        ("import_contacts", asked),
        ("import_contacts", {**asked, "evidence": None}),
    )
    assert preview["data"]["report"].pop("evidenceNeeded") is True
    assert done["data"]["report"] == preview["data"]["report"]
    assert (done["data"]["report"]["added"], done["data"]["jobId"]) == (1, None)
    assert unvouched["details"] == {"reason": "evidence-missing"}
    import_id = done["data"]["importId"]
    listed, undone, found, refused = call(
        suite,
        admin,
        ("list_imports", {}),
        ("undo_import", {"importId": import_id}),
        ("get_customer", {"email": f"new.{mark}@example.com"}),
        ("undo_import", {"importId": "none"}),
    )
    (mine,) = [one for one in listed["data"]["imports"] if one["importId"] == import_id]
    assert (mine["state"], mine["undoable"], mine["undone"]) == ("done", True, {})
    assert found["details"] == {"reason": "no-such-customer"}
    assert refused["details"] == {"reason": "no-such-import"}
    (job,) = call(suite, viewer, ("get_job", undone["data"]))
    assert job["data"]["job"]["state"] == "done"


def test_an_editor_makes_a_rule(suite: Suite, viewer: Person, shop: Shop) -> None:
    editor = sign_up({"crm": "editor"})
    mark = uuid.uuid4().hex
    rule = {
        "name": "Guests",
        "when": {"enters": f"has_ticket:{mark} and order_count >= 1"},
        "then": {"addTags": ["Guest"], "removeTags": "(undefined)"},
        "only": "(undefined)",
    }
    previewed, saved = call(suite, editor, ("preview_rule", rule), ("save_rule", rule))
    assert (previewed["data"]["matching"], previewed["data"]["people"]) == (0, [])
    assert [one["name"] for one in previewed["data"]["warnings"]] == [mark]
    made = saved["data"]["rule"]
    of = {"ruleId": made["ruleId"]}
    on, stale, broken = call(
        suite,
        editor,
        ("save_rule", {**rule, **of, "on": True, "revision": made["revision"]}),
        ("save_rule", {**rule, **of, "name": "Others", "revision": made["revision"]}),
        ("save_rule", {**rule, "then": {"send": "none"}}),
    )
    assert (on["data"]["rule"]["on"], made["on"]) == (True, False)
    assert stale["details"] == {"reason": "changed-meanwhile", "revision": 2}
    assert broken["details"] == {"reason": "no-such-campaign"}
    listed, by_rule, by_person, refused = call(
        suite,
        viewer,
        ("list_rules", {"pageSize": 200}),
        ("list_rule_runs", of),
        ("list_rule_runs", {"customerId": shop.buyer_id}),
        ("preview_rule", of),
    )
    (mine,) = [one for one in listed["data"]["rules"] if one["ruleId"] == made["ruleId"]]
    assert mine == {**on["data"]["rule"], "acted": 0}
    assert by_rule["data"] == by_person["data"] == {"runs": [], "nextPageToken": None}
    assert refused["details"] == {"reason": "role"}
    deleted, again = call(suite, editor, *[("delete_rule", of)] * 2)
    assert deleted["data"] == of
    assert again["details"] == {"reason": "no-such-rule"}


@pytest.mark.parametrize("name", ["get_customer", "list_orders"])
def test_who_has_no_role_learns_nothing(suite: Suite, shop: Shop, name: str) -> None:
    calls = [(name, {"customerId": shop.buyer_id}), (name, {"customerId": "none"}), (name, None)]
    for claims in ({}, {"crm": True}, {"crm": ["admin"]}):
        results = call(suite, sign_up(claims), *calls)
        assert results == [results[0]] * len(calls)
        assert results[0]["code"] == "functions/permission-denied"
        assert results[0]["details"] == {"reason": "role"}
    results = call(suite, None, *calls)
    assert results == [results[0]] * len(calls)
    assert results[0]["code"] == "functions/unauthenticated"
    assert results[0]["details"] == {"reason": "sign-in"}


@pytest.mark.parametrize("body", [b'{"data": {"email": "a@example.com"}}', b"[" * 11_000_000])
def test_an_id_token_that_is_none_is_refused(suite: Suite, body: bytes) -> None:
    for token in ("Bearer none", "Bearer ", "owner", None):
        request = urllib.request.Request(
            suite.function_url("get_customer", settings().region),
            body,
            {"Content-Type": "application/json", **({"Authorization": token} if token else {})},
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=PATIENCE)
        with refused.value as error:
            assert error.code == 401


def test_staff_are_told_what_explains_a_screen(suite: Suite, viewer: Person, shop: Shop) -> None:
    odd = f"odd-{uuid.uuid4().hex}"
    client_of(suite.project).document(f"orders/{odd}").set(order(shop.buyer, total="much"))
    row = runtime.services().keys.quarantine("orders", odd)
    eventually(lambda: _is_there(suite, f"crmQuarantine/{row}"))
    editor, admin = sign_up(), sign_up()
    grant(editor.email, Role.EDITOR)
    grant(admin.email, Role.ADMIN)
    told, setup, news, refused = call(
        suite,
        viewer,
        ("get_settings", {}),
        ("get_setup", {}),
        ("get_news", {"since": "2024-03-01T00:00:00Z"}),
        ("explain_quarantine", {"id": row}),
    )
    assert told["data"]["settings"]["timeZone"] == settings().time_zone.key
    assert told["data"]["settings"]["documentUrl"] is None
    assert {one["verdict"] for one in setup["data"]["checks"]} <= {"ok", "warn", "fail"}
    assert news["data"]["orders"] >= 3
    assert news["data"]["people"] >= 1
    assert refused["details"] == {"reason": "role"}
    (explained,) = call(suite, editor, ("explain_quarantine", {"id": row}))
    assert (explained["data"]["field"], explained["data"]["value"]) == ("total", "much")
    assert explained["data"]["documentPath"] == f"orders/{odd}"
    (record,) = call(suite, admin, ("get_processing_record", {}))
    assert "privacy.controller" in record["data"]["record"]["missing"]


def _is_there(suite: Suite, path: str) -> None:
    assert client_of(suite.project).document(path).get().exists
