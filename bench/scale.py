"""Time and cost as a shop grows: more customers, and more orders of one customer.

The emulator looks at a whole collection at each query, whatever its index, so times of queries
grow there with the collection and say nothing of production; a plain query stands beside them.
What is billed is the same in both.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from google.cloud.firestore import Client

from bench.bill import Bill, Counting
from bench.costs import handle, order
from bench.crowd import NOW, customers
from bench.events import Change
from bench.peers.ours import runner_on
from bench.place import Host, fresh, put_all, shop
from crm.customers.search import search_customers
from crm.db.collections import CUSTOMERS
from crm.db.documents import BY_ID, Query, Store
from crm.db.paging import Pager, PageTokens
from crm.segments.engine.pages import page
from crm.segments.language.text import parse_text
from crm.sync.sync import Sync

SAMPLES: Final = 9
SEGMENT: Final = "tag:tag-000 and subscribed"
PAGE: Final = 50

Figures = dict[str, dict[str, dict[str, Any]]]
"""Operation, then size, then `milliseconds` (a list of them), `reads` and `writes`."""


def by_customers(sizes: Sequence[int]) -> Figures:
    """Return what operations take among so many customers."""
    found: Figures = {}
    host, there = fresh(), 0
    crowd = customers(max(sizes))
    waiting = ((f"{CUSTOMERS}/{key}", data) for key, data in crowd.items())
    put_all(host, shop({"ada": 3}).items())
    for size in sizes:
        put_all(host, (next(waiting) for _ in range(size - there)))
        there = size
        for name, figures in _measured(host, f"{size}-").items():
            found.setdefault(name, {})[str(size)] = figures
    return found


def _measured(host: Client, mark: str) -> dict[str, dict[str, Any]]:
    bill = Bill()
    runner = runner_on(Client(project=host.project))
    store: Store = Counting(runner.store, bill)
    billed = replace(runner, store=store)
    sync, segment = Sync(billed), parse_text(SEGMENT)
    plain = Query(CUSTOMERS, (), BY_ID, PAGE)
    pager = Pager(PageTokens(runner.keys.derive("page-token")), "staff", PAGE)
    return {
        "a new order": _timed(bill, partial(handle, sync), _orders(host, mark)),
        "a page of a segment": _timed(bill, lambda _: page(store, segment, NOW, None, PAGE)),
        "a plain query of as many": _timed(bill, lambda _: store.find(plain)),
        "a search": _timed(bill, lambda _: search_customers(billed, pager, "ada")),
    }


def by_orders(sizes: Sequence[int]) -> Figures:
    """Return what one more order takes of a customer who has so many."""
    found: dict[str, dict[str, Any]] = {}
    for size in sizes:
        host = fresh()
        put_all(host, shop({"ada": size}).items())
        bill = Bill()
        runner = runner_on(Client(project=host.project))
        sync = Sync(replace(runner, store=Counting(runner.store, bill)))
        found[str(size)] = _timed(bill, partial(handle, sync), _orders(host, "more-"))
    return {"a new order": found}


def _orders(host: Client, mark: str) -> Iterator[Change]:
    """Write orders as the host, one when it is asked for."""
    app = Host(host)
    for n in range(SAMPLES + 1):
        yield from app.write([(f"{mark}{n}", order("ada", n))])


def _timed(
    bill: Bill, run: Callable[[Any], object], given: Iterator[Any] | None = None
) -> dict[str, Any]:
    taken = []
    for one in given or iter(range(SAMPLES + 1)):
        bill.clear()
        began = time.perf_counter()
        run(one)
        taken.append(time.perf_counter() - began)
    return {
        "milliseconds": [round(1000 * one, 1) for one in taken[1:]],  # the first one connects
        "reads": bill.reads + bill.aggregations,
        "writes": bill.writes,
    }
