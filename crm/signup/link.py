"""Links by which somebody confirms a sign-up, or says "this was not me". Pure.

A link holds the identity key of the address and when the news were asked for, signed, and nothing
else: no address. It ends seven days after the asking, whatever the secret.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from itsdangerous import BadData, Signer

from crm.core.keyring import Keyring
from crm.signup.record import LIFE

_TOKEN: Final = re.compile(r"[\w-]+\.[\w-]+(?=[^\w-]*\Z)", re.ASCII)
"""A token, whatever stands behind it that cannot be a part of one (see `unsubscribe_link`)."""

_LONGEST: Final = 400
"""Characters of a token that is looked at."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Link:
    """What a link's token holds.

    Attributes:
        key: The identity key of the address.
        at: When the news were asked for (UTC).
    """

    key: str
    at: datetime

    def is_over(self, now: datetime) -> bool:
        """Return whether it has ended."""
        return now - self.at >= LIFE


def token(keys: Keyring, key: str, at: datetime) -> str:
    """Return the token of a request: letters, digits, `-`, `_` and one dot."""
    return _signer(keys).sign(f"{key}_{(at - _EPOCH) // _TICK}").decode()


def read(keys: Keyring, text: str, now: datetime) -> Link | None:
    """Return what a token holds, also one that has ended; None where we did not sign it.

    Args:
        keys: The installation's keyring.
        text: What came, from anybody.
        now: Whether a link of a former secret can still be good.
    """
    cut = _TOKEN.match(text) if len(text) <= _LONGEST else None
    if cut is None:
        return None
    last = [one.secret for one in keys.former if now - one.until < LIFE]
    for secret in (keys.secret, *reversed(last)):
        try:
            key, _, micros = _signer(Keyring(secret)).unsign(cut[0]).decode().partition("_")
            return Link(keys.renewed(key), _EPOCH + int(micros) * _TICK)
        except (BadData, ValueError, OverflowError):
            continue
    return None


def _signer(keys: Keyring) -> Signer:
    secret = keys.derive("signup")
    return Signer(secret, salt=b"signup", key_derivation="hmac", digest_method=hashlib.sha256)
