"""Figures of the 6,919 real orders, held to sums that other code makes from the file's own text.

The file knows days alone; each order is given a time of its day, so that zones tell them apart.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from demo.orders import SAMPLE, order_document, read_purchases
from testing.world import World
from tests.support.figures import Sale
from tests.support.history import History

ALL = date(1996, 12, 30), date(1998, 7, 2)
CUT = date(1997, 1, 8), date(1998, 6, 17)
SOME_WEEKS = date(1997, 2, 5), date(1997, 5, 4)
SOME_DAYS = date(1997, 3, 20), date(1997, 4, 12)  # clocks change in them, where they do in spring
AUTUMN = date(1997, 9, 29), date(1997, 10, 12)  # in Sao Paulo there is no midnight on the sixth

ZONES = ["America/Sao_Paulo", "Europe/Berlin", "Pacific/Auckland"]

SHARE = 1 if os.environ.get("CRM_ALL_FIGURES") else 4
"""Of so many customers one is taken in all zones but the first, where everybody is."""


def moments() -> dict[str, datetime]:
    """When each order was placed: every second of a day may be one."""
    return {
        one.order_id: one.day + timedelta(seconds=one.line * 7_919 % 86_400)
        for one in read_purchases()
    }


def sales_of_the_file() -> dict[str, Sale]:
    """Read the file's text, by no code of the demo's or the product's."""
    times, found = moments(), {}
    for number, line in enumerate(SAMPLE.read_text(encoding="ascii").split("\n"), start=1):
        if line.split():
            _, customer, _, _, dollars = line.split()
            name = f"order-{number:05}"
            cents = int(Decimal(dollars) * 100)
            found[name] = Sale(f"customer-{customer}@example.com", times[name], "USD", cents)
    return found


@pytest.fixture(params=ZONES)
def history(request: pytest.FixtureRequest) -> History:
    world = World(settings={"time_zone": request.param})
    times, sales = moments(), sales_of_the_file()
    if request.param != ZONES[0]:
        taken = set(sorted({one.person for one in sales.values()})[::SHARE])
        sales = {name: one for name, one in sales.items() if one.person in taken}
    for purchase in read_purchases():
        if purchase.order_id not in sales:
            continue
        document = order_document(purchase)
        world.put_order(purchase.order_id, {**document, "createdAt": times[purchase.order_id]})
    orders = {order_id: one.person for order_id, one in sales.items()}
    return History(world, sales, orders, {one: one for one in orders.values()})


def checked(history: History, by_day: tuple[date, date]) -> None:
    history.check(*by_day, "day")
    history.check(*SOME_WEEKS, "week")
    history.check(*CUT, "month")


def test_figures_of_the_real_orders_before_and_after_all_that_becomes_of_them(
    history: History,
) -> None:
    whole = history.check(*ALL, "month")["figures"]
    if SHARE == 1 or history.zone.key == ZONES[0]:
        assert sum(one["orders"] for one in whole) == 6_919
        assert sum(one["revenue"].get("USD", 0) for one in whole) == 24_409_194
        assert sum(one["newCustomers"] for one in whole) == 2_357
    history.check(*CUT, "week")
    history.check(*SOME_DAYS, "day")

    people = sorted(history.person)
    for address in people[40:200:40]:
        history.erase(address)
    assert history.said(*ALL, "month")["figures"] == whole, "the books, whoever is erased"
    checked(history, SOME_DAYS)
    for source, target in zip(people[1:60:12], people[2:60:12], strict=True):
        history.merge(source, target)
    checked(history, AUTUMN)
    for name in [*history.sales][30:3_000:300]:
        give_back_half(history, name)
    checked(history, SOME_DAYS)
    while history.merges:
        history.unmerge()
    checked(history, AUTUMN)
    assert history.world.wrong() == []


def give_back_half(history: History, name: str) -> None:
    sale = history.sales[name]
    path = f"orders/{name}"
    document = history.world.store.read([path])[path].fields
    half = sale.net // 2
    history.world.put_order(name, {**document, "refunded": f"{half / 100:.2f}"})
    history.sales[name] = replace(sale, net=sale.net - half)


def test_a_day_without_a_midnight_begins_an_hour_later() -> None:
    zone = ZoneInfo("America/Sao_Paulo")
    begin = datetime(1997, 10, 6, 3, tzinfo=UTC)
    assert begin.astimezone(zone).isoformat() == "1997-10-06T01:00:00-02:00"
