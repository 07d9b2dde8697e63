"""When an event is due, where clocks change and days are left out."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.due import EventEnded

ZONES = [
    *("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"),
    *("Africa/Cairo", "UTC", "America/Sao_Paulo"),
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "starts", "days", "at", "due"),
    [
        ("Europe/Berlin", "2026-01-10T18:00", 1, "10:00", "2026-01-11T09:00"),
        # The day of the event is the organiser's, not that of UTC.
        ("Europe/Berlin", "2026-01-10T23:30", 1, "10:00", "2026-01-12T09:00"),
        ("America/New_York", "2026-01-11T02:00", 1, "10:00", "2026-01-11T15:00"),
        # Winter and summer lie between the event and the mail.
        ("Europe/Berlin", "2026-03-28T18:00", 1, "10:00", "2026-03-29T08:00"),
        ("Europe/Berlin", "2026-10-24T18:00", 1, "10:00", "2026-10-25T09:00"),
        # A time that is left out: the first instant there is. One that comes twice: the first.
        ("Europe/Berlin", "2026-03-28T18:00", 1, "02:30", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-10-24T18:00", 1, "02:30", "2026-10-25T00:30"),
        ("America/New_York", "2026-03-07T18:00", 1, "02:30", "2026-03-08T07:00"),
        ("America/New_York", "2026-10-31T18:00", 1, "01:30", "2026-11-01T05:30"),
        ("Australia/Lord_Howe", "2026-10-03T03:00", 1, "02:15", "2026-10-03T15:30"),
        ("Australia/Lord_Howe", "2026-04-04T03:00", 1, "01:45", "2026-04-04T14:45"),
        # Samoa left out all of 30 December 2011.
        ("Pacific/Apia", "2011-12-29T20:00", 1, "10:00", "2011-12-30T10:00"),
        ("Pacific/Apia", "2011-12-29T20:00", 2, "10:00", "2011-12-30T20:00"),
        # Nothing is over before it has begun.
        ("Europe/Berlin", "2026-01-10T18:00", 0, "10:00", "2026-01-11T09:00"),
        ("Europe/Berlin", "2026-01-10T18:00", 0, "23:00", "2026-01-10T22:00"),
        ("Europe/Berlin", "2026-01-10T09:00", 0, "10:00", "2026-01-10T09:00"),
    ],
)
def test_an_event_is_due_at_one_instant(
    zone: str, starts: str, days: int, at: str, due: str
) -> None:
    asked = EventEnded(days, time.fromisoformat(at))
    assert asked.due(utc(starts), ZoneInfo(zone)) == utc(due)


def test_an_event_whose_start_nobody_knows_is_never_due() -> None:
    asked = EventEnded(1, time(10))
    assert asked.due(None, ZoneInfo("UTC")) is None
    assert asked.due(datetime.max.replace(tzinfo=UTC), ZoneInfo("UTC")) is None


@given(
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    starts=st.datetimes(datetime(2005, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001
    days=st.integers(0, 40),
    at=st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    before=st.integers(0, 3_000_000),
    width=st.integers(1, 90_000),
)
def test_whatever_is_due_in_a_time_is_in_one_of_its_ranges(
    zone: ZoneInfo, starts: datetime, days: int, at: time, before: int, width: int
) -> None:
    asked, start = EventEnded(days, at), starts.replace(tzinfo=UTC)
    due = asked.due(start, zone)
    assert due is not None
    assert due >= start
    assert due - start <= timedelta(days=days + 2, hours=1)
    after = due - timedelta(seconds=before % width + 1)
    ranges = [*asked.starts(after, after + timedelta(seconds=width), zone)]
    assert any(low <= start < high for low, high in ranges)
    assert all(high <= low for (_, high), (low, _) in itertools.pairwise(ranges))


@pytest.mark.parametrize(
    ("days", "after", "until", "starts"),
    [
        (1, "2026-01-11T08:59", "2026-01-11T09:00", ["2026-01-09T23:00"]),
        (1, "2026-01-11T09:00", "2026-01-12T08:59", []),
        (1, "2026-01-11T08:00", "2026-01-12T09:00", ["2026-01-09T23:00", "2026-01-10T23:00"]),
        (9, "2026-01-19T08:00", "2026-01-19T10:00", ["2026-01-09T23:00"]),
        # At ten on the day itself: what began by then, and what began the evening before.
        (0, "2026-01-11T08:59", "2026-01-11T09:00", ["2026-01-09T23:00", "2026-01-10T23:00"]),
        (0, "2026-01-11T09:00", "2026-01-12T08:59", []),
    ],
)
def test_the_days_are_looked_at_of_which_something_is_due(
    days: int, after: str, until: str, starts: list[str]
) -> None:
    zone, day = ZoneInfo("Europe/Berlin"), timedelta(days=1)
    ranges = [*EventEnded(days, time(10)).starts(utc(after), utc(until), zone)]
    assert ranges == [(utc(one), utc(one) + day) for one in starts]


@given(zone=st.sampled_from(ZONES).map(ZoneInfo), days=st.integers(0, 40))
def test_a_look_back_of_a_day_asks_for_few_days(zone: ZoneInfo, days: int) -> None:
    now = utc("2026-06-15T12:00")
    asked = EventEnded(days, time(10))
    assert 1 <= len([*asked.starts(now - timedelta(days=1), now, zone)]) <= 2
