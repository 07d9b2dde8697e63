"""What Firebase Auth says of a user and an address."""

from __future__ import annotations

import enum


class AuthSays(enum.Enum):
    """An answer of Firebase Auth, or none."""

    VERIFIED = "verified"
    """There is an account with this uid and this address, which is verified."""

    OTHERWISE = "otherwise"
    """There is an account with this uid, but the address is another one, or not verified."""

    NO_ACCOUNT = "no account"
    """There is no account with this uid: the user's document is the host's backend's own word."""

    NOTHING = "nothing"
    """It did not answer."""
