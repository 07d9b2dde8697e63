"""Asking who is in a segment, and how many."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from crm.customers.customer import public
from crm.db.documents import Snapshot, Store
from crm.db.paging import Pager
from crm.db.retry import INTERACTIVE
from crm.db.runner import Runner
from crm.segments.engine import count, pages
from crm.segments.engine.order import Sort
from crm.segments.engine.sorted_page import Start
from crm.segments.engine.sorting import sorted_page
from crm.segments.language.ast import Node, Saved
from crm.segments.language.expansion import expand
from crm.segments.language.json_form import to_json
from crm.segments.language.text import to_text
from crm.segments.saved import counted, finder


def query_segment(
    runner: Runner, pager: Pager, asked: Node, *, sort: Sort | None = None, explain: bool = False
) -> dict[str, object]:
    """Return a page of the customers in a segment.

    Args:
        runner: Reads.
        pager: Which page.
        asked: The segment; it may name saved ones.
        sort: In which order; by their ids where none is said.
        explain: Whether to say how the answer was found.

    Raises:
        Refusal: `invalid-argument` (`page-token`), or as `expand`.
        Conflict, Transient: Not settled before the deadline.
    """
    order = {} if sort is None else {"sort": [sort.by, sort.currency, sort.direction]}
    cursor = pager.open("query_segment", {"segment": to_json(asked), **order})
    after, now = None, runner.now()
    if cursor.position is not None:
        *after, began = cursor.position
        now = datetime.fromisoformat(began)  # days are counted back from where the first page was
    node = expand(asked, finder(runner))
    found = pager.retry.call(lambda: _page(runner.store, node, now, sort, after, pager.size))
    last = found.following
    return {
        "customers": [public(one.id, one.fields) for one in found.snapshots],
        "nextPageToken": None if last is None else cursor.next_token([*last, now.isoformat()]),
        **({"explain": found.explain} if explain else {}),
    }


class _Page(NamedTuple):
    snapshots: list[Snapshot]
    following: list[Any] | None
    explain: dict[str, object]


def _page(
    store: Store, node: Node, now: datetime, sort: Sort | None, after: list[Any] | None, size: int
) -> _Page:
    if sort is None:
        (last_id,) = after or [None]
        page = pages.page(store, node, now, last_id, size)
        following = None if page.next_after is None else [page.next_after]
        return _Page(page.snapshots, following, page.explain.to_data())
    start = None if after is None else Start.from_data(after)
    found = sorted_page(store, node, now, sort, start, size)
    next_start = None if found.next_start is None else found.next_start.to_data()
    return _Page(found.snapshots, next_start, found.explain.to_data())


def count_segment(runner: Runner, asked: Node) -> dict[str, object]:
    """Return how many customers are in a segment; a saved one keeps the number.

    Args:
        runner: Reads; keeps the number of a saved segment.
        asked: The segment; it may name saved ones.

    Raises:
        Refusal: As `expand`.
        Conflict, Transient: Not settled before the deadline.
    """
    now = runner.now()
    node = expand(asked, finder(runner))
    found = INTERACTIVE.call(lambda: count.count(runner.store, node, now))
    if isinstance(asked, Saved):
        counted(runner, asked.segment_id, found.value, now)
    return {
        "count": found.value,
        "how": found.how,
        "documentsRead": found.reads,
        "segment": to_json(asked),
        "text": to_text(asked),
    }
