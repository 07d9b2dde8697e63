"""CRM-Lite and what one would do instead, on the same orders.

Real purchases (`demo/data`), edited as shops edit them, with events as the platform delivers them:
at least once, in no order, and now and then not at all. What each design answers is compared with
the documents.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, Final

from google.cloud.firestore import Client

from bench.costs import order
from bench.peers.host import Event, Json, Peer, Totals, truth
from bench.peers.increment import OnCreate, OnWrite
from bench.peers.ours import CrmLite
from bench.peers.reread import Reread
from bench.peers.rollup import Rollup
from bench.place import fresh, put_all, shop
from demo.orders import order_document, read_purchases
from testing.counting import Bill, counted

PEERS: Final[Mapping[str, Callable[[Client], Peer]]] = {
    "CRM-Lite": CrmLite,
    "Increment on create": OnCreate,
    "Increment of the difference": OnWrite,
    "re-reading all orders": Reread,
    "append and roll up": Rollup,
}

WINDOW: Final = 12
"""Purchases whose events are under way together."""

THREADS: Final = 8

CORRECTED: Final[Json] = {}
EDITS: Final[Sequence[Json]] = (
    {"status": "partially_refunded", "refunded": "1.00"},
    {"status": "refunded"},
    {"status": "cancelled"},
    CORRECTED,
)
"""What becomes of every third purchase of a window; the last one gets another address."""

Writes = Sequence[tuple[str, Json]]


def new_orders(number: int) -> Iterator[Writes]:
    """Return the host's writes of real purchases, window by window."""
    purchases = islice(read_purchases(), number)
    while some := list(islice(purchases, WINDOW)):
        yield [(one.order_id, order_document(one)) for one in some]


def with_edits(number: int) -> Iterator[Writes]:
    """Return the same purchases with their edits."""
    for some in new_orders(number):
        writes = list(some)
        for (order_id, data), edit in zip(some[::3], EDITS, strict=False):
            address = f"corrected-{data['email']}" if edit is CORRECTED else data["email"]
            writes.append((order_id, {**data, **edit, "email": address}))
        yield writes


def once(events: list[Event], _chance: random.Random) -> Iterable[Event]:
    """Deliver each event once, in order."""
    return events


def twice(events: list[Event], _chance: random.Random) -> Iterable[Event]:
    """Deliver every fifth event twice."""
    return [one for number, event in enumerate(events) for one in [event] * (2 - (number % 5 > 0))]


def shuffled(events: list[Event], chance: random.Random) -> Iterable[Event]:
    """Deliver in no order."""
    return chance.sample(events, len(events))


def lossy(events: list[Event], _chance: random.Random) -> Iterable[Event]:
    """Lose all events of one order of each window."""
    return [one for one in events if one.order_id != events[-1].order_id]


Delivery = Callable[[list[Event], random.Random], Iterable[Event]]

SCENARIOS: Final[Mapping[str, tuple[Callable[[int], Iterator[Writes]], Delivery, int]]] = {
    "new orders": (new_orders, once, 1),
    "duplicates": (new_orders, twice, 1),
    "refunds and corrections": (with_edits, once, 1),
    "the same in disorder": (with_edits, shuffled, 1),
    "the same, some lost": (with_edits, lossy, 1),
    "the same, eight at a time": (with_edits, once, THREADS),
}


def compared(name: str, scenario: str, number: int) -> dict[str, Any]:
    """Let a design live through a scenario.

    Args:
        name: One of `PEERS`.
        scenario: One of `SCENARIOS`.
        number: Purchases.

    Returns:
        `events`, `seconds`, `reads`, `writes` and `deletes` of them all; the `customers` there are,
        how many are wrong `atOnce` and in the end (`settled`), and by how many cents in all.
    """
    writes, delivery, threads = SCENARIOS[scenario]
    host = fresh()
    client = Client(project=host.project)
    bill = counted(client)
    peer, chance = PEERS[name](client), random.Random(7)
    documents: dict[str, Json] = {}
    events, seconds = 0, 0.0
    with ThreadPoolExecutor(threads) as pool:
        for window in writes(number):
            put_all(host, ((f"orders/{name}", data) for name, data in window))
            told = []
            for order_id, data in window:
                told.append(Event(order_id, documents.get(order_id), data))
                documents[order_id] = data
            delivered = list(delivery(told, chance))
            began = time.perf_counter()
            list(pool.map(peer.deliver, delivered))
            seconds += time.perf_counter() - began
            events += len(delivered)
    expected = truth(documents.values())
    cost = _cost(bill)
    at_once = _wrong(expected, peer.answers())
    bill.clear()
    began = time.perf_counter()
    peer.settle()
    if isinstance(peer, Rollup):  # part of its work; our sweep comes every ten minutes
        seconds += time.perf_counter() - began
        cost = {unit: cost[unit] + more for unit, more in _cost(bill).items()}
    return {
        "events": events,
        "seconds": round(seconds, 3),
        **cost,
        "customers": sum(totals != Totals() for totals in expected.values()),
        "atOnce": at_once,
        "settled": _wrong(expected, peer.answers()),
    }


def _cost(bill: Bill) -> dict[str, int]:
    return {"reads": bill.reads, "writes": bill.writes, "deletes": bill.deletes}


def _wrong(expected: Mapping[str, Totals], found: Mapping[str, Totals]) -> dict[str, int]:
    off = [
        abs(expected.get(name, Totals()).cents - found.get(name, Totals()).cents)
        for name in {*expected, *found}
        if expected.get(name, Totals()) != found.get(name, Totals())
    ]
    return {"customers": len(off), "cents": sum(off)}


def growth(name: str, sizes: Sequence[int]) -> dict[str, dict[str, float]]:
    """Return what one more order costs a design, by how many orders the customer has already."""
    found = {}
    for size in sizes:
        host = fresh()
        put_all(host, shop({"ada": size}).items())
        client = Client(project=host.project)
        bill, peer = counted(client), PEERS[name](client)
        best = float("inf")
        for number in range(5):
            data = order("ada", size + number)
            host.document(f"orders/more{number}").set(data)
            bill.clear()
            began = time.perf_counter()
            peer.deliver(Event(f"more{number}", None, data))
            if isinstance(peer, Rollup):
                peer.settle()
            best = min(best, time.perf_counter() - began)
            # The orders of this loop are no part of the size.
            host.document(f"orders/more{number}").delete()
        found[str(size)] = {"seconds": round(best, 4), **_cost(bill)}
    return found
