"""Plans: within Firestore's limits, as fine as there is room for, and made in a moment."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.customers import facets
from crm.customers.facets import BLOCKS, FacetField
from crm.customers.scales import CEILING
from crm.db.documents import BY_ID
from crm.segments.engine.count import MOST_EDGES, MOST_QUERIES, plan_count
from crm.segments.engine.planner import (
    MAX_STREAMS,
    MOST_ALTERNATIVES,
    MOST_FILTERS,
    fits_queries,
    plan,
    query,
)
from crm.segments.engine.ranges import Values, between, cover
from crm.segments.language.ast import All, AnyOf, Bounds, Node, Not, OrderCount, Tag, TotalSpend
from crm.segments.language.text import parse_text
from tests.support.segments import NOW, nodes, whole

OWN_FIELDS = [facets.field_number("x"), facets.field_day("x")]
FIELDS = [
    *OWN_FIELDS,
    facets.ORDER_COUNT,
    facets.spend("USD"),
    facets.spend("THB"),
    facets.LAST_ORDER,
]

numbers = st.one_of(st.integers(0, 3_000), st.integers(0, 2**40), st.integers(0, CEILING))


@st.composite
def ranges(draw: st.DrawFn, field: FacetField) -> Values:
    """Up to three spans, and perhaps nothing."""
    values = Values(draw(st.booleans()), ())
    for _ in range(draw(st.integers(0, 3))):
        low, high = sorted((draw(numbers), draw(numbers)))
        values |= between(field, low, high)
    return values


@given(st.sampled_from(FIELDS), st.data())
def test_a_range_and_what_is_without_it_are_all_there_is(
    field: FacetField, data: st.DataObject
) -> None:
    values, value = data.draw(ranges(field)), data.draw(numbers)
    rest = values.without(field)
    assert rest.without(field) == values
    if value >= field.scale.floor and value < CEILING:
        assert values.within(value, value + 1) + rest.within(value, value + 1) == 1


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.prefix)
def test_what_is_open_at_one_end_is_one_facet(field: FacetField) -> None:
    """Of a query's filters each facet is one, and there is room for few."""
    floor, middle = field.scale.floor, field.scale.low(1 << (field.scale.bits - 1))
    open_ended = [(floor, middle), (middle, CEILING), (floor, CEILING)]
    covered = [cover(field, Values(False, (span,)), 30) for span in open_ended]
    half = BLOCKS // 2
    assert [one.all for one in covered] == [
        (frozenset([field.below(half)]),),
        (frozenset([field.above(half)]),),
        (frozenset([field.above(0)]),),
    ]


@settings(max_examples=300)
@given(st.sampled_from(FIELDS), st.integers(1, 30), st.data())
def test_a_cover_holds_the_range_and_its_inner_nodes_nothing_else(
    field: FacetField, most: int, data: st.DataObject
) -> None:
    values = data.draw(ranges(field))
    covered = cover(field, values, most)
    assert len(covered.all) <= most + 1
    edges = [edge for span in values.spans for edge in span]
    near = [edge + step for edge in edges for step in (-1, 0, 1)]
    for value in [*near, *data.draw(st.lists(numbers, max_size=5))]:
        if not field.scale.floor <= value < CEILING:
            continue
        held = set(field.of(value))
        inner = sum(keys <= held for keys in covered.inner)
        edge = sum(keys <= held for keys in covered.edge)
        belongs = values.within(value, value + 1) == 1
        assert inner + edge <= 1  # disjoint
        assert inner + edge == 1 if belongs else not inner
    assert (frozenset([field.nothing]) in covered.inner) is (values.nothing and field.sure)


@pytest.mark.parametrize(
    ("text", "alternatives"),
    [
        ("tag:vip", 1),
        ("tag:vip and subscribed and registered and attended:e", 1),
        ("not subscribed", 2),
        ("not registered", 1),
        ("total_spend > 0 USD", 1),
        ("total_spend = 0 USD", 1),
        ("order_count >= 2", 2),
        ("last_order_at >= 2024-01-01T00:00:00Z", 9),
        ("last_order_at < 2024-01-01T00:00:00Z", 9),
        ("total_spend >= 100 USD", 8),
        ("total_spend >= 100 USD and total_spend < 100 USD", 0),
        ("order_count >= 3 and order_count <= 3", 1),
        ("order_count < 3 or order_count >= 3", 1),
        ("(tag:vip and order_count < 3) and (registered and order_count >= 3)", 0),
        ("subscribed and unsubscribed", 0),
        ("order_count = 0 and last_order_at >= 2024-01-01", 0),
        ("order_count = 0 and total_spend > 0 THB", 0),
        ("order_count = 0 and total_spend = 0 USD", 1),
        ("order_count < 1 and not first_order_at >= 2024-01-01", 1),
        ("total_spend = 0 USD and total_spend > 0 EUR", 1),
        ("tagged and untagged", 0),
        ("untagged and tag:vip", 0),
        ("untagged and not tag:vip", 1),
        ("not untagged", 1),
        ("last_order_at = 2024-01-01", 4),
        ("(subscribed or registered) and (unsubscribed or not registered)", 2),
    ],
)
def test_how_many_alternatives_a_question_has(text: str, alternatives: int) -> None:
    planned = plan(whole(parse_text(text)), NOW)
    assert sum(map(len, planned.queries)) <= alternatives
    assert len(planned.queries) == bool(alternatives)


MANY_TAGS = " or ".join(f"tag:t{number}" for number in range(25))


@pytest.mark.parametrize(
    ("text", "quick"),
    [
        ("total_spend >= 99.50 USD and last_order_at >= 2024-01-03", True),
        ("order_count >= 3 and total_spend >= 99.50 USD and last_order_at >= 2024-01-03", True),
        (f"({MANY_TAGS}) and total_spend >= 99.50 USD", False),  # not with the coarsest range
    ],
)
def test_ranges_beside_each_other_are_no_finer_than_is_quick(text: str, quick: bool) -> None:
    (terms,) = plan(whole(parse_text(text)), NOW).queries
    assert (len(terms) <= MOST_ALTERNATIVES and sum(map(len, terms)) <= MOST_FILTERS) is quick


@pytest.mark.parametrize(
    ("text", "exact", "everyone"),
    [
        ("tag:vip and not subscribed", True, False),
        ("tag:vip and not registered", True, False),
        ("not tagged", True, False),
        ("no_show:e", True, False),
        ("tagged and not no_show:e", False, False),
        ("not no_show:e", False, True),
        ("last_order_at = 2024-01-01", True, False),
        ("not last_order_at >= 2024-01-01", True, False),
        ("tag:vip and not tag:press", False, False),
        ("tag:vip or not tag:press", False, True),
        ("not tag:vip", False, True),
        ("everyone", True, True),
        ("everyone or tag:vip", True, True),
        ("tag:vip and total_spend < 10 THB", False, False),
        ("total_spend < 10 THB", False, True),
        ("total_spend >= 10.24 THB", True, False),
    ],
)
def test_what_indexes_can_tell(text: str, exact: bool, everyone: bool) -> None:
    planned = plan(whole(parse_text(text)), NOW)
    assert (planned.exact, planned.everyone) == (exact, everyone)


@settings(max_examples=300)
@given(nodes(levels=5).map(whole))
def test_every_query_is_equalities_on_facets_within_the_limits(node: Node) -> None:
    planned = plan(node, NOW)
    assert len(planned.queries) <= MAX_STREAMS
    for terms in planned.queries:
        assert fits_queries(terms)
        made = query(terms, 50, "x")
        assert made.order == BY_ID
        clauses = [*made.where, *(clause for one in made.either for clause in one)]
        assert all(path.startswith("facets.`") and op == "==" for path, op, _ in clauses)
        expanded = [frozenset(made.where) | set(one) for one in made.either or ((),)]
        assert len(set(expanded)) == len(terms)
    counting = plan_count(node, NOW)
    if counting:
        assert len(counting.sums) <= MOST_QUERIES + 1
        assert len(counting.edge) <= 2 * MOST_EDGES
        assert all(fits_queries(terms) for terms in [*counting.sums, *counting.edge])


def spend(low: int, high: int | None = None) -> Node:
    return TotalSpend("USD", Bounds(gte=low, lt=high))


def large() -> dict[str, Node]:
    """Trees of 50 leaves, each the worst of its kind."""
    tags = [Tag(f"t{number}") for number in range(50)]
    odd: list[Any] = [spend(1_001 + 77 * n, 99_999 + 1_313 * n) for n in range(50)]
    return {
        "50 tags": All(tuple(tags)),
        "one of 50 tags": AnyOf(tuple(tags)),
        "none of 50 tags": Not(AnyOf(tuple(tags))),
        "not all of 50 tags": Not(All(tuple(tags))),
        "one of 50 ranges": AnyOf(tuple(odd)),
        "seven times one of seven tags": All(
            tuple(AnyOf(tuple(tags[7 * n : 7 * n + 7])) for n in range(7))
        ),
        "seven times one of seven ranges": All(
            tuple(
                AnyOf(tuple(TotalSpend(code, one.bounds) for one in odd[7 * n : 7 * n + 7]))
                for n, code in enumerate(("USD", "EUR", "GBP", "JPY", "CHF", "AUD", "THB"))
            )
        ),
        "ranges of 25 currencies and their opposites": All(
            tuple(
                one
                for number, code in enumerate(list(facets.COMMON_CURRENCIES) + ["THB", "VND"] * 7)
                for one in (
                    TotalSpend(code, odd[number].bounds),
                    AnyOf((Not(tags[number]), OrderCount(Bounds(gte=number)))),
                )
            )[:50]
        ),
        "one of five times five times two": AnyOf(
            tuple(
                All(tuple(AnyOf((tags[10 * n + 2 * m], odd[10 * n + m])) for m in range(5)))
                for n in range(5)
            )
        ),
        "none of them": Not(
            AnyOf(
                tuple(
                    All(
                        tuple(AnyOf((tags[10 * n + 2 * m], Not(odd[10 * n + m]))) for m in range(5))
                    )
                    for n in range(5)
                )
            )
        ),
    }


@pytest.mark.parametrize("name", large())
def test_the_worst_questions_are_planned_in_a_moment(name: str) -> None:
    node = large()[name]
    began = time.process_time()
    planned = plan(node, NOW)
    plan_count(node, NOW)
    assert time.process_time() - began < 10
    assert all(fits_queries(terms) for terms in planned.queries)
    assert 1 <= len(planned.queries) <= MAX_STREAMS
