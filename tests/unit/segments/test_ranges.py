"""Ranges of values, and exactly which facets cover them with how much room."""

from __future__ import annotations

from typing import Final

import pytest

from crm.customers import facets
from crm.customers.facets import FacetField
from crm.customers.scales import CEILING
from crm.segments.engine.ranges import Cover, Span, Values, between, cover

COUNT: Final = facets.ORDER_COUNT
USD: Final = facets.spend("USD")
THB: Final = facets.spend("THB")
LAST: Final = facets.LAST_ORDER
FLOOR: Final = -CEILING


def values(*spans: Span, nothing: bool = False) -> Values:
    return Values(nothing, spans)


@pytest.mark.parametrize(
    ("field", "low", "high", "expected"),
    [
        (COUNT, 3, 5, values((3, 5))),
        (COUNT, 3, 4, values((3, 4))),
        (COUNT, 3, 3, values()),
        (COUNT, 4, 3, values()),
        (COUNT, 1, 3, values((1, 3))),
        (COUNT, 0, 3, values((1, 3), nothing=True)),  # 0 of a number is nothing
        (COUNT, 0, 1, values(nothing=True)),
        (COUNT, 0, 0, values()),
        (COUNT, -5, 0, values()),
        (COUNT, 5, CEILING + 7, values((5, CEILING))),
        (LAST, 0, 3, values((0, 3))),  # 0 is a time like others
        (LAST, FLOOR - 7, 3, values((FLOOR, 3))),
    ],
)
def test_values_from_one_to_below_another(
    field: FacetField, low: int, high: int, expected: Values
) -> None:
    assert between(field, low, high) == expected


@pytest.mark.parametrize(
    ("some", "others", "either"),
    [
        (values((1, 3)), values((5, 7)), values((1, 3), (5, 7))),
        (values((5, 7)), values((1, 3)), values((1, 3), (5, 7))),
        (values((1, 3)), values((3, 7)), values((1, 7))),  # what touches is one
        (values((1, 3)), values((4, 7)), values((1, 3), (4, 7))),
        (values((1, 9)), values((3, 7)), values((1, 9))),
        (values((1, 5)), values((3, 7)), values((1, 7))),
        (values((1, 3), (9, 11)), values((2, 10)), values((1, 11))),
        (values(), values((1, 3), nothing=True), values((1, 3), nothing=True)),
        (values((1, 3), nothing=True), values((1, 3)), values((1, 3), nothing=True)),
        (values((1, 3)), values((1, 3)), values((1, 3))),
    ],
)
def test_one_of_two_ranges(some: Values, others: Values, either: Values) -> None:
    assert some | others == either


@pytest.mark.parametrize(
    ("field", "some", "rest"),
    [
        (COUNT, values((3, 5)), values((1, 3), (5, CEILING), nothing=True)),
        (COUNT, values((1, 5)), values((5, CEILING), nothing=True)),
        (COUNT, values((5, CEILING), nothing=True), values((1, 5))),
        (COUNT, values((2, 3), (4, 5)), values((1, 2), (3, 4), (5, CEILING), nothing=True)),
        (COUNT, values(nothing=True), values((1, CEILING))),
        (COUNT, values(), values((1, CEILING), nothing=True)),
        (LAST, values((3, 5)), values((FLOOR, 3), (5, CEILING), nothing=True)),
    ],
)
def test_what_is_without_a_range(field: FacetField, some: Values, rest: Values) -> None:
    assert some.without(field) == rest
    assert rest.without(field) == some


@pytest.mark.parametrize(
    ("low", "high", "number"),
    [(3, 5, 2), (3, 4, 1), (1, 3, 0), (5, 9, 0), (0, 9, 2), (4, 9, 1), (4, 21, 2), (9, 30, 3)],
)
def test_how_many_of_some_values_are_in_a_range(low: int, high: int, number: int) -> None:
    assert values((3, 5), (20, 23)).within(low, high) == number


def covered(field: FacetField, some: Values, most: int) -> tuple[list[str], list[str]]:
    found = cover(field, some, most)
    assert found.all == (*found.inner, *found.edge)
    inner, edge = ([" ".join(sorted(keys)) for keys in one] for one in (found.inner, found.edge))
    return inner, edge


@pytest.mark.parametrize(
    ("most", "inner", "edge"),
    [
        (1, [], ["n:<10 n:>2"]),
        (2, [], ["n:<10 n:>2"]),  # not enough for both ends and what is between
        (3, ["n:<9 n:>3"], ["n:4:2", "n:6:36"]),
        (4, ["n:<9 n:>3", "n:5:5", "n:6:9"], ["n:6:36"]),
        (5, ["n:<9 n:>3", "n:5:5", "n:6:9", "n:7:72"], ["n:8:146"]),
        (6, ["n:<9 n:>3", "n:5:5", "n:6:9", "n:7:72", "n:9:292", "n:10:586"], []),
        (30, ["n:<9 n:>3", "n:5:5", "n:6:9", "n:7:72", "n:9:292", "n:10:586"], []),
    ],
)
def test_more_facets_cover_a_range_more_closely(
    most: int, inner: list[str], edge: list[str]
) -> None:
    assert covered(COUNT, values((5, 600)), most) == (inner, edge)


@pytest.mark.parametrize(
    ("field", "some", "most", "inner", "edge"),
    [
        (COUNT, values(), 30, [], []),
        (COUNT, values(nothing=True), 1, ["n:0"], []),
        (COUNT, values((3, 4)), 1, ["n:5:3"], []),
        # A single value that shares its code with another one can only be an edge.
        (COUNT, values((600, 601)), 30, [], ["n:12:2348"]),
        (COUNT, values((600, 602)), 30, ["n:12:2348"], []),
        # Open at both ends, or at one.
        (COUNT, values((1, CEILING)), 1, ["n:>0"], []),
        (COUNT, values((1, CEILING), nothing=True), 1, ["n:0", "n:>0"], []),
        (COUNT, values((32_768, CEILING)), 1, ["n:4:15"], []),  # the last block
        (COUNT, values((16_384, CEILING)), 1, ["n:>14"], []),
        (COUNT, values((1, 32_768)), 1, ["n:<15"], []),
        (COUNT, values((4, 32_768)), 1, ["n:<15 n:>2"], []),
        (COUNT, values((1, 2)), 1, ["n:4:0"], []),  # the first
        (COUNT, values((1, 4)), 1, ["n:<2"], []),
        (COUNT, values((4, 1_024)), 1, ["n:<10 n:>2"], []),
        (COUNT, values((1, 3), (4, CEILING), nothing=True), 2, ["n:0"], ["n:>0"]),
        (COUNT, values((1, 3), (4, CEILING), nothing=True), 3,
         ["n:0", "n:4:0", "n:>2", "n:5:2"], []),
        # Runs of blocks that lie apart are covered apart where there is room.
        (COUNT, values((2, 4), (64, 100)), 1, [], ["n:<7 n:>1"]),
        (COUNT, values((2, 4), (64, 100)), 2, ["n:4:1"], ["n:4:6"]),
        (COUNT, values((2, 4), (64, 100)), 3, ["n:4:1", "n:5:12", "n:8:104"], []),
        # The widest is taken apart first.
        (COUNT, values((31, 61), (128, 400)), 4, ["n:4:7", "n:8:79"], ["n:4:5", "n:4:8"]),
        (COUNT, values((26, 50), (53, 111)), 4, ["n:5:10"], ["n:4:6", "n:5:9", "n:5:11"]),
        # The facet that says nothing comes on top, of fields that always have it.
        (USD, values((1, 12_345), nothing=True), 1, ["s:USD:0"], ["s:USD:<5"]),
        (USD, values((1, 12_345), nothing=True), 2, ["s:USD:0", "s:USD:<4"], ["s:USD:5:8"]),
        (USD, values((1, 12_345), nothing=True), 3,
         ["s:USD:0", "s:USD:<4", "s:USD:6:16"], ["s:USD:12:1088"]),
        (USD, values((1, 12_345), nothing=True), 30,
         ["s:USD:0", "s:USD:<4", "s:USD:6:16", "s:USD:13:2176"], ["s:USD:13:2177"]),
        # Amounts below 0.33 are told apart no further: there is no facet of fewer.
        (USD, values((10, 20)), 30, [], ["s:USD:10:0"]),
        (USD, values((33, 34)), 30, ["s:USD:10:1"], []),
        (THB, values((1, 12_345), nothing=True), 2, ["s:THB:<4"], ["s:THB:5:8"]),
        (LAST, values((0, 1)), 30, [], ["l:19:0"]),  # of 1990, where times begin to be told apart
    ],
)  # fmt: skip
def test_the_facets_of_a_range(
    field: FacetField, some: Values, most: int, inner: list[str], edge: list[str]
) -> None:
    assert covered(field, some, most) == (inner, edge)


def test_a_cover_is_its_inner_facets_before_those_at_the_edge() -> None:
    inner, edge = (frozenset("a"),), (frozenset("b"), frozenset("c"))
    assert Cover(inner, edge).all == (*inner, *edge)
