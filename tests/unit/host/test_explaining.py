"""Which field of a document is not understood, and what it holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.config.settings import Settings, settings_of
from crm.core.errors import InvalidDocument
from crm.host.explaining import MAX_SHOWN, Explanation, explain_order, explain_user
from crm.host.reader import read_order
from testing.hosts import order

NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)

DEFAULT = Settings()


def explained(data: dict[str, Any], settings: Settings = DEFAULT) -> Explanation:
    try:
        read_order(data, NOW, settings)
    except InvalidDocument as error:
        return explain_order(data, NOW, settings, error.reason)
    raise AssertionError("it can be read")


@pytest.mark.parametrize(
    ("wrong", "field", "value", "says"),
    [
        ({"total": "much"}, "total", "much", "Write amounts as plain numbers"),
        ({"total": -5}, "total", "-5", "Write amounts as plain numbers"),
        ({"total": True}, "total", "true", "Write amounts as plain numbers"),
        ({"total": None}, "total", None, "Give the order a total."),
        ({"refunded": "?"}, "refunded", "?", "Write amounts as plain numbers"),
        ({"total": 5, "refunded": 6}, "refunded", "6", "Refund at most the order's total."),
        ({"currency": "Euro"}, "currency", "Euro", "Use an ISO 4217 currency code"),
        ({"currency": " "}, "currency", " ", "Give the order an ISO 4217 currency"),
        ({"status": "on hold"}, "status", "on hold", "Use a status that crm.toml lists"),
        ({"status": {"a": [1, None]}}, "status", '{"a": [1, null]}', "Use a status"),
        ({"status": None}, "status", None, "Give the order a status."),
        ({"email": "ada@"}, "email", "ada@", ""),
        ({"email": "ada\u200b@example"}, "email", "ada\\u200b@example", ""),
        ({"email": None}, "email", None, ""),
        ({"userId": "a/b"}, "userId", "a/b", "Write the Firebase Auth uid"),
        ({"createdAt": "yesterday"}, "createdAt", "yesterday", "Write createdAt as"),
        (
            {"createdAt": NOW + timedelta(days=999)},
            "createdAt",
            "2026-11-25T12:00:00+00:00",
            "Write createdAt as",
        ),
    ],
)
def test_the_field_is_named_with_what_it_holds(
    wrong: dict[str, Any], field: str, value: str | None, says: str
) -> None:
    told = explained(order() | wrong)
    assert (told.field, told.value) == (field, value)
    assert told.message.startswith(says)
    assert told.message.endswith(".")
    assert told.message[0].isupper()


def mapped(**orders: Any) -> Settings:
    return settings_of({"orders": {"fields": orders}})


def test_the_field_is_where_the_mapping_found_it() -> None:
    settings = mapped(
        email=["buyer.email", "contact.email"], currency={"const": "EUR"}, paid={"sum": "pays.sum"}
    )
    good = order(buyer={}, contact={"email": "ada@example.com"}, pays=[{"sum": 49.9}])
    assert read_order(good, NOW, settings).currency == "EUR"
    told = explained(good | {"contact": {"email": "no"}}, settings)
    assert (told.field, told.value) == ("contact.email", "no")
    told = explained(good | {"contact": {}}, settings)
    assert (told.field, told.value) == ("buyer.email", None)  # where it is looked for first
    told = explained(good | {"pays": [{"sum": 1}, {"sum": "x"}]}, settings)
    assert (told.field, told.value) == ("pays.sum", '[1, "x"]')


def test_a_constant_is_no_field_of_the_document() -> None:
    settings = mapped(status={"const": "unheard of"})
    assert explained(order(), settings).field is None


def test_a_long_value_is_cut() -> None:
    value = explained(order(status="é" * 5_000)).value
    assert value == "é" * (MAX_SHOWN - 1) + "…"


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.datetimes(),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        ),
        max_leaves=5,
    ),
    st.sampled_from(["total", "refunded", "currency", "status", "email", "userId", "createdAt"]),
)
def test_whatever_a_document_holds_can_be_shown(value: Any, field: str) -> None:
    data = order() | {field: value}
    try:
        read_order(data, NOW, DEFAULT)
    except InvalidDocument as error:
        told = explain_order(data, NOW, DEFAULT, error.reason)
        assert told.field == field
        assert told.value is None or told.value.isprintable()
        assert len(told.value or "") <= MAX_SHOWN * 10


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("too-large", "The order makes a document larger"),
        ("not-processed", "Every attempt ended in an error"),
        ("amount-invalid", "The document can be read as it is now"),
    ],
)
def test_what_no_field_is_to_blame_for_is_said(reason: str, says: str) -> None:
    told = explain_order(order(), NOW, DEFAULT, reason)
    assert (told.field, told.value) == (None, None)
    assert told.message.startswith(says)


def test_an_order_of_a_uid_that_no_user_has_needs_an_address() -> None:
    told = explain_order(order(email=None, userId="u1"), NOW, DEFAULT, "email-missing")
    assert (told.field, told.value) == ("email", None)
    assert "no user has the uid" in told.message


def test_an_address_that_only_an_erasure_writes_is_shown_as_none() -> None:
    data = order(email="erased-abc@erased.invalid")
    told = explain_order(data, NOW, DEFAULT, "email-invalid")
    assert told.field == "email"


def test_a_users_address_is_explained() -> None:
    assert explain_user({"email": "no"}, DEFAULT).field == "email"
    assert explain_user({"email": "no"}, DEFAULT).value == "no"
    assert explain_user({"email": "ada@example.com"}, DEFAULT).field is None
