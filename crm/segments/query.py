"""Asking who is in a segment, and how many."""

from __future__ import annotations

from datetime import datetime

from crm.core.keyring import Keyring
from crm.customers.customer import public
from crm.db.documents import Store
from crm.db.paging import Pager
from crm.db.retry import INTERACTIVE
from crm.segments.engine import count, pages
from crm.segments.language.ast import Node, Saved
from crm.segments.language.expansion import expand
from crm.segments.language.json_form import to_json
from crm.segments.language.text import to_text
from crm.segments.saved import counted, finder


def query_segment(
    store: Store, keys: Keyring, pager: Pager, asked: Node, now: datetime, *, explain: bool = False
) -> dict[str, object]:
    """Return a page of the customers in a segment, in the order of ids.

    Args:
        store: The database.
        keys: The installation's keyring.
        pager: Which page.
        asked: The segment; it may name saved ones.
        now: What days are counted back from, on the first page; the others go on with it.
        explain: Whether to say how the answer was found.

    Raises:
        Refusal: `invalid-argument` (`page-token`), or as `expand`.
        Conflict, Transient: Not settled before the deadline.
    """
    cursor, after = pager.open("query_segment", {"segment": to_json(asked)}), None
    if cursor.position is not None:
        after, began = cursor.position
        now = datetime.fromisoformat(began)
    node = expand(asked, finder(store, keys))
    found = pager.retry.call(lambda: pages.page(store, node, now, after, pager.size))
    last = found.next_after
    return {
        "customers": [public(customer_id, data) for customer_id, data in found.customers],
        "nextPageToken": None if last is None else cursor.next_token([last, now.isoformat()]),
        **({"explain": found.explain.to_data()} if explain else {}),
    }


def count_segment(store: Store, keys: Keyring, asked: Node, now: datetime) -> dict[str, object]:
    """Return how many customers are in a segment; a saved one keeps the number.

    Args:
        store: The database.
        keys: The installation's keyring.
        asked: The segment; it may name saved ones.
        now: What days are counted back from.

    Raises:
        Refusal: As `expand`.
        Conflict, Transient: Not settled before the deadline.
    """
    node = expand(asked, finder(store, keys))
    found = INTERACTIVE.call(lambda: count.count(store, node, now))
    if isinstance(asked, Saved):
        counted(store, keys, asked.segment_id, found.value, now)
    return {
        "count": found.value,
        "how": found.how,
        "documentsRead": found.reads,
        "segment": to_json(asked),
        "text": to_text(asked),
    }
