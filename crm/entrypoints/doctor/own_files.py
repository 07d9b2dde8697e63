"""Rules and indexes as this version of CRM-Lite has them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from crm.config.paths import pattern_of
from crm.config.places import HostFile, host_file
from crm.config.settings import Settings
from crm.repair.mirrors import plain_field

BOTH_WAYS: Final = ("ASCENDING", "DESCENDING")


def rules() -> str:
    """Return the rules; "" where they are not here."""
    return _text("firestore.rules")


def indexes(settings: Settings | None) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Return the indexes, and what this mapping needs besides; nothing where they are not here.

    Orders below users want one more, by which the newest are found whoever's they are
    (docs/files.md).
    """
    text = _text("firestore.indexes.json")
    found: Mapping[str, Any] = json.loads(text) if text else {}
    pattern = pattern_of(settings.orders.path) if settings else None
    newest = plain_field(settings.orders.fields.created_at) if settings else None
    if not found or pattern is None or newest is None:
        return found
    more = {
        "collectionGroup": pattern.group,
        "fieldPath": newest,
        "indexes": [
            *({"queryScope": "COLLECTION", "order": way} for way in BOTH_WAYS),
            {"queryScope": "COLLECTION_GROUP", "order": "DESCENDING"},
        ],
    }
    return {**found, "fieldOverrides": [*found["fieldOverrides"], more]}


def _text(name: HostFile) -> str:
    file = host_file(name)
    return file.read_text(encoding="utf-8") if file.is_file() else ""
