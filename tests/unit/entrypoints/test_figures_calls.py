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
