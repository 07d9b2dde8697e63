"""A date in a question is a whole day of the organiser's zone, whatever the clocks do on it."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm.repair.rebuild import rebuild
from crm.segments.engine.predicate import matches
from crm.segments.language.ast import LastOrderAt, Node, When
from crm.segments.language.expansion import expand
from crm.segments.language.json_form import parse_json, to_json
from crm.segments.language.text import parse, parse_text, to_text
from testing.hosts import order
from testing.world import World
from tests.support.segments import NOW
from tests.unit.entrypoints.test_dispatch import call

TICK: Final = timedelta(microseconds=1)

CHANGES: Final = {
    # Forward at midnight: the day begins at 1:00. Back at the midnight that ends the 31st.
    "Africa/Cairo": ("2024-04-26", "2024-10-31"),
    "Europe/Berlin": ("2024-03-31", "2024-10-27"),
    "America/New_York": ("2024-03-10", "2024-11-03"),
    "Australia/Lord_Howe": ("2024-10-06", "2024-04-07"),  # by half an hour
}
"""A day on which clocks go forward, and one on which they go back."""

SIGNS: Final[Mapping[str, tuple[str, Callable[[Any, Any], bool]]]] = {
    "eq": ("=", operator.eq),
    "gt": (">", operator.gt),
    "gte": (">=", operator.ge),
    "lt": ("<", operator.lt),
    "lte": ("<=", operator.le),
}

Comparisons = Mapping[str, str]


def around(zone: str, day: str) -> Iterator[datetime]:
    """Every quarter of an hour where a day may begin or end, and what is next to it."""
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    for middle in (noon - timedelta(hours=12), noon + timedelta(hours=12)):
        for quarters in range(-5, 6):
            edge = middle + quarters * timedelta(minutes=15)
            yield from (edge - TICK, edge, edge + TICK)


@functools.cache
def world(zone: str) -> World:
    """One guest for each of those moments, on both days."""
    made = World(settings={"time_zone": zone})
    moments = [moment for day in CHANGES[zone] for moment in around(zone, day)]
    for number, moment in enumerate(moments):
        made.put_order(f"o{number}", order(f"p{number:03}@example.com", createdAt=moment))
    return made


def holds(zone: str, moment: datetime, compared: Comparisons) -> bool:
    """Decide by the clock on the wall."""
    local = moment.astimezone(ZoneInfo(zone)).date().isoformat()
    return all(
        SIGNS[name][1](moment, datetime.fromisoformat(value))
        if "T" in value
        else SIGNS[name][1](local, value)
        for name, value in compared.items()
    )


def questions() -> Iterator[tuple[str, Comparisons]]:
    for zone, days in CHANGES.items():
        for day in days:
            before, after = (str(date.fromisoformat(day) + timedelta(step)) for step in (-1, 1))
            for name in SIGNS:
                yield zone, {name: day}
            yield zone, {"eq": before}
            yield zone, {"eq": after}
            yield zone, {"gte": before, "lt": after}
            yield zone, {"gt": before, "lte": day}
            yield zone, {"gt": day, "lt": after}  # nobody
            yield zone, {"eq": day, "gte": f"{day}T04:00:00Z"}
            yield zone, {"eq": day, "lt": f"{day}T04:30:00Z", "gt": f"{before}T22:00:00Z"}
            yield zone, {"lte": day, "gte": f"{before}T12:00:00Z", "eq": before}


def asked(made: World, segment: object) -> list[str]:
    arguments = {"segment": segment, "pageSize": 200}
    page = call("query_segment", arguments, made)
    assert page["nextPageToken"] is None
    assert call("count_segment", {"segment": segment}, made)["count"] == len(page["customers"])
    return sorted(one["lastOrderAt"] for one in page["customers"])


QUESTIONS: Final = list(questions())


@pytest.mark.parametrize(
    ("zone", "compared"),
    QUESTIONS,
    ids=[f"{zone} {compared}" for zone, compared in QUESTIONS],
)
def test_who_ordered_on_a_day_is_what_the_clock_on_the_wall_says(
    zone: str, compared: Comparisons
) -> None:
    made = world(zone)
    moments = [one["lastOrderAt"] for one in made.store.all("customers").values()]
    expected = [one for one in moments if holds(zone, one, compared)]
    written = sorted(one.isoformat().replace("+00:00", "Z") for one in expected)
    text = ", ".join(f"{SIGNS[name][0]} {value}" for name, value in compared.items())
    assert asked(made, {"lastOrderAt": compared}) == written
    assert asked(made, f"last_order_at {text}") == written
    others = asked(made, f"not last_order_at {text}")
    assert len(others) == len(moments) - len(written)


def test_the_table_is_of_questions_that_tell_customers_apart() -> None:
    assert len(QUESTIONS) >= 40
    sizes = set()
    for zone, compared in QUESTIONS:
        moments = [one["lastOrderAt"] for one in world(zone).store.all("customers").values()]
        found = sum(holds(zone, one, compared) for one in moments)
        assert found < len(moments)
        sizes.add(found)
    assert len(sizes) > 10


@pytest.mark.parametrize(
    ("zone", "day", "first", "behind"),
    [
        ("UTC", "2024-01-31", "2024-01-31T00:00Z", "2024-02-01T00:00Z"),
        ("Europe/Berlin", "2024-01-31", "2024-01-30T23:00Z", "2024-01-31T23:00Z"),
        ("Europe/Berlin", "2024-03-31", "2024-03-30T23:00Z", "2024-03-31T22:00Z"),  # 23 hours
        ("Europe/Berlin", "2024-10-27", "2024-10-26T22:00Z", "2024-10-27T23:00Z"),  # 25
        ("Africa/Cairo", "2024-04-26", "2024-04-25T22:00Z", "2024-04-26T21:00Z"),
        ("Africa/Cairo", "2024-10-31", "2024-10-30T21:00Z", "2024-10-31T22:00Z"),
        ("Australia/Lord_Howe", "2024-10-06", "2024-10-05T13:30Z", "2024-10-06T13:00Z"),
        ("America/New_York", "2024-11-03", "2024-11-03T04:00Z", "2024-11-04T05:00Z"),
    ],
)
def test_what_a_comparison_with_a_day_means(zone: str, day: str, first: str, behind: str) -> None:
    for name, meant in {
        "eq": {"gte": first, "lt": behind},
        "gt": {"gte": behind},
        "gte": {"gte": first},
        "lt": {"lt": first},
        "lte": {"lt": behind},
    }.items():
        day_node, node = parse_json({"lastOrderAt": {name: day}}), {"lastOrderAt": meant}
        assert whole(day_node, ZoneInfo(zone)) == parse_json(node)


def whole(node: Node, zone: ZoneInfo) -> Node:
    return expand(node, lambda _: None, zone)


moments = st.datetimes(
    datetime(2023, 12, 1),  # noqa: DTZ001
    datetime(2025, 1, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
NAMES = st.sampled_from(sorted(SIGNS))


@given(
    zone=st.sampled_from(sorted(CHANGES)),
    compared=st.dictionaries(
        NAMES, st.one_of(moments, moments.map(datetime.date)), min_size=1, max_size=4
    ),
    at=moments,
)
@example(
    zone="Africa/Cairo",
    compared={"eq": date(2024, 4, 26)},
    at=datetime(2024, 4, 25, 22, tzinfo=UTC),
)
def test_any_comparison_with_days_and_moments_is_what_the_clock_says(
    zone: str, compared: dict[str, date], at: datetime
) -> None:
    asked = LastOrderAt(When(**compared))  # type: ignore[arg-type]
    node, written = whole(asked, ZoneInfo(zone)), cast("Any", to_json(asked))
    for moment in (at, *edges(compared.values(), ZoneInfo(zone))):
        expected = holds(zone, moment, written["lastOrderAt"])
        assert matches(node, {"lastOrderAt": moment}, NOW) is expected


def edges(values: Any, zone: ZoneInfo) -> Iterator[datetime]:
    for value in values:
        if isinstance(value, datetime):
            yield from (value - TICK, value, value + TICK)
        else:
            for midnight in (value, value + timedelta(days=1)):
                edge = datetime.combine(midnight, time(), zone).astimezone(UTC)
                yield from (edge - TICK, edge, edge + TICK)


def test_a_day_stays_a_day_in_both_forms_and_a_moment_a_moment() -> None:
    for text in ("last_order_at <= 2024-01-31", "last_order_at <= 2024-01-31T00:00:00Z"):
        assert to_text(parse_text(text)) == text
        assert to_text(parse(to_json(parse_text(text)))) == text
    assert parse_text("last_order_at = 2024-01-31") != parse_text(
        "last_order_at = 2024-01-31T00:00:00Z"
    )


EDITOR: Final[dict[str, object]] = {"crm": "editor", "email_verified": True}


def test_a_saved_segment_means_the_day_in_whatever_zone_is_set() -> None:
    made = World(settings={"time_zone": "Europe/Berlin"})
    late = datetime(2024, 1, 31, 23, 30, tzinfo=UTC)  # half past midnight in Berlin
    made.put_order("o1", order("ada@example.com", createdAt=late))
    saved = {"name": "January", "segment": "last_order_at <= 2024-01-31"}
    key = call("save_segment", saved, made, EDITOR)["segmentId"]
    assert asked(made, f"segment:{key}") == []
    moved = World(made.store, settings={"time_zone": "UTC"})
    assert len(asked(moved, f"segment:{key}")) == 1
    assert made.store.all("crmSegments")[key]["text"] == "last_order_at <= 2024-01-31"


def test_a_segment_saved_with_a_moment_keeps_it() -> None:
    made = World(settings={"time_zone": "Europe/Berlin"})
    midnight = datetime(2024, 1, 31, tzinfo=UTC)
    made.put_order("o1", order("ada@example.com", createdAt=midnight))
    saved = {"name": "Old", "segment": {"lastOrderAt": {"gt": "2024-01-31T00:00:00Z"}}}
    key = call("save_segment", saved, made, EDITOR)["segmentId"]
    assert asked(made, f"segment:{key}") == []
    assert asked(made, "last_order_at > 2024-01-30T23:59:59Z") != []


def test_a_rebuild_says_of_older_segments_that_they_mean_moments() -> None:
    """Version 0.1.0 kept midnight UTC, and wrote it as a date."""
    made = World(settings={"time_zone": "Europe/Berlin"})
    saved = {"name": "Old", "segment": {"lastOrderAt": {"gt": "2024-01-31T00:00:00Z"}}}
    key = call("save_segment", saved, made, EDITOR)["segmentId"]
    kept = made.store.all("crmSegments")[key]
    made.store.put(f"crmSegments/{key}", {**kept, "text": "last_order_at > 2024-01-31"})
    assert rebuild(made.runner).failed == []
    assert made.store.all("crmSegments")[key] == kept
    assert kept["text"] == "last_order_at > 2024-01-31T00:00:00Z"


def test_days_counted_back_are_of_24_hours_wherever_the_clocks_change() -> None:
    made = World(settings={"time_zone": "Europe/Berlin"})
    made.store._clock = int(datetime(2024, 4, 1, tzinfo=UTC).timestamp() * 10**9)
    made.put_order("o1", order("a@x.org", createdAt=datetime(2024, 3, 31, 0, 1, tzinfo=UTC)))
    assert len(asked(made, "last_order_at within 1 days")) == 1
    made.store._clock += 120 * 10**9
    assert asked(made, "last_order_at within 1 days") == []
    assert asked(made, "last_order_at = 2024-03-31") != []
