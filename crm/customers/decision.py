"""Marketing consent: which of several decisions holds (GDPR art. 7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from crm.db.documents import Data

SUBSCRIBED: Literal["subscribed"] = "subscribed"

UNSUBSCRIBED: Literal["unsubscribed"] = "unsubscribed"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision of a person: a grant or a withdrawal, when and by what way."""

    status: Literal["subscribed", "unsubscribed"]
    at: datetime
    source: str

    def to_data(self) -> dict[str, object]:
        """Return its fields."""
        return {"status": self.status, "at": self.at, "source": self.source}

    @classmethod
    def from_data(cls, data: Data | None) -> Decision | None:
        """Read its fields."""
        return cls(data["status"], data["at"], data["source"]) if data else None


def latest(decisions: Iterable[Decision | None]) -> Decision | None:
    """Return the decision that holds: the later one, and at the same moment the withdrawal."""
    return max(
        (decision for decision in decisions if decision is not None),
        key=lambda decision: (decision.at, decision.status == UNSUBSCRIBED, decision.source),
        default=None,
    )
