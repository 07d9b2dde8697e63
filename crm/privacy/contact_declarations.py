"""What staff and people leave besides orders, declared (see `declarations`)."""

from __future__ import annotations

from typing import Final

from crm.privacy.registry import Collection, Fields

NOTES: Final = Collection(
    "crmNotes",
    "what staff write down about a customer",
    "by the ids of the customer's parts",
    (
        Fields("text at", "a note", "shown", "deleted"),
        Fields("partId identity", "a random id, a keyed hash", "internal", "deleted"),
        Fields("actor", "who wrote it: a keyed hash", "internal", "deleted"),
    ),
)
