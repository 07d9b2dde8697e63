"""`set_fields` and `list_fields` as calls: requests, refusals, answers."""

from __future__ import annotations

from typing import Any

import pytest

from testing.hosts import order
from testing.world import World
from tests.unit.entrypoints.test_dispatch import call, refused
from tests.unit.fields.test_plan import FIELDS

EDITOR: dict[str, object] = {"crm": "editor", "email_verified": True}
SIZE = {"type": "choice", "label": "Size", "purpose": "shirts", "choices": ["S", "M"]}


def made() -> World:
    world = World(settings={"fields": {**FIELDS, "size": SIZE}})
    world.put_order("o1", order())
    return world


def test_fields_are_written_and_shown() -> None:
    world = made()
    customer_id = world.the_customer()["id"]
    given = {"company": "ACME", "seats": 2.5, "vegan": False, "size": "M"}
    data = {"customerId": customer_id, "fields": given}
    assert call("set_fields", data, world, EDITOR) == {"fields": given}
    assert call("get_customer", {"customerId": customer_id}, world)["customer"]["fields"] == given
    emptied = {"customerId": customer_id, "fields": dict.fromkeys(given)}
    assert call("set_fields", emptied, world, EDITOR) == {"fields": {}}


def test_a_console_is_told_what_there_is() -> None:
    fields = call("list_fields", None, made())["fields"]
    assert [one["name"] for one in fields] == ["company", "seats", "vegan", "city", "size"]
    assert fields[0] == {
        "name": "company",
        "type": "text",
        "label": "Company",
        "purpose": "invoices",
        "choices": [],
        "writable": True,
    }
    assert (fields[3]["writable"], fields[4]["choices"]) == (False, ["S", "M"])
    assert call("list_fields", {}, World()) == {"fields": []}


BAD_FIELDS: list[Any] = [
    {}, [], "company", 7, {"Company": "x"}, {"": "x"}, {"a.b": "x"}, {"__x__": "x"},
    {"ada@example.com": "x"}, {"\ud800": "x"}, {"a" * 41: "x"},
    {f"n{number}": "x" for number in range(31)},
]  # fmt: skip

BAD: list[tuple[Any, str]] = [
    ({}, "missing-key"),
    ({"customerId": "a"}, "missing-key"),
    ({"fields": {"company": "x"}}, "missing-key"),
    ({"customerId": "a/b", "fields": {"company": "x"}}, "id-invalid"),
    ({"customerId": "a", "fields": {"company": "x"}, "evidence": "x"}, "unknown-key"),
    *(({"customerId": "a", "fields": bad}, "value-invalid") for bad in BAD_FIELDS),
]


@pytest.mark.parametrize(("data", "reason"), BAD, ids=lambda one: repr(one)[:60])
def test_a_bad_request_is_refused_before_anything_is_read(
    data: dict[str, Any], reason: str
) -> None:
    world = World(settings={"fields": FIELDS})
    code, given, message = refused("set_fields", data, world=world, claims=EDITOR)
    assert (code, given) == ("invalid-argument", reason)
    assert "ada@" not in message
    assert world.store.reads == 0


@pytest.mark.parametrize(
    "value", [["x"], {"a": "b"}, "\ud800", "a\0b", "x" * 201, 10**400, float("nan"), float("inf")]
)
@pytest.mark.parametrize("name", ["company", "seats", "vegan", "size"])
def test_whatever_is_no_value_is_refused(name: str, value: object) -> None:
    world = made()
    data = {"customerId": world.the_customer()["id"], "fields": {name: value}}
    code, reason, message = refused("set_fields", data, world=world, claims=EDITOR)
    assert (code, reason) == ("invalid-argument", "field-invalid")
    assert f"`{name}`" in message


def test_a_viewer_writes_nothing() -> None:
    code, reason, _ = refused("set_fields", {"customerId": "a", "fields": {"company": "x"}})
    assert (code, reason) == ("permission-denied", "role")
