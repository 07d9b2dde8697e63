"""Read the host's documents: an order or a user as CRM-Lite understands it, or the reason why not.

Pure, and total: a document gives a value or `InvalidDocument`, whatever it holds. What is wrong
with the order itself (whose, when, how much) sends it to quarantine; what is wrong with an item
makes that item odd, and the order counts all the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from crm.config.settings import ItemFields, Settings
from crm.config.sources import Source
from crm.core import email as addresses
from crm.core import money
from crm.core.errors import InvalidDocument
from crm.core.ids import is_event_id, is_key
from crm.host import redaction
from crm.host.order import OddItem, OddReason, Order, PartialOrder, Tickets, User

MAX_NAME: Final = 200  # characters of a person's or an event's name that are kept

MAX_UID: Final = 128  # characters of a Firebase Auth uid

MAX_EVENTS_OF_ORDER: Final = 1_000  # distinct events of one order

MAX_QUANTITY: Final = 10_000  # tickets in one item

MAX_ODD_ITEMS: Final = 20  # odd items that are kept by name; all are counted

# A cart that becomes an order months later is real, a year is not: beyond it the time is a slip
# (milliseconds read as seconds, a typed year). Measured from the document's create time, so that
# the same document reads the same on every day.
MAX_AHEAD: Final = timedelta(days=366)

# What programs write where they have no uid; each would join strangers in one customer
# (Segment blocks the same words: https://segment.com/docs/unify/identity-resolution/).
NOBODY: Final = frozenset({"0", "-1", "null", "undefined", "anonymous", "none", "nil", "nan"})

FORGED: Final = InvalidDocument(
    "email-invalid", f"write the buyer's address: nobody has one at {redaction.DOMAIN}"
)
"""Of an address that only an erasure writes, where none has written it."""

_BREAKS: Final = re.compile("[\t-\r\x1c-\x1f\x85\u2028\u2029]+")

# Controls, direction marks, zero-width spaces, and surrogates that no UTF-8 can hold.
_UNSEEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def read_order(data: Mapping[str, object], created: datetime, settings: Settings) -> Order:
    """Read an order.

    Args:
        data: The document's fields.
        created: The document's create time, timezone-aware; stands in for an absent `createdAt`.
        settings: The mapping.

    Raises:
        InvalidDocument: With a `QuarantineReason`; `docs/mapping.md` lists them.
    """
    data = _document(data)
    fields, unit = settings.orders.fields, settings.amounts
    user_id = _user_id(_value(fields.user_id, data))
    email = _email(_value(fields.email, data), optional=user_id is not None)
    status, counted = _status(_value(fields.status, data), settings)
    currency = money.currency_code(_value(fields.currency, data))
    digits = settings.minor_digits.get(currency)
    total = money.minor_units(_value(fields.total, data), currency, unit, digits)
    refunded = money.refunded_units(_value(fields.refunded, data), total, currency, unit, digits)
    events, odd = _items(data, settings)
    erasure = redaction.erasure_of(email)
    return Order(
        email=email if erasure is None else None,
        user_id=user_id,
        name=_text(_value(fields.name, data)),
        status=status,
        counted=counted,
        currency=currency,
        total=total,
        refunded=refunded,
        created_at=_created_at(_value(fields.created_at, data), created, settings),
        opted_in=_value(fields.marketing_opt_in, data) is True,
        events=events,
        odd_items=tuple(odd[:MAX_ODD_ITEMS]),
        odd_count=len(odd),
        erasure=erasure,
    )


def read_named(data: Mapping[str, object], created: datetime, settings: Settings) -> PartialOrder:
    """Read whose an order is and from when, whatever else is wrong with it.

    Args:
        data: The document's fields.
        created: The document's create time, timezone-aware.
        settings: The mapping.
    """
    email = user_id = None
    created_at = _plain(created)
    if isinstance(data, Mapping):
        fields = settings.orders.fields
        with suppress(InvalidDocument):
            email = _email(_value(fields.email, data), optional=True)
        with suppress(InvalidDocument):
            user_id = _user_id(_value(fields.user_id, data))
        with suppress(InvalidDocument):
            created_at = _created_at(_value(fields.created_at, data), created, settings)
    erasure = redaction.erasure_of(email)
    return PartialOrder(email if erasure is None else None, user_id, created_at, erasure)


def read_contact(data: Mapping[str, object], settings: Settings) -> tuple[str | None, str | None]:
    """Read the buyer's name and telephone number of an order, whatever else is wrong with it."""
    fields = settings.orders.fields
    if not isinstance(data, Mapping):
        return None, None
    name, phone = (_value(field, data) for field in (fields.name, fields.phone))
    return _text(name), str(phone) if isinstance(phone, str | int) else None


def read_user(data: Mapping[str, object], settings: Settings) -> User:
    """Read a user; one whose address is malformed is known without it.

    Args:
        data: The document's fields.
        settings: The mapping.

    Raises:
        InvalidDocument: `document-invalid`, where `data` is no map.
    """
    data = _document(data)
    fields = settings.users.fields
    name = _text(_value(fields.name, data))
    try:
        email = _email(_value(fields.email, data), optional=True)
        if redaction.erasure_of(email) is not None:
            raise FORGED
        return User(email=email, name=name)
    except InvalidDocument as error:
        return User(email=None, name=name, unreadable=error.reason)


def _document(data: object) -> Mapping[str, object]:
    if isinstance(data, Mapping):
        return data
    raise InvalidDocument("document-invalid", "write the document as a map of fields")


def _value(
    sources: tuple[Source, ...],
    data: Mapping[str, object],
    order: Mapping[str, object] | None = None,
) -> object:
    """Return the first value that is there and neither null nor a blank, else the blank or None."""
    blank = None
    for source in sources:
        value = _one(source, order if source.from_order and order is not None else data)
        if isinstance(value, str) and not value.strip():
            blank = value
        elif value is not None:
            return value
    return blank


def _one(source: Source, data: Mapping[str, object]) -> object:
    if not source.path:
        return source.const
    value: object = data
    for key in source.path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    if source.nonempty:
        return bool(value) if isinstance(value, list | Mapping) else None
    if source.equals is not None:
        # The types too, because to Python 1 is True.
        same = type(value) is type(source.equals) and value == source.equals
        return source.const if same else None
    return value


def _email(value: object, *, optional: bool) -> str | None:
    try:
        address = addresses.canonical(value)
    except InvalidDocument as error:
        if optional and error.reason == "email-missing":
            return None
        raise
    if redaction.is_nobodys(address) and redaction.erasure_of(address) is None:
        raise FORGED
    return address


def _user_id(value: object) -> str | None:
    """Return the uid, or None for a guest: nothing, a blank or a word for nobody."""
    if value is None:
        return None
    if isinstance(value, str):
        if not value.strip() or value.strip().casefold() in NOBODY:
            return None
        # What can be a uid and the id of a `users` document: a slash would name another path.
        if len(value) <= MAX_UID and "/" not in value and is_key(value) and value.strip("."):
            return value
    raise InvalidDocument(
        "user-invalid",
        "write the Firebase Auth uid as a string of at most 128 characters, null for a guest",
    )


def _status(value: object, settings: Settings) -> tuple[str, bool]:
    words = settings.orders.status
    if value is None or (isinstance(value, str) and not value.strip()):
        raise InvalidDocument("status-missing", "give the order a status")
    if isinstance(value, str):
        if value in words.counted:
            return value, True
        if value in words.not_counted:
            return value, False
    raise InvalidDocument(
        "status-unknown", "use a status that crm.toml lists, or list this one under [orders.status]"
    )


def _created_at(value: object, created: datetime, settings: Settings) -> datetime:
    stored = _plain(created)
    if value is None:
        return stored
    at = _instant(value, settings.times)
    if at is not None and at.year >= 1970 and at - stored <= MAX_AHEAD:
        return at
    raise InvalidDocument(
        "time-invalid",
        "write createdAt as a timestamp from 1970 on and not in the far future, or name the way"
        " it is written in crm.toml (times)",
    )


def _instant(value: object, times: Literal["timestamp", "iso", "unix"]) -> datetime | None:
    """Return the UTC time that `value` writes; None where it writes none or no time zone."""
    try:
        if isinstance(value, datetime):
            at = value
        elif times == "iso" and isinstance(value, str):
            at = datetime.fromisoformat(value)
        elif times == "unix" and isinstance(value, int | float) and not isinstance(value, bool):
            at = datetime.fromtimestamp(value, UTC)
        else:
            return None
        return None if at.utcoffset() is None else _plain(at)
    except (ValueError, OverflowError, OSError):  # out of range for a datetime or the platform
        return None


def _plain(at: datetime) -> datetime:
    """Return a `datetime` of the standard class in UTC (Firestore answers one of its own)."""
    at = at.astimezone(UTC)
    return datetime.combine(at.date(), at.time(), UTC)


def _text(value: object) -> str | None:
    """Return a name as one clean line of at most `MAX_NAME` characters in NFC."""
    if not isinstance(value, str):
        return None
    line = _UNSEEN.sub("", _BREAKS.sub(" ", value[: 10 * MAX_NAME]))
    return unicodedata.normalize("NFC", line).strip()[:MAX_NAME].rstrip() or None


@dataclass(slots=True)
class _Tally:
    """The tickets of one event while the items are being read."""

    name: str | None = None
    starts_at: datetime | None = None
    tickets: int = 0
    checked_in: int = 0
    unrecorded: int = 0


def _items(
    data: Mapping[str, object], settings: Settings
) -> tuple[dict[str, Tickets], list[OddItem]]:
    items = _value(settings.orders.fields.items, data)
    if items is None:
        return {}, []
    if not isinstance(items, list):
        return {}, [OddItem(0, "items-invalid")]
    tallies: dict[str, _Tally] = {}
    odd: list[OddItem] = []
    for index, item in enumerate(items):
        reason = _add_item(tallies, item, data, settings)
        if reason is not None:
            odd.append(OddItem(index, reason))
    events = {
        event_id: Tickets(one.name, one.starts_at, one.tickets, one.checked_in, one.unrecorded)
        for event_id, one in tallies.items()
    }
    return events, odd


def _add_item(
    tallies: dict[str, _Tally], item: object, order: Mapping[str, object], settings: Settings
) -> OddReason | None:
    """Add an item's tickets to its event; return what is odd about it."""
    fields = settings.orders.items
    if not isinstance(item, Mapping):
        return "item-invalid"
    if _value(fields.cancelled, item, order) is True:
        return None
    event_id = _value(fields.event_id, item, order)
    if event_id is None or (isinstance(event_id, str) and not event_id.strip()):
        return "event-missing"
    if not isinstance(event_id, str) or not is_event_id(event_id):
        return "event-invalid"
    quantity = _whole(_value(fields.quantity, item, order), absent=1)
    if quantity is None or not 1 <= quantity <= MAX_QUANTITY:
        return "quantity-invalid"
    if event_id not in tallies and len(tallies) == MAX_EVENTS_OF_ORDER:
        return "too-many-events"
    tally = tallies.setdefault(event_id, _Tally())
    # The last item that says something wins.
    tally.name = _text(_value(fields.event_name, item, order)) or tally.name
    starts_at = _instant(_value(fields.event_starts_at, item, order), settings.times)
    tally.starts_at = starts_at or tally.starts_at
    tally.tickets += quantity
    return _check_in(tally, quantity, item, order, fields)


def _check_in(
    tally: _Tally,
    quantity: int,
    item: Mapping[str, object],
    order: Mapping[str, object],
    fields: ItemFields,
) -> OddReason | None:
    value = _value(fields.checked_in, item, order)
    if isinstance(value, bool):
        tally.checked_in += quantity if value else 0
        return None
    count = _whole(value, absent=None)
    if count is None or count < 0:
        tally.unrecorded += quantity
        return None if value is None else "check-in-invalid"
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
