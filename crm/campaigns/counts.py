"""How many of a campaign's people are in which state. They always add up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from crm.db.codec import Stored

PersonState = Literal["waiting", "accepted", "refused", "excluded", "uncertain"]
"""`waiting`: nothing was handed over yet. `accepted`: the server took the mail. `refused`: it will
not. `excluded`: no mail was to be sent, for the reason beside it. `uncertain`: handed over, and
nobody answered, so nobody knows; never sent again by itself."""


@dataclass(frozen=True, slots=True)
class Counts(Stored):
    """People by state; `audience` is the sum of the five (`whole`)."""

    audience: int = 0
    waiting: int = 0
    accepted: int = 0
    refused: int = 0
    excluded: int = 0
    uncertain: int = 0

    @property
    def whole(self) -> bool:
        """Whether everybody is in exactly one state."""
        five = self.waiting + self.accepted + self.refused + self.excluded + self.uncertain
        return self.audience == five

    def moved(self, before: PersonState, after: PersonState) -> Counts:
        """Return the counts when one person has gone from a state to another."""
        left = replace(self, **{before: getattr(self, before) - 1})
        return replace(left, **{after: getattr(left, after) + 1})
