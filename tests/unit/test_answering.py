"""Segments answered from facets: equal to brute force by the predicate, in pages that partition."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bench.model import FacetStore
from crm.facets import facets
from crm.segments.answering import page, walk
from crm.segments.ast import Node
from crm.segments.counting import count
from crm.segments.predicate import matches
from tests.support.segments import NOW, customers, nodes

crowds = st.lists(customers(), max_size=12)
several = st.lists(nodes(), min_size=5, max_size=5)


def stored(crowd: list[dict[str, Any]]) -> FacetStore:
    return FacetStore(
        {f"c{n:03}": {**customer, "facets": facets(customer)} for n, customer in enumerate(crowd)}
    )


def brute_force(crowd: list[dict[str, Any]], node: Node) -> list[str]:
    return [f"c{n:03}" for n, customer in enumerate(crowd) if matches(node, customer, NOW)]


@settings(max_examples=400, deadline=None)
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
        assert [key for some in walk(store, node, NOW) for key, _ in some] == expected
        before = store.reads
        counted = count(store, node, NOW)
        assert counted.value == len(expected)
        assert counted.reads == store.reads - before
