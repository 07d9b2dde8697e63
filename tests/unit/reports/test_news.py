"""What is new since somebody was there last."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.consent.plan import plan_consent
from crm.merging.merge import plan_merge
from crm.reports import news
from crm.reports.news import get_news
from testing.hosts import order, user
from testing.world import World

HOUR = timedelta(hours=1)


def placed(world: World, name: str, at: datetime, who: str, **more: Any) -> None:
    world.put_order(name, order(f"{who}@example.com", createdAt=at, **more))


def numbers(world: World, since: datetime) -> tuple[Any, ...]:
    told = get_news(world.runner, since)
    return tuple(told[key] for key in ("orders", "people", "subscribed", "unsubscribed"))


def test_who_was_away_is_told_what_came_and_what_was_decided() -> None:
    world = World()
    start = world.store.now()
    placed(world, "old", start - HOUR, "ada", marketingOptIn=True)
    placed(world, "late", start - 2 * HOUR, "bob")
    world.store.wait(HOUR)
    placed(world, "again", world.store.now(), "ada", currency="EUR")
    placed(world, "first", world.store.now(), "cyd", marketingOptIn=True)
    placed(world, "open", world.store.now(), "dan", status="pending")
    placed(world, "taken over", start - HOUR, "eve")  # it came now, and is of before
    placed(world, "odd", world.store.now(), "fay", total="much")
    bob = world.with_email("bob@example.com")["id"]
    world.runner.run(lambda tx: plan_consent(tx, "c1", bob, "unsubscribed", None))
    world.store.wait(HOUR)
    placed(world, "tomorrow", world.store.now() + HOUR, "gus")
    assert numbers(world, start) == (2, 1, 1, 1)
    assert numbers(world, start - 3 * HOUR) == (5, 4, 2, 1)
    assert numbers(world, world.store.now()) == (0, 0, 0, 0)
    future = world.store.now() + HOUR
    told = get_news(world.runner, future)
    assert isinstance(told["since"], datetime)
    assert told["since"] < future
    assert numbers(world, future) == (0, 0, 0, 0)


def test_one_decision_of_somebody_with_several_addresses_is_one() -> None:
    world = World()
    start = world.store.now()
    for number, who in enumerate(("ada", "ada.l")):
        placed(world, f"o{number}", start - HOUR, who)
    ids = [world.with_email(f"{who}@example.com")["id"] for who in ("ada", "ada.l")]
    world.runner.run(lambda tx: plan_merge(tx, ids[0], ids[1], allow_two_users=False))
    world.runner.run(lambda tx: plan_consent(tx, "c1", ids[1], "unsubscribed", None))
    assert len(world.store.all("crmConsents")) == 2
    assert numbers(world, start) == (0, 0, 0, 1)


def test_very_many_decisions_are_told_to_be_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "MAX_RECORDS", 3)
    world = World()
    start = world.store.now() - HOUR
    for number in range(3):
        placed(world, f"o{number}", start, f"p{number}", marketingOptIn=True)
    assert get_news(world.runner, start)["truncated"] is False
    placed(world, "o3", start, "p3", marketingOptIn=True)
    told = get_news(world.runner, start)
    assert (told["subscribed"], told["truncated"]) == (3, True)


def test_it_costs_little_however_many_there_are() -> None:
    world = World()
    start = world.store.now() - HOUR
    for number in range(200):
        placed(world, f"o{number}", start, f"p{number % 50}")
    world.put_user("u1", user("p1@example.com"))
    reads = get_news(world.runner, start)["documentsRead"]
    assert isinstance(reads, int)
    assert reads <= 8


@settings(max_examples=20)
@given(
    st.lists(
        st.tuples(
            st.integers(-5, 5),
            st.sampled_from(["ada", "bob", "cyd"]),
            st.sampled_from(["paid", "pending"]),
            st.sampled_from(["EUR", "JPY", "USD"]),
        ),
        max_size=8,
    ),
    st.integers(-6, 6),
)
def test_orders_and_people_are_those_of_a_count_by_hand(
    orders: list[tuple[int, str, str, str]], hours: int
) -> None:
    world = World()
    now = world.store.now()
    for number, (at, who, status, currency) in enumerate(orders):
        money = {"currency": currency, "total": 5}
        placed(world, f"o{number}", now + at * HOUR, who, status=status, **money)
    since = now + hours * HOUR
    end = world.runner.now()
    paid = [(now + at * HOUR, who) for at, who, status, _ in orders if status == "paid"]
    first = {who: min(at for at, one in paid if one == who) for _, who in paid}
    expected = (
        sum(since <= at < end for at, _ in paid),
        sum(since <= at < end for at in first.values()),
        0,
        0,
    )
    assert numbers(world, since) == expected
