"""What Google's libraries raise, as CRM-Lite's own errors."""

from typing import Any

import grpc
import pytest
from firebase_admin import exceptions as firebase
from google.api_core import exceptions
from google.auth import exceptions as credentials

from crm.core.errors import ConfigError, Conflict, Refusal, Rejected, Transient
from crm.firebase.errors import auth_errors, firestore_errors, tasks_errors

api: Any = exceptions


class Cut(grpc.RpcError):  # type: ignore[misc]
    """A stream that ends in the middle."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNAVAILABLE

    def details(self) -> str:
        return "x"

    def trailing_metadata(self) -> None:
        return None


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (api.Aborted("x"), Conflict),
        (api.AlreadyExists("x"), Conflict),
        (api.FailedPrecondition("x"), Conflict),
        (api.ServiceUnavailable("x"), Transient),
        (api.DeadlineExceeded("x"), Transient),
        (api.ResourceExhausted("x"), Transient),
        (api.InternalServerError("x"), Transient),
        (api.Unknown("x"), Transient),
        (api.Cancelled("x"), Transient),
        (Cut(), Transient),
        (ConnectionResetError("x"), Transient),
        (api.PermissionDenied("x"), ConfigError),
        (api.Unauthenticated("x"), ConfigError),
        (credentials.DefaultCredentialsError("x"), ConfigError),  # type: ignore[no-untyped-call]
        (KeyError("x"), KeyError),
    ],
    ids=lambda value: getattr(value, "__name__", None) or type(value).__name__,
)
@pytest.mark.parametrize("committing", [False, True])
def test_errors_of_firestore(error: Exception, expected: type[Exception], committing: bool) -> None:
    with pytest.raises(expected) as raised, firestore_errors(committing=committing):
        raise error
    assert error in (raised.value, raised.value.__cause__)


@pytest.mark.parametrize(
    ("error", "reading", "committing"),
    [
        (api.NotFound("x"), ConfigError, Conflict),
        (api.InvalidArgument("x"), api.InvalidArgument, Rejected),
    ],
)
def test_what_means_another_thing_in_a_commit(
    error: Exception, reading: type[Exception], committing: type[Exception]
) -> None:
    with pytest.raises(reading), firestore_errors():
        raise error
    with pytest.raises(committing), firestore_errors(committing=True):
        raise error


@pytest.mark.parametrize(
    ("cause", "expected"),
    [(ConnectionResetError("metadata server"), Transient), (ValueError("revoked"), ConfigError)],
)
def test_credentials_that_cannot_be_renewed_just_now_are_no_mistake_of_the_installation(
    cause: Exception, expected: type[Exception]
) -> None:
    with pytest.raises(expected), firestore_errors():
        raise credentials.RefreshError("x") from cause  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (firebase.UnavailableError("x"), Transient),
        (firebase.ResourceExhaustedError("x"), Transient),
        (firebase.UnknownError("x"), Transient),
        (credentials.TransportError("x"), Transient),  # type: ignore[no-untyped-call]
        (credentials.DefaultCredentialsError("x"), ConfigError),  # type: ignore[no-untyped-call]
        (firebase.PermissionDeniedError("x"), ConfigError),
        (Refusal("not-found", "no-such-account", "x"), Refusal),
        (KeyError("x"), KeyError),
    ],
    ids=lambda value: getattr(value, "__name__", None) or type(value).__name__,
)
def test_errors_of_auth(
    error: Exception, expected: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GCLOUD_PROJECT", "demo-x")
    with pytest.raises(expected), auth_errors():
        raise error


@pytest.mark.parametrize(
    "error",
    [
        firebase.PermissionDeniedError("x"),
        credentials.DefaultCredentialsError("x"),  # type: ignore[no-untyped-call]
        ConnectionRefusedError("x"),
        ValueError("x"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_queue_that_takes_nothing_is_asked_again_whatever_the_reason(error: Exception) -> None:
    with pytest.raises(Transient, match=type(error).__name__), tasks_errors():
        raise error
