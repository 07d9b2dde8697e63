"""Roles of staff: given, taken, listed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from crm.core.email import canonical_or_none
from crm.core.errors import Refusal
from crm.core.roles import CLAIM, Role, role_of
from crm.firebase.app import app, project
from crm.firebase.errors import auth_errors

MAX_CLAIMS_BYTES: Final = 1_000
"""Of all custom claims of an account together, a limit of Firebase Auth."""


@dataclass(frozen=True, slots=True)
class Account:
    """An Auth account, as far as roles are concerned."""

    uid: str
    email: str | None
    verified: bool
    role: Role | None


def grant(email: str, role: Role, *, unverified: bool = False) -> Account:
    """Give an account a role; its other custom claims stay as they are.

    It counts from the account's next ID token: after signing in again, or within an hour.

    Args:
        email: The account's address.
        role: What it may do from then on.
        unverified: Give it although the address is not verified. The role counts once it is.

    Raises:
        Refusal: `not-found` (`no-such-account`), `invalid-argument` (`email-invalid`),
            `failed-precondition` (`address-not-verified`, `claims-too-large`).
        ConfigError, Transient: Auth could not be asked.
    """
    account = _find_email(email)
    if not (account.email_verified or unverified):
        raise Refusal(
            "failed-precondition",
            "address-not-verified",
            "The address of this account is not verified, and anybody can sign up with anybody's"
            " address: let the person verify it first. `--unverified` gives the role all the same,"
            " to whoever verifies the address of this account.",
        )
    claims = {**(account.custom_claims or {}), CLAIM: role.word}
    if len(json.dumps(claims).encode()) > MAX_CLAIMS_BYTES:
        raise Refusal(
            "failed-precondition",
            "claims-too-large",
            f"The account's custom claims would exceed {MAX_CLAIMS_BYTES} bytes:"
            " remove some of them.",
        )
    _set_claims(account.uid, claims)
    return _account(account, role)


def revoke(email: str) -> Account:
    """Take an account's role away and end its sessions; its other custom claims stay.

    The sessions of an account without a role end too: an earlier try may have got only half way.
    A token that is out keeps the role until it expires, within an hour, except where Auth is asked
    (`auth.confirm`).

    Returns:
        The account with the role that it had.

    Raises:
        As `grant`.
    """
    account = _find_email(email)
    claims = dict(account.custom_claims or {})
    before = role_of(claims)
    if CLAIM in claims:
        del claims[CLAIM]
        _set_claims(account.uid, claims)
    _end_sessions(account.uid)  # last: a token fetched before would have the role again
    return _account(account, before)


def roles(seen: Callable[[int], None] = lambda _: None) -> Iterator[Account]:
    """Return every account with a role. Auth keeps no index of claims: all accounts are read.

    Args:
        seen: Told how many accounts each page held (Auth gives 1,000 at a time).

    Raises:
        ConfigError, Transient: Auth could not be asked.
    """
    from firebase_admin import auth

    with auth_errors():
        page = auth.list_users(app=app())
    while page is not None:
        seen(len(page.users))
        for account in page.users:
            role = role_of(account.custom_claims or {})
            if role:
                yield _account(account, role)
        with auth_errors():
            page = page.get_next_page()


def _find_email(email: str) -> Any:
    from firebase_admin import auth

    address = email.strip()
    if canonical_or_none(address) is None:
        text = "Write one plain e-mail address such as alice@example.com."
        raise Refusal("invalid-argument", "email-invalid", text)
    with auth_errors():
        try:
            return auth.get_user_by_email(address, app=app())
        except auth.UserNotFoundError:
            raise Refusal(
                "not-found",
                "no-such-account",
                f"Firebase Auth has no account with this address in project {project()}:"
                " let the person sign in to the host app once, or check the address.",
            ) from None


def _set_claims(uid: str, claims: dict[str, object]) -> None:
    from firebase_admin import auth

    with auth_errors():
        auth.set_custom_user_claims(uid, claims or None, app=app())


def _end_sessions(uid: str) -> None:
    from firebase_admin import auth

    with auth_errors():
        auth.revoke_refresh_tokens(uid, app=app())


def _account(found: Any, role: Role | None) -> Account:
    return Account(found.uid, found.email, bool(found.email_verified), role)
