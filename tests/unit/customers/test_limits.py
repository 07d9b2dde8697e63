"""Room for events on a customer: how much there is, and who gets it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from crm.customers.facets import ordered_in_month, ordered_in_week, ordered_on
from crm.customers.limits import (
    DAY_BYTES,
    MAX_CUSTOMER_BYTES,
    MAX_DAYS,
    MAX_EVENTS,
    Claim,
    arranged,
    event_bytes,
    is_crowded,
    is_day_over_limit,
    over_limit,
)
from testing.hosts import DAY


def events(count: int, prefix: str = "e") -> dict[str, str | None]:
    return {f"{prefix}{number:05d}": None for number in range(count)}


def test_an_event_costs_its_id_in_seven_places_and_its_name_in_two() -> None:
    assert event_bytes("ab", "") == event_bytes("ab", None) == 190 + 4 * 2 + 3 * (4 + 2)
    assert event_bytes("ab", "xyz") - event_bytes("ab", None) == 2 * 3
    assert event_bytes("é", "ü") == 190 + 4 * 2 + 3 * (4 + 2) + 2 * 2, "by bytes, not letters"


def test_in_its_facets_a_long_id_costs_no_more_than_a_hash_may() -> None:
    assert event_bytes("x" * 65, None) - event_bytes("x" * 64, None) == 4


def test_the_last_event_that_there_is_room_for_fits() -> None:
    held = events(MAX_EVENTS - 1)
    assert over_limit(held, {"z": None}) == ()
    assert over_limit(held, {"z": None, "y": None}) == ("z",), "by their ids, not by their order"


def test_the_last_byte_that_there_is_room_for_fits() -> None:
    left = MAX_CUSTOMER_BYTES - 2 * event_bytes("a", None)
    for beyond in (0, 1):
        held = {"a": "x" * (left // 2 + beyond)}
        assert over_limit(held, {"b": None}) == (("b",) if beyond else ())


def test_an_event_that_the_customer_holds_already_takes_no_room() -> None:
    held = events(MAX_EVENTS)
    assert over_limit(held, {"e00000": None, "new": None}) == ("new",)


@pytest.mark.parametrize(("beyond", "lost"), [(0, ()), (1, ("c",))])
def test_what_is_let_in_takes_room_from_what_comes_behind_it(
    beyond: int, lost: tuple[str, ...]
) -> None:
    left = MAX_CUSTOMER_BYTES - 3 * event_bytes("a", None)
    most = left // 2 - 200
    held: dict[str, str | None] = {"a": "x" * most}
    assert over_limit(held, {"b": "x" * 100, "c": "x" * (100 + beyond)}) == lost


def test_a_small_event_behind_a_large_one_that_finds_no_room_still_fits() -> None:
    held: dict[str, str | None] = {"a": "x" * (MAX_CUSTOMER_BYTES // 2 - 500)}
    assert over_limit(held, {"b": "x" * 600, "c": None}) == ("b",)


@pytest.mark.parametrize(("count", "crowded"), [(0, False), (2250, False), (2251, True)])
def test_a_customer_is_crowded_from_nine_tenths_of_the_events(count: int, crowded: bool) -> None:
    assert is_crowded(events(count)) is crowded


def test_a_customer_is_crowded_from_nine_tenths_of_the_bytes() -> None:
    room = int(0.9 * MAX_CUSTOMER_BYTES) - event_bytes("a", None)
    assert not is_crowded({"a": "x" * (room // 2)})
    assert is_crowded({"a": "x" * (room // 2 + 1)})


@pytest.mark.parametrize(("letters", "crowded"), [(404_892, False), (404_893, True)])
def test_exactly_nine_tenths_of_the_bytes_are_no_crowd(letters: int, crowded: bool) -> None:
    held: dict[str, str | None] = {"ab": "x" * letters}
    assert event_bytes("ab", held["ab"]) - MAX_CUSTOMER_BYTES * 9 // 10 == 2 * crowded
    assert is_crowded(held) is crowded


def claim(
    order_id: str, names: dict[str, str | None], *, free: bool = False, day: int = 0
) -> Claim:
    return Claim(order_id, free, DAY + timedelta(days=day), names)


def test_money_comes_before_age_and_age_before_the_id() -> None:
    full = events(MAX_EVENTS)
    late = claim("a", {"z": None}, day=2)
    early = claim("b", full, day=1)
    gift = claim("0", {"y": None}, free=True)
    twin = claim("c", {"x": None}, day=1)
    for claims in ([late, early, gift, twin], [twin, gift, early, late]):
        assert arranged(claims) == {"b": (), "c": ("x",), "a": ("z",), "0": ("y",)}
    assert arranged([gift, claim("a", full, free=True)])["0"] == (), "two gifts, in one moment"


def test_an_event_of_several_orders_has_room_for_the_longest_of_its_names() -> None:
    bytes_left = MAX_CUSTOMER_BYTES - event_bytes("a", None) - event_bytes("b", None)
    long = "é" * (bytes_left // 4)
    short = claim("1", {"a": None, "b": "x" * (len(long.encode()) + 2)})
    assert arranged([short])["1"] == ("b",)
    fits = [claim("1", {"a": "x"}), claim("2", {"a": long}, day=1), claim("3", {"b": None}, day=2)]
    assert arranged(fits) == {"1": (), "2": (), "3": ()}
    named = [*fits[:2], claim("3", {"b": "xx"}, day=2)]
    assert arranged(named)["3"] == ("b",), "the first one's short name is not what is shown"


@pytest.mark.parametrize(("first", "second"), [("b", "aaaa"), ("aaaa", "b"), (None, "aaaa")])
@pytest.mark.parametrize(("beyond", "lost"), [(0, ()), (1, ("z",))])
def test_the_longest_name_is_that_of_the_most_bytes_whatever_it_is_called(
    first: str | None, second: str | None, beyond: int, lost: tuple[str, ...]
) -> None:
    left = MAX_CUSTOMER_BYTES - event_bytes("a", "aaaa") - event_bytes("z", None)
    claims = [
        claim("1", {"a": first}),
        claim("2", {"a": second}, day=1),
        claim("3", {"z": "x" * (left // 2 + beyond)}, day=2),
    ]
    assert arranged(claims) == {"1": (), "2": (), "3": lost}


def test_an_event_without_a_name_takes_the_room_of_none() -> None:
    left = MAX_CUSTOMER_BYTES - event_bytes("a", None) - event_bytes("z", None)
    claims = [claim("1", {"a": None}), claim("2", {"z": "x" * (left // 2)}, day=1)]
    assert arranged(claims) == {"1": (), "2": ()}


def test_a_day_finds_room_until_all_parts_hold_as_many_as_there_may_be() -> None:
    full = {f"day {number}": 1 for number in range(MAX_DAYS)}
    assert is_day_over_limit("new", full, 0)
    assert is_day_over_limit("new", {}, MAX_DAYS)
    assert not is_day_over_limit("new", full, -1)
    assert not is_day_over_limit("day 1", full, MAX_DAYS), "one that is there needs none"
    assert not is_day_over_limit(None, full, MAX_DAYS), "what does not count takes none"


def test_a_day_takes_no_more_of_a_document_than_is_said() -> None:
    day = "2024-03-12"
    key = len(day) + 1
    found = (ordered_on, ordered_in_week, ordered_in_month)
    indexed = [len(facet(date.fromisoformat(day))) + 1 + 1 for facet in found]
    assert key + 8 + sum(indexed) <= DAY_BYTES
