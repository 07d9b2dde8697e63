"""What an event sold is what other code counts from the orders, whatever became of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.bill import Bill, Counting
from crm.core.errors import Refusal
from crm.customers import limits
from crm.db.paging import Pager, PageTokens
from crm.repair.rebuild import rebuild
from crm.repair.verify import verify
from crm.reports import events, sales
from crm.reports.comparing import compare_events
from crm.reports.events import get_event, list_events
from crm.reports.sales import get_event_sales
from testing.hosts import item
from testing.world import KEYS, World
from tests.support.history import History

ADA, BOB, CYD, DAN = PEOPLE = [f"{name}@example.com" for name in ("ada", "bob", "cyd", "dan")]

START = {"gala": datetime(2024, 4, 1, tzinfo=UTC), "fair": datetime(2024, 5, 1, tzinfo=UTC)}

TOKENS = PageTokens(KEYS.derive("page-token"))

BEGIN = datetime(2024, 2, 28, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def ticket(event_id: str, quantity: int = 1, *, bare: bool = False, **fields: Any) -> Any:
    """Return an item; a bare one names its event by the id alone."""
    words = {"eventName": None} if bare else {"eventStartsAt": START.get(event_id)}
    return item(event_id, quantity=quantity, **words, **fields)


@dataclass
class Box:
    """A box office, and what its orders hold by the test's own account."""

    history: History
    held: dict[str, Counter[str]] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.history.world

    def put(self, order_id: str, address: str, moment: datetime, *items: Any, **more: Any) -> None:
        self.history.put(order_id, address, moment, items=items, **more)
        self.held[order_id] = Counter()
        for one in items:
            self.held[order_id][one["eventId"]] += one["quantity"]

    def expected(self, event_id: str) -> dict[str, Any]:
        """What an event sold."""
        mine = {
            name: sale for name, sale in self.history.sales.items() if event_id in self.held[name]
        }
        days = dict[str, Counter[str]]()
        revenue: Counter[str] = Counter()
        for name, sale in mine.items():
            day = sale.at.astimezone(self.history.zone).strftime("%Y-%m-%d")
            days.setdefault(day, Counter()).update(orders=1, tickets=self.held[name][event_id])
            revenue[sale.currency] += sale.net
        return {
            "orders": len(mine),
            "tickets": sum(self.held[name][event_id] for name in mine),
            "people": len({self.history.person[sale.person] for sale in mine.values()}),
            "revenue": dict(revenue),
            "sharedOrders": sum(len(self.held[name]) > 1 for name in mine),
            "days": [{"day": day, **days[day]} for day in sorted(days)],
            "timeZone": self.history.zone.key,
            "truncated": False,
        }

    def said(self, event_id: str) -> dict[str, Any]:
        answer: Any = get_event_sales(self.world.runner, event_id)
        return {name: one for name, one in answer["sales"].items() if name != "documentsRead"}

    def check(self) -> None:
        """Hold every event's sales, and those in the list, to what the orders say.

        First the orders are read, then added up.
        """
        self._check()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(events, "MOST_ORDERS", 0)
            patch.setattr(events, "_BATCH", 2)
            self._check()

    def _check(self) -> None:
        catalogue = self.world.store.all("crmEvents")
        page: Any = list_events(self.world.runner, Pager(TOKENS, "staff", 50), sales=True)
        rows = {one["eventId"]: one for one in page["events"]}
        ids = {one["eventId"] for one in catalogue.values()}
        assert rows.keys() == ids
        for event_id in ids:
            told = self.expected(event_id)
            assert self.said(event_id) == told
            one: Any = get_event(self.world.runner, event_id)
            for row in (rows[event_id], one["event"]):
                assert (row["orders"], row["revenue"]) == (told["orders"], told["revenue"])


def box(zone: str = "America/Sao_Paulo", **more: Any) -> Box:
    return Box(History(World(settings={"time_zone": zone, **more})))


def small() -> Box:
    """Three people, two events, two currencies; one order holds both, one is cancelled."""
    made = box()
    made.put("a1", ADA, at("2024-03-05T12:00"), ticket("gala", 2), total=5000)
    made.put("a2", ADA, at("2024-03-06T02:59"), ticket("gala"), total=300, currency="JPY")
    made.put("b1", BOB, at("2024-03-09T12:00"), ticket("gala"), ticket("fair", 3), total=8000)
    made.put("c1", CYD, at("2024-03-10T12:00"), ticket("gala"), total=2000, refunded=500)
    made.put("c2", CYD, at("2024-03-11T12:00"), ticket("gala", 9), counts=False)
    return made


def test_sales_by_hand() -> None:
    made = small()
    assert made.said("gala") == {
        "orders": 4,
        "tickets": 5,
        "people": 3,
        "revenue": {"JPY": 300, "USD": 14500},
        "sharedOrders": 1,
        "days": [
            {"day": "2024-03-05", "orders": 2, "tickets": 3},  # one on the sixth, in UTC
            {"day": "2024-03-09", "orders": 1, "tickets": 1},
            {"day": "2024-03-10", "orders": 1, "tickets": 1},
        ],
        "timeZone": "America/Sao_Paulo",
        "truncated": False,
    }
    made.check()


def test_refunds_cancellations_and_deletions_are_told() -> None:
    made = small()
    made.put("a1", ADA, at("2024-03-05T12:00"), ticket("gala", 2), total=5000, refunded=5000)
    made.check()
    made.put("b1", BOB, at("2024-03-09T12:00"), ticket("gala"), ticket("fair", 3), counts=False)
    made.check()
    assert made.said("fair")["orders"] == 0
    made.history.delete("a2")
    made.check()


def test_an_erasure_changes_nothing_that_was_sold() -> None:
    made = small()
    before = [made.said(one) for one in START]
    for address in (ADA, BOB, CYD):
        made.history.erase(address)
        assert [made.said(one) for one in START] == before
    assert made.world.customers() == []
    made.check()


def test_a_merge_makes_two_people_one_and_its_undo_two() -> None:
    made = small()
    made.history.merge(BOB, ADA)
    assert made.said("gala")["people"] == 2
    made.check()
    made.history.unmerge()
    made.check()


def test_an_order_that_does_not_say_what_its_event_is_called_counts_too() -> None:
    made = small()
    made.put("d1", DAN, at("2024-03-12T12:00"), ticket("gala", 2, bare=True), total=700)
    made.put("d2", DAN, at("2024-03-12T12:00"), ticket("nameless", bare=True), total=100)
    made.check()
    assert made.said("gala")["orders"] == 5
    assert made.said("nameless")["orders"] == 1
    made.history.erase(DAN)
    made.check()


def test_rows_of_an_earlier_version_are_named_and_brought_up_by_a_rebuild() -> None:
    made = box()
    made.put("d1", DAN, at("2024-03-12T12:00"), ticket("gala", bare=True))
    row = made.world.store.all("crmOrders")["d1"]
    made.world.store.put("crmOrders/d1", {**row, "marks": ["counted", "named"]})
    assert any("marks" in what for _, what in verify(made.world.runner))
    assert rebuild(made.world.runner).failed == []
    assert list(verify(made.world.runner)) == []
    made.check()


def test_an_event_that_found_no_room_on_its_customer_counts_nowhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "MAX_EVENTS", 1)
    made = box()
    made.put("a1", ADA, at("2024-03-05T12:00"), ticket("gala"), ticket("fair"), total=500)
    made.put("b1", BOB, at("2024-03-05T12:00"), ticket("fair"), total=500)
    made.put("c1", CYD, at("2024-03-05T12:00"), ticket("gala"), total=500)
    said = [made.said("gala"), made.said("fair")]
    assert sorted(one["orders"] for one in said) == [1, 2]  # of ADA's order one has no room
    for one in said:
        assert (one["people"], one["tickets"]) == (one["orders"], one["orders"])


def test_of_too_many_orders_the_newest_are_told_by_the_day_and_all_in_money(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = small()
    whole = made.said("gala")
    monkeypatch.setattr(sales, "MAX_ORDERS", 4)
    assert made.said("gala") == whole
    monkeypatch.setattr(sales, "MAX_ORDERS", 2)
    said = made.said("gala")
    assert said["truncated"] is True
    assert [one["day"] for one in said["days"]] == ["2024-03-09", "2024-03-10"]
    assert {name: said[name] for name in ("orders", "revenue", "people")} == {
        name: whole[name] for name in ("orders", "revenue", "people")
    }


def test_the_reads_that_are_told_are_the_reads_that_are_billed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, bill = small(), Bill()
    runner = replace(made.world.runner, store=Counting(made.world.store, bill))
    for most, reads in ((10, 1 + 1 + 1 + 4), (2, 1 + 1 + 1 + 4 + 1 + 4)):
        bill.clear()
        monkeypatch.setattr(sales, "MAX_ORDERS", most)
        answer: Any = get_event_sales(runner, "gala")
        assert answer["sales"]["documentsRead"] == bill.reads + bill.aggregations == reads
    monkeypatch.setattr(events, "MOST_ORDERS", 3)
    bill.clear()
    event: Any = get_event(runner, "gala")
    added_up = 1 + 3 + 2 * 2  # how many, which currencies, and two marks in each
    assert event["documentsRead"] == bill.reads + bill.aggregations == 1 + 1 + 5 + added_up
    bill.clear()
    compared: Any = compare_events(runner, ["gala", "fair"])
    assert compared["documentsRead"] == bill.reads + bill.aggregations == 1 + 2 + 3


@pytest.mark.parametrize("event_id", ["nothing", "", "GALA", "a/b"])
def test_an_event_that_no_order_names_is_not_found(event_id: str) -> None:
    runner = small().world.runner
    for ask in (
        partial(get_event_sales, runner, event_id),
        partial(compare_events, runner, ["gala", event_id]),
    ):
        with pytest.raises(Refusal) as refused:
            ask()
        assert (refused.value.code, refused.value.reason) == ("not-found", "no-such-event")


# --- Events beside each other --------------------------------------------------------------------


def attended(made: Box, event_ids: list[str]) -> list[list[int]]:
    """Count who was at both of two, from the customers."""
    were = [{*one["attendedEventIds"]} for one in made.world.customers()]
    return [[sum({a, b} <= one for one in were) for b in event_ids] for a in event_ids]


def test_who_was_at_both_of_two_events_by_hand() -> None:
    made = box()
    made.put("a1", ADA, BEGIN, ticket("gala"), ticket("fair", checkedIn=False))
    made.put("b1", BOB, BEGIN, ticket("gala"), ticket("fair"))
    made.put("c1", CYD, BEGIN, ticket("fair", checkedIn=True), ticket("some", bare=True))
    answer: Any = compare_events(made.world.runner, ["fair", "gala", "some"])
    assert answer["events"] == [
        {"eventId": one, "name": name, "startsAt": START.get(one), "attended": number}
        for one, name, number in (
            ("fair", "DevOps Workshop", 2),
            ("gala", "DevOps Workshop", 2),
            ("some", None, 1),
        )
    ]
    assert answer["both"] == [[2, 1, 1], [1, 2, 0], [1, 0, 1]]
    made.history.merge(BOB, CYD)
    answer = compare_events(made.world.runner, ["fair", "gala", "some"])
    assert answer["both"] == [[1, 1, 1], [1, 2, 1], [1, 1, 1]]


# --- Any history ---------------------------------------------------------------------------------

ITEMS = st.lists(
    st.builds(
        lambda event_id, quantity, bare, came: (
            ticket(event_id, quantity, bare=bare) | ({} if came is None else {"checkedIn": came})
        ),
        st.sampled_from(["gala", "fair", "some"]),
        st.integers(1, 3),
        st.booleans(),
        st.sampled_from([None, True, False]),
    ),
    max_size=3,
)

PUT = st.tuples(
    st.just("put"),
    st.integers(0, 9),
    st.sampled_from(PEOPLE),
    st.integers(0, 24 * 9),
    ITEMS,
    st.integers(0, 3),
    st.sampled_from(["USD", "EUR"]),
    st.booleans() | st.just(True),
)
OTHERS = st.one_of(
    st.tuples(st.just("delete"), st.integers(0, 9)),
    st.tuples(st.just("merge"), st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)),
    st.tuples(st.just("unmerge")),
    st.tuples(st.just("erase"), st.sampled_from(PEOPLE)),
)


@settings(max_examples=120)
@given(
    st.lists(PUT, min_size=1, max_size=8),
    st.lists(PUT | OTHERS, max_size=7),
    st.sampled_from(["UTC", "America/Sao_Paulo", "Pacific/Auckland"]),
)
def test_after_any_history_sales_are_what_other_code_counts(
    begun: list[Any], more: list[Any], zone: str
) -> None:
    made = box(zone)
    for what, *details in [*begun, *more]:
        do(made, what, details)
    made.check()
    ids = sorted({one["eventId"] for one in made.world.store.all("crmEvents").values()})
    if len(ids) > 1:
        assert compare_events(made.world.runner, ids)["both"] == attended(made, ids)


def do(made: Box, what: str, details: list[Any]) -> None:
    history = made.history
    known = {address for one in history.world.customers() for address in one["emails"]}
    if what == "put":
        number, address, hours, items, tens, currency, counts = details
        if history.erased & {address, history.orders.get(f"o{number}")}:
            return  # that erasures last is shown elsewhere
        more = {"total": 1000 * tens, "refunded": 500 if tens else 0, "currency": currency}
        moment = BEGIN + timedelta(hours=hours)
        made.put(f"o{number}", address, moment, *items, counts=counts, **more)
    elif what == "delete":
        history.delete(f"o{details[0]}")
    elif what == "merge":
        source, target = details
        if {source, target} <= known and history.person[source] != history.person[target]:
            history.merge(source, target)
    elif what == "unmerge" and history.merges:
        history.unmerge()
    elif what == "erase" and details[0] in known:
        history.erase(details[0])
