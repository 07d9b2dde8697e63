"""`doctor` on real emulators: an installation that is well, and broken ones, each named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

import crm
from crm.core.keyring import Keyring
from crm.db.collections import INSTALLATION, ORDERS, QUARANTINE
from crm.entrypoints.cli import cli
from crm.entrypoints.doctor import gathering, sending
from crm.entrypoints.doctor.gathering import Sources, gather
from crm.entrypoints.names import FUNCTIONS
from crm.firebase import emulated
from crm.firebase.store import client
from crm.runtime.key_fingerprint import remember_key
from crm.setup.check import Check
from crm.setup.doctor import CHECKS, diagnosed
from crm.setup.looking import PROMPT, SOON
from suite import start_suite
from suite.launch import ROOT
from suite.running import Suite
from testing.auth import sign_up
from testing.client import client_of
from testing.hosts import order
from testing.patience import PATIENCE, eventually
from tests.support.live import LiveWorld

OPEN = """rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    match /{document=**} {
      allow read, write: if request.time < timestamp.date(2099, 1, 1);
    }
  }
}
"""


OTHER = b"the secret of a backup"


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No bound of time is tried here, but where a host is dead."""
    monkeypatch.setattr(gathering, "FIRST", PATIENCE)
    monkeypatch.setattr(gathering, "MOST", PATIENCE)
    monkeypatch.setattr(emulated, "TIMEOUT", PATIENCE)
    for name in ("CRM_KEY", "CRM_MAIL", "CRM_EMULATOR_MAIL", "CRM_EMULATOR_CONTACTS"):
        monkeypatch.delenv(name, raising=False)
    client.cache_clear()
    yield
    client.cache_clear()


def told(
    folder: Path | str, ahead: timedelta = timedelta(0), *, send_order: bool = False
) -> dict[str, Check]:
    """Every check by its name, so much later than now."""
    sources = Sources(now=lambda: datetime.now(UTC) + ahead)
    facts = gather(str(folder), send_order=send_order, sources=sources)
    return {one.check: one for one in diagnosed(facts)}


def assert_is(check: Check, verdict: str, says: str) -> None:
    assert (check.verdict, says in check.message) == (verdict, True), check


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of functions as new as can be: its crm.toml says nothing but the region."""
    made = tmp_path / "crm-lite"
    made.mkdir()
    (made / "main.py").write_text("from crm.functions import *\n")
    (made / "requirements.txt").write_text("click==8.5.1\n")
    (made / "crm.toml").write_text('region = "us-central1"\n')
    return made


# --- In the project where functions fire ---------------------------------------------------------


def test_an_installation_that_is_well(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command itself, as an engineer runs it; it writes an order, and takes it away."""
    monkeypatch.chdir(ROOT)
    for role in ("admin", "admin"):
        sign_up({"crm": role})

    def run() -> dict[str, dict[str, str]]:
        done = subprocess.run(
            [sys.executable, "-m", "crm", "doctor", "--folder", ".", "--send-order", "--json"],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            env=os.environ | suite.env,
        )
        answer = json.loads(done.stdout)
        assert done.returncode == (1 if answer["fail"] else 0)
        return {one["check"]: one for one in answer["checks"]}

    def is_well() -> dict[str, dict[str, str]]:
        found = run()
        bad = {name: one["message"] for name, one in found.items() if one["verdict"] == "fail"}
        # The texts of exports are the host's to write; other tests leave what they like.
        assert set(bad) <= {"privacy", "history", "quarantine", "mapping", "erasures"}, bad
        return found

    found = eventually(is_well)  # a machine that is busy may keep a source from answering in time
    assert [*found] == [name for name in CHECKS if name in found]
    well = ("versions", "folder", "project", "settings", "key", "database", "region", "rules")
    for name in (*well, "open-rules", "indexes", "deployment", "functions", "sweep"):
        assert found[name]["verdict"] == "ok", found[name]
    assert found["versions"]["message"].endswith("here and in the functions.")
    assert f"All {len(FUNCTIONS)} functions are there" in found["deployment"]["message"]
    assert "arrived after" in found["functions"]["message"]
    orders = client_of(suite.project).collection("orders").stream()
    assert not [one.id for one in orders if one.id.startswith("crm-doctor-")]
    waiting = client_of(suite.project).collection(QUARANTINE).stream()
    assert not [one for one in waiting if "crm-doctor-" in str(one.to_dict())]


def test_functions_elsewhere_than_crm_toml_says(suite: Suite, folder: Path) -> None:
    (folder / "crm.toml").write_text('region = "asia-east1"\n')
    says = "are in us-central1, and crm.toml says asia-east1: correct it"
    assert_is(told(folder)["deployment"], "fail", says)


def test_what_a_new_crm_toml_does_not_say(suite: Suite, folder: Path) -> None:
    found = told(folder)
    assert_is(found["time-zone"], "warn", 'write your zone, such as time_zone = "Europe/Berlin"')
    assert_is(found["privacy"], "fail", "fill in privacy.controller, privacy.contact in crm.toml")
    assert_is(found["mail"], "warn", "crm.toml does not say whom mails are from")
    (folder / "crm.toml").write_text("[mail]\nfrom = 'e@example.com'\n")
    assert_is(told(folder)["mail"], "warn", "the secret CRM_MAIL is missing")


def test_an_old_lock_in_the_folder(suite: Suite, folder: Path) -> None:
    (folder / "requirements.txt").write_text("./crm_lite-0.0.9-py3-none-any.whl --hash=sha256:0\n")
    found = told(folder)
    assert_is(found["versions"], "fail", "requirements.txt has 0.0.9: run `python -m crm upgrade`")
    assert_is(found["folder"], "fail", "lacks crm_lite-0.0.9-py3-none-any.whl")


def test_a_weak_key_beside_emulators(
    suite: Suite, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_is(told(folder)["key"], "ok", "production needs one of its own")
    monkeypatch.setenv("CRM_KEY", "crm-lite-emulator-key-protects-nothing")
    assert_is(told(folder)["key"], "warn", "CRM_KEY here is published")


# --- In a project of its own, where no function fires --------------------------------------------


@pytest.fixture
def alone(live: LiveWorld, monkeypatch: pytest.MonkeyPatch) -> LiveWorld:
    monkeypatch.setenv("GCLOUD_PROJECT", live.project)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", live.project)
    return live


def test_nobody_has_a_role_or_their_addresses_are_not_verified(
    alone: LiveWorld, folder: Path
) -> None:
    assert_is(told(folder)["staff"], "fail", "run `python -m crm grant EMAIL admin`")
    sign_up({"crm": "admin"}, project=alone.project)
    assert_is(told(folder)["staff"], "warn", "There is one admin alone")
    sign_up({"crm": "admin"}, project=alone.project)
    sign_up({"crm": "viewer"}, project=alone.project, verified=False)
    assert_is(told(folder)["staff"], "warn", "1 of your staff cannot do anything yet")


def test_a_database_of_another_key(alone: LiveWorld, folder: Path) -> None:
    remember_key(alone.store, Keyring(OTHER), datetime.now(UTC))
    assert_is(told(folder)["key"], "fail", "not made with the emulators' key: start the emulators")
    alone.client.document(f"{INSTALLATION}/key").update({"next": "mark of a new one"})
    assert_is(told(folder)["key"], "fail", "run `python -m crm rotate-key` to its end")


def test_history_that_was_not_taken_in_and_functions_that_do_not_fire(
    alone: LiveWorld, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        alone.host.put(f"orders/o{number}", order(f"p{number}@example.com"))
    later = SOON + timedelta(minutes=1)
    found = told(folder, later)
    assert_is(found["history"], "fail", "3 of 3 orders that were looked at are not here yet: run")
    assert_is(found["functions"], "warn", "No order has arrived yet")
    for number in range(3):
        alone.sync.sync_order(f"o{number}")
    assert told(folder, later)["history"].verdict == "ok"
    alone.host.put("orders/new", order(createdAt=datetime.now(UTC)))
    soon = PROMPT + timedelta(minutes=1)
    assert_is(told(folder, soon)["functions"], "fail", "1 of the newest orders have not arrived")
    monkeypatch.setattr(sending, "send", _impatient)
    found = told(folder, send_order=True)
    assert_is(found["functions"], "fail", "did not arrive within 1 seconds: see that the emulators")
    assert not [one for one in alone.host.all("orders") if one.startswith("crm-doctor-")]


_send = sending.send


def _impatient(store: object, settings: object) -> object:
    return _send(store, settings, 1.0)  # type: ignore[arg-type]


def test_orders_that_are_not_understood(alone: LiveWorld, folder: Path) -> None:
    for number in range(9):
        alone.put_order(f"w{number}", order(status=f"weird{number}"))
    alone.put_order("good", order())
    found = told(folder)
    assert_is(found["mapping"], "fail", "1 of the 10 orders looked at are understood (status-unkno")
    assert_is(found["quarantine"], "fail", "9 documents could not be read (status-unknown 9), and")
    for number in range(4):
        alone.put_order(f"w{number}", order())
    found = told(folder)
    assert_is(found["mapping"], "warn", "5 of the 10 orders looked at are understood")
    assert_is(found["quarantine"], "warn", "5 documents could not be read")


def test_it_writes_nothing(alone: LiveWorld, folder: Path) -> None:
    told(folder)
    assert list(alone.client.collections()) == []


# --- In suites that are not as they should be ----------------------------------------------------


def test_open_rules_no_functions_and_then_a_dead_host(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = folder.parent
    (app / "firestore.rules").write_text(OPEN)
    (app / "firebase.json").write_text('{"firestore": {"rules": "firestore.rules"}}')
    monkeypatch.chdir(app)
    monkeypatch.delenv("FUNCTIONS_EMULATOR_ORIGIN", raising=False)
    with start_suite("demo-open", config=app / "firebase.json", functions=False) as suite:
        for name, value in suite.env.items():
            monkeypatch.setenv(name, value)
        found = told("crm-lite")
        says = "Anybody can read customers, as firestore.rules, line 4, opens /{document=**}"
        assert_is(found["open-rules"], "fail", says)
        assert_is(found["deployment"], "fail", "The Functions emulator is not running: start")
        assert_is(found["folder"], "fail", "firebase.json does not name crm-lite")
        assert_is(found["database"], "ok", "Firestore answers")

        closed = OPEN.replace("request.time < timestamp.date(2099, 1, 1)", "false")
    (app / "firestore.rules").write_text(closed)
    monkeypatch.undo()
    monkeypatch.chdir(app)
    for name, value in suite.env.items():
        monkeypatch.setenv(name, value)
    began = datetime.now(UTC)
    done = CliRunner().invoke(cli, ["doctor"])
    assert done.exit_code == 1
    assert f"fail database: Firestore at {suite.firestore_host} did not answer" in done.stdout
    assert datetime.now(UTC) - began < timedelta(seconds=max(10, PATIENCE / 4))


def test_rules_without_our_part(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = folder.parent
    (app / "firestore.rules").write_text(
        OPEN.replace("request.time < timestamp.date(2099, 1, 1)", "false")
    )
    (app / "firebase.json").write_text('{"firestore": {"rules": "firestore.rules"}}')
    monkeypatch.chdir(app)
    with start_suite("demo-closed", config=app / "firebase.json", functions=False) as suite:
        for name, value in suite.env.items():
            monkeypatch.setenv(name, value)
        found = told("crm-lite")
    assert_is(found["rules"], "fail", "Staff cannot read customers")
    assert_is(found["open-rules"], "ok", "No rule opens customers")


def test_the_rows_it_leaves_are_those_of_orders_that_are_gone(suite: Suite) -> None:
    rows = client_of(suite.project).collection(ORDERS).stream()
    left = [one.to_dict() or {} for one in rows if one.id.startswith("crm-doctor-")]
    assert all(row["deleted"] for row in left)


def test_this_is_the_version_that_the_functions_are_labelled_with(suite: Suite) -> None:
    assert crm.__version__ in told(ROOT)["versions"].message
