"""What the leaves of a segment may hold: ids, numbers, times, each in one form. Pure."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, date, datetime
from typing import Annotated, Final, NamedTuple, TypeGuard

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, ValidationError
from pydantic_core import PydanticCustomError

from crm.config import fields
from crm.config.fields import FieldValue
from crm.core import ids as host_ids
from crm.core import tag_names as tags
from crm.core.email import canonical_or_none
from crm.core.errors import Refusal
from crm.core.money import DIGITS

MAX_NUMBER: Final = 2**63 - 1
"""The largest integer of Firestore."""

MAX_DAYS: Final = 36_500

_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)", re.ASCII
)

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

# What `days.start_of` and `days.end_of` can say in UTC, in every zone.
_FIRST_DAY: Final = date(2, 1, 1)
_LAST_DAY: Final = date(9998, 12, 31)


def _tag(value: str) -> str:
    try:
        return tags.tag_id(value)
    except Refusal as refusal:
        rule = refusal.message.removesuffix(".")
        raise PydanticCustomError("tag-invalid", "{rule}", {"rule": rule}) from None


def _event_id(value: str) -> str:
    if not host_ids.is_event_id(value):
        raise PydanticCustomError(
            "id-invalid", "write an event id: 1 to 256 bytes of text, not blank and not `__…__`"
        )
    return value


def _currency(value: str) -> str:
    # ASCII first: str.upper makes S of the long s (U+017F).
    if value.isascii() and value.upper() in DIGITS:
        return value.upper()
    raise PydanticCustomError("segment-invalid", "write an ISO 4217 code such as EUR")


def _domain(value: str) -> str:
    address = canonical_or_none(f"x@{value}")
    if address is not None:
        return address.removeprefix("x@")
    raise PydanticCustomError(
        "segment-invalid", "write the part of an address behind the @, such as acme.com"
    )


def _time(value: object) -> date:
    """Read a time or a day, or either as ISO 8601 writes it; a time to the microsecond."""
    # Month 13, and a moment that is in year 0 or 10000 in UTC.
    with contextlib.suppress(ValueError, OverflowError):
        if isinstance(value, str) and _DAY.fullmatch(value):
            value = date.fromisoformat(value)
        if isinstance(value, str) and _TIME.fullmatch(value):
            value = datetime.fromisoformat(value)
        if isinstance(value, datetime):
            if value.tzinfo is not None:
                return value.astimezone(UTC)
        elif isinstance(value, date) and _FIRST_DAY <= value <= _LAST_DAY:
            return value
    raise PydanticCustomError(
        "segment-invalid",
        "write a day of the calendar such as 2024-01-31, or a time with its zone such as"
        " 2024-01-31T18:00:00Z",
    )


def _field_name(value: str) -> str:
    if fields.is_name(value):
        return value
    raise PydanticCustomError(
        "segment-invalid", "write the name of an own field, as in crm.toml: [fields.company]"
    )


def _field_value(value: object) -> FieldValue:
    """Read a value of an own field of whatever type, as fields keep it."""
    if isinstance(value, bool):
        return value
    try:
        if isinstance(value, str):
            return fields.plain_text(value)
        return fields.plain_number(value)
    except ValueError:
        rule = "write a text in one line, a number, a day such as 2024-01-31, true or false"
        raise PydanticCustomError("segment-invalid", "{rule}", {"rule": rule}) from None


def _field_limit(value: object) -> int | float | str:
    try:
        return fields.plain_day(value) if isinstance(value, str) else fields.plain_number(value)
    except ValueError:
        rule = "compare with a number, or a day such as 2024-01-31"
        raise PydanticCustomError("segment-invalid", "{rule}", {"rule": rule}) from None


def is_day(value: object) -> TypeGuard[date]:
    """Whether a value is a whole day, and no moment."""
    return isinstance(value, date) and not isinstance(value, datetime)


TagId = Annotated[str, AfterValidator(_tag)]

EventId = Annotated[str, AfterValidator(_event_id)]

Currency = Annotated[str, AfterValidator(_currency)]

Domain = Annotated[str, AfterValidator(_domain)]

FieldName = Annotated[str, AfterValidator(_field_name)]

FieldEqual = Annotated[FieldValue, PlainValidator(_field_value)]

FieldLimit = Annotated[int | float | str, PlainValidator(_field_limit)]
"""A number, or a day as it is written."""

Number = Annotated[int, Field(ge=0, le=MAX_NUMBER)]

Days = Annotated[int, Field(ge=0, le=MAX_DAYS)]

Time = Annotated[datetime | date, BeforeValidator(_time)]
"""A moment in UTC, or a whole day of a zone that is not known yet."""


class ValueFault(NamedTuple):
    """Why a leaf could not be made: a reason for `Refusal`, the field, and what to write there."""

    reason: str
    field: str
    rule: str


def fault_of(error: ValidationError) -> ValueFault:
    """Return the first fault of a leaf, without the value."""
    first = error.errors()[0]
    own = first["type"] in {"tag-invalid", "id-invalid"}
    return ValueFault(
        reason=first["type"] if own else "segment-invalid",
        field=str(first["loc"][0]) if first["loc"] else "",
        rule=first["msg"].replace("Input should be", "must be"),
    )
