"""Whose turn it is in a shard: pure changes of it.

A claim names the next people whose mails may be handed over: some that were to be tried again, and
some that nothing was tried with. Who is claimed when a worker is gone may have got the mail or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from crm.campaigns.audience import Shard
from crm.campaigns.counts import PersonState

AT_ONCE: Final = 10
"""People of one claim: so many at most are `uncertain` when a worker dies."""

_CLAIMED: Final = "claimed"


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of somebody, for good.

    Attributes:
        state: Not `waiting`.
        reason: A stable code.
        provider_id: What the provider calls the mail.
    """

    state: PersonState
    reason: str | None = None
    provider_id: str | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """Somebody who is to be tried again.

    Attributes:
        at: Not before.
        attempts: How often it was tried.
        code: Why it did not work.
    """

    at: datetime
    attempts: int
    code: str


Outcome = Settled | Again


def claimed(shard: Shard) -> list[int]:
    """Return the places of who is claimed: those to be tried again first."""
    again = sorted(int(place) for place, entry in shard.later.items() if entry.get(_CLAIMED))
    return [*again, *range(shard.next, shard.claimed)]


def attempts(shard: Shard, place: int) -> int:
    """Return how often somebody was tried before."""
    return int(shard.later.get(str(place), {}).get("attempts", 0))


def next_due(shard: Shard) -> datetime | None:
    """Return when somebody is to be tried again first; None where nobody is."""
    return min((entry["at"] for entry in shard.later.values()), default=None)


def claim(shard: Shard, now: datetime, most: int, holder: str, until: datetime) -> Shard:
    """Return a shard, in which nobody is claimed, with the next ones claimed; perhaps none.

    Args:
        shard: The shard.
        now: Who is to be tried again by then, is.
        most: How many at most.
        holder: The claim's own name.
        until: When it ends.
    """
    due = sorted(int(place) for place, entry in shard.later.items() if entry["at"] <= now)[:most]
    later = {**shard.later, **{str(one): {**shard.later[str(one)], _CLAIMED: True} for one in due}}
    end = min(shard.next + most - len(due), len(shard.people))
    if not due and end == shard.next:
        return shard
    return replace(shard, later=later, claimed=end, holder=holder, lease_until=until)


def settle(shard: Shard, known: Mapping[int, Outcome]) -> tuple[Shard, dict[int, Settled]]:
    """Return a shard as a claim leaves it, and whose records are due.

    Who is claimed and not known waits as before. Of those that nothing was tried with, the known
    ones up to the first that is not are settled: so the others stay in one row.
    """
    counts, later = shard.counts, dict(shard.later)
    records: dict[int, Settled] = {}
    behind = shard.next
    for place in claimed(shard):
        outcome = known.get(place)
        fresh = str(place) not in shard.later
        if fresh and place == behind and outcome is not None:
            behind += 1
        elif fresh:
            continue
        entry = later.pop(str(place), None)
        if isinstance(outcome, Settled):
            counts = counts.moved("waiting", outcome.state)
            records[place] = outcome
        elif outcome is not None:
            later[str(place)] = _entry(outcome)
        elif entry is not None:
            later[str(place)] = {key: one for key, one in entry.items() if key != _CLAIMED}
    after = replace(
        shard,
        counts=counts,
        later=later,
        next=behind,
        claimed=behind,
        holder=None,
        lease_until=None,
    )
    return after, records


def waiting(shard: Shard) -> Iterable[int]:
    """Yield the places of everybody who waits."""
    yield from sorted(int(place) for place in shard.later)
    yield from range(shard.next, len(shard.people))


def _entry(outcome: Again) -> dict[str, Any]:
    return {"attempts": outcome.attempts, "at": outcome.at, "code": outcome.code}
