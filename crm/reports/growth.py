"""How the list of those who want news grows: what was decided, and how many there are now.

Decisions are counted from the records of consent, which are never changed, one read each. One
decision can leave several records, for everything that the person is known by.
"""

from __future__ import annotations

import re
from datetime import date
from itertools import islice
from typing import Final

from crm.core.days import day_of
from crm.customers.decision import SUBSCRIBED, UNSUBSCRIBED
from crm.customers.facets import marketing
from crm.db.collections import CONSENTS
from crm.db.documents import Snapshot
from crm.db.runner import Runner
from crm.reports.asking import at_one_moment, who_has, within
from crm.reports.buckets import By, buckets, find, span

MAX_RECORDS: Final = 20_000
"""Records that are read for one answer: the newest."""

_OF_SEVERAL: Final = re.compile(r"(?!.+-[0-9]{6}-)(.+)-[0-9]{2}")
"""The id of one of the records of a decision: they are numbered behind what they share. Those of a
list have a number of six digits, too (`importing.record`): its people decided each for themselves.
"""


def get_growth(runner: Runner, first: date | None, last: date | None, by: By) -> dict[str, object]:
    """Return how many decided for news and against them in each bucket of a stretch of days.

    Args:
        runner: Its store is read; its settings say whose days are told.
        first: The first day; None for as many buckets as usual (`buckets.USUAL`).
        last: The last day; None for today.
        by: What the buckets are.

    Raises:
        Refusal: As `buckets.span`.
        Conflict, Transient: Not answered before the deadline.
    """
    zone = runner.settings.time_zone
    first, last = span(first, last, by, day_of(runner.now(), zone))
    told = buckets(first, last, by, zone)
    decided: list[dict[str, set[str]]] = [{SUBSCRIBED: set(), UNSUBSCRIBED: set()} for _ in told]
    with at_one_moment(runner) as asking:
        (subscribers,) = asking.counts([who_has(marketing(SUBSCRIBED))])
        stretch = within("at", told[0].since, told[-1].until)
        found = asking.rows(CONSENTS, stretch, "at", "desc")
        for row in islice(found, MAX_RECORDS):
            place = find(told, row.fields["at"])
            if place is not None:
                decided[place][row.fields["status"]].add(decision_of(row))
        left = next(found, None)
    # The bucket of the first record that was not read is not whole, and none before it is.
    whole = 0 if left is None else (find(told, left.fields["at"]) or 0) + 1
    return {
        "growth": [
            {"start": bucket.first.isoformat(), **{name: len(ids) for name, ids in mine.items()}}
            for bucket, mine in zip(told[whole:], decided[whole:], strict=True)
        ],
        "subscribers": subscribers,
        "timeZone": zone.key,
        "truncated": left is not None,
        "documentsRead": asking.reads,
    }


def decision_of(row: Snapshot) -> str:
    """Return what the records of one decision share, and those of no other."""
    several = _OF_SEVERAL.fullmatch(row.id)
    return several[1] if several else row.id
