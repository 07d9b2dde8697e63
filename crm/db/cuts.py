"""Cutting what a query finds into ranges of ids, about as many documents in each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Final

from crm.config.paths import name_in
from crm.db.documents import BY_ID, Query
from crm.db.ranges import Range, in_range
from crm.db.runner import Runner
from crm.db.scan import PAGE

ALL: Final[Range] = (None, None)


def cut(runner: Runner, query: Query, total: int, pieces: int) -> list[Range]:
    """Return ranges that hold each of a query's ids once; at most `pieces`.

    It reads every id: of six reads and more that whoever goes through them takes for each.

    Args:
        runner: Reads.
        query: The query; its own order and limit play no part.
        total: How many documents it finds, about.
        pieces: How many ranges.

    Raises:
        Conflict, Transient: Not read before the deadline.
    """
    if pieces < 2:
        return [ALL]
    size = max(1, -(-total // pieces))
    cuts = [name for number, name in enumerate(_names(runner, query)) if number % size == 0]
    return [*pairwise([None, *cuts[1:pieces], None])]


def _names(runner: Runner, query: Query) -> Iterator[str]:
    low: str | None = None
    while True:
        where = (*query.where, *in_range(BY_ID[0], (low, None)))
        page = replace(query, where=where, order=BY_ID, limit=PAGE + 1, keys_only=True)
        found = runner.retry.call(partial(runner.store.find, page))
        names = [name for one in found if (name := name_in(query.collection, one.path)) is not None]
        if len(found) <= PAGE:
            yield from names
            return
        yield from names[:-1]
        low = names[-1]
