"""Sizes are those of Firestore's rules, and the bill of a month is made of what is counted."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bench.monthly import LARGE, Organiser, monthly, numbers, rows, sizes, swept
from bench.storage import Indexes, Size, bytes_of

NOTHING = Indexes.of({"indexes": [], "fieldOverrides": []})


def test_a_document_is_as_large_as_in_the_example_of_firestores_page() -> None:
    task = {
        "type": "Personal",
        "done": False,
        "priority": 1,
        "description": "Learn Cloud Firestore",
    }
    found = NOTHING.size("users/jeff/tasks/my_task_id", task)
    assert found.document == 147
    assert found.entries == 8  # each of the four fields, both ways


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (None, 1),
        (True, 1),
        (7, 8),
        (0.5, 8),
        (datetime(2024, 3, 1, tzinfo=UTC), 8),
        ("", 1),
        ("é", 3),
        (["a", "bc"], 5),
        ({"a": 1, "bc": None}, 14),
        ({}, 0),
    ],
)
def test_values_have_their_sizes(value: Any, size: int) -> None:
    assert bytes_of(value) == size


def test_what_firestore_cannot_hold_has_no_size() -> None:
    with pytest.raises(TypeError, match="set"):
        bytes_of({1, 2})


@pytest.mark.parametrize(
    ("data", "entries"),
    [
        ({"a": 1}, 2),
        ({"a": [1, 2, 3]}, 3),
        ({"a": {"b": 1, "c": {"d": 2}}}, 4),
        ({"one": 1, "many": ["x", "y"]}, 2 + 2 + 2),  # the composite index has one for each element
        ({"one": 1}, 2),  # and none where a field is missing
    ],
)
def test_entries_are_counted_as_firestore_does(data: dict[str, Any], entries: int) -> None:
    fields = [{"fieldPath": "one"}, {"fieldPath": "many"}]
    composite = {"collectionGroup": "c", "fields": fields}
    indexes = Indexes.of({"indexes": [composite], "fieldOverrides": []})
    assert indexes.size("c/d", data).entries == entries


def test_exemptions_make_a_row_of_the_ledger_much_smaller() -> None:
    row = sizes()["crmOrders"]
    assert row.entries <= 34
    assert row.total < 4_300


def test_a_document_is_about_as_large_whatever_is_held_beside_it() -> None:
    few, many = sizes(2), sizes(20)
    assert few["crmOrders"].document == pytest.approx(many["crmOrders"].document, abs=30)
    assert few["customers"].document < many["customers"].document


def test_a_sweep_of_a_large_shop_has_a_bound() -> None:
    ten, hundred = (swept(replace(LARGE, orders=n * 1_000_000)) for n in (20, 100))
    assert hundred.reads == ten.reads
    assert hundred.aggregations < 5 * ten.aggregations


def test_the_bill_is_the_sum_of_its_rows() -> None:
    table = monthly(LARGE)
    told = [float(row[1].strip("$").replace(",", "")) for row in table.rows]
    assert told[-1] == pytest.approx(sum(told[:-1]), abs=0.05)


def test_nobody_and_nothing_costs_nothing_but_sweeps() -> None:
    nobody = Organiser(0, 0, 0, 0, 0)
    assert set(numbers(nobody).values()) == {0}
    prices = {name: price for name, price, _ in rows(nobody)}
    assert prices.pop("sweeps") < 3
    assert set(prices.values()) == {0}


def test_all_of_a_size_is_counted() -> None:
    assert Size(10, 5, 2).total == 15
