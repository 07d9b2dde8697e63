"""Own fields as the user's document holds them: by their types, in the forms that hosts write."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.config.settings import Settings
from crm.host.fields import read_fields

MIDNIGHT = datetime(1990, 4, 1, 22, tzinfo=UTC)
"""In Berlin, the 2nd begins."""


def settings(kind: str, path: str = "profile.x", **more: Any) -> Settings:
    own = {"type": kind, "label": "X", "purpose": "y", "from": path, **more}
    return Settings.model_validate({"time_zone": "Europe/Berlin", "fields": {"x": own}})


@pytest.mark.parametrize(
    ("kind", "stored", "value"),
    [
        ("text", " ACME ", "ACME"),
        ("text", "Cafe\u0301", "Café"),
        ("text", 7, None),
        ("number", 7, 7),
        ("number", 7.5, 7.5),
        ("number", "7.50", 7.5),
        ("number", "seven", None),
        ("number", True, None),
        ("number", float("nan"), None),
        ("number", 10**15, None),
        ("bool", True, True),
        ("bool", "FALSE", False),
        ("bool", 1, None),
        ("date", "1990-04-02", "1990-04-02"),
        ("date", MIDNIGHT, "1990-04-02"),
        ("date", datetime.min.replace(tzinfo=UTC), "0001-01-01"),
        ("date", datetime.max.replace(tzinfo=UTC), None),
        ("date", "1990-02-30", None),
        ("choice", "M", "M"),
        ("choice", "XL", None),
        ("text", None, None),
    ],
)
def test_a_value_by_its_type(kind: str, stored: object, value: object) -> None:
    more: dict[str, Any] = {"choices": ["S", "M"]} if kind == "choice" else {}
    found = read_fields({"profile": {"x": stored}}, settings(kind, **more))
    assert found == ({} if value is None else {"x": value})
    assert [type(one) for one in found.values()] == ([] if value is None else [type(value)])


@pytest.mark.parametrize("data", [{}, {"profile": None}, {"profile": "x"}, {"profile": {"y": 1}}])
def test_nothing_there_is_no_value(data: dict[str, Any]) -> None:
    assert read_fields(data, settings("text")) == {}


def test_a_field_that_staff_write_is_not_read() -> None:
    own = {"type": "text", "label": "X", "purpose": "y"}
    assert read_fields({"x": "ACME"}, Settings.model_validate({"fields": {"x": own}})) == {}


@given(
    st.sampled_from(["text", "number", "date", "bool"]),
    st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.datetimes(), st.binary()),
)
def test_whatever_is_there_is_a_value_of_the_type_or_none(kind: str, stored: object) -> None:
    mapping = settings(kind)
    for value in read_fields({"profile": {"x": stored}}, mapping).values():
        assert mapping.fields["x"].value(value) == value
