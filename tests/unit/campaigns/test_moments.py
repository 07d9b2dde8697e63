"""When a campaign is to be sent, where clocks change and where somebody writes nonsense."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.campaigns.moments import instant_of, local_of
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
