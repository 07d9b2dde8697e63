"""How long staff wait for the console, among so many customers: `python -m bench.console`.

In a real Chromium, against a suite of its own with the functions. Beside it what is under it: the
same query and the same call without a browser. The emulator looks at every customer for each query,
so these times grow with the shop; production reads indexes.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Final

from google.cloud.firestore import Client
from playwright.sync_api import Browser, Page
from rich.console import Console

from bench.crowd import NOW, customers
from bench.peers.ours import runner_on
from bench.place import put_all
from bench.report import Table
from crm.customers.attendance import Attendance, NameSource
from crm.customers.customer import Customer
from crm.customers.decision import SUBSCRIBED, UNSUBSCRIBED, Decision
from crm.customers.part import Part, Spend
from crm.customers.search import search_customers
from crm.db.collections import CUSTOMERS
from crm.db.documents import BY_ID, Clause, Query
from crm.db.paging import Pager, PageTokens
from suite import Suite, start_suite
from suite.chromium import launched
from testing.auth import sign_up
from testing.console import Desk

CONTENT: Final = 2.0
"""Seconds within which there shall be something to read."""

ANSWER: Final = 0.5
"""Seconds within which a search shall be answered."""

SCREENS: Final[Mapping[str, Mapping[str, str]]] = {
    "/": {
        "overview: who bought last": "() => document.querySelector('[data-testid=latest]')",
        "overview: the counts": "() => /[0-9]/.test("
        "document.querySelector('[data-testid=people]')?.innerText)",
    },
    "/people": {
        "customers: the first page": "() => document.querySelector('tbody tr')",
        "customers: how many": "() => document.querySelector('[data-testid=count]')",
    },
}
"""What is waited for on each screen, in turn: what a script sees of it."""

FIRST: Final = ("overview: who bought last", "customers: the first page")

STATUSES: Final = (SUBSCRIBED, UNSUBSCRIBED)

TOP: Final = "(name) => document.querySelector('tbody tr a')?.innerText === name"

Document = dict[str, Any]


def stored(customer_id: str, data: Document) -> Document:
    """Return a customer of the crowd as it is stored, with a part for what it ordered."""
    source = NameSource(data["lastOrderAt"] or data["createdAt"], f"o-{customer_id[:10]}")
    came = data["attendedEventIds"]
    decisions = {one: Decision(one, data["createdAt"], "staff") for one in STATUSES}
    part = Part(
        key=f"e1-{customer_id}",
        address=data["primaryEmail"],
        orders=data["orderCount"],
        counted=data["orderCount"],
        spend={code: Spend(net, data["orderCount"]) for code, net in data["totalSpend"].items()},
        first=data["firstOrderAt"],
        last=data["lastOrderAt"],
        name=data["name"],
        name_source=source,
        events={
            one: Attendance(1, 1, int(one in came), 0, one.title(), NOW - timedelta(9), source)
            for one in data["eventIds"]
        },
        decision=decisions.get(data["marketing"]["status"]),
    )
    parts = {"p": part}
    for uid in data["userIds"]:
        parts[f"p-{uid}"] = Part(f"u1-{uid}", rank=1, uid=uid, live=True)
    customer = Customer(customer_id, data["createdAt"], parts, tuple(data["tags"]))
    return customer.to_data(NOW, double=False)


@dataclass
class Times:
    """Seconds, by what was waited for.

    Attributes:
        of: As they were measured.
        within: What each must not be above; where there is no such bound, nothing.
    """

    of: dict[str, list[float]] = field(default_factory=dict)
    within: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, seconds: float, within: float | None = None) -> None:
        """Note a time."""
        self.of.setdefault(name, []).append(seconds)
        if within is not None:
            self.within[name] = within

    def table(self, title: str) -> Table:
        """Return them as a table."""
        rows = []
        for name, taken in self.of.items():
            middle, bound = statistics.median(taken), self.within.get(name)
            met = "" if bound is None else f"{'yes' if middle <= bound else 'no'} ({bound} s)"
            rows.append((name, f"{middle:.2f}", f"{max(taken):.2f}", str(len(taken)), met))
        return Table(title, ("seconds", "median", "slowest", "times", "met"), rows)


def timed(wait: Callable[[], object]) -> float:
    """Return how many seconds something takes."""
    began = time.perf_counter()
    wait()
    return time.perf_counter() - began


def opened(page: Page, times: Times, rounds: int) -> None:
    """Open each screen anew, and wait for what is on it; the first round warms up."""
    for number in range(rounds + 1):
        for path, seen in SCREENS.items():
            began = time.perf_counter()
            page.goto(path, wait_until="commit")
            for name, script in seen.items():
                page.wait_for_function(script)  # at each frame
                if number:
                    seconds = time.perf_counter() - began
                    times.add(name, seconds, CONTENT if name in FIRST else None)


def typed(crowd: Mapping[str, Document], number: int) -> Iterator[tuple[str, str]]:
    """Return what somebody types, with the name on top of the answer."""
    chance = random.Random(7)
    ids = sorted(crowd)
    for count in range(number):
        one = crowd[chance.choice(ids)]
        first, last = one["name"].lower().split()
        said = (first[:3], first, f"{first} {last[:2]}", one["primaryEmail"][:9])[count % 4]
        words = said.split()
        top = next(i for i in ids if all(word in crowd[i]["search"] for word in words))
        yield said, crowd[top]["name"]


def searched(page: Page, crowd: Mapping[str, Document], times: Times, rounds: int) -> None:
    """Search, from the last key to the answer on the screen; the first two searches warm up."""
    page.goto("/people")
    page.locator("tbody tr").first.wait_for()
    for number, (said, top) in enumerate(typed(crowd, rounds + 2)):
        with page.expect_response("**/search_customers") as answer:
            began = time.perf_counter()
            page.get_by_label("Search").fill(said)
            page.wait_for_function(TOP, arg=top)
            seconds = time.perf_counter() - began
        if number < 2:
            continue
        times.add("search: from the last key to the rows", seconds, ANSWER)
        timing = answer.value.request.timing
        times.add("search: the call, as the browser sees it", timing["responseEnd"] / 1000)


def bare(suite: Suite, crowd: Mapping[str, Document], times: Times, rounds: int) -> None:
    """The same searches without a browser and without a function."""
    runner = runner_on(Client(project=suite.project))
    store = runner.store
    pager = Pager(PageTokens(b"of a benchmark"), "staff", 50)
    store.find(Query(CUSTOMERS, (), BY_ID, 1))  # connects
    for said, _ in typed(crowd, rounds):
        where: tuple[Clause, ...] = (("search", "array_contains", max(said.split(), key=len)),)
        query = Query(CUSTOMERS, where, BY_ID, 51)
        times.add("search: its query alone", timed(partial(store.find, query)))
        search = partial(search_customers, runner, pager, said)
        times.add("search: `search_customers` in this process", timed(search))
    subscribed: tuple[Clause, ...] = (("marketing.status", "==", "subscribed"),)
    for _ in range(rounds):
        times.add("a count of everyone", timed(partial(store.count, Query(CUSTOMERS))))
        asked = Query(CUSTOMERS, subscribed)
        times.add("a count of the subscribed", timed(partial(store.count, asked)))


def measured(chromium: Browser, suite: Suite, number: int, rounds: int) -> Sequence[Table]:
    """Measure everything."""
    crowd = customers(number)
    documents = ((f"{CUSTOMERS}/{key}", stored(key, data)) for key, data in crowd.items())
    put_all(Client(project=suite.project), documents)
    screens, below = Times(), Times()
    desk = Desk(chromium, suite)
    desk.sign_in(sign_up({"crm": "editor"}))
    searched(desk.page, crowd, screens, 4 * rounds)
    opened(desk.page, screens, rounds)
    desk.leave()
    bare(suite, crowd, below, 4 * rounds)
    return [
        screens.table(f"The console among {number:,} customers"),
        below.table("Under it, without a browser"),
    ]


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--customers", type=int, default=20_000)
    arguments.add_argument("--rounds", type=int, default=5)
    options = arguments.parse_args()
    console = Console(width=140)
    with start_suite() as suite, launched() as chromium:
        os.environ.update(suite.env)
        console.print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        for table in measured(chromium, suite, options.customers, options.rounds):
            table.show(console)
        console.print(f"load after: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
