"""Money as integers: a host's amount and currency become minor units under ISO 4217, or nothing.

How many digits a currency has is a table of ours, to which codes are added and from which none is
removed. A new currency is one word in it; until then its orders wait in quarantine as
`currency-unknown`. Where a host's minor units have other digits, `minor_digits` in `crm.toml` says
so.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Final, Literal

from crm.core.errors import InvalidDocument

Unit = Literal["major", "minor"]

# The most one order may bring, in minor units (ten million million dollars). Far above any real
# order, exact in JavaScript (2^53), and 9,000 such orders still sum below Firestore's 2^63.
MAX_MINOR_UNITS: Final = 10**15

# ISO 4217 list one as published by SIX on 2026-01-01 (https://www.six-group.com, list-one.xml):
# codes by number of minor digits, without the 13 that have none (XAU, XDR, XXX …).
# A table of ours rather than a library: CLDR's digits (babel 2.18) differ from ISO's for thirteen
# currencies (IQD, LBP, RSD …), and a library that follows ISO drops a currency in the year it is
# withdrawn, which would send last year's orders to quarantine. So: add codes, never remove one.
_DIGITS: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD "
        "CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
        "GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK "
        "LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO "
        "NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS "
        "SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST "
        "XAD XCD XCG YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

# Withdrawn since 2010 (list three), kept so that old orders stay readable.
_WITHDRAWN: Final = {
    0: "BYR",
    2: "ANG BGN CUC EEK HRK LTL LVL MRO SLL STD VEF ZMK ZWL",
}

DIGITS: Final[dict[str, int]] = {
    code: digits
    for table in (_DIGITS, _WITHDRAWN)
    for digits, codes in table.items()
    for code in codes.split()
}

# ASCII digits and nothing else: no "1e3", "+1", "12,50". At most 28 of them in all, which is what
# Decimal's default context computes with exactly.
_PLAIN: Final = re.compile(r"[0-9]{1,16}(?:\.[0-9]{1,12})?")


def currency_code(value: object) -> str:
    """Read an ISO 4217 code, upper case.

    Args:
        value: What the document holds; any letter case.

    Raises:
        InvalidDocument: `currency-missing` for nothing or a blank, `currency-unknown` for all else.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        raise InvalidDocument("currency-missing", "give the order an ISO 4217 currency such as EUR")
    # ASCII first: str.upper makes S of the long s (U+017F).
    if isinstance(value, str) and value.isascii() and value.upper() in DIGITS:
        return value.upper()
    raise InvalidDocument("currency-unknown", "use an ISO 4217 currency code such as EUR")


def minor_units(value: object, currency: str, unit: Unit, digits: int | None = None) -> int:
    """Read an amount as an integer of the currency's minor units, at most `MAX_MINOR_UNITS`.

    Major units are an integer, a float read by its shortest decimal form (49.9 is 4990 cents,
    0.1 + 0.2 is refused) or a plain decimal string. Zeros behind the currency's last digit mean
    nothing ("1000.00" JPY is 1000). Minor units are an integer, or a float that is whole.

    Args:
        value: What the document holds.
        currency: A code that `currency_code` returned.
        unit: What the host's amounts are counted in.
        digits: How many digits the host's minor units have, where they are not ISO 4217's
            (Stripe writes 5 ISK as 500).

    Raises:
        InvalidDocument: `amount-missing` for nothing, `amount-invalid` for all else.
    """
    if value is None:
        raise InvalidDocument("amount-missing", "give the order a total")
    scaled = _decimal(value, unit)
    if scaled is not None:
        written = 0 if unit == "major" else DIGITS[currency] if digits is None else digits
        scaled = scaled.scaleb(DIGITS[currency] - written)
        if 0 <= scaled <= MAX_MINOR_UNITS and scaled == scaled.to_integral_value():
            return int(scaled)
    raise InvalidDocument(
        "amount-invalid",
        f"write amounts as plain numbers, not negative, with at most {DIGITS[currency]} decimal"
        f" places for {currency}"
        if unit == "major"
        else "write amounts as whole numbers of minor units, not negative",
    )


def written(minor_units: int, currency: str) -> str:
    """Write an amount for people, in major units with all of its digits: `129.90 USD`, `500 JPY`.

    Args:
        minor_units: Minor units of ISO 4217.
        currency: A code that `currency_code` returned.
    """
    return f"{Decimal(minor_units).scaleb(-DIGITS[currency]):f} {currency}"


def _decimal(value: object, unit: Unit) -> Decimal | None:
    """Return the number that `value` writes, exactly; None where it writes none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        # Beyond the cap whatever the currency; also keeps huge integers out of Decimal.
        return Decimal(value) if abs(value) <= MAX_MINOR_UNITS else None
    if isinstance(value, float):
        return Decimal(repr(value)) if math.isfinite(value) else None
    if unit == "major" and isinstance(value, str) and _PLAIN.fullmatch(value):
        return Decimal(value)
    return None
