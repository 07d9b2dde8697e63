"""Asking who is in a segment, and how many."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from crm.customers.customer import public
from crm.db.documents import Snapshot, Store
from crm.db.paging import Pager
from crm.db.retry import INTERACTIVE
from crm.db.runner import Runner
from crm.segments.asking import understand
from crm.segments.engine import count, pages
from crm.segments.engine.order import Sort
from crm.segments.engine.sorted_page import Start
from crm.segments.engine.sorting import sorted_page
from crm.segments.language.ast import Node, Saved
from crm.segments.language.json_form import to_json
from crm.segments.language.text import to_text
from crm.segments.names import to_data
from crm.segments.saved import counted


def query_segment(
    runner: Runner, pager: Pager, asked: Node, *, sort: Sort | None = None, explain: bool = False
) -> dict[str, object]:
    """Return a page of the customers in a segment.

    Args:
        runner: Reads.
        pager: Which page.
        asked: The segment; it may name saved ones, and events by their names.
        sort: In which order; by their ids where none is said.
        explain: Whether to say how the answer was found.

    Raises:
        Refusal: `invalid-argument` (`page-token`), or as `understand`.
        Conflict, Transient: Not settled before the deadline.
    """
    question = understand(runner, asked, doubting=pager.token is None)
    node = question.whole
    # So a token means the same question even where what a name or a saved segment stands for is
    # another one by now.
    order = {} if sort is None else {"sort": [sort.by, sort.currency, sort.direction]}
    cursor = pager.open("query_segment", {"segment": to_json(node), **order})
    after, now = None, runner.now()
    if cursor.position is not None:
        *after, began = cursor.position
        now = datetime.fromisoformat(began)  # days are counted back from where the first page was
    found = pager.retry.call(lambda: _page(runner.store, node, now, sort, after, pager.size))
    last = found.following
    return {
        "customers": [public(one.id, one.fields) for one in found.snapshots],
        "nextPageToken": None if last is None else cursor.next_token([*last, now.isoformat()]),
        "warnings": to_data(question.doubts),
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
        asked: The segment; it may name saved ones, and events by their names.

    Raises:
        Refusal: As `understand`.
        Conflict, Transient: Not settled before the deadline.
    """
    now = runner.now()
    question = understand(runner, asked)
    found = INTERACTIVE.call(lambda: count.count(runner.store, question.whole, now))
    if isinstance(asked, Saved):
        counted(runner, asked.segment_id, found.value, now)
    return {
        "count": found.value,
        "how": found.how,
        "documentsRead": found.reads,
        "segment": to_json(question.asked),
        "text": to_text(question.asked),
        "warnings": to_data(question.doubts),
    }
