"""The moves of a campaign from state to state: pure, one function for each.

`MOVES` in `campaign.py` is the table; nothing else changes a state.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from crm.campaigns.campaign import MOVES, Campaign, CampaignState
from crm.core.errors import Refusal
from crm.jobs.progress import later

ENDS: Final[frozenset[CampaignState]] = frozenset({"done", "cancelled", "missed"})
"""States that nothing follows."""

TOO_LATE: Final = "too-late"
"""Why a campaign is `missed`."""


def moved(campaign: Campaign, state: CampaignState, now: datetime, **changes: Any) -> Campaign:
    """Return a campaign in its next state. `reason` and `message` go unless they are given.

    Args:
        campaign: As it is.
        state: The next state.
        now: The time (UTC). `updatedAt` always moves on: a write that changed nothing would leave
            the version, and with it others' preconditions.
        **changes: Fields that change with it.

    Raises:
        Refusal: `failed-precondition` (`no-such-move`): the table has no such move.
    """
    if state not in MOVES[campaign.state]:
        raise no_such_move(campaign, state)
    fresh: dict[str, Any] = {"reason": None, "message": None, **changes}
    if state == "preparing" and campaign.started_at is None:
        fresh["started_at"] = now
    if state == "sending":
        fresh["ready"] = True
    if state in ENDS:
        fresh["finished_at"] = now
    return replace(campaign, state=state, updated_at=later(campaign.updated_at, now), **fresh)


def no_such_move(campaign: Campaign, state: CampaignState) -> Refusal:
    """Return the refusal of a move that the table does not have."""
    text = f"The campaign is `{campaign.state}` and cannot become `{state}` from there."
    ways = ", ".join(f"`{one}`" for one in sorted(MOVES[campaign.state]))
    more = f" It can become {ways}." if ways else " That is an end: save a new campaign."
    return Refusal("failed-precondition", "no-such-move", text + more, {"state": campaign.state})


def begun(campaign: Campaign, now: datetime) -> Campaign:
    """Return a scheduled campaign as its job begins: `preparing`, or `missed` where it is too late.

    A newsletter that was to be there at eight must not come at three in the night because a server
    was down.
    """
    if campaign.latest_by is not None and now > campaign.latest_by:
        text = (
            "It could not begin in time, so it was not sent at another hour than you chose. Save"
            " it as a new campaign, and send that one."
        )
        return moved(campaign, "missed", now, reason=TOO_LATE, message=text)
    return moved(campaign, "preparing", now)


def halted(campaign: Campaign, now: datetime, reason: str, message: str) -> Campaign:
    """Return a campaign that has stopped by itself.

    Args:
        campaign: As it is.
        now: The time (UTC).
        reason: A stable code.
        message: A sentence for staff: what to mend before it goes on.
    """
    return moved(campaign, "halted", now, reason=reason, message=message)
