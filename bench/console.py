"""How long staff wait for the console, among so many customers: `python -m bench.console`.

In a real Chromium, against a suite of its own with the functions. Beside it what is under it: the
same query and the same call without a browser. The emulator looks at every customer for each query,
so these times grow with the shop; production reads indexes. There are customers and events, and no
orders: what is added up from the ledger is not timed.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from google.cloud.firestore import Client
from playwright.sync_api import Browser, Page
from rich.console import Console

from bench.crowd import EVENTS as HELD
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
from crm.events.event import Event, event_path
from crm.reports.events import list_events
from crm.segments.engine.order import Sort
from crm.segments.language.text import parse
from crm.segments.query import query_segment
from suite import Suite, start_suite
from suite.chromium import launched
from testing.auth import sign_up
from testing.console import Contexts, Desk

CONTENT: Final = 1.5
"""Seconds within which there shall be something to read."""

SORTED: Final = 1.0
"""Seconds within which a list shall be in another order."""

ANSWER: Final = 0.7
"""Seconds within which a search shall be answered."""

PATIENCE: Final = 240
"""Seconds that a screen is waited for."""

EVENTS: Final = 500

CROWDED: Final = len(HELD)

TODAY: Final = datetime.now(UTC).replace(hour=18, minute=0, second=0, microsecond=0)

ROWS: Final = "() => document.querySelector('.people-row')"

SCREENS: Final[Mapping[str, Mapping[str, str]]] = {
    "/": {
        "Home: who bought last": "() => document.querySelector('[data-testid=latest]')",
        "Home: how many people": "() => /[0-9]/.test("
        "document.querySelector('[data-testid=people]')?.innerText)",
    },
    "/people": {
        "People: the first page": ROWS,
        "People: how many, and whom mail reaches": "() => /[0-9]/.test("
        "document.querySelector('[data-testid=reach]')?.innerText)",
    },
    "/events?when=past": {
        "Events: the first page": "() => document.querySelector('tr.leads .link')",
    },
}
"""What is waited for on each screen, in turn: what a script sees of it."""

FIRST: Final = (
    "Home: who bought last",
    "People: the first page",
    "Events: the first page",
    "Person: who it is",
)

HEADS: Final = ("First order", "Orders", "Spend")
"""What the list is sorted by, one after the other."""

IN_ORDER: Final = """(name) => {
    const table = document.querySelector('.people-table');
    const head = [...table.querySelectorAll('th')].find((one) => one.innerText.trim() === name);
    return head.ariaSort !== 'none' && table.ariaBusy === 'false';
}"""
"""Whether the list has come in the order of a column."""

STATUSES: Final = (SUBSCRIBED, UNSUBSCRIBED)

TOP: Final = "(name) => document.querySelector('.people-row .link')?.innerText === name"

MOST_ORDERS: Final = Sort("orderCount")

NAMED: Final = "(name) => document.querySelector('h1')?.innerText === name"

Document = dict[str, Any]


def edition(event_id: str, customer_id: str) -> str:
    """Return which of the 500 events it is: each of the crowd's has editions, three or four."""
    number, editions = int(event_id.removeprefix("event-")), EVENTS // CROWDED
    editions += number < EVENTS - CROWDED * editions
    return f"{event_id}-{int(customer_id[:8], 16) % editions}"


def catalogue() -> dict[str, Event]:
    """Return all events, ten of them to come, by their ids."""
    ids = {edition(one, f"{number:08x}") for one in HELD for number in range(12)}
    return {
        one: Event(one, NOW, one.replace("-", " ").title(), TODAY + timedelta(days=30 - 3 * place))
        for place, one in enumerate(sorted(ids))
    }


def stored(customer_id: str, data: Document, events: Mapping[str, Event]) -> Document:
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
            event.event_id: Attendance(
                1, 1, int(one in came and past(event)), 0, event.name, event.starts_at, source
            )
            for one in data["eventIds"]
            for event in (events[edition(one, customer_id)],)
        },
        decision=decisions.get(data["marketing"]["status"]),
    )
    parts = {"p": part}
    for uid in data["userIds"]:
        parts[f"p-{uid}"] = Part(f"u1-{uid}", rank=1, uid=uid, live=True)
    customer = Customer(customer_id, data["createdAt"], parts, tuple(data["tags"]))
    return customer.to_data(TODAY, double=False)


def past(event: Event) -> bool:
    """Return whether an event has begun."""
    return event.start_key < TODAY


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
                page.wait_for_function(script, timeout=1000 * PATIENCE)  # at each frame
                if number:
                    seconds = time.perf_counter() - began
                    times.add(name, seconds, CONTENT if name in FIRST else None)


def people(page: Page, crowd: Mapping[str, Document], times: Times, rounds: int) -> None:
    """Open the pages of people anew; the first one warms up."""
    for number, customer_id in enumerate(sorted(crowd)[: rounds + 1]):
        began = time.perf_counter()
        page.goto(f"/people/{customer_id}", wait_until="commit")
        page.wait_for_function(NAMED, arg=crowd[customer_id]["name"])
        if number:
            times.add("Person: who it is", time.perf_counter() - began, CONTENT)


def ordered(page: Page, times: Times, rounds: int) -> None:
    """Put the list into other orders, from the click to the rows; the first round warms up."""
    for number in range(rounds + 1):
        page.goto("/people")
        page.locator(".people-row").first.wait_for()
        for head in HEADS:
            button = page.get_by_role("columnheader", name=head, exact=True).get_by_role("button")
            began = time.perf_counter()
            button.click()
            page.wait_for_function(IN_ORDER, arg=head, timeout=1000 * PATIENCE)
            if number:
                times.add("People: in another order", time.perf_counter() - began, SORTED)


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
    page.locator(".people-row").first.wait_for()
    for number, (said, top) in enumerate(typed(crowd, rounds + 2)):
        with page.expect_response("**/search_customers") as answer:
            began = time.perf_counter()
            page.get_by_label("Search people").fill(said)
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
    for _ in range(rounds // 4):
        asked_for = partial(query_segment, runner, pager, parse("everyone"), sort=MOST_ORDERS)
        times.add("in another order: `query_segment` in this process", timed(asked_for))
        listed = partial(list_events, runner, Pager(pager.tokens, "staff", 25), None, "past")
        times.add("Events: `list_events` in this process", timed(partial(listed, sales=True)))
    subscribed: tuple[Clause, ...] = (("marketing.status", "==", "subscribed"),)
    for _ in range(rounds):
        times.add("a count of everyone", timed(partial(store.count, Query(CUSTOMERS))))
        asked = Query(CUSTOMERS, subscribed)
        times.add("a count of the subscribed", timed(partial(store.count, asked)))


def measured(chromium: Browser, suite: Suite, number: int, rounds: int) -> Sequence[Table]:
    """Measure everything."""
    crowd = customers(number)
    events = catalogue()
    client = Client(project=suite.project)
    put_all(client, ((event_path(one), event.to_data()) for one, event in events.items()))
    documents = ((f"{CUSTOMERS}/{key}", stored(key, data, events)) for key, data in crowd.items())
    put_all(client, documents)
    screens, below = Times(), Times()
    desk = Desk(Contexts(chromium), suite)
    desk.sign_in(sign_up({"crm": "editor"}))
    searched(desk.page, crowd, screens, 4 * rounds)
    ordered(desk.page, screens, rounds)
    people(desk.page, crowd, screens, rounds)
    opened(desk.page, screens, rounds)
    desk.leave()
    bare(suite, crowd, below, 4 * rounds)
    return [
        screens.table(f"The console among {number:,} customers and {EVENTS} events"),
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
