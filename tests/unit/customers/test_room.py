"""A customer is one document: the fullest one stays under 1 MiB, and nobody makes a larger one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from crm.config.fields import MAX_FIELDS, MAX_TEXT
from crm.core.errors import Refusal
from crm.core.tag_names import MAX_TAG_LENGTH
from crm.customers import limits, room
from crm.customers.attendance import Attendance, NameSource
from crm.customers.customer import Customer
from crm.customers.decision import Decision
from crm.customers.limits import (
    MAX_CUSTOMER_BYTES,
    MAX_DAYS,
    MAX_DOCUMENT_BYTES,
    MAX_EVENTS,
    MAX_PARTS,
    MAX_TAGS,
    event_bytes,
)
from crm.customers.part import Entry, Part, Spend
from crm.fields.plan import WriteFields, has_room, with_fields
from crm.merging.join import fits, survivor_of
from testing.hosts import DAY, item, order, user
from testing.world import World
from tests.support.importing import Desk
from tests.unit.merging.test_merge import merge, refused

FIRESTORE = 1_048_576 - 100
"""The largest document, less its name."""

OWN: dict[str, Any] = {
    name: {"type": "text", "label": name, "purpose": "letters"} for name in ("note", "other")
} | {"city": {"type": "text", "label": "City", "purpose": "nearby", "from": "profile.city"}}

TEXT = "\U0001f600" * MAX_TEXT
"""As many bytes as a text of a field can have."""

KEY = "e1-" + "a" * 52


def names() -> list[str]:
    return [f"f{number:02}".ljust(40, "n") for number in range(MAX_FIELDS)]


def part(number: int, **more: Any) -> Part:
    domain = ".".join(["y" * 62] * 2 + ["y" * 60])
    return Part(
        KEY,
        number,
        address=f"{number:02}".ljust(64, "x") + f"@{domain}",
        orders=1,
        counted=1,
        spend={"EUR": Spend(1, 1), "USD": Spend(1, 1)},
        first=DAY,
        last=DAY,
        name="ü" * 100,
        name_source=NameSource(DAY, "o" * 20),
        decision=Decision("subscribed", DAY, "staff"),
        entry=Entry("import", "i" * 20, DAY, "ü" * 100),
        notes=1,
        asked_at=DAY,
        **more,
    )


def customer(parts: int = 1, tags: int = 0, **of_the_first: Any) -> Customer:
    """A customer of the longest names and addresses."""
    made = {f"p{one:019}": part(one, **of_the_first if one == 0 else {}) for one in range(parts)}
    labels = tuple(f"{one:03}".ljust(MAX_TAG_LENGTH, "é") for one in range(tags))
    return Customer("c" * 20, DAY, made, labels)


def days() -> dict[str, int]:
    return {(date(2020, 1, 1) + timedelta(days=one)).isoformat(): 1 for one in range(MAX_DAYS)}


def events(letters: int, name: str, checked_in: int | None) -> dict[str, Attendance]:
    """As many events as there is room for."""
    size = event_bytes("x" * letters, name)
    recorded = (0, 1) if checked_in is None else (checked_in, 0)
    return {
        f"{number:05}".ljust(letters, "x"): Attendance(
            1, 1, *recorded, name, DAY + timedelta(hours=number), NameSource(DAY, "o" * 20)
        )
        for number in range(min(MAX_EVENTS, MAX_CUSTOMER_BYTES // size))
    }


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"ab": "é", "c": [1, 2.5, DAY]}, 3 + 3 + 2 + 24),
        ({"": None, "a": True, "b": False}, 1 + 1 + 2 + 1 + 2 + 1),
        ({"a": {"b": ""}, "c": []}, 2 + 2 + 1 + 2),
    ],
)
def test_a_size_is_what_the_database_says_it_is(value: object, size: int) -> None:
    assert room.stored_bytes(value) == size


def test_a_customer_fits_to_the_last_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    size = room.document_bytes(customer())
    for most, fitting in ((size, True), (size - 1, False)):
        monkeypatch.setattr(limits, "MAX_DOCUMENT_BYTES", most)
        assert room.fits(customer()) is fitting


def test_a_document_is_measured_alike_whatever_the_settings_say_of_opt_ins() -> None:
    """As where each has to be confirmed; so it changes by a few bytes, and nobody is refused."""
    guest = Part("e", address="ada@example.com", orders=1, opted_in_at=DAY)
    one = Customer("c", DAY, {"p": guest})
    at = datetime.max.replace(tzinfo=UTC)
    assert room.document_bytes(one) == room.stored_bytes(one.as_of(at, double=True))


@pytest.mark.parametrize("checked_in", [None, 0, 1])
@pytest.mark.parametrize(("letters", "name"), [(20, "x" * 15), (20, ""), (28, "é" * 40)])
def test_the_fullest_customer_with_thirty_own_fields_is_under_a_mebibyte(
    letters: int, name: str, checked_in: int | None
) -> None:
    """Thirty days have the most facets; all else is the longest that it can be."""
    fields = dict.fromkeys(names(), "2024-03-05")
    held = events(letters, name, checked_in)
    full = customer(MAX_PARTS, MAX_TAGS, events=held, days=days(), fields=fields)
    assert len(full.fields) == MAX_FIELDS
    assert 860_000 < room.document_bytes(full) < FIRESTORE


def test_facets_of_thirty_days_take_their_room_from_events() -> None:
    """Without it the fullest customer would be too large by them."""
    days = room.document_bytes(customer(fields=dict.fromkeys(names(), "2024-03-05")))
    assert 23_000 < days - room.document_bytes(customer()) < 27_000


def test_who_is_full_of_events_has_no_room_for_thirty_long_texts_and_is_never_too_large() -> None:
    one = customer(MAX_PARTS, events=events(20, "x" * 15, 1), days=days())
    written = 0
    for name in names():
        more = with_fields(one, {name: TEXT})
        if not has_room(one, more):
            break
        one, written = more, written + 1
    assert 0 < written < MAX_FIELDS
    assert MAX_DOCUMENT_BYTES - 3_000 < room.document_bytes(one) <= MAX_DOCUMENT_BYTES
    assert has_room(one, with_fields(one, {names()[0]: "short"}))


def test_who_is_too_large_already_may_become_smaller() -> None:
    one = customer(MAX_PARTS, MAX_TAGS, events=events(20, "x" * 15, 1))
    large = with_fields(one, dict.fromkeys(names(), TEXT))
    assert not room.fits(large)
    assert has_room(large, with_fields(large, {names()[0]: None}))
    assert not has_room(large, with_fields(large, {names()[0]: "x" + TEXT}))


def test_fields_of_all_parts_count_in_a_merge() -> None:
    """Though one value of each name is shown: those of further parts come back by an undo."""

    texts = dict.fromkeys(names(), TEXT)
    ten = Customer("a", DAY, {f"a{one}": replace(part(one), fields=texts) for one in range(10)})
    all_events = events(20, "x" * 15, None)
    half = dict(list(all_events.items())[: len(all_events) // 2])
    for held, both in ((half, True), (all_events, False)):
        other = Customer("b", DAY, {"b0": part(0, events=held)})
        assert room.fits(other)
        assert fits(ten, other) is fits(other, ten) is both
        assert (room.document_bytes(survivor_of(ten, other)) < FIRESTORE) is both


# --- At every door: with a document that is small ------------------------------------------------


def shop(monkeypatch: pytest.MonkeyPatch, more: int) -> World:
    """Two guests, one with a long text, in a database whose documents are hardly larger."""
    world = World(settings={"fields": OWN})
    world.put_order("a", order("ada@example.com"))
    world.put_order("b", order("bob@example.com", items=[item("e2")]))
    ada = world.with_email("ada@example.com")["id"]
    world.runner.run(WriteFields(ada, {"note": TEXT}))
    held = Customer.from_data(ada, world.store.all("customers")[ada])
    monkeypatch.setattr(limits, "MAX_DOCUMENT_BYTES", room.document_bytes(held) + more)
    return world


def ids(world: World) -> tuple[str, str]:
    ada, bob = (world.with_email(f"{name}@example.com")["id"] for name in ("ada", "bob"))
    return ada, bob


def test_staff_are_told_that_there_is_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    world = shop(monkeypatch, 500)
    ada, _ = ids(world)
    writes = world.store.writes
    with pytest.raises(Refusal, match="shorter texts") as told:
        world.runner.run(WriteFields(ada, {"other": TEXT}))
    assert (told.value.code, told.value.reason) == ("failed-precondition", "too-large")
    assert world.store.writes == writes
    world.runner.run(WriteFields(ada, {"other": "short"}))
    world.runner.run(WriteFields(ada, {"note": None}))


@pytest.mark.parametrize(("more", "stopped"), [(300, True), (3_000, False)])
def test_two_who_are_too_large_together_are_not_merged(
    monkeypatch: pytest.MonkeyPatch, more: int, stopped: bool
) -> None:
    world = shop(monkeypatch, more)
    ada, bob = ids(world)
    for pair in ((ada, bob), (bob, ada)):
        assert ("too-large" in merge(world, *pair, dry_run=True).stops) is stopped
    if stopped:
        told = refused(world, "too-large", lambda: merge(world, ada, bob))
        assert "own fields" in told.message
    else:
        merge(world, ada, bob)


@pytest.mark.parametrize(("more", "stopped"), [(300, True), (3_000, False)])
def test_nor_by_a_proof(monkeypatch: pytest.MonkeyPatch, more: int, stopped: bool) -> None:
    """The address stays claimed, in conflict."""
    world = shop(monkeypatch, more)
    world.put_user("u", user("ada@example.com", profile={"city": "Bern"}))
    assert (world.with_uid("u")["id"] != world.with_email("ada@example.com")["id"]) is stopped
    assert world.with_email("ada@example.com")["fields"]["note"] == TEXT
    assert world.wrong() == []


def test_a_list_does_the_rest_of_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    desk.put_order("o", order("ada@example.com"))
    ada = desk.the_customer()["id"]
    held = Customer.from_data(ada, desk.store.all("customers")[ada])
    monkeypatch.setattr(limits, "MAX_DOCUMENT_BYTES", room.document_bytes(held) + 500)
    rows = f"email,status,tags,company\nada@example.com,subscribed,vip,{TEXT}\n"
    assert desk.report(rows) == {"rows": 1, "keptOut": {"too-large": 1}}
    one = desk.the_customer()
    assert (one["fields"], one["tags"], one["marketing"]["status"]) == ({}, ["vip"], "subscribed")
    assert desk.report(rows.replace(TEXT, "ACME")) == {"rows": 1, "changed": 1}
    assert desk.the_customer()["fields"] == {"company": "ACME"}
    assert desk.faults() == []


def test_who_is_out_of_tags_is_subscribed_all_the_same() -> None:
    desk = Desk()
    desk.put_order("o", order("ada@example.com"))
    desk.tag("ada@example.com", [f"t{one}" for one in range(MAX_TAGS)])
    told = desk.report("email,status,tags\nada@example.com,subscribed,more")
    assert told == {"rows": 1, "keptOut": {"too-many-tags": 1}}
    assert desk.the_customer()["marketing"]["status"] == "subscribed"
