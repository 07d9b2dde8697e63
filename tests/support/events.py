"""The catalogue of events, worked out again from the ledger by other code than the product's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

Word = tuple[str | None, datetime | None]


def told(store: Any) -> dict[str, list[Word]]:
    """Return each event that a counted order names, with what is said of it, the newest last."""
    found: dict[str, list[tuple[Any, Word]]] = {}
    for name, row in store.all("crmOrders").items():
        if not row["counted"]:
            continue
        for event_id, one in row["events"].items():
            if event_id in row["overLimit"]:
                continue
            said = found.setdefault(event_id, [])
            if one["name"] is not None or one["startsAt"] is not None:
                said.append(((row["createdAt"], name), (one["name"], one["startsAt"])))
    return {key: [word for _, word in sorted(said)] for key, said in found.items()}


def listed(store: Any) -> dict[str, Word]:
    """Return what the catalogue says of each event."""
    rows = store.all("crmEvents").values()
    return {row["eventId"]: (row["name"], row["startsAt"]) for row in rows}


def wrong(store: Any) -> list[str]:
    """Return the events of which the catalogue does not say what the newest order says."""
    held = listed(store)
    return sorted(
        event_id
        for event_id, words in told(store).items()
        if event_id not in held or (words and held[event_id] != words[-1])
    )
