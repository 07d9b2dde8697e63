"""What Firebase Auth says of a uid, now. Asked in one place, for triggers and calls alike."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from crm.core.errors import Refusal
from crm.core.roles import Claims, Role

MAX_CLAIMS_BYTES: Final = 1_000
"""Of all custom claims of an account together, a limit of Firebase Auth."""


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


@dataclass(frozen=True, slots=True)
class StaffAccount:
    """An account, as far as roles are concerned.

    Attributes:
        uid: Its Firebase Auth uid.
        email: Its address.
        verified: Whether Auth has verified the address: only then the role counts.
        role: The role in its claims, if any.
        name: What the account calls its owner.
        second_factor: Whether signing in takes more than a password.
        last_sign_in_at: When somebody last signed in (UTC).
        disabled: Whether nobody can sign in to it.
        full: Whether its custom claims leave no room for a role.
    """

    uid: str
    email: str | None
    verified: bool
    role: Role | None
    name: str | None = None
    second_factor: bool = False
    last_sign_in_at: datetime | None = None
    disabled: bool = False
    full: bool = False

    @property
    def acts(self) -> Role | None:
        """The role that counts now: none of an account that is disabled or not verified."""
        return self.role if self.verified and not self.disabled else None

    def check_room(self) -> None:
        """Look whether there is room for a role beside the other custom claims.

        Raises:
            Refusal: `failed-precondition` (`claims-too-large`).
        """
        if self.full:
            raise Refusal(
                "failed-precondition",
                "claims-too-large",
                f"The account's custom claims would exceed {MAX_CLAIMS_BYTES} bytes: have some of"
                " them removed.",
            )


class StaffAccounts(Protocol):
    """Firebase Auth, as far as roles are concerned.

    Raises, every method: `ConfigError`, `Transient` where it could not be asked.
    """

    def find(self, uid: str) -> StaffAccount | None:
        """Return the account of a uid; None where there is none."""

    def find_email(self, email: str) -> StaffAccount:
        """Return the account with an address.

        Raises:
            Refusal: `not-found` (`no-such-account`), `invalid-argument` (`email-invalid`).
        """

    def page(self, token: str | None) -> tuple[list[StaffAccount], str | None]:
        """Return those with a role among the next 1,000 accounts, and where to go on."""

    def give(self, uid: str, role: Role) -> None:
        """Give an account a role; its other custom claims stay.

        Raises:
            Refusal: `not-found` (`no-such-account`).
        """

    def take(self, uid: str) -> None:
        """Take an account's role away and end its sessions; its other custom claims stay.

        Raises:
            Refusal: `not-found` (`no-such-account`).
        """
