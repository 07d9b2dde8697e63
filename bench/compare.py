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
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from google.cloud.firestore import Client

from bench.costs import order
from bench.events import Change, Version, sdk_event
from bench.peers.host import Event, Json, Peer, Totals, truth
from bench.peers.increment import OnCreate, OnWrite
from bench.peers.ours import CrmLite
from bench.peers.reread import Reread
from bench.peers.rollup import Rollup
from bench.place import Host, fresh, put_all, shop
from demo.orders import order_document, read_purchases
from testing.counting import Bill, counted

PEERS: Final[Mapping[str, Callable[[Client], Peer]]] = {
    "CRM-Lite": CrmLite,
    "Increment on create": OnCreate,
    "Increment of the difference": OnWrite,
    "re-reading all orders": Reread,
    "append and roll up": Rollup,
}

RACERS: Final = ("CRM-Lite", "re-reading all orders")
"""The two designs that are right in the end without a sum that an event adds to."""

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


@dataclass
class _Life:
    """A design in a database of its own, with the host that writes there."""

    host: Host
    peer: Peer
    bill: Bill
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    events: int = 0
    seconds: float = 0.0
    rates: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, name: str) -> _Life:
        host = fresh()
        client = Client(project=host.project)
        bill = counted(client)
        return cls(Host(host), PEERS[name](client), bill)

    def window(self, writes: Writes, delivery: Delivery, pool: ThreadPoolExecutor) -> None:
        """Write as the host, then deliver."""
        told = [_event(change) for change in self.host.write(writes)]
        delivered = list(delivery(told, self.chance))
        began = time.perf_counter()
        list(pool.map(self.peer.deliver, delivered))
        self._took(time.perf_counter() - began, len(delivered))

    def _took(self, seconds: float, events: int) -> None:
        self.seconds += seconds
        self.events += events
        self.rates.append(round(events / seconds, 1))

    def result(self) -> dict[str, Any]:
        """Settle, and return what `compared` tells of it."""
        expected = truth(dict(one.fields) for one in self.host.there.values())
        cost = _cost(self.bill)
        at_once = _wrong(expected, self.peer.answers())
        self.bill.clear()
        self.peer.settle()
        if isinstance(self.peer, Rollup):  # part of its work; our sweep comes every ten minutes
            cost = {unit: cost[unit] + more for unit, more in _cost(self.bill).items()}
        return {
            "events": self.events,
            "rates": self.rates,
            **cost,
            "customers": sum(totals != Totals() for totals in expected.values()),
            "atOnce": at_once,
            "settled": _wrong(expected, self.peer.answers()),
        }


def compared(scenario: str, number: int) -> dict[str, dict[str, Any]]:
    """Let all designs live through a scenario, in turn window by window.

    Args:
        scenario: One of `SCENARIOS`.
        number: Purchases.

    Returns:
        For each of `PEERS`: `events`; their `rates`, events a second of each window; `reads`,
        `writes` and `deletes` of them all; the `customers` there are, how many are wrong `atOnce`
        and in the end (`settled`), and by how many cents in all.
    """
    writes, delivery, threads = SCENARIOS[scenario]
    lives = {name: _Life.of(name) for name in PEERS}
    with ThreadPoolExecutor(threads) as pool:
        for window in writes(number):
            for life in lives.values():
                life.window(window, delivery, pool)
    return {name: life.result() for name, life in lives.items()}


def race(number: int, in_flight: Sequence[int], rounds: int) -> dict[str, dict[str, list[float]]]:
    """Return how many new orders a second we handle and who re-reads them all, by those in flight.

    They are whole lives of real customers, few orders each, in the order of their days, so that
    everybody's are between others'. Before it counts both have met half of them.

    Args:
        number: Orders of one round.
        in_flight: How many at a time.
        rounds: How many rounds.
    """
    measured = number * len(in_flight) * rounds
    some = sorted(islice(read_purchases(), 2 * measured), key=lambda one: one.day)
    writes = iter([(one.order_id, order_document(one)) for one in some])
    lives = {name: _Life.of(name) for name in RACERS}
    with ExitStack() as stack:
        pools = {one: stack.enter_context(ThreadPoolExecutor(one)) for one in in_flight}

        def all_take(many: int, level: int) -> None:
            window = list(islice(writes, many))
            for life in lives.values():
                life.window(window, once, pools[level])

        all_take(measured, max(in_flight))
        found: dict[str, dict[str, list[float]]] = {name: {} for name in lives}
        for level in list(in_flight) * rounds:
            all_take(number, level)
            for name, life in lives.items():
                found[name].setdefault(str(level), []).append(life.rates[-1])
    return found


def _event(change: Change) -> Event:
    before, after = _fields(change.before), _fields(change.after)
    return Event(change.document_id, before, after, sdk_event(change))


def _fields(version: Version | None) -> Json | None:
    return dict(version.fields) if version else None


def _cost(bill: Bill) -> dict[str, int]:
    return {"reads": bill.reads, "writes": bill.writes, "deletes": bill.deletes}


def _wrong(expected: Mapping[str, Totals], found: Mapping[str, Totals]) -> dict[str, int]:
    off = [
        abs(expected.get(name, Totals()).cents - found.get(name, Totals()).cents)
        for name in {*expected, *found}
        if expected.get(name, Totals()) != found.get(name, Totals())
    ]
    return {"customers": len(off), "cents": sum(off)}


def growth(name: str, sizes: Sequence[int]) -> dict[str, dict[str, int]]:
    """Return what one more order costs a design, by how many orders the customer has already.

    It is one of somebody whom nobody has met since the design was started.
    """
    found = {}
    for size in sizes:
        life = _Life.of(name)
        put_all(life.host.client, shop({"ada": size}).items())
        first, more = life.host.write([("first", order("bob", size)), ("more", order("ada", size))])
        life.peer.deliver(_event(first))
        if isinstance(life.peer, Rollup):
            life.peer.settle()
        life.bill.clear()
        life.peer.deliver(_event(more))
        if isinstance(life.peer, Rollup):
            life.peer.settle()
        found[str(size)] = _cost(life.bill)
    return found
