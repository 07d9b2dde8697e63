"""Every error that one package of CRM-Lite raises for another to handle."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Literal

Code = Literal[
    "invalid-argument",
    "failed-precondition",
    "not-found",
    "already-exists",
    "permission-denied",
    "unauthenticated",
    "resource-exhausted",
    "aborted",
    "unavailable",
]

# Why a document is in quarantine. Stable: `docs/mapping.md` tells the host's engineer what each one
# means and what to do about it.
QuarantineReason = Literal[
    "document-invalid",
    "email-missing",
    "email-invalid",
    "user-invalid",
    "status-missing",
    "status-unknown",
    "amount-missing",
    "amount-invalid",
    "refund-above-total",
    "currency-missing",
    "currency-unknown",
    "time-invalid",
    "too-large",
    "not-processed",
]


class CrmError(Exception):
    """The root of the errors below."""


class Refusal(CrmError):
    """A call that is refused; nothing was changed. Becomes the callable error of the same code.

    Args:
        code: A code of the Firebase callable protocol.
        reason: A stable code for programs (`details.reason`).
        message: What to change, for people; holds no personal data.
        more: What else `details` tells a program, such as the column of a mistake.
    """

    def __init__(
        self, code: Code, reason: str, message: str, more: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message)
        self.code: Code = code
        self.reason = reason
        self.message = message
        self.more: Mapping[str, object] = more or {}


class InvalidDocument(CrmError):
    """A host document that cannot be understood; it goes to quarantine under `reason`.

    Args:
        reason: A stable code; `docs/mapping.md` lists them.
        message: What to change in the document; holds none of its values.
    """

    def __init__(self, reason: QuarantineReason, message: str) -> None:
        super().__init__(message)
        self.reason: QuarantineReason = reason
        self.message = message


class ConfigError(CrmError):
    """`crm.toml` or a parameter is wrong; the message names the key and says what to write."""


class Conflict(CrmError):
    """Somebody else changed what a plan relied on: read again and plan anew."""


class Transient(CrmError):
    """The service did not answer, or asked to slow down: the same call may work later."""


class Paused(Transient):
    """An operator has stopped everything for a while: later, and not at once again."""


class Rejected(CrmError):
    """The database will never take a commit: something in it is over a limit."""


class Damaged(CrmError):
    """A document of ours is not as it was written, such as after an edit by hand.

    Args:
        path: Where it is.
        field: The path of the field.
        why: What is wrong with it, without its value.
    """

    def __init__(self, path: str, field: str, why: str) -> None:
        super().__init__(f"{path}: {field} {why}")
        self.path = path
        self.field = field
        self.why = why


class Unfinished(CrmError):
    """An event could not be handled; the message holds an id and a place, none of the values."""


def place_of(error: BaseException) -> str:
    """Return where an error was raised: a file's name and a line.

    For logs, where an error's own text has no place: it can hold a person's data.
    """
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""


def described(error: BaseException) -> str:
    """Return an error's kind and place: all of it that a log may hold."""
    return f"{type(error).__name__} at {place_of(error)}"
