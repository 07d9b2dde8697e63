"""Finding events of the catalogue by their ids or names."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from crm.db.collections import EVENTS
from crm.db.documents import Query, Store
from crm.events.event import Event, event_path, name_key

MOST_NAMESAKES: Final = 30
"""Events that one name stands for: a series can have the same name for each evening."""


def known(store: Store, event_ids: Collection[str]) -> dict[str, Event]:
    """Return those of some events that the catalogue has, by id: one read for each that is asked.

    Raises:
        Transient: The database did not answer.
    """
    paths = {event_path(event_id): event_id for event_id in event_ids}
    found = store.read(paths)
    return {paths[one.path]: Event.from_data(one.fields) for one in found.values() if one.exists}


def named(store: Store, name: str) -> list[Event]:
    """Return the events of a name, case and accents aside; at most `MOST_NAMESAKES`.

    Raises:
        Transient: The database did not answer.
    """
    query = Query(EVENTS, (("nameKey", "==", name_key(name)),), limit=MOST_NAMESAKES)
    return [Event.from_data(one.fields) for one in store.find(query)]
