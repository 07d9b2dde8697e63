"""Segments answered from facets: equal to brute force by the predicate, in pages that partition."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crm.facets import facets
from crm.segments import answering
from crm.segments.ast import Node
from crm.segments.predicate import matches
from tests.support.memory import MemoryStore
from tests.support.segments import NOW, customers, nodes

crowds = st.lists(customers(), max_size=12)


def stored(crowd: list[dict[str, Any]]) -> MemoryStore:
    store = MemoryStore()
    for number, customer in enumerate(crowd):
        store.put(f"customers/c{number:03}", {**customer, "facets": facets(customer)})
    return store


def brute_force(store: MemoryStore, node: Node) -> list[str]:
    return [key for key, data in store.all("customers").items() if matches(node, data, NOW)]


@settings(max_examples=1000, deadline=None)
@given(nodes(), crowds, st.integers(1, 5))
def test_pages_partition_what_brute_force_finds(
    node: Node, crowd: list[dict[str, Any]], size: int
) -> None:
    store = stored(crowd)
    found, after = [], None
    while True:
        page = answering.page(store, node, NOW, after, size)
        assert len(page.customers) <= size
        found += [customer_id for customer_id, _ in page.customers]
        after = page.next_after
        if after is None:
            break
    assert found == brute_force(store, node)
    walked = [key for some in answering.walk(store, node, NOW, size=size) for key, _ in some]
    assert walked == found
