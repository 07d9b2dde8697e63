"""`import_contacts`, `undo_import` and `list_imports` as calls: requests, refusals, answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crm.entrypoints.callables.imports import MAX_EVIDENCE, MAX_SOURCE
from crm.entrypoints.rate_limit import RateLimit
from crm.importing.reading import MAX_BYTES
from testing.world import World
from tests.unit.entrypoints.test_dispatch import Bad, call, each, refused

ADMIN: dict[str, object] = {"crm": "admin", "email_verified": True}
FILE = "email,name,status\nada@example.com,Ada,subscribed\nbob@example.com,Bob,\nnobody,,\n"
GOOD: dict[str, Any] = {"csv": FILE, "source": "a fair", "evidence": "a ticked box"}


@pytest.fixture(autouse=True)
def unbounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten lists a minute are what an instance takes of a caller."""
    monkeypatch.setattr(RateLimit, "admit", lambda *_: None)


def ask(name: str, data: Any, world: World, uid: str = "boss") -> Any:
    return call(name, data, world, claims=ADMIN, uid=uid)


def test_a_list_is_previewed_taken_in_listed_and_undone() -> None:
    world = World()
    shown = ask("import_contacts", {"csv": FILE, "dryRun": True}, world)
    assert (shown["importId"], shown["jobId"]) == (None, None)
    assert shown["report"].pop("evidenceNeeded") is True
    assert world.store.writes == 0
    done = ask("import_contacts", GOOD, world)
    assert json.loads(json.dumps(done, allow_nan=False)) == done
    assert done["report"] == shown["report"]
    (listed,) = ask("list_imports", {"pageSize": 1}, world)["imports"]
    assert (listed["importId"], listed["source"]) == (done["importId"], "a fair")
    job_id = ask("undo_import", {"importId": done["importId"]}, world)["jobId"]
    assert ask("get_job", {"jobId": job_id}, world)["job"]["state"] == "done"
    (listed,) = ask("list_imports", None, world)["imports"]
    assert (listed["state"], listed["undone"]) == ("undone", {"removed": 2})
    assert world.customers() == []


TOO_LARGE: dict[str, Any] = {**GOOD, "csv": "email\n" + "x" * MAX_BYTES}

NO_IDS = ("", "a/b", "..", "__x__", "\0", "x" * 1_501)
NO_TEXT: Any = (1, True, ["x"], {"text": "x"}, float("nan"))
BAD: list[Bad] = [
    ("import_contacts", {}, "missing-key", "csv"),
    *each("import_contacts", GOOD, "csv", "missing-key", [None]),
    *each("import_contacts", GOOD, "csv", "value-invalid", NO_TEXT),
    *each("import_contacts", GOOD, "file", "unknown-key", ["x"]),
    *each("import_contacts", GOOD, "dry_run", "unknown-key", [True]),
    *each("import_contacts", GOOD, "dryRun", "value-invalid", [1, 0, "true", "false", [], {}]),
    *each("import_contacts", GOOD, "source", "value-invalid", ["x" * (MAX_SOURCE + 1), *NO_TEXT]),
    *each(
        "import_contacts", GOOD, "evidence", "value-invalid", ["x" * (MAX_EVIDENCE + 1), *NO_TEXT]
    ),
    *each("import_contacts", GOOD, "source", "text-invalid", ["a\0b", "\ud800"]),
    *each("import_contacts", GOOD, "evidence", "text-invalid", ["a\0b", "\ud800"]),
    *each("import_contacts", GOOD, "source", "source-missing", [None, "", " \n"]),
    *each("import_contacts", GOOD, "evidence", "evidence-missing", [None, "", "\t "]),
    ("import_contacts", {**GOOD, "csv": ""}, "email-column-missing", "email"),
    ("import_contacts", {**GOOD, "csv": "email,size\na@b.example,M"}, "column-unknown", "size"),
    ("import_contacts", TOO_LARGE, "file-too-large", "8,000,000"),
    ("undo_import", {}, "missing-key", "importId"),
    *each("undo_import", {}, "importId", "id-invalid", NO_IDS),
    *each("undo_import", {}, "importId", "value-invalid", [5]),
    *each("undo_import", {"importId": "a"}, "force", "unknown-key", [True]),
    *each("list_imports", {}, "pageSize", "value-invalid", [0, 201, "5"]),
    *each("list_imports", {}, "pageToken", "page-token", ["forged"]),
    *each("list_imports", {}, "state", "unknown-key", ["done"]),
]


@pytest.mark.parametrize(("name", "data", "reason", "told"), BAD, ids=lambda one: repr(one)[:60])
def test_a_bad_request_is_refused_before_anything_is_read(
    name: str, data: Any, reason: str, told: str
) -> None:
    world = World()
    code, given, message = refused(name, data, world=world, claims=ADMIN)
    assert (code, given) == ("invalid-argument", reason)
    assert told in message
    assert len(message) < 300
    assert "@" not in message
    assert world.store.reads == 0


def test_an_import_that_is_not_there_is_not_found() -> None:
    code, reason, _ = refused("undo_import", {"importId": "none"}, claims=ADMIN)
    assert (code, reason) == ("not-found", "no-such-import")


def test_a_page_of_imports_is_for_whom_it_was_made() -> None:
    world = World()
    for number in range(3):
        ask("import_contacts", {**GOOD, "csv": f"email\np{number}@example.com"}, world)
    first = ask("list_imports", {"pageSize": 2}, world)
    rest = {"pageSize": 2, "pageToken": first["nextPageToken"]}
    last = ask("list_imports", rest, world)
    assert (len(first["imports"]), len(last["imports"])) == (2, 1)
    assert last["nextPageToken"] is None
    _, reason, _ = refused("list_imports", rest, world=world, claims=ADMIN, uid="other")
    assert reason == "page-token"
    _, reason, _ = refused("list_tags", rest, world=world, claims=ADMIN, uid="boss")
    assert reason == "page-token", "nor for another list"
