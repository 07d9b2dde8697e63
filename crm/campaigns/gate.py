"""Who else decides that somebody gets no mail: the rule that sends it, if one does.

Rules are above campaigns, so what they decide is given to the job from outside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from crm.campaigns.campaign import Campaign
from crm.db.documents import Write
from crm.db.runner import Runner
from crm.segments.engine.pages import FoundCustomer


@dataclass(frozen=True)
class Passed:
    """What a gate says of people.

    Attributes:
        excluded: Who gets no mail, and why: a stable code.
        writes: What is to be committed with the place in the audience of each of the others.
    """

    excluded: Mapping[str, str] = field(default_factory=dict)
    writes: Mapping[str, Sequence[Write]] = field(default_factory=dict)


class Gate(Protocol):
    """Decides on people of a campaign as its audience is fixed."""

    def look(
        self, runner: Runner, campaign: Campaign, people: Sequence[FoundCustomer], moment: datetime
    ) -> Passed:
        """Return who is left out, and what is to be written for the others.

        The writes guard what was decided: where it has changed, their commit fails, and all of
        this is asked again.

        Args:
            runner: Reads.
            campaign: The campaign, which has a `rule`.
            people: Whom nothing else keeps from getting it, as of the moment.
            moment: That the audience is of.

        Raises:
            Conflict, Transient: Not now.
        """


class Open:
    """The gate where there are no rules."""

    def look(
        self, runner: Runner, campaign: Campaign, people: Sequence[FoundCustomer], moment: datetime
    ) -> Passed:
        """Let everybody through."""
        del runner, campaign, people, moment
        return Passed()


OPEN: Final[Gate] = Open()
