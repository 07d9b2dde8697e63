"""One check of an installation: what was looked at, how it is, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        check: Which one; stable.
        verdict: `ok`; `warn`: better done; `fail`: something does not work without it.
        message: A sentence that says what there is, or what to do.
        to: The console's page for it; None for none.
    """

    check: str
    verdict: Verdict
    message: str
    to: str | None = None

    def to_data(self) -> dict[str, object]:
        """Return it as a callable answers it."""
        return {
            "check": self.check,
            "verdict": self.verdict,
            "message": self.message,
            "to": self.to,
        }


@dataclass(frozen=True, slots=True)
class Silent:
    """A source of facts that gave no answer.

    Attributes:
        why: What happened and what to do, in a sentence.
    """

    why: str
