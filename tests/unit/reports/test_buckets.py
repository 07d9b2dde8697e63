"""Which days a bucket has, and which stretches of days are answered."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.errors import Refusal
from crm.reports.buckets import MAX_BUCKETS, By, buckets, find, span

UTC = ZoneInfo("UTC")
SAO_PAULO = ZoneInfo("America/Sao_Paulo")  # where clocks went forward at midnight
TODAY = date(2024, 3, 14)  # a Thursday


def days(text: str) -> tuple[date, date]:
    first, last = text.split(" ")
    return date.fromisoformat(first), date.fromisoformat(last)


@pytest.mark.parametrize(
    ("by", "asked", "told"),
    [
        ("day", "2024-02-28 2024-03-01", ["2024-02-28", "2024-02-29", "2024-03-01"]),
        ("week", "2024-03-04 2024-03-17", ["2024-03-04", "2024-03-11"]),
        ("week", "2024-03-06 2024-03-12", ["2024-03-06", "2024-03-11"]),
        ("week", "2024-12-30 2025-01-05", ["2024-12-30"]),
        ("month", "2023-12-15 2024-02-29", ["2023-12-15", "2024-01-01", "2024-02-01"]),
        ("month", "2024-03-14 2024-03-14", ["2024-03-14"]),
    ],
)
def test_buckets_begin_with_their_first_day_and_the_outer_two_are_cut(
    by: By, asked: str, told: list[str]
) -> None:
    found = buckets(*days(asked), by, UTC)
    assert [one.first.isoformat() for one in found] == told
    assert found[-1].last == days(asked)[1]


@pytest.mark.parametrize(
    ("by", "asked", "facets"),
    [
        ("day", "2024-03-01 2024-03-01", [("o:2024-03-01",)]),
        ("week", "2024-12-30 2025-01-05", [("o:2025-W01",)]),
        ("week", "2021-01-01 2021-01-03", [("o:2021-01-01", "o:2021-01-02", "o:2021-01-03")]),
        ("month", "2024-02-01 2024-02-29", [("o:2024-02",)]),
        ("month", "2024-02-28 2024-03-01", [("o:2024-02-28", "o:2024-02-29"), ("o:2024-03-01",)]),
    ],
)
def test_a_whole_bucket_is_one_facet_and_a_cut_one_its_days(
    by: By, asked: str, facets: list[tuple[str, ...]]
) -> None:
    assert [one.facets for one in buckets(*days(asked), by, UTC)] == facets


@given(
    st.dates(date(1990, 1, 1), date(2050, 1, 1)),
    st.integers(0, 399),
    st.sampled_from(["day", "week", "month"]),
)
def test_buckets_are_the_stretch_without_a_gap_and_no_query_has_too_many_days(
    first: date, more: int, by: By
) -> None:
    last = first + timedelta(days=more)
    found = buckets(first, last, by, SAO_PAULO)
    assert (found[0].first, found[-1].last) == (first, last)
    for one, following in pairwise(found):
        assert (following.since, following.first) == (one.until, one.last + timedelta(days=1))
    assert all(1 <= len(one.facets) <= 30 for one in found)
    assert span(first, last, by, TODAY) == (first, last)


def test_a_moment_is_found_in_its_bucket_alone() -> None:
    found = buckets(date(2018, 11, 3), date(2018, 11, 5), "day", SAO_PAULO)
    second = timedelta(seconds=1)
    assert found[1].until - found[1].since == timedelta(hours=23)
    assert [find(found, one.since) for one in found] == [0, 1, 2]
    assert [find(found, one.until - second) for one in found] == [0, 1, 2]
    assert find(found, found[0].since - second) is None
    assert find(found, found[-1].until) is None


def test_a_day_that_a_zone_has_left_out_holds_no_moment() -> None:
    found = buckets(date(2011, 12, 29), date(2011, 12, 31), "day", ZoneInfo("Pacific/Apia"))
    assert found[1].since == found[1].until
    assert find(found, found[1].since) == 2


@pytest.mark.parametrize(
    ("by", "first", "number"),
    [
        ("day", date(2024, 2, 13), 31),
        ("week", date(2023, 9, 18), 26),
        ("month", date(2023, 4, 1), 12),
    ],
)
def test_without_days_the_latest_are_told(by: By, first: date, number: int) -> None:
    assert span(None, None, by, TODAY) == (first, TODAY)
    assert len(buckets(first, TODAY, by, UTC)) == number


@pytest.mark.parametrize("by", ["day", "week", "month"])
@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2024, 3, 2), date(2024, 3, 1)),
        (date(2024, 3, 15), None),  # tomorrow
        (date(1, 1, 1), date(1, 1, 2)),
        (date(9999, 12, 30), date(9999, 12, 31)),
        (None, date(1, 1, 1)),
        (date(2, 1, 1), date(9998, 1, 1)),
    ],
)
def test_stretches_that_are_none_or_too_long_are_refused(
    by: By, first: date | None, last: date | None
) -> None:
    with pytest.raises(Refusal) as refused:
        span(first, last, by, TODAY)
    assert (refused.value.code, refused.value.reason) == ("invalid-argument", "value-invalid")


def test_the_message_says_how_many_there_would_be() -> None:
    first = TODAY - timedelta(days=MAX_BUCKETS)
    with pytest.raises(Refusal, match=f"it is {MAX_BUCKETS + 1} days.*at most {MAX_BUCKETS}"):
        span(first, TODAY, "day", TODAY)
    assert span(first, TODAY, "week", TODAY) == (first, TODAY)
