"""Ids that a database can hold."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

MAX_EVENT_ID: Final = 256  # bytes of UTF-8

_RESERVED_KEY: Final = re.compile(r"__.*__", re.DOTALL)  # Firestore refuses such ids and map keys


def is_key(value: str) -> bool:
    """Whether Firestore takes the string as a document id and a map key."""
    return not (_RESERVED_KEY.fullmatch(value) or re.search("[\x00\ud800-\udfff]", value))


def is_event_id(value: str) -> bool:
    """Whether an order's item can have this event id; a blank is none."""
    return bool(value.strip()) and is_key(value) and len(value.encode()) <= MAX_EVENT_ID


MAX_ID_BYTES: Final = 1_500  # of a Firestore document id

MAX_CUSTOMER_ID: Final = 128
"""Characters; those of CRM-Lite's own have 26. Looked for in lists, which take less than an id."""

_RESERVED: Final = re.compile(r"\.\.?|__.*__", re.DOTALL)  # Firestore refuses such ids

_UNSENDABLE: Final = re.compile("[\x00\ud800-\udfff]")  # JSON can say it, a database cannot hold it


def plain(value: str) -> str:
    """Return a text that a database can hold; NUL and lone surrogates are `text-invalid`."""
    if _UNSENDABLE.search(value):
        raise PydanticCustomError("text-invalid", "must be text without NUL and lone surrogates")
    return value


def is_id(value: str) -> bool:
    """Whether Firestore takes the string as the id of a document."""
    return not (
        _UNSENDABLE.search(value)
        or not 0 < len(value.encode()) <= MAX_ID_BYTES
        or "/" in value
        or _RESERVED.fullmatch(value)
    )


def _id(value: str) -> str:
    if not is_id(value):
        raise PydanticCustomError(
            "id-invalid",
            "must be a document id: 1 to 1,500 bytes, no slash, not `.`, `..` or `__…__`",
        )
    return value


def _customer_id(value: str) -> str:
    if not (value.isascii() and value.isalnum() and len(value) <= MAX_CUSTOMER_ID):
        raise PydanticCustomError(
            "id-invalid", f"must be a customer's id: at most {MAX_CUSTOMER_ID} letters and digits"
        )
    return value


Text = Annotated[str, AfterValidator(plain)]

Id = Annotated[str, AfterValidator(_id)]

CustomerId = Annotated[str, AfterValidator(_customer_id)]
