"""Appending and rolling up, as the extension firestore-counter does.

After `firestore-counter` of firebase/extensions (commit 58896ff): an event increments the shard of
its writer under the customer (`clients/web/src/index.ts`), and the controller rolls up to 200
shards in a transaction: it adds them to their counters and deletes them (`controller.ts`,
`aggregateOnce`). There the controller runs at writes of its state and every minute; here after
every 25 events, and when all is quiet. Its workers, for more than 200 shards, never have to start.
"""

from __future__ import annotations

import threading
import uuid
from collections import defaultdict
from typing import Any, Final

from google.cloud.firestore import Client, Increment, transactional

from bench.peers.host import Event, Totals, changes, stored

SHARDS: Final = "_counter_shards_"
MOST: Final = 200
EVERY: Final = 25


class Rollup:
    """Appends, and rolls up now and then."""

    def __init__(self, client: Client) -> None:
        self._client: Any = client
        self._shard = uuid.uuid4().hex
        self._events = 0
        self._rolling = threading.Lock()  # the extension allows one controller at a time
        self._state = self._client.document("counters/state")
        self._state.set({"workers": []})

    def deliver(self, event: Event) -> None:
        """Increment the shard of this writer for each customer that changes."""
        for address, change in changes(event).items():
            shard = self._client.document(f"customers/{address}/{SHARDS}/{self._shard}")
            fields = {"orderCount": Increment(change.orders), "spend": Increment(change.cents)}
            shard.set(fields, merge=True)
        self._events += 1
        if self._events % EVERY == 0:
            self.settle()

    def settle(self) -> None:
        """Roll up what there is."""
        with self._rolling:
            while self._roll_up(self._client.transaction(max_attempts=20)):
                pass

    def _roll_up(self, transaction: Any) -> int:
        @transactional
        def once(transaction: Any) -> int:
            next(transaction.get(self._state))
            query = self._client.collection_group(SHARDS).order_by("__name__").limit(MOST)
            shards = list(transaction.get(query))
            counters: dict[Any, list[Any]] = defaultdict(list)
            for shard in shards:
                counters[shard.reference.parent.parent].append(shard)
            for counter in list(transaction.get_all(list(counters))) if counters else []:
                totals = Totals(counter.get("orderCount") or 0, counter.get("spend") or 0)
                for shard in counters[counter.reference]:
                    totals = totals.plus(Totals(shard.get("orderCount"), shard.get("spend")))
                    transaction.delete(shard.reference)
                fields = {"orderCount": totals.orders, "spend": totals.cents}
                transaction.set(counter.reference, fields, merge=True)
            if shards:
                transaction.set(self._state, {"rounds": Increment(1)}, merge=True)
            return len(shards)

        found: int = once(transaction)
        return found

    def answers(self) -> dict[str, Totals]:
        """Read the customers."""
        return stored(self._client)
