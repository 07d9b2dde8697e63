"""What the host's writes do to documents, and how functions are told of that."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from firebase_functions.core import Change as Snapshots
from firebase_functions.firestore_fn import Event as SdkEvent
from google.cloud.firestore import DocumentSnapshot


@dataclass(frozen=True)
class Version:
    """A document as a write has left it.

    Attributes:
        fields: What is in it.
        created: When it was created, by the clock of the database.
        updated: When it was written.
    """

    fields: Mapping[str, Any]
    created: datetime
    updated: datetime


@dataclass(frozen=True)
class Change:
    """What one write has done to a document.

    Attributes:
        document_id: The document's id.
        before: What was there; None where the write created it.
        after: What is there now; None where the write deleted it.
    """

    document_id: str
    before: Version | None
    after: Version | None


def sdk_event(change: Change, collection: str = "orders") -> SdkEvent[Any]:
    """Return an event as the Functions SDK hands it to the body of `on_order_written`."""
    newest = change.after or change.before
    assert newest
    return SdkEvent(
        specversion="1.0",
        id=uuid.uuid4().hex,
        source="//firestore.googleapis.com/projects/demo/databases/(default)",
        type="google.cloud.firestore.document.v1.written",
        time=newest.updated,
        data=Snapshots(before=_snapshot(change.before), after=_snapshot(change.after)),
        subject=f"documents/{collection}/{change.document_id}",
        location="nam5",
        project="demo",
        database="(default)",
        namespace="(default)",
        document=f"{collection}/{change.document_id}",
        params={"orderId": change.document_id},
    )


def _snapshot(version: Version | None) -> DocumentSnapshot[Any] | None:
    if version is None:
        return None
    fields, read = dict(version.fields), version.updated
    return DocumentSnapshot(None, fields, True, read, version.created, version.updated)
