"""Reading what staff wrote down about a customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from crm.customers.lookup import find_customer
from crm.customers.reference import CustomerRef
from crm.db.collections import NOTES
from crm.db.documents import Query, Snapshot
from crm.db.paging import Pager
from crm.db.runner import Runner


def list_notes(runner: Runner, pager: Pager, customer_id: str) -> Mapping[str, object]:
    """Return a page of a customer's notes, newest first; ids break ties.

    Args:
        runner: Reads; its actor is who asks. A page is of one moment.
        pager: Which page.
        customer_id: Whose; an id that was merged away leads to its survivor.

    Raises:
        Refusal: `not-found` (`no-such-customer`); `invalid-argument` (`page-token`).
        Conflict, Transient: Not settled before the deadline.
    """
    cursor = pager.open("list_notes", {"customerId": customer_id})
    frozen = replace(runner, store=pager.retry.call(runner.store.at))
    _, data = find_customer(frozen, CustomerRef("customerId", customer_id))
    kept_on = tuple(sorted(key for key, one in data["parts"].items() if one.get("notes")))
    if not kept_on:
        return {"notes": [], "nextPageToken": None}
    query = Query(NOTES, (("partId", "in", kept_on),))
    page, following = cursor.newest_first(frozen.store, query, "at")
    return {"notes": [_note(runner, one) for one in page], "nextPageToken": following}


def _note(runner: Runner, found: Snapshot) -> dict[str, object]:
    """Return a note; its author is who `list_audit` calls `actor`."""
    note = found.fields
    return {
        "noteId": found.id,
        "text": note["text"],
        "at": note["at"],
        "author": note["actor"],
        "own": note["actor"] == runner.actor,
    }
