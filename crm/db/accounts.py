"""What Firebase Auth says of a user and an address."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any, Protocol


class Verification(enum.Enum):
    """An answer of Firebase Auth, or none."""

    VERIFIED = "verified"
    """There is an account with this uid and this address, which is verified."""

    OTHERWISE = "otherwise"
    """There is an account with this uid, but the address is another one, or not verified."""

    NO_ACCOUNT = "no account"
    """There is no account with this uid: the user's document is the host's backend's own word."""

    NO_ANSWER = "nothing"
    """It did not answer."""


class Accounts(Protocol):
    """Firebase Auth, as far as a person's rights need it.

    Raises, every method: `Transient` where it did not answer.
    """

    def describe(self, uid: str) -> Mapping[str, Any] | None:
        """Return all that it holds of an account but its password; None where there is none."""

    def delete(self, uid: str) -> None:
        """Delete the account of a uid, where there is one."""

    def owner_of(self, address: str) -> str | None:
        """Return the uid of the account that has verified a canonical address."""
