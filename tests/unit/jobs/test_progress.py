"""What steps have done, added up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm.jobs import progress
from crm.jobs.progress import added, joined, later
from testing.hosts import DAY

TICK = timedelta(microseconds=1)


def row(name: str, *fields: str) -> dict[str, Any]:
    return {"customerId": name, "fields": [*fields]}


def test_a_name_of_either_result_has_its_sum() -> None:
    assert added({"a": 1, "b": 2}, {"b": 3, "c": 4}) == {"a": 1, "b": 5, "c": 4}
    assert added({}, {"a": 0}) == {"a": 0}
    assert added({"a": 7}, {}) == {"a": 7}


def test_a_customer_of_two_checks_has_one_row_with_the_fields_of_both() -> None:
    first, second = [row("b", "tags", "name")], [row("a", "x"), row("b", "name", "events")]
    expected = (row("a", "x"), row("b", "events", "name", "tags"))
    assert joined(first, second) == joined(second, first) == expected
    assert joined((), ()) == ()


def test_of_too_many_rows_those_with_the_first_ids_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress, "MAX_DRIFT", 2)
    some = [row(name, "x") for name in "dacb"]
    assert joined(some[:2], some[2:]) == (row("a", "x"), row("b", "x"))
    assert joined(some[:2], ()) == (row("a", "x"), row("d", "x"))


@pytest.mark.parametrize(
    ("now", "then"), [(-TICK, TICK), (0 * TICK, TICK), (TICK, TICK), (2 * TICK, 2 * TICK)]
)
def test_what_comes_next_is_later_by_any_clock(now: timedelta, then: timedelta) -> None:
    assert later(DAY, DAY + now) == DAY + then
