"""What several answers hold."""

from typing import Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypeAliasType, TypedDict

Moment = TypeAliasType(
    "Moment",
    Annotated[
        str,
        Field(
            description="A moment in UTC in ISO 8601: parse it, do not compare it as text.",
            pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$",
            json_schema_extra={"format": "date-time"},
        ),
    ],
)
"""A time, as `crm.core.json.jsonable` writes it."""

Day = TypeAliasType(
    "Day",
    Annotated[
        str,
        Field(
            description="A day of the organiser's calendar, such as 2024-01-31.",
            pattern=r"^\d{4}-\d\d-\d\d$",
            json_schema_extra={"format": "date"},
        ),
    ],
)

Money = TypeAliasType(
    "Money", Annotated[dict[str, int], Field(description="Integer minor units by currency.")]
)

SegmentJson = TypeAliasType(
    "SegmentJson",
    Annotated[dict[str, object], Field(description="A segment in the JSON form of the language.")],
)

Fields = TypeAliasType(
    "Fields",
    Annotated[
        dict[str, str | int | float | bool],
        Field(description="Own fields by name; a date is a text such as 1990-01-02."),
    ],
)


class Page(TypedDict):
    """A page of a list."""

    nextPageToken: str | None
    """Asks for the next page; null on the last one."""


class Reason(TypedDict):
    """Why something is so: a stable code, and the same for people."""

    reason: str
    message: str


class Doubt(Reason):
    """A name in a segment that is nowhere, or stands for several things."""

    name: str
    eventIds: NotRequired[list[str]]


class Problem(Reason):
    """What is wrong with a campaign."""

    at: str
    """`subject`, `preview`, `from`, or `body` with a line (`body:12`)."""
    blocking: bool


class Audience(TypedDict):
    """Whom a mail would reach."""

    matched: int
    reachable: int
    excluded: dict[str, int]
    """How many get none, by reason."""
