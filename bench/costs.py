"""What each operation costs in units that Firestore bills: `venv/bin/python -m bench.costs`.

One life of a shop, the same in memory and on the emulator: the figures are exact, so a test holds
them. Everything is done one after the other; collisions would add the reads of another try.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from bench.bill import Bill, Counting
from bench.events import Change, Version, sdk_event
from crm.customers.lookup import find_customer
from crm.customers.reference import CustomerRef
from crm.db.documents import Store, moment_of, read_one
from crm.db.memory import Memory
from crm.db.paging import Scope
from crm.db.runner import Runner
from crm.entrypoints.triggers.events import deliver
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.privacy.erasure.erase import erase
from crm.privacy.export.archive import export
from crm.repair.rebuild import rebuild
from crm.repair.sweep import EVERY, sweep
from crm.segments.engine.count import count
from crm.segments.engine.pages import page
from crm.segments.language.text import parse_text
from crm.sync.catalogue import Catalogue
from crm.sync.seen_events import SeenEvents
from crm.sync.sync import Sync
from crm.tags import tagging
from crm.tags.plan import change_of
from testing.world import World

KEPT: Final = Path(__file__).with_name("costs.json")
"""What the operations cost, as last agreed."""

SIZES: Final = (1, 100, 10_000)
"""Orders of the customer."""

FLAT: Final = (
    "a new order of a new customer",
    "a new order of a known customer",
    "the next order of that customer",
    "a new order of a known user",
    "the same event again",
    "the same event again, at another instance",
    "a refund",
    "a refund, at another instance",
    "an address corrected",
    "the first order cancelled",
    "a merge",
    "its undo",
    "a tag given",
    "a page of 50 of a segment",
    "a count of a segment",
)
"""Operations that must cost the same whatever the number of orders; two are enough to differ."""

CROWD: Final = 60
"""Other customers of the shop, each with one order."""

DAY: Final = datetime(2024, 3, 1, 12, tzinfo=UTC)

SWEEPS: Final = datetime(2030, 1, 1, tzinfo=UTC)
"""When the sweeps begin: the clock says which slice has its turn."""

Json = dict[str, Any]
Set = Callable[[str, Json], None]


@dataclass(frozen=True)
class Shop:
    """A database that CRM-Lite works on, and its host.

    Attributes:
        runner: Carries plans out, on a store that keeps the bill.
        put: Writes a document as the host.
        bill: The bill.
        free: The same store, without the bill.
    """

    runner: Runner
    put: Set
    bill: Bill
    free: Store
    _seen: SeenEvents = field(default_factory=lambda: SeenEvents(age=None))

    @classmethod
    def of(cls, runner: Runner, put: Set) -> Shop:
        """Keep a bill of what a runner does."""
        bill = Bill()
        return cls(replace(runner, store=Counting(runner.store, bill)), put, bill, runner.store)

    def instance(self) -> Sync:
        """Start an instance that has met nobody, and knows the host's events."""
        return Sync(replace(self.runner, memory=Memory()), catalogue=Catalogue(self._seen))

    def write(self, order_id: str, data: Json) -> Change:
        """Write an order as the host; return what that has changed. Costs nothing."""
        before = self._version(order_id)
        self.put(f"orders/{order_id}", data)
        return Change(order_id, before, self._version(order_id))

    def _version(self, order_id: str) -> Version | None:
        found = read_one(self.free, f"orders/{order_id}")
        if found.data is None or found.created is None:
            return None
        return Version(found.data, found.created, moment_of(found.version))

    def customer(self, name: str) -> str:
        """Return a customer's id; costs nothing."""
        found = find_customer(self.runner, CustomerRef("email", _address(name)))[0]
        self.bill.clear()
        return found


def in_memory() -> Shop:
    """Open a shop in memory."""
    world = World()
    return Shop.of(world.runner, world.store.put)


def _address(name: str) -> str:
    return f"{name}@example.com"


def order(name: str, day: int = 0, **fields: Any) -> Json:
    """Return an order of one ticket; events come again after forty days."""
    return {
        "email": _address(name),
        "userId": None,
        "name": name.title(),
        "status": "paid",
        "total": "49.90",
        "currency": "USD",
        "createdAt": DAY + timedelta(hours=day),
        "items": [{"eventId": f"event-{day % 40}", "eventName": f"Workshop {day % 40}"}],
        **fields,
    }


def life(shop: Shop, orders: int) -> Iterator[tuple[str, Bill]]:
    """Live through every operation once; give each with its bill.

    Args:
        shop: An empty one.
        orders: How many orders Ada has, who has most of this done to her.
    """
    for day in range(orders):
        shop.put(f"orders/ada-{day:05}", order("ada", day))
    for number in range(CROWD):
        shop.put(f"orders/p{number:02}", order(f"p{number:02}"))
    rebuild(shop.runner, threads=1)
    yield "a backfill of all orders", shop.bill.clear()
    rebuild(shop.runner, threads=1)
    yield "a rebuild that finds nothing", shop.bill.clear()
    yield from _by_events(shop, orders)
    yield from _by_staff(shop)
    yield from _about_the_person(shop)


def _by_events(shop: Shop, orders: int) -> Iterator[tuple[str, Bill]]:
    sync, bill = shop.instance(), shop.bill

    def written(order_id: str, data: Json, at: Sync = sync) -> Change:
        """Write an order as the host, and handle the event."""
        change = shop.write(order_id, data)
        handle(at, change)
        return change

    gala = [{"eventId": "gala", "eventName": "Gala"}]
    written("seen", order("p00"))
    written("gala", order("p00", 1, items=gala))
    bill.clear()
    written("new", order("new"))
    yield "a new order of a new customer", bill.clear()
    known = written("known", order("ada", orders, items=gala))
    yield "a new order of a known customer", bill.clear()
    written("next", order("ada", orders, items=gala))
    yield "the next order of that customer", bill.clear()
    shop.put("users/u1", {"email": _address("uma"), "name": "Uma"})
    sync.sync_user("u1")
    bill.clear()
    written("signed-in", order("uma", userId="u1"))
    yield "a new order of a known user", bill.clear()
    handle(sync, known)
    yield "the same event again", bill.clear()
    handle(shop.instance(), known)
    yield "the same event again, at another instance", bill.clear()
    written("known", order("ada", orders, items=gala, refunded="10.00"))
    yield "a refund", bill.clear()
    written("known", order("ada", orders, items=gala, refunded="20.00"), shop.instance())
    yield "a refund, at another instance", bill.clear()
    # An order that is neither the newest nor the oldest of either customer.
    written("later", order("ada", orders + 1))
    written("p00-later", order("p00", orders + 9))
    bill.clear()
    written("known", order("p00", orders, items=gala, refunded="20.00"))
    yield "an address corrected", bill.clear()
    written("ada-00000", order("ada", 0, status="cancelled"))
    yield "the first order cancelled", bill.clear()


def handle(sync: Sync, change: Change) -> None:
    """Handle the event of a write as the trigger does."""
    deliver(sdk_event(change), "orderId", sync.sync_order, sync.give_up_order)


def _by_staff(shop: Shop) -> Iterator[tuple[str, Bill]]:
    runner, bill = shop.runner, shop.bill
    ada, other = shop.customer("ada"), shop.customer("p01")
    merge, _ = runner.run(lambda tx: plan_merge(tx, other, ada))
    yield "a merge", bill.clear()
    assert merge.merge_id
    merge_id = merge.merge_id
    runner.run(lambda tx: plan_unmerge(tx, merge_id))
    yield "its undo", bill.clear()
    many = [shop.customer(f"p{number:02}") for number in range(2, CROWD)]
    tagging.tag_customers(runner, many, change_of(["VIP"], []))
    bill.clear()
    tagging.tag_customers(runner, [ada], change_of(["VIP"], []))
    yield "a tag given", bill.clear()
    segment = parse_text("tag:vip")
    assert len(page(runner.store, segment, runner.now(), size=50).customers) == 50
    yield "a page of 50 of a segment", bill.clear()
    assert count(runner.store, segment, runner.now()).value == CROWD - 1
    yield "a count of a segment", bill.clear()


def _about_the_person(shop: Shop) -> Iterator[tuple[str, Bill]]:
    runner, bill = shop.runner, shop.bill
    who, scope = (
        CustomerRef("customerId", shop.customer("ada")),
        Scope("staff", "export_customer", {}),
    )
    token: str | None = None
    while True:
        answer: Any = export(runner, scope, who, token)
        token = answer["nextPageToken"]
        if token is None:
            break
    yield "an export", bill.clear()
    turns = iter(range(1, 1_000))

    def swept() -> Any:
        now = SWEEPS + next(turns) * EVERY
        return sweep(replace(runner, now=lambda: now), lambda _job: None, threads=1, seconds=1e6)

    while bill.clear() and swept() and bill.writes:
        pass  # the first runs learn where the collections are cut
    yield "a sweep that finds nothing", bill.clear()
    shop.put("orders/lost", order("p05", 7))
    assert sum(swept().mended.values()) == 1
    yield "a sweep that finds a lost order", bill.clear()
    erase(runner, lambda _job: None, who, reason="asked by letter", seconds=1e6)
    yield "an erasure", bill.clear()


def costs(orders: int, shop: Shop | None = None) -> dict[str, Bill]:
    """Return what each operation costs.

    Args:
        orders: Orders of the customer.
        shop: An empty one; in memory where none is given.
    """
    return dict(life(shop or in_memory(), orders))


def kept() -> dict[str, dict[str, Bill]]:
    """Return what the operations cost when it was last agreed: by orders, then by operation."""
    data: dict[str, dict[str, dict[str, int]]] = json.loads(KEPT.read_text(encoding="utf-8"))
    return {
        size: {name: Bill(**bill) for name, bill in operations.items()}
        for size, operations in data.items()
    }


def main() -> None:
    """Count, and print or keep."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    arguments.add_argument("--keep", action="store_true", help=f"write {KEPT.name}")
    options = arguments.parse_args()
    found = {size: costs(size) for size in options.sizes}
    for name in found[options.sizes[0]]:
        print(name)
        for size in options.sizes:
            one = found[size][name]
            print(f"  {size:>6,} orders: {one}, ${one.per_million:,.2f} a million")
    if options.keep:
        data = {
            str(size): {name: asdict(one) for name, one in operations.items()}
            for size, operations in found.items()
        }
        KEPT.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
