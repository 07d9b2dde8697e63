"""Identity keys: an address or a uid as an id that cannot be guessed back.

A key is HMAC-SHA-256 (RFC 2104) under the secret of the installation. An unkeyed hash of an
address is no protection: five million guesses a second on one core find it.

A new secret goes over the keys of the one before: `e2-…` is the HMAC of `e1-…` under it. So what is
stored can be renewed without knowing whose it is, tombstones of erased people included, and who has
an earlier secret alone can guess nothing. The version that stands in a key is the number of secrets
under it (docs/decisions/030).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Final, Literal

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


_KEY: Final = re.compile(r"[euqc]([1-9][0-9]{0,2})-[a-z2-7]{52}")


def prefix_of(kind: KeyKind, version: int = 1) -> str:
    """Return what every key of a kind begins with, under so many secrets."""
    return f"{kind}{version}-"


def random_id() -> str:
    """Make a new id of 130 random bits: lower-case letters and digits, 26 of them."""
    return base64.b32encode(secrets.token_bytes(17)).decode()[:26].lower()


_RANDOM_ID: Final = re.compile("[a-z2-7]{26}")


def is_random_id(text: str) -> bool:
    """Return whether a text has the form of what `random_id` makes."""
    return _RANDOM_ID.fullmatch(text) is not None


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
class Former:
    """A secret from before the present one.

    Attributes:
        secret: What identity keys are made of all the same, below the present one.
        until: When it was replaced (UTC).
    """

    secret: bytes = field(repr=False)
    until: datetime


@dataclass(frozen=True)
class Keyring:
    """Makes keys under one secret, and under those from before it.

    Args:
        secret: At least 16 bytes; `ValueError` otherwise.
        former: The secrets before it, the first one first.
    """

    secret: bytes = field(repr=False)
    former: tuple[Former, ...] = ()

    def __post_init__(self) -> None:
        if len(self.secret) < 16:
            raise ValueError("CRM_KEY must be at least 16 bytes: use `openssl rand -hex 32`.")

    @property
    def version(self) -> int:
        """How many secrets the keys are under."""
        return len(self.former) + 1

    def prefix_of(self, kind: KeyKind) -> str:
        """Return what every key of a kind begins with now."""
        return prefix_of(kind, self.version)

    def address(self, email: str) -> str:
        """Return the identity key of a canonical address."""
        return self._key("e", email)

    def user(self, uid: str) -> str:
        """Return the identity key of a Firebase Auth uid."""
        return self._key("u", uid)

    def user_ever(self, uid: str) -> tuple[str, ...]:
        """Return the keys that a uid has had, the present one last."""
        keys = [self._first("u", uid)]
        for version in range(2, self.version + 1):
            keys.append(self._over(keys[-1], version))
        return tuple(keys)

    def quarantine(self, collection: str, document_id: str) -> str:
        """Return the id of a host document's row in quarantine (ids can be too long to embed)."""
        return self._key("q", f"{collection}/{document_id}")

    def opt_in(self, identity: str, order_id: str, created: int) -> str:
        """Return the id of the record of an order's opt-in."""
        return self._key("c", f"{identity}/{created}/{order_id}")

    def renewed(self, key: str) -> str:
        """Return a key under the present secret; what is under it already, or no key, as it is."""
        found = _KEY.fullmatch(key)
        if found:
            for version in range(int(found[1]) + 1, self.version + 1):
                key = self._over(key, version)
        return key

    def derive(self, purpose: str) -> bytes:
        """Return a secret of its own for another purpose, such as signing page tokens."""
        return _derived(self.secret, purpose)

    def derive_first(self, purpose: str) -> bytes:
        """Return what `derive` returned under the first secret: the same after a new one."""
        return _derived(self._secret_of(1), purpose)

    def derive_former(self, purpose: str) -> tuple[bytes, ...]:
        """Return what `derive` returned under the secrets from before, the first one first."""
        return tuple(_derived(one.secret, purpose) for one in self.former)

    def _key(self, kind: KeyKind, text: str) -> str:
        return self.renewed(self._first(kind, text))

    def _first(self, kind: KeyKind, text: str) -> str:
        return prefix_of(kind) + _base32(_digest(self._secret_of(1), f"{kind}:{text}"))

    def _over(self, key: str, version: int) -> str:
        """Return the key that a version makes of one of the version before."""
        digest = _base32(_digest(self._secret_of(version), f"over:{key}"))
        return f"{key[0]}{version}-{digest}"

    def _secret_of(self, version: int) -> bytes:
        return self.former[version - 1].secret if version < self.version else self.secret


def _base32(digest: bytes) -> str:
    return base64.b32encode(digest).decode().rstrip("=").lower()


def _derived(secret: bytes, purpose: str) -> bytes:
    return _digest(secret, f"derive:{purpose}")


def _digest(secret: bytes, text: str) -> bytes:
    return hmac.digest(secret, text.encode("utf-8", "surrogatepass"), hashlib.sha256)
