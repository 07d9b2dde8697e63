"""Roles of staff, given and taken by admins: what Firebase Auth keeps, guarded and audited.

A role is a claim of an account, and Auth can neither change two accounts together nor one only if
nobody else did. So that two admins who take each other's role do not both succeed, each looks at
the own one once more *after* the change, and takes the change back where it is gone: of any circle
of such changes the last one finds the own role gone (docs/decisions/060).

The entry of the audit trail is written before the change, for there is no commit of both: what was
done is in the trail always, and what the trail says was at least begun.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from crm.audit.trail import Once
from crm.core.errors import Refusal
from crm.core.keyring import Keyring
from crm.core.roles import Role
from crm.db.accounts import StaffAccount, StaffAccounts
from crm.db.paging import Pager
from crm.db.retry import interactive
from crm.db.runner import Runner

GRANTED: Final = "staff.grant"

REVOKED: Final = "staff.revoke"

RESTORED: Final = "staff.restore"

PAGES: Final = 10
"""Of 1,000 accounts each, that one call looks through: Auth keeps no index of claims."""

T = TypeVar("T")


def list_staff(
    accounts: StaffAccounts, keys: Keyring, pager: Pager, caller: str
) -> dict[str, object]:
    """Return who has a role, of the next `PAGES` pages of accounts: the highest role first.

    Args:
        accounts: Firebase Auth.
        keys: The installation's keyring.
        pager: Where to go on; its size plays no part.
        caller: The uid of who asks.

    Raises:
        Refusal: `invalid-argument` (`page-token`).
        ConfigError, Transient: Auth could not be asked.
    """
    cursor = pager.open("list_staff", {})
    token: str | None = cursor.position[0] if cursor.position else None
    found: list[StaffAccount] = []
    for _ in range(PAGES):
        at = token
        page, token = pager.retry.call(lambda at=at: accounts.page(at))  # type: ignore[misc]
        found += page
        if token is None:
            break
    found.sort(key=lambda one: (-(one.role or 0), one.email or "", one.uid))
    following = None if token is None else cursor.next_token([token])
    return {"staff": [_row(one, keys, caller) for one in found], "nextPageToken": following}


def grant_role(
    runner: Runner, accounts: StaffAccounts, caller: str, email: str, role: Role
) -> dict[str, object]:
    """Give the account with an address a role, higher or lower than the one that it has.

    Args:
        runner: Writes the audit trail, in the caller's name.
        accounts: Firebase Auth.
        caller: The uid of the admin who asks.
        email: The account's address.
        role: What it may do from its next ID token on.

    Returns:
        The account as it is then.

    Raises:
        Refusal: `not-found` (`no-such-account`), `invalid-argument` (`email-invalid`),
            `failed-precondition` (`own-role`, `last-admin`, `address-not-verified`,
            `claims-too-large`).
        ConfigError, Conflict, Transient: Not done, or only begun; safe to call again.
    """
    change = _Change(runner, accounts, caller)
    account = change.asked(lambda: accounts.find_email(email))
    change.check_whose(account)
    if not account.verified:
        raise Refusal(
            "failed-precondition",
            "address-not-verified",
            "The address of this account is not verified, and anybody can sign up with anybody's"
            " address: let the person verify it first.",
        )
    account.check_room()
    return change.make(account, role)


def revoke_role(
    runner: Runner, accounts: StaffAccounts, caller: str, uid: str
) -> dict[str, object]:
    """Take an account's role away and end its sessions; one without a role is left alone.

    Args:
        runner: As for `grant_role`.
        accounts: Firebase Auth.
        caller: The uid of the admin who asks.
        uid: Whose role.

    Returns:
        The account as it is then.

    Raises:
        Refusal: `not-found` (`no-such-account`), `failed-precondition` (`own-role`, `last-admin`).
        ConfigError, Conflict, Transient: Not done, or only begun; safe to call again.
    """
    change = _Change(runner, accounts, caller)
    account = change.asked(lambda: accounts.find(uid))
    if account is None:
        text = "There is no account of this uid any more: look at the list of staff again."
        raise Refusal("not-found", "no-such-account", text)
    change.check_whose(account)
    return change.make(account, None)


@dataclass(frozen=True)
class _Change:
    """A change of one account's role, made by an admin."""

    runner: Runner
    accounts: StaffAccounts
    caller: str

    def asked(self, ask: Callable[[], T]) -> T:
        return interactive(self.runner.retry).call(ask)

    def check_whose(self, account: StaffAccount) -> None:
        if account.uid == self.caller:
            raise Refusal(
                "failed-precondition",
                "own-role",
                "Nobody changes the own role: ask another admin to do it.",
            )

    def make(self, account: StaffAccount, role: Role | None) -> dict[str, object]:
        if account.role is not role:
            self._record(REVOKED if role is None else GRANTED, account, role)
            self._set(account.uid, role)
            if account.role is Role.ADMIN:
                self._look_again(account, role)
        return _row(replace(account, role=role), self.runner.keys, self.caller)

    def _look_again(self, account: StaffAccount, role: Role | None) -> None:
        """Take the change back where nobody may be an admin after it.

        Raises:
            Refusal: `failed-precondition` (`last-admin`).
        """
        own = self.asked(lambda: self.accounts.find(self.caller))
        if own is not None and own.acts is Role.ADMIN:
            return
        left = self.asked(lambda: self.accounts.find(account.uid))
        if left is not None and left.role is role:  # nobody has changed it since
            self._record(RESTORED, left, Role.ADMIN)
            self._set(account.uid, Role.ADMIN)
        raise Refusal(
            "failed-precondition",
            "last-admin",
            "Your own role was taken away at the same moment, so this may be the last admin: the"
            " account keeps its role. Sign in again.",
        )

    def _record(self, action: str, account: StaffAccount, role: Role | None) -> None:
        facts = {
            "account": self.runner.keys.user(account.uid),
            "role": role.word if role else None,
            "before": account.role.word if account.role else None,
        }
        self.runner.run(Once(action, facts=facts))

    def _set(self, uid: str, role: Role | None) -> None:
        if role is None:
            self.asked(lambda: self.accounts.take(uid))
        else:
            self.asked(lambda: self.accounts.give(uid, role))


def _row(account: StaffAccount, keys: Keyring, caller: str) -> dict[str, object]:
    return {
        "uid": account.uid,
        "email": account.email,
        "name": account.name,
        "role": account.role.word if account.role else None,
        "verified": account.verified,
        "secondFactor": account.second_factor,
        "lastSignInAt": account.last_sign_in_at,
        "disabled": account.disabled,
        "you": account.uid == caller,
        "actors": list(keys.user_ever(account.uid)),
    }
