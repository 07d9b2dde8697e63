"""Segments answered from facets: equal to brute force by the predicate, in pages that partition."""

from __future__ import annotations

import functools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import crowd as made
from bench.model import FacetStore
from crm.core.json import jsonable
from crm.customers.customer import public
from crm.customers.facets import facets
from crm.db.paging import PAGE_BYTES
from crm.segments.engine import count as counting
from crm.segments.engine import pages as answering
from crm.segments.engine.count import count
from crm.segments.engine.pages import MOST_AT_ONCE, MOST_READ, page, pages
from crm.segments.engine.predicate import matches
from crm.segments.language.ast import Node
from crm.segments.language.text import parse_text
from tests.support.large import large_customer
from tests.support.segments import NOW, customers, nodes, whole

crowds = st.lists(customers(), max_size=12)
several = st.lists(nodes().map(whole), min_size=5, max_size=5)


def stored(crowd: list[dict[str, Any]]) -> FacetStore:
    return FacetStore(
        {f"c{n:03}": {**customer, "facets": facets(customer)} for n, customer in enumerate(crowd)}
    )


def brute_force(crowd: list[dict[str, Any]], node: Node) -> list[str]:
    return [f"c{n:03}" for n, customer in enumerate(crowd) if matches(node, customer, NOW)]


@settings(max_examples=400)
@given(several, crowds, st.integers(1, 5))
def test_pages_and_counts_are_what_brute_force_finds(
    segments: list[Node], crowd: list[dict[str, Any]], size: int
) -> None:
    store = stored(crowd)
    for node in segments:
        expected = brute_force(crowd, node)
        found, after = [], None
        while True:
            one = page(store, node, NOW, after, size)
            assert len(one.customers) <= size
            found += [customer_id for customer_id, _ in one.customers]
            after = one.next_after
            if after is None:
                break
        assert found == expected
        assert [key for some in pages(store, node, NOW) for key, _ in some.customers] == expected
        before = store.reads
        counted = count(store, node, NOW)
        assert counted.value == len(expected)
        assert counted.reads == store.reads - before


@settings(max_examples=100)
@given(several, crowds, st.integers(1, 5), st.integers(1, 30_000))
def test_pages_that_end_by_bytes_are_what_brute_force_finds(
    segments: list[Node], crowd: list[dict[str, Any]], size: int, most: int
) -> None:
    store = stored(crowd)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(answering, "PAGE_BYTES", most)
        patch.setattr(counting, "PAGE_BYTES", most)
        for node in segments:
            found = list(pages(store, node, NOW, size=size))
            assert [key for one in found for key, _ in one.customers] == brute_force(crowd, node)
            assert count(store, node, NOW).value == len(brute_force(crowd, node))
            for one in found:
                before_last = [snapshot.size for snapshot in one.snapshots][:-1]
                assert sum(before_last) < most


def test_a_page_of_large_customers_ends_by_their_bytes() -> None:
    """Two hundred with a thousand events each would be 37 MB; Cloud Functions answer 32."""
    crowd = dict.fromkeys((f"c{number:03}" for number in range(200)), large_customer())
    assert 200 * json_bytes([("c000", large_customer())]) > 32 * 1024 * 1024
    found = list(pages(FacetStore(crowd), parse_text("everyone"), NOW, size=200))
    assert [key for one in found for key, _ in one.customers] == sorted(crowd)
    assert max(json_bytes(one.customers) for one in found) < PAGE_BYTES
    assert len(found) < 20  # and pages are not small


def json_bytes(customers: list[tuple[str, Any]]) -> int:
    return sum(len(json.dumps(jsonable(public(*one)))) for one in customers)


def test_a_full_page_goes_on_behind_its_last_customer() -> None:
    """However far reading had got: to find two of whom few so far belonged, more are read."""
    vip = next(data for data in shop().values() if data["tags"] == ["tag-000"])
    plain = {**vip, "tags": []}
    plain["facets"] = facets(plain)
    store = FacetStore({"a": vip, "b": vip, **dict.fromkeys("cdefgh", plain)})
    found = list(pages(store, parse_text("not tag:tag-000"), made.NOW, size=2))
    assert [[key for key, _ in one.customers] for one in found] == [
        ["c", "d"],
        ["e", "f"],
        ["g", "h"],
        [],
    ]
    assert found[0].next_after == "d"


def test_what_indexes_cannot_count_is_counted_through_all_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(counting, "_AT_ONCE", 2)
    plain = {**next(iter(shop().values())), "tags": []}
    plain["facets"] = facets(plain)
    store = FacetStore(dict.fromkeys("abcde", plain))
    node = parse_text(" and ".join(f"not tag:t{number}" for number in range(9)))
    counted = count(store, node, made.NOW)
    assert (counted.value, counted.how) == (5, "documents")


@pytest.mark.parametrize("beside", ["order_count >= 3", "order_count < 3", "tag:tag-000"])
def test_ranges_with_too_many_alternatives_for_one_query_are_counted_in_halves(beside: str) -> None:
    node = parse_text(
        f"{beside} and total_spend >= 99.50 USD and last_order_at >= 2024-01-03T00:00:00Z"
    )
    counted = count(shelf(), node, made.NOW)
    expected = sum(matches(node, customer, made.NOW) for customer in shop().values())
    assert (counted.value, counted.how) == (expected, "indexes and documents")


# --- What answers cost ----------------------------------------------------------------------------


@functools.cache
def shop() -> dict[str, dict[str, Any]]:
    return made.customers(1_500)


@functools.cache
def shelf() -> FacetStore:
    return FacetStore(shop())


def cost(node: Node) -> tuple[int, int]:
    """How many customers were found, in pages of 50, and how many documents read."""
    before = shelf().reads
    found = sum(len(one.customers) for one in pages(shelf(), node, made.NOW, size=50))
    return found, shelf().reads - before


def of_class(*names: str) -> list[Node]:
    every = [*made.picked(), *made.questions(100)]
    return [node for name, node in every if name in names]


def test_facets_read_nobody_in_vain() -> None:
    for node in of_class("one facet", "AND of 2-5 facets"):
        found, read = cost(node)
        assert read <= found + 1  # an empty query is one read


def test_any_number_of_facets_reads_nobody_in_vain() -> None:
    chosen = next(data for data in shop().values() if len(data["facets"]) > 140)
    words = [f'tag:"{tag}"' for tag in chosen["tags"]]
    words += [f"has_ticket:{event}" for event in chosen["eventIds"]]
    words += [f"attended:{event}" for event in chosen["attendedEventIds"]]
    assert len(words) > 8
    assert cost(parse_text(" and ".join(words))) == (1, 1)


def test_a_range_reads_few_in_vain() -> None:
    seen = 0
    for node in of_class("one range", "facets and a range"):
        found, read = cost(node)
        if found >= 20:
            seen += 1
            assert read <= 1.2 * found + 1
    assert seen > 20


@pytest.mark.parametrize("without", ["tag:tag-001", "attended:event-000", "email_domain:gmail.com"])
@pytest.mark.parametrize("beside", ["tag:tag-000", "subscribed", "order_count >= 3"])
def test_not_reads_at_most_the_positive_side(beside: str, without: str) -> None:
    positive, _ = cost(parse_text(beside))
    _, read = cost(parse_text(f"{beside} and not {without}"))
    assert read <= 1.01 * positive + 1  # where a page is full, the rest of what came is read again


def test_a_page_is_bounded_in_work_and_the_next_goes_on() -> None:
    someone = next(data for data in shop().values() if "tag-000" in data["tags"])
    rare = {**someone, "tags": []}
    rare["facets"] = facets(rare)
    crowd = {f"c{number:05}": someone for number in range(2 * MOST_READ)} | {"z": rare}
    store, node = FacetStore(crowd), parse_text("not tag:tag-000")
    first = page(store, node, made.NOW, size=50)
    assert first.customers == []
    assert MOST_READ <= first.explain.documents_read <= MOST_READ + MOST_AT_ONCE
    assert first.explain.documents_read == store.reads
    found = [
        key for one in pages(store, node, made.NOW, first.next_after) for key, _ in one.customers
    ]
    assert found == ["z"]


def test_streams_are_merged_without_reading_much_in_vain() -> None:
    node = parse_text(" or ".join(f"tag:{tag}" for tag in made.TAGS[2:48]))
    found, read = cost(node)
    (first, *_) = pages(shelf(), node, made.NOW, size=50)
    assert len(first.explain.plan.queries) == 2
    assert found <= read <= 2 * found


def test_a_page_takes_two_round_trips() -> None:
    every = [node for name in made.CLASSES for node in of_class(name)]
    trips = []
    for node in every:
        before = len(shelf().sent)
        planned = page(shelf(), node, made.NOW, size=50).explain.plan
        trips.append((len(shelf().sent) - before) / max(1, len(planned.queries)))
    assert max(trips) == 2


def test_counts_take_few_reads() -> None:
    every = [node for name in made.CLASSES for node in of_class(name)]
    reads = [count(shelf(), node, made.NOW).reads for node in every]
    assert sum(one <= 50 for one in reads) >= 0.9 * len(reads)
