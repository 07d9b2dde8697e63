"""When a campaign is to be sent, where clocks change and where somebody writes nonsense."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.campaigns.moments import first_valid, instant_of, local_of
from crm.core.errors import Refusal

BERLIN = ZoneInfo("Europe/Berlin")

START = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # as a clock shows it

LORD_HOWE = "Australia/Lord_Howe"  # clocks go forward by half an hour

ZONES = ["Europe/Berlin", "America/New_York", LORD_HOWE, "Africa/Cairo", "UTC"]


@pytest.mark.parametrize(
    ("written", "zone", "instant", "shown"),
    [
        ("2026-01-15T10:00", "Europe/Berlin", "2026-01-15T09:00", "2026-01-15T10:00:00+01:00"),
        ("2026-01-15T10:00:30", "UTC", "2026-01-15T10:00:30", "2026-01-15T10:00:30+00:00"),
        # The hour that is left out: the first instant that there is.
        ("2026-03-29T02:30", "Europe/Berlin", "2026-03-29T01:00", "2026-03-29T03:00:00+02:00"),
        ("2026-03-29T02:00", "Europe/Berlin", "2026-03-29T01:00", "2026-03-29T03:00:00+02:00"),
        ("2026-03-29T02:59:59", "Europe/Berlin", "2026-03-29T01:00", "2026-03-29T03:00:00+02:00"),
        ("2026-03-08T02:30", "America/New_York", "2026-03-08T07:00", "2026-03-08T03:00:00-04:00"),
        ("2026-04-24T00:00", "Africa/Cairo", "2026-04-23T22:00", "2026-04-24T01:00:00+03:00"),
        (
            "2026-10-04T02:15",
            "Australia/Lord_Howe",
            "2026-10-03T15:30",
            "2026-10-04T02:30:00+11:00",
        ),
        # The hour that comes twice: the first time.
        ("2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30", "2026-10-25T02:30:00+02:00"),
        ("2026-11-01T01:30", "America/New_York", "2026-11-01T05:30", "2026-11-01T01:30:00-04:00"),
    ],
)
def test_a_time_of_the_clock_is_one_instant(
    written: str, zone: str, instant: str, shown: str
) -> None:
    meant = instant_of(written, ZoneInfo(zone))
    assert meant == datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert local_of(meant, ZoneInfo(zone)) == shown


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        # A part of a second in the gap is none of the instant behind it.
        ("2026-03-29T02:30:00.5", "2026-03-29T01:00:00"),
        ("2026-03-29T02:59:59.999999", "2026-03-29T01:00:00"),
        ("2026-03-29T03:00:00.000001", "2026-03-29T01:00:00.000001"),
        ("2026-03-29T01:59:59.999999", "2026-03-29T00:59:59.999999"),
        ("2026-10-25T02:59:59.5", "2026-10-25T00:59:59.5"),
        ("2026-10-25T03:00", "2026-10-25T02:00"),
        ("0002-01-01T12:00+00:00", "0002-01-01T12:00"),
        ("9998-12-31T23:59:59Z", "9998-12-31T23:59:59"),
        ("9998-12-31T23:59:59.25-14:00", "9999-01-01T13:59:59.25"),
    ],
)
def test_a_time_is_kept_to_its_part_of_a_second(written: str, instant: str) -> None:
    meant = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert instant_of(written, BERLIN) == meant
    assert first_valid(meant.astimezone(BERLIN).replace(tzinfo=None, fold=0), BERLIN) == meant


@pytest.mark.parametrize("seconds", [0, 1, 2, 3, 4, 5, 6, 7, 899, 1_800, 2_701, 3_598, 3_599])
def test_all_of_a_gap_is_the_instant_behind_it(seconds: int) -> None:
    wall = datetime.fromisoformat("2026-03-29T02:00") + timedelta(seconds=seconds)
    assert first_valid(wall, BERLIN) == datetime(2026, 3, 29, 1, tzinfo=UTC)


@pytest.mark.parametrize("written", ["0001-12-31T12:00Z", "9999-01-01T00:00Z", "0001-06-01T12:00"])
def test_a_year_whose_times_are_not_all_moments_is_refused(written: str) -> None:
    with pytest.raises(Refusal) as refused:
        instant_of(written, BERLIN)
    assert (refused.value.code, refused.value.reason) == ("invalid-argument", "time-invalid")
    assert "`at` must be a time such as" in refused.value.message
    assert "in Europe/Berlin." in refused.value.message


def test_parts_of_a_second_are_not_shown() -> None:
    moment = datetime(2026, 7, 1, 6, 30, 1, 999_999, tzinfo=UTC)
    assert local_of(moment, BERLIN) == "2026-07-01T08:30:01+02:00"


def test_a_time_with_an_offset_is_that_instant_whatever_the_zone() -> None:
    meant = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    for text in ("2026-10-25T01:30Z", "2026-10-25T02:30:00+01:00", "2026-10-24T21:30:00.0-04:00"):
        assert instant_of(text, BERLIN) == meant


@given(
    st.integers(0, 37 * 366 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
    st.sampled_from(ZONES),
)
def test_no_instant_is_before_the_time_that_is_written_and_the_first_that_fits_is_taken(
    wall: datetime, name: str
) -> None:
    zone = ZoneInfo(name)
    meant = instant_of(wall.isoformat(), zone)
    shown = meant.astimezone(zone).replace(tzinfo=None)
    assert shown >= wall
    if shown == wall:
        earlier = [meant - timedelta(minutes=m) for m in (30, 60, 120)]
        assert all(one.astimezone(zone).replace(tzinfo=None) != wall for one in earlier)
    else:  # a gap: a second before, the clock shows less than what is written
        assert (meant - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None) < wall


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "tomorrow", "2026-13-01T00:00", "2026-02-30T10:00", "2026-01-15"),
        *("20260115T1000", "2026-01-15 10:00", "2026-W03-4T10:00", "2026-01-15T25:00Z"),
        *(
            "2026-01-15T10:00+2:00",
            "0001-01-01T00:00+14:00",
            "9999-12-31T23:59:59",
            "\u0662\u0660\u0662\u0666-01-15T10:00",
        ),
        "2026-01-15T10:00\n",
    ],
)
def test_nonsense_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Refusal, match="Europe/Berlin") as refused:
        instant_of(text, BERLIN, "latestBy")
    assert refused.value.reason == "time-invalid"
    assert "latestBy" in refused.value.message


def test_no_time_is_shown_as_none() -> None:
    assert local_of(None, BERLIN) is None
