"""Own fields as the user's document holds them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from crm.config.fields import FieldValue, OwnField
from crm.config.settings import Settings
from crm.host.values import at_path


def read_fields(data: Mapping[str, object], settings: Settings) -> dict[str, FieldValue]:
    """Return the own fields that a user's document holds.

    What is not of a field's type is left out: the user is none the worse for it.

    Args:
        data: The document's fields.
        settings: Which fields are read from where, and the zone of days.
    """
    found: dict[str, FieldValue] = {}
    for name, own in settings.fields.items():
        if own.from_ is None:
            continue
        given = at_path(data, tuple(own.from_.split(".")))
        if own.type == "date" and isinstance(given, datetime) and given.tzinfo is not None:
            with suppress(OverflowError):  # at the ends of the calendar
                given = given.astimezone(settings.time_zone).date().isoformat()
        with suppress(ValueError):
            found[name] = _value(own, given)
    return found


def _value(own: OwnField, given: object) -> FieldValue:
    try:
        return own.value(given)
    except ValueError:
        if not isinstance(given, str):
            raise
        return own.read(given)  # forms write numbers, and true and false, as texts
