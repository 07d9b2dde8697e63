"""What a large organiser pays a month: `venv/bin/python -m bench.monthly`.

Sizes are of real documents, made by the sync and measured by Firestore's rules; what operations
read and write is counted as `bench.costs` does; prices are list prices, without the free quotas.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bench.bill import PRICES, Bill
from bench.costs import costs, order
from bench.report import Table
from bench.storage import Indexes, Size
from crm.db.collections import CONSENTS, CUSTOMERS, IDENTITIES, ORDERS
from crm.repair.comparison import ENOUGH, NEWEST, RANGES
from crm.repair.partitions import size_of
from crm.repair.sweep import EVERY
from testing.world import World

GIBIBYTE: Final = 2**30
STORED: Final = 0.18
"""US dollars for a GiB in nam5 a month: https://cloud.google.com/firestore/pricing."""

CALLED: Final = 0.40
CPU: Final = 0.000024
MEMORY: Final = 0.0000025
"""US dollars for a million calls, a second of one vCPU, and a second of one GiB, billed by request:
https://cloud.google.com/run/pricing, first tier. All noted on 2026-11-28."""

RUNS: Final = int(30 * 24 * 3600 / EVERY.total_seconds())
"""Sweeps in a month."""


@dataclass(frozen=True)
class Organiser:
    """How much there is, and what comes in a month.

    Attributes:
        customers: People.
        users: Those of them who have an account.
        orders: All orders so far.
        new_orders: Those of a month.
        new_customers: People of a month who are new.
        events: Events of one order: placed, paid, confirmed.
        opt_ins: The share of customers with a record of consent.
        seconds: How long an instance is at work for one event, at one vCPU.
    """

    customers: int = 10_000_000
    users: int = 3_000_000
    orders: int = 100_000_000
    new_orders: int = 2_000_000
    new_customers: int = 200_000
    events: int = 3
    opt_ins: float = 0.3
    seconds: float = 0.1


LARGE: Final = Organiser()


def sizes(orders: int = 10) -> dict[str, Size]:
    """Return what a document of each collection takes, of a customer with so many orders."""
    world = World()
    for number in range(orders):
        items = [{"eventId": f"event-{number:04}", "eventName": f"Workshop no. {number}"}]
        # An id such as Firestore gives, and an order every four weeks.
        name = f"{number:02}aBcDeFgHiJkLmNoPqR"
        data = order("ada.lovelace", 672 * number, items=items, marketingOptIn=number == 0)
        world.put_order(name, data)
    indexes = Indexes.declared()
    found = {}
    for collection in (CUSTOMERS, IDENTITIES, ORDERS, CONSENTS):
        held = world.store.all(collection)
        each = [indexes.size(f"{collection}/{name}", data) for name, data in held.items()]
        found[collection] = Size(
            *(sum(getattr(one, key) for one in each) // len(each) for key in KEYS)
        )
    return found


KEYS: Final = ("document", "index", "entries")


@functools.cache
def operations() -> dict[str, Bill]:
    """Return what operations cost, whatever the number of orders."""
    return costs(1)


def numbers(who: Organiser) -> dict[str, int]:
    """Return how many documents each collection has."""
    return {
        CUSTOMERS: who.customers,
        IDENTITIES: who.customers + who.users,
        ORDERS: who.orders,
        CONSENTS: int(who.customers * who.opt_ins),
    }


def storage(who: Organiser) -> Table:
    """Return what is stored, and what it costs."""
    rows = []
    for collection, size in sizes().items():
        number = numbers(who)[collection]
        held = number * size.total / GIBIBYTE
        rows.append(
            [
                f"`{collection}`",
                *(f"{number:,}", f"{size.document:,}", f"{size.index:,}", f"{size.entries}"),
                *(f"{held:,.0f}", f"${held * STORED:,.2f}"),
            ]
        )
    head = ["", "documents", "bytes", "bytes of index", "entries", "GiB", "a month"]
    return Table("What is stored, nam5", head, rows)


def swept(who: Organiser) -> Bill:
    """Return what sweeps that find nothing read in a month: counts, a slice, the newest."""
    counted = looked = 0
    for total in (who.orders, who.users):
        counted += 2 * max(min(total, ENOUGH), total // RANGES)  # the host's, and the ledger's
        looked += 2 * size_of(total)
    return Bill(reads=RUNS * (looked + 2 * NEWEST), aggregations=RUNS * counted // 1_000)


def rows(who: Organiser) -> Iterator[tuple[str, float, str]]:
    """Yield what is paid for in a month: what, US dollars, how it comes about."""
    found = sizes()
    held = sum(found[key].total * number for key, number in numbers(who).items()) / GIBIBYTE
    yield "storage, with indexes", held * STORED, f"{held:,.0f} GiB"
    each = operations()
    new, known = (each[f"a new order of a {one} customer"] for one in ("new", "known"))
    later = each["a refund"]
    parts = (
        (new, who.new_customers),
        (known, who.new_orders - who.new_customers),
        (later, who.new_orders * (who.events - 1)),
    )
    bill = Bill(
        reads=sum(one.reads * number for one, number in parts),
        writes=sum(one.writes * number for one, number in parts),
    )
    events = who.new_orders * who.events
    yield (
        "orders",
        _price(bill),
        f"{bill.reads / 1e6:,.1f} M reads, {bill.writes / 1e6:,.1f} M writes",
    )
    sweeps = swept(who)
    told = f"{RUNS:,} runs, {(sweeps.reads + sweeps.aggregations) / 1e6:,.0f} M reads"
    yield "sweeps", _price(sweeps), told
    seconds = events * who.seconds
    price = seconds * (CPU + MEMORY / 2) + events / 1e6 * CALLED
    yield "functions", price, f"{events / 1e6:,.0f} M calls, {seconds:,.0f} s at most"


def _price(bill: Bill) -> float:
    return sum(price / 100_000 * int(getattr(bill, unit)) for unit, price in PRICES.items())


def monthly(who: Organiser) -> Table:
    """Return the bill of a month."""
    found = list(rows(who))
    told = [[name, f"${price:,.2f}", how] for name, price, how in found]
    whole = sum(price for _, price, _ in found)
    return Table(
        f"A month of {who.new_orders:,} new orders, nam5",
        ["", "a month", "for"],
        [*told, ["together", f"${whole:,.2f}", ""]],
    )


def main() -> None:
    """Print the tables."""
    from rich.console import Console

    console = Console(width=120)
    storage(LARGE).show(console)
    monthly(LARGE).show(console)


if __name__ == "__main__":
    main()
