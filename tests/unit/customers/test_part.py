"""A part that knows the answer asks for no other order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

import pytest

from crm.customers.attendance import apply_events
from crm.customers.ledger import Contribution
from crm.customers.part import Part
from crm.host.order import Tickets
from testing.hosts import DAY

ONE = Contribution("paid", True, "USD", 100, 0, DAY, name="Ada", typed="ada@example.com")
LATER = replace(ONE, created_at=DAY + timedelta(days=1), name="Ada B.", typed="b@example.com")


def not_asked(term: str, direction: Literal["asc", "desc"]) -> None:
    raise AssertionError(f"no query is needed: {term}")


def with_one() -> Part:
    return Part("u").apply("o1", None, ONE, not_asked)


def test_the_first_order_of_a_part_is_all_of_it() -> None:
    part = with_one()
    assert (part.orders, part.counted, part.first, part.last, part.name) == (1, 1, DAY, DAY, "Ada")
    assert part.typed is not None
    assert (part.typed.address, part.typed.order_id) == ("ada@example.com", "o1")


def test_nothing_is_asked_when_the_only_order_leaves() -> None:
    assert with_one().apply("o1", ONE, None, not_asked) == Part("u")


def test_nothing_is_asked_when_the_only_order_says_less() -> None:
    silent = replace(ONE, name=None, typed=None)
    part = with_one().apply("o1", ONE, silent, not_asked)
    assert (part.name, part.name_source, part.typed) == (None, None, None)


def test_the_newer_orders_name_stands_and_the_older_one_comes_back_when_it_leaves() -> None:
    asked: list[str] = []

    def search(term: str, direction: Literal["asc", "desc"]) -> tuple[str, Contribution]:
        asked.append(f"{term} {direction}")
        return "o1", ONE

    part = with_one().apply("o2", None, LATER, not_asked)
    assert (part.name, part.first, part.last) == ("Ada B.", DAY, LATER.created_at)
    assert part.apply("o2", LATER, None, search) == with_one()
    assert sorted(asked) == ["counted desc", "named desc", "typed desc"]


FIRST = replace(ONE, day="2024-03-01")


def test_orders_of_one_day_are_counted_and_the_day_leaves_with_the_last_of_them() -> None:
    one = Part("u").apply("o1", None, FIRST, not_asked)
    two = one.apply("o2", None, replace(FIRST, created_at=LATER.created_at), not_asked)
    assert (one.days, two.days) == ({"2024-03-01": 1}, {"2024-03-01": 2})
    assert two.days_with(FIRST, None) == one.days
    assert one.days_with(FIRST, None) == {}


def test_an_order_leaves_the_day_that_it_was_put_in_with_whatever_its_day_is_by_now() -> None:
    part = Part("u").apply("o1", None, FIRST, not_asked)
    assert part.days_with(FIRST, replace(FIRST, day="2024-02-29")) == {"2024-02-29": 1}


@pytest.mark.parametrize(
    "none", [{"counted": False}, {"day": None}, {"day_over_limit": True}], ids=str
)
def test_what_does_not_count_holds_no_day(none: dict[str, Any]) -> None:
    silent = replace(FIRST, **none)
    assert Part("u").days_with(None, silent) == {}
    assert Part("u", days={"2024-03-01": 1}).days_with(silent, None) == {"2024-03-01": 1}


def test_what_an_order_leaves_as_it_is_is_not_made_anew() -> None:
    """A part can hold hundreds of days and events, and most changes are about none of them."""
    event = Tickets("Show", None, 1, 0, 0)
    part = Part("u").apply("o1", None, replace(FIRST, events={"e": event}), not_asked)
    assert part.days_with(FIRST, replace(FIRST, total=7)) is part.days
    assert apply_events(part.events, "o2", None, ONE, not_asked) is part.events
    assert apply_events(part.events, "o2", ONE, None, not_asked) is part.events


def test_a_day_that_a_part_does_not_hold_is_not_counted_below_nought() -> None:
    assert Part("u").days_with(FIRST, None) == {}
    assert Part("u").days_with(FIRST, replace(FIRST, day="2024-02-29")) == {"2024-02-29": 1}
