"""What is kept of an import and of its undo, what the audit trail says, and what staff see."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from crm.core.errors import Refusal
from crm.core.roles import Role
from crm.db.collections import AUDIT, IMPORTED, IMPORTS, JOBS
from crm.db.paging import Pager, PageTokens
from crm.entrypoints.job_kinds import KINDS
from crm.importing import imports
from crm.importing.record import KEPT
from crm.jobs import control
from crm.jobs.run import run
from testing.hosts import order
from testing.world import KEYS
from tests.support.importing import Desk

FILE = (
    "email,name,tags,status,consentedAt,company\n"
    "ada@example.com,Ada,VIP,subscribed,2025-06-01,ACME\n"
    "bob@example.com,,,unsubscribed,,\n"
    "Bob@example.com,,,,,\n"
    "nobody,,,,,\n"
)

ADA, BOB = (KEYS.address(f"{name}@example.com") for name in ("ada", "bob"))

REPORT = {
    "rows": 4,
    "added": 2,
    "changed": 0,
    "unchanged": 0,
    "keptOut": {},
    "duplicates": 1,
    "errors": [{"row": 5, "reason": "email-invalid", "column": "email"}],
    "errorCount": 1,
}


def named() -> Desk:
    """A desk in the name of somebody."""
    desk = Desk()
    desk.runner = replace(desk.runner, actor="u1-staff")
    return desk


@pytest.fixture
def desk() -> Desk:
    return named()


def waiting(desk: Desk, csv: str) -> dict[str, Any]:
    """Take a list in, and leave to workers what is theirs."""
    return imports.import_contacts(
        desk.runner,
        desk.queue.append,
        csv,
        source="the fair of 2025",
        evidence="a ticked box on paper",
    )


def undone(desk: Desk, import_id: str) -> str:
    answer = imports.undo_import(desk.runner, desk.queue.append, import_id)
    assert answer.keys() == {"jobId"}
    return str(answer["jobId"])


def only(desk: Desk, collection: str) -> tuple[str, dict[str, Any]]:
    ((name, data),) = desk.store.all(collection).items()
    return name, data


def told(desk: Desk, action: str) -> list[dict[str, Any]]:
    """What the audit trail says of an action, but for when and its seals."""
    return [
        {key: one[key] for key in ("actor", "customers", "facts")}
        for one in desk.store.all(AUDIT).values()
        if one["action"] == action
    ]


def at_of(desk: Desk) -> datetime:
    at = only(desk, IMPORTS)[1]["at"]
    assert isinstance(at, datetime)
    return at


# Documents


def test_an_import_says_who_took_in_what_and_what_came_of_it(desk: Desk) -> None:
    began = desk.store.now()
    done = waiting(desk, FILE)
    assert done == {"report": REPORT, "importId": done["importId"], "jobId": None}
    import_id, kept = only(desk, IMPORTS)
    (job_id,) = desk.store.all(JOBS)
    assert import_id == done["importId"]
    assert began <= kept["at"] < kept["finishedAt"] < desk.store.now()
    assert kept == {
        "at": kept["at"],
        "actor": "u1-staff",
        "source": "the fair of 2025",
        "evidence": "a ticked box on paper",
        "jobId": job_id,
        "chunks": 1,
        "rows": 4,
        "people": 2,
        "duplicates": 1,
        "errorCount": 1,
        "errors": REPORT["errors"],
        "state": "done",
        "counts": {"added": 2},
        "finishedAt": kept["finishedAt"],
        "undoJobId": None,
        "undoneBy": None,
        "undoneAt": None,
        "undone": {},
    }
    desk.runner = replace(desk.runner, actor="u1-other")
    undo = undone(desk, import_id)
    after = only(desk, IMPORTS)[1]
    assert kept["finishedAt"] < after["undoneAt"] < desk.store.now()
    assert after == {
        **kept,
        "state": "undone",
        "undoJobId": undo,
        "undoneBy": "u1-other",
        "undoneAt": after["undoneAt"],
        "undone": {"removed": 2},
    }


def test_a_chunk_holds_rows_then_what_was_done_then_nothing(
    monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    monkeypatch.setattr(imports, "INLINE", 0)
    import_id = waiting(desk, FILE)["importId"]
    name, chunk = only(desk, IMPORTED)
    empty: dict[str, Any] = {
        "name": None,
        "tags": [],
        "status": None,
        "consentedAt": None,
        "fields": {},
    }
    consented = datetime.fromisoformat("2025-06-01T00:00+00:00")
    ada: dict[str, Any] = {"email": "ada@example.com", "key": ADA, "name": "Ada", "tags": ["VIP"]}
    ada |= {"status": "subscribed", "consentedAt": consented, "fields": {"company": "ACME"}}
    bob = {**empty, "email": "bob@example.com", "key": BOB, "status": "unsubscribed"}
    frame = {"importId": import_id, "goesAt": at_of(desk) + KEPT}
    assert name == f"{import_id}-000000"
    assert chunk == {
        **frame,
        "keys": sorted([ADA, BOB]),
        "rows": {"0": ada, "1": bob},
        "done": {},
        "undone": False,
    }
    desk.work()
    one, other = (desk.with_email(f"{name}@example.com") for name in ("ada", "bob"))
    parts = {part["key"]: part_id for who in (one, other) for part_id, part in who["parts"].items()}
    none: dict[str, Any] = {"merges": [], "tags": [], "granted": None, "fields": {}, "began": True}
    nowhere = {"fieldsKey": None, "fieldsPart": None}
    assert only(desk, IMPORTED)[1] == {
        **frame,
        "keys": sorted([ADA, BOB]),
        "rows": {},
        "done": {
            "0": {
                **none,
                "key": ADA,
                "partId": parts[ADA],
                "customerId": one["id"],
                "tags": ["vip"],
                "granted": consented,
                "fieldsKey": ADA,
                "fieldsPart": parts[ADA],
                "fields": {"company": {"value": "ACME", "there": False, "before": None}},
            },
            "1": {
                **none,
                **nowhere,
                "key": BOB,
                "partId": parts[BOB],
                "customerId": other["id"],
            },
        },
        "undone": False,
    }
    undone(desk, import_id)
    desk.work()
    left = {"keys": [], "rows": {}, "done": {}, "undone": True}
    assert only(desk, IMPORTED)[1] == {**frame, **left}


def test_a_chunk_is_found_by_those_alone_of_whom_anything_can_be_taken_back(desk: Desk) -> None:
    """Also by the address on whose part own fields were written for another one."""
    for name in ("ada", "cyd", "dan"):
        desk.put_order(f"o-{name}", order(f"{name}@example.com"))
    desk.merge("cyd@example.com", "dan@example.com")
    waiting(desk, "email,company\nada@example.com,\nbob@example.com,\ncyd@example.com,ACME\n")
    chunk = only(desk, IMPORTED)[1]
    keys = {name: KEYS.address(f"{name}@example.com") for name in ("bob", "cyd", "dan")}
    assert chunk["keys"] == sorted(keys.values())
    done = chunk["done"]
    assert {place: (one["key"], one["fieldsKey"]) for place, one in done.items()} == {
        "1": (keys["bob"], None),
        "2": (keys["cyd"], keys["dan"]),
    }


def test_what_was_there_before_is_kept_with_what_was_written(desk: Desk) -> None:
    waiting(desk, "email,company,seats,vegan\nada@example.com,Old,1,true\n")
    ada = desk.the_customer()
    (part_id,) = ada["parts"]
    for name in desk.store.all(IMPORTED):
        desk.store.delete(f"{IMPORTED}/{name}")
    waiting(desk, "email,company,seats,size\nada@example.com,Old,2,M\n")
    (done,) = only(desk, IMPORTED)[1]["done"].values()
    assert done == {
        "key": ADA,
        "partId": part_id,
        "customerId": ada["id"],
        "merges": [],
        "began": False,
        "tags": [],
        "granted": None,
        "fieldsKey": ADA,
        "fieldsPart": part_id,
        "fields": {
            "seats": {"value": 2, "there": True, "before": 1},
            "size": {"value": "M", "there": False, "before": None},
        },
    }


def test_the_jobs_say_what_they_do_and_of_how_many(
    monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    monkeypatch.setattr(imports, "INLINE", 0)
    done = waiting(desk, FILE)
    names = ("kind", "arguments", "actor", "state", "done", "total")
    made = desk.store.all(JOBS)[done["jobId"]]
    arguments = {"importId": done["importId"], "chunks": 1}
    expected = ("import_contacts", arguments, "u1-staff", "queued", 0, 2)
    assert tuple(made[one] for one in names) == expected
    desk.work()
    undo_id = undone(desk, done["importId"])
    undo = desk.store.all(JOBS)[undo_id]
    expected = ("undo_import", arguments, "u1-staff", "queued", 0, 2)
    assert tuple(undo[one] for one in names) == expected


def test_of_an_import_of_nobody_the_undo_has_no_total(desk: Desk) -> None:
    import_id = waiting(desk, "email\nnobody\n")["importId"]
    undo_id = undone(desk, import_id)
    undo = desk.store.all(JOBS)[undo_id]
    assert (undo["state"], undo["done"], undo["total"], undo["result"]) == ("done", 0, None, {})
    assert told(desk, "contacts.import") == told(desk, "contacts.undo") == []


def test_the_trail_says_what_began_and_whom_each_commit_changed(desk: Desk) -> None:
    done = waiting(desk, FILE)
    (job_id,) = desk.store.all(JOBS)
    people = [desk.with_email(f"{name}@example.com")["id"] for name in ("ada", "bob")]
    facts = {"imported": done["importId"]}
    assert told(desk, "import.begin") == [
        {"actor": "u1-staff", "customers": [], "facts": {**facts, "job": job_id}}
    ]
    assert told(desk, "contacts.import") == [
        {"actor": "u1-staff", "customers": people, "facts": {**facts, "granted": 1, "withdrawn": 1}}
    ]
    undo = undone(desk, done["importId"])
    assert told(desk, "import.undo") == [
        {"actor": "u1-staff", "customers": [], "facts": {**facts, "job": undo}}
    ]
    assert told(desk, "contacts.undo") == [
        {"actor": "u1-staff", "customers": people[::-1], "facts": {**facts, "revoked": 1}}
    ]
    assert len(desk.store.all(AUDIT)) == 4


# What staff see


def test_the_list_shows_an_import_under_way_when_it_is_over_and_undone(
    monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    monkeypatch.setattr(imports, "INLINE", 0)
    done = waiting(desk, FILE)
    none = {**REPORT, "added": 0}
    assert done["report"] == none
    shown: dict[str, Any] = {
        "importId": done["importId"],
        "at": at_of(desk),
        "source": "the fair of 2025",
        "evidence": "a ticked box on paper",
        "state": "running",
        "error": None,
        "jobId": done["jobId"],
        "report": none,
        "finishedAt": None,
        "undoJobId": None,
        "undoneAt": None,
        "undone": {},
        "undoable": False,
    }
    assert desk.imports() == [shown]
    run(desk.runner, KINDS, done["jobId"], 60, steps=1)
    shown["report"] = REPORT
    assert desk.imports() == [shown]
    desk.work()
    shown |= {"state": "done", "undoable": True, "finishedAt": only(desk, IMPORTS)[1]["finishedAt"]}
    assert desk.imports() == [shown]
    undo = undone(desk, done["importId"])
    shown |= {"state": "undoing", "undoJobId": undo, "undoable": False}
    assert desk.imports() == [shown]
    desk.work()
    shown |= {"state": "undone", "undoneAt": only(desk, IMPORTS)[1]["undoneAt"]}
    assert desk.imports() == [{**shown, "undone": {"removed": 2}}]
    assert imports.report_of(desk.runner, done["importId"]) == REPORT


def test_an_import_whose_job_was_cancelled_has_failed_and_says_why(
    monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    monkeypatch.setattr(imports, "INLINE", 0)
    done = waiting(desk, FILE)
    control.cancel(desk.runner, KINDS, Role.ADMIN, done["jobId"])
    (one,) = desk.imports()
    assert (one["state"], one["error"], one["undoable"]) == ("failed", "cancelled", True)


def test_an_import_whose_job_is_forgotten_is_as_its_own_document_says(desk: Desk) -> None:
    waiting(desk, FILE)
    before = desk.imports()
    for job_id in desk.store.all(JOBS):
        desk.store.delete(f"{JOBS}/{job_id}")
    assert desk.imports() == before
    undone(desk, before[0]["importId"])
    assert desk.imports()[0]["undone"] == {"removed": 2}


def test_the_list_is_newest_first_page_by_page(desk: Desk) -> None:
    ids = [waiting(desk, f"email\nn{one}@example.com")["importId"] for one in range(3)]
    tokens = PageTokens(KEYS.derive("page-token"))
    first: Any = imports.list_imports(desk.runner, Pager(tokens, "staff", 2))
    token = first["nextPageToken"]
    last: Any = imports.list_imports(desk.runner, Pager(tokens, "staff", 2, token))
    listed = [[one["importId"] for one in page["imports"]] for page in (first, last)]
    assert listed == [ids[:0:-1], ids[:1]]
    assert last["nextPageToken"] is None
    assert Pager(tokens, "staff", 2, token).open("list_imports", {}).position
    with pytest.raises(Refusal, match="pageToken"):
        imports.list_imports(desk.runner, Pager(tokens, "somebody else", 2, token))
