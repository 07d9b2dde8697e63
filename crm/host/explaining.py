"""Which field of a host's document is not understood, and what it holds: for who must mend it.

Pure. What it holds can be anybody's data: it goes to whoever asked, and into no log.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crm.config.settings import Settings
from crm.config.sources import Source
from crm.core import money
from crm.core.errors import InvalidDocument
from crm.host.reader import FORGED, read_order, read_user
from crm.host.values import Parts, at_path, reference, value_of

MAX_SHOWN: Final = 200
"""Characters of a value that are shown."""

_FIELDS: Final[Mapping[str, str]] = {
    "email-missing": "email",
    "email-invalid": "email",
    "user-invalid": "user_id",
    "status-missing": "status",
    "status-unknown": "status",
    "amount-missing": "total",
    "refund-above-total": "refunded",
    "currency-missing": "currency",
    "currency-unknown": "currency",
    "time-invalid": "created_at",
}
"""A quarantine reason to the field of the mapping that it is about."""

_UNKNOWN_USER: Final = (
    "Give the order an address: it has none, and no user has the uid that it names."
)

_READABLE: Final = "The document can be read as it is now: check it again."

_OTHERWISE: Final = {
    "too-large": "The order makes a document larger than Firestore takes: take items out of it.",
    "not-processed": "Every attempt ended in an error: check it again; the log says more.",
}
"""Of reasons that say nothing about a single field."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a document is not understood.

    Attributes:
        field: The path in the document, its keys with dots between them; None where it is no one
            field's fault.
        value: What stands there, as a text; None for nothing.
        message: What to change.
    """

    field: str | None
    value: str | None
    message: str


def explain_order(
    data: Mapping[str, object], created: datetime, settings: Settings, reason: str
) -> Explanation:
    """Return why an order is not understood.

    Args:
        data: The document's fields, with what its path says (`Orders.placed`).
        created: The document's create time, timezone-aware.
        settings: The mapping.
        reason: Why it is in quarantine.
    """
    try:
        order = read_order(data, created, settings)
    except InvalidDocument as error:
        reason, message = error.reason, _sentence(error.message)
    else:
        if reason == "email-missing" and order.email is None and order.erasure is None:
            message = _UNKNOWN_USER
        elif reason == "email-invalid" and order.erasure is not None:
            message = _sentence(FORGED.message)
        else:
            return Explanation(None, None, _OTHERWISE.get(reason, _READABLE))
    name = _amount_of(data, settings) if reason == "amount-invalid" else _FIELDS.get(reason)
    if name is None:
        return Explanation(None, None, message)
    return _of(getattr(settings.orders.fields, name), data, message)


def explain_user(data: Mapping[str, object], settings: Settings) -> Explanation:
    """Return why a user is not understood; the arguments are those of `explain_order`."""
    try:
        unreadable = read_user(data, settings).unreadable
    except InvalidDocument as error:
        return Explanation(None, None, _sentence(error.message))
    if unreadable is None:
        return Explanation(None, None, _READABLE)
    message = "Write one plain e-mail address such as alice@example.com."
    return _of(settings.users.fields.email, data, message)


def _of(sources: tuple[Source, ...], data: Mapping[str, object], message: str) -> Explanation:
    """Return where the mapping finds a field, or would look for it first."""
    there = [one for one in sources if value_of((one,), data) is not None]
    named = [one for one in (*there, *sources) if one.path or one.join]
    if not named:
        return Explanation(None, None, message)
    source = named[0]
    paths = source.join or (source.path,)
    value = at_path(data, paths[0]) if source.plain else value_of((source,), data)
    return Explanation(" + ".join(map(".".join, paths)), _shown(value), message)


def _amount_of(data: Mapping[str, object], settings: Settings) -> str:
    """Return which amount of an order is none; the total where it is their sum."""
    fields = settings.orders.fields
    currency = money.currency_code(value_of(fields.currency, data))
    digits = settings.minor_digits.get(currency)
    for name in ("total", "refunded", "paid"):
        value = value_of(getattr(fields, name), data)
        amounts = value.amounts if isinstance(value, Parts) else (value,)
        try:
            for one in amounts:
                if one is not None or isinstance(value, Parts):
                    money.minor_units(one, currency, settings.amounts, digits)
        except InvalidDocument:
            return name
    return "total"


def _sentence(rule: str) -> str:
    return f"{rule[:1].upper()}{rule[1:].rstrip('.')}."


def _shown(value: object) -> str | None:
    """Return a value as a text that shows what cannot be seen, such as a blank of no width."""
    if isinstance(value, Parts):
        value = list(value.amounts)
    referred = reference(value)
    if value is None:
        return None
    if isinstance(value, str):
        text = value
    elif isinstance(value, datetime):
        text = value.isoformat()
    elif referred is not None:
        text = referred[0]
    else:
        text = json.dumps(value, default=lambda one: type(one).__name__, ensure_ascii=False)
    if len(text) > MAX_SHOWN:
        text = text[: MAX_SHOWN - 1] + "…"
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )
