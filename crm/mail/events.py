"""What a provider tells later of a mail that it took: one vocabulary for all of them. Pure.

An event holds no address: it names the mail, by our key (`port.Mail.key`) or by the provider's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, get_args

EventKind = Literal[
    "delivered",
    "deferred",
    "soft_bounce",
    "hard_bounce",
    "rejected",
    "complaint",
    "unsubscribed",
]
"""`delivered`: the mailbox's server has taken it. `deferred`: not yet, the provider goes on trying.
`soft_bounce`: given up, for a reason that may pass, such as a full mailbox. `hard_bounce`: there is
no such mailbox. `rejected`: not delivered for a reason that is not the mailbox's, such as a block.
`complaint`: the person called it spam. `unsubscribed`: the person left by the provider's way."""

KINDS: Final[frozenset[EventKind]] = frozenset(get_args(EventKind))

MAIL_ID: Final = re.compile(r"(?<![a-z2-7-])[a-z2-7]{26}-[a-z2-7]{21}(?![a-z2-7-])")
"""A campaign's mail: what `Message-ID` and metadata name it by."""

MAX_ID: Final = 512
"""Characters of a provider's id."""

_BASIC: Final = re.compile(r"(?<![\w.@])[245]\d\d(?![\w.@])")

_ENHANCED: Final = re.compile(r"(?<![\w.@])[245]\.\d{1,3}\.\d{1,3}(?![\w.@])")


class BadEvent(Exception):
    """What came is no event; the message says why, without what came."""


@dataclass(frozen=True, slots=True)
class MailEvent:
    """What became of a mail.

    Attributes:
        kind: What happened.
        at: When (UTC).
        mail_id: The mail, by our key; None where the provider does not give that back.
        provider_id: The mail, by the provider's.
        event_id: What the provider calls the event, the same when it is told again.
        code: What the mailbox's server said, as codes alone: `550 5.1.1`.
    """

    kind: EventKind
    at: datetime
    mail_id: str | None = None
    provider_id: str | None = None
    event_id: str | None = None
    code: str | None = None


def mail_id_in(texts: Iterable[object]) -> str | None:
    """Return the first mail of ours that texts name: a `Message-ID`, values of metadata."""
    for text in texts:
        found = MAIL_ID.search(text) if isinstance(text, str) else None
        if found:
            return found[0]
    return None


def provider_id_of(value: object) -> str | None:
    """Return a provider's id of a mail, where it is one."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        text = str(value).strip()
        if 0 < len(text) <= MAX_ID and text.isprintable():
            return text
    return None


def codes_in(text: object) -> str | None:
    """Return the status codes (RFC 5321, RFC 3463) in what a server said, and none of its words."""
    if not isinstance(text, str):
        return None
    some = [found[0] for one in (_BASIC, _ENHANCED) if (found := one.search(text[:2_000]))]
    return " ".join(some) or None


def standard_event(body: bytes, event_id: str, now: datetime) -> MailEvent | None:
    """Read an event in our own form, which docs/mail-events.md describes.

    Args:
        body: JSON: `type`, `timestamp`, and `data` with `messageId`, `providerId` and `code`.
        event_id: The header `webhook-id`.
        now: When it came, where it does not say when it happened.

    Returns:
        The event; None where it is of a type that tells nothing of a mail's way.

    Raises:
        BadEvent: It is none.
    """
    data = _object(body)
    kind = data.get("type")
    if not isinstance(kind, str):
        raise BadEvent("`type` is missing: it is a text such as `hard_bounce`.")
    if kind not in KINDS:
        return None
    about = data.get("data")
    if not isinstance(about, dict):
        raise BadEvent("`data` is missing: it is an object with `messageId` or `providerId`.")
    mail_id = mail_id_in([about.get("messageId")])
    provider_id = provider_id_of(about.get("providerId"))
    if about.get("messageId") is None and provider_id is None:
        raise BadEvent("`data` names no mail: give `messageId` or `providerId`.")
    at = _moment(data.get("timestamp"), now)
    return MailEvent(
        kind, at, mail_id, provider_id, provider_id_of(event_id), codes_in(about.get("code"))
    )


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise BadEvent("The body is not JSON.") from None
    if not isinstance(data, dict):
        raise BadEvent("The body is not a JSON object.")
    return data


def _moment(value: object, now: datetime) -> datetime:
    if value is None:
        return now
    try:
        at = datetime.fromisoformat(value if isinstance(value, str) else "")
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return not_after(at.astimezone(UTC), now)
    except (ValueError, OverflowError):
        raise BadEvent("`timestamp` is no time (ISO 8601).") from None


def not_after(at: datetime, now: datetime) -> datetime:
    """Return when something happened: not after it was told, whatever the teller's clock says."""
    return min(at, now)
