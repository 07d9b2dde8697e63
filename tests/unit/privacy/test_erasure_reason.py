"""What staff may write as the reason of an erasure, which is kept when the person is gone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from crm.db.collections import ERASURES
from crm.privacy.erasure.erase import erase
from crm.privacy.erasure.reason import (
    WITHHELD,
    holds_number,
    looks_personal,
    may_hold_number,
    names,
)
from testing.hosts import order
from testing.world import World
from tests.unit.privacy.test_erasure import ADA


@pytest.mark.parametrize(
    "reason",
    [
        "GDPR request",
        "GDPR art. 17, case 2024-0012",
        "asked on 2024-03-15",
        "e-mail asked 2026-11-26 10:15",
        "request of 15.03.2024, signed 3/16/24",
        "ticket 1234567",
        "ticket #20240012345",
        "file A-0171-123456",
        "asked @ the counter",
        "twice: 2024-03-15 and 2024-05-01",
    ],
)
def test_dates_and_cases_are_no_person(reason: str) -> None:
    assert not looks_personal(reason)


@pytest.mark.parametrize(
    "reason",
    [
        "mail to a@x.com",
        "call +49 (30) 123-456",
        "call 030 123456",
        "0049 30 123456",
        "call 555-123-4567",
        "call (555) 123-4567",
        "asked on 2024-03-15, call 0171/1234567",
    ],
)
def test_addresses_and_numbers_are(reason: str) -> None:
    assert looks_personal(reason)


@pytest.mark.parametrize(
    ("reason", "name", "expected"),
    [
        ("Zebulon Quuxley asked", "Zebulon Quuxley", True),
        ("ZEBULON  QUUXLEY", "Zebulon Quuxley", True),
        ("Ms Quuxley asked", "Zebulon Quuxley", True),
        ("Jose Munoz asked", "José Muñoz", True),
        ("formal request", "Al", False),
        ("customer asked", "Us", False),
        ("Al asked", "Al", True),
        ("Ms Ono asked", "Yoko Ono", True),
        ("Lo asked", "Ada Lo", False),  # too short to be told from a word
        ("Ada Lo asked", "Ada Lo", True),
        ("Mr Ono and Ada Lo asked", "Ada Lo", True),
        ("Ada and Lo asked", "Ada Lo", False),  # neither whole, nor a family name
        ("a Kim asked", "Yu Kim", True),
        ("a Yu asked", "Yu Kim", False),
        ("Kim", "Kim", True),
        ("Yu Kim", "Yu Kim", True),
        ("Yu", "Yu Kim", False),
        ("asked for Kim", "Kim", True),
        ("asked by the person", "", False),
        ("asked by the person", "…", False),
    ],
)
def test_a_name_is_found_by_its_words(reason: str, name: str, expected: bool) -> None:
    assert names(reason, [name]) is expected


@pytest.mark.parametrize(
    ("reason", "phone", "expected"),
    [
        ("ticket 555-1234", "5551234", True),
        ("ticket 1234567", "+1 (234) 567", True),
        ("ticket 1234567", "7654321", False),
        ("case 112", "112", False),
        ("case 123456", "123456", True),
        ("case 12345", "12345", False),
        ("case 123456", "12345", False),
        ("no digits", "no digits", False),
    ],
)
def test_a_number_is_found_however_it_is_grouped(reason: str, phone: str, expected: bool) -> None:
    assert holds_number(reason, [phone]) is expected


def test_of_several_any_one_names_the_person() -> None:
    assert names("Ms Ono asked", ["Ada Lovelace", "Yoko Ono"])
    assert names("letter of UID-1", [], ["other", "Uid-1"])
    assert names("letter of a@b.c", ["Ada Lovelace"], ["A@B.C"])
    assert not names("asked", ["Ada Lovelace"], ["uid-1"])
    assert not names("asked", [])
    assert holds_number("case 5551234", ["112", "555 12 34"])
    assert not holds_number("case 5551234", [])


@pytest.mark.parametrize(
    ("reason", "may"), [("case 12345", False), ("1-2-3-4-5-6", True), ("1234567", True)]
)
def test_a_reason_with_enough_digits_may_hold_a_number(reason: str, may: bool) -> None:
    assert may_hold_number(reason) is may


@pytest.mark.parametrize(
    ("rows", "reason", "withheld"),
    [
        ([{"name": "Ada Countess"}, {}], "asked as Mrs Countess", True),
        ([{}, {"name": "Ada Countess"}], "asked as Mrs Countess", True),
        ([{"phone": "555 1234"}, {}], "case 5551234", True),
        ([{"phone": "555 1234"}, {}], "case 555123", False),
        ([{"phone": "12345"}, {}], "case 12345", False),
        ([{"phone": "555 1234", "name": None}, {}], "case 5551234", True),
        ([{"name": "Ada Countess"}, {}], WITHHELD, True),
        ([{"name": "Ada Countess"}, {}], "asked by letter", False),
    ],
)
def test_orders_withhold_a_reason_that_names_one_of_their_buyers(
    rows: list[dict[str, Any]], reason: str, withheld: bool
) -> None:
    world = World()
    for number, row in enumerate([*rows, {"name": "Ada Lovelace"}]):
        world.put_order(f"o{number}", order(day=number, **row))
    erase(world.runner, world.queue.append, ADA, reason=reason)
    (record,) = world.store.all(ERASURES).values()
    assert (record["state"], record["reason"]) == ("done", WITHHELD if withheld else reason)


@pytest.mark.parametrize(
    ("reason", "orders", "looked"),
    [
        ("asked", {}, []),
        ("asked as Mrs Countess", {"name": "Ada Countess"}, []),
        ("asked", {"total": "much"}, ["odd"]),
        ("case 5551234", {}, ["new", "odd"]),
    ],
)
def test_orders_are_looked_at_for_their_buyers_where_the_rows_do_not_say_enough(
    monkeypatch: pytest.MonkeyPatch, reason: str, orders: dict[str, Any], looked: list[str]
) -> None:
    world = World()
    world.put_order("odd", order(**orders))
    world.put_order("new", order(day=1))
    read = world.store.read
    asked: list[list[str]] = []

    def reading(paths: Iterable[str]) -> Any:
        asked.append([*paths])
        return read(asked[-1])

    monkeypatch.setattr(world.store, "read", reading)
    erase(world.runner, world.queue.append, ADA, reason=reason)
    assert [] not in asked
    found = [[one.removeprefix("orders/") for one in some] for some in asked]
    # A sync reads an order with its row; the look at a buyer reads orders alone.
    assert [one for one in found if {*one} <= {"odd", "new"}] == ([looked] if looked else [])


@pytest.mark.parametrize(
    ("reason", "earlier"),
    [
        ("asked as Mrs Countess", {"name": "Ada Countess"}),
        ("asked, case 5551234", {"phone": "555 1234"}),
        ("asked as Mrs Countess", {"name": "Ada Countess", "total": "much"}),
        ("asked, case 5551234", {"phone": 5551234, "total": "much"}),
    ],
)
def test_what_only_an_order_knows_withholds_the_reason(reason: str, earlier: Any) -> None:
    """The newest name is known at once; an older one comes to light with its order."""
    world = World()
    world.put_order("old", order(day=0, **earlier))
    world.put_order("new", order(day=1, name="Ada Lovelace"))
    answer = erase(world.runner, world.queue.append, ADA, reason=reason)
    world.work()
    record = world.store.all(ERASURES)[str(answer["erasureId"])]
    assert (record["state"], record["reason"]) == ("done", WITHHELD)
