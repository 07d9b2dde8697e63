"""A person's rows in lists of the organiser's (`crmImported`): found by keys, and taken out."""

from __future__ import annotations

from collections.abc import Collection

from crm.db.documents import Data


def without_keys(chunk: Data, keys: Collection[str]) -> dict[str, object]:
    """Return a chunk of an import without what is about some keys.

    Args:
        chunk: Its fields: rows that wait, and what was done for addresses, each with its key.
        keys: Identity keys of whom nothing may be left.
    """
    left = {**chunk, "keys": [key for key in chunk["keys"] if key not in keys]}
    for name in ("rows", "done"):
        left[name] = {
            place: one
            for place, one in chunk[name].items()
            if one["key"] not in keys and one.get("fieldsKey") not in keys
        }
    return left
