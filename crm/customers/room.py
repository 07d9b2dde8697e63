"""Whether a customer fits into one document, with everything that merges and staff bring. Pure.

Events and days have their own room (`limits`), judged by estimates order by order. Own fields have
none: a part can hold 30 texts of 200 characters, and a merge brings the parts of both. So whoever
brings them measures the whole document.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from crm.customers import limits
from crm.customers.customer import Customer

_ALL_BEGUN: Final = datetime.max.replace(tzinfo=UTC)


def fits(customer: Customer) -> bool:
    """Return whether a customer's document has room in the database, and some to go on."""
    return document_bytes(customer) <= limits.MAX_DOCUMENT_BYTES


def document_bytes(customer: Customer) -> int:
    """Return the size of a customer's document once all its events have begun.

    By then whoever holds a ticket has attended or missed each event, which is more to keep.
    """
    return stored_bytes(customer.as_of(_ALL_BEGUN, double=True))


def stored_bytes(value: object) -> int:
    """Return what Firestore takes a value to be.

    A text is its UTF-8 length and one, a number or a time 8 bytes, a flag or nothing 1, a map its
    keys and values (Firestore documentation, "Storage size calculations").
    """
    if isinstance(value, Mapping):
        return sum(len(key.encode()) + 1 + stored_bytes(one) for key, one in value.items())
    if isinstance(value, list):
        return sum(map(stored_bytes, value))
    if isinstance(value, str):
        return len(value.encode()) + 1
    return 1 if value is None or isinstance(value, bool) else 8
