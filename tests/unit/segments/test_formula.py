"""A question as a formula over facets: exactly which, also where NOT stands before it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest

from crm.customers import facets
from crm.customers.facets import FacetField, micros
from crm.customers.scales import CEILING, place_of
from crm.segments.engine.formula import (
    EVERYONE,
    NOBODY,
    And,
    Formula,
    Has,
    In,
    Lacks,
    OneOf,
    Or,
    both,
    either,
    formula,
)
from crm.segments.engine.ranges import Span, Values
from crm.segments.language.text import parse_text
from tests.support.segments import NOW, whole

USD: Final = facets.spend("USD")
THB: Final = facets.spend("THB")
COUNT: Final = facets.ORDER_COUNT
LAST: Final = facets.LAST_ORDER
FIRST: Final = facets.FIRST_ORDER
FLOOR: Final = -CEILING  # of times, and of own fields
NUMBER: Final = facets.field_number("x")
DATE: Final = facets.field_day("x")
A_IS: Final = Has(facets.field_value("x", "a"))


def within(field: FacetField, *spans: Span, nothing: bool = False) -> In:
    return In(field, Values(nothing, spans))


def ago(days: int) -> int:
    return micros(NOW - timedelta(days))


THREE: Final = place_of(3)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("everyone", EVERYONE),
        ("not everyone", NOBODY),
        ("not not everyone", EVERYONE),
        ("tag:a", Has("t:a")),
        ("not tag:a", Lacks(Has("t:a"))),
        ("not not tag:a", Has("t:a")),
        ("attended:e", Has("a:e")),
        ("not attended:e", Lacks(Has("a:e"))),
        ("has_ticket:e", Has("h:e")),
        ("not has_ticket:e", Lacks(Has("h:e"))),
        ("no_show:e", Has("x:e")),
        ("not no_show:e", Lacks(Has("x:e"))),
        ("email_domain:x.org", Has("d:x.org")),
        ("not email_domain:x.org", Lacks(Has("d:x.org"))),
        # What has a facet for its opposite lacks nothing.
        ("tagged", Has("g:1")),
        ("untagged", Has("g:0")),
        ("not tagged", Has("g:0")),
        ("not untagged", Has("g:1")),
        ("registered", Has("r:1")),
        ("registered:false", Has("r:0")),
        ("not registered", Has("r:0")),
        ("not registered:false", Has("r:1")),
        ("subscribed", Has("m:subscribed")),
        ("not subscribed", Or((Has("m:unsubscribed"), Has("m:none")))),
        ("not marketing:none", Or((Has("m:subscribed"), Has("m:unsubscribed")))),
        # Ranges: no spend and no order is 0.
        ("total_spend >= 1 USD, < 2 USD", within(USD, (100, 200))),
        ("total_spend > 1 USD, <= 2 USD", within(USD, (101, 201))),
        ("total_spend < 2 USD", within(USD, (1, 200), nothing=True)),
        ("not total_spend < 2 USD", within(USD, (200, CEILING))),
        ("total_spend = 0 USD", within(USD, nothing=True)),
        ("not total_spend = 0 USD", within(USD, (1, CEILING))),
        ("total_spend >= 0 USD", EVERYONE),
        ("total_spend < 0 USD", NOBODY),
        ("not total_spend < 0 USD", EVERYONE),
        ("total_spend >= 2 USD, < 1 USD", NOBODY),
        # In a rare currency nobody has a facet that says 0.
        ("total_spend >= 2 THB", within(THB, (200, CEILING))),
        ("total_spend < 2 THB", Lacks(within(THB, (200, CEILING)))),
        ("not total_spend >= 2 THB", Lacks(within(THB, (200, CEILING)))),
        ("tag:a and total_spend < 2 THB", And((Has("t:a"), Lacks(within(THB, (200, CEILING)))))),
        ("tag:a or total_spend < 2 THB", Or((Has("t:a"), Lacks(within(THB, (200, CEILING)))))),
        ("order_count = 3", within(COUNT, (3, 4))),
        ("not order_count = 3", within(COUNT, (1, 3), (4, CEILING), nothing=True)),
        ("order_count = 3, <= 2", NOBODY),
        # Whose time is none matches no comparison, and each NOT of one.
        ("last_order_at >= 2024-01-02T00:00:00Z", within(LAST, (1704153600000000, CEILING))),
        ("last_order_at > 2024-01-02T00:00:00Z", within(LAST, (1704153600000001, CEILING))),
        ("last_order_at < 2024-01-02T00:00:00Z", within(LAST, (FLOOR, 1704153600000000))),
        (
            "not last_order_at < 2024-01-02T00:00:00Z",
            within(LAST, (1704153600000000, CEILING), nothing=True),
        ),
        (
            "first_order_at = 2024-01-02T00:00:00Z",
            within(FIRST, (1704153600000000, 1704153600000001)),
        ),
        ("last_order_at within 30 days", within(LAST, (ago(30), CEILING))),
        ("first_order_at older than 30 days", within(FIRST, (FLOOR, ago(30)))),
        ("last_order_at within 30 days, older than 10 days", within(LAST, (ago(30), ago(10)))),
        ("last_order_at within 30 days, > 2024-05-31T00:00:00Z",
         within(LAST, (micros(NOW) - 36 * 3_600_000_000 + 1, CEILING))),
        ("last_order_at older than 30 days, < 2023-01-01T00:00:00Z",
         within(LAST, (FLOOR, 1672531200000000))),
        # Own fields: each value, whether there is one, and ranges of two types.
        ("field:x known", Has("v:x")),
        ("field:x unknown", Lacks(Has("v:x"))),
        ("not field:x known", Lacks(Has("v:x"))),
        ("not field:x unknown", Has("v:x")),
        ("field:x = a", A_IS),
        ("not field:x = a", Lacks(A_IS)),
        ("field:x > 3", within(NUMBER, (THREE + 1, CEILING))),
        ("field:x >= 3, <= 3", within(NUMBER, (THREE, THREE + 1))),
        ("field:x < 3", within(NUMBER, (FLOOR, THREE))),
        ("not field:x < 3", Lacks(within(NUMBER, (FLOOR, THREE)))),
        ("field:x >= 1990-01-01, <= 1990-01-31", within(DATE, (726_468, 726_499))),
        ("field:x > 3, < 2000-01-01",
         And((within(DATE, (FLOOR, 730_120)), within(NUMBER, (THREE + 1, CEILING))))),
        ("not field:x > 3, < 2000-01-01",
         Or((Lacks(within(DATE, (FLOOR, 730_120))),
             Lacks(within(NUMBER, (THREE + 1, CEILING)))))),
        ("field:x = a, > 3", And((A_IS, within(NUMBER, (THREE + 1, CEILING))))),
        # Trees: NOT is pushed down, lists of one kind are one, ranges of one field are one.
        ("tag:a and tag:b and tag:a", And((Has("t:a"), Has("t:b")))),
        ("tag:a and (tag:b and tag:c)", And((Has("t:a"), Has("t:b"), Has("t:c")))),
        ("tag:a or (tag:b or tag:c)", Or((Has("t:a"), Has("t:b"), Has("t:c")))),
        ("tag:a and everyone", Has("t:a")),
        ("tag:a or everyone", EVERYONE),
        ("tag:a and not everyone", NOBODY),
        ("tag:a or not everyone", Has("t:a")),
        ("not (tag:a and untagged)", Or((Lacks(Has("t:a")), Has("g:1")))),
        ("not (tag:a or registered)", And((Lacks(Has("t:a")), Has("r:0")))),
        ("tag:a and not (tag:b or not tag:c)",
         And((Has("t:a"), Lacks(Has("t:b")), Has("t:c")))),
        ("order_count > 3 and order_count < 6", within(COUNT, (4, 6))),
        ("order_count > 3 or order_count < 2",
         within(COUNT, (1, 2), (4, CEILING), nothing=True)),
        ("order_count < 3 or order_count >= 3", EVERYONE),
        ("tag:a or order_count < 3 or order_count >= 3", EVERYONE),
        ("order_count < 3 and order_count >= 3", NOBODY),
        ("tag:a and order_count < 3 and order_count >= 3", NOBODY),
        ("tag:a and (order_count < 3 or order_count >= 3)", Has("t:a")),
        ("order_count > 3 and total_spend > 0 USD and order_count < 6",
         And((within(COUNT, (4, 6)), within(USD, (1, CEILING))))),
    ],
)  # fmt: skip
def test_the_formula_of_a_question(text: str, wanted: Formula) -> None:
    assert formula(whole(parse_text(text)), NOW) == wanted


@pytest.mark.parametrize("join", [both, either])
def test_of_one_alone_a_list_is_that_one(join: Callable[[list[Formula]], Formula]) -> None:
    assert join([Has("a")]) == join([Has("a"), Has("a")]) == Has("a")


def test_what_says_nothing_is_left_out_and_what_says_all_is_all() -> None:
    several = OneOf((frozenset("a"), frozenset("b")))
    assert both([]) == both([EVERYONE]) == EVERYONE
    assert either([]) == either([NOBODY]) == NOBODY
    assert both([several, EVERYONE, Has("c")]) == And((several, Has("c")))
    assert either([several, NOBODY, Has("c")]) == Or((several, Has("c")))
    assert both([several, NOBODY]) == NOBODY
    assert either([several, EVERYONE]) == EVERYONE
