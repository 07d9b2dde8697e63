"""What Firebase Auth says of a uid, now. Asked in one place, for triggers and calls alike."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from crm.core.roles import Claims


class Standing(enum.Enum):
    """What kind of account a uid has."""

    PERSON = "person"
    """Somebody can sign in to it: it has a provider, an address or a number, or is custom."""

    ANONYMOUS = "anonymous"
    """A visitor's, who gave nothing: a guest, whatever `users` says."""

    NONE = "none"
    """There is no account of this uid, or no more."""

    UNKNOWN = "unknown"
    """Firebase Auth did not answer."""


@dataclass(frozen=True, slots=True)
class Account:
    """What Firebase Auth says of a uid.

    Attributes:
        standing: What kind of account it has.
        verified: The canonical address that the account has verified, if any.
    """

    standing: Standing
    verified: str | None = None

    def proves(self, address: str) -> bool:
        """Whether a canonical address is the account's own. Silence proves nothing."""
        return self.verified is not None and self.verified == address


NO_ACCOUNT: Final = Account(Standing.NONE)

NO_ANSWER: Final = Account(Standing.UNKNOWN)


class Accounts(Protocol):
    """Firebase Auth, as far as a person's rights need it.

    Raises, every method: `Transient` where it did not answer.
    """

    def find(self, uid: str) -> Account:
        """Return what it says of a uid; `NO_ACCOUNT` where it has none."""

    def anonymous_among(self, uids: Collection[str]) -> set[str]:
        """Return those uids whose accounts are anonymous visitors'."""

    def confirm(self, claims: Claims) -> Claims:
        """Return a token's claims as a token of now would have them: address, verification, role.

        Raises:
            Refusal: `unauthenticated` (`sign-in`): the account is gone or disabled, or its
                sessions were ended since.
        """

    def describe(self, uid: str) -> Mapping[str, Any] | None:
        """Return all that it holds of an account but its password; None where there is none."""

    def delete(self, uid: str) -> None:
        """Delete the account of a uid, where there is one."""

    def owner_of(self, address: str) -> str | None:
        """Return the uid of the account that has verified a canonical address."""

    def staff_among(self, addresses: Collection[str]) -> set[str]:
        """Return those canonical addresses that accounts with a role have verified."""
