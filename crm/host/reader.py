"""Read the host's documents: an order or a user as CRM-Lite understands it, or the reason why not.

Pure, and total: a document gives a value or `InvalidDocument`, whatever it holds. What is wrong
with the order itself (whose, when, how much) sends it to quarantine; what is wrong with an item
makes that item odd, and the order counts all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from crm.config.settings import Settings
from crm.config.sources import Source
from crm.core import email as addresses
from crm.core import money
from crm.core.errors import InvalidDocument
from crm.host import redaction
from crm.host.fields import read_fields
from crm.host.items import read_items
from crm.host.order import Order, PartialOrder, User
from crm.host.text import one_line
from crm.host.times import instant, utc
from crm.host.values import Parts, can_be_uid, reference, value_of

MAX_ODD_ITEMS: Final = 20  # odd items that are kept by name; all are counted

# A cart that becomes an order months later is real, a year is not: beyond it the time is a slip
# (milliseconds read as seconds, a typed year). Measured from the document's create time, so that
# the same document reads the same on every day.
MAX_AHEAD: Final = timedelta(days=366)

# What programs write where they have no uid; each would join strangers in one customer
# (Segment blocks the same words: https://segment.com/docs/unify/identity-resolution/).
NOBODY: Final = frozenset({"0", "-1", "null", "undefined", "anonymous", "none", "nil", "nan"})

NO_NUMBERS: Final = (0, -1)

FORGED: Final = InvalidDocument(
    "email-invalid", f"write the buyer's address: nobody has one at {redaction.DOMAIN}"
)
"""Of an address that only an erasure writes, where none has written it."""


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
    fields = settings.orders.fields
    user_id = _user_id(value_of(fields.user_id, data), settings)
    email = _email(value_of(fields.email, data), optional=user_id is not None)
    status, counted = _status(value_of(fields.status, data), settings)
    currency = money.currency_code(value_of(fields.currency, data))
    total, refunded = _amounts(data, currency, settings, counted=counted)
    in_full = settings.orders.status.refunded_in_full
    if in_full and counted and refunded == total > 0:
        status, counted = _status(in_full, settings)
    if fields.test and value_of(fields.test, data) is True:
        counted = False
    events, odd = read_items(data, settings)
    erasure = redaction.erasure_of(email)
    return Order(
        email=email if erasure is None else None,
        user_id=user_id,
        name=one_line(value_of(fields.name, data)),
        status=status,
        counted=counted,
        currency=currency,
        total=total,
        refunded=refunded,
        created_at=_created_at(value_of(fields.created_at, data), created, settings),
        opted_in=value_of(fields.marketing_opt_in, data) is True,
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
    created_at = utc(created)
    if isinstance(data, Mapping):
        fields = settings.orders.fields
        with suppress(InvalidDocument):
            email = _email(value_of(fields.email, data), optional=True)
        with suppress(InvalidDocument):
            user_id = _user_id(value_of(fields.user_id, data), settings)
        with suppress(InvalidDocument):
            created_at = _created_at(value_of(fields.created_at, data), created, settings)
    erasure = redaction.erasure_of(email)
    return PartialOrder(email if erasure is None else None, user_id, created_at, erasure)


def read_contact(data: Mapping[str, object], settings: Settings) -> tuple[str | None, str | None]:
    """Read the buyer's name and telephone number of an order, whatever else is wrong with it."""
    fields = settings.orders.fields
    if not isinstance(data, Mapping):
        return None, None
    name, phone = (value_of(field, data) for field in (fields.name, fields.phone))
    return one_line(name), str(phone) if isinstance(phone, str | int) else None


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
    name = one_line(value_of(fields.name, data))
    own = read_fields(data, settings)
    try:
        email = _email(value_of(fields.email, data), optional=True)
        if redaction.erasure_of(email) is not None:
            raise FORGED
        return User(email=email, name=name, fields=own)
    except InvalidDocument as error:
        return User(email=None, name=name, unreadable=error.reason, fields=own)


def _document(data: object) -> Mapping[str, object]:
    if isinstance(data, Mapping):
        return data
    raise InvalidDocument("document-invalid", "write the document as a map of fields")


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


def _user_id(value: object, settings: Settings) -> str | None:
    """Return the uid, or None for a guest: nothing, a blank, or what programs write for nobody."""
    if value is None or value is False:
        return None
    if isinstance(value, int | float) and (value in NO_NUMBERS or value != value):
        return None
    referred = reference(value)
    if referred is not None and referred[0] == f"{settings.users.path}/{referred[1]}":
        value = referred[1]
    if isinstance(value, str):
        if not value.strip() or value.strip().casefold() in NOBODY:
            return None
        if can_be_uid(value):
            return value
    raise InvalidDocument(
        "user-invalid",
        "write the Firebase Auth uid as a string of at most 128 characters or as a reference to the"
        " user's document, null for a guest",
    )


def _amounts(
    data: Mapping[str, object], currency: str, settings: Settings, *, counted: bool
) -> tuple[int, int]:
    """Return an order's total, and how much of it was given back."""
    fields = settings.orders.fields
    total = _amount(fields.total, data, currency, settings)
    if total is None:
        raise InvalidDocument("amount-missing", "give the order a total")
    refunded = _amount(fields.refunded, data, currency, settings) or 0
    if not fields.paid:
        if refunded > total:
            raise InvalidDocument("refund-above-total", "refund at most the order's total")
        return total, refunded
    # Where payments are known, refunds are taken from them: the total may be lower already.
    paid = _amount(fields.paid, data, currency, settings)
    if paid is None:
        return total, 0
    if not counted:
        return total, min(refunded, total)
    return total, total - min(total, max(0, paid - refunded))


def _amount(
    sources: tuple[Source, ...], data: Mapping[str, object], currency: str, settings: Settings
) -> int | None:
    """Return an amount in minor units, or None where the document says nothing."""
    value = value_of(sources, data)
    if value is None:
        return None
    unit, digits = settings.amounts, settings.minor_digits.get(currency)
    if not isinstance(value, Parts):
        return money.minor_units(value, currency, unit, digits)
    if None in value.amounts:
        raise InvalidDocument("amount-invalid", "give every amount that is summed up")
    whole = sum(money.minor_units(one, currency, unit, digits) for one in value.amounts)
    if whole > money.MAX_MINOR_UNITS:
        raise InvalidDocument("amount-invalid", "keep the sum of amounts below 10^15 minor units")
    return whole


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
    stored = utc(created)
    if value is None:
        return stored
    at = instant(value, settings.times, settings.times_zone)
    if at is not None and at.year >= 1970 and at - stored <= MAX_AHEAD:
        return at
    raise InvalidDocument(
        "time-invalid",
        "write createdAt as a timestamp from 1970 on and not in the far future, or name the way"
        " it is written in crm.toml (times, times_zone)",
    )
