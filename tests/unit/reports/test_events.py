"""The list of events: what a search finds, in which order, and how many people there are."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.bill import Bill, Counting
from crm.core.errors import Refusal
from crm.core.roles import Role
from crm.db.paging import Pager, PageTokens
from crm.entrypoints.callables.events import (
    CALLS,
    CompareRequest,
    EventRequest,
    ListRequest,
)
from crm.entrypoints.callables.requests import parse
from crm.merging.merge import plan_merge
from crm.reports import events as reports
from crm.reports.events import get_event, list_events
from testing.hosts import item, order
from testing.world import KEYS, World

TOKENS = PageTokens(KEYS.derive("page-token"))

ZONE = ZoneInfo("America/New_York")

NOW = datetime(2026, 1, 1, tzinfo=UTC)
"""About when a world begins."""

CATALOGUE: tuple[tuple[str, str | None, datetime | None], ...] = (
    ("devops-2024", "DevOps Workshop", datetime(2024, 5, 1, 3, 59, tzinfo=UTC)),
    ("devops-2025", "DevOps Workshop", datetime(2025, 5, 1, 4, tzinfo=UTC)),
    ("gala", "Été à Łódź", datetime(2024, 5, 1, 4, tzinfo=UTC)),
    ("a/b", "Summer Gala 2024", datetime(2026, 7, 1, tzinfo=UTC)),
    ("7", None, None),
    ("x" * 256, "Ends the list", None),
    ("ada@example.com", "ＪＡＺＺ 夜", datetime(2026, 12, 31, 23, 59, tzinfo=UTC)),
    ("same-1", "Same time", datetime(2025, 5, 1, 4, tzinfo=UTC)),
)

SEARCHES = (
    *("d", "dev", "DEVOPS", "devops-2024", "2024", "work", "été", "ete", "lodz", "ŁÓDŹ", "gala"),
    *("a/b", "b", "7", "x" * 256, "x" * 20, "x" * 17 + "y", "ada@example.com", "example", "jazz"),
    *("ｊａｚｚ", "夜", "2024-05-01", "２０２４-05", "2024-04-30", "2024-05", "2025", "2024-13"),
    *(
        "2024-02-30",
        "0000",
        "9999",
        "9998-12-31",
        "summer gala",
        "gala summer",
        "gala x",
        "!!",
        " ",
    ),
    *("same", "time same", "1"),
)


def world_of(rows: Any = CATALOGUE) -> World:
    world = World(settings={"time_zone": ZONE.key})
    for number, (event_id, name, start) in enumerate(rows):
        items = [item(event_id, eventName=name, eventStartsAt=start)]
        world.put_order(f"o{number}", order(f"p{number}@example.com", items=items))
    return world


def pages(world: World, size: int, **asked: Any) -> list[list[dict[str, Any]]]:
    found: list[list[dict[str, Any]]] = []
    token = None
    while True:
        page: Any = list_events(world.runner, Pager(TOKENS, "staff", size, token), **asked)
        found.append(page["events"])
        assert len(found[-1]) <= size
        token = page["nextPageToken"]
        if token is None:
            return found


def ids(world: World, **asked: Any) -> list[str]:
    return [one["eventId"] for page in pages(world, 3, **asked) for one in page]


def plain(text: str) -> str:
    """Without case and accents, by other code than the product's."""
    bare = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in bare if not unicodedata.combining(c)).replace("ł", "l")


def begins(event_id: str, name: str | None, word: str) -> bool:
    held = f" {plain(event_id)} {plain(name or '')}"
    starts = [at for at in range(1, len(held)) if not held[at - 1].isalnum() or held[at - 1] == " "]
    return any(held[at:].split(" ")[0].startswith(word) for at in starts)


def in_days(q: str, start: datetime | None) -> bool:
    shown = "" if start is None else start.astimezone(ZONE).date().isoformat()
    q = unicodedata.normalize("NFKC", q)
    try:
        date.fromisoformat(q + "-01-01"[len(q) - 4 :] if len(q) in (4, 7) else q)
    except ValueError:
        return False
    return len(q) in (4, 7, 10) and shown.startswith(q)


def expected(q: str | None, when: str | None) -> list[str]:
    def wanted(event_id: str, name: str | None, start: datetime | None) -> bool:
        begun = start is None or start <= NOW
        if when is not None and begun != (when == "past"):
            return False
        typed = plain(q or "").split()
        return in_days(q or "", start) or all(begins(event_id, name, one) for one in typed)

    return sorted(one[0] for one in CATALOGUE if wanted(*one))


@pytest.fixture(scope="module")
def world() -> World:
    return world_of()


@pytest.mark.parametrize("when", [None, "past", "upcoming"])
@pytest.mark.parametrize("q", [None, *SEARCHES])
def test_a_search_finds_what_is_called_so_or_begins_then(
    world: World, q: str | None, when: Any
) -> None:
    found = ids(world, q=q, when=when)
    assert sorted(found) == expected(q, when)
    assert ids(world, q=q, when=when, order="oldest") == found[::-1]


@pytest.mark.parametrize("size", [1, 2, 3, 50])
@pytest.mark.parametrize("asked", [{}, {"q": "2024"}, {"q": "d"}, {"when": "past"}])
def test_pages_are_the_list_newest_start_first(world: World, size: int, asked: Any) -> None:
    found = [one for page in pages(world, size, **asked) for one in page]
    whole = pages(world, 200, **asked)[0]
    assert found == whole
    backwards = [one for page in pages(world, size, order="oldest", **asked) for one in page]
    assert backwards == whole[::-1]
    starts = [one["startsAt"] or datetime(1, 1, 1, tzinfo=UTC) for one in whole]
    assert starts == sorted(starts, reverse=True)
    assert len({one["eventId"] for one in whole}) == len(whole)


def test_a_day_is_the_organisers(world: World) -> None:
    assert ids(world, q="2024-04-30") == ["devops-2024"]
    assert ids(world, q="2024-05-01") == ["gala"]


def test_a_search_that_reads_much_and_finds_little_goes_on_with_a_token(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "_AT_ONCE", 2)
    monkeypatch.setattr(reports, "MOST_READ", 2)
    assert ids(world, q="same time") == ["same-1"]
    assert ids(world, q="workshop dev", order="oldest") == ["devops-2024", "devops-2025"]
    assert sorted(ids(world, q="gala summer")) == ["a/b"]
    assert ids(world, q="workshop dev") == ["devops-2025", "devops-2024"]


def test_what_is_past_is_so_from_the_first_page_on() -> None:
    world = world_of()
    page: Any = list_events(world.runner, Pager(TOKENS, "staff", 1), when="upcoming")
    world.store.wait(timedelta(days=400))
    rest = Pager(TOKENS, "staff", 9, page["nextPageToken"])
    then: Any = list_events(world.runner, rest, when="upcoming")
    assert [one["eventId"] for one in (*page["events"], *then["events"])] == [
        "ada@example.com",
        "a/b",
    ]


@pytest.mark.parametrize(
    ("caller", "asked"),
    [
        ("other", {}),
        ("staff", {"q": "d"}),
        ("staff", {"when": "past"}),
        ("staff", {"q": "2024"}),
        ("staff", {"order": "oldest"}),
    ],
)
def test_a_token_is_for_its_caller_and_its_query(world: World, caller: str, asked: Any) -> None:
    page: Any = list_events(world.runner, Pager(TOKENS, "staff", 1))
    with pytest.raises(Refusal) as refused:
        list_events(world.runner, Pager(TOKENS, caller, 1, page["nextPageToken"]), **asked)
    assert refused.value.reason == "page-token"


def test_no_token_holds_an_id_of_the_host(world: World) -> None:
    page: Any = list_events(world.runner, Pager(TOKENS, "staff", 1))
    assert page["events"][0]["eventId"] == "ada@example.com"
    assert "ada" not in page["nextPageToken"]
    assert "YWRh" not in page["nextPageToken"], "in base64 neither"


# --- Numbers -------------------------------------------------------------------------------------

START = {
    "a": datetime(2024, 1, 1, tzinfo=UTC),
    "b": datetime(2025, 1, 1, tzinfo=UTC),
    "c": datetime(2030, 1, 1, tzinfo=UTC),
}

TICKETS = st.builds(
    lambda event_id, checked_in, known: item(
        event_id, checkedIn=checked_in, eventStartsAt=START[event_id] if known else None
    ),
    st.sampled_from("abc"),
    st.sampled_from([None, True, False]),
    st.sampled_from([True, True, True, False]),
)

ORDERS = st.lists(
    st.tuples(st.sampled_from(["ada", "bob", "cyd", "dan"]), st.lists(TICKETS, max_size=3)),
    min_size=1,
    max_size=10,
)


@settings(max_examples=150)
@given(ORDERS, st.integers(0, 9), st.booleans())
def test_numbers_are_those_of_the_customers(
    orders: list[tuple[str, list[dict[str, Any]]]], gone: int, merged: bool
) -> None:
    world = World()
    for number, (who, items) in enumerate(orders):
        world.put_order(f"o{number}", order(f"{who}@example.com", items=items, day=number))
    ever = {one["eventId"] for _, items in orders for one in items}
    if gone < len(orders) > 1:
        world.delete_order(f"o{gone}")
    one, *others = [one["id"] for one in world.customers()]
    if merged and others:
        world.runner.run(lambda tx: plan_merge(tx, others[0], one))
    people = world.customers()
    now = world.store.now()
    listed = {one["eventId"]: one for page in pages(world, 2) for one in page}
    assert listed.keys() == ever
    for event_id, row in listed.items():
        held = [one["events"] for one in people if event_id in one["events"]]
        mine = [events[event_id] for events in held]
        begun = [one for one in mine if one["startsAt"] is None or one["startsAt"] <= now]
        assert row["holders"] == len(mine)
        assert row["attended"] == sum(event_id in one["attendedEventIds"] for one in people)
        assert row["checkedIn"] == sum(bool(one["checkedIn"]) for one in mine)
        assert row["noShows"] == sum(one["checkedIn"] == 0 for one in begun)
        answer: Any = get_event(world.runner, event_id)
        event = answer["event"]
        assert {key: event[key] for key in row} == row
        if row["startsAt"] is None:
            assert (row["newcomers"], row["returning"]) == (None, None)
            continue
        known = [{k: e["startsAt"] for k, e in events.items() if e["startsAt"]} for events in held]
        new = sum(event_id in one and one[event_id] == min(one.values()) for one in known)
        assert (row["newcomers"], row["returning"]) == (new, len(mine) - new)


def test_an_event_without_a_holder_is_listed_with_zeros() -> None:
    world = world_of()
    world.delete_order("o2")
    answer: Any = get_event(world.runner, "gala")
    assert answer["event"] == {
        "eventId": "gala",
        "name": "Été à Łódź",
        "startsAt": datetime(2024, 5, 1, 4, tzinfo=UTC),
        **dict.fromkeys(("holders", "attended", "checkedIn", "noShows"), 0),
        "newcomers": 0,
        "returning": 0,
        "orders": 0,
        "revenue": {},
    }


@pytest.mark.parametrize("event_id", ["nothing", "", "GALA", "crmEvents/gala", "a" * 5_000, "é"])
def test_an_event_that_no_order_names_is_not_found(world: World, event_id: str) -> None:
    with pytest.raises(Refusal) as refused:
        get_event(world.runner, event_id)
    assert (refused.value.code, refused.value.reason) == ("not-found", "no-such-event")
    assert event_id not in refused.value.message or not event_id


@pytest.mark.parametrize("event_id", [one[0] for one in CATALOGUE])
def test_any_id_that_an_order_can_have_is_found(world: World, event_id: str) -> None:
    answer: Any = get_event(world.runner, event_id)
    assert (answer["event"]["eventId"], answer["event"]["holders"]) == (event_id, 1)


def test_the_reads_that_are_told_are_the_reads_that_are_billed() -> None:
    world = world_of()
    bill = Bill()
    world.runner = replace(world.runner, store=Counting(world.store, bill))
    for asked in ({}, {"q": "2024"}, {"q": "gala summer"}, {"q": "nothing"}, {"when": "past"}):
        bill.clear()
        page: Any = list_events(world.runner, Pager(TOKENS, "staff", 4), **asked)  # type: ignore[arg-type]
        assert page["documentsRead"] == bill.reads + bill.aggregations
        known = sum(one["startsAt"] is not None for one in page["events"])
        assert bill.aggregations == 4 * len(page["events"]) + known
        bill.clear()
        sold: Any = list_events(world.runner, Pager(TOKENS, "staff", 4), sales=True, **asked)  # type: ignore[arg-type]
        assert sold["documentsRead"] == bill.reads + bill.aggregations
        orders = 1 + len(page["events"]) if page["events"] else 0  # how many, and each is read
        assert sold["documentsRead"] == page["documentsRead"] + orders
    for event_id, reads in (("gala", 9), ("7", 8)):
        bill.clear()
        answer: Any = get_event(world.runner, event_id)
        assert answer["documentsRead"] == bill.reads + bill.aggregations == reads


@pytest.mark.parametrize(
    ("kind", "data", "reason"),
    [
        (ListRequest, {"when": "now"}, "value-invalid"),
        (ListRequest, {"order": "best"}, "value-invalid"),
        (ListRequest, {"q": "x" * 257}, "value-invalid"),
        (ListRequest, {"q": "\x00"}, "text-invalid"),
        (ListRequest, {"q": ["a"]}, "value-invalid"),
        (ListRequest, {"pageSize": 201}, "value-invalid"),
        (ListRequest, {"name": "x"}, "unknown-key"),
        (EventRequest, {}, "missing-key"),
        (EventRequest, {"eventId": None}, "missing-key"),
        (EventRequest, {"eventId": 7}, "value-invalid"),
        (EventRequest, {"eventId": "\ud800"}, "text-invalid"),
        (ListRequest, {"sales": "yes"}, "value-invalid"),
        (CompareRequest, {}, "missing-key"),
        (CompareRequest, {"eventIds": ["a"]}, "value-invalid"),
        (CompareRequest, {"eventIds": ["a", "a"]}, "value-invalid"),
        (CompareRequest, {"eventIds": [*"abcdefghijklm"]}, "value-invalid"),
        (CompareRequest, {"eventIds": ["a", 7]}, "value-invalid"),
    ],
)
def test_what_cannot_be_asked_is_refused(kind: Any, data: Any, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse(kind, data)
    assert refused.value.reason == reason


def test_viewers_may_ask() -> None:
    assert {name: call.role for name, call in CALLS.items()} == {
        "list_events": Role.VIEWER,
        "get_event": Role.VIEWER,
        "get_event_sales": Role.VIEWER,
        "compare_events": Role.VIEWER,
    }
