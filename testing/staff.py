"""Roles in memory: Firebase Auth, as far as they are concerned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from crm.core.email import canonical_or_none
from crm.core.errors import Refusal
from crm.core.roles import Role
from crm.db.accounts import StaffAccount


class Staff:
    """Accounts by uid; at first one admin, `staff`.

    Attributes:
        of: The accounts.
        ended: Uids whose sessions were ended, in that order.
        at_once: How many accounts a page looks at.
        pause: Called around every call.
    """

    def __init__(self) -> None:
        admin = StaffAccount("staff", "staff@example.com", verified=True, role=Role.ADMIN)
        self.of: dict[str, StaffAccount] = {"staff": admin}
        self.ended: list[str] = []
        self.at_once = 1_000
        self.pause: Callable[[], None] = lambda: None

    def hire(
        self, uid: str, role: Role | None = None, *, verified: bool = True, full: bool = False
    ) -> StaffAccount:
        """Make an account."""
        account = StaffAccount(uid, f"{uid}@example.com", verified, role, full=full)
        self.of[uid] = account
        return account

    def admins(self) -> list[str]:
        """Return who is an admin."""
        return [uid for uid, one in self.of.items() if one.acts is Role.ADMIN]

    def find(self, uid: str) -> StaffAccount | None:
        self.pause()
        return self.of.get(uid)

    def find_email(self, email: str) -> StaffAccount:
        if canonical_or_none(email) is None:
            raise Refusal("invalid-argument", "email-invalid", "Write one plain e-mail address.")
        self.pause()
        for account in self.of.values():
            if account.email == email.strip().lower():
                return account
        raise Refusal("not-found", "no-such-account", "There is no account with this address.")

    def page(self, token: str | None) -> tuple[list[StaffAccount], str | None]:
        self.pause()
        start = int(token or 0)
        accounts = [*self.of.values()]
        more = len(accounts) > start + self.at_once
        page = [one for one in accounts[start : start + self.at_once] if one.role is not None]
        return page, str(start + self.at_once) if more else None

    def give(self, uid: str, role: Role) -> None:
        self._change(uid, role)

    def take(self, uid: str) -> None:
        self._change(uid, None)
        self.ended.append(uid)

    def _change(self, uid: str, role: Role | None) -> None:
        self.pause()
        if uid not in self.of:
            raise Refusal("not-found", "no-such-account", "There is no account of this uid.")
        self.of[uid] = replace(self.of[uid], role=role)
        self.pause()
