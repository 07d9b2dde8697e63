"""What orders say of events, and what the catalogue asks and remembers of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.customers.ledger import Contribution, event_term
from crm.db.documents import Query, Snapshot
from crm.host import reader
from crm.sync.catalogue import (
    Catalogue,
    Said,
    newest_query,
    newest_words,
    said,
    words_of,
)
from crm.sync.seen_events import SeenEvents, Word
from testing.hosts import DAY, item, order
from testing.memory import MemoryStore
from testing.world import World

OLD: Word = ("Old", None)
NEW: Word = ("New", DAY)
NO_WORD: Word = (None, None)


@pytest.mark.parametrize(
    ("one", "agrees"),
    [
        (Said(named=True, word=OLD), True),
        (Said(named=True, word=NEW), False),
        (Said(named=True, word=None), True),
        (Said(named=False), True),
        (Said(named=True, word=OLD, left=frozenset({NEW})), True),
        (Said(named=True, word=OLD, left=frozenset({OLD})), False),
        (Said(named=True, word=None, left=frozenset({OLD})), False),
        (Said(named=True, word=NEW, left=frozenset({NEW})), False),
        (Said(named=True, word=OLD, doubted=True), False),
        (Said(named=True, word=NEW, doubted=True), False),
    ],
)
def test_the_catalogue_stays_right_where_an_order_says_nothing_else(
    one: Said, agrees: bool
) -> None:
    assert one.agrees(OLD) is agrees


def contributed(day: int = 0, status: str = "paid", **words: Word) -> Contribution:
    items = [item(key, eventName=name, eventStartsAt=at) for key, (name, at) in words.items()]
    settings = World().runner.settings
    data = order(items=items, day=day, status=status)
    return Contribution.of(reader.read_order(data, DAY, settings), settings.time_zone)


SAYS_OLD = contributed(a=OLD, b=OLD)


@pytest.mark.parametrize(
    ("past", "now", "found"),
    [
        ([None], None, {}),
        ([None], SAYS_OLD, {"a": Said(True, OLD), "b": Said(True, OLD)}),
        ([SAYS_OLD], SAYS_OLD, {}),
        ([None], contributed(a=NO_WORD), {"a": Said(True, None)}),
        ([None], contributed(a=OLD, status="pending"), {}),
        # One that changed, with what it said before; the other one is no news.
        ([SAYS_OLD], contributed(a=NEW, b=OLD), {"a": Said(True, NEW, frozenset({OLD}))}),
        ([SAYS_OLD], contributed(a=OLD, b=NEW), {"b": Said(True, NEW, frozenset({OLD}))}),
        ([SAYS_OLD], contributed(a=NO_WORD, b=OLD), {"a": Said(True, None, frozenset({OLD}))}),
        ([contributed(a=NO_WORD)], contributed(a=OLD), {"a": Said(True, OLD)}),
        # What it no longer names, and what no longer counts.
        ([SAYS_OLD], contributed(a=OLD), {"b": Said(False, None, frozenset({OLD}))}),
        ([contributed(a=OLD)], None, {"a": Said(False, None, frozenset({OLD}))}),
        ([contributed(a=NO_WORD)], None, {"a": Said(False)}),
        ([contributed(a=OLD)], contributed(a=OLD, status="pending"),
         {"a": Said(False, None, frozenset({OLD}))}),
        # As another day's it may be the newest no more.
        ([contributed(a=OLD)], contributed(1, a=OLD), {"a": Said(True, OLD, frozenset({OLD}))}),
        # Of each attempt that seemed to have failed one does not know.
        ([None, contributed(a=OLD)], contributed(a=OLD), {"a": Said(True, OLD)}),
        ([contributed(a=OLD), contributed(a=NEW)], contributed(a=NEW),
         {"a": Said(True, NEW, frozenset({OLD}))}),
        ([contributed(a=OLD), contributed(a=NEW)], None,
         {"a": Said(False, None, frozenset({OLD, NEW}))}),
    ],
)  # fmt: skip
def test_what_an_order_says_is_news_where_it_said_something_else(
    past: list[Contribution | None], now: Contribution | None, found: dict[str, Said]
) -> None:
    assert said(past, now, wrote=True) == found


def test_where_nothing_was_written_every_event_is_looked_at() -> None:
    """Who wrote it may have died before the catalogue heard of it."""
    expected = {"a": Said(True, OLD), "b": Said(True, OLD)}
    assert said([SAYS_OLD], SAYS_OLD, wrote=False) == expected
    assert said([None], None, wrote=False) == {}


def test_the_newest_row_that_describes_any_of_some_events_is_asked_for() -> None:
    clause = ("marks", "array_contains_any", (event_term("a"), event_term("b")))
    assert newest_query(["a", "b"]) == Query(
        "crmOrders",
        (clause,),  # type: ignore[arg-type]
        ("createdAt", "desc"),
        1,
    )
    assert newest_query(["a"], 7).limit == 7


def row(name: str, *described: str, **words: Word) -> Snapshot:
    events = {key: {"name": name, "startsAt": at} for key, (name, at) in words.items()}
    return Snapshot(
        f"crmOrders/{name}", {"marks": [event_term(one) for one in described], "events": events}, 1
    )


def test_the_first_row_that_describes_an_event_has_the_word() -> None:
    rows = [
        row("1", "b", a=NEW, b=OLD),  # of a it says nothing that counts
        row("2", "a", "c", a=OLD, c=NEW),  # nobody asked for c
        row("3", "a", "b", a=NEW, b=NEW),
    ]
    assert words_of(rows, {"a", "b"}) == {"a": OLD, "b": OLD}
    assert words_of(rows, {"d"}) == words_of([], {"a"}) == {}


class Asked(MemoryStore):
    """Notes how many events each query asked for, and its limit."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[int, int | None]] = []

    def find(self, query: Query) -> list[Snapshot]:
        if query.collection == "crmOrders" and query.where[0][0] == "marks":
            self.asked.append((len(query.where[0][2]), query.limit))
        return super().find(query)


def test_more_rows_are_asked_for_only_for_events_that_the_newest_one_does_not_describe() -> None:
    world = World(store=Asked())
    store: Any = world.store
    for number in range(4):
        items = [item(f"e{number}{one}", eventName=f"E{number}{one}") for one in "ab"]
        world.put_order(f"o{number}", order(items=items, day=number))
    events = [f"e{number}{one}" for number in range(4) for one in "ab"]
    expected: dict[str, Word] = {one: (one.capitalize(), None) for one in events}
    store.asked.clear()
    assert newest_words(store, events[-2:]) == {one: expected[one] for one in events[-2:]}
    assert store.asked == [(2, 1)]
    store.asked.clear()
    assert newest_words(store, events) == expected
    assert store.asked == [(8, 1), (6, 6)]
    store.asked.clear()
    assert newest_words(store, [*events[:2], "x"]) == {one: expected[one] for one in events[:2]}
    assert store.asked == [(3, 1), (1, 1)]
    store.asked.clear()
    assert newest_words(store, ["x", "y"]) == newest_words(store, []) == {}
    assert store.asked == [(2, 1)]
    store.asked.clear()
    many = [f"x{number}" for number in range(31)]
    assert newest_words(store, [*many, *events[:1]]) == {events[0]: expected[events[0]]}
    assert store.asked == [(30, 1), (2, 1), (1, 1)]


def test_at_most_ten_rows_are_asked_for_at_once() -> None:
    world = World(store=Asked())
    store: Any = world.store
    for number in range(14):
        world.put_order(f"o{number:02}", order(items=[item(f"e{number:02}")], day=number))
    store.asked.clear()
    assert len(newest_words(store, [f"e{number:02}" for number in range(14)])) == 14
    assert store.asked == [(14, 1), (13, 10), (3, 3)]


# What this process remembers


def test_what_was_seen_is_known_for_a_minute_and_no_longer() -> None:
    seen = SeenEvents()
    seen.put("a", OLD, DAY)
    minute = timedelta(minutes=1)
    assert seen.get("a", DAY + minute - timedelta(microseconds=1)) == OLD
    assert seen.get("a", DAY + minute) is None
    assert seen.get("b", DAY) is None
    seen.put("a", NEW, DAY + minute)
    assert seen.get("a", DAY + minute) == NEW


def test_of_two_generations_the_younger_one_counts() -> None:
    seen = SeenEvents(age=None, most=1)
    seen.put("a", OLD, DAY)
    seen.put("b", OLD, DAY)
    seen.put("a", NEW, DAY)
    assert (seen.get("a", DAY), seen.get("b", DAY)) == (NEW, OLD)
    seen.put("c", OLD, DAY)
    assert (seen.get("a", DAY), seen.get("b", DAY)) == (NEW, None)


# Whether anything was written


def follow(world: World, one: Catalogue, now: Contribution | None, **more: Any) -> bool:
    return one.follow(world.runner, [more.get("past")], now, wrote=more.get("wrote", True))


def test_whether_the_catalogue_was_written_is_told() -> None:
    world, one = World(), Catalogue()
    assert follow(world, one, None) is False
    world.put_order("o", order(items=[item("a", eventName="Old")]))
    for document in world.store.all("crmEvents"):
        world.store.delete(f"crmEvents/{document}")
    now = contributed(a=OLD)
    assert follow(world, one, now) is True
    reads = world.store.reads
    assert follow(world, one, now) is False  # it is remembered
    assert follow(world, one, now, past=now) is False
    assert world.store.reads == reads
    assert follow(world, Catalogue(), now, wrote=False) is False
    assert world.store.reads == reads + 1  # the document of the event
    assert follow(world, Catalogue(), now, past=now) is False
    assert world.store.reads == reads + 1


def test_an_event_that_nobody_names_and_nobody_knows_is_not_made() -> None:
    world = World()
    assert follow(world, Catalogue(), None, past=contributed(a=OLD)) is False
    assert world.store.all("crmEvents") == {}
    assert follow(world, Catalogue(), contributed(a=NO_WORD)) is True
    (made,) = world.store.all("crmEvents").values()
    assert (made["eventId"], made["name"], made["startsAt"]) == ("a", None, None)


def test_whoever_looks_at_all_names_afterwards_looks_at_no_name_before() -> None:
    world = World()
    world.put_order("o", order(items=[item("a", eventName="Old")]))
    plain = Catalogue(words=False)
    reads = world.store.reads
    assert follow(world, plain, contributed(a=NEW)) is False
    assert world.store.reads == reads + 1
    assert follow(world, plain, contributed(a=OLD)) is False
    assert world.store.reads == reads + 1
    assert [one["name"] for one in world.store.all("crmEvents").values()] == ["Old"]


def test_some_events_of_an_order_may_be_right_and_others_not() -> None:
    world = World()
    for key in "abc":
        world.put_order(f"o{key}", order(items=[item(key, eventName="Old")]))
    for key in "ac":  # as a hand may have changed them
        (name,) = [n for n, d in world.store.all("crmEvents").items() if d["eventId"] == key]
        data = world.store.all("crmEvents")[name]
        world.store.put(f"crmEvents/{name}", {**data, "name": "Wrong", "nameKey": "wrong"})
    now = contributed(b=OLD, a=OLD, c=OLD)
    assert follow(world, Catalogue(), now, wrote=False) is True
    assert {one["eventId"]: one["name"] for one in world.store.all("crmEvents").values()} == (
        dict.fromkeys("abc", "Old")
    )


def test_an_order_that_leaves_does_not_ask_for_what_another_one_still_says() -> None:
    world, one = World(), Catalogue()
    for number in range(2):
        world.put_order(f"o{number}", order(items=[item("a", eventName="Old")], day=number))
    before = contributed(a=OLD)
    follow(world, one, before)
    reads = world.store.reads
    assert follow(world, one, None, past=before) is False
    assert world.store.reads == reads + 1  # the newest row that says it
    said_new = replace(before, created_at=DAY + timedelta(days=9))
    assert follow(world, one, said_new, past=before) is False
    assert world.store.reads == reads + 2


def test_a_word_of_an_older_order_is_asked_about_once_for_all_events() -> None:
    world = World()
    items = [item(key, eventName="Old") for key in "ab"]
    world.put_order("newest", order(items=items, day=9))
    reads, writes = world.store.reads, world.store.writes
    assert follow(world, Catalogue(), contributed(a=NEW, b=NEW)) is False
    assert world.store.reads == reads + 2 + 1  # the documents of both, and the newest row
    assert world.store.writes == writes
