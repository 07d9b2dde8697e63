"""Marketing consent: which of several decisions holds (GDPR art. 7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from crm.db.codec import Stored

SUBSCRIBED: Literal["subscribed"] = "subscribed"

UNSUBSCRIBED: Literal["unsubscribed"] = "unsubscribed"


@dataclass(frozen=True, slots=True)
class Decision(Stored):
    """One decision of a person: a grant or a withdrawal, when and by what way."""

    status: Literal["subscribed", "unsubscribed"]
    at: datetime
    source: str


def latest(decisions: Iterable[Decision | None]) -> Decision | None:
    """Return the decision that holds: the later one, and at the same moment the withdrawal."""
    return max(
        (decision for decision in decisions if decision is not None),
        key=lambda decision: (decision.at, decision.status == UNSUBSCRIBED, decision.source),
        default=None,
    )
