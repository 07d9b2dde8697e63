"""What is asked of the ledger: the counted orders of parts, and another order of one part."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

import pytest

from crm.customers.ledger import Contribution, LedgerEntry
from crm.customers.ledger_query import claims_of, counted_queries, find_by_term
from crm.customers.limits import Claim
from crm.db.documents import IN_QUERY, Query, Snapshot
from crm.host.order import Tickets
from testing.hosts import DAY
from testing.world import World

ORDER = Contribution("paid", True, "EUR", 100, 0, DAY, name="Ada")


@pytest.mark.parametrize(
    ("parts", "asked"),
    [
        (0, []),
        (1, [1]),
        (IN_QUERY, [IN_QUERY]),
        (IN_QUERY + 1, [IN_QUERY, 1]),
        (2 * IN_QUERY, [IN_QUERY, IN_QUERY]),
    ],
)
def test_counted_orders_are_asked_for_by_as_many_parts_as_a_query_takes(
    parts: int, asked: list[int]
) -> None:
    ids = [f"p{number:03}" for number in range(parts)]
    start, expected = 0, []
    for number in asked:
        clauses = (
            ("partId", "in", tuple(ids[start : start + number])),
            ("marks", "array_contains", "counted"),
        )
        expected.append(Query("crmOrders", clauses, ("createdAt", "asc")))  # type: ignore[arg-type]
        start += number
    assert list(counted_queries(reversed(ids))) == expected


def rows_of(world: World, **orders: tuple[str, Contribution]) -> None:
    for order_id, (part_id, contribution) in orders.items():
        row = LedgerEntry(1, identity="k", part_id=part_id, contribution=contribution)
        world.store.put(f"crmOrders/{order_id}", row.to_data())


def days(number: int) -> Contribution:
    return replace(ORDER, created_at=DAY + timedelta(days=number))


def found(
    world: World, term: str, direction: Literal["asc", "desc"], leaves: str
) -> tuple[str, Contribution] | None:
    return world.runner.evaluate(
        lambda tx: find_by_term(tx, "p", f"crmOrders/{leaves}")(term, direction)
    )


@pytest.mark.parametrize(
    ("direction", "leaves", "expected"),
    [
        ("asc", "none", "first"),
        ("asc", "first", "second"),
        ("asc", "second", "first"),
        ("desc", "none", "last"),
        ("desc", "last", "second"),
    ],
)
def test_the_first_or_last_other_order_of_a_part_is_found(
    direction: Any, leaves: str, expected: str
) -> None:
    world = World()
    rows_of(
        world,
        second=("p", days(2)),
        first=("p", days(1)),
        last=("p", days(3)),
        elsewhere=("q", days(0)),
        later=("q", days(4)),
        nameless=("p", replace(days(5), name=None, counted=False)),
    )
    held = {"first": days(1), "second": days(2), "last": days(3)}
    before = world.store.reads
    for term in ("counted", "named"):
        assert found(world, term, direction, leaves) == (expected, held[expected])
    assert world.store.reads - before == 2 * 2, "the order that leaves, and one more"
    assert found(world, "typed", direction, leaves) is None


def test_the_only_order_of_a_part_is_no_other() -> None:
    world = World()
    rows_of(world, only=("p", ORDER))
    assert found(world, "counted", "asc", "only") is None
    assert found(world, "counted", "asc", "none") == ("only", ORDER)


def test_a_row_claims_room_for_its_events_whether_they_found_any_or_not() -> None:
    events = {"e": Tickets("Gala", None, 1, 0, 0), "bare": Tickets(None, None, 1, 0, 0)}
    world = World()
    rows_of(
        world,
        paid=("p", replace(ORDER, events=events, over_limit=("e",))),
        gift=("p", replace(ORDER, total=0)),
    )
    rows = [
        Snapshot(f"crmOrders/{key}", data, 1) for key, data in world.store.all("crmOrders").items()
    ]
    assert sorted(claims_of(rows), key=lambda one: one.order_id) == [
        Claim("gift", True, DAY, {}),
        Claim("paid", False, DAY, {"e": "Gala", "bare": None}),
    ]
