"""Roles of staff: given, taken, listed. The module is a `StaffAccounts` (`crm/db/accounts.py`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from crm.core.email import canonical_or_none
from crm.core.errors import Refusal
from crm.core.roles import CLAIM, Role, role_of
from crm.db.accounts import MAX_CLAIMS_BYTES, StaffAccount
from crm.firebase.app import app, project
from crm.firebase.auth import look_up
from crm.firebase.errors import auth_errors

LONGEST: Final = max((role.word for role in Role), key=len)


def grant(email: str, role: Role, *, unverified: bool = False) -> StaffAccount:
    """Give the account with an address a role; its other custom claims stay as they are.

    It counts from the account's next ID token: after signing in again, or within an hour.

    Args:
        email: The account's address.
        role: What it may do from then on.
        unverified: Give it although the address is not verified. The role counts once it is.

    Raises:
        Refusal: `failed-precondition` (`address-not-verified`, `claims-too-large`), and as
            `find_email`.
        ConfigError, Transient: Auth could not be asked.
    """
    account = find_email(email)
    if not (account.verified or unverified):
        raise Refusal(
            "failed-precondition",
            "address-not-verified",
            "The address of this account is not verified, and anybody can sign up with anybody's"
            " address: let the person verify it first. `--unverified` gives the role all the same,"
            " to whoever verifies the address of this account.",
        )
    account.check_room()
    give(account.uid, role)
    return replace(account, role=role)


def revoke(email: str) -> StaffAccount:
    """Take the role of the account with an address away and end its sessions (see `take`).

    Returns:
        The account with the role that it had.

    Raises:
        Refusal: As `find_email`.
        ConfigError, Transient: Auth could not be asked.
    """
    account = find_email(email)
    take(account.uid)
    return account


def find(uid: str) -> StaffAccount | None:
    """Return the account of a uid; None where there is none.

    Raises:
        ConfigError, Transient: Auth could not be asked.
    """
    found = look_up(uid)
    return None if found is None else _account(found)


def find_email(email: str) -> StaffAccount:
    """Return the account with an address.

    Raises:
        Refusal: `not-found` (`no-such-account`), `invalid-argument` (`email-invalid`).
        ConfigError, Transient: Auth could not be asked.
    """
    from firebase_admin import auth

    address = email.strip()
    if canonical_or_none(address) is None:
        text = "Write one plain e-mail address such as alice@example.com."
        raise Refusal("invalid-argument", "email-invalid", text)
    with auth_errors():
        try:
            return _account(auth.get_user_by_email(address, app=app()))
        except auth.UserNotFoundError:
            raise Refusal(
                "not-found",
                "no-such-account",
                f"Firebase Auth has no account with this address in project {project()}:"
                " let the person sign in to the host app once, or check the address.",
            ) from None


def give(uid: str, role: Role) -> None:
    """Give an account a role; its other custom claims stay.

    Raises:
        Refusal: `not-found` (`no-such-account`).
        ConfigError, Transient: Auth could not be asked.
    """
    _set_claims(uid, {**(_there(uid).custom_claims or {}), CLAIM: role.word})


def take(uid: str) -> None:
    """Take an account's role away and end its sessions; its other custom claims stay.

    The sessions of an account without a role end too: an earlier try may have got only half way.
    A token that is out keeps the role until it expires, within an hour, except where Auth is asked
    (`auth.confirm`).

    Raises:
        Refusal: `not-found` (`no-such-account`).
        ConfigError, Transient: Auth could not be asked.
    """
    claims = dict(_there(uid).custom_claims or {})
    if CLAIM in claims:
        del claims[CLAIM]
        _set_claims(uid, claims)
    _end_sessions(uid)  # last: a token fetched before would have the role again


def page(token: str | None) -> tuple[list[StaffAccount], str | None]:
    """Return those with a role among the next 1,000 accounts, and where to go on.

    Raises:
        ConfigError, Transient: Auth could not be asked.
    """
    from firebase_admin import auth

    with auth_errors():
        found = auth.list_users(page_token=token, app=app())
    return _with_roles(found.users), found.next_page_token or None


def roles(seen: Callable[[int], None] = lambda _: None) -> Iterator[StaffAccount]:
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
        yield from _with_roles(page.users)
        with auth_errors():
            page = page.get_next_page()


def _with_roles(accounts: Iterable[Any]) -> list[StaffAccount]:
    return [one for one in map(_account, accounts) if one.role is not None]


def _there(uid: str) -> Any:
    found = look_up(uid)
    if found is None:
        text = "Firebase Auth has no account with this uid: look at the list of staff again."
        raise Refusal("not-found", "no-such-account", text)
    return found


def _set_claims(uid: str, claims: dict[str, object]) -> None:
    from firebase_admin import auth

    with auth_errors():
        auth.set_custom_user_claims(uid, claims or None, app=app())


def _end_sessions(uid: str) -> None:
    from firebase_admin import auth

    with auth_errors():
        auth.revoke_refresh_tokens(uid, app=app())


def _account(found: Any) -> StaffAccount:
    claims = found.custom_claims or {}
    with_role = json.dumps({**claims, CLAIM: LONGEST}).encode()
    signed_in = found.user_metadata.last_sign_in_timestamp  # milliseconds
    return StaffAccount(
        found.uid,
        found.email,
        bool(found.email_verified),
        role_of(claims),
        found.display_name,
        # The library for Python has no word for it: `mfaInfo` of the Identity Toolkit API.
        bool(found._data.get("mfaInfo")),
        datetime.fromtimestamp(signed_in / 1000, UTC) if signed_in else None,
        bool(found.disabled),
        len(with_role) > MAX_CLAIMS_BYTES,
    )
