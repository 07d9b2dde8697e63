"""Counts of segments: what is added up, who is read at the edges of ranges, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest

from bench.model import FacetStore
from crm.db.paging import PAGE_BYTES
from crm.segments.engine import count as counting
from crm.segments.engine.count import Count, Counting, count, plan_count
from crm.segments.engine.formula import EVERYONE, NOBODY, And, Formula, Has, Lacks, OneOf, Or
from crm.segments.engine.planner import Disjuncts
from crm.segments.language.text import parse_text
from tests.support.segments import NOW, person, whole


def sets(*texts: str) -> Disjuncts:
    """Each a set of facets, blanks between them."""
    return tuple(frozenset(text.split()) for text in texts)


def sums(some: Mapping[tuple[str, ...], int]) -> dict[Disjuncts, int]:
    return {sets(*texts): times for texts, times in some.items()}


A, B = Has("t:a"), Has("t:b")
SIX_HUNDRED: Final = ("n:12:2348",)
"""Of those who ordered 600 or 601 times: who ordered 600 times is among them."""
FROM_2001: Final = ("s:THB:>3", "s:THB:10:191", "s:THB:12:763", "s:THB:13:1525", "s:THB:13:1524")
"""Of those who spent 20.01 THB, a little less, or more."""


@pytest.mark.parametrize(
    ("text", "inner", "added", "edge"),
    [
        ("everyone", EVERYONE, {("",): 1}, []),
        ("not everyone", NOBODY, {}, []),
        ("tag:a", A, {("t:a",): 1}, []),
        ("tag:a and tag:b", And((A, B)), {("t:a t:b",): 1}, []),
        ("tag:a or tag:b", Or((A, B)), {("t:a", "t:b"): 1}, []),
        # What is lacking: all, without those who have it.
        ("not tag:a", Lacks(A), {("",): 1, ("t:a",): -1}, []),
        ("tag:b and not tag:a", And((B, Lacks(A))), {("t:b",): 1, ("t:a t:b",): -1}, []),
        ("tag:b or not tag:a", Or((B, Lacks(A))), {("",): 1, ("t:a",): -1, ("t:a t:b",): 1}, []),
        (
            "not tag:a and not tag:b",
            And((Lacks(A), Lacks(B))),
            {("",): 1, ("t:a",): -1, ("t:b",): -1, ("t:a t:b",): 1},
            [],
        ),
        ("tag:b and (tag:b or not tag:a)", And((B, Or((B, Lacks(A))))), {("t:b",): 1}, []),
        # Ranges whose ends facets can tell.
        ("order_count = 3", OneOf(sets("n:5:3")), {("n:5:3",): 1}, []),
        ("tag:a and order_count < 2", And((A, OneOf(sets("n:0", "n:4:0")))),
         {("n:0 t:a", "n:4:0 t:a"): 1}, []),
        # And whose they cannot.
        ("order_count = 600", NOBODY, {}, [SIX_HUNDRED]),
        ("tag:a and order_count = 600", NOBODY, {}, [("n:12:2348 t:a",)]),
        ("tag:a or order_count = 600", A, {("t:a",): 1}, [SIX_HUNDRED]),
        ("order_count < 600", OneOf(sets("n:0", "n:<9", "n:7:72", "n:9:292", "n:10:586")),
         {("n:0", "n:<9", "n:7:72", "n:9:292", "n:10:586"): 1}, []),
        ("order_count < 601",
         OneOf(sets("n:0", "n:<9", "n:7:72", "n:9:292", "n:10:586")),
         {("n:0", "n:<9", "n:7:72", "n:9:292", "n:10:586"): 1}, [SIX_HUNDRED]),
        # NOT of a range: who may be in it is taken off, and the edge is read.
        ("not total_spend >= 20.01 THB", Lacks(OneOf(sets(*FROM_2001))),
         {("",): 1, FROM_2001: -1}, [("s:THB:13:1524",)]),
        # A range in a list of others: at its edge, as far as the others may hold.
        ("tag:a and (tag:b or order_count = 600)", And((A, B)), {("t:a t:b",): 1},
         [("n:12:2348 t:a",)]),
        ("not tag:a and order_count = 600", NOBODY, {}, [SIX_HUNDRED]),
        ("(tag:a or order_count = 600) and (tag:b or order_count = 700)", And((A, B)),
         {("t:a t:b",): 1},
         [("n:12:2348 n:12:2398", "n:12:2348 t:b", "n:12:2398 t:a")]),
        ("order_count = 600 and total_spend = 600 USD", NOBODY, {},
         [("n:12:2348 s:USD:13:2772",)]),
    ],
)  # fmt: skip
def test_what_is_added_up(
    text: str,
    inner: Formula,
    added: dict[tuple[str, ...], int],
    edge: list[tuple[str, ...]],
) -> None:
    planned = plan_count(whole(parse_text(text)), NOW)
    assert planned == Counting(inner, sums(added), tuple(sets(*one) for one in edge))


def test_a_count_that_takes_too_many_aggregations_is_not_planned() -> None:
    """What is lacking doubles them."""
    few = parse_text(" and ".join(f"not tag:t{number}" for number in range(4)))
    many = parse_text(" and ".join(f"not tag:t{number}" for number in range(5)))
    planned = plan_count(few, NOW)
    assert planned is not None
    assert sorted(planned.sums.values()) == [-1] * 8 + [1] * 8
    assert plan_count(many, NOW) is None


def test_one_of_many_is_counted_in_halves_where_it_is_one_value_of_a_field() -> None:
    """Nobody has two of them, so that the halves can be added up; of tags somebody may."""
    beside = "last_order_at >= 2024-01-03T00:00:00Z and total_spend >= 99.50 USD"
    planned = plan_count(parse_text(beside), NOW)
    assert planned is not None
    assert [len(terms) for terms in planned.sums] == [24, 24]  # four and four of eight, by six
    assert set(planned.sums.values()) == {1}
    some = " or ".join(f"tag:t{number}" for number in range(16))
    planned = plan_count(parse_text(f"({some}) and order_count < 2"), NOW)
    assert planned is not None
    assert [terms[0] & {"n:0", "n:4:0"} for terms in planned.sums] == [{"n:4:0"}, {"n:0"}]
    assert [len(terms) for terms in planned.sums] == [16, 16]
    tags = " or ".join(f"tag:t{number}" for number in range(31))
    assert plan_count(parse_text(tags), NOW) is None
    assert plan_count(parse_text(tags.removesuffix(" or tag:t30")), NOW) is not None


# --- Counting -------------------------------------------------------------------------------------


def crowd(*people: dict[str, Any]) -> FacetStore:
    return FacetStore({f"c{number:04}": data for number, data in enumerate(people)})


def held() -> FacetStore:
    return crowd(
        person(tags=["a"]),
        person(tags=["a"], orderCount=600),
        person(tags=["a"], orderCount=601),
        person(orderCount=600),
        person(orderCount=601, tags=["b"]),
        person(),
    )


@pytest.mark.parametrize(
    ("text", "value", "how", "reads"),
    [
        ("not everyone", 0, "indexes", 0),
        ("everyone", 6, "indexes", 1),
        ("tag:a", 3, "indexes", 1),
        ("tag:none", 0, "indexes", 1),  # an aggregation that finds nobody is one read
        ("not tag:a", 3, "indexes", 3),  # two, at one moment: to learn it is one more
        ("not tag:a and not tag:b", 2, "indexes", 5),
        ("order_count = 600", 2, "indexes and documents", 4),  # four at the edge
        ("order_count = 601", 2, "indexes and documents", 4),
        ("order_count = 700", 0, "indexes and documents", 1),
        ("tag:a or order_count = 600", 4, "indexes and documents", 6),
        ("tag:a and order_count = 600", 1, "indexes and documents", 2),
        ("not tag:a and order_count = 601", 1, "indexes and documents", 4),
        # Who is counted already is not counted again at an edge.
        ("not tag:a or order_count = 600", 4, "indexes and documents", 7),
        ("not tag:a and not tag:b or order_count = 600", 3, "indexes and documents", 9),
        ("tag:a and not tag:b or order_count = 601", 4, "indexes and documents", 7),
        ("(tag:a or tag:b) and not registered or order_count = 600", 5, "indexes and documents", 6),
        ("order_count < 2 or order_count = 600", 4, "indexes and documents", 6),
        # More than four tags that are lacking are not counted by indexes: all are read.
        (" and ".join(f"not tag:{one}" for one in "abcde"), 2, "documents", 7),
    ],
)
def test_how_many_there_are_and_what_told_it(text: str, value: int, how: Any, reads: int) -> None:
    store = held()
    assert count(store, parse_text(text), NOW) == Count(value, how, reads)
    assert store.reads == reads


@pytest.mark.parametrize(
    ("number", "reads"), [(1, 1), (1_000, 1), (1_001, 2), (2_000, 2), (2_001, 3)]
)
def test_a_thousand_index_entries_are_one_read(number: int, reads: int) -> None:
    store = crowd(*[person(tags=["a"])] * number)
    assert count(store, parse_text("tag:a"), NOW) == Count(number, "indexes", reads)
    assert store.reads == reads


@pytest.mark.parametrize("at_once", [1, 2, 3, 4, 5, 300])
def test_who_is_at_an_edge_is_read_a_chunk_at_a_time(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(counting, "_AT_ONCE", at_once)
    store = held()
    found = count(store, parse_text("order_count = 600"), NOW)
    assert found.value == 2
    limits = [query.limit for query in store.sent]
    assert limits == [at_once] * (4 // at_once + 1)
    assert [query.after for query in store.sent] == [
        None,
        *((None, f"c{one:04}") for one in range(at_once, 5, at_once)),
    ]
    assert {query.most_bytes for query in store.sent} == {PAGE_BYTES}
    assert found.reads == store.reads == (4 if 4 % at_once else 5)  # a last one that is empty


def test_what_indexes_cannot_count_is_read_three_hundred_at_a_time() -> None:
    store = crowd(*[person()] * 650)
    node = parse_text(" and ".join(f"not tag:{one}" for one in "abcde"))
    assert count(store, node, NOW) == Count(650, "documents", 651)
    assert [query.limit for query in store.sent] == [300, 300, 300]


def test_several_queries_are_of_one_moment_and_one_is_of_its_own() -> None:
    class Watched(FacetStore):
        views = 0

        def at(self, moment: Any = None) -> FacetStore:
            assert moment is None
            self.views += 1
            return super().at()

    for text, views in (
        ("tag:a", 0),
        ("not everyone", 0),
        ("not tag:a", 1),
        ("order_count = 600", 0),
        ("tag:a or order_count = 600", 1),
        (" and ".join(f"not tag:{one}" for one in "abcde"), 1),
    ):
        store = Watched(held().customers)
        count(store, parse_text(text), NOW)
        assert store.views == views
