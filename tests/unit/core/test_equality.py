"""Whether two values of documents are the same: as Python has it, and NaN is NaN."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.equality import same

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def copied(value: Any) -> Any:
    """The value, made anew, NaN too: Python calls two that are one object equal."""
    if isinstance(value, dict):
        return {key: copied(held) for key, held in value.items()}
    if isinstance(value, list):
        return [copied(held) for held in value]
    return float(repr(value)) if isinstance(value, float) else value


@dataclass(frozen=True)
class Held:
    score: float
    inner: tuple[float, ...] = ()


@given(values)
def test_a_value_is_the_same_as_its_copy(value: Any) -> None:
    assert same(value, copied(value))
    assert same([value], [copied(value)])
    assert same({"a": value}, {"a": copied(value)})
    assert not same([value], [copied(value), None])
    assert not same({"a": value}, {"a": copied(value), "b": None})


@given(values, values)
def test_what_python_calls_equal_is_the_same(first: Any, second: Any) -> None:
    assert same(first, second) == same(second, first)
    if first == second:
        assert same(first, second)


def test_a_dataclass_that_holds_not_a_number() -> None:
    nan = float("nan")
    assert same(Held(nan, (nan, 1.0)), Held(float("nan"), (float("nan"), 1.0)))
    assert not same(Held(nan, (nan,)), Held(float("nan"), (1.0,)))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (float("nan"), 0.0),
        (float("nan"), None),
        (float("nan"), "nan"),
        ([float("nan")], (float("nan"),)),
        ([float("nan"), 1], [1, float("nan")]),
        ({"a": float("nan")}, {"b": float("nan")}),
        (datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC)),
    ],
)
def test_what_differs_is_not_the_same(first: Any, second: Any) -> None:
    assert not same(first, second)
