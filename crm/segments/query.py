"""Asking who is in a segment, and how many."""

from __future__ import annotations

from datetime import datetime

from crm.customers.customer import public
from crm.db.paging import Pager
from crm.db.retry import INTERACTIVE
from crm.db.runner import Runner
from crm.segments.engine import count, pages
from crm.segments.language.ast import Node, Saved
from crm.segments.language.expansion import expand
from crm.segments.language.json_form import to_json
from crm.segments.language.text import to_text
from crm.segments.saved import counted, finder


def query_segment(
    runner: Runner, pager: Pager, asked: Node, *, explain: bool = False
) -> dict[str, object]:
    """Return a page of the customers in a segment, in the order of ids.

    Args:
        runner: Reads.
        pager: Which page.
        asked: The segment; it may name saved ones.
        explain: Whether to say how the answer was found.

    Raises:
        Refusal: `invalid-argument` (`page-token`), or as `expand`.
        Conflict, Transient: Not settled before the deadline.
    """
    cursor = pager.open("query_segment", {"segment": to_json(asked)})
    after, now = None, runner.now()
    if cursor.position is not None:
        after, began = cursor.position
        now = datetime.fromisoformat(began)  # days are counted back from where the first page was
    node = expand(asked, finder(runner))
    found = pager.retry.call(lambda: pages.page(runner.store, node, now, after, pager.size))
    last = found.next_after
    return {
        "customers": [public(customer_id, data) for customer_id, data in found.customers],
        "nextPageToken": None if last is None else cursor.next_token([last, now.isoformat()]),
        **({"explain": found.explain.to_data()} if explain else {}),
    }


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
