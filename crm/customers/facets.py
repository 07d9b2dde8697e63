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

import base64
import functools
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from crm.config.fields import FieldValue
from crm.customers.scales import Days, Doubles, Hours, Octaves, Scale, day_number, place_of

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

_LONGEST: Final = 16
"""Characters of the name of an own field in its facets."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_MICROSECOND: Final = timedelta(microseconds=1)


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

_NUMBERS: Final = Doubles()

_DAYS: Final = Days(bits=16, start=date(1900, 1, 1).toordinal())  # to 2079-06-05

ORDER_COUNT: Final = FacetField(
    "n:", Octaves(octave_bits=4, base=1)
)  # exact to 511, coded to 65,535

FIRST_ORDER: Final = FacetField("f:", _TIMES)

LAST_ORDER: Final = FacetField("l:", _TIMES)


@functools.cache
def spend(currency: str) -> FacetField:
    """Return the field of what was spent in a currency, in minor units."""
    return FacetField(f"s:{currency}:", _SPEND, sure=currency in COMMON_CURRENCIES)


@functools.cache
def field_number(name: str) -> FacetField:
    """Return the field of an own field's numbers, by their places (`scales.place_of`)."""
    return FacetField(f"v:{_short(name)}#", _NUMBERS, sure=False)


@functools.cache
def field_day(name: str) -> FacetField:
    """Return the field of an own field's days, by their numbers (`scales.day_number`)."""
    return FacetField(f"v:{_short(name)}@", _DAYS, sure=False)


def field_known(name: str) -> str:
    """Return the facet of who has any value of an own field."""
    return f"v:{_short(name)}"


def field_value(name: str, value: FieldValue) -> str:
    """Return the facet of who has this value of an own field.

    A hash of 80 bits, for a value can be long; the same whether a number is whole or has a point.
    """
    if isinstance(value, str):
        text = f"t{value}"
    else:
        text = f"b{value}" if isinstance(value, bool) else f"n{place_of(value)}"
    return f"v:{_short(name)}={_hashed(text)}"


@functools.cache
def _short(name: str) -> str:
    """Return a field's name as facets have it: 30 fields of long names stay within a document."""
    return name if len(name) <= _LONGEST else f"~{_hashed(name)[1:]}"


def _hashed(text: str) -> str:
    return base64.b32encode(hashlib.sha256(text.encode()).digest()[:10]).decode().lower()


def field_facets(name: str, value: FieldValue) -> Iterator[str]:
    """Yield the facets of an own field's value.

    By the value alone: what `crm.toml` declares the field to be may change, and no customer would
    be written for that.
    """
    yield field_known(name)
    yield field_value(name, value)
    if isinstance(value, str):
        day = day_number(value)
        if day is not None:
            yield from field_day(name).of(day)
    elif not isinstance(value, bool):
        yield from field_number(name).of(place_of(value))


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


def first_ordered_in(day: date) -> str:
    """Return the facet of whose first counted order was in a day's month."""
    return f"e:{day.isoformat()[:7]}"


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


def _of_first_day(text: str) -> tuple[str, ...]:
    try:
        return (first_ordered_in(date.fromisoformat(text)),)
    except ValueError:
        return ()  # as above


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
    days = {day for part in data.get("parts", {}).values() for day in part["days"]}
    for day in days:
        yield from _of_day(day)
    if days:
        yield from _of_first_day(min(days))
    for address in data["emails"]:
        yield email_domain(address.rpartition("@")[2])
    for name, value in data.get("fields", {}).items():
        yield from field_facets(name, value)
    yield from ORDER_COUNT.of(data["orderCount"])
    for field, moment in (
        (FIRST_ORDER, data["firstOrderAt"]),
        (LAST_ORDER, data["lastOrderAt"]),
    ):
        yield from field.of(None if moment is None else micros(moment))
    spent = data["totalSpend"]
    for currency in {**dict.fromkeys(COMMON_CURRENCIES), **spent}:
        yield from spend(currency).of(spent.get(currency))
