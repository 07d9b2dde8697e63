"""The orders of a sorted segment: where customers stand in them, and where an answer goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from crm.customers import facets
from crm.customers.facets import micros
from crm.customers.scales import CEILING
from crm.segments.engine.formula import In, Lacks
from crm.segments.engine.order import By, Direction, Position, Sort
from crm.segments.engine.ranges import Values

DAY: Final = datetime(2024, 3, 1, 12, 30, tzinfo=UTC)

SPEND: Final = Sort("totalSpend", "USD")
COUNT: Final = Sort("orderCount")
LAST: Final = Sort("lastOrderAt")
FIRST: Final = Sort("firstOrderAt")


def rising(sort: Sort) -> Sort:
    return Sort(sort.by, sort.currency, "asc")


@pytest.mark.parametrize(
    ("sort", "path", "field"),
    [
        (SPEND, "totalSpend.USD", facets.spend("USD")),
        (Sort("totalSpend", "THB"), "totalSpend.THB", facets.spend("THB")),
        (COUNT, "orderCount", facets.ORDER_COUNT),
        (LAST, "lastOrderAt", facets.LAST_ORDER),
        (FIRST, "firstOrderAt", facets.FIRST_ORDER),
    ],
)
def test_each_order_has_a_path_and_facets(sort: Sort, path: str, field: Any) -> None:
    assert (sort.path, sort.field) == (path, field)
    assert (rising(sort).path, rising(sort).field) == (path, field)
    assert (sort.direction, sort.rising, rising(sort).rising) == ("desc", False, True)


@pytest.mark.parametrize(
    ("sort", "data", "value"),
    [
        (SPEND, {"totalSpend": {"USD": 5, "EUR": 7}}, 5),
        (SPEND, {"totalSpend": {"EUR": 7}}, None),
        (SPEND, {"totalSpend": {"USD": 0}}, None),  # no spend is a spend of 0
        (COUNT, {"orderCount": 3}, 3),
        (COUNT, {"orderCount": 0}, None),
        (LAST, {"lastOrderAt": DAY, "firstOrderAt": None}, micros(DAY)),
        (LAST, {"lastOrderAt": None, "firstOrderAt": DAY}, None),
        (FIRST, {"lastOrderAt": None, "firstOrderAt": DAY}, micros(DAY)),
        (FIRST, {"lastOrderAt": DAY, "firstOrderAt": None}, None),
        # The very second from which times are counted is a time like others.
        (LAST, {"lastOrderAt": datetime(1970, 1, 1, tzinfo=UTC)}, 0),
    ],
)
def test_what_a_customer_stands_by(sort: Sort, data: dict[str, Any], value: int | None) -> None:
    assert sort.value(data) == rising(sort).value(data) == value


YEAR_1: Final = datetime(1, 1, 1, tzinfo=UTC)
YEAR_9999: Final = datetime.max.replace(tzinfo=UTC)
TICK: Final = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("sort", "value", "stored"),
    [
        (SPEND, 0, 0),
        (SPEND, 5, 5),
        (COUNT, CEILING - 2, CEILING - 2),
        (COUNT, CEILING - 1, CEILING - 1),
        (COUNT, CEILING, CEILING - 1),  # the largest integer of Firestore
        (LAST, micros(DAY), DAY),
        (FIRST, 0, datetime(1970, 1, 1, tzinfo=UTC)),
        (FIRST, -1, datetime(1970, 1, 1, tzinfo=UTC) - TICK),
        (LAST, micros(YEAR_1) + 1, YEAR_1 + TICK),
        (LAST, micros(YEAR_1), YEAR_1),
        (LAST, micros(YEAR_1) - 1, YEAR_1),
        (LAST, -CEILING, YEAR_1),
        (LAST, micros(YEAR_9999) - 1, YEAR_9999 - TICK),
        (LAST, micros(YEAR_9999), YEAR_9999),
        (LAST, micros(YEAR_9999) + 1, YEAR_9999),
        (LAST, CEILING, YEAR_9999),
    ],
)
def test_how_a_document_would_hold_a_limit(sort: Sort, value: int, stored: Any) -> None:
    assert sort.stored(value) == stored


FLOOR: Final = -CEILING
"""The least time there can be."""


@pytest.mark.parametrize(
    ("sort", "start", "before_values", "behind_values", "behind_nothing"),
    [
        # From the most to the least, and at last who has none.
        (SPEND, (CEILING, None), (CEILING, None), (None, None), None),
        (COUNT, (CEILING, None), (CEILING, None), (None, None), None),
        (LAST, (CEILING, None), (CEILING, None), (None, None), None),
        # No spend is 0, and comes first of all.
        (rising(SPEND), (None, None), (0, None), None, (0, None)),
        (rising(COUNT), (None, None), (0, None), None, (0, None)),
        # No date comes last in either direction.
        (rising(LAST), (FLOOR - 1, None), (FLOOR - 1, None), (None, None), None),
        (rising(FIRST), (FLOOR - 1, None), (FLOOR - 1, None), (None, None), None),
    ],
    ids=str,
)
def test_where_an_answer_begins_and_goes_on(
    sort: Sort, start: Any, before_values: Any, behind_values: Any, behind_nothing: Any
) -> None:
    assert sort.start == Position(*start)
    assert sort.before_values == Position(*before_values)
    assert sort.behind_values() == (behind_values and Position(*behind_values))
    assert sort.behind_nothing() == (behind_nothing and Position(*behind_nothing))
    assert sort.nothing_first is (behind_nothing is not None)


@pytest.mark.parametrize(
    ("sort", "position", "value"),
    [
        (SPEND, (CEILING, None), CEILING - 1),
        (SPEND, (7, None), 6),
        (SPEND, (7, "c"), 7),  # there may be others with this value
        (SPEND, (2, None), 1),
        (SPEND, (1, None), None),
        (SPEND, (1, "c"), 1),
        (rising(SPEND), (0, None), 1),
        (rising(SPEND), (7, None), 8),
        (rising(SPEND), (7, "c"), 7),
        (rising(SPEND), (CEILING - 2, None), CEILING - 1),
        (rising(SPEND), (CEILING - 1, None), None),
        (LAST, (FLOOR + 1, None), FLOOR),
        (LAST, (FLOOR, None), None),
        (LAST, (0, None), -1),
        (rising(LAST), (FLOOR - 1, None), FLOOR),
        (rising(LAST), (-1, None), 0),
    ],
)
def test_the_next_value_that_may_be_to_come(
    sort: Sort, position: tuple[int, str | None], value: int | None
) -> None:
    assert sort.next_value(Position(*position)) == value


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_among_those_without_a_value_there_is_no_next_one(direction: Direction) -> None:
    sort = Sort("orderCount", None, direction)
    with pytest.raises(ValueError, match="nobody here has a value"):
        sort.next_value(Position(None, "c"))
    with pytest.raises(ValueError, match="nobody here has a value"):
        sort.is_behind(3, "c", Position(None, "c"))


@pytest.mark.parametrize(
    ("value", "customer_id", "position", "down", "up"),
    [
        (6, "a", (7, None), True, False),
        (8, "a", (7, None), False, True),
        (7, "a", (7, None), False, False),  # of that value all have come
        (7, "a", (7, "b"), False, False),
        (7, "b", (7, "b"), False, False),
        (7, "c", (7, "b"), True, True),  # ids rise in either direction
        (6, "a", (7, "b"), True, False),
        (8, "c", (7, "b"), False, True),
    ],
)
def test_who_is_still_to_come(
    value: int, customer_id: str, position: tuple[int, str | None], down: bool, up: bool
) -> None:
    assert COUNT.is_behind(value, customer_id, Position(*position)) is down
    assert rising(COUNT).is_behind(value, customer_id, Position(*position)) is up


def test_customers_are_sorted_by_value_then_by_id() -> None:
    crowd = [(7, "b"), (7, "a"), (9, "c"), (1, "d")]
    assert sorted(crowd, key=lambda one: COUNT.key(*one)) == [
        (9, "c"),
        (7, "a"),
        (7, "b"),
        (1, "d"),
    ]
    assert sorted(crowd, key=lambda one: rising(COUNT).key(*one)) == [
        (1, "d"),
        (7, "a"),
        (7, "b"),
        (9, "c"),
    ]


def test_behind_everybody_with_one_of_some_values() -> None:
    assert COUNT.all_of((5, 9)) == Position(5, None)
    assert rising(COUNT).all_of((5, 9)) == Position(8, None)


@pytest.mark.parametrize("by", ["lastOrderAt", "firstOrderAt", "orderCount", "totalSpend"])
def test_places_are_the_codes_from_either_end(by: By) -> None:
    down = Sort(by, "USD" if by == "totalSpend" else None)
    up = rising(down)
    scale = down.field.scale
    last = (1 << scale.bits) - 1
    assert down.places == up.places == last + 1
    assert down.all_values == up.all_values == (scale.floor, CEILING)
    assert (up.place(scale.floor), down.place(scale.floor)) == (0, last)
    assert (up.place(CEILING - 1), down.place(CEILING - 1)) == (last, 0)
    middle = scale.low(2_560)
    assert (up.place(middle), down.place(middle)) == (2_560, last - 2_560)
    assert (up.place(middle - 1), down.place(middle - 1)) == (2_559, last - 2_559)


@pytest.mark.parametrize("by", ["lastOrderAt", "firstOrderAt", "orderCount", "totalSpend"])
def test_the_values_from_one_place_to_before_another(by: By) -> None:
    down = Sort(by, "USD" if by == "totalSpend" else None)
    up, low = rising(down), down.field.scale.low
    floor, places = down.field.scale.floor, down.places
    assert up.span(1_000, 1_002) == (low(1_000), low(1_002))
    assert down.span(places - 1_002, places - 1_000) == (low(1_000), low(1_002))
    assert up.span(0, 1) == down.span(places - 1, places) == (floor, low(1))
    assert up.span(1, 2) == down.span(places - 2, places - 1) == (low(1), low(2))
    assert up.span(places - 1, places) == down.span(0, 1) == (low(places - 1), CEILING)
    assert up.span(7, 7) == (low(7), low(7))


def test_who_has_some_values_and_who_has_none_as_formulas() -> None:
    assert COUNT.within((5, 9)) == In(facets.ORDER_COUNT, Values(False, ((5, 9),)))
    assert COUNT.nothing == In(facets.ORDER_COUNT, Values(True, ()))
    assert LAST.nothing == In(facets.LAST_ORDER, Values(True, ()))
    # Nobody has a facet that says nothing was spent in a currency that is not a common one.
    baht = facets.spend("THB")
    assert Sort("totalSpend", "THB").nothing == Lacks(In(baht, Values(False, ((1, CEILING),))))
