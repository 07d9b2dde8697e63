"""A row of the outbox: a rule is to act on somebody. Written in the commit that is the reason.

It is deleted in the commit that has the rule act, or decides that it does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crm.db.codec import StoredById
from crm.db.collections import OUTBOX


@dataclass(frozen=True, slots=True)
class RuleEntry(StoredById):
    """A row.

    Attributes:
        id: Random.
        rule_id: The rule.
        customer_id: Whom it is to act on, as the customer was called then.
        at: When the reason came about (UTC).
        since: The rule's `since` as it was known then: a rule that was switched off and on again
            does not act on what came before.
        scope: The event, of a rule that acts once an event; None of others.
    """

    id: str
    rule_id: str
    customer_id: str
    at: datetime
    since: datetime | None
    scope: str | None = None

    @property
    def path(self) -> str:
        """Where its document is."""
        return f"{OUTBOX}/{self.id}"
