"""Whole numbers as the SDKs of phones and games wrap them, and as answers wrap large ones."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.errors import Refusal
from crm.core.json import jsonable
from crm.entrypoints.callables.numbers import EXACT, SIGNED, UNSIGNED, unwrapped, wrapped
from testing.hosts import order
from tests.support.stage import Process, shop

SIGNED_RANGE = st.integers(-(2**63), 2**63 - 1)


def as_sent(number: int, kind: str = SIGNED) -> dict[str, str]:
    return {"@type": kind, "value": str(number)}


@pytest.mark.parametrize("kind", [SIGNED, UNSIGNED])
@pytest.mark.parametrize("number", [0, 1, 50, EXACT, EXACT + 2, 2**63 - 1])
def test_a_wrapped_number_is_that_number(kind: str, number: int) -> None:
    assert unwrapped(as_sent(number, kind)) == number


def test_the_types_hold_what_their_names_say() -> None:
    assert unwrapped(as_sent(-(2**63))) == -(2**63)
    assert unwrapped(as_sent(2**64 - 1, UNSIGNED)) == 2**64 - 1


@pytest.mark.parametrize(
    "sent",
    [
        as_sent(2**63),
        as_sent(-(2**63) - 1),
        as_sent(2**64, UNSIGNED),
        as_sent(-1, UNSIGNED),
        {"@type": SIGNED},
        {"@type": SIGNED, "value": 50},
        {"@type": SIGNED, "value": None},
        {"@type": SIGNED, "value": ""},
        {"@type": SIGNED, "value": "5.0"},
        {"@type": SIGNED, "value": " 5"},
        {"@type": SIGNED, "value": "5_0"},
        {"@type": SIGNED, "value": "٥"},
        {"@type": SIGNED, "value": "1e3"},
        {"@type": SIGNED, "value": "9" * 5_000},
        {"@type": SIGNED, "value": "5", "more": 1},
    ],
    ids=lambda one: str(one)[-40:],
)
def test_what_is_no_number_of_its_type_is_refused(sent: object) -> None:
    with pytest.raises(Refusal) as refused:
        unwrapped({"pageSize": sent})
    assert (refused.value.code, refused.value.reason) == ("invalid-argument", "value-invalid")
    assert "Int64Value" in refused.value.message


@pytest.mark.parametrize(
    "sent",
    [
        {"@type": "type.googleapis.com/google.protobuf.Timestamp", "value": "5"},
        {"@type": ["Int64Value"], "value": "5"},
        {"value": "5"},
        [None, True, "5", 1.5, {}],
    ],
    ids=str,
)
def test_anything_else_is_left_as_it_is(sent: object) -> None:
    assert unwrapped(sent) == sent


numbers = st.recursive(
    SIGNED_RANGE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(numbers)
def test_what_a_phone_sends_at_any_depth_is_read(value: Any) -> None:
    def sent(one: Any) -> Any:
        if isinstance(one, list):
            return [sent(each) for each in one]
        if isinstance(one, dict):
            return {key: sent(each) for key, each in one.items()}
        return as_sent(one)

    assert unwrapped(sent(value)) == value


@given(numbers)
def test_an_answer_keeps_every_digit(value: Any) -> None:
    assert unwrapped(jsonable(value, wrapped)) == value


@pytest.mark.parametrize("number", [0, EXACT, -EXACT, 2**63, 2**64 - 1, -(2**63) - 1])
def test_small_numbers_and_such_as_no_type_holds_stay_plain(number: int) -> None:
    assert wrapped(number) == number


@pytest.mark.parametrize("number", [EXACT + 1, -EXACT - 1, 2**63 - 1, -(2**63)])
def test_a_number_that_javascript_would_round_is_wrapped(number: int) -> None:
    assert wrapped(number) == as_sent(number)


def test_a_call_takes_numbers_as_a_phone_sends_them() -> None:
    world = Process(start=shop())
    bob = world.id("bob")
    assert world.call("set_fields", customerId=bob, fields={"seats": as_sent(12)}) == {
        "fields": {"company": "ACME", "seats": 12}
    }
    page = world.call(
        "query_segment",
        segment={"orderCount": {"gte": as_sent(2, UNSIGNED)}},
        pageSize=as_sent(1),
    )
    assert len(page["customers"]) == 1
    assert page["nextPageToken"]


def test_a_sum_beyond_what_javascript_holds_is_answered_with_all_its_digits() -> None:
    world = Process(start=shop())
    ten = 10**15 - 1  # the most that an order may bring
    for day in range(10):
        large = order("large@example.com", day=day, total=ten, currency="JPY")
        world.put_order(f"large-{day}", large)
    world.deliver()
    found = world.call("get_customer", email="large@example.com")["customer"]
    assert found["totalSpend"] == {"JPY": as_sent(10 * ten)}
    assert found["orderCount"] == 10
