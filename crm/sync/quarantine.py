"""Host documents that cannot be understood: what waits, why, and trying one again."""

from __future__ import annotations

from crm.core.errors import Refusal
from crm.db.collections import QUARANTINE
from crm.db.documents import Query, Snapshot, Store
from crm.db.paging import Pager
from crm.db.runner import Runner
from crm.host.explaining import Explanation, explain_order, explain_user
from crm.sync.sync import Sync


def list_quarantine(store: Store, pager: Pager) -> dict[str, object]:
    """Return a page of what is in quarantine, the latest first.

    Raises:
        Refusal: `invalid-argument` (`page-token`).
        Transient: Not answered before the deadline.
    """
    cursor = pager.open("list_quarantine", {})
    page, following = cursor.newest_first(store, Query(QUARANTINE), "at")
    return {"items": [{"id": row.id, **row.fields} for row in page], "nextPageToken": following}


def retry_quarantine(runner: Runner, row_id: str) -> bool:
    """Look at a quarantined document again.

    Events and the sweep do so by themselves; this is for whoever has mended the document, or the
    mapping, and does not want to wait.

    Returns:
        Whether it has left quarantine.

    Raises:
        Refusal: `not-found` (`no-such-item`).
        Conflict, Transient: Not done before the deadline; safe to call again.
    """
    row = _row(runner, row_id)
    look_again(Sync(runner), row)
    return not runner.read_one(row.path).exists


def explain_quarantine(runner: Runner, row_id: str) -> dict[str, object]:
    """Return which field of a quarantined document is not understood, and what it holds.

    The value is what the document holds now, and can be anybody's data: it is in the answer alone.

    Raises:
        Refusal: `not-found` (`no-such-item`).
        Transient: Not read before the deadline; safe to call again.
    """
    row = _row(runner, row_id)
    settings, collection = runner.settings, row.fields["collection"]
    document = runner.read_one(f"{collection}/{row.fields['documentId']}")
    if document.data is None:
        told = Explanation(None, None, "The document is gone: check it again, and this goes too.")
    elif collection == settings.users.path:
        told = explain_user(document.data, settings)
    else:
        data = settings.orders.placed(document.path, document.data)
        created = document.created or runner.now()
        told = explain_order(data, created, settings, row.fields["reason"])
    return {
        "field": told.field,
        "value": told.value,
        "message": told.message,
        "documentPath": document.path,
    }


def look_again(sync: Sync, row: Snapshot) -> bool:
    """Sync the document of a row; say whether anything was written."""
    settings, collection, own = (
        sync.runner.settings,
        row.fields["collection"],
        row.fields["documentId"],
    )
    if collection == settings.users.path:
        return sync.sync_user(own)
    return sync.sync_order(settings.orders.named(collection, own) or own)


def _row(runner: Runner, row_id: str) -> Snapshot:
    row = runner.read_one(f"{QUARANTINE}/{row_id}")
    if not row.exists:
        text = "Nothing in quarantine has this id: it may have left already."
        raise Refusal("not-found", "no-such-item", text)
    return row
