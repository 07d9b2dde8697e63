"""Notes about customers: kept, counted, moved with their parts, and gone with the person."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.errors import Conflict, Refusal
from crm.customers.reference import CustomerRef
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.notes import keeping, note
from crm.notes.keeping import SAME_FOR, delete_note, plan_deletion, plan_note
from crm.privacy.erasure.erase import erase
from crm.repair.rebuild import rebuild
from crm.repair.verify import verify
from testing.hosts import order, user
from testing.memory import MemoryStore
from testing.world import KEYS, World
from tests.unit.contacts.test_arriving import come
from tests.unit.contacts.test_merges import everything
from tests.unit.entrypoints.test_dispatch import call, refused

STAFF: dict[str, object] = {"crm": "editor", "email_verified": True}


def add(world: World, customer_id: str, text: str = "Called.", by: str = "staff") -> str:
    runner = replace(world.runner, actor=KEYS.user(by))
    plan, _ = runner.run(partial(plan_note, customer_id=customer_id, text=text))
    return plan.result


def listed(world: World, customer_id: str, **more: Any) -> Any:
    return call("list_notes", {"customerId": customer_id, **more}, world, claims=STAFF)


def texts(world: World, customer_id: str) -> list[str]:
    return [one["text"] for one in listed(world, customer_id)["notes"]]


def guest(world: World, name: str) -> str:
    world.put_order(f"o-{name}", order(f"{name}@example.com", name=name.title()))
    return str(world.with_email(f"{name}@example.com")["id"])


def counted(world: World) -> int:
    return sum(part["notes"] for one in world.customers() for part in one["parts"].values())


def test_a_note_is_kept_on_the_first_part_which_counts_it() -> None:
    world = World()
    world.put_user("u1", user("ada@example.com"))
    world.put_order("o1", order("ada@example.com"))
    customer = world.the_customer()
    note_id = add(world, customer["id"])
    first = min(customer["parts"], key=lambda key: customer["parts"][key]["rank"])
    assert world.store.all("crmNotes")[note_id] == {
        "partId": first,
        "identity": KEYS.user("u1"),
        "text": "Called.",
        "at": world.store.all("crmNotes")[note_id]["at"],
        "actor": KEYS.user("staff"),
    }
    assert [part["notes"] for part in world.the_customer()["parts"].values()].count(1) == 1
    assert world.the_customer()["parts"][first]["notes"] == 1


def test_notes_are_read_newest_first_in_pages_with_their_authors() -> None:
    world = World()
    ada, bob = guest(world, "ada"), guest(world, "bob")
    for number in range(5):
        add(world, ada, f"note {number}", by="staff" if number % 2 else "boss")
    add(world, bob, "of bob")
    page = listed(world, ada, pageSize=2)
    found = page["notes"]
    while page["nextPageToken"]:
        page = listed(world, ada, pageSize=2, pageToken=page["nextPageToken"])
        found += page["notes"]
    assert [one["text"] for one in found] == [f"note {number}" for number in (4, 3, 2, 1, 0)]
    assert {*found[0]} == {"noteId", "text", "at", "author", "own"}
    assert [one["author"] == KEYS.user("boss") for one in found] == [True, False] * 2 + [True]
    assert [one["own"] for one in found] == [False, True, False, True, False]
    own = call("list_notes", {"customerId": ada}, world, claims=STAFF, uid="boss")["notes"]
    assert [one["own"] for one in own] == [True, False, True, False, True]
    assert "notes" not in call("get_customer", {"customerId": ada}, world, claims=STAFF)["customer"]


def test_a_customer_without_notes_has_none() -> None:
    world = World()
    assert listed(world, guest(world, "ada")) == {"notes": [], "nextPageToken": None}


def test_a_note_is_deleted_and_counted_no_more() -> None:
    world = World()
    ada = guest(world, "ada")
    first, second = add(world, ada, "first"), add(world, ada, "second")
    delete_note(world.runner, first)
    assert (texts(world, ada), counted(world)) == (["second"], 1)
    delete_note(world.runner, second)
    assert (texts(world, ada), counted(world)) == ([], 0)
    with pytest.raises(Refusal) as caught:
        delete_note(world.runner, second)
    assert caught.value.reason == "no-such-note"


def test_a_commit_whose_answer_was_lost_makes_and_deletes_one_note() -> None:
    class Lost(MemoryStore):
        lost = 0

        def commit(self, writes: Any) -> Any:
            done = super().commit(writes)
            if self.lost:
                self.lost -= 1
                raise Conflict("no answer")
            return done

    store = Lost()
    world = World(store)
    ada = guest(world, "ada")
    store.lost = 1
    note_id = add(world, ada)
    assert (list(world.store.all("crmNotes")), counted(world)) == ([note_id], 1)
    store.lost = 1
    delete_note(world.runner, note_id)
    assert (world.store.all("crmNotes"), counted(world)) == ({}, 0)
    actions = [one["action"] for one in world.store.all("crmAudit").values()]
    assert sorted(actions) == ["note.add", "note.delete"]


def test_the_same_words_are_the_same_note_only_at_once_by_the_same_person_and_the_newest() -> None:
    world = World()
    ada = guest(world, "ada")
    first = add(world, ada)
    assert add(world, ada) == first
    assert add(world, ada, by="boss") != first
    again = add(world, ada)
    assert again != first, "somebody wrote between"
    world.store.wait(SAME_FOR)
    assert add(world, ada) != again
    assert counted(world) == len(world.store.all("crmNotes")) == 4
    world.store.wait(SAME_FOR - timedelta(minutes=1))
    assert add(world, ada) in world.store.all("crmNotes")
    assert counted(world) == 4


def test_a_customer_has_so_many_notes_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MAX_NOTES", 2)
    world = World()
    ada = guest(world, "ada")
    add(world, ada, "one")
    add(world, ada, "two")
    data = {"customerId": ada, "text": "three"}
    code, reason, _ = refused("add_note", data, world=world, claims=STAFF)
    assert (code, reason) == ("failed-precondition", "too-many-notes")
    assert counted(world) == 2
    assert note.MAX_NOTES == 1_000


def test_a_note_keeps_a_customer_and_the_last_one_lets_it_go() -> None:
    world = World()
    ada = guest(world, "ada")
    note_id = add(world, ada)
    world.delete_order("o-ada")
    assert world.the_customer()["id"] == ada
    assert world.wrong() == []
    delete_note(world.runner, note_id)
    assert (world.customers(), world.store.all("crmNotes")) == ([], {})


# --- Merges --------------------------------------------------------------------------------------


def test_a_merge_brings_notes_along_and_its_undo_gives_them_back_unwritten() -> None:
    world = World()
    ada, bob = guest(world, "ada"), guest(world, "bob")
    add(world, ada, "of ada")
    add(world, bob, "of bob")
    before, kept = everything(world), world.store.all("crmNotes")
    merged, _ = world.runner.run(lambda tx: plan_merge(tx, ada, bob))
    assert texts(world, bob) == texts(world, ada) == ["of bob", "of ada"]
    assert world.store.all("crmNotes") == kept
    assert merged.merge_id
    world.runner.run(lambda tx: plan_unmerge(tx, str(merged.merge_id)))
    assert everything(world) == before
    assert (texts(world, ada), texts(world, bob)) == (["of ada"], ["of bob"])


def test_what_is_written_while_merged_stays_with_the_part_it_was_kept_on() -> None:
    world = World()
    ada, bob = guest(world, "ada"), guest(world, "bob")
    gone = add(world, ada, "of ada")
    merged, _ = world.runner.run(lambda tx: plan_merge(tx, ada, bob))
    add(world, ada, "of both")  # by the id that was merged away
    delete_note(world.runner, gone)
    world.runner.run(lambda tx: plan_unmerge(tx, str(merged.merge_id)))
    assert (texts(world, ada), texts(world, bob)) == ([], ["of both"])
    assert counted(world) == 1


def test_a_note_that_is_deleted_while_its_part_moves_is_deleted_once() -> None:
    world = World()
    ada, bob = guest(world, "ada"), guest(world, "bob")
    note_id = add(world, ada)
    add(world, ada, "stays")
    tx = world.runner.begin()
    planned = world.runner.evaluate(partial(plan_deletion, note_id=note_id), tx)
    world.runner.run(lambda tx: plan_merge(tx, ada, bob))
    with pytest.raises(Conflict):
        world.store.commit(planned.writes)
    delete_note(world.runner, note_id)
    assert (texts(world, bob), counted(world)) == (["stays"], 1)


# --- The person's rights -------------------------------------------------------------------------


def test_an_erasure_deletes_notes_and_a_later_person_has_none() -> None:
    world = World()
    ada, bob = guest(world, "ada"), guest(world, "bob")
    for number in range(120):
        add(world, ada, f"note {number}")
    add(world, bob, "of bob")
    erase(world.runner, world.queue.append, CustomerRef("customerId", ada), reason="asked")
    world.work()
    assert [one["text"] for one in world.store.all("crmNotes").values()] == ["of bob"]
    come(world, "ada@example.com")
    assert texts(world, str(world.with_email("ada@example.com")["id"])) == []
    world.resync()
    assert list(verify(world.runner)) == []


def test_a_note_of_somebody_who_was_just_erased_can_be_deleted() -> None:
    world = World()
    ada = guest(world, "ada")
    note_id = add(world, ada)
    erase(world.runner, lambda _: None, CustomerRef("customerId", ada), reason="asked")
    if world.store.all("crmNotes"):
        delete_note(world.runner, note_id)
    assert world.store.all("crmNotes") == {}


def test_an_export_shows_what_was_written_and_not_who_wrote_it() -> None:
    world = World()
    ada, bob = guest(world, "ada"), guest(world, "bob")
    add(world, ada, "of ada", by="boss")
    add(world, bob, "of bob")
    admin = {**STAFF, "crm": "admin"}
    archive = call("export_customer", {"customerId": ada}, world, claims=admin)["archive"]
    assert [{*one} for one in archive["notes"]] == [{"text", "at"}]
    assert archive["notes"][0]["text"] == "of ada"
    assert KEYS.user("boss") not in json.dumps(archive)
    assert "of bob" not in json.dumps(archive)


def test_texts_are_in_no_log_and_in_no_audit_entry(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    world = World()
    ada = guest(world, "ada")
    note_id = add(world, ada, "Secret Canary")
    delete_note(world.runner, note_id)
    assert "Canary" not in caplog.text
    assert "Canary" not in str(world.store.all("crmAudit"))
    facts = [one["facts"] for one in world.store.all("crmAudit").values()]
    assert facts == [{"noteId": note_id}] * 2


# --- Repair --------------------------------------------------------------------------------------


@pytest.mark.parametrize("says", [0, 1, 3])
def test_a_wrong_count_is_named_and_counted_again(says: int) -> None:
    world = World()
    ada = guest(world, "ada")
    add(world, ada, "one")
    add(world, ada, "two")
    data = world.store.all("customers")[ada]
    (part,) = data["parts"].values()
    part["notes"] = says
    world.store.put(f"customers/{ada}", data)
    assert list(verify(world.runner))
    rebuild(world.runner, threads=1)
    assert list(verify(world.runner)) == []
    assert counted(world) == 2


def test_a_customer_that_is_lost_comes_back_with_its_notes() -> None:
    world = World()
    ada = guest(world, "ada")
    add(world, ada, "one")
    world.store.delete(f"customers/{ada}")
    rebuild(world.runner, threads=1)
    assert (texts(world, ada), counted(world)) == (["one"], 1)
    assert list(verify(world.runner)) == []


def test_a_note_about_nobody_is_named_and_goes() -> None:
    world = World()
    ada = guest(world, "ada")
    note_id = add(world, ada, "one")
    data = world.store.all("crmNotes")[note_id]
    world.store.put("crmNotes/stray", {**data, "partId": "nowhere"})
    named = [path for path, _ in verify(world.runner)]
    assert named == ["crmNotes/stray"]
    rebuild(world.runner, threads=1)
    assert list(world.store.all("crmNotes")) == [note_id]
    assert list(verify(world.runner)) == []


# --- The calls -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("  Called.\n", "Called."),
        ("a\r\nb\rc\n\nd", "a\nb\nc\n\nd"),
        ("a\tb", "a\tb"),
        ("a\x07\x1b[31mb\x85", "a[31mb"),
        ("Böd", "Böd"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("x" * 5_000, "x" * 5_000),
        ("x" + " " * 6_000, "x"),
    ],
)
def test_a_text_is_kept_in_one_form(given_text: str, kept: str) -> None:
    world = World()
    ada = guest(world, "ada")
    call("add_note", {"customerId": ada, "text": given_text}, world, claims=STAFF)
    assert texts(world, ada) == [kept]


@pytest.mark.parametrize("wrong", ["", " \n", "x" * 5_001, "\x07", "a\x00b", "\ud800", 5, None, []])
def test_what_is_no_text_is_refused(wrong: object) -> None:
    world = World()
    data = {"customerId": guest(world, "ada"), "text": wrong}
    assert refused("add_note", data, world=world, claims=STAFF)[0] == "invalid-argument"
    assert world.store.all("crmNotes") == {}


@given(st.text(max_size=60))
def test_any_text_is_kept_as_a_database_can_hold_it_or_refused(written: str) -> None:
    world = World()
    ada = guest(world, "ada")
    try:
        call("add_note", {"customerId": ada, "text": written}, world, claims=STAFF)
    except Exception:
        assert world.store.all("crmNotes") == {}
        return
    (kept,) = texts(world, ada)
    assert kept == kept.strip() != ""
    assert not {*kept} & {chr(code) for code in range(32) if chr(code) not in "\n\t"}


@pytest.mark.parametrize(
    ("name", "data", "role"),
    [
        ("add_note", {"customerId": "a", "text": "x"}, "viewer"),
        ("delete_note", {"noteId": "a"}, "viewer"),
        ("list_notes", {"customerId": "a"}, ""),
    ],
)
def test_whose_role_is_too_low_learns_nothing(name: str, data: Any, role: str) -> None:
    world = World()
    assert refused(name, data, world=world, claims={"crm": role})[0] == "permission-denied"
    assert refused(name, {}, world=world, claims={"crm": role})[0] == "permission-denied"


def test_who_is_not_there_is_not_found() -> None:
    world = World()
    for name, data, reason in (
        ("add_note", {"customerId": "nobody", "text": "x"}, "no-such-customer"),
        ("list_notes", {"customerId": "nobody"}, "no-such-customer"),
        ("delete_note", {"noteId": "nothing"}, "no-such-note"),
    ):
        assert refused(name, data, world=world, claims=STAFF)[:2] == ("not-found", reason)
    for bad in ("a/b", "", "__x__", 5):
        asked: dict[str, object] = {"noteId": bad}
        assert refused("delete_note", asked, world=world, claims=STAFF)[0] == "invalid-argument"
