"""`add_note`, `list_notes` and `delete_note` as calls: requests, refusals, pages.

What is kept of a text, and for whom, is in `tests/unit/notes`.
"""

from __future__ import annotations

from typing import Any

import pytest

from crm.notes.note import MAX_TEXT
from testing.hosts import order
from testing.world import World
from tests.unit.entrypoints.test_dispatch import Bad, call, each, refused

EDITOR: dict[str, object] = {"crm": "editor", "email_verified": True}
NOTE: dict[str, Any] = {"customerId": "a", "text": "Called."}
NO_IDS = ("", "a/b", "..", "__x__", "\0", "x" * 1_501)

NO_TEXT: Any = ("", " \n\t", "\x07", "x" * (MAX_TEXT + 1), 1, 1.5, True, [], ["x"], {"a": "b"})

BAD: list[Bad] = [
    ("add_note", {}, "missing-key", "customerId"),
    ("add_note", {"customerId": "a"}, "missing-key", "text"),
    ("add_note", {"text": "x"}, "missing-key", "customerId"),
    *each("add_note", NOTE, "text", "missing-key", [None]),
    *each("add_note", NOTE, "text", "value-invalid", NO_TEXT),
    *each("add_note", NOTE, "text", "text-invalid", ["a\0b", "\ud800"]),
    *each("add_note", NOTE, "author", "unknown-key", ["somebody else"]),
    *each("add_note", NOTE, "at", "unknown-key", ["2020-01-01T00:00:00Z"]),
    *each("add_note", NOTE, "email", "unknown-key", ["a@example.com"]),
    *each("add_note", NOTE, "customerId", "id-invalid", ["x" * 129, *NO_IDS]),
    ("list_notes", {}, "missing-key", "customerId"),
    *each("list_notes", {"customerId": "a"}, "author", "unknown-key", ["me"]),
    *each("list_notes", {"customerId": "a"}, "pageSize", "value-invalid", [0, 201, "5"]),
    *each("list_notes", {"customerId": "a"}, "pageToken", "page-token", ["forged"]),
    *each("list_notes", {}, "customerId", "id-invalid", NO_IDS),
    ("delete_note", {}, "missing-key", "noteId"),
    *each("delete_note", {}, "noteId", "value-invalid", [5]),
    *each("delete_note", {"noteId": "a"}, "customerId", "unknown-key", ["b"]),
    *each("delete_note", {}, "noteId", "id-invalid", NO_IDS),
    *each("list_fields", {}, "customerId", "unknown-key", ["a"]),
]


@pytest.mark.parametrize(("name", "data", "reason", "told"), BAD, ids=lambda one: repr(one)[:60])
def test_a_bad_request_is_refused_before_anything_is_read(
    name: str, data: Any, reason: str, told: str
) -> None:
    world = World()
    code, given, message = refused(name, data, world=world, claims=EDITOR)
    assert (code, given) == ("invalid-argument", reason)
    assert told in message
    assert len(message) < 300
    assert world.store.reads == 0


def test_a_page_of_notes_is_for_whom_it_was_made_and_about_whom() -> None:
    world = World()
    world.put_order("o1", order())
    world.put_order("o2", order("bob@example.com"))
    ada, bob = (world.with_email(f"{name}@example.com")["id"] for name in ("ada", "bob"))
    for text in ("one", "two", "three"):
        call("add_note", {"customerId": ada, "text": text}, world, EDITOR)
    asked = {"customerId": ada, "pageSize": 2}
    first = call("list_notes", asked, world, EDITOR)
    assert [one["text"] for one in first["notes"]] == ["three", "two"]
    rest = {**asked, "pageToken": first["nextPageToken"]}
    last = call("list_notes", rest, world, EDITOR)
    assert ([one["text"] for one in last["notes"]], last["nextPageToken"]) == (["one"], None)
    for who, data in (("other", rest), ("staff", {**rest, "customerId": bob})):
        assert refused("list_notes", data, world=world, claims=EDITOR, uid=who)[1] == "page-token"
