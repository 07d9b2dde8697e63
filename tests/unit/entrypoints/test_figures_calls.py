"""`get_figures` as the callable answers and refuses it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from testing.hosts import order
from testing.world import World
from tests.unit.entrypoints.test_dispatch import call, refused


@pytest.fixture
def world() -> World:
    world = World()
    for day in (1, 1, 9):
        moment = datetime(2024, 3, day, 12, tzinfo=UTC)
        world.put_order(f"o{len(world.orders())}", order(createdAt=moment))
    return world


def test_figures_are_json_by_the_day_if_nothing_else_is_said(world: World) -> None:
    said = call("get_figures", {"from": "2024-03-01", "to": "2024-03-02", "by": None}, world)
    assert said["figures"] == [
        {
            "start": "2024-03-01",
            "orders": 2,
            "revenue": {"USD": 9980},
            "newCustomers": 1,
            "returningCustomers": 0,
        },
        {
            "start": "2024-03-02",
            "orders": 0,
            "revenue": {},
            "newCustomers": 0,
            "returningCustomers": 0,
        },
    ]
    assert said["timeZone"] == "UTC"
    assert isinstance(said["documentsRead"], int)


@pytest.mark.parametrize(("by", "number"), [("day", 31), ("week", 26), ("month", 12)])
def test_nothing_has_to_be_said(world: World, by: str, number: int) -> None:
    assert len(call("get_figures", {"by": by}, world)["figures"]) == number
    assert len(call("get_figures", None, world)["figures"]) == 31


@pytest.mark.parametrize(
    "asked",
    [
        {"from": "2024-3-1"},
        {"from": "20240301"},
        {"from": "2024-W09-5"},
        {"from": "2024-02-30"},
        {"from": "2024-03-01T00:00:00Z"},
        {"from": "٢٠٢٤-03-01"},
        {"to": " 2024-03-01"},
        {"to": "2024-03-01\n"},
        {"to": 20240301},
        {"to": ["2024-03-01"]},
        {"to": ""},
        {"by": "year"},
        {"by": "Day"},
        {"by": 1},
        {"from": "2024-03-02", "to": "2024-03-01"},
        {"from": "0001-01-01", "to": "0001-01-02"},
        {"from": "9999-12-30", "to": "9999-12-31"},
        {"from": "2020-01-01", "to": "2024-01-01"},
        {"from": "0002-01-01", "to": "9998-12-31", "by": "month"},
    ],
    ids=str,
)
def test_what_is_no_day_or_too_many_of_them_is_refused(world: World, asked: dict[str, Any]) -> None:
    code, reason, message = refused("get_figures", asked, world=world)
    assert (code, reason) == ("invalid-argument", "value-invalid")
    assert not any(str(asked[key]) in message for key in ("from", "to") if asked.get(key))


@pytest.mark.parametrize("asked", [{"first": "2024-03-01"}, {"timeZone": "UTC"}])
def test_no_other_key_is_taken(world: World, asked: dict[str, Any]) -> None:
    assert refused("get_figures", asked, world=world)[1] == "unknown-key"


def test_whoever_is_not_staff_learns_nothing(world: World) -> None:
    claims: dict[str, object] = {"email_verified": True}
    assert refused("get_figures", {"by": "year"}, world=world, claims=claims)[1] == "role"


@pytest.mark.parametrize("name", ["get_cohorts", "get_growth"])
def test_cohorts_and_growth_take_days_alike(world: World, name: str) -> None:
    said = call(name, {"from": "2024-02-01", "to": "2024-03-02"}, world)
    assert said["timeZone"] == "UTC"
    assert call(name, None, world)["documentsRead"] > 0
    assert refused(name, {"from": "2024-02-30"}, world=world)[:2] == (
        "invalid-argument",
        "value-invalid",
    )
    assert refused(name, {"day": "2024-02-01"}, world=world)[1] == "unknown-key"


def test_cohorts_are_json_and_by_the_month_alone(world: World) -> None:
    said = call("get_cohorts", {"from": "2024-02-01", "to": "2024-03-02"}, world)
    assert said["cohorts"] == [
        {"month": "2024-02", "customers": 0, "active": [0, 0]},
        {"month": "2024-03", "customers": 1, "active": [1]},
    ]
    assert refused("get_cohorts", {"by": "month"}, world=world)[1] == "unknown-key"


def test_growth_is_json_and_by_the_day_if_nothing_else_is_said(world: World) -> None:
    document = order(createdAt=datetime(2024, 3, 2, 12, tzinfo=UTC), marketingOptIn=True)
    world.put_order("ticked", document)
    said = call("get_growth", {"from": "2024-03-01", "to": "2024-03-02"}, world)
    assert said == {
        "growth": [
            {"start": "2024-03-01", "subscribed": 0, "unsubscribed": 0},
            {"start": "2024-03-02", "subscribed": 1, "unsubscribed": 0},
        ],
        "subscribers": 1,
        "timeZone": "UTC",
        "truncated": False,
        "documentsRead": 3,
    }


def test_what_an_event_sold_is_json(world: World) -> None:
    said = call("get_event_sales", {"eventId": "devops-2024"}, world)
    assert said["sales"]["days"] == [
        {"day": "2024-03-01", "orders": 2, "tickets": 2},
        {"day": "2024-03-09", "orders": 1, "tickets": 1},
    ]
    assert refused("get_event_sales", {"eventId": "none"}, world=world)[1] == "no-such-event"
    asked = {"eventIds": ["devops-2024", "none"]}
    assert refused("compare_events", asked, world=world)[1] == "no-such-event"
    assert refused("compare_events", {"eventIds": ["a", "a"]}, world=world)[1] == "value-invalid"
    (row,) = call("list_events", {"sales": True}, world)["events"]
    assert (row["orders"], row["revenue"]) == (3, {"USD": 3 * 4990})
    (row,) = call("list_events", None, world)["events"]
    assert "revenue" not in row
