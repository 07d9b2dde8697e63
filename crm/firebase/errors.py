"""Errors of Google's libraries as ours: one table for each service that is talked to.

Of every error it says whether it is over by itself (`Transient`), a matter of somebody else's
commit (`Conflict`), of the commit itself (`Rejected`), or of the installation (`ConfigError`).
What no table names is a defect, and passes as it is. The libraries are loaded at the first error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from crm.core.errors import ConfigError, Conflict, CrmError, Rejected, Transient
from crm.firebase.app import project

_REFUSED: Final = (
    "Firestore lets nobody in with these credentials: run `gcloud auth application-default login`,"
    " or have the role Cloud Datastore User given to the service account."
)

_NO_DATABASE: Final = (
    "There is no such Firestore database: check GCLOUD_PROJECT, and that the project's (default)"
    " database is in Native mode."
)

_AUTH_AWAY: Final = (
    "Firebase Auth did not answer: check the network (FIREBASE_AUTH_EMULATOR_HOST for an emulator)"
    " and try again."
)

_MANAGEMENT_AWAY: Final = "Google's APIs did not answer: check the network, and try again."

_NO_CREDENTIALS: Final = (
    "Google's libraries found no usable credentials: run"
    " `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS."
)


@contextmanager
def firestore_errors(*, committing: bool = False) -> Iterator[None]:
    """Raise what Firestore's library raises as ours.

    Args:
        committing: Whether a commit is carried out, in which a missing document is somebody else's
            doing, and not a missing database.
    """
    with _as_ours(lambda error: _firestore(error, committing)):
        yield


@contextmanager
def auth_errors() -> Iterator[None]:
    """Raise what Firebase Auth's library raises as ours."""
    with _as_ours(_auth):
        yield


@contextmanager
def tasks_errors() -> Iterator[None]:
    """Raise what Cloud Tasks' library raises as `Transient`: the sweep enqueues again."""
    with _as_ours(_tasks):
        yield


@contextmanager
def management_errors() -> Iterator[None]:
    """Raise what asking Google's management APIs raises as ours."""
    with _as_ours(_management):
        yield


@contextmanager
def _as_ours(translation: Callable[[Exception], CrmError | None]) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raised = translation(error)
        if raised is None:
            raise
        raise raised from error


def _firestore(error: Exception, committing: bool) -> CrmError | None:
    import grpc
    from google.api_core import exceptions as api
    from google.auth import exceptions as credentials

    if isinstance(error, grpc.RpcError):  # raised unwrapped while a stream is being read
        error = api.from_grpc_error(error)  # type: ignore[no-untyped-call]
    away = (
        api.ServerError,  # UNAVAILABLE, INTERNAL, UNKNOWN, DEADLINE_EXCEEDED …
        api.TooManyRequests,  # RESOURCE_EXHAUSTED
        api.Cancelled,
        api.RetryError,
        credentials.TransportError,
        grpc.RpcError,
        ConnectionError,
        TimeoutError,
    )
    match error:
        case credentials.RefreshError() if isinstance(error.__cause__, away):
            return Transient(type(error).__name__)  # the server of tokens is away
        case (
            api.Forbidden()
            | api.Unauthorized()
            | credentials.DefaultCredentialsError()
            | credentials.RefreshError()
        ):
            return ConfigError(_REFUSED)
        case api.NotFound() if not committing:  # a missing document is no error
            return ConfigError(_NO_DATABASE)
        case api.Aborted() | api.FailedPrecondition() | api.AlreadyExists() | api.NotFound():
            return Conflict(type(error).__name__)
        case api.InvalidArgument() if committing:
            return Rejected(type(error).__name__)
    return Transient(type(error).__name__) if isinstance(error, away) else None


def _auth(error: Exception) -> CrmError | None:
    from firebase_admin import exceptions as firebase
    from google.auth import exceptions as credentials

    match error:
        case (
            firebase.UnavailableError()
            | firebase.DeadlineExceededError()
            | firebase.ResourceExhaustedError()
            | firebase.InternalError()
            | firebase.UnknownError()
            | firebase.AbortedError()
            | firebase.CancelledError()
            | credentials.TransportError()
        ):
            return Transient(_AUTH_AWAY)
        case credentials.GoogleAuthError():
            return ConfigError(_NO_CREDENTIALS)
        case firebase.FirebaseError():
            return ConfigError(
                f"Firebase Auth refused ({error.code}): check that project {project()} has"
                " Authentication switched on and that the credentials may manage its users."
            )
    return None


def _tasks(error: Exception) -> CrmError | None:
    from firebase_admin import exceptions as firebase
    from google.auth import exceptions as credentials

    match error:
        case firebase.FirebaseError() | credentials.GoogleAuthError() | OSError() | ValueError():
            return Transient(f"Cloud Tasks did not take it: {type(error).__name__}")
    return None


def _management(error: Exception) -> CrmError | None:
    import requests
    from google.auth import exceptions as credentials

    match error:
        case requests.HTTPError(response=requests.Response(status_code=404)):
            return ConfigError(f"There is no Firebase project {project()}: check --project.")
        case requests.HTTPError(response=requests.Response(status_code=401 | 403)):
            return ConfigError(
                f"These credentials may not see the web apps of {project()}: run `gcloud auth"
                " application-default login` as somebody with the role Firebase Viewer, and, where"
                " the API is switched off, `gcloud services enable firebase.googleapis.com"
                f" --project {project()}`."
            )
        case requests.RequestException() | credentials.TransportError():
            return Transient(_MANAGEMENT_AWAY)
        case credentials.GoogleAuthError():
            return ConfigError(_NO_CREDENTIALS)
    return None
