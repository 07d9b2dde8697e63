"""The audit trail on the real Firestore: checked by the command, and read over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import uuid
from pathlib import Path
from typing import Any

import pytest

from crm.audit.trail import entry_id
from crm.audit.verify import AuditReport, verify
from crm.core.keyring import Keyring
from crm.core.roles import Role
from crm.db.documents import Create
from crm.firebase.staff import grant
from crm.runtime.services import EMULATOR_KEY
from suite.running import Suite
from testing.auth import sign_up
from testing.client import PatientClient
from testing.hosts import order
from testing.patience import PATIENCE, eventually
from tests.support.live import LiveWorld
from tests.support.web import call
from tests.unit.audit.test_trail import recorded


@pytest.fixture
def audited(project_id: str) -> LiveWorld:
    """A project with thirty entries under the emulators' key."""
    live = LiveWorld(project_id, keys=Keyring(EMULATOR_KEY))
    for number in range(30):
        recorded(live, "customer.tag", f"c{number}")
    return live


def test_the_command_finds_what_was_done_to_the_trail(
    suite: Suite, audited: LiveWorld, tmp_path: Path
) -> None:
    env = os.environ | suite.env | {"GCLOUD_PROJECT": audited.project}
    file = tmp_path / "tip.json"

    def verify_audit(*options: str | Path) -> tuple[int, list[str], list[str]]:
        done = subprocess.run(
            [sys.executable, "-m", "crm", "verify-audit", *options],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            env=env,
        )
        assert "Traceback" not in done.stderr
        # On a busy machine it takes so long that the command says what it waits for.
        told = [one for one in done.stderr.splitlines() if not one.startswith("Waiting for ")]
        return done.returncode, done.stdout.splitlines(), told

    status, lines, told = verify_audit("--tip", file)
    assert (status, told) == (0, ["entries: 30 of 30"])
    kept = json.loads(file.read_text())
    assert lines[-1] == f"30 entries without fault, tip {kept['digest']}"
    ends = [f"{key}\t{one['count']}\t{one['seal']}" for key, one in kept["chains"].items()]
    assert lines[:-1] == ends

    recorded(audited, "customer.tag", "later")
    assert verify_audit("--since", file, "--tip", file)[0] == 0
    kept = json.loads(file.read_text())

    chain = max(kept["chains"], key=lambda key: kept["chains"][key]["count"])
    count = kept["chains"][chain]["count"]
    head = audited.client.document(f"crmAuditHeads/{chain}")
    last = audited.client.document(f"crmAudit/{entry_id(int(chain), count)}")
    entry = last.get().to_dict() or {}
    last.delete()
    status, lines, told = verify_audit()
    assert (status, lines) == (1, [])
    assert told[1:] == [
        f"{chain}: cut-off: entry {count} is missing at the end",
        "Error: 1 faults were found in the audit trail.",
    ]

    before = audited.client.document(f"crmAudit/{entry_id(int(chain), count - 1)}").get()
    head.set({"count": count - 1, "seal": before.get("seal")})
    assert verify_audit()[0] == 0
    status, _, told = verify_audit("--since", file, "--tip", file)
    assert status == 1
    text = f"{chain}: rolled-back: entry {count} is in the tip, and here no more"
    assert text in told
    assert json.loads(file.read_text()) == kept

    last.set(entry)
    head.set({"count": count, "seal": entry["seal"]})
    last.update({"actor": "u1-other"})
    assert f"{last.id}: edited: the entry is not as it was written here" in verify_audit()[2]

    status, _, told = verify_audit("--since", tmp_path / "none")
    assert (status, told[-1]) == (1, f"Error: {tmp_path / 'none'}: No such file or directory.")
    file.write_text("[" * 100_000)
    status, _, told = verify_audit("--since", file)
    assert status == 1
    assert told[-1].startswith("Error: This is no tip of the audit trail")
    file.write_bytes(b"\xff")
    assert verify_audit("--since", file)[0] == 1


def test_the_check_has_one_moment_beside_live_changes(audited: LiveWorld) -> None:
    done = threading.Event()
    written = []

    def write() -> None:
        while not done.is_set():
            recorded(audited, "customer.tag", "c")
            written.append(1)

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    reports: list[AuditReport] = []
    try:
        while (
            len(reports) < 8
            or len(written) < 30
            or reports[-1].tip.entries == reports[0].tip.entries
        ):
            reports.append(verify(audited.store, audited.keys, audited.runner.retry))
            assert len(reports) < 1_000, "nobody writes beside it"
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert [report.faults for report in reports] == [[]] * len(reports)
    counts = [report.tip.entries for report in reports]
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


def test_a_value_that_no_entry_ever_had_is_a_fault(audited: LiveWorld) -> None:
    odd: dict[str, Any] = {"chain": 3, "number": 900, "at": b"\xff", "seal": 1.5}
    audited.store.commit([Create(f"crmAudit/{entry_id(3, 900)}", odd)])
    report = verify(audited.store, audited.keys, audited.runner.retry)
    reasons = {fault.reason for fault in report.faults}
    assert {"missing", "beyond-head"} <= reasons


def test_an_admin_reads_who_merged_and_what(suite: Suite) -> None:
    admin, editor = sign_up(), sign_up()
    grant(admin.email, Role.ADMIN)
    grant(editor.email, Role.EDITOR)
    documents = PatientClient(project=suite.project)

    def guest() -> str:
        email = f"{uuid.uuid4().hex}@example.com"
        documents.document(f"orders/{email.split('@')[0]}").set(order(email))
        who = ("get_customer", {"email": email})
        found = eventually(lambda: call(suite, editor, who)[0]["data"])
        return str(found["customer"]["customerId"])

    one, two = guest(), guest()
    pair = {"sourceId": one, "targetId": two}
    merged, again, same = call(
        suite,
        editor,
        ("merge_customers", pair),
        ("merge_customers", pair),
        ("merge_customers", {"sourceId": one, "targetId": one}),
    )
    merge_id = merged["data"]["mergeId"]
    assert again["data"]["mergeId"] == merge_id
    assert same["details"] == {"reason": "same-customer"}
    by_customer, by_caller, refused = call(
        suite,
        admin,
        ("list_audit", {"customerId": one}),
        ("list_audit", {"userId": editor.uid}),
        ("list_audit", {"customerId": one, "userId": editor.uid}),
    )
    (entry,) = by_customer["data"]["entries"]
    assert entry["action"] == "customer.merge"
    assert entry["customers"] == [two, one]
    assert entry["facts"] == {"mergeId": merge_id}
    assert entry["actor"] == Keyring(EMULATOR_KEY).user(editor.uid)
    assert by_caller["data"] == by_customer["data"]
    assert refused["details"] == {"reason": "who"}
    denied = call(suite, editor, ("list_audit", {"customerId": one}))[0]
    assert denied["code"] == "functions/permission-denied"
