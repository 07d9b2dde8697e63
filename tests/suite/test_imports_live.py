"""Lists by HTTP, the task queue and the operator's command, on the real database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

from crm.core.roles import Role
from crm.db.collections import CUSTOMERS, IMPORTED
from crm.firebase.staff import grant
from suite.running import Suite
from testing.auth import Person, sign_up
from testing.client import client_of
from testing.hosts import order
from testing.patience import PATIENCE, eventually
from tests.support.web import call

VOUCHED = {"source": "the fair of 2025", "evidence": "a ticked box on paper"}


@pytest.fixture(scope="module")
def admin(suite: Suite) -> Person:
    person = sign_up()
    grant(person.email, Role.ADMIN, unverified=True)
    return person


@pytest.fixture
def mark() -> str:
    return uuid.uuid4().hex[:10]


def ask(suite: Suite, person: Person, name: str, **data: object) -> Any:
    (answer,) = call(suite, person, (name, data))
    assert "data" in answer, answer
    return answer["data"]


def found(suite: Suite, person: Person, email: str) -> dict[str, Any] | None:
    (answer,) = call(suite, person, ("get_customer", {"email": email}))
    customer: dict[str, Any] | None = answer.get("data", {}).get("customer")
    return customer


def there(suite: Suite, person: Person, email: str) -> dict[str, Any]:
    def check() -> dict[str, Any]:
        customer = found(suite, person, email)
        assert customer is not None
        return customer

    return eventually(check)


def test_nobody_is_raised_by_a_list(suite: Suite, admin: Person, mark: str) -> None:
    """Case 12: `inactive`, `Unsubscribed`, an erased address, and one that withdrew here."""
    host = client_of(suite.project)
    names = {name: f"{name}-{mark}@example.com" for name in ("left", "gone", "ada", "bob", "new")}
    for name in ("left", "gone"):
        host.document(f"orders/{name}-{mark}").set(order(names[name], marketingOptIn=True))
    left = there(suite, admin, names["left"])
    ask(suite, admin, "set_consent", customerId=left["customerId"], status="unsubscribed")
    there(suite, admin, names["gone"])
    erased = ask(suite, admin, "delete_customer", email=names["gone"], reason="by letter")
    assert erased["status"] in ("done", "running")
    csv = (
        "email,name,tags,status,consentedAt\n"
        f"{names['left']},,Fair {mark},subscribed,2025-06-01\n"
        f"{names['gone']},Gone,,subscribed,\n"
        f"{names['ada']},Ada,,inactive,\n"
        f"{names['bob']},Bob,,Unsubscribed,\n"
        f"{names['new']},New,Fair {mark},subscribed,2025-06-01\n"
    )
    expected = {
        "rows": 5,
        "added": 1,
        "changed": 0,
        "unchanged": 0,
        "keptOut": {"withdrew": 1, "erased": 1},
        "duplicates": 0,
        "errors": [{"row": row, "reason": "status-unknown", "column": "status"} for row in (4, 5)],
        "errorCount": 2,
    }
    preview = ask(suite, admin, "import_contacts", csv=csv, dryRun=True)
    assert preview == {
        "report": {**expected, "evidenceNeeded": True},
        "importId": None,
        "jobId": None,
    }
    assert found(suite, admin, names["new"]) is None
    done = ask(suite, admin, "import_contacts", csv=csv, **VOUCHED)
    assert (done["report"], done["jobId"]) == (expected, None)
    assert there(suite, admin, names["left"])["marketing"]["status"] == "unsubscribed"
    for name in ("gone", "ada", "bob"):
        assert found(suite, admin, names[name]) is None
    new = there(suite, admin, names["new"])
    assert new["marketing"]["status"] == "subscribed"
    assert new["marketing"]["at"].startswith("2025-06-01T00:00:00")
    again = ask(suite, admin, "import_contacts", csv=csv, **VOUCHED)
    assert (again["report"]["added"], again["report"]["unchanged"]) == (0, 1)
    for one in (again, done):
        job = ask(suite, admin, "get_job", jobId=undo(suite, admin, one["importId"]))["job"]
        assert job["state"] == "done", job
    assert found(suite, admin, names["new"]) is None
    assert there(suite, admin, names["left"])["tags"] == []


def undo(suite: Suite, admin: Person, import_id: str) -> str:
    job_id: str = ask(suite, admin, "undo_import", importId=import_id)["jobId"]
    assert ask(suite, admin, "undo_import", importId=import_id)["jobId"] == job_id
    return job_id


def over(suite: Suite, admin: Person, job_id: str) -> dict[str, Any]:
    def check() -> dict[str, Any]:
        job: dict[str, Any] = ask(suite, admin, "get_job", jobId=job_id)["job"]
        assert job["state"] == "done", job
        return job

    return eventually(check, seconds=180)


def test_many_are_taken_in_by_workers_and_undone(suite: Suite, admin: Person, mark: str) -> None:
    rows = "".join(f"p{one}.{mark}@example.com,P {one},Crowd {mark}\n" for one in range(450))
    csv = f"email;name;tags\n{rows}".replace(",", ";")
    done = ask(suite, admin, "import_contacts", csv=csv, **VOUCHED)
    job = over(suite, admin, done["jobId"])
    assert (job["result"], job["done"], job["total"]) == ({"added": 450}, 450, 450)
    (listed, *_) = ask(suite, admin, "list_imports")["imports"]
    assert (listed["importId"], listed["state"]) == (done["importId"], "done")
    assert listed["report"]["added"] == 450
    tag = f"crowd-{mark}"
    assert ask(suite, admin, "count_segment", segment={"tag": tag})["count"] == 450
    again = ask(suite, admin, "import_contacts", csv=csv, **VOUCHED)
    assert over(suite, admin, again["jobId"])["result"] == {"unchanged": 450}
    assert over(suite, admin, undo(suite, admin, done["importId"]))["result"] == {"removed": 450}
    assert ask(suite, admin, "count_segment", segment={"tag": tag})["count"] == 0
    database = client_of(suite.project)
    kept = [one.to_dict() or {} for one in database.collection(IMPORTED).get()]
    assert not [one for one in kept if one["importId"] == done["importId"] and one["done"]]


def test_only_an_admin_takes_lists_in(suite: Suite, admin: Person, mark: str) -> None:
    editor = sign_up()
    grant(editor.email, Role.EDITOR, unverified=True)
    csv = f"email\nx-{mark}@example.com\n"
    large = "email\n" + "nobody\n" * 200_000  # more than any other call takes
    asked = {"csv": csv, **VOUCHED}
    for name, data in (
        ("import_contacts", asked),
        ("import_contacts", {"csv": large, "dryRun": True}),
        ("undo_import", {"importId": "x"}),
        ("list_imports", {}),
    ):
        (answer,) = call(suite, editor, (name, data))
        assert answer["code"] == "functions/permission-denied", answer
    told = ask(suite, admin, "import_contacts", csv=large, dryRun=True)["report"]
    assert (told["errorCount"], len(told["errors"])) == (200_000, 200)
    (answer,) = call(suite, admin, ("get_customer", {"email": "x" * 2_000_000}))
    assert answer["details"] == {"reason": "body-too-large"}


def crm(suite: Suite, *words: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "crm", *words],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=os.environ | suite.env,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_operators_command_takes_a_file_in(
    suite: Suite, admin: Person, mark: str, tmp_path: Path
) -> None:
    file = tmp_path / "fair.csv"
    rows = "".join(f"c{one}.{mark}@example.com,C,subscribed\n" for one in range(250))
    file.write_text(f"email,name,status\n{rows}nobody,,\n", encoding="utf-8-sig")
    status, told, _ = crm(suite, "import", str(file), "--dry-run")
    assert status == 0
    assert told.startswith("251 rows: 250 added, 0 changed"), told
    status, _, wrong = crm(suite, "import", str(file))
    assert (status, "evidence" in wrong) == (1, True)
    status, told, wrong = crm(suite, "import", str(file), "--evidence", "a box", "--json")
    assert status == 0, wrong
    answer = json.loads(told)
    assert (answer["report"]["added"], answer["report"]["errorCount"]) == (250, 1)
    status, told, wrong = crm(suite, "import", str(file), "--evidence", "a box")
    assert "251 rows: 0 added, 0 changed, 250 unchanged" in told
    assert "row 252: email-invalid (email)" in wrong
    assert there(suite, admin, f"c7.{mark}@example.com")["marketing"]["status"] == "subscribed"
    file.write_bytes("email\nä@example.com".encode("latin-1"))
    status, _, wrong = crm(suite, "import", str(file))
    assert (status, "not UTF-8" in wrong) == (1, True)
    assert client_of(suite.project).collection(CUSTOMERS).limit(1).get()
