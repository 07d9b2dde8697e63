"""Identity keys: an address or a uid as an id that cannot be guessed back.

A key is HMAC-SHA-256 (RFC 2104) under the secret of the installation. An unkeyed hash of an
address is no protection: five million guesses a second on one core find it. The version stands in
the key, so that a new secret can be brought in beside the old one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal

KEY_VERSION = 1

MIN_CHARACTERS: Final = 32
"""Of a secret in production; `openssl rand -hex 32` makes 64."""

MIN_DISTINCT: Final = 10
"""Different characters of such a secret. Of 64 random hexadecimal digits 9 at most are different
once in 10^12 times."""

PUBLISHED: Final = (
    "crm-lite emulator key: protects nothing, as an emulator has nobody to protect",
    "crm-lite-emulator-key-protects-nothing",
)
"""Secrets that everybody can read in this repository: the emulators' own, and `.secret.local`."""

KeyKind = Literal["e", "u", "q", "c"]
"""What a key is made of: an address, a uid, a document's place in quarantine, an opt-in."""


def prefix_of(kind: KeyKind) -> str:
    """Return what every key of a kind begins with."""
    return f"{kind}{KEY_VERSION}-"


def random_id() -> str:
    """Make a new id of 130 random bits: lower-case letters and digits, 26 of them."""
    return base64.b32encode(secrets.token_bytes(17)).decode()[:26].lower()


def weakness_of(secret: str) -> str | None:
    """Return why a secret is too easily guessed to protect anybody; None where it is not.

    The answer goes on after "CRM_KEY". It cannot tell whether a secret is random, and catches what
    people type in its place.
    """
    if secret.casefold() in (one.casefold() for one in PUBLISHED):
        return "is published: everybody can read it in CRM-Lite's repository"
    if len(secret) < MIN_CHARACTERS:
        return f"is shorter than {MIN_CHARACTERS} characters"
    if len(set(secret)) < MIN_DISTINCT:
        return f"has fewer than {MIN_DISTINCT} different characters"
    if any(secret.startswith(secret[period:]) for period in range(1, len(secret) // 2 + 1)):
        return "repeats itself"
    steps = [abs(ord(one) - ord(next_one)) for one, next_one in pairwise(secret)]
    if sum(step <= 1 for step in steps) * 2 > len(steps):
        return "is a row of characters that follow each other"
    return None


@dataclass(frozen=True)
class Keyring:
    """Makes keys under one secret.

    Args:
        secret: At least 16 bytes; `ValueError` otherwise.
    """

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < 16:
            raise ValueError("CRM_KEY must be at least 16 bytes: use `openssl rand -hex 32`.")

    def address(self, email: str) -> str:
        """Return the identity key of a canonical address."""
        return self._key("e", email)

    def user(self, uid: str) -> str:
        """Return the identity key of a Firebase Auth uid."""
        return self._key("u", uid)

    def quarantine(self, collection: str, document_id: str) -> str:
        """Return the id of a host document's row in quarantine (ids can be too long to embed)."""
        return self._key("q", f"{collection}/{document_id}")

    def opt_in(self, identity: str, order_id: str, created: int) -> str:
        """Return the id of the record of an order's opt-in."""
        return self._key("c", f"{identity}/{created}/{order_id}")

    def derive(self, purpose: str) -> bytes:
        """Return a secret of its own for another purpose, such as signing page tokens."""
        return self._digest(f"derive:{purpose}")

    def _key(self, kind: KeyKind, text: str) -> str:
        digest = base64.b32encode(self._digest(f"{kind}:{text}")).decode().rstrip("=").lower()
        return prefix_of(kind) + digest

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self.secret, text.encode("utf-8", "surrogatepass"), hashlib.sha256)
