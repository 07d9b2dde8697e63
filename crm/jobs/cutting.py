"""Cutting what a query finds into ranges of ids: few ids are all read, many are found by counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from crm.config.paths import name_in, pattern_of
from crm.db.documents import BY_ID, Query
from crm.db.ranges import Range, in_range
from crm.db.runner import Runner
from crm.db.scan import PAGE
from crm.jobs.cuts import cuts, ranges

ALL: Final[Range] = (None, None)

FEW: Final = 10_000
"""Ids that are read one by one: in fewer queries than counts take, and a read for each is little
beside what whoever goes through them reads."""


def cut(runner: Runner, query: Query, total: int, pieces: int) -> list[Range]:
    """Return ranges that hold each of a query's ids once, and about as many each.

    Args:
        runner: Reads.
        query: The query; its own order and limit play no part. Places between the ids of a pattern
            of collections are no names, so all of its ids are read, however many.
        total: How many documents it finds, about.
        pieces: How many ranges at most.

    Raises:
        Conflict, Transient: Not read before the deadline.
    """
    if pieces < 2:
        return [ALL]
    if total > FEW and pattern_of(query.collection) is None:
        return ranges(cuts(runner.store, query, pieces, total=total))
    size = max(1, -(-total // pieces))
    names = [one for number, one in enumerate(_names(runner, query)) if number % size == 0]
    return ranges(names[1:pieces])


def _names(runner: Runner, query: Query) -> Iterator[str]:
    low: str | None = None
    while True:
        where = (*query.where, *in_range(BY_ID[0], (low, None)))
        page = replace(query, where=where, order=BY_ID, limit=PAGE + 1, keys_only=True)
        found = runner.retry.call(partial(runner.store.find, page))
        named = [name for one in found if (name := name_in(query.collection, one.path)) is not None]
        if len(found) <= PAGE or len(named) < 2:
            yield from named
            return
        yield from named[:-1]
        low = named[-1]
