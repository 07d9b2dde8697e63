"""What an undo takes back, what it leaves, and what nobody can have back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm.core.errors import Refusal
from crm.core.roles import Role
from crm.db.collections import AUDIT, CONSENTS, IDENTITIES, JOBS
from crm.entrypoints.job_kinds import KINDS
from crm.importing import record
from crm.importing.record import KEPT
from crm.importing.undo import ACTION
from crm.jobs import control
from crm.jobs.run import run
from testing.hosts import order, user
from testing.world import KEYS
from tests.support.importing import Desk
from tests.unit.importing.test_imports import FILE, crowd


@pytest.fixture
def desk() -> Desk:
    return Desk()


def brought(desk: Desk, csv: str) -> str:
    import_id: str = desk.take_in(csv)["importId"]
    return import_id


def test_an_undo_leaves_everything_as_before(desk: Desk) -> None:
    for name in ("ada", "dan", "eve"):
        desk.put_order(f"o-{name}", order(f"{name}@example.com"))
    desk.put_user("u-eve", user("eve@example.com"))
    desk.fields("eve@example.com", company="Old", seats=1)
    desk.tag("eve@example.com", ["vip"])
    desk.put_user("u-fay", user(None))
    desk.put_order("o-fay", order("fay@example.com", userId="u-fay"))  # to be reached by it
    before = desk.people()
    import_id = brought(
        desk,
        "email,name,tags,status,company,seats,vegan\n"
        "ada@example.com,A,new;vip,subscribed,ACME,,\n"
        "bob@example.com,Bob,new,subscribed,ACME,2,true\n"
        "eve@example.com,,vip;new,subscribed,ACME,1,false\n"
        "fay@example.com,Fay,,,,,\n"
        "gus@example.com,,,,,,\n",
    )
    assert desk.people() != before
    job = desk.undo(import_id)
    assert (job["state"], job["result"]) == ("done", {"restored": 2, "removed": 3})
    assert desk.people() == before
    (one,) = desk.imports()
    assert (one["state"], one["undone"]) == ("undone", {"restored": 2, "removed": 3})
    assert one["undoable"] is False
    assert desk.faults() == []


@pytest.mark.parametrize("between", [0, 1, 12])
@pytest.mark.parametrize("chunk", [1, 2, 100])
def test_two_addresses_of_one_person_are_undone_from_the_last(
    monkeypatch: pytest.MonkeyPatch, desk: Desk, chunk: int, between: int
) -> None:
    monkeypatch.setattr(record, "CHUNK", chunk)
    for name in ("ada", "work"):
        desk.put_order(f"o-{name}", order(f"{name}@example.com"))
    desk.merge("work@example.com", "ada@example.com")
    before = desk.people()
    others = [f"other{number}@example.com,x" for number in range(between)]
    rows = ["email,company", "work@example.com,First", *others, "ada@example.com,Second"]
    import_id = brought(desk, "\n".join(rows))
    ada = desk.customers(lambda one: one["primaryEmail"] == "ada@example.com")[0]
    assert ada["fields"] == {"company": "Second"}
    desk.undo(import_id)
    assert desk.people() == before
    assert desk.faults() == []


def test_many_are_undone_by_workers(monkeypatch: pytest.MonkeyPatch, desk: Desk) -> None:
    monkeypatch.setattr(record, "CHUNK", 7)
    before = desk.people()
    job = desk.undo(brought(desk, crowd(100)))
    assert (job["state"], job["result"]) == ("done", {"removed": 100})
    assert desk.people() == before
    assert desk.faults() == []
    assert all(
        not one["done"] and not one["keys"] for one in desk.store.all("crmImported").values()
    )


def test_undone_twice_is_the_same_answer(desk: Desk) -> None:
    import_id = brought(desk, FILE)
    desk.undo(import_id)
    people, jobs = desk.people(), len(desk.store.all(JOBS))
    desk.undo(import_id)
    assert (desk.people(), len(desk.store.all(JOBS))) == (people, jobs)


def test_a_withdrawal_that_the_list_brought_stays(desk: Desk) -> None:
    desk.put_order("o", order("ada@example.com", marketingOptIn=True))
    job = desk.undo(
        brought(desk, "email,status\nada@example.com,unsubscribed\nbob@example.com,unsubscribed")
    )
    assert job["result"] == {"removed": 1}
    assert desk.status("ada@example.com") == "unsubscribed"
    assert not desk.customers(lambda one: "bob@example.com" in one["emails"])
    assert desk.store.all(IDENTITIES)[KEYS.address("bob@example.com")]["suppressed"]
    assert desk.report("email,status\nbob@example.com,subscribed")["keptOut"] == {"withdrew": 1}
    assert desk.faults() == []


def test_the_proof_of_a_grant_goes_with_it(desk: Desk) -> None:
    desk.put_order("o", order("ada@example.com"))
    import_id = brought(
        desk, "email,status\nada@example.com,subscribed\nbob@example.com,subscribed"
    )
    assert len(desk.store.all(CONSENTS)) == 2
    desk.undo(import_id)
    assert desk.store.all(CONSENTS) == {}
    assert desk.status("ada@example.com") == "none"
    (entry,) = [one for one in desk.store.all(AUDIT).values() if one["action"] == ACTION]
    assert (entry["facts"]["imported"], entry["facts"]["revoked"]) == (import_id, 2)
    (one,) = desk.imports()  # who vouched for them, and that it was taken back
    assert (one["source"], one["evidence"]) == ("the fair of 2025", "a ticked box on paper")


def test_the_trail_says_that_an_import_began_and_was_taken_back(desk: Desk) -> None:
    import_id = brought(desk, "email\nada@example.com")
    desk.undo(import_id)
    trail = [one for one in desk.store.all(AUDIT).values() if one["facts"]["imported"] == import_id]
    told = {one["action"]: one["facts"]["job"] for one in trail if "job" in one["facts"]}
    assert told.keys() == {"import.begin", "import.undo"}
    assert set(told.values()) == set(desk.store.all(JOBS))


def since(desk: Desk, what: str) -> None:
    """Something happens to Ada behind the import."""
    match what:
        case "ordered":
            desk.put_order("o", order("ada@example.com", name="Ada O."))
        case "withdrew":
            desk.unsubscribe("ada@example.com")
        case "said it herself":
            desk.unsubscribe("ada@example.com")
            desk.consent("ada@example.com", "subscribed")
        case "tagged":
            desk.tag("ada@example.com", ["best"])
        case "untagged":
            desk.tag("ada@example.com", remove=["vip"])
        case "noted":
            desk.fields("ada@example.com", company="Other", seats=4)
        case "emptied":
            desk.fields("ada@example.com", company=None)
        case "signed up":
            desk.put_user("u", user("ada@example.com"))
        case "erased":
            desk.erase("ada@example.com")
        case "imported again":
            desk.take_in("email,name,tags,status,company\nada@example.com,Ada,vip,subscribed,ACME")


@pytest.mark.parametrize(
    ("what", "left"),
    [
        ("ordered", {"name": "Ada O.", "tags": [], "fields": {}, "status": "none"}),
        ("withdrew", None),
        (
            "said it herself",
            {"name": None, "tags": [], "fields": {}, "status": "subscribed"},
        ),
        ("tagged", {"name": None, "tags": ["best"], "fields": {}, "status": "none"}),
        ("untagged", None),
        (
            "noted",
            {
                "name": None,
                "tags": [],
                "fields": {"company": "Other", "seats": 4},
                "status": "none",
            },
        ),
        ("emptied", None),
        ("erased", None),
        ("imported again", None),
    ],
)
def test_what_happened_since_is_kept(desk: Desk, what: str, left: dict[str, Any] | None) -> None:
    import_id = brought(
        desk, "email,name,tags,status,company\nada@example.com,Ada,vip,subscribed,ACME"
    )
    since(desk, what)
    desk.undo(import_id)
    if left is None:
        assert desk.customers() == []
    else:
        ada = desk.the_customer()
        shown = {"name": ada["name"], "tags": ada["tags"], "fields": ada["fields"]}
        assert {**shown, "status": ada["marketing"]["status"]} == left
    assert desk.faults() == []


def test_a_withdrawal_since_outlives_the_contact(desk: Desk) -> None:
    import_id = brought(desk, "email,status\nada@example.com,subscribed")
    desk.unsubscribe("ada@example.com")
    desk.undo(import_id)
    assert desk.report("email,status\nada@example.com,subscribed")["keptOut"] == {"withdrew": 1}
    sources = {one["source"] for one in desk.store.all(CONSENTS).values()}
    assert sources == {"import", "unsubscribe"}  # what the person withdrew stays to be shown


@pytest.mark.parametrize("into", [True, False])
def test_parts_are_followed_through_merges(desk: Desk, into: bool) -> None:
    """Grant, entry and fields are the address's; of tags nobody can tell whose they are."""
    desk.put_order("o", order("bob@example.com", name="Bob"))
    desk.tag("bob@example.com", ["vip"])
    import_id = brought(
        desk, "email,name,tags,status,company\nada@example.com,Ada,vip;new,subscribed,ACME"
    )
    names = ("ada@example.com", "bob@example.com")
    merge_id = desk.merge(*(names if into else names[::-1]))
    desk.undo(import_id)
    both = desk.the_customer()
    assert (both["tags"], both["fields"], both["name"]) == (["new", "vip"], {}, "Bob")
    assert both["marketing"]["status"] == "none"
    assert desk.faults() == []
    desk.unmerge(merge_id)
    assert desk.with_email("bob@example.com")["tags"] == ["vip"]
    assert desk.faults() == []


def test_a_merge_that_was_undone_stands_in_no_ones_way(desk: Desk) -> None:
    desk.put_order("o", order("bob@example.com"))
    before = desk.people()
    import_id = brought(desk, "email,tags,company\nada@example.com,new,ACME\nbob@example.com,new,X")
    desk.unmerge(desk.merge("ada@example.com", "bob@example.com"))
    desk.undo(import_id)
    after = {path: one for path, one in desk.people().items() if not path.startswith("crmMerges")}
    assert {path: drop(one) for path, one in after.items()} == {
        path: drop(one) for path, one in before.items()
    }
    assert desk.faults() == []


def drop(one: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in one.items() if key != "parts"}


def test_two_imports_are_undone_in_any_order(desk: Desk) -> None:
    before = desk.people()
    first = brought(desk, "email,tags,status\nada@example.com,x,subscribed")
    second = brought(desk, "email,tags,status,company\nada@example.com,x;y,subscribed,ACME")
    desk.undo(first)
    assert desk.the_customer()["tags"] == ["y"]
    desk.undo(second)
    assert desk.people() == before


def test_an_import_that_goes_on_cannot_be_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "CHUNK", 2)
    desk = Desk()
    work, desk.work = desk.work, lambda: None  # type: ignore[method-assign]
    done = desk.take_in(crowd(20))
    run(desk.runner, KINDS, done["jobId"], 60, steps=3)
    assert refused(desk, done["importId"]) == "import-running"
    control.cancel(desk.runner, KINDS, Role.ADMIN, done["jobId"])
    assert desk.imports()[0]["state"] == "failed"
    assert len(desk.customers()) == 6
    desk.work = work  # type: ignore[method-assign]
    desk.undo(done["importId"])
    assert desk.people() == {}
    # And what was cancelled does not go on behind the undo's back.
    control.retry(desk.runner, desk.queue.append, KINDS, Role.ADMIN, done["jobId"])
    desk.work()
    assert desk.people() == {}
    assert "example.com" not in repr(desk.store.all("crmImported"))


def test_an_import_that_was_cancelled_can_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "CHUNK", 2)
    desk = Desk()
    work, desk.work = desk.work, lambda: None  # type: ignore[method-assign]
    done = desk.take_in(crowd(20))
    run(desk.runner, KINDS, done["jobId"], 60, steps=3)
    control.cancel(desk.runner, KINDS, Role.ADMIN, done["jobId"])
    desk.work = work  # type: ignore[method-assign]
    control.retry(desk.runner, desk.queue.append, KINDS, Role.ADMIN, done["jobId"])
    desk.work()
    assert desk.imports()[0]["report"]["added"] == 20
    assert len(desk.customers()) == 20


def refused(desk: Desk, import_id: str) -> str:
    with pytest.raises(Refusal) as caught:
        desk.undo(import_id)
    return caught.value.reason


def test_what_cannot_be_undone_is_refused(desk: Desk) -> None:
    assert refused(desk, "nothing") == "no-such-import"
    import_id = brought(desk, FILE)
    desk.store.wait(KEPT + timedelta(seconds=1))
    assert refused(desk, import_id) == "import-too-old"
    assert desk.imports()[0]["undoable"] is False
