"""`python -m crm` on a live Auth emulator, and what a role then opens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from google.cloud.firestore import SERVER_TIMESTAMP, GeoPoint

from crm.config import settings
from crm.core.errors import Refusal
from crm.core.keyring import Keyring
from crm.core.roles import Role, require
from crm.db.accounts import NO_ACCOUNT, Standing
from crm.firebase import auth as accounts
from crm.firebase import staff
from crm.runtime.services import EMULATOR_KEY
from suite.running import Suite
from testing.auth import claims_of, id_token, keep_old_sessions, sign_up
from testing.client import PatientClient
from testing.hosts import order, user
from testing.patience import PATIENCE
from testing.recount import differences
from tests.support.live import LiveWorld


def crm(suite: Suite, *words: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "crm", *words],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=os.environ | suite.env,
    )
    told = [line for line in done.stderr.splitlines(True) if not line.startswith("Waiting for ")]
    return done.returncode, done.stdout, "".join(told)


def test_roles_are_granted_changed_listed_and_revoked(suite: Suite) -> None:
    person = sign_up()
    line = f"{person.email}\t{person.uid}"
    for role in ("viewer", "admin", "editor"):
        assert crm(suite, "grant", person.email, role) == (
            0,
            f"{person.email} is {role} now.\n",
            "",
        )
        assert claims_of(person) == {"crm": role}
        assert f"{role}\t{line}" in crm(suite, "roles")[1].splitlines()
    ended = "The sessions of the account are ended."
    assert crm(suite, "revoke", person.email) == (
        0,
        f"{person.email} is no longer editor. {ended}\n",
        "",
    )
    assert claims_of(person) == {}
    assert line not in crm(suite, "roles")[1]
    assert crm(suite, "revoke", person.email) == (0, f"{person.email} had no role. {ended}\n", "")


@pytest.mark.parametrize("claims", [{"crm": "admin"}, {}])
def test_revoking_ends_the_sessions_though_an_earlier_try_took_the_role(
    suite: Suite, claims: dict[str, object]
) -> None:
    person = sign_up(claims)
    keep_old_sessions(person)
    signed_in = accounts.verified(id_token(person))
    earlier = {**signed_in, "auth_time": int(str(signed_in["auth_time"])) - 60}
    assert accounts.confirm(earlier)["uid"] == person.uid
    assert crm(suite, "revoke", person.email)[0] == 0
    with pytest.raises(Refusal, match="its sessions were ended: sign in"):
        accounts.confirm(earlier)


def test_the_hosts_own_claims_stay(suite: Suite) -> None:
    person = sign_up({"team": ["north"], "crm": True})
    crm(suite, "grant", f" {person.email.upper()} ", "viewer")
    assert claims_of(person) == {"team": ["north"], "crm": "viewer"}
    crm(suite, "revoke", person.email)
    assert claims_of(person) == {"team": ["north"]}


def test_a_claim_that_is_no_role_is_cleared_and_not_listed(suite: Suite) -> None:
    person = sign_up({"crm": True})
    assert person.uid not in crm(suite, "roles")[1]
    assert crm(suite, "revoke", person.email)[1].startswith(f"{person.email} had no role. ")
    assert claims_of(person) == {}


def test_whoever_signed_up_with_somebodys_address_is_given_no_role(suite: Suite) -> None:
    person = sign_up(verified=False)
    status, said, told = crm(suite, "grant", person.email, "admin")
    assert (status, said) == (1, "")
    assert told.startswith("Error: The address of this account is not verified, and anybody can")
    assert told.count("\n") == 1
    assert claims_of(person) == {}


def test_a_role_given_unverified_is_said_to_count_once_the_address_is(suite: Suite) -> None:
    person = sign_up(verified=False)
    assert crm(suite, "grant", person.email, "viewer", "--unverified") == (
        0,
        f"{person.email} is viewer once the address is verified.\n",
        "",
    )
    assert claims_of(person) == {"crm": "viewer"}
    with pytest.raises(Refusal, match="on an account with a verified address"):
        require(accounts.verified(id_token(person)), Role.VIEWER)


def test_an_unknown_account_is_one_sentence(suite: Suite) -> None:
    stranger = f"{uuid.uuid4().hex}@example.com"
    for words in (["grant", stranger, "viewer"], ["revoke", stranger]):
        status, said, told = crm(suite, *words)
        assert (status, said) == (1, "")
        assert told.startswith("Error: Firebase Auth has no account with this address")
        assert told.count("\n") == 1


def test_claims_that_would_grow_too_large_are_refused_and_stay(suite: Suite) -> None:
    claims = {"team": "x" * 980}
    person = sign_up(claims)
    status, _, told = crm(suite, "grant", person.email, "viewer")
    assert status == 1
    assert told.startswith("Error: The account's custom claims would exceed 1000 bytes")
    assert claims_of(person) == claims


def test_every_page_of_accounts_is_read(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    from firebase_admin import auth

    people = [sign_up({"crm": "editor"}) for _ in range(3)]
    whole, seen = auth.list_users, list[int]()
    monkeypatch.setattr(auth, "list_users", lambda app: whole(max_results=1, app=app))
    found = {account.uid: account.role for account in staff.roles(seen.append)}
    assert [found[person.uid] for person in people] == [Role.EDITOR] * 3
    assert max(seen) == 1
    assert sum(seen) >= len(people)


@pytest.mark.parametrize(
    ("verified", "same", "proves"),
    [(True, True, True), (False, True, False), (True, False, False), (False, False, False)],
)
def test_an_account_proves_its_own_verified_address_only(
    suite: Suite, verified: bool, same: bool, proves: bool
) -> None:
    person = sign_up(email=f"{uuid.uuid4().hex}@Example.COM", verified=verified)
    address = person.email.lower() if same else "other@example.com"
    found = accounts.find(person.uid)
    assert (found.standing, found.proves(address)) == (Standing.PERSON, proves)


@pytest.mark.parametrize("uid", ["no-such-account", "", "x" * 200, "\U0001f600", "a b?c#d"])
def test_a_uid_without_an_account_is_said_to_have_none(suite: Suite, uid: str) -> None:
    assert accounts.find(uid) == NO_ACCOUNT, Standing
    assert not NO_ACCOUNT.proves("ada@example.com")


def test_a_test_mail_goes_to_verified_addresses_of_staff_alone(suite: Suite) -> None:
    editor, nobody = sign_up({"crm": "editor"}), sign_up()
    odd, unverified = sign_up({"crm": "owner"}), sign_up({"crm": "admin"}, verified=False)
    stranger = f"{uuid.uuid4().hex}@example.com"
    asked = [*(one.email for one in (editor, nobody, odd, unverified)), stranger, "no address"]
    assert accounts.staff_among(asked) == {editor.email}


def test_a_refusal_of_grant_has_a_stable_reason(suite: Suite) -> None:
    with pytest.raises(Refusal) as refused:
        staff.grant(f"{uuid.uuid4().hex}@example.com", Role.ADMIN)
    assert (refused.value.code, refused.value.reason) == ("not-found", "no-such-account")


def test_rebuild_backfills_a_project_without_functions(suite: Suite, live: LiveWorld) -> None:
    for number in range(30):
        live.host.put(f"orders/o{number}", order(f"p{number % 4}@example.com", day=number))
    buyer = sign_up(email="p1@example.com", project=live.project)
    live.host.put(f"users/{buyer.uid}", user(buyer.email))
    env = os.environ | suite.env | {"GCLOUD_PROJECT": live.project}

    def rebuild(*options: str) -> tuple[int, list[str]]:
        done = subprocess.run(
            [sys.executable, "-m", "crm", "rebuild", *options],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            env=env,
        )
        assert "orders: 30 of 30" in done.stderr.splitlines()
        own = [one for one in done.stdout.splitlines() if one.startswith("fields of ")]
        assert all(one.endswith(" 0 brought up to date") for one in own if not options)
        return done.returncode, [one for one in done.stdout.splitlines() if one not in own]

    users, orders = "users: 1 looked at, 1", "orders: 30 looked at, 30"
    read = ["users: 1 understood, 0 not", "orders: 30 understood, 0 not"]
    assert rebuild("--dry-run") == (
        0,
        [f"{users} would be brought up to date", f"{orders} would be brought up to date", *read],
    )
    assert live.customers() == []
    checked = [
        f"{name}: {seen} looked at, 0 brought up to date"
        for name, seen in (("crmEvents", 1), ("sums", 4))
    ]
    assert rebuild() == (
        0,
        [f"{users} brought up to date", f"{orders} brought up to date", *checked, *read],
    )
    assert differences(live.database, Keyring(EMULATOR_KEY), datetime.now(UTC)) == []
    assert len(live.customers()) == 4
    looked = {
        "customers": 4,
        "crmIdentities": 5,
        "users": 1,
        "orders": 30,
        "crmEvents": 1,
        "sums": 4,
    }
    nothing = [f"{name}: {seen} looked at, 0 brought up to date" for name, seen in looked.items()]
    assert rebuild() == (0, [*nothing, *read])
    live.host.put("orders/o1", order("p1@example.com", day=1, total=7))
    status, lines = rebuild("--dry-run")
    assert status == 0
    assert "orders: 30 looked at, 1 would be brought up to date" in lines
    (drift,) = lines[len(looked) : -len(read)]
    assert drift.endswith(": totalSpend")


def test_mapping_proposes_lines_for_documents_as_firestore_answers_them(
    suite: Suite, live: LiveWorld, tmp_path: Path
) -> None:
    client = PatientClient(project=live.project)
    for number in range(12):
        live.host.put(
            f"bookings/b{number}",
            {
                "mail": f"person{number}@example.com",
                "buyer_ref": client.document(f"users/u{number}") if number % 2 else None,
                "place": GeoPoint(52.5, 13.4),
                "booked_at": SERVER_TIMESTAMP,
                "state": "paid" if number % 3 else "cancelled",
                "total_cents": 4990 + number,
                "currency": "eur",
                "tickets": [{"event_ref": client.document("events/e1"), "quantity": 2}],
            },
        )
    live.host.put("users/u1", user("person1@example.com"))
    proposed = _proposed(suite, live, tmp_path)
    assert (proposed["understood"], proposed["withTickets"]) == (12, 12)
    lines = proposed["toml"].splitlines()
    assert lines[:4] == ['amounts = "minor"', "", "[orders]", 'path = "bookings"']
    assert 'userId = "buyer_ref"' in lines
    assert live.customers() == []
    file = tmp_path / "new.toml"
    file.write_text(proposed["toml"])
    assert settings.load(file).orders.path == "bookings"


def test_mapping_finds_orders_below_users(suite: Suite, live: LiveWorld, tmp_path: Path) -> None:
    for number in range(6):
        live.host.put(f"users/u{number}", user(f"person{number}@example.com"))
        live.host.put(
            f"users/u{number}/purchases/p1",
            {"state": "paid", "amount": 49.9, "currency": "EUR", "createdAt": SERVER_TIMESTAMP},
        )
    proposed = _proposed(suite, live, tmp_path)
    assert proposed["understood"] == 6
    lines = proposed["toml"].splitlines()
    assert 'path = "users/{uid}/purchases"' in lines
    assert 'status = "state"' in lines


def _proposed(suite: Suite, live: LiveWorld, folder: Path) -> dict[str, Any]:
    """Return what `crm mapping` proposes for orders, without a key and without a `crm.toml`."""
    empty = folder / "crm.toml"
    empty.write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "crm", "mapping", "--config", str(empty), "--json"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env={key: value for key, value in os.environ.items() if key != "CRM_KEY"}
        | suite.env
        | {"GCLOUD_PROJECT": live.project},
    )
    assert done.returncode == 0, done.stderr
    proposed: dict[str, Any] = json.loads(done.stdout)["orders"]["proposed"]
    return proposed
