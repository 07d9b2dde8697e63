"""Cohorts are what other code counts, whatever became of orders and customers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.bill import Bill, Counting
from crm.core.errors import Refusal
from crm.customers import facets
from crm.repair.rebuild import rebuild
from crm.repair.verify import verify
from crm.reports import erased
from crm.reports.cohorts import get_cohorts
from testing.world import World
from tests.support.cohorts import check
from tests.support.history import History
from tests.unit.reports.test_figures import OTHERS, PEOPLE, do

ADA, BOB, CYD, DAN = PEOPLE

SPRING = date(2024, 1, 15), date(2024, 4, 2)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def small(**more: Any) -> History:
    history = History(World(settings={"time_zone": "America/Sao_Paulo", **more}))
    history.put("a1", ADA, at("2024-01-20T12:00"))
    history.put("a2", ADA, at("2024-01-21T12:00"))
    history.put("a3", ADA, at("2024-04-01T02:59"))  # March, in Sao Paulo
    history.put("b1", BOB, at("2024-01-03T12:00"), 2000, "EUR", refunded=2000)
    history.put("b2", BOB, at("2024-02-03T12:00"))
    history.put("c1", CYD, at("2024-03-03T12:00"), 0)
    history.put("c2", CYD, at("2024-01-03T12:00"), counts=False)
    history.put("d1", DAN, at("2023-12-03T12:00"))
    history.put("d2", DAN, at("2024-02-03T12:00"))
    return history


def test_cohorts_by_hand() -> None:
    history = small()
    said: Any = get_cohorts(history.world.runner, *SPRING)
    assert said["cohorts"] == [
        {"month": "2024-01", "customers": 2, "active": [2, 1, 1, 0]},
        {"month": "2024-02", "customers": 0, "active": [0, 0, 0]},
        {"month": "2024-03", "customers": 1, "active": [1, 0]},
        {"month": "2024-04", "customers": 0, "active": [0]},
    ]
    assert (said["timeZone"], said["erasedOrdersLeftOut"]) == ("America/Sao_Paulo", 0)
    check(history, *SPRING)


def test_a_deletion_and_an_edit_of_the_first_order_move_a_customer_to_another_month() -> None:
    history = small()
    history.delete("a1")
    history.delete("a2")
    check(history, *SPRING)
    history.put("b1", BOB, at("2024-01-03T12:00"), counts=False)
    check(history, *SPRING)
    history.put("c2", CYD, at("2024-01-03T12:00"))
    check(history, *SPRING)


def test_an_erasure_changes_no_cohort() -> None:
    history = small()
    before = get_cohorts(history.world.runner, *SPRING)["cohorts"]
    for address in PEOPLE:
        history.erase(address)
        assert get_cohorts(history.world.runner, *SPRING)["cohorts"] == before
    assert history.world.customers() == []


def test_too_many_erased_orders_are_not_read_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    history = small()
    history.erase(ADA)
    monkeypatch.setattr(erased, "MAX_ERASED", 2)
    said: Any = get_cohorts(history.world.runner, *SPRING)
    assert said["erasedOrdersLeftOut"] == 3
    assert said["cohorts"][0] == {"month": "2024-01", "customers": 1, "active": [1, 1, 0, 0]}


def test_a_merge_makes_two_customers_one_and_its_undo_two() -> None:
    history = small()
    before = get_cohorts(history.world.runner, *SPRING)["cohorts"]
    history.merge(CYD, ADA)
    check(history, *SPRING)
    history.unmerge()
    assert get_cohorts(history.world.runner, *SPRING)["cohorts"] == before


def test_without_days_it_is_twelve_months_up_to_the_one_that_it_is() -> None:
    history = History(World())
    now = history.world.store.now()
    history.put("o1", ADA, now)
    said: Any = get_cohorts(history.world.runner, None, None)
    assert len(said["cohorts"]) == 12
    assert said["cohorts"][-1] == {"month": f"{now:%Y-%m}", "customers": 1, "active": [1]}
    assert [len(one["active"]) for one in said["cohorts"]] == [*range(12, 0, -1)]


@pytest.mark.parametrize(
    ("first", "last", "number"),
    [
        (date(2022, 1, 31), date(2023, 12, 1), 24),
        (date(2022, 1, 31), date(2024, 1, 1), None),
        (date(2024, 1, 2), date(2024, 1, 1), None),
        (date(1, 1, 1), date(1, 1, 2), None),
    ],
)
def test_more_than_two_years_are_refused(first: date, last: date, number: int | None) -> None:
    runner = History(World()).world.runner
    if number is None:
        with pytest.raises(Refusal) as refused:
            get_cohorts(runner, first, last)
        assert (refused.value.code, refused.value.reason) == ("invalid-argument", "value-invalid")
    else:
        assert len(get_cohorts(runner, first, last)["cohorts"]) == number  # type: ignore[arg-type]


def test_customers_of_an_earlier_version_are_named_and_brought_up_by_a_rebuild() -> None:
    history = small()
    store = history.world.store
    for name, one in store.all("customers").items():
        kept = {key: True for key in one["facets"] if not key.startswith("e:")}
        store.put(f"customers/{name}", {**one, "facets": kept})
    assert any("facets" in what for _, what in verify(history.world.runner))
    assert rebuild(history.world.runner).failed == []
    check(history, *SPRING)


@pytest.mark.parametrize("day", ["soon", "2024-02-30", "0001-01"])
def test_a_day_that_a_hand_wrote_is_in_no_month(day: str) -> None:
    history = small()
    one = history.world.with_email(ADA)
    (part,) = one["parts"].values()
    part["days"] = {day: 1}
    assert not [key for key in facets.facets(one) if key.startswith("e:")]


def test_it_costs_at_most_a_read_for_each_two_months_and_nothing_for_nobody() -> None:
    history, bill = small(), Bill()
    runner = replace(history.world.runner, store=Counting(history.world.store, bill))
    said: Any = get_cohorts(runner, *SPRING)
    reads = 1 + 4 + (3 + 1) + 1  # the moment, new ones, who of January and March, the erased
    assert said["documentsRead"] == bill.reads + bill.aggregations == reads


BEGIN = at("2024-02-03T00:00")
PUT = st.tuples(
    st.just("put"),
    st.integers(0, 14),
    st.sampled_from(PEOPLE),
    st.integers(0, 24 * 200),
    st.integers(0, 3),
    st.sampled_from(["USD", "EUR"]),
    st.booleans() | st.just(True),
)


@settings(max_examples=120)
@given(
    st.lists(PUT, min_size=1, max_size=12),
    st.lists(PUT | OTHERS, max_size=8),
    st.integers(-40, 100),
    st.integers(0, 200),
    st.sampled_from(["UTC", "America/Sao_Paulo", "Pacific/Auckland", "Asia/Kathmandu"]),
)
def test_after_any_history_cohorts_are_what_other_code_counts(
    begun: list[Any], more: list[Any], start: int, length: int, zone: str
) -> None:
    history = History(World(settings={"time_zone": zone}))
    assert history.zone == ZoneInfo(zone)
    for what, *details in [*begun, *more]:
        do(history, what, details)
    first = BEGIN.date() + timedelta(days=start)
    check(history, first, first + timedelta(days=length))
