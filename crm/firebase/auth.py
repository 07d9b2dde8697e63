"""Firebase Auth. The only room that talks to it.

The Auth emulator needs no credentials, and is found by FIREBASE_AUTH_EMULATOR_HOST.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from crm.core import email as addresses
from crm.core.errors import ConfigError, Refusal, Transient, Unreadable
from crm.core.roles import CLAIM, Claims, Role, role_of
from crm.db.accounts import AuthSays

log = logging.getLogger(__name__)


TIMEOUT: Final = 10  # seconds for one call; the library's own is two minutes


MAX_UID: Final = 128  # characters


MAX_CLAIMS_BYTES: Final = 1_000
"""Of all custom claims of an account together, a limit of Firebase Auth."""


_making = threading.Lock()


@dataclass(frozen=True, slots=True)
class Account:
    """An Auth account, as far as roles are concerned."""

    uid: str
    email: str | None
    verified: bool
    role: Role | None


def proof(uid: str, address: str) -> AuthSays:
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
        return AuthSays.NO_ACCOUNT
    same = account.email_verified and _canonical(account.email) == address
    return AuthSays.VERIFIED if same else AuthSays.OTHERWISE


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
    """Give all that Firebase Auth holds of an account, but its password; None without one.

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
    """Give the uid of the account that has verified an address.

    Args:
        address: A canonical address.

    Raises:
        ConfigError, Transient: Auth could not be asked.
    """
    from firebase_admin import auth

    with _translated():
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
    with _translated(), suppress(auth.UserNotFoundError):
        auth.delete_user(uid, app=app())


def grant(email: str, role: Role) -> Account:
    """Give an account a role; its other custom claims stay as they are.

    It counts from the account's next ID token: after signing in again, or within an hour.

    Raises:
        Refusal: `not-found` (`no-such-account`), `invalid-argument` (`email-invalid`),
            `failed-precondition` (`claims-too-large`).
        ConfigError, Transient: Auth could not be asked.
    """
    account = _find_email(email)
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
    """Take an account's role away; its other custom claims stay as they are.

    Tokens that are out keep the role until they expire, within an hour.

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
    return _account(account, before)


def roles(seen: Callable[[int], None] = lambda _: None) -> Iterator[Account]:
    """Give every account with a role. Auth keeps no index of claims: all accounts are read.

    Args:
        seen: Told how many accounts each page held (Auth gives 1,000 at a time).

    Raises:
        ConfigError, Transient: Auth could not be asked.
    """
    from firebase_admin import auth

    with _translated():
        page = auth.list_users(app=app())
    while page is not None:
        seen(len(page.users))
        for account in page.users:
            role = role_of(account.custom_claims or {})
            if role:
                yield _account(account, role)
        with _translated():
            page = page.get_next_page()


def project() -> str:
    """Give the project's id.

    Raises:
        ConfigError: None is set.
    """
    named = _project()
    if not named:
        raise ConfigError("GCLOUD_PROJECT is not set: set it to the id of the Firebase project.")
    return named


def _project() -> str | None:
    return os.environ.get("GCLOUD_PROJECT") or os.environ.get("GOOGLE_CLOUD_PROJECT")


def prepare() -> None:
    """Make the library's default app, with which the functions' SDK verifies ID tokens.

    Without it every callable answers `unauthenticated`. Opens no connection.
    """
    from firebase_admin import _DEFAULT_APP_NAME

    _made(_DEFAULT_APP_NAME, _project())


def app() -> Any:
    """Give the library's app of this project, made at its first use; `ConfigError` without one."""
    if "//" in os.environ.get("FIREBASE_AUTH_EMULATOR_HOST", ""):
        raise ConfigError("FIREBASE_AUTH_EMULATOR_HOST must be written host:port, without http://.")
    # An app of each project, so that tests can use many in one process.
    return _made(f"crm {project()}", project())


def _made(name: str, project_id: str | None) -> Any:
    import firebase_admin

    options = {"httpTimeout": TIMEOUT} | ({"projectId": project_id} if project_id else {})
    with _making:
        try:
            return firebase_admin.get_app(name)
        except ValueError:
            return firebase_admin.initialize_app(options=options, name=name)


def _find_uid(uid: str) -> Any | None:
    from firebase_admin import auth

    if not 0 < len(uid) <= MAX_UID:
        return None  # Auth has no such uids, and the library raises for them
    with _translated():
        try:
            return auth.get_user(uid, app=app())
        except auth.UserNotFoundError:
            return None


def _find_email(email: str) -> Any:
    from firebase_admin import auth

    address = email.strip()
    if _canonical(address) is None:
        text = "Write one plain e-mail address such as alice@example.com."
        raise Refusal("invalid-argument", "email-invalid", text)
    with _translated():
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

    with _translated():
        auth.set_custom_user_claims(uid, claims or None, app=app())


def _account(found: Any, role: Role | None) -> Account:
    return Account(found.uid, found.email, bool(found.email_verified), role)


def _time(milliseconds: float | None) -> datetime | None:
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _canonical(email: str | None) -> str | None:
    try:
        return addresses.canonical(email)
    except Unreadable:
        return None


@contextmanager
def _translated() -> Iterator[None]:
    """Raise the libraries' errors as ours."""
    from firebase_admin import exceptions as firebase
    from google.auth import exceptions as google

    try:
        yield
    except (
        firebase.UnavailableError,
        firebase.DeadlineExceededError,
        firebase.ResourceExhaustedError,
        firebase.InternalError,
        firebase.UnknownError,
        firebase.AbortedError,
        firebase.CancelledError,
        google.TransportError,
    ) as error:
        raise Transient(
            "Firebase Auth did not answer: check the network"
            " (FIREBASE_AUTH_EMULATOR_HOST for an emulator) and try again."
        ) from error
    except google.GoogleAuthError as error:
        raise ConfigError(
            "Google's libraries found no usable credentials: run"
            " `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS."
        ) from error
    except firebase.FirebaseError as error:
        raise ConfigError(
            f"Firebase Auth refused ({error.code}): check that project {project()} has"
            " Authentication switched on and that the credentials may manage its users."
        ) from error
