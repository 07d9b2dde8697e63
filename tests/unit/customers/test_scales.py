"""Codes are what the database is full of: each means the same for ever, and these are written down.

That they keep their order, and where each begins, `test_facets` says of any value.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from crm.customers.facets import micros
from crm.customers.scales import Days, Doubles, Hours, Octaves, day_number, place_of

COUNTS = Octaves(octave_bits=4, base=1)
MONEY = Octaves(octave_bits=5, base=6)
HOURS = Hours(bits=19, start=175_320)
DAYS = Days(bits=16, start=date(1900, 1, 1).toordinal())
DOUBLES = Doubles()


@pytest.mark.parametrize(
    ("scale", "value", "code", "depth"),
    [
        (COUNTS, 0, 0, 4),
        (COUNTS, 1, 0, 4),
        (COUNTS, 2, 0x100, 5),
        (COUNTS, 3, 0x180, 5),
        (COUNTS, 5, 0x240, 6),
        (COUNTS, 255, 0x7FE, 11),
        (COUNTS, 256, 0x800, 12),
        (COUNTS, 511, 0x8FF, 12),
        (COUNTS, 512, 0x900, 12),
        (COUNTS, 513, 0x900, 12),  # from here on two share one
        (COUNTS, 514, 0x901, 12),
        (COUNTS, 65_535, 0xFFF, 12),
        (COUNTS, 65_536, 0xFFF, 12),
        (MONEY, 31, 0, 10),
        (MONEY, 32, 0, 10),
        (MONEY, 33, 0x008, 10),
        (MONEY, 63, 0x0F8, 10),
        (MONEY, 64, 0x100, 11),
        (MONEY, 4_990, 0x737, 13),
        (MONEY, 137_170_518_015, 0x1FFE, 13),
        (MONEY, 137_438_953_471, 0x1FFF, 13),
        (MONEY, 137_438_953_472, 0x1FFF, 13),
    ],
)
def test_a_number_is_coded_by_its_order_of_magnitude_and_eight_bits(
    scale: Octaves, value: int, code: int, depth: int
) -> None:
    assert (scale.code(value), scale.depth(code)) == (code, depth)


@pytest.mark.parametrize(
    ("scale", "code", "low"),
    [
        (COUNTS, 0x100, 2),
        (COUNTS, 0x101, 3),  # no number has it
        (COUNTS, 0x180, 3),
        (COUNTS, 0x8FF, 511),
        (COUNTS, 0x901, 514),
        (COUNTS, 0xFFF, 65_408),
        (MONEY, 0x001, 33),
        (MONEY, 0x008, 33),
        (MONEY, 0x009, 34),
        (MONEY, 0x737, 4_976),
        (MONEY, 0x1FFF, 137_170_518_016),
    ],
)
def test_a_code_of_a_number_begins_with_the_least_that_is_not_below_it(
    scale: Octaves, code: int, low: int
) -> None:
    assert scale.low(code) == low


def test_codes_are_as_long_as_their_scale_says() -> None:
    assert [one.bits for one in (COUNTS, MONEY, HOURS, DAYS, DOUBLES)] == [12, 13, 19, 16, 14]


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        ("1989-12-31T23:59:59.999999", 0),
        ("1990-01-01T00:59:59.999999", 0),
        ("1990-01-01T01:00:00.000000", 1),
        ("2024-03-01T12:30:00.000000", 299_484),
        ("2049-10-22T06:00:00.000000", 524_262),
        ("2049-10-23T06:59:59.999999", 524_286),
        ("2049-10-23T07:00:00.000000", 524_287),
        ("2049-10-23T08:00:00.000000", 524_287),
    ],
)
def test_a_time_is_coded_by_its_hour(moment: str, code: int) -> None:
    value = micros(datetime.fromisoformat(moment).replace(tzinfo=UTC))
    assert (HOURS.code(value), HOURS.depth(code)) == (code, 19)
    if 0 < code < 524_287:
        assert HOURS.low(code) <= value < HOURS.low(code + 1)


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("1899-12-31", 0),
        ("1900-01-01", 0),
        ("1900-01-02", 1),
        ("1990-01-02", 32_873),
        ("2079-06-05", 65_534),
        ("2079-06-06", 65_535),
        ("2079-06-07", 65_535),
    ],
)
def test_a_day_has_a_code_of_its_own(day: str, code: int) -> None:
    value = day_number(day)
    assert value is not None
    assert (DAYS.code(value), DAYS.depth(code)) == (code, 16)
    if 0 < code < 65_535:
        assert DAYS.low(code) == value


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (-1e16, 0),
        (-(2.0**50), 0),
        (-(2.0**49), 127),
        (-3, 6_207),
        (-1, 6_399),
        (-0.5, 6_527),
        (-(2.0**-15), 8_191),
        (-0.0, 8_192),
        (0, 8_192),
        (2.0**-14, 8_192),
        (2.0**-14 * 1.01, 8_193),
        (0.5, 9_856),
        (1, 9_984),
        (1.5, 10_048),
        (3, 10_176),
        (256, 11_008),
        (257, 11_008),
        (2.0**49, 16_256),
        (2.0**50 - 2.0**42, 16_383),
        (2.0**50, 16_383),
        (1e16, 16_383),
    ],
)
def test_a_number_of_either_sign_is_coded_by_its_magnitude(number: float, code: int) -> None:
    assert (DOUBLES.code(place_of(number)), DOUBLES.depth(code)) == (code, 14)


@pytest.mark.parametrize(
    ("number", "place"),
    [
        (0, 0),
        (-0.0, 0),
        (5e-324, 1),
        (-5e-324, -1),
        (1, 1023 << 52),
        (-1, -(1023 << 52)),
        (1.5, (1023 << 52) + (1 << 51)),
    ],
)
def test_a_place_is_how_many_doubles_lie_between_a_number_and_nought(
    number: float, place: int
) -> None:
    assert place_of(number) == place


@pytest.mark.parametrize(
    ("code", "first"), [(9_984, 1.0), (9_985, 1 + 1 / 128), (8_193, 2.0**-14 * (1 + 1 / 128))]
)
def test_a_code_of_a_number_begins_where_it_is_said_to(code: int, first: float) -> None:
    assert DOUBLES.low(code) == place_of(first)
    # Of its mirror image it is the last: the next code begins behind it.
    assert DOUBLES.low(16_384 - code) == 1 - place_of(first)


def test_nought_is_the_first_of_its_code() -> None:
    assert DOUBLES.low(8_192) == 0
