from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.customers import facets
from crm.customers.customer import Customer
from crm.customers.facets import BLOCK_BITS, BLOCKS, COMMON_CURRENCIES, FacetField
from crm.customers.scales import CEILING, day_number, place_of
from testing.hosts import order
from testing.world import World

NUMBERS = [facets.ORDER_COUNT, facets.spend("USD")]
FIELDS = [*NUMBERS, facets.FIRST_ORDER, facets.field_number("x"), facets.field_day("x")]

numbers = st.one_of(st.integers(0, 2_000), st.integers(0, 2**63 - 1))
times = st.datetimes(datetime(1970, 1, 1), datetime(2150, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.sampled_from(NUMBERS), numbers, numbers)
def test_codes_keep_the_order_of_numbers(field: FacetField, one: int, other: int) -> None:
    low, high = sorted((max(one, 1), max(other, 1)))
    assert field.scale.code(low) <= field.scale.code(high) < 1 << field.scale.bits


@given(times, times)
def test_codes_keep_the_order_of_times(one: datetime, other: datetime) -> None:
    scale = facets.FIRST_ORDER.scale
    low, high = sorted((facets.micros(one), facets.micros(other)))
    assert 0 <= scale.code(low) <= scale.code(high) < 1 << scale.bits


@given(st.sampled_from(FIELDS), st.data())
def test_the_least_value_of_a_code_is_where_it_begins(
    field: FacetField, data: st.DataObject
) -> None:
    scale = field.scale
    code = data.draw(st.integers(1, (1 << scale.bits) - 1))
    low = scale.low(code)
    assert scale.code(low) >= code
    assert scale.code(low - 1) < code


@pytest.mark.parametrize("field", FIELDS)
def test_all_codes_are_used_up_to_both_ends(field: FacetField) -> None:
    """What lies beyond shares the code of the end."""
    scale, highest = field.scale, (1 << field.scale.bits) - 1
    assert scale.code(scale.low(highest)) == scale.code(CEILING) == highest
    assert scale.code(-CEILING) == scale.code(scale.low(1) - 1) == 0


@given(st.sampled_from(FIELDS), st.integers(1, 2**56))
def test_a_value_has_the_facets_of_its_code_and_its_block(field: FacetField, value: int) -> None:
    scale = field.scale
    code = scale.code(value)
    block = code >> (scale.bits - BLOCK_BITS)
    held = set(field.of(value))
    assert {b for b in range(BLOCKS) if field.above(b) in held} == set(range(block + 1))
    assert {b for b in range(BLOCKS) if field.below(b) in held} == set(range(block + 1, BLOCKS))
    for length in range(BLOCK_BITS, scale.depth(code) + 1):
        assert field.node(length, code >> (scale.bits - length)) in held
    assert len(held) == len(field.of(value)) == BLOCKS + scale.depth(code) - BLOCK_BITS + 1
    assert field.nothing not in held


decimals = st.one_of(
    st.integers(1 - 10**15, 10**15 - 1),
    st.floats(-(10**15) + 1, 10**15 - 1).map(lambda one: round(one, 6)),
    st.integers(-300, 300),
)


@given(decimals, decimals)
def test_places_and_codes_keep_the_order_of_numbers(one: float, other: float) -> None:
    places = place_of(one), place_of(other)
    assert (places[0] < places[1]) is (one < other)
    assert (places[0] == places[1]) is (one == other)
    low, high = sorted(places)
    scale = facets.field_number("seats").scale
    assert 0 <= scale.code(low) <= scale.code(high) < 1 << scale.bits


def test_whole_numbers_to_256_begin_a_code() -> None:
    scale = facets.field_number("seats").scale
    for number in range(257):
        place = place_of(number)
        assert scale.low(scale.code(place)) == place
        if number:
            assert scale.low(scale.code(place_of(-number)) + 1) == 1 - place


@given(st.dates(), st.dates())
def test_codes_keep_the_order_of_days(one: date, other: date) -> None:
    low, high = sorted((day_number(one.isoformat()), day_number(other.isoformat())))  # type: ignore[type-var]
    assert low is not None
    assert high is not None
    scale = facets.field_day("born").scale
    assert 0 <= scale.code(low) <= scale.code(high) < 1 << scale.bits


@pytest.mark.parametrize("text", ["", "soon", "1990-02-30", "19900101", "1990-W01-1", "90-01-01"])
def test_what_is_no_day_has_no_number(text: str) -> None:
    assert day_number(text) is None


@pytest.mark.parametrize(
    ("value", "others"),
    [
        ("ACME", ["Acme", "ACME ", True, 0]),
        ("1", [1, True]),
        (1, [True, "1", 1.000001]),
        (True, [False, 1, "True", "true"]),
        (0.5, [0.500001, "0.5"]),
        ("1990-01-02", ["1990-01-03"]),
    ],
)
def test_each_value_has_a_facet_of_its_own(value: Any, others: list[Any]) -> None:
    held = set(facets.field_facets("x", value))
    assert {facets.field_known("x"), facets.field_value("x", value)} <= held
    for other in others:
        assert facets.field_value("x", other) not in held
    assert facets.field_value("y", value) not in held


def test_a_number_is_one_value_however_it_is_kept() -> None:
    assert {*facets.field_facets("x", 3)} == {*facets.field_facets("x", 3.0)}


def test_long_names_stay_apart_and_short() -> None:
    one, other = "n" * 39 + "a", "n" * 39 + "b"
    keys = [*facets.field_facets(one, "1990-01-02"), *facets.field_facets(other, "1990-01-02")]
    assert len(set(keys)) == len(keys) == 62
    assert max(map(len, keys)) <= 2 + 16 + 1 + 16


@pytest.mark.parametrize("field", NUMBERS)
def test_nothing_and_0_are_the_same(field: FacetField) -> None:
    assert field.of(0) == field.of(None) == [field.nothing]


def test_the_first_moment_of_1970_is_a_time() -> None:
    assert facets.FIRST_ORDER.of(0) != [facets.FIRST_ORDER.nothing]


@pytest.mark.parametrize("count", [1, 2, 3, 10, 100, 511])
def test_small_counts_are_told_apart_exactly(count: int) -> None:
    held = [set(facets.ORDER_COUNT.of(number)) for number in range(600)]
    assert [number for number in range(600) if held[number] == held[count]] == [count]
    deepest = facets.ORDER_COUNT.of(count)[-1]
    assert [number for number in range(600) if deepest in held[number]] == [count]


def customer(**fields: Any) -> dict[str, Any]:
    moment = datetime(2024, 3, 1, 12, 30, tzinfo=UTC)
    return {
        "registered": True,
        "marketing": {"status": "none", "at": None, "source": None},
        "tags": ["vip", "__x__"],
        "eventIds": ["devops", "x" * 65],
        "attendedEventIds": ["devops"],
        "events": {
            "devops": {"startsAt": moment, "checkedIn": 1},
            "x" * 65: {"startsAt": moment + timedelta(days=1), "checkedIn": 0},
        },
        "updatedAt": moment + timedelta(days=2),
        "emails": ["ada@example.com", "a@b.example"],
        "orderCount": 2,
        "firstOrderAt": moment,
        "lastOrderAt": moment + timedelta(days=3),
        "totalSpend": {"USD": 4990, "THB": 100, "EUR": 0},
        **fields,
    }


def test_facets_of_a_customer() -> None:
    held = facets.facets(customer())
    assert set(held.values()) == {True}
    assert {"r:1", "m:none", "t:vip", "t:__x__", "h:devops", "a:devops", "g:1"} <= set(held)
    assert {"d:example.com", "d:b.example", "s:EUR:0", "s:CHF:0", "s:THB:>0"} <= set(held)
    assert not {"r:0", "m:subscribed", "s:USD:0", "s:THB:0", "s:VND:0", "n:0", "f:0"} & set(held)
    assert {"c:devops", "b:devops"} <= set(held)
    assert {facets.has_ticket("x" * 65), facets.no_show("x" * 65)} <= set(held)
    assert not {"x:devops", facets.checked_in("x" * 65), facets.first_event("x" * 65), "g:0"} & set(
        held
    )
    assert max(map(len, held)) < 40


def test_who_never_ordered_has_facets_that_say_so() -> None:
    nobody = customer(
        tags=[],
        eventIds=[],
        attendedEventIds=[],
        events={},
        emails=[],
        orderCount=0,
        firstOrderAt=None,
        lastOrderAt=None,
        totalSpend={},
        registered=False,
    )
    nothing = {"n:0", "f:0", "l:0", *(f"s:{code}:0" for code in COMMON_CURRENCIES)}
    assert set(facets.facets(nobody)) == {"r:0", "m:none", "g:0", *nothing}


def test_a_typical_customer_has_about_125() -> None:
    held = facets.facets(customer())
    assert len(held) < 170  # this one spends in two currencies
    assert len(held) - len(facets.spend("THB").of(100)) < 135


def test_long_ids_of_events_do_not_meet_short_ones() -> None:
    long = "x" * 65
    hashed = facets.attended(long)
    assert len(hashed) < len(long)
    assert hashed != facets.attended(long + "y")
    assert hashed != facets.attended(hashed.removeprefix("a"))
    assert hashed.removeprefix("a") == facets.has_ticket(long).removeprefix("h")


def test_a_customer_is_written_with_its_facets_and_terms() -> None:
    world = World()
    world.put_order("o1", order())
    document = world.the_customer()
    assert document["facets"] == facets.facets(document)
    assert "s:USD:>0" in document["facets"]
    assert {"ad", "ada@example.com", "lovelace"} <= set(document["search"])
    held = Customer.from_data(document["id"], document)
    assert held.to_data(world.store.now(), double=False)["facets"] == document["facets"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024-03-12", {"o:2024-03-12", "o:2024-W11", "o:2024-03"}),
        ("2024-12-30", {"o:2024-12-30", "o:2025-W01", "o:2024-12"}),  # ISO 8601: of the next year
        ("2021-01-03", {"o:2021-01-03", "o:2020-W53", "o:2021-01"}),
        ("someday", set()),  # written by a hand
    ],
)
def test_a_day_with_an_order_is_a_facet_and_so_are_its_week_and_month(
    day: str, expected: set[str]
) -> None:
    parts = {"a": {"days": {day: 2}}, "b": {"days": {day: 1}}}
    held = facets.facets(customer(parts=parts))
    assert {one for one in held if one.startswith("o:")} == expected
