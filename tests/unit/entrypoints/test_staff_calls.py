"""Roles of staff, and what an installation is set to, as the callables answer and refuse."""

from __future__ import annotations

import logging
import time
from typing import Any

import pytest

from crm.core.roles import RECENTLY, Role
from crm.entrypoints.callables.dispatch import CALLS
from testing.hosts import order
from testing.world import KEYS, World
from tests.unit.entrypoints.test_dispatch import call, refused

CHANGES: dict[str, dict[str, Any]] = {
    "grant_role": {"email": "ada@example.com", "role": "editor"},
    "revoke_role": {"uid": "ada"},
}


def claims(role: str = "admin", ago: float = 0, **more: object) -> dict[str, object]:
    return {"crm": role, "email_verified": True, "auth_time": time.time() - ago, **more}


@pytest.fixture
def world() -> World:
    world = World()
    world.staff.hire("ada", Role.VIEWER)
    return world


def test_an_admin_gives_and_takes_a_role(world: World) -> None:
    given = call("grant_role", CHANGES["grant_role"], world, claims())["staff"]
    assert (given["uid"], given["role"], given["you"]) == ("ada", "editor", False)
    listed = call("list_staff", None, world, claims())
    assert [(one["uid"], one["role"], one["you"]) for one in listed["staff"]] == [
        ("staff", "admin", True),
        ("ada", "editor", False),
    ]
    assert listed["staff"][1] == given
    assert listed["nextPageToken"] is None
    taken = call("revoke_role", CHANGES["revoke_role"], world, claims())["staff"]
    assert (taken["uid"], taken["role"]) == ("ada", None)
    entries = call("list_audit", None, world, claims())["entries"]
    assert [one["action"] for one in entries] == ["staff.revoke", "staff.grant"]
    assert {one["actor"] for one in entries} == {KEYS.user("staff")}
    assert {one["facts"]["account"] for one in entries} == set(given["actors"])


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize(
    "auth_time", [lambda: time.time() - RECENTLY - 1, lambda: None, lambda: "now"]
)
def test_a_browser_that_was_left_open_changes_no_role(
    world: World, name: str, auth_time: Any
) -> None:
    stale = claims() | {"auth_time": auth_time()}
    code, reason, _ = refused(name, CHANGES[name], world=world, claims=stale)
    assert (code, reason) == ("permission-denied", "recent-sign-in")
    assert world.staff.of["ada"].role is Role.VIEWER
    assert world.store.all("crmAudit") == {}
    assert call("list_staff", None, world, stale)["staff"]  # looking takes no sign-in


@pytest.mark.parametrize("name", [*CHANGES, "list_staff"])
def test_a_token_that_is_good_no_more_changes_no_role(world: World, name: str) -> None:
    world.accounts.ended.add("staff")
    code, reason, _ = refused(name, CHANGES.get(name), world=world, claims=claims(uid="staff"))
    assert (code, reason) == ("unauthenticated", "sign-in")
    assert world.staff.of["ada"].role is Role.VIEWER


@pytest.mark.parametrize("name", [*CHANGES, "list_staff", "get_processing_record"])
@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_a_lower_role_changes_no_role(world: World, name: str, role: str) -> None:
    """Nor is told whether the sign-in were recent enough."""
    for ago in (0, 2 * RECENTLY):
        answer = refused(name, CHANGES.get(name), world=world, claims=claims(role, ago))
        assert answer[:2] == ("permission-denied", "role")


def test_no_other_call_takes_a_recent_sign_in_of_staff() -> None:
    assert {name for name, one in CALLS.items() if one.recent} == set(CHANGES)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("grant_role", {"email": "ada@example.com"}, "missing-key"),
        ("grant_role", {"email": "ada@example.com", "role": "owner"}, "value-invalid"),
        ("grant_role", {"email": "ada@example.com", "role": "Admin"}, "value-invalid"),
        ("grant_role", {"email": "ada@example.com", "role": None}, "missing-key"),
        ("grant_role", {"email": "x" * 321, "role": "viewer"}, "value-invalid"),
        ("grant_role", {"email": "ada", "role": "viewer"}, "email-invalid"),
        ("grant_role", {"email": 5, "role": "viewer"}, "value-invalid"),
        ("grant_role", {"uid": "ada", "email": "a@b.c", "role": "viewer"}, "unknown-key"),
        ("revoke_role", {"uid": "a/b"}, "id-invalid"),
        ("revoke_role", {}, "missing-key"),
        ("revoke_role", {"uid": "ada", "email": "ada@example.com"}, "unknown-key"),
        ("list_staff", {"pageToken": "forged"}, "page-token"),
        ("list_staff", {"pageSize": 5}, "unknown-key"),
        ("get_settings", {"x": 1}, "unknown-key"),
        ("explain_quarantine", {"id": "a/b"}, "id-invalid"),
        ("get_news", {}, "missing-key"),
        ("get_news", {"since": "yesterday"}, "value-invalid"),
        ("get_news", {"since": "2026-01-01"}, "value-invalid"),
        ("get_news", {"since": "2026-01-01T00:00:00"}, "value-invalid"),
        ("get_news", {"since": "0001-01-01T00:00:00+09:00"}, "value-invalid"),
        ("get_news", {"since": 1767225600}, "value-invalid"),
        ("get_news", {"since": "2026-01-01T00:00:00Z" + "0" * 40}, "value-invalid"),
    ],
)
def test_a_request_that_is_none_is_refused(
    world: World, name: str, data: dict[str, Any], reason: str
) -> None:
    assert refused(name, data, world=world, claims=claims())[1] == reason
    assert world.staff.of["ada"].role is Role.VIEWER


def test_settings_and_checks_are_answered_as_json(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GCLOUD_PROJECT", "demo-shop")
    monkeypatch.delenv("CRM_MAIL", raising=False)
    told = call("get_settings", None, world)["settings"]
    assert told["mail"]["ready"] is False
    assert told["orderUrl"] is None
    found = call("get_setup", None, world)["checks"]
    assert {"check", "verdict", "message", "to"} == set(found[0])
    mail = next(one for one in found if one["check"] == "mail")
    assert mail["verdict"] == "warn"
    assert mail["message"].startswith("No mail can be sent")
    record = call("get_processing_record", None, world, claims())["record"]
    assert "privacy.controller" in record["missing"]


def test_why_a_document_waits_is_told_to_editors_and_to_no_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "grace.hopper@example"
    world.put_order("o1", order(email=secret))
    asked = {"id": KEYS.quarantine("orders", "o1")}
    with caplog.at_level(logging.DEBUG):
        told = call("explain_quarantine", asked, world, claims("editor"))
        assert refused("explain_quarantine", asked, world=world)[:2] == (
            "permission-denied",
            "role",
        )
    assert (told["field"], told["documentPath"]) == ("email", "orders/o1")
    assert told["value"] == secret
    assert secret not in caplog.text
    listed = call("list_quarantine", None, world)
    assert secret not in str(listed)
    gone = refused("explain_quarantine", {"id": "q1-none"}, world=world, claims=claims("editor"))
    assert gone[:2] == ("not-found", "no-such-item")


def test_news_are_answered_as_json(world: World) -> None:
    now = world.store.now()
    world.put_order("o1", order(createdAt=now, marketingOptIn=True))
    told = call("get_news", {"since": "2025-12-31T23:00:00+01:00"}, world)
    assert told.pop("documentsRead") > 0
    assert told == {
        "since": "2025-12-31T22:00:00Z",
        "orders": 1,
        "people": 1,
        "subscribed": 1,
        "unsubscribed": 0,
        "truncated": False,
    }
