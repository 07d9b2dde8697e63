"""Fresh projects on the running emulator, customers that are there, and a host that writes."""

from __future__ import annotations

import functools
import itertools
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from google.cloud.firestore import Client

from bench.costs import Json, order
from bench.events import Change, Version
from crm.core.keyring import Keyring
from crm.db.collections import CUSTOMERS, IDENTITIES, ORDERS
from crm.runtime.services import EMULATOR_KEY
from crm.sync.sync import Sync
from testing.world import World

AT_ONCE: Final = 200
"""Documents in one commit."""


@dataclass
class Host:
    """The host's app, which writes documents of one collection.

    A function may believe what an event says of the document, so the versions in its changes are
    those that the database gave.
    """

    client: Client
    collection: str = "orders"
    there: dict[str, Version] = field(default_factory=dict)

    def write(self, documents: Iterable[tuple[str, Json]]) -> list[Change]:
        """Write documents by their ids, in this order; return what that has changed."""
        changes: list[Change] = []
        waiting: dict[str, Json] = {}
        for document_id, data in documents:
            # One commit gives a document one version, whatever the writes in it.
            if document_id in waiting or len(waiting) == AT_ONCE:
                changes += self._commit(waiting)
                waiting = {}
            waiting[document_id] = data
        return changes + self._commit(waiting)

    def _commit(self, documents: Mapping[str, Json]) -> list[Change]:
        if not documents:
            return []
        batch = self.client.batch()
        for document_id, data in documents.items():
            batch.set(self.client.document(f"{self.collection}/{document_id}"), data)
        changes = []
        for (document_id, data), done in zip(documents.items(), batch.commit(), strict=True):
            before = self.there.get(document_id)
            created = before.created if before else done.update_time
            self.there[document_id] = Version(data, created, done.update_time)
            changes.append(Change(document_id, before, self.there[document_id]))
        return changes


def fresh() -> Client:
    """Return a client of a project that nobody has used."""
    return Client(project=f"demo-bench-{uuid.uuid4().hex[:12]}")


def put_all(client: Client, documents: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Write documents by their paths, without looking back."""
    waiting = iter(documents)
    while some := list(itertools.islice(waiting, AT_ONCE)):
        batch = client.batch()
        for path, data in some:
            batch.set(client.document(path), dict(data))
        batch.commit()


def shop(people: Mapping[str, int], **fields: Any) -> dict[str, Json]:
    """Return by path what a database holds when people have so many orders each.

    The host's orders, and what CRM-Lite made of them, worked out in memory.
    """
    world = World()
    world.sync = Sync(replace(world.runner, keys=Keyring(EMULATOR_KEY)))
    for name, orders in people.items():
        for number in range(orders):
            world.put_order(f"{name}-{number:05}", order(name, number, **fields))
    return {
        f"{collection}/{name}": data
        for collection in ("orders", ORDERS, IDENTITIES, CUSTOMERS)
        for name, data in world.store.all(collection).items()
    }


@functools.cache
def templates() -> dict[str, Json]:
    """Return by path a finished row and a finished customer, for the bare functions to write."""
    made = shop({"ada": 1})
    return {
        "templates/row": next(v for k, v in made.items() if k.startswith(f"{ORDERS}/")),
        "templates/customer": next(v for k, v in made.items() if k.startswith(f"{CUSTOMERS}/")),
    }
