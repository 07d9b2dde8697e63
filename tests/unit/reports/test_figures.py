"""Figures are what other code counts, whatever became of orders and customers, and cost little."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.bill import Bill, Counting
from crm.customers import limits
from crm.repair.rebuild import rebuild
from crm.repair.verify import verify
from crm.reports import erased
from crm.reports.buckets import By
from crm.reports.figures import get_figures
from crm.sync.sync import Sync
from testing.hosts import order
from testing.world import World
from tests.support.history import History

MARCH = date(2024, 3, 1), date(2024, 3, 31)
BYS: tuple[By, ...] = ("day", "week", "month")
ADA, BOB, CYD, DAN = PEOPLE = [f"{name}@example.com" for name in ("ada", "bob", "cyd", "dan")]


def shop(zone: str = "America/Sao_Paulo", **settings: Any) -> History:
    return History(World(settings={"time_zone": zone, **settings}))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def checked(history: History) -> None:
    for by in BYS:
        history.check(*MARCH, by)
        history.check(date(2024, 2, 14), date(2024, 3, 20), by)


def small() -> History:
    """Three people, of whom two come again; one order does not count, one is partly refunded."""
    history = shop()
    history.put("a1", ADA, at("2024-02-20T12:00"))
    history.put("a2", ADA, at("2024-03-05T12:00"), 5000)
    history.put("a3", ADA, at("2024-03-06T12:00"), 300, "JPY")
    history.put("b1", BOB, at("2024-03-06T02:59"))  # the fifth, in Sao Paulo
    history.put("b2", BOB, at("2024-03-20T12:00"), 2000, refunded=500)
    history.put("c1", CYD, at("2024-03-20T12:00"), 0)
    history.put("c2", CYD, at("2024-03-21T12:00"), counts=False)
    return history


# What is told


def test_figures_of_a_month_by_hand() -> None:
    history = small()
    (told,) = history.check(*MARCH, "month")["figures"]
    assert told == {
        "start": "2024-03-01",
        "orders": 5,
        "revenue": {"JPY": 300, "USD": 7500},
        "newCustomers": 2,
        "returningCustomers": 1,
    }


def test_a_day_is_the_organisers_and_the_last_one_is_told_whole() -> None:
    history = small()
    fifth, sixth = history.said(date(2024, 3, 5), date(2024, 3, 6), "day")["figures"]
    assert (fifth["orders"], fifth["newCustomers"], fifth["returningCustomers"]) == (2, 1, 1)
    assert (sixth["orders"], sixth["revenue"]) == (1, {"JPY": 300})


def test_who_was_new_in_the_part_of_a_week_that_is_cut_off_comes_back_in_the_rest() -> None:
    history = shop("UTC")
    history.put("o1", ADA, at("2024-03-04T12:00"))  # Monday
    history.put("o2", ADA, at("2024-03-06T12:00"))
    whole, cut = date(2024, 3, 4), date(2024, 3, 5)
    for first, customers in ((whole, (1, 0)), (cut, (0, 1))):
        (told,) = history.check(first, date(2024, 3, 10), "week")["figures"]
        assert (told["newCustomers"], told["returningCustomers"]) == customers


def test_without_any_order_every_day_is_there_and_zero() -> None:
    said = shop().check(*MARCH, "day")
    assert len(said["figures"]) == 31
    assert said["documentsRead"] == 4  # the moment, orders, new customers, orders of the erased


def test_without_days_it_is_the_latest_thirty_one_up_to_today() -> None:
    world = World(settings={"time_zone": "Pacific/Kiritimati"})  # where it is tomorrow already
    now = world.store.now()
    world.put_order("now", order(createdAt=now))
    told = get_figures(world.runner, None, None, "day")["figures"]
    assert isinstance(told, list)
    assert len(told) == 31
    assert told[-1]["start"] == f"{now + timedelta(hours=14):%Y-%m-%d}"
    assert told[-1]["orders"] == 1


# What becomes of orders and customers


def test_a_refund_a_deletion_and_an_order_moved_to_another_day_are_told() -> None:
    history = small()
    history.put("a2", ADA, at("2024-03-05T12:00"), 5000, refunded=5000)
    checked(history)
    history.put("b1", BOB, at("2024-02-15T12:00"))
    checked(history)
    history.delete("a1")  # so that she is new in March
    checked(history)
    history.put("b2", BOB, at("2024-03-20T12:00"), counts=False)
    checked(history)


def test_an_erasure_changes_no_figure() -> None:
    history = small()
    before = [history.said(*MARCH, by)["figures"] for by in BYS]
    for address in (ADA, BOB, CYD):
        history.erase(address)
        assert [history.said(*MARCH, by)["figures"] for by in BYS] == before
        checked(history)
    assert history.world.customers() == []


def test_a_merge_makes_two_customers_one_and_its_undo_two() -> None:
    history = small()
    before = [history.said(*MARCH, by)["figures"] for by in BYS]
    history.merge(BOB, ADA)
    (told,) = history.check(*MARCH, "month")["figures"]
    assert (told["newCustomers"], told["returningCustomers"]) == (1, 1)
    checked(history)
    history.unmerge()
    assert [history.said(*MARCH, by)["figures"] for by in BYS] == before


def test_two_who_were_merged_and_erased_are_one_person() -> None:
    history = small()
    history.merge(BOB, ADA)
    before = [history.said(*MARCH, by)["figures"] for by in BYS]
    history.erase(ADA)
    assert [history.said(*MARCH, by)["figures"] for by in BYS] == before


def test_where_erased_orders_are_deleted_they_leave_the_books() -> None:
    history = shop(erasure={"orders": "delete"})
    history.put("a1", ADA, at("2024-03-05T12:00"))
    history.put("b1", BOB, at("2024-03-05T12:00"))
    history.erase(ADA)
    (told,) = history.said(*MARCH, "month")["figures"]
    assert (told["orders"], told["revenue"], told["newCustomers"]) == (1, {"USD": 1000}, 1)


def test_too_many_erased_orders_are_not_read_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    history = small()
    history.erase(ADA)
    monkeypatch.setattr(erased, "MAX_ERASED", 2)
    said = history.said(*MARCH, "month")
    assert said["erasedOrdersLeftOut"] == 3
    (told,) = said["figures"]
    assert (told["orders"], told["newCustomers"], told["returningCustomers"]) == (5, 2, 0)


# Days of another zone


def test_a_new_time_zone_is_a_fault_until_a_rebuild_and_orders_leave_the_day_they_are_in() -> None:
    history = small()
    world = history.world
    settings = world.runner.settings.model_copy(update={"time_zone": ZoneInfo("Asia/Tokyo")})
    world.runner = replace(world.runner, settings=settings)
    world.sync = Sync(world.runner)
    assert any("day is not the one" in what for _, what in verify(world.runner))
    history.put("b1", BOB, at("2024-03-06T02:59"), counts=False)  # counted on the fifth till now
    assert "2024-03-05" not in str(world.with_email(BOB)["parts"])
    assert rebuild(world.runner).failed == []
    assert list(verify(world.runner)) == []
    checked(history)
    assert world.wrong() == []


def test_documents_of_an_earlier_version_are_named_and_brought_up_by_a_rebuild() -> None:
    history = small()
    world = history.world
    for name, row in world.store.all("crmOrders").items():
        del row["day"], row["dayOverLimit"]
        world.store.put(f"crmOrders/{name}", row)
    for name, customer in world.store.all("customers").items():
        for part in customer["parts"].values():
            del part["days"]
        kept = {key: True for key in customer["facets"] if not key.startswith("o:")}
        world.store.put(f"customers/{name}", {**customer, "facets": kept})
    history.put("b2", BOB, at("2024-03-20T12:00"), 2000, refunded=2000)  # life goes on meanwhile
    assert any("days is missing" in what for _, what in verify(world.runner))
    assert rebuild(world.runner).failed == []
    assert list(verify(world.runner)) == []
    checked(history)


# Limits


def test_a_customer_with_too_many_days_counts_on_those_that_found_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "MAX_DAYS", 3)
    history = shop("UTC")
    for number in range(5):
        history.put(f"o{number}", ADA, at("2024-03-01T12:00") + timedelta(days=number))
    rows = history.world.store.all("crmOrders")
    assert [rows[f"o{number}"]["dayOverLimit"] for number in range(5)] == [False] * 3 + [True] * 2
    assert history.world.resync() is False
    assert list(verify(history.world.runner)) == []
    told = history.said(date(2024, 3, 1), date(2024, 3, 5), "day")["figures"]
    assert [one["orders"] for one in told] == [1] * 5
    assert [one["returningCustomers"] for one in told] == [0, 1, 1, 0, 0]
    history.put("o5", ADA, at("2024-03-03T13:00"))  # on a day that is there is always room
    history.delete("o1")
    history.put("o4", ADA, at("2024-03-05T14:00"))  # room that was made is taken by who comes
    told = history.said(date(2024, 3, 1), date(2024, 3, 5), "day")["figures"]
    assert [one["returningCustomers"] for one in told] == [0, 0, 1, 0, 1]
    assert list(verify(history.world.runner)) == []


def test_strangers_who_fill_somebodys_days_make_no_figure_negative(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "MAX_DAYS", 2)
    history = shop("UTC")
    for number in (9, 8, 1):  # free, and said to be of earlier days
        history.put(f"o{number}", ADA, at(f"2024-03-0{number}T12:00"), 0)
    told = history.said(date(2024, 3, 1), date(2024, 3, 9), "day")["figures"]
    assert all(one["returningCustomers"] >= 0 for one in told)
    assert told[0]["newCustomers"] == 1


def test_the_earliest_order_that_can_be_is_told_on_a_day_before_1970() -> None:
    history = shop()
    history.put("o1", ADA, at("1970-01-01T00:00"))
    told = history.check(date(1969, 12, 31), date(1970, 1, 1), "day")["figures"]
    assert [one["newCustomers"] for one in told] == [1, 0]


# What it costs


def billed(history: History, first: date, last: date, by: By) -> tuple[int, dict[str, Any]]:
    bill = Bill()
    runner = replace(history.world.runner, store=Counting(history.world.store, bill))
    said = get_figures(runner, first, last, by)
    assert said["documentsRead"] == bill.reads + bill.aggregations
    return bill.reads + bill.aggregations, said


@pytest.mark.parametrize("by", BYS)
@pytest.mark.parametrize("currencies", [1, 3])
def test_it_costs_at_most_buckets_times_currencies_and_two_besides_what_is_said(
    by: By, currencies: int
) -> None:
    history = shop("UTC")
    for number in range(120):
        currency = ("USD", "EUR", "CHF")[number % currencies]
        moment = at("2024-03-01T06:00") + timedelta(hours=6 * number)
        history.put(f"o{number}", PEOPLE[number % 4], moment, 1000 + number, currency)
    reads, said = billed(history, *MARCH, by)
    number = len(said["figures"])
    moment_counts_and_currencies = 1 + 2 + currencies + 1
    assert reads <= number * (currencies + 2) + moment_counts_and_currencies
    history.check(*MARCH, by)


def test_one_order_in_a_rare_currency_costs_hardly_more_and_is_found() -> None:
    history = shop("UTC")
    for number in range(400):
        history.put(f"o{number}", ADA, at("2024-03-01T00:30") + timedelta(hours=number), 10)
    without, _ = billed(history, *MARCH, "day")
    for currency in ("CHF", "SEK", "NOK"):
        history.put(currency, BOB, at("2024-03-09T12:00"), 700, currency)
    cost, _ = billed(history, *MARCH, "day")
    assert cost <= without + 3 * (1 + 1 + 5) + 5  # found by halves, five times
    history.check(*MARCH, "day")


def test_empty_stretches_cost_nothing() -> None:
    history = shop("UTC")
    for number in range(400):
        history.put(f"o{number}", ADA, at("2024-03-01T00:00") + timedelta(minutes=number), 10)
    cost, _ = billed(history, date(2023, 3, 1), date(2024, 3, 20), "day")
    assert cost < 50  # of 386 days
    history.check(date(2023, 3, 1), date(2024, 3, 20), "day")


def test_all_is_of_one_moment_though_orders_come_meanwhile() -> None:
    history = small()
    store = history.world.store
    before = history.said(*MARCH, "week")["figures"]
    late = iter(range(1_000))

    def meanwhile() -> None:
        store.pause = lambda: None
        number = next(late)
        history.world.put_order(f"late{number}", order(createdAt=at("2024-03-07T12:00")))

    view = store.at

    def at_once(moment: datetime | None = None) -> Any:
        frozen = view(moment)
        meanwhile()
        return frozen

    store.at = at_once  # type: ignore[method-assign]
    assert history.said(*MARCH, "week")["figures"] == before
    store.at = view  # type: ignore[method-assign]
    assert history.said(*MARCH, "week")["figures"] != before


# Any history

HOURS = st.integers(0, 24 * 75)
PUT = st.tuples(
    st.just("put"),
    st.integers(0, 14),
    st.sampled_from(PEOPLE),
    HOURS,
    st.integers(0, 3),
    st.sampled_from(["USD", "EUR", "CHF"]),
    st.booleans() | st.just(True),
)
OTHERS = st.one_of(
    st.tuples(st.just("delete"), st.integers(0, 14)),
    st.tuples(st.just("merge"), st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)),
    st.tuples(st.just("unmerge")),
    st.tuples(st.just("erase"), st.sampled_from(PEOPLE)),
)
BEGIN = at("2024-02-03T00:00")


@given(
    st.lists(PUT, min_size=1, max_size=10),
    st.lists(PUT | OTHERS, max_size=8),
    st.sampled_from(BYS),
    st.integers(-5, 40),
    st.integers(0, 45),
    st.sampled_from(["UTC", "America/Sao_Paulo", "Pacific/Auckland"]),
)
def test_after_any_history_figures_are_what_other_code_counts(
    begun: list[Any], more: list[Any], by: By, start: int, length: int, zone: str
) -> None:
    history = shop(zone)
    for what, *details in [*begun, *more]:
        do(history, what, details)
    first = BEGIN.date() + timedelta(days=start)
    history.check(first, first + timedelta(days=length), by)


def do(history: History, what: str, details: list[Any]) -> None:
    known = {address for one in history.world.customers() for address in one["emails"]}
    if what == "put":
        number, address, hours, tens, currency, counts = details
        if history.erased & {address, history.orders.get(f"o{number}")}:
            return  # that erasures last is shown elsewhere
        moment = BEGIN + timedelta(hours=hours)
        refunded = 500 if tens else 0
        total = 1000 * tens
        history.put(
            f"o{number}", address, moment, total, currency, refunded=refunded, counts=counts
        )
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
