"""Challenges for whoever fills a form in: some time must pass, and some work be done. Pure.

A challenge is the time, signed. The work is to find a number with which challenge, address and
number together have a SHA-256 that begins with enough zero bits (hashcash): nothing for a person's
browser, something for whoever fills in a thousand addresses. It is of one address, so it cannot be
used for a second one; and an address gets one mail a day, so it is of no use twice.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from itsdangerous import BadData, Signer

from crm.core.keyring import Keyring

BITS: Final = 14
"""Zero bits that the work must begin with: 16,384 tries on the average."""

LEAST: Final = timedelta(seconds=2)
"""Nobody reads a form and fills it in faster."""

GOOD_FOR: Final = timedelta(minutes=30)
"""A page may be open for so long before it has to ask for another challenge."""

_FORM: Final = re.compile(r"[0-9]{1,16}-[0-9a-f]{16}\.[\w-]{20,80}", re.ASCII)

Verdict = Literal["none", "worked", "early", "stale", "wrong"]
"""`none`: no proof came along, which is allowed and less trusted; `worked`: it is right."""


def challenge(keys: Keyring, now: datetime) -> str:
    """Return a challenge: letters, digits, `-`, `_` and one dot."""
    return _signer(keys).sign(f"{int(now.timestamp() * 1000)}-{secrets.token_hex(8)}").decode()


def judge(keys: Keyring, given: str, work: str, address: str, now: datetime) -> Verdict:
    """Judge what came along with an address.

    Args:
        keys: The installation's keyring.
        given: The challenge, as it came; empty for none.
        work: The number that was found, as text; empty for none.
        address: The address, as it was written in the form.
        now: The time.
    """
    if not given:
        return "none" if not work else "wrong"
    made = _made(keys, given)
    if made is None:
        return "wrong"
    if now - made < LEAST:
        return "early"
    if now - made > GOOD_FOR:
        return "stale"
    if not work:
        return "none"  # a page without JavaScript
    return "worked" if len(work) <= 20 and is_work(given, address, work) else "wrong"


def is_work(given: str, address: str, work: str) -> bool:
    """Return whether a number is the work for a challenge and an address."""
    text = f"{given}:{address}:{work}".encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(text).digest()
    return int.from_bytes(digest[:8]) >> (64 - BITS) == 0


def worked_out(given: str, address: str) -> str:
    """Do the work, as a browser does."""
    number = 0
    while not is_work(given, address, str(number)):
        number += 1
    return str(number)


def _made(keys: Keyring, given: str) -> datetime | None:
    if _FORM.fullmatch(given) is None:
        return None
    for secret in (keys.secret, *(one.secret for one in reversed(keys.former))):
        try:
            millis = _signer(Keyring(secret)).unsign(given).decode().partition("-")[0]
            return datetime.fromtimestamp(int(millis) / 1000, UTC)
        except (BadData, ValueError, OverflowError, OSError):
            continue
    return None


def _signer(keys: Keyring) -> Signer:
    secret = keys.derive("signup-challenge")
    return Signer(secret, salt=b"challenge", key_derivation="hmac", digest_method=hashlib.sha256)
