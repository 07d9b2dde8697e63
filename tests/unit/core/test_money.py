"""Amounts become exact integers of minor units, or nothing."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.errors import InvalidDocument
from crm.core.money import DIGITS, MAX_MINOR_UNITS, currency_code, minor_units

CURRENCIES = st.sampled_from(sorted(DIGITS))


@pytest.mark.parametrize(
    ("value", "currency", "expected"),
    [
        (0, "USD", 0),
        (49, "USD", 4900),
        (49.9, "USD", 4990),
        ("49.9", "USD", 4990),
        ("49.90", "USD", 4990),
        ("0049.90", "USD", 4990),
        (19.99, "USD", 1999),
        (0.29, "USD", 29),  # 0.29 * 100 is 28.999999999999996
        (1.1, "USD", 110),
        (-0.0, "USD", 0),
        (1000, "JPY", 1000),
        (1000.0, "JPY", 1000),
        ("1000.00", "JPY", 1000),
        ("49.900", "USD", 4990),
        ("5.125", "KWD", 5125),
        ("1.2345", "CLF", 12345),
        (12, "RSD", 1200),  # CLDR says no digits, ISO 4217 says two
        (12, "ISK", 12),
        (12, "HRK", 1200),  # withdrawn in 2023; old orders stay readable
        (12, "BYR", 12),
        (1e13, "USD", MAX_MINOR_UNITS),
        ("10000000000000.00", "USD", MAX_MINOR_UNITS),
        (MAX_MINOR_UNITS, "JPY", MAX_MINOR_UNITS),
    ],
)
def test_major_units(value: object, currency: str, expected: int) -> None:
    assert minor_units(value, currency, "major") == expected


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        " 1",
        "1 ",
        "1\n",
        "12,50",
        "1,000.00",
        "1_000",
        "1e3",
        "+1",
        "-1",
        "1.",
        ".5",
        "1.2.3",
        "0x10",
        "NaN",
        "inf",
        "$5",
        "5 USD",
        "\uff11",  # a full-width 1
        "\u0661",  # an Arabic-Indic 1
        "12.505",
        "0.001",
        "1." + "0" * 40 + "1",
        "9" * 5000,
        True,
        False,
        math.nan,
        math.inf,
        -math.inf,
        -1,
        -0.01,
        12.505,
        0.1 + 0.2,
        1e-5,
        5e-324,
        1e16,
        1e300,
        MAX_MINOR_UNITS // 100 + 1,
        2**63,
        2**63 // 100,
        10**400,
        [49.9],
        {"amount": 49.9},
        b"49.9",
        Decimal("49.9"),
        object(),
    ],
)
def test_amount_invalid(value: object) -> None:
    with pytest.raises(InvalidDocument) as error:
        minor_units(value, "USD", "major")
    assert error.value.reason == "amount-invalid"


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (4990, 4990), (4990.0, 4990)])
def test_minor_units(value: object, expected: int) -> None:
    assert minor_units(value, "USD", "minor") == expected


@pytest.mark.parametrize("value", [49.9, "4990", "49.90", "", True, -1, math.nan, 2**63, 1e300])
def test_minor_amount_invalid(value: object) -> None:
    with pytest.raises(InvalidDocument) as error:
        minor_units(value, "USD", "minor")
    assert error.value.reason == "amount-invalid"


@pytest.mark.parametrize(
    ("value", "currency", "digits", "expected"),
    [(500, "ISK", 2, 5), (5, "MGA", 0, 500), (0, "ISK", 2, 0)],
)
def test_minor_units_with_the_hosts_own_digits(
    value: int, currency: str, digits: int, expected: int
) -> None:
    assert minor_units(value, currency, "minor", digits) == expected


def test_own_digits_that_leave_a_fraction_are_refused() -> None:
    with pytest.raises(InvalidDocument) as error:
        minor_units(505, "ISK", "minor", 2)
    assert error.value.reason == "amount-invalid"


@pytest.mark.parametrize("unit", ["major", "minor"])
def test_no_total_is_missing(unit: Literal["major", "minor"]) -> None:
    with pytest.raises(InvalidDocument) as error:
        minor_units(None, "USD", unit)
    assert error.value.reason == "amount-missing"


@pytest.mark.parametrize(
    ("value", "expected"), [("USD", "USD"), ("usd", "USD"), ("eUr", "EUR"), ("hrk", "HRK")]
)
def test_currency(value: object, expected: str) -> None:
    assert currency_code(value) == expected


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "currency-missing"),
        ("", "currency-missing"),
        ("  ", "currency-missing"),
        ("XYZ", "currency-unknown"),
        ("XXX", "currency-unknown"),
        ("XAU", "currency-unknown"),
        ("BTC", "currency-unknown"),
        ("$", "currency-unknown"),
        ("US", "currency-unknown"),
        (" USD", "currency-unknown"),
        ("u\u017fd", "currency-unknown"),  # the long s, whose capital is S
        ("ＵＳＤ", "currency-unknown"),
        (840, "currency-unknown"),
        (True, "currency-unknown"),
        (["USD"], "currency-unknown"),
        (b"USD", "currency-unknown"),
    ],
)
def test_currency_refused(value: object, reason: str) -> None:
    with pytest.raises(InvalidDocument) as error:
        currency_code(value)
    assert error.value.reason == reason


@given(CURRENCIES, st.integers(0, MAX_MINOR_UNITS))
def test_every_amount_reads_back_from_its_decimal_form(currency: str, minor: int) -> None:
    text = f"{Decimal(minor).scaleb(-DIGITS[currency]):f}"
    assert minor_units(text, currency, "major") == minor
    assert minor_units(minor, currency, "minor") == minor


@given(CURRENCIES, st.integers(0, 10**12))
def test_every_amount_reads_back_from_the_nearest_float(currency: str, minor: int) -> None:
    assert minor_units(minor / 10 ** DIGITS[currency], currency, "major") == minor


@given(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary()),
    CURRENCIES,
    st.sampled_from(["major", "minor"]),
)
def test_amounts_are_total(value: object, currency: str, unit: Literal["major", "minor"]) -> None:
    try:
        amount = minor_units(value, currency, unit)
    except InvalidDocument as error:
        reason = error.reason
    else:
        assert 0 <= amount <= MAX_MINOR_UNITS
        return
    assert reason == ("amount-missing" if value is None else "amount-invalid")


def test_a_customer_of_nine_thousand_largest_orders_fits_firestore() -> None:
    assert 9_000 * MAX_MINOR_UNITS < 2**63
