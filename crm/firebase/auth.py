"""Firebase Auth. The only module that talks to it.

The Auth emulator needs no credentials, and is found by FIREBASE_AUTH_EMULATOR_HOST.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

from crm.core import email
from crm.core.errors import ConfigError, Refusal, Transient
from crm.core.roles import CLAIM, Claims, role_of
from crm.db.accounts import NO_ACCOUNT, Account, Standing
from crm.firebase.app import app
from crm.firebase.errors import auth_errors

log = logging.getLogger(__name__)

MAX_UID: Final = 128  # characters

MAX_ASKED: Final = 100
"""Accounts that Firebase Auth tells of at once."""


def find(uid: str) -> Account:
    """Ask what Firebase Auth says of a uid.

    An account of an Identity Platform tenant is none of the project's, and proves nothing here.

    Args:
        uid: The user's uid.

    Raises:
        Transient: Auth could not be asked.
    """
    try:
        account = look_up(uid)
    except ConfigError as error:
        # A user is known, and linked later, whatever keeps Auth from answering.
        log.error("Firebase Auth cannot be asked: %s", error)
        raise Transient("Firebase Auth cannot be asked") from error
    if account is None:
        return NO_ACCOUNT
    if _is_anonymous(account):
        return Account(Standing.ANONYMOUS)
    address = email.canonical_or_none(account.email) if account.email_verified else None
    return Account(Standing.PERSON, address)


def anonymous_among(uids: Collection[str]) -> set[str]:
    """Return those uids whose accounts are anonymous visitors'.

    Raises:
        ConfigError, Transient: Auth could not be asked.
    """
    from firebase_admin import auth

    asked = [auth.UidIdentifier(uid) for uid in sorted(uids) if 0 < len(uid) <= MAX_UID]
    found: set[str] = set()
    for start in range(0, len(asked), MAX_ASKED):
        with auth_errors():
            answer = auth.get_users(asked[start : start + MAX_ASKED], app=app())
        found |= {account.uid for account in answer.users if _is_anonymous(account)}
    return found


def _is_anonymous(account: Any) -> bool:
    """Whether nobody can sign in to an account again.

    Auth has no word for it: such an account has no provider, no address and no number. One that the
    host's own backend signs in (`customAuth`) has none either, and is somebody's.
    """
    held = (account.provider_data, account.email, account.phone_number)
    return not any(held) and not account._data.get("customAuth")


def verified(token: str) -> Claims:
    """Verify an ID token; give its claims, with the uid as `uid`.

    As the functions' SDK does for callables: signature, project and age, not whether the account
    has been disabled since.

    Raises:
        Refusal: `unauthenticated` (`sign-in`).
        Transient: Google's keys could not be fetched.
    """
    from firebase_admin import auth

    try:
        claims: Claims = auth.verify_id_token(token, app=app())
    except auth.CertificateFetchError as error:
        raise Transient("Google's keys for ID tokens could not be fetched") from error
    except (ValueError, auth.InvalidIdTokenError):
        text = "The ID token is not valid, or has expired: sign in, and send a fresh one."
        raise Refusal("unauthenticated", "sign-in", text) from None
    return claims


def confirm(claims: Claims) -> Claims:
    """Return a verified token's claims as a token of now would have them: address and role.

    A token is good for an hour, whatever becomes of its account meanwhile.

    Raises:
        Refusal: `unauthenticated` (`sign-in`): the account is gone or disabled, or its sessions
            were ended after the sign-in.
        ConfigError, Transient: Auth could not be asked.
    """
    account = look_up(str(claims.get("uid") or ""))
    since = claims.get("auth_time")
    ended = account is not None and account.tokens_valid_after_timestamp  # milliseconds
    if (
        account is None
        or account.disabled
        or not isinstance(since, int | float)
        or since * 1000 < (ended or 0)
    ):
        raise Refusal(
            "unauthenticated",
            "sign-in",
            "The account of this ID token is gone or disabled, or its sessions were ended: sign in"
            " again, and send a fresh token.",
        )
    return {
        **claims,
        "email": account.email,
        "email_verified": account.email_verified,
        CLAIM: (account.custom_claims or {}).get(CLAIM),
    }


def describe(uid: str) -> dict[str, object] | None:
    """Return all that Firebase Auth holds of an account, but its password; None without one.

    Raises:
        ConfigError, Transient: Auth could not be asked.
    """
    found = look_up(uid)
    if found is None:
        return None
    times = found.user_metadata
    return {
        "userId": found.uid,
        "email": found.email,
        "emailVerified": found.email_verified,
        "phoneNumber": found.phone_number,
        "displayName": found.display_name,
        "photoUrl": found.photo_url,
        "disabled": found.disabled,
        "createdAt": _time(times.creation_timestamp),
        "lastSignInAt": _time(times.last_sign_in_timestamp),
        "lastRefreshAt": _time(times.last_refresh_timestamp),
        "providers": [
            {
                "providerId": one.provider_id,
                "userId": one.uid,
                "email": one.email,
                "phoneNumber": one.phone_number,
                "displayName": one.display_name,
                "photoUrl": one.photo_url,
            }
            for one in found.provider_data
        ],
        "customClaims": found.custom_claims or {},
    }


def owner_of(address: str) -> str | None:
    """Return the uid of the account that has verified an address.

    Args:
        address: A canonical address.

    Raises:
        ConfigError, Transient: Auth could not be asked.
    """
    from firebase_admin import auth

    with auth_errors():
        try:
            found = auth.get_user_by_email(address, app=app())
        except (auth.UserNotFoundError, ValueError):  # ValueError: no such address can have one
            return None
    return str(found.uid) if found.email_verified else None


def staff_among(addresses: Collection[str]) -> set[str]:
    """Return those addresses that accounts with a role have verified.

    Args:
        addresses: Canonical addresses, a few.

    Raises:
        ConfigError, Transient: Auth could not be asked.
    """
    from firebase_admin import auth

    staff = set()
    for address in addresses:
        with auth_errors():
            try:
                found = auth.get_user_by_email(address, app=app())
            except (auth.UserNotFoundError, ValueError):  # no such address can have one
                continue
        if found.email_verified and not found.disabled and role_of(found.custom_claims or {}):
            staff.add(address)
    return staff


def delete(uid: str) -> None:
    """Delete an account, where there is one.

    Raises:
        ConfigError, Transient: Auth could not be asked.
    """
    from firebase_admin import auth

    if not 0 < len(uid) <= MAX_UID:
        return  # Auth has no such uids, and the library raises for them
    with auth_errors(), suppress(auth.UserNotFoundError):
        auth.delete_user(uid, app=app())


def look_up(uid: str) -> Any | None:
    """Return the library's record of an account; None where there is none.

    Raises:
        ConfigError, Transient: Auth could not be asked.
    """
    from firebase_admin import auth

    if not 0 < len(uid) <= MAX_UID:
        return None  # Auth has no such uids, and the library raises for them
    with auth_errors():
        try:
            return auth.get_user(uid, app=app())
        except auth.UserNotFoundError:
            return None


def _time(milliseconds: float | None) -> datetime | None:
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
