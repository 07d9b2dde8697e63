"""Scales: integers as codes of few bits that keep their order, for facets of ranges. Pure.

Never change what a code means: facets are made of them (`facets`).
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

CEILING: Final = 2**63
"""Above every number and time (microseconds since 1970)."""

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_HOUR: Final = 3_600_000_000
"""Microseconds."""


class Scale(Protocol):
    """An order-preserving code of `bits` bits."""

    @property
    def bits(self) -> int:
        """The length of a code."""

    @property
    def floor(self) -> int:
        """The least value there can be."""

    def code(self, value: int) -> int:
        """Return a value's code; values at the ends of the scale share one."""

    def low(self, code: int) -> int:
        """Return the least value with this code or a higher one; not for the code 0."""

    def depth(self, code: int) -> int:
        """Say from which length on no longer prefix of a code says more."""


@dataclass(frozen=True)
class Octaves:
    """Positive integers by their order of magnitude and the 8 bits behind their leading one.

    Attributes:
        octave_bits: How many bits say which octave.
        base: Bits of a value of the first octave; lower values have the code 0.
    """

    octave_bits: int
    base: int

    floor = 1

    @property
    def bits(self) -> int:
        """The length of a code."""
        return self.octave_bits + 8

    def code(self, value: int) -> int:
        """Return a value's code."""
        first, last = self.base, self.base + (1 << self.octave_bits) - 1
        value = min(max(value, 1 << (first - 1)), (1 << last) - 1)
        size = value.bit_length()
        return (size - first) << 8 | ((value << 8 >> (size - 1)) & 255)

    def low(self, code: int) -> int:
        """Return the least value with this code or a higher one."""
        octave, mantissa = divmod(code, 256)
        return -(-((256 + mantissa) << (octave + self.base - 1)) >> 8)

    def depth(self, code: int) -> int:
        """Return where a code ends: a value of few bits is told apart by few."""
        return self.octave_bits + min(8, (code >> 8) + self.base - 1)


@dataclass(frozen=True)
class Hours:
    """Times by the hour (UTC), in microseconds since 1970.

    Attributes:
        bits: The length of a code.
        start: The first hour; earlier times have the code 0.
    """

    bits: int
    start: int

    floor = -CEILING

    def code(self, value: int) -> int:
        """Return a time's code."""
        return min(max(value // _HOUR - self.start, 0), (1 << self.bits) - 1)

    def low(self, code: int) -> int:
        """Return the first moment with this code or a higher one."""
        return (code + self.start) * _HOUR

    def depth(self, _code: int) -> int:
        """Return where a code ends."""
        return self.bits


@dataclass(frozen=True)
class Days:
    """Days, by their number in the calendar (`date.toordinal`).

    Attributes:
        bits: The length of a code.
        start: The first day; earlier ones have the code 0.
    """

    bits: int
    start: int

    floor = -CEILING

    def code(self, value: int) -> int:
        """Return a day's code."""
        return min(max(value - self.start, 0), (1 << self.bits) - 1)

    def low(self, code: int) -> int:
        """Return the first day with this code or a higher one."""
        return code + self.start

    def depth(self, _code: int) -> int:
        """Return where a code ends."""
        return self.bits


@dataclass(frozen=True)
class Doubles:
    """Numbers of either sign, by their place among all doubles (`place_of`).

    A code is the sign, six bits of the order of magnitude and the seven bits behind the leading
    one: whole numbers up to 256 begin a code of their own. What is nearer to 0 than 2**-14 shares
    the codes next to 0, what is further than 2**50 those at the ends.
    """

    bits = 14

    floor = -CEILING

    def code(self, value: int) -> int:
        """Return a number's code."""
        size = min(max((abs(value) >> _SHIFT) - _LEAST, 0), _SIZES - 1)
        return _SIZES + size if value >= 0 else _SIZES - 1 - size

    def low(self, code: int) -> int:
        """Return the first number with this code or a higher one."""
        if code == _SIZES:
            return 0
        if code > _SIZES:
            return (code - _SIZES + _LEAST) << _SHIFT
        return 1 - ((_SIZES - code + _LEAST) << _SHIFT)

    def depth(self, _code: int) -> int:
        """Return where a code ends."""
        return self.bits


_SHIFT: Final = 52 - 7
"""Bits of a double's mantissa (IEEE 754, binary64) that a code leaves out."""

_LEAST: Final = (1023 - 14) << 7
"""Exponent, with its bias, and mantissa of 2**-14."""

_SIZES: Final = 1 << 13

_SIGN: Final = 1 << 63


def place_of(number: float) -> int:
    """Return the place of a number among all doubles: two places differ as their numbers do.

    The bits of a double are in the order of the doubles themselves, sign aside (IEEE 754).

    Args:
        number: Finite; a whole one below 2**53, which a double holds exactly.
    """
    bits: int = struct.unpack(">Q", struct.pack(">d", number))[0]
    return _SIGN - bits if bits >= _SIGN else bits


def day_number(text: str) -> int | None:
    """Return the number of a day in the calendar; None for a text that is none (`2026-11-29`)."""
    if not _DAY.fullmatch(text):  # ISO 8601 has other forms
        return None
    try:
        return date.fromisoformat(text).toordinal()
    except ValueError:
        return None
