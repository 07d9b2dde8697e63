"""Sorted pages: equal to a brute-force sort, a partition of the answer, and few documents read."""

from __future__ import annotations

import functools
import json
import random
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import crowd as made
from bench.model import FacetStore
from crm.customers.facets import facets
from crm.customers.scales import CEILING
from crm.db.paging import PAGE_BYTES
from crm.segments.engine import sorting
from crm.segments.engine.formula import Formula
from crm.segments.engine.order import Position, Sort
from crm.segments.engine.pages import MOST_READ
from crm.segments.engine.planner import QueryPlan, single_query
from crm.segments.engine.sorted_page import Hint, SortedPage, Start
from crm.segments.engine.sorting import MOST_COUNTED, sorted_page
from crm.segments.language.ast import Node
from crm.segments.language.text import parse_text
from tests.support.large import large_customer
from tests.support.segments import NOW, by_hand, customers, nodes, sorts, whole

Crowd = Mapping[str, dict[str, Any]]

SORTS = sorts("USD", "THB")

crowds = st.lists(customers(), max_size=14)


def named(crowd: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {f"c{n:03}": {**one, "facets": facets(one)} for n, one in enumerate(crowd)}


def walk(
    store: FacetStore, node: Node, sort: Sort, size: int, now: Any = made.NOW
) -> list[SortedPage]:
    """All pages; what leads from one to the next has been JSON."""
    found: list[SortedPage] = []
    start = None
    while True:
        before = store.reads
        found.append(sorted_page(store, node, now, sort, start, size))
        assert len(found[-1].snapshots) <= size
        assert found[-1].explain.documents_read == store.reads - before
        if found[-1].next_start is None:
            return found
        start = Start.from_data(json.loads(json.dumps(found[-1].next_start.to_data())))
        assert len(found) < 10_000


def ids(pages: list[SortedPage]) -> list[str]:
    return [one.id for page in pages for one in page.snapshots]


@settings(max_examples=350)
@given(
    st.lists(
        st.tuples(nodes().map(whole), st.sampled_from(sorts("USD", "JPY", "KWD"))), min_size=4
    ),
    crowds,
    st.integers(1, 5),
)
def test_sorted_pages_are_what_sorting_everybody_finds(
    asked: list[tuple[Node, Sort]], crowd: list[dict[str, Any]], size: int
) -> None:
    people = named(crowd)
    store = FacetStore(people)
    for node, sort in asked:
        assert ids(walk(store, node, sort, size, NOW)) == by_hand(people, node, sort, NOW)


@settings(max_examples=150)
@given(
    nodes().map(whole),
    st.sampled_from(sorts("USD", "JPY")),
    crowds,
    st.integers(0, 13),
    st.tuples(st.floats(0, 1e6), st.integers(0, 99), st.floats(0, 1)),
)
def test_a_wrong_hint_costs_reads_and_changes_nothing(
    node: Node, sort: Sort, crowd: list[dict[str, Any]], place: int, wrong: tuple[float, int, float]
) -> None:
    people = named(crowd)
    expected = by_hand(people, node, sort, NOW)
    if place >= len(expected):
        return
    last = expected[place]
    step, behind, share = wrong
    position = Position(sort.value(people[last]), last)
    start = Start(position, Hint(step, behind, share))
    found = sorted_page(FacetStore(people), node, NOW, sort, start, 100)
    assert [one.id for one in found.snapshots] == expected[place + 1 :]


@functools.cache
def shop() -> dict[str, dict[str, Any]]:
    return made.customers(1_500)


@functools.cache
def shelf() -> FacetStore:
    return FacetStore(shop())


def cost(node: Node, sort: Sort, store: FacetStore | None = None, size: int = 50) -> float:
    """Documents read for each customer found, once the answer was found to be right."""
    store = store or shelf()
    before = store.reads
    found = ids(walk(store, node, sort, size))
    assert found == by_hand(store.customers, node, sort, made.NOW)
    return (store.reads - before) / max(1, len(found))


def test_every_kind_of_question_is_sorted_by_everything_in_a_shop() -> None:
    chance = random.Random(6)
    for _, node in made.questions(30, seed=8):
        cost(node, chance.choice(SORTS), size=chance.choice((20, 50)))


FULL: Final = (
    "((has_ticket:event-001 and total_spend < 269.54 USD or (marketing:subscribed"
    " or last_order_at > 2026-02-13T03:46:56Z, < 2026-05-29T15:36:50Z) or tagged)"
    " or total_spend >= 137.36 USD and (tag:tag-197 and order_count >= 1, <= 6))"
    " and not ((has_ticket:event-002 or last_order_at >= 2024-03-08T00:40:58Z,"
    " <= 2024-07-15T21:51:22Z or total_spend >= 466.36 USD, <= 602 USD)"
    " and (marketing:none or first_order_at < 2025-10-13T07:00:00Z))"
)
"""So much that a query has no room for a reach beside it."""


def test_a_query_that_is_full_is_not_tried_again_for_each_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Planning all pages of this question took 111 seconds; 5.5 where it is not tried again."""
    tried: list[Formula] = []

    def single(wanted: Formula) -> QueryPlan | None:
        tried.append(wanted)
        return single_query(wanted)

    monkeypatch.setattr(sorting, "single_query", single)
    page = sorted_page(shelf(), parse_text(FULL), made.NOW, Sort("totalSpend", "USD"), None, 20)
    assert page.snapshots
    assert page.explain.counts > 3
    assert 0 < len(tried) <= 2 * len(sorting.NODES)


def test_facets_alone_read_hardly_half_as_many_again() -> None:
    chance, read, found = random.Random(5), 0.0, 0
    picked = [
        parse_text(t) for name in ("one facet", "AND of 2-5 facets") for t in made.PICKED[name]
    ]
    for node in picked:
        for sort in chance.sample(SORTS, 4):
            number = len(by_hand(shop(), node, sort, made.NOW))
            one = cost(node, sort)
            read, found = read + one * number, found + number
            if number >= 20:
                assert one <= 1.5
    assert read <= 1.3 * found


@pytest.mark.parametrize("sort", SORTS, ids=str)
def test_everyone_is_read_once(sort: Sort) -> None:
    assert cost(parse_text("everyone"), sort) <= 1.3


# --- Shapes that real shops have ------------------------------------------------------------------


def shaped(number: int, change: Callable[[random.Random, dict[str, Any], int], None]) -> FacetStore:
    chance, crowd = random.Random(7), {}
    for place, (key, data) in enumerate(made.customers(number, seed=7).items()):
        data = {**data, "tags": [*data["tags"]]}
        change(chance, data, place)
        crowd[key] = {**data, "facets": facets(data)}
    return FacetStore(crowd)


@functools.cache
def tickets() -> FacetStore:
    """Everybody bought one ticket, for one of three prices; hardly anybody paid something else."""

    def buy(chance: random.Random, data: dict[str, Any], _: int) -> None:
        odd = chance.randrange(1, 40_000)
        data["orderCount"] = 1
        data["totalSpend"] = {"USD": chance.choices((5000, 2500, 10_000, odd), (5, 3, 1.5, 0.5))[0]}

    return shaped(5_000, buy)


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize(
    ("text", "most"),
    [("everyone", 1.1), ("tag:tag-000", 1.4), ("subscribed and registered", 1.4)],
)
def test_a_price_that_thousands_paid_is_read_in_the_order_of_ids(
    text: str, most: float, direction: Any
) -> None:
    assert cost(parse_text(text), Sort("totalSpend", "USD", direction), tickets()) <= most


@functools.cache
def sale() -> FacetStore:
    """Half of all bought within one hour."""
    hour = made.NOW.replace(minute=0, second=0) - timedelta(days=30)

    def buy(chance: random.Random, data: dict[str, Any], place: int) -> None:
        then = made.NOW - timedelta(days=chance.uniform(0, 300))
        if place % 2:
            then = hour + timedelta(seconds=chance.uniform(0, 3_599))
        data["firstOrderAt"] = data["lastOrderAt"] = then
        data["orderCount"] = 1

    return shaped(5_000, buy)


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("everyone", 1.1),
        ("last_order_at within 40 days", 1.2),
        ("tag:tag-000", 4),
        ("tag:tag-003", 7),
    ],
)
def test_an_hour_in_which_thousands_bought_is_walked(
    text: str, most: float, direction: Any
) -> None:
    """A rare segment pays for it: nothing but everyone's index tells the minutes of an hour."""
    assert cost(parse_text(text), Sort("lastOrderAt", None, direction), sale()) <= most


def test_who_is_met_on_a_walk_is_checked() -> None:
    """Facets tell exactly who has the tag, but the walk is among everyone."""
    start = Start(Position(CEILING, None), Hint(crowd=MOST_COUNTED, end=2**30))
    found = sorted_page(sale(), parse_text("tag:tag-000"), made.NOW, Sort("lastOrderAt"), start)
    assert [*found.explain.ways] == ["everyone was read in the order of the field"]
    assert found.explain.checked


@pytest.mark.parametrize("number", [0, 1, 7, 60, 70, 150])
def test_a_small_answer_takes_few_reads(number: int) -> None:
    store = shaped(
        600, lambda _, data, place: data["tags"].append("few") if place < number else None
    )
    for sort in SORTS:
        extra = 2 if number < 20 else 0.5 * number
        assert cost(parse_text("tag:few"), sort, store) * max(1, number) <= number + extra


def test_a_small_answer_is_one_count_and_one_query() -> None:
    before = len(shelf().sent)
    found = sorted_page(shelf(), parse_text("tag:tag-100"), made.NOW, Sort("orderCount"))
    assert 0 < len(found.snapshots) < 50
    assert len(shelf().sent) - before == 2
    assert found.next_start is None


# --- Bounds ---------------------------------------------------------------------------------------


def test_a_page_is_bounded_in_work_and_the_next_goes_on() -> None:
    """Nobody is found among many who are looked through: the page is short."""
    rare = next(
        one for one in shop().values() if one["orderCount"] > 1 and "tag-000" in one["tags"]
    )
    crowd: dict[str, dict[str, Any]] = {}
    for number in range(2 * MOST_READ + 600):
        data = {**rare, "lastOrderAt": made.NOW - timedelta(minutes=number)}
        crowd[f"c{number:05}"] = {**data, "facets": facets(data)}
    last = {**rare, "tags": [], "lastOrderAt": made.NOW - timedelta(days=900)}
    crowd["z"] = {**last, "facets": facets(last)}
    store = FacetStore(crowd)
    pages = walk(store, parse_text("not tag:tag-000"), Sort("lastOrderAt"), 50)
    assert ids(pages) == ["z"]
    assert len(pages) > 2
    assert max(one.explain.documents_read for one in pages) <= MOST_READ + 2 * MOST_COUNTED


@pytest.mark.parametrize("by", ["lastOrderAt", "orderCount"])
@pytest.mark.parametrize("text", ["everyone", "tag:some", "not tag:some"])
def test_a_page_of_large_customers_ends_by_their_bytes(text: str, by: Any) -> None:
    """More of them than memory should hold are never read at once."""
    crowd: dict[str, dict[str, Any]] = {}
    for number in range(45):
        data = {**large_customer(), "lastOrderAt": made.NOW - timedelta(hours=number)}
        data["tags"] = ["some"] if number % 9 else []
        crowd[f"c{number:03}"] = {**data, "facets": facets(data)}
    store = FacetStore(crowd)
    pages = walk(store, parse_text(text), Sort(by), 200)
    assert ids(pages) == by_hand(crowd, parse_text(text), Sort(by), made.NOW)
    for one in pages:
        sizes = [len(json.dumps(found.fields, default=str)) for found in one.snapshots]
        assert sum(sizes[:-1]) < PAGE_BYTES
    assert len(pages) <= 6


def test_nobody_costs_nothing() -> None:
    store = FacetStore(shop())
    found = sorted_page(store, parse_text("order_count < 0"), made.NOW, Sort("orderCount"))
    assert (found.snapshots, found.next_start, store.sent) == ([], None, [])


def test_all_of_a_page_is_of_one_moment() -> None:
    """What is read after a count is read as it was then, through one view."""

    class Watched(FacetStore):
        views = 0

        def at(self, moment: Any = None) -> FacetStore:
            self.views += moment is None
            return View(shop())

    class View(FacetStore):
        moment = made.NOW  # type: ignore[assignment]

        def at(self, moment: Any = None) -> FacetStore:
            assert moment == made.NOW
            return self

    store = Watched(shop())
    found = sorted_page(store, parse_text("subscribed"), made.NOW, Sort("lastOrderAt"))
    assert len(found.snapshots) == 50
    assert store.views == 1
    assert len(store.sent) == 1  # the first count, which decides nothing that is answered


# --- Orders ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", SORTS, ids=str)
def test_values_and_their_places_rise_alike(sort: Sort) -> None:
    values = [1, 2, 3, 31, 32, 33, 511, 512, 4_999, 5_000, 10**6, 2**40, CEILING - 1]
    if sort.field.scale.floor < 0:
        values = [-(10**15), 0, *(1_700_000_000_000_000 + one * 10**9 for one in values[:8])]
    ordered = sorted(values, key=lambda one: sort.key(one, ""))
    places = [sort.place(one) for one in ordered]
    assert places == sorted(places)
    for value in values:
        low, high = sort.span(sort.place(value), sort.place(value) + 1)
        assert low <= value < high
    assert sort.span(0, sort.places) == sort.all_values


def test_who_has_no_date_comes_last_and_no_spend_is_zero() -> None:
    crowd = named([])
    plain = next(iter(shop().values()))
    for key, spent, day in (("a", None, None), ("b", 5, 1), ("c", 7, 2), ("d", None, None)):
        data = {
            **plain,
            "totalSpend": {} if spent is None else {"USD": spent},
            "lastOrderAt": None if day is None else made.NOW - timedelta(days=day),
        }
        crowd[key] = {**data, "facets": facets(data)}
    store, everyone = FacetStore(crowd), parse_text("everyone")
    for sort, expected in (
        (Sort("lastOrderAt"), "bcad"),
        (Sort("lastOrderAt", None, "asc"), "cbad"),
        (Sort("totalSpend", "USD"), "cbad"),
        (Sort("totalSpend", "USD", "asc"), "adbc"),
    ):
        for size in (1, 3, 50):
            assert "".join(ids(walk(store, everyone, sort, size))) == expected


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_a_small_page_behind_a_large_one_of_the_same_code_repeats_nobody(direction: Any) -> None:
    """All that the code holds is too much for the small page, and it has no other bound."""
    plain = next(iter(shop().values()))
    crowd: dict[str, dict[str, Any]] = {}
    for number in range(30):
        data = {**plain, "tags": ["some"], "totalSpend": {"USD": 32_768 + number}}
        crowd[f"c{number:02}"] = {**data, "facets": facets(data)}
    store, node = FacetStore(crowd), parse_text("tag:some")
    sort = Sort("totalSpend", "USD", direction)
    large = sorted_page(store, node, made.NOW, sort, None, 25)
    small = sorted_page(store, node, made.NOW, sort, large.next_start, 2)
    assert ids([large, small]) == by_hand(crowd, node, sort, made.NOW)[:27]
