"""Firebase Auth. The only module that talks to it.

The Auth emulator needs no credentials, and is found by FIREBASE_AUTH_EMULATOR_HOST.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

from crm.core import email
from crm.core.errors import ConfigError, Refusal, Transient
from crm.core.roles import Claims
from crm.db.accounts import Verification
from crm.firebase.app import app
from crm.firebase.errors import auth_errors

log = logging.getLogger(__name__)

MAX_UID: Final = 128  # characters


def verify_address(uid: str, address: str) -> Verification:
    """Ask whether Firebase Auth takes an address for a user's own.

    Args:
        uid: The user's uid.
        address: A canonical address.

    Raises:
        Transient: Auth could not be asked.
    """
    try:
        account = _find_uid(uid)
    except ConfigError as error:
        # A user is known, and linked later, whatever keeps Auth from answering.
        log.error("Firebase Auth cannot be asked: %s", error)
        raise Transient("Firebase Auth cannot be asked") from error
    if account is None:
        return Verification.NO_ACCOUNT
    same = account.email_verified and email.canonical_or_none(account.email) == address
    return Verification.VERIFIED if same else Verification.OTHERWISE


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


def describe(uid: str) -> dict[str, object] | None:
    """Return all that Firebase Auth holds of an account, but its password; None without one.

    Raises:
        ConfigError, Transient: Auth could not be asked.
    """
    found = _find_uid(uid)
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


def _find_uid(uid: str) -> Any | None:
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
