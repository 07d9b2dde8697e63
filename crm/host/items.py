"""Read the items of an order: tickets by event, and what is odd about an item.

Pure, and total: an item counts, is odd, or both, and the order counts all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crm.config.orders import ItemFields
from crm.config.settings import Settings
from crm.core.ids import is_event_id
from crm.host.order import OddItem, OddReason, Tickets
from crm.host.text import one_line
from crm.host.times import instant, is_a_time
from crm.host.values import Keyed, reference, value_of

MAX_EVENTS_OF_ORDER: Final = 1_000  # distinct events of one order

MAX_QUANTITY: Final = 10_000  # tickets in one item


@dataclass(slots=True)
class _Tally:
    """The tickets of one event while the items are being read."""

    name: str | None = None
    starts_at: datetime | None = None
    tickets: int = 0
    checked_in: int = 0
    unrecorded: int = 0


@dataclass(slots=True)
class _Item:
    """One item, and where it stands."""

    data: object
    order: Mapping[str, object]
    key: str | None


def read_items(
    data: Mapping[str, object], settings: Settings
) -> tuple[dict[str, Tickets], list[OddItem]]:
    """Return an order's tickets by event, and what is odd about its items."""
    items = value_of(settings.orders.fields.items, data)
    if items is None:
        return {}, []
    if not isinstance(items, list):
        return {}, [OddItem(0, "items-invalid")]
    # An item that is no map can be read where the mapping says what it is itself.
    itself = any(
        source.item for source in (*settings.orders.items.event_id, *settings.orders.items.quantity)
    )
    tallies: dict[str, _Tally] = {}
    odd: list[OddItem] = []
    for index, one in enumerate(items):
        keyed = isinstance(one, Keyed)
        item = _Item(one.item, data, one.key) if keyed else _Item(one, data, None)
        if isinstance(item.data, Mapping) or (itself and item.data is not None):
            reason = _add_item(tallies, item, settings)
        else:
            reason = "item-invalid"
        if reason is not None:
            odd.append(OddItem(index, reason))
    events = {
        event_id: Tickets(one.name, one.starts_at, one.tickets, one.checked_in, one.unrecorded)
        for event_id, one in tallies.items()
    }
    return events, odd


def _add_item(tallies: dict[str, _Tally], item: _Item, settings: Settings) -> OddReason | None:
    """Add an item's tickets to its event; return what is odd about it."""
    fields, data, order, key = settings.orders.items, item.data, item.order, item.key
    if value_of(fields.cancelled, data, order, key) is True:
        return None
    named = value_of(fields.event_id, data, order, key)
    if named is None or (isinstance(named, str) and not named.strip()):
        return "event-missing"
    event_id = _event_id(named)
    if event_id is None:
        return "event-invalid"
    quantity = _whole(value_of(fields.quantity, data, order, key), absent=1)
    if quantity is None or not 1 <= quantity <= MAX_QUANTITY:
        return "quantity-invalid"
    if event_id not in tallies and len(tallies) == MAX_EVENTS_OF_ORDER:
        return "too-many-events"
    tally = tallies.setdefault(event_id, _Tally())
    # The last item that says something wins.
    tally.name = one_line(value_of(fields.event_name, data, order, key)) or tally.name
    starts_at = value_of(fields.event_starts_at, data, order, key)
    tally.starts_at = instant(starts_at, settings.times, settings.times_zone) or tally.starts_at
    tally.tickets += quantity
    return _check_in(tally, quantity, item, fields)


def _event_id(named: object) -> str | None:
    """Return an event's id: a text, a whole number, or what a document reference refers to."""
    if isinstance(named, int | float):
        number = _whole(named, absent=None)
        return None if number is None else str(number)
    if not isinstance(named, str):
        referred = reference(named)
        named = None if referred is None else referred[1]
    return named if isinstance(named, str) and is_event_id(named) else None


def _check_in(tally: _Tally, quantity: int, item: _Item, fields: ItemFields) -> OddReason | None:
    value = value_of(fields.checked_in, item.data, item.order, item.key)
    if isinstance(value, bool):
        tally.checked_in += quantity if value else 0
        return None
    if value is not None and is_a_time(value):
        tally.checked_in += quantity
        return None
    count = _whole(value, absent=None)
    if count is None or count < 0:
        tally.unrecorded += quantity
        blank = value is None or (isinstance(value, str) and not value.strip())
        return None if blank else "check-in-invalid"
    tally.checked_in += min(count, quantity)
    return None if count <= quantity else "check-in-above-quantity"


def _whole(value: object, *, absent: int | None) -> int | None:
    """Return a whole number, written as an integer or as a float; None for all else."""
    if value is None:
        return absent
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else None
