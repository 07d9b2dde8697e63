"""What placeholders see of a person, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, Literal

from crm.config.fields import FieldValue

Person = Mapping[str, object]

Kind = Literal["text", "number", "time", "list", "link", "yes or no", "own field"]

MOST_EVENTS: Final = 100
"""Events of one person that a template sees, the newest first."""

LONGEST_NAME: Final = 100
"""Characters. Whoever writes more into the field of a name writes something else there; so it is
with texts of own fields, which users write, too."""

_NO_FIELDS: Final[Mapping[str, FieldValue]] = MappingProxyType({})

_EPOCH: Final = datetime(1, 1, 1, tzinfo=UTC)


class Variable:
    """A placeholder.

    Attributes:
        kind: What its value is.
        optional: Whether some people have none, so that a template needs a `default`.
        meaning: What it is, as the documents say it.
    """

    def __init__(self, kind: Kind, meaning: str, *, optional: bool = False) -> None:
        self.kind, self.meaning, self.optional = kind, meaning, optional


VARIABLES: Final[Mapping[str, Variable]] = {
    "name": Variable("text", "the person's name", optional=True),
    "first_name": Variable("text", "the first word of the name", optional=True),
    "email": Variable("text", "the address that the mail goes to"),
    "tags": Variable("list", "ids of tags"),
    "order_count": Variable("number", "how many orders count"),
    "first_order_at": Variable("time", "when the first of them was placed", optional=True),
    "last_order_at": Variable("time", "when the last of them was placed", optional=True),
    "events": Variable("list", "events that the person has tickets for, the newest first"),
    "registered": Variable("yes or no", "whether the person has an account"),
    "fields": Variable("own field", "one of your own fields: `fields.company`", optional=True),
    "unsubscribe_link": Variable("link", "where the person unsubscribes with two clicks"),
    "sender": Variable("text", "the name in `From`"),
    "postal_address": Variable("text", "yours, as `crm.toml` has it"),
}
"""Every placeholder there is, but for what belongs to an event (`EVENT`)."""

EVENT: Final[Mapping[str, Variable]] = {
    "id": Variable("text", "the event's id"),
    "name": Variable("text", "the event's name", optional=True),
    "starts_at": Variable("time", "when it starts", optional=True),
    "attended": Variable("yes or no", "whether the person was there, as far as is known"),
}
"""What each of a person's `events` has."""


class Own(str):
    """A text that comes from the organiser or was proven, so that it may look like a link."""

    __slots__ = ()


class Link(Own):
    """An address that is ours, and may stand where a link leads."""

    __slots__ = ()


def person_of(data: Mapping[str, Any], *, unsubscribe: str, email: str) -> Person:
    """Return what placeholders see of a customer.

    Args:
        data: The customer's document, as it is stored or answered; absent fields are empty.
        unsubscribe: The person's own unsubscribe link.
        email: The address that the mail goes to.
    """
    name = _name(data.get("name"))
    attended = set(data.get("attendedEventIds") or ())
    events = [
        {
            "id": event_id,
            "name": event.get("name"),
            "starts_at": event.get("startsAt"),
            "attended": event_id in attended,
        }
        for event_id, event in (data.get("events") or {}).items()
    ]
    events.sort(key=lambda one: (one["starts_at"] or _EPOCH, one["id"]), reverse=True)
    return {
        "name": name,
        "first_name": name.split()[0] if name else None,
        "email": Own(email),
        "tags": list(data.get("tags") or ()),
        "order_count": data.get("orderCount") or 0,
        "first_order_at": data.get("firstOrderAt"),
        "last_order_at": data.get("lastOrderAt"),
        "events": events[:MOST_EVENTS],
        "registered": bool(data.get("registered")),
        "fields": {
            name: _name(value) if isinstance(value, str) else value
            for name, value in (data.get("fields") or {}).items()
        },
        "unsubscribe_link": Link(unsubscribe),
    }


def _name(value: object) -> str | None:
    """Return a name; None for none, and for what is no name: a link, an address, a whole letter."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    strange = len(text) > LONGEST_NAME or "@" in text or "://" in text
    return None if strange or not text else text


def samples(fields: Mapping[str, FieldValue] = _NO_FIELDS) -> tuple[Person, Person]:
    """Return somebody with everything and somebody with nothing, to try a template on.

    Args:
        fields: Own fields, each with a value.
    """
    at = datetime(2024, 3, 5, 18, 30, tzinfo=UTC)
    link = "https://example.com/unsubscribe?token=sample"
    full = {
        "name": "Ada Example",
        "tags": ["vip"],
        "orderCount": 2,
        "firstOrderAt": at,
        "lastOrderAt": at,
        "registered": True,
        "fields": fields,
        "events": {"devops-2024": {"name": "DevOps Workshop", "startsAt": at}},
        "attendedEventIds": ["devops-2024"],
    }
    return (
        person_of(full, unsubscribe=link, email="ada@example.com"),
        person_of({}, unsubscribe=link, email="bob@example.com"),
    )
