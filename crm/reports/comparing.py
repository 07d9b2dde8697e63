"""Events beside each other: how many people were at both of two."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement
from typing import Final

from crm.customers.facets import attended
from crm.db.runner import Runner
from crm.reports.asking import at_one_moment, who_has
from crm.reports.events import find_events

FEWEST: Final = 2

MOST: Final = 12
"""Events in one answer: 78 aggregations."""


def compare_events(runner: Runner, event_ids: Sequence[str]) -> dict[str, object]:
    """Return for each two of some events how many people were at both.

    Args:
        runner: Its store is read.
        event_ids: The host's ids, each once, at most `MOST`.

    Raises:
        Refusal: `not-found` (`no-such-event`).
        Conflict, Transient: Not answered before the deadline.
    """
    with at_one_moment(runner) as asking:
        events = find_events(asking, event_ids)
        pairs = [*combinations_with_replacement(range(len(events)), 2)]
        queries = [
            who_has(*dict.fromkeys((attended(event_ids[one]), attended(event_ids[other]))))
            for one, other in pairs
        ]
        found = dict(zip(pairs, asking.counts(queries), strict=True))
    places = range(len(events))
    both = [[found[min(one, other), max(one, other)] for other in places] for one in places]
    return {
        "events": [
            {
                "eventId": event.event_id,
                "name": event.name,
                "startsAt": event.starts_at,
                "attended": both[place][place],
            }
            for place, event in enumerate(events)
        ],
        "both": both,
        "documentsRead": asking.reads,
    }
