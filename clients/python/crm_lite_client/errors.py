"""What can become of a call besides its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class CrmError(Exception):
    """A call was not answered as it was meant to be."""


class Refusal(CrmError):
    """CRM-Lite has refused a call: nothing was changed.

    Attributes:
        call: The name of the call.
        code: A code of the callable protocol, such as `not-found`.
        reason: The stable code of docs/calls.md, such as `no-such-customer`.
        message: What to change.
        details: What else is said for programs, such as `customerIds` of `ambiguous`.
    """

    def __init__(
        self, call: str, code: str, reason: str, message: str, details: Mapping[str, Any]
    ) -> None:
        super().__init__(f"{call}: {message} ({code}, {reason})")
        self.call = call
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details


class NoAnswer(CrmError):
    """Nobody knows what became of a call: no network, no time left, or no function there.

    Attributes:
        call: The name of the call.
        status: HTTP's, of something else that answered; None where nothing did.
    """

    def __init__(self, call: str, status: int | None, what: str) -> None:
        super().__init__(f"{call}: {what}")
        self.call = call
        self.status = status
