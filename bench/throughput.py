"""Orders per second of one served instance, beside functions that do nothing but the bare calls."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final

from google.cloud.firestore import Client

from bench.costs import order
from bench.place import Host, fresh, put_all, shop
from bench.serving import ROOT, Server, served, unwritten

BARE: Final = ROOT / "bench" / "functions" / "main.py"
PEOPLE: Final = 50
ROUNDS: Final = 3

SERVED: Final[Mapping[str, tuple[Any, str]]] = {
    "on_order_written": (ROOT / "main.py", "orders"),
    "bare_reads": (BARE, "bare-reads"),
    "bare_commit": (BARE, "bare-commits"),
    "noop": (BARE, "noops"),
}
"""Function to its source, and the collection of its events."""


def throughput(number: int, in_flight: Sequence[int]) -> dict[str, dict[str, float]]:
    """Return how many events a second each function handles, by how many are in flight.

    All are served at once and asked in turn, so that they meet the same weather; each figure is
    the median of three rounds.

    Args:
        number: Events of one round.
        in_flight: How many at a time.
    """
    found: dict[str, dict[str, float]] = {
        name: {} for name in (*SERVED, "bare commit, no function")
    }
    people = {f"{number:04}": 1 for number in range(PEOPLE)}
    documents = shop(people)
    ids = itertools.count(1)
    with ExitStack() as stack:
        servers = {}
        for name, (source, collection) in SERVED.items():
            host = fresh()
            put_all(host, documents.items())
            put_all(host, templates(documents).items())
            server = stack.enter_context(served(name, source, host.project, collection))
            servers[name] = (host, server)
            _round(host, server, 5 * max(in_flight), max(in_flight), ids)  # warms it up
        bare = Bare(servers["bare_commit"][0], documents)
        for level in in_flight:
            rounds: dict[str, list[float]] = {name: [] for name in found}
            for _ in range(ROUNDS):
                for name, (host, server) in servers.items():
                    rounds[name].append(_round(host, server, number, level, ids))
                rounds["bare commit, no function"].append(bare.round(number, level))
            for name, rates in rounds.items():
                found[name][str(level)] = round(statistics.median(rates), 1)
    return found


def templates(documents: Mapping[str, Any]) -> dict[str, Any]:
    """Return a finished row and a finished customer for the bare functions to write."""
    return {
        "templates/row": next(v for k, v in documents.items() if k.startswith("crmOrders/")),
        "templates/customer": next(v for k, v in documents.items() if k.startswith("customers/")),
    }


def _round(host: Client, server: Server, number: int, in_flight: int, ids: Any) -> float:
    """Write orders as the host, then deliver their events; give events per second."""
    # The ids begin with the customer's name. Neighbours are of different customers.
    orders = [(f"{n % PEOPLE:04}-more{n:06}", n) for n in itertools.islice(ids, number)]
    writes = [(order_id, order(order_id[:4], n)) for order_id, n in orders]
    if server.collection == "orders":
        changes = Host(host).write(writes)
    else:
        changes = [unwritten(*one) for one in writes]
    return server.flood([server.event(one) for one in changes], in_flight)


@dataclass
class Bare:
    """The bare commit by the bare client, without a server in between."""

    client: Client
    documents: Mapping[str, Any]

    def round(self, number: int, in_flight: int) -> float:
        """Commit so many rows and customers; give commits per second."""
        bare = templates(self.documents)

        def one(n: int) -> None:
            batch = self.client.batch()
            row = self.client.collection("crmOrders").document()
            batch.create(row, bare["templates/row"])
            customer = self.client.document(f"customers/bare{n % PEOPLE:04}")
            batch.set(customer, bare["templates/customer"])
            batch.commit()

        with ThreadPoolExecutor(in_flight) as pool:
            began = time.perf_counter()
            list(pool.map(one, range(number)))
            return number / (time.perf_counter() - began)
