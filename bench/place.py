"""Fresh projects on the running emulator, and customers that are there already."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from google.cloud.firestore import Client

from bench.costs import Json, order
from crm.core.keyring import Keyring
from crm.db.collections import CUSTOMERS, IDENTITIES, ORDERS
from crm.runtime.services import EMULATOR_KEY
from crm.sync.sync import Sync
from testing.world import World

AT_ONCE: Final = 200
"""Documents in one commit."""


def fresh() -> Client:
    """Return a client of a project that nobody has used."""
    return Client(project=f"demo-bench-{uuid.uuid4().hex[:12]}")


def put_all(client: Client, documents: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Write documents by their paths."""
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
