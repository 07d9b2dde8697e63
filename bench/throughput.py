"""Orders per second of one served instance, beside functions that do nothing but the bare calls."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from google.cloud.firestore import Client

from bench.costs import order
from bench.place import Host, fresh, put_all, shop, templates
from bench.rounds import in_turn
from bench.serving import ROOT, Server, starting, unwritten

BARE: Final = ROOT / "bench" / "functions" / "main.py"
PEOPLE: Final = 50

SERVED: Final[Mapping[str, tuple[Any, str]]] = {
    "on_order_written": (ROOT / "main.py", "orders"),
    "bare_commit": (BARE, "bare-commits"),
    "bare_reads": (BARE, "bare-reads"),
    "noop": (BARE, "noops"),
}
"""Function to its source, and the collection of its events."""


def throughput(
    number: int, in_flight: Sequence[int], rounds: int
) -> dict[str, dict[str, list[float]]]:
    """Return how many events a second each function handles in each round, by those in flight.

    All are served at once and asked in turn, so that they meet the same weather; each has met
    everybody before.

    Args:
        number: Events of one round.
        in_flight: How many at a time.
        rounds: How many rounds.
    """
    documents, ids = shop({f"{number:04}": 1 for number in range(PEOPLE)}), itertools.count(1)
    with ExitStack() as stack:
        servers = {}
        for name, (source, collection) in SERVED.items():
            client = fresh()
            put_all(client, documents.items())
            put_all(client, templates().items())
            server = stack.enter_context(starting(name, source, client.project, collection))
            servers[name] = (Host(client), server)
        for host, server in servers.values():
            server.wait()
            _round(host, server, 2 * PEOPLE, max(in_flight), ids)  # warms it up
        bare = Bare(servers["bare_commit"][0].client)
        found: dict[str, dict[str, list[float]]] = {}
        for level in in_flight:
            sides: dict[str, Callable[[], float]] = {
                name: partial(_round, host, server, number, level, ids)
                for name, (host, server) in servers.items()
            }
            sides["bare commit, no function"] = partial(bare.round, number, level)
            for name, rates in in_turn(sides, rounds).items():
                found.setdefault(name, {})[str(level)] = [round(rate, 1) for rate in rates]
    return found


def _round(host: Host, server: Server, number: int, in_flight: int, ids: Any) -> float:
    """Write orders as the host, then deliver their events; give events per second."""
    # The ids begin with the customer's name. Neighbours are of different customers.
    orders = [(f"{n % PEOPLE:04}-more{n:06}", n) for n in itertools.islice(ids, number)]
    writes = [(order_id, order(order_id[:4], n)) for order_id, n in orders]
    if server.collection == host.collection:
        changes = host.write(writes)
    else:
        changes = [unwritten(*one) for one in writes]
    return server.flood([server.event(one) for one in changes], in_flight)


@dataclass
class Bare:
    """The bare commit by the bare client, without a server in between."""

    client: Client

    def round(self, number: int, in_flight: int) -> float:
        """Commit so many rows and customers; give commits per second."""
        bare = templates()

        def one(n: int) -> None:
            batch = self.client.batch()
            batch.create(self.client.collection("bareRows").document(), bare["templates/row"])
            customer = self.client.document(f"bareCustomers/bare{n % PEOPLE:04}")
            batch.set(customer, bare["templates/customer"])
            batch.commit()

        with ThreadPoolExecutor(in_flight) as pool:
            began = time.perf_counter()
            list(pool.map(one, range(number)))
            return number / (time.perf_counter() - began)
