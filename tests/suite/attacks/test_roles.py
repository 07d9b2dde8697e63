"""Roles as the way to everything else: who takes one, or another's, without the right to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from crm.core.roles import Role
from crm.firebase import staff
from testing.auth import Person, claims_of
from tests.suite.attacks.test_self_service import SPOILT, Spoil, role_taken, signed_in_long_ago
from tests.support.attacking import Answer, Client
from tests.support.scene import Scene


def role(client: Client) -> Role | None:
    found = staff.find(client.uid)
    return found.role if found else None


def grant(client: Client, whom: Client, word: str = "admin") -> Answer:
    return client.call("grant_role", email=whom.email, role=word)


def revoke(client: Client, whom: Client) -> Answer:
    return client.call("revoke_role", uid=whom.uid)


def test_what_the_tries_are_measured_by(scene: Scene) -> None:
    """An admin who has just signed in gives, lowers and takes roles, and the trail says so."""
    admin, other = scene.staff("admin"), scene.stranger()
    assert grant(admin, other, "editor").data["staff"]["role"] == "editor"
    other.sign_in()
    assert other.call("list_quarantine").status == 200
    rows: list[dict[str, object]] = []
    token = None
    while True:
        answer = admin.call("list_staff", pageToken=token).data
        rows += answer["staff"]
        token = answer["nextPageToken"]
        if token is None:
            break
    (row,) = [one for one in rows if one["uid"] == other.uid]
    assert (row["email"], row["role"], row["verified"]) == (other.email, "editor", True)
    assert (row["secondFactor"], row["disabled"], row["you"]) == (False, False, False)
    assert str(row["lastSignInAt"]).endswith("Z")
    assert grant(admin, other, "viewer").data["staff"]["role"] == "viewer"
    assert revoke(admin, other).data["staff"]["role"] is None
    assert role(other) is None
    other.sign_in()
    assert other.call("list_quarantine").reason == "role"
    entries = admin.call("list_audit", userId=admin.uid).data["entries"]
    assert [(one["action"], one["facts"]["role"]) for one in entries] == [
        ("staff.revoke", None),
        ("staff.grant", "viewer"),
        ("staff.grant", "editor"),
    ]
    assert {one["facts"]["account"] for one in entries} == set(map(str, row["actors"]))  # type: ignore[call-overload]


@pytest.mark.parametrize("who", ["guest", "stranger", "viewer", "editor"])
def test_nobody_but_an_admin_gives_or_takes_a_role(scene: Scene, who: str) -> None:
    victim = scene.staff("viewer")
    if who == "guest":
        client = scene.client()
    else:
        client = scene.stranger() if who == "stranger" else scene.staff(who)
    answers = [revoke(client, victim), grant(client, victim), client.call("list_staff")]
    if client.uid:
        before = role(client)
        answers += [grant(client, client), revoke(client, client)]
        assert role(client) is before
    expected = (401, "sign-in") if who == "guest" else (403, "role")
    assert {(one.status, one.reason) for one in answers} == {expected}
    assert role(victim) is Role.VIEWER
    assert victim.email not in "".join(client.heard)


@pytest.mark.parametrize(
    "spoil", [*SPOILT, role_taken, signed_in_long_ago], ids=lambda spoil: spoil.__name__
)
def test_a_stolen_token_of_an_admin_changes_no_role(scene: Scene, spoil: Spoil) -> None:
    client, victim, friend = scene.staff("admin"), scene.staff("editor"), scene.stranger()
    spoil(scene, client)
    for answer in (revoke(client, victim), grant(client, friend), grant(client, victim, "viewer")):
        assert answer.status in {401, 403}, answer.text
    assert role(victim) is Role.EDITOR
    assert role(friend) is None


def test_an_admin_leaves_the_own_role_to_others(scene: Scene) -> None:
    admin = scene.staff("admin")
    for answer in (revoke(admin, admin), grant(admin, admin, "viewer"), grant(admin, admin)):
        assert (answer.status, answer.reason) == (400, "own-role")
    assert role(admin) is Role.ADMIN


def test_whoever_signed_up_with_somebodys_address_is_given_no_role(scene: Scene) -> None:
    admin, squatter = scene.staff("admin"), scene.client().sign_up()
    answer = grant(admin, squatter)
    assert (answer.status, answer.reason) == (400, "address-not-verified")
    assert role(squatter) is None
    for email in ("nobody-has-this@example.com", "no address", "a@b.example, c@d.example"):
        assert admin.call("grant_role", email=email, role="admin").reason in {
            "no-such-account",
            "email-invalid",
        }


def test_two_admins_who_take_each_others_role_at_once_leave_one(scene: Scene) -> None:
    for _ in range(5):
        one, other = scene.staff("admin"), scene.staff("admin")
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(revoke, (one, other), (other, one)))
        left = [client for client in (one, other) if role(client) is Role.ADMIN]
        assert left, [answer.text for answer in answers]
        refused = {answer.reason for answer in answers} - {None}
        assert refused <= {"last-admin", "role", "sign-in"}


def test_other_claims_of_an_account_stay(scene: Scene) -> None:
    admin, other = scene.staff("admin"), scene.stranger()
    scene.change_account(other.uid, customAttributes='{"shop": "owner"}')
    assert grant(admin, other, "viewer").status == 200
    assert claims_of(Person(other.uid, other.email)) == {"shop": "owner", "crm": "viewer"}
    assert revoke(admin, other).status == 200
    assert claims_of(Person(other.uid, other.email)) == {"shop": "owner"}
