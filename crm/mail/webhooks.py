"""`CRM_MAIL_EVENTS`: who may tell what became of mails, and how that is known. Pure.

Nothing here repeats the secret in a message or a `repr`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal
from urllib.parse import unquote

from crm.core.errors import ConfigError

TOLERANCE: Final = timedelta(minutes=5)
"""How far the time of a signature may be from ours (Standard Webhooks)."""

EXAMPLE: Final = "standard://whsec_… or postmark://USER:PASSWORD"

Proof = Literal["login", "key", "standard"]
"""How a provider's posts are known: by the user and password of HTTP's basic login, by a key that
signs them in its own way, or by one that signs them as Standard Webhooks do."""

PROVIDERS: Final[Mapping[str, Proof]] = {
    "brevo": "login",
    "mailersend": "key",
    "mailgun": "key",
    "mailjet": "login",
    "mailtrap": "key",
    "postmark": "login",
    "resend": "standard",
    "sparkpost": "login",
}
"""Providers whose posts django-anymail reads, and that can be known to be theirs."""

_NO_PROOF: Final = frozenset({"amazon_ses", "mandrill", "postal", "sendgrid", "unisender_go"})

_MIN_PASSWORD: Final = 16

_MIN_KEY: Final = 16
"""Bytes; Standard Webhooks asks for 24 to 64."""


@dataclass(frozen=True, slots=True)
class Source:
    """Who tells.

    Attributes:
        name: `standard` for our own form, else the provider.
        proof: How its posts are known.
        secrets: What they are known by; several while one is being replaced.
    """

    name: str
    proof: Proof
    secrets: tuple[str, ...] = field(repr=False)


def parsed(text: str) -> Source:
    """Return what `CRM_MAIL_EVENTS` says.

    Raises:
        ConfigError: It is wrong; the message says what to change, and repeats nothing of it.
    """
    name, found, rest = text.strip().partition("://")
    name = name.lower().removeprefix("anymail+").replace("-", "_")
    if not found or not rest or re.search(r"[\s\x00-\x1f\x7f]", rest):
        raise ConfigError(f"CRM_MAIL_EVENTS is no address such as {EXAMPLE}.")
    rest = rest.removesuffix("@default")
    if name in _NO_PROOF:
        raise ConfigError(
            f"CRM_MAIL_EVENTS: nobody could tell {name}'s posts from forged ones here. Have them"
            " passed on in our own form: docs/mail-events.md."
        )
    proof: Proof | None = "standard" if name == "standard" else PROVIDERS.get(name)
    if proof is None:
        known = ", ".join(["standard", *sorted(PROVIDERS)])
        raise ConfigError(f"CRM_MAIL_EVENTS begins with none of {known}: write {EXAMPLE}.")
    if proof == "login":
        return Source(name, proof, (_login(name, rest),))
    if proof == "key":
        key = unquote(rest).removeprefix(":")
        if len(key) < _MIN_KEY or not key.isascii():
            raise ConfigError(f"CRM_MAIL_EVENTS: write {name}://KEY, the webhook's signing key.")
        return Source(name, proof, (key,))
    secrets = tuple(rest.split(","))
    for one in secrets:
        _key(one)
    return Source(name, proof, secrets)


def is_signed(source: Source, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Return whether a post is signed as Standard Webhooks demand.

    What is signed is the id, the time and the body, so none of them can be exchanged. Any of the
    header's signatures may be of any of our secrets: both sides can replace a secret in peace.

    Args:
        source: Of a `standard` proof.
        headers: By their names in lower case.
        body: As it came.
        now: Our time.
    """
    prefix = "svix" if source.name == "resend" else "webhook"
    message_id = headers.get(f"{prefix}-id", "")
    timestamp = headers.get(f"{prefix}-timestamp", "")
    if not re.fullmatch(r"[\x21-\x2d\x2f-\x7e]{1,256}", message_id):  # no full stop
        return False
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        return False
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        return False
    signed = f"{message_id}.{timestamp}.".encode() + body
    good = [hmac.digest(_key(one), signed, hashlib.sha256) for one in source.secrets]
    given = headers.get(f"{prefix}-signature", "").split()[:20]
    return any(hmac.compare_digest(one, _signature(text)) for text in given for one in good)


def _signature(text: str) -> bytes:
    version, _, value = text.partition(",")
    if version != "v1":
        return b""
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < _MIN_KEY:
        raise ConfigError(
            "CRM_MAIL_EVENTS: a secret is whsec_ and at least 24 random bytes in base64:"
            ' echo "whsec_$(openssl rand -base64 32)".'
        )
    return key


def _login(name: str, text: str) -> str:
    user, found, password = text.partition(":")
    user, password = unquote(user), unquote(password)
    if not found or not user or ":" in user or len(password) < _MIN_PASSWORD:
        raise ConfigError(
            f"CRM_MAIL_EVENTS: write {name}://USER:PASSWORD, a password of at least"
            f" {_MIN_PASSWORD} characters, and the same in the webhook's address at the provider."
        )
    return f"{user}:{password}"
