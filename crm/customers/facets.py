"""Facets: what Firestore's automatic indexes know of a customer, for segments to be found by.

Pure, and written in the same commit as the fields that they are derived from. A facet is a key of
the map `facets` with the value true; a query is a set of equalities on such keys, in the order of
ids, which automatic indexes serve by merging: no composite index, whatever is asked.

A number or a time is coded so that its order is kept, and each prefix of the code (from the fourth
bit on) is a facet: a range is a few prefixes. The first four bits, a block, are facets in both
directions too ("this block or above", "below this block"), so that what is open at one end is few.

Never change what a key means: a new scheme gets new prefixes and a rebuild.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Protocol

BLOCK_BITS: Final = 4

BLOCKS: Final = 1 << BLOCK_BITS

COMMON_CURRENCIES: Final = ("AUD", "CAD", "CHF", "CNY", "EUR", "GBP", "HKD", "JPY", "SGD", "USD")
"""Whoever spent nothing in one of these has a facet that says so.

The ten most traded (BIS Triennial Survey, April 2022). A fixed list, because a customer cannot
have a facet for each of the 170 currencies that it has no order in.
"""

STATUSES: Final = ("subscribed", "unsubscribed", "none")

MAX_ID_BYTES: Final = 64
"""A longer event id is a hash in its facet, so that 2,500 events stay within a document."""

CEILING: Final = 2**63
"""Above every number and time (microseconds since 1970)."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_MICROSECOND: Final = timedelta(microseconds=1)

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
class FacetField:
    """A number or a time of a customer.

    Attributes:
        prefix: How its facets begin.
        scale: Its code.
        sure: Whether a customer without a value always has the facet `nothing`.
    """

    prefix: str
    scale: Scale
    sure: bool = True

    @property
    def nothing(self) -> str:
        """The facet of a customer without a value: never ordered, or nothing spent."""
        return f"{self.prefix}0"

    def node(self, length: int, code: int) -> str:
        """The facet of all codes that begin with these bits."""
        return _node(self.prefix, length, code)

    def above(self, block: int) -> str:
        """The facet of this block and all above; of any value at all where it is the block 0."""
        return f"{self.prefix}>{block}"

    def below(self, block: int) -> str:
        """The facet of all blocks below this one."""
        return f"{self.prefix}<{block}"

    def of(self, value: int | None) -> list[str]:
        """Return the facets of a value; None is nothing, and so is spending or ordering 0."""
        scale, prefix = self.scale, self.prefix
        if value is None or value < scale.floor:
            return [self.nothing]
        code, bits = scale.code(value), scale.bits
        lengths = range(BLOCK_BITS, scale.depth(code) + 1)
        return [
            *_open_ended(prefix, code >> (bits - BLOCK_BITS)),
            *[_node(prefix, length, code >> (bits - length)) for length in lengths],
        ]


def _node(prefix: str, length: int, code: int) -> str:
    return f"{prefix}{length}:{code}"


@functools.cache
def _open_ended(prefix: str, block: int) -> tuple[str, ...]:
    above = (f"{prefix}>{reached}" for reached in range(block + 1))
    below = (f"{prefix}<{beyond}" for beyond in range(block + 1, BLOCKS))
    return (*above, *below)


_SPEND: Final = Octaves(octave_bits=5, base=6)  # told apart from 32 to 137,438,953,471 minor units

_TIMES: Final = Hours(bits=19, start=175_320)  # from 1990-01-01 for 59 years

ORDER_COUNT: Final = FacetField(
    "n:", Octaves(octave_bits=4, base=1)
)  # exact to 511, coded to 65,535

FIRST_ORDER: Final = FacetField("f:", _TIMES)

LAST_ORDER: Final = FacetField("l:", _TIMES)


@functools.cache
def spend(currency: str) -> FacetField:
    """Return the field of what was spent in a currency, in minor units."""
    return FacetField(f"s:{currency}:", _SPEND, sure=currency in COMMON_CURRENCIES)


def micros(moment: datetime) -> int:
    """Return a time as microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def tag(tag_id: str) -> str:
    """Return the facet of who has a tag."""
    return f"t:{tag_id}"


def attended(event_id: str) -> str:
    """Return the facet of who was at an event."""
    return f"a{_named(event_id)}"


def has_ticket(event_id: str) -> str:
    """Return the facet of who holds a ticket of an event."""
    return f"h{_named(event_id)}"


def checked_in(event_id: str) -> str:
    """Return the facet of who was recorded as having come to an event."""
    return f"c{_named(event_id)}"


def no_show(event_id: str) -> str:
    """Return the facet of who was expected at an event and recorded as not having come."""
    return f"x{_named(event_id)}"


def first_event(event_id: str) -> str:
    """Return the facet of whom an event is the first for: no ticket of one that begins earlier."""
    return f"b{_named(event_id)}"


def tagged(value: bool) -> str:
    """Return the facet of who has any tag, or who has none."""
    return "g:1" if value else "g:0"


def ordered_on(day: date) -> str:
    """Return the facet of who has a counted order of a day of the organiser's."""
    return f"o:{day.isoformat()}"


def ordered_in_week(day: date) -> str:
    """Return the facet of who has a counted order of a day's week (ISO 8601)."""
    year, week, _ = day.isocalendar()
    return f"o:{year:04d}-W{week:02d}"


def ordered_in_month(day: date) -> str:
    """Return the facet of who has a counted order of a day's month."""
    return f"o:{day.isoformat()[:7]}"


def email_domain(domain: str) -> str:
    """Return the facet of who has an address of a domain."""
    return f"d:{domain}"


def marketing(status: str) -> str:
    """Return the facet of a marketing status."""
    return f"m:{status}"


def registered(value: bool) -> str:
    """Return the facet of who has a live user, or who has none."""
    return "r:1" if value else "r:0"


def came(data: Mapping[str, Any]) -> list[str]:
    """Return the events at which one of a customer's tickets was recorded as used."""
    return [event_id for event_id, one in data["events"].items() if one["checkedIn"]]


def missed(data: Mapping[str, Any]) -> list[str]:
    """Return the events at which none of a customer's tickets was used, though that was recorded.

    Nobody has missed an event that is to come (see `attended`), as of the document's writing.
    """
    return [
        event_id
        for event_id, one in data["events"].items()
        if one["checkedIn"] == 0
        and (one["startsAt"] is None or one["startsAt"] <= data["updatedAt"])
    ]


def first_events(data: Mapping[str, Any]) -> list[str]:
    """Return the event of a customer that begins first; several that begin together."""
    starts = {key: one["startsAt"] for key, one in data["events"].items() if one["startsAt"]}
    first = min(starts.values(), default=None)
    return [event_id for event_id, start in starts.items() if start == first]


@functools.lru_cache(20_000)  # the days of 50 years, which most customers share
def _of_day(text: str) -> tuple[str, ...]:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return ()  # written by a hand; `verify` names it
    return ordered_on(day), ordered_in_week(day), ordered_in_month(day)


def _named(event_id: str) -> str:
    encoded = event_id.encode()
    if len(encoded) <= MAX_ID_BYTES:
        return f":{event_id}"
    return f"#{hashlib.sha256(encoded).hexdigest()[:32]}"


def facets(data: Mapping[str, Any]) -> dict[str, bool]:
    """Return a customer's facets.

    Args:
        data: The public fields of `customers/{customerId}`, as they were at its `updatedAt`, and
            its `parts`, where there are any.
    """
    return dict.fromkeys(_facets(data), True)


def _facets(data: Mapping[str, Any]) -> Iterator[str]:
    yield registered(data["registered"])
    yield marketing(data["marketing"]["status"])
    yield tagged(bool(data["tags"]))
    yield from map(tag, data["tags"])
    yield from map(has_ticket, data["eventIds"])
    yield from map(attended, data["attendedEventIds"])
    yield from map(checked_in, came(data))
    yield from map(no_show, missed(data))
    yield from map(first_event, first_events(data))
    for part in data.get("parts", {}).values():
        for day in part["days"]:
            yield from _of_day(day)
    for address in data["emails"]:
        yield email_domain(address.rpartition("@")[2])
    yield from ORDER_COUNT.of(data["orderCount"])
    for field, moment in (
        (FIRST_ORDER, data["firstOrderAt"]),
        (LAST_ORDER, data["lastOrderAt"]),
    ):
        yield from field.of(None if moment is None else micros(moment))
    spent = data["totalSpend"]
    for currency in {**dict.fromkeys(COMMON_CURRENCIES), **spent}:
        yield from spend(currency).of(spent.get(currency))
