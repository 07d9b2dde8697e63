"""From an exception to an answer, the same one wherever somebody calls."""

import logging
from typing import get_args

import pytest

from crm.core.errors import Code, ConfigError, Conflict, Refusal, Transient, Unfinished
from crm.entrypoints.errors import HTTP_STATUSES, Failure, failed, failure_of, unfinished

log = logging.getLogger("crm.test")

CONFIG = ConfigError("CRM_KEY is missing.")


def test_a_refusal_is_told_as_it_is() -> None:
    refusal = Refusal("not-found", "no-such-job", "No job has this id.", {"column": 3})
    assert failure_of(refusal).body == {
        "error": {
            "status": "NOT_FOUND",
            "message": "No job has this id.",
            "details": {"reason": "no-such-job", "column": 3},
        }
    }


@pytest.mark.parametrize(
    ("error", "code", "reason", "status"),
    [
        (Conflict("customer secret"), "aborted", "conflict", 409),
        (Transient("secret"), "unavailable", "unavailable", 503),
        (CONFIG, "failed-precondition", "configuration", 400),
        (ValueError("secret"), "internal", "internal", 500),
    ],
)
def test_another_error_is_told_without_its_text(
    error: Exception, code: str, reason: str, status: int
) -> None:
    failure = failure_of(error)
    assert (failure.code, failure.reason, failure.status) == (code, reason, status)
    assert "secret" not in str(failure.body)


def test_every_code_has_a_status_of_http() -> None:
    assert HTTP_STATUSES.keys() == {*get_args(Code), "internal"}
    assert Failure("unauthenticated", "sign-in", "Sign in.").status == 401


@pytest.mark.parametrize(
    ("error", "logged"),
    [
        (Refusal("not-found", "no-such-job", "No job."), []),
        (Conflict("x"), []),
        (Transient("x"), []),
        (CONFIG, ["get_job: CRM_KEY is missing."]),
        (KeyError("ada@example.com"), ["get_job failed: KeyError at "]),
    ],
)
def test_what_an_operator_has_to_mend_is_logged_and_nothing_else(
    error: Exception, logged: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    failed(log, "get_job", error)
    assert [record.getMessage() for record in caplog.records] == logged


def test_what_is_not_done_is_logged_and_raised_by_kind_and_place(
    caplog: pytest.LogCaptureFixture,
) -> None:
    try:
        raise KeyError("ada@example.com")
    except KeyError as error:
        raised = unfinished(log, "job j1", error)
    assert isinstance(raised, Unfinished)
    assert str(raised).startswith("job j1 not done: KeyError at test_errors.py:")
    assert caplog.messages == [str(raised)]
