"""The list of quarantined documents: its rows, guarded by what is known of the document."""

from __future__ import annotations

from crm.db.collections import QUARANTINE
from crm.db.diff import replaced
from crm.db.documents import Delete, Set, Snapshot, Write
from crm.db.transaction import Transaction


def listed(
    tx: Transaction,
    row: Snapshot,
    collection: str,
    document_id: str,
    reason: str | None,
) -> list[Write]:
    """Return the writes that list a document whose row in quarantine has gone missing."""
    if reason is None:
        return []
    path = f"{QUARANTINE}/{tx.keys.quarantine(collection, document_id)}"
    if tx.document(path).exists:
        return []
    again = quarantine_write(path, collection, document_id, reason, tx)
    return [replaced(row, row.fields), again]


def quarantine_write(
    path: str, collection: str, document_id: str, reason: str | None, tx: Transaction
) -> Write:
    """Return the write that lists a document in quarantine, or takes it off the list."""
    if reason is None:
        return Delete(path)
    return Set(
        path,
        {
            "collection": collection,
            "documentId": document_id,
            "reason": reason,
            "at": tx.now,
        },
    )
