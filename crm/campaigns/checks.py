"""What stops a campaign by itself: numbers that say it would do harm to go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final, NamedTuple

from crm.campaigns.campaign import Campaign, path_of
from crm.campaigns.control import is_near
from crm.campaigns.states import halted
from crm.campaigns.totals import all_counts
from crm.core.errors import Conflict
from crm.db.diff import replaced
from crm.db.documents import Data, Snapshot, read_one
from crm.db.runner import Runner
from crm.jobs.progress import later

CANARIES: Final = 50
"""People who get the mail before anybody else does."""

BEAT: Final = timedelta(seconds=5)
"""So old at most are the counts of a campaign's document while it is sent, and the look at them."""


class Halting(NamedTuple):
    """Why a campaign stops: a stable code, and a sentence for staff."""

    reason: str
    message: str


def changed_audience(expected: int | None, reachable: int) -> Halting | None:
    """Stop where the mail would reach another number than who sent it was told."""
    if expected is None or is_near(reachable, expected):
        return None
    return Halting(
        "audience-changed",
        f"The mail would reach {reachable} people, and {expected} were expected. Nothing was sent."
        " Look at the segment; resume the campaign to send to these.",
    )


def lost_audience(found: int, noted: int) -> Halting | None:
    """Stop where shards do not hold everybody whom the walk has met."""
    if noted == found:
        return None
    return Halting(
        "audience-mixed",
        f"{found} people were found and {noted} noted. Nothing was sent. Resume the"
        " campaign to have its audience fixed anew.",
    )


def refusals(counts: Data, baseline: Mapping[str, int]) -> Halting | None:
    """Stop where too many of the first mails were refused: more than 5 %, and at least 3."""
    refused, accepted = (_since(counts, baseline, one) for one in ("refused", "accepted"))
    if refused < 3 or refused * 20 <= refused + accepted:
        return None
    return Halting(
        "too-many-refusals",
        f"Servers refused {refused} of the first {refused + accepted} mails. Look at the reasons in"
        " the list of recipients: is the list old, or the sender not set up? Then resume it.",
    )


def returns(counts: Data, baseline: Mapping[str, int]) -> Halting | None:
    """Stop where too many mails come back (5 %, at least 3), or are called spam (0.1 %, 2)."""
    bounced, complained, accepted = (
        _since(counts, baseline, one) for one in ("bounced", "complained", "accepted")
    )
    if bounced >= 3 and bounced * 20 > accepted:
        return Halting(
            "too-many-bounces",
            f"{bounced} of {accepted} mails came back. Providers block who goes on: look at the"
            " segment and at how old its addresses are, then resume the campaign.",
        )
    if complained >= 2 and complained * 1000 > accepted:
        return Halting(
            "too-many-complaints",
            f"{complained} of {accepted} people called the mail spam. Providers block who goes on:"
            " look at whom it goes to and what it says, then resume the campaign.",
        )
    return None


def settled_since(counts: Data, baseline: Mapping[str, int]) -> int:
    """Return how many mails were handed over since staff last had the campaign go on."""
    return sum(_since(counts, baseline, one) for one in ("accepted", "refused", "uncertain"))


def _since(counts: Data, baseline: Mapping[str, int], name: str) -> int:
    return int(counts.get(name, 0)) - int(baseline.get(name, 0))


def beat(runner: Runner, found: Snapshot) -> bool:
    """Write a campaign's counts where they are old, and stop it where too much comes back.

    Args:
        runner: Reads and writes.
        found: The campaign, which is `sending`.

    Returns:
        Whether it may go on.

    Raises:
        Transient: Not answered.
    """
    campaign = Campaign.from_data(found.id, found.fields)
    now = runner.now()
    if now - campaign.updated_at < BEAT:
        return True
    counts = all_counts(runner.store, campaign.id)
    halting = returns(counts, campaign.baseline)
    after = replace(campaign, updated_at=later(campaign.updated_at, now))
    if halting is not None:
        after = halted(campaign, now, *halting)
    try:
        runner.store.commit([replaced(found, replace(after, counts=counts).to_data())])
    except Conflict:
        return True  # somebody else has just written it, and looked
    return halting is None


def note_counts(runner: Runner, campaign_id: str) -> None:
    """Write the counts of a campaign that has been stopped, once what was known is written.

    Raises:
        Transient: Not answered.
    """
    found = read_one(runner.store, path_of(campaign_id))
    if found.data is None or found.data["state"] not in ("paused", "cancelled", "halted"):
        return
    campaign = Campaign.from_data(found.id, found.data)
    moment = later(campaign.updated_at, runner.now())
    after = replace(campaign, counts=all_counts(runner.store, campaign_id), updated_at=moment)
    try:
        runner.store.commit([replaced(found, after.to_data())])
    except Conflict:
        return  # it has moved on
