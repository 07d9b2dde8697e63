"""Figures on the real Firestore: by its own aggregations, and by HTTP with live triggers."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm.core.roles import Role
from crm.firebase.staff import grant
from crm.reports.buckets import By
from crm.reports.cohorts import get_cohorts
from crm.reports.figures import get_figures
from crm.sync.sync import Sync
from suite.running import Suite
from testing.auth import Person, sign_up
from testing.client import client_of
from testing.hosts import order
from testing.patience import eventually
from tests.support.cohorts import expected as cohorts
from tests.support.figures import Sale, expected
from tests.support.live import LiveWorld
from tests.support.web import call

ORDERS = 200
PEOPLE = 40
CURRENCIES = ("USD", "EUR", "USD", "CHF")
BYS: tuple[By, ...] = ("day", "week", "month")


def made(year: int, mark: str) -> dict[str, Sale]:
    """Orders of a few months, more and more of them; who buys more than once is seen early."""
    chance = random.Random(16)
    begin = datetime(year, 1, 1, tzinfo=UTC)
    found = {}
    for number in range(ORDERS):
        moment = begin + timedelta(minutes=int(150 * 1440 * chance.random() ** 0.5))
        person = f"{mark}-{int(PEOPLE * chance.random() ** 2)}@example.com"
        net = chance.randint(0, 9_999)
        found[f"{mark}-{number}"] = Sale(person, moment, chance.choice(CURRENCIES), net)
    return found


def document(sale: Sale) -> dict[str, Any]:
    total = f"{sale.net / 100:.2f}"
    return order(sale.person, createdAt=sale.at, total=total, currency=sale.currency)


@pytest.mark.parametrize("zone", ["UTC", "America/Sao_Paulo"])
def test_firestores_own_sums_are_those_of_other_code(live: LiveWorld, zone: str) -> None:
    settings = live.runner.settings.model_copy(update={"time_zone": ZoneInfo(zone)})
    live.runner = replace(live.runner, settings=settings)
    live.sync = Sync(live.runner)
    sales = made(1997, "p")
    for name, sale in sales.items():
        live.put_order(name, document(sale))
    asked: tuple[tuple[By, date, date], ...] = (
        ("day", date(1997, 4, 1), date(1997, 4, 20)),  # so few that the orders are added up
        ("day", date(1996, 12, 1), date(1997, 6, 30)),  # so many that they are read
        ("week", date(1997, 1, 8), date(1997, 5, 14)),
        ("month", date(1996, 12, 31), date(1997, 5, 17)),
    )
    for by, first, last in asked:
        said = get_figures(live.runner, first, last, by)
        assert said["figures"] == expected(sales.values(), first, last, by, ZoneInfo(zone))
        again = get_cohorts(live.runner, first, last)
        assert again["cohorts"] == cohorts(sales.values(), first, last, ZoneInfo(zone))


def test_staff_ask_over_http_before_and_after_a_merge_and_an_erasure(suite: Suite) -> None:
    admin: Person = sign_up()
    grant(admin.email, Role.ADMIN)

    def told(first: date, last: date, by: str) -> dict[str, Any]:
        asked = {"from": first.isoformat(), "to": last.isoformat(), "by": by}
        answer = call(suite, admin, ("get_figures", asked))[0]
        data: dict[str, Any] = answer["data"]
        return data

    before = told(date(1971, 1, 1), date(1995, 12, 31), "month")["figures"]
    taken = {one["start"][:4] for one in before if one["orders"]}
    year = random.choice([one for one in range(1971, 1996) if str(one) not in taken])
    first, last = date(year, 1, 4), date(year, 5, 25)
    documents = client_of(suite.project)
    sales = made(year, uuid.uuid4().hex)
    for name, sale in sales.items():
        documents.document(f"orders/{name}").set(document(sale))

    def check(some: Sequence[Sale]) -> None:
        for by in BYS:
            said = told(first, last, by)
            assert said["figures"] == expected(some, first, last, by, ZoneInfo("UTC"))
            assert (said["timeZone"], said["erasedOrdersLeftOut"]) == ("UTC", 0)
        asked = {"from": first.isoformat(), "to": last.isoformat()}
        (answer,) = call(suite, admin, ("get_cohorts", asked))
        assert answer["data"]["cohorts"] == cohorts(some, first, last, ZoneInfo("UTC"))

    eventually(lambda: check([*sales.values()]))

    most = sorted({one.person for one in sales.values()})[:3]
    ids = []
    for address in most:
        (answer,) = call(suite, admin, ("get_customer", {"email": address}))
        ids.append(answer["data"]["customer"]["customerId"])
    pair = {"sourceId": ids[0], "targetId": ids[1]}
    (merged,) = call(suite, admin, ("merge_customers", pair))
    is_now = {most[0]: most[1]}
    check([replace(one, person=is_now.get(one.person, one.person)) for one in sales.values()])
    call(suite, admin, ("unmerge_customers", {"mergeId": merged["data"]["mergeId"]}))
    check([*sales.values()])

    asked = {"from": first.isoformat(), "to": last.isoformat(), "by": "month"}
    (grown,) = call(suite, admin, ("get_growth", asked))
    assert len(grown["data"]["growth"]) == 5
    assert grown["data"]["subscribers"] >= 0

    erasure = {"customerId": ids[2], "reason": "asked by letter"}
    (erased,) = call(suite, admin, ("delete_customer", erasure))
    assert erased["data"]["status"] in ("done", "running")
    eventually(lambda: check([*sales.values()]))
