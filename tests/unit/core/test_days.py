"""Where the days of a zone begin: also where clocks change at midnight, or leave a day out."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.days import day_of, end_of, month_of, start_of, week_of

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",  # clocks went forward at midnight
    "America/Havana",  # clocks go back to midnight: there are two
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",  # had no 30 December 2011
    "America/St_Johns",  # until 2011 clocks went back from a minute past midnight to the day before
]


@pytest.mark.parametrize(
    ("zone", "day", "start", "hours"),
    [
        ("UTC", date(2024, 2, 29), "2024-02-29T00:00", 24),
        ("Europe/Berlin", date(2024, 3, 31), "2024-03-30T23:00", 23),
        ("Europe/Berlin", date(2024, 10, 27), "2024-10-26T22:00", 25),
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00", 23),
        ("America/Sao_Paulo", date(2018, 2, 17), "2018-02-17T02:00", 25),
        ("America/Havana", date(2024, 11, 3), "2024-11-03T04:00", 25),
        ("Asia/Kathmandu", date(2024, 5, 1), "2024-04-30T18:15", 24),
        ("Australia/Lord_Howe", date(2024, 4, 7), "2024-04-06T13:00", 24.5),
        ("Pacific/Apia", date(2011, 12, 31), "2011-12-30T10:00", 24),
        ("America/St_Johns", date(2006, 10, 29), "2006-10-29T02:30", 25),
    ],
)
def test_a_day_begins_at_its_first_instant(zone: str, day: date, start: str, hours: float) -> None:
    own = ZoneInfo(zone)
    assert start_of(day, own) == datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert end_of(day, own) - start_of(day, own) == timedelta(hours=hours)


def test_a_day_that_has_begun_goes_on_although_clocks_say_the_day_before_again() -> None:
    again = datetime(2006, 10, 29, 2, 45, tzinfo=UTC)  # 23:15 for the second time
    assert day_of(again, ZoneInfo("America/St_Johns")) == date(2006, 10, 29)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo", "UTC"])
def test_moments_at_the_ends_of_the_calendar_have_a_day(zone: str) -> None:
    first = datetime(1, 1, 1, tzinfo=UTC)  # what a host's "no time" often is
    last = datetime(9999, 12, 31, 23, tzinfo=UTC)
    assert day_of(first, ZoneInfo(zone)) == first.date()
    assert day_of(last, ZoneInfo(zone)) == last.date()


@given(
    st.sampled_from(ZONES),
    st.datetimes(datetime(1990, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_every_moment_is_in_the_day_that_it_is_said_to_be_in(zone: str, moment: datetime) -> None:
    own = ZoneInfo(zone)
    day = day_of(moment, own)
    assert start_of(day, own) <= moment < end_of(day, own)


@given(st.dates(date(1990, 1, 1), date(2050, 1, 1)))
def test_weeks_begin_on_monday_and_months_on_their_first(day: date) -> None:
    assert (week_of(day).isoweekday(), month_of(day).day) == (1, 1)
    assert timedelta(0) <= day - week_of(day) < timedelta(7)
    assert (month_of(day).year, month_of(day).month) == (day.year, day.month)
