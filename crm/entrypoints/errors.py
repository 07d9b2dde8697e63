"""From an exception to an answer: one ladder for whatever somebody outside calls.

Every entry point tells the same failure in the same words; in which envelope, is its own affair.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from logging import Logger
from typing import Final

from crm.core.errors import (
    ConfigError,
    Conflict,
    Damaged,
    Refusal,
    Transient,
    Unfinished,
    described,
)

HTTP_STATUSES: Final[Mapping[str, int]] = {
    "invalid-argument": 400,
    "failed-precondition": 400,
    "unauthenticated": 401,
    "permission-denied": 403,
    "not-found": 404,
    "aborted": 409,
    "already-exists": 409,
    "resource-exhausted": 429,
    "internal": 500,
    "unavailable": 503,
}
"""HTTP's status for each code, as in the callable protocol."""


@dataclass(frozen=True)
class Failure:
    """What somebody is told whose call failed.

    Attributes:
        code: A code of the Firebase callable protocol.
        reason: A stable code for programs (`details.reason`).
        message: What to change, for people; holds no personal data.
        more: What else `details` tells a program.
    """

    code: str
    reason: str
    message: str
    more: Mapping[str, object] = field(default_factory=dict)

    @property
    def details(self) -> dict[str, object]:
        """The `details` of the callable protocol."""
        return {"reason": self.reason, **self.more}

    @property
    def status(self) -> int:
        """HTTP's status."""
        return HTTP_STATUSES[self.code]

    @property
    def body(self) -> dict[str, object]:
        """The body of an answer in the callable protocol, to be sent as JSON."""
        status = self.code.upper().replace("-", "_")
        return {"error": {"status": status, "message": self.message, "details": self.details}}


def failure_of(error: Exception) -> Failure:
    """Return what the caller is told of an error. `internal` is a defect."""
    match error:
        case Refusal():
            return Failure(error.code, error.reason, error.message, error.more)
        case Conflict():
            text = "Others kept changing the same documents: call again."
            return Failure("aborted", "conflict", text)
        case Transient():
            text = "The service did not answer in time: call again in a moment."
            return Failure("unavailable", "unavailable", text)
        case ConfigError():
            return Failure("failed-precondition", "configuration", str(error))
        case Damaged():
            text = (
                "A stored document is damaged. Run `python -m crm verify`: it names the document."
            )
            return Failure("failed-precondition", "damaged", f"{text} Then run `rebuild`.")
    return Failure("internal", "internal", "This is a defect of CRM-Lite: its log says more.")


def failed(log: Logger, function: str, error: Exception) -> Failure:
    """Return what the caller is told, and log what an operator has to mend.

    A refusal is the caller's affair, and a collision or a silent service is over soon: neither is
    logged. A defect is, by its kind and place: its own text can hold a person's data.

    Args:
        log: Of the entry point.
        function: The name of what was called.
        error: Why it failed.
    """
    failure = failure_of(error)
    if failure.code == "internal":
        log.error("%s failed: %s", function, described(error))
    elif isinstance(error, ConfigError | Damaged):
        log.error("%s: %s", function, error)  # names a key of the configuration, or a path
    return failure


def unfinished(log: Logger, what: str, error: Exception) -> Unfinished:
    """Log that something was not done, and return what to raise, so that the platform tries again.

    Its message holds an id and a place, no values: the framework prints it, and the text of what
    was raised can hold a person's data.

    Args:
        log: Of the entry point.
        what: What was not done, such as "sweep".
        error: Why.
    """
    text = f"{what} not done: {described(error)}"
    log.error(text)
    return Unfinished(text)
