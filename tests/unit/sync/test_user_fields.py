"""Own fields that the user's document holds: they come, change and go with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from crm.repair.rebuild import rebuild
from crm.repair.verify import verify
from crm.sync.sync import Sync
from testing.hosts import order, user
from testing.world import World
from tests.unit.merging.test_merge import merge, unmerge

CITY: Final = {"type": "text", "label": "City", "purpose": "nearby", "from": "profile.city"}


@pytest.fixture
def world() -> World:
    return World(settings={"fields": {"city": CITY}})


def lives_in(city: object, name: str = "ada") -> dict[str, Any]:
    return user(f"{name}@example.com", profile={"city": city})


def declare(world: World, **declared: Any) -> None:
    anew = World(settings={"fields": declared}).runner.settings.fields
    settings = world.runner.settings.model_copy(update={"fields": anew})
    world.runner = replace(world.runner, settings=settings)
    world.sync = Sync(world.runner)


def city(world: World) -> Any:
    return world.the_customer()["fields"].get("city")


def test_a_field_comes_changes_and_goes_with_the_document(world: World) -> None:
    world.put_order("o1", order("ada@example.com"))
    world.put_user("u1", lives_in("Berlin"))
    assert city(world) == "Berlin"
    assert world.put_user("u1", lives_in(" Bremen "))
    assert city(world) == "Bremen"
    world.put_user("u1", lives_in(None))
    assert city(world) is None
    world.put_user("u1", lives_in("Berlin"))
    world.delete_user("u1")
    assert city(world) is None
    (identity,) = [one for one in world.store.all("crmIdentities").values() if "uid" in one]
    assert identity["fields"] == {}
    assert world.wrong() == []


@pytest.mark.parametrize("given", [7, ["Berlin"], "", "x" * 201, "two\nlines", {"a": 1}])
def test_what_is_not_understood_is_left_out_and_the_user_is_none_the_worse(
    world: World, given: object
) -> None:
    world.put_user("u1", lives_in("Berlin"))
    world.put_user("u1", lives_in(given))
    customer = world.the_customer()
    assert (customer["fields"], customer["registered"]) == ({}, True)
    assert world.reasons() == {}


def test_a_visitor_s_document_is_nobody_s() -> None:
    world = World(trust="auth", settings={"fields": {"city": CITY}})
    world.accounts.anonymous.add("u1")
    world.put_user("u1", lives_in("Berlin"))
    assert world.customers() == []
    assert "Berlin" not in str(world.store.all("crmIdentities"))
    assert world.wrong() == []


def test_the_first_user_of_a_merge_speaks_and_an_undo_brings_both_back(world: World) -> None:
    world.put_user("u1", lives_in("Berlin"))
    world.put_user("u2", lives_in("Bremen", "bob"))
    world.put_order("o2", order("bob@example.com", userId="u2"))
    ada, bob = world.with_uid("u1")["id"], world.with_uid("u2")["id"]
    merged = merge(world, ada, bob, allow_two_users=True).merge_id
    assert city(world) == "Bremen"
    world.put_user("u1", lives_in("Halle"))
    assert city(world) == "Bremen"
    world.delete_user("u2")
    assert city(world) == "Halle"
    assert world.wrong() == []
    unmerge(world, merged)
    assert [world.with_uid(uid)["fields"] for uid in ("u1", "u2")] == [{"city": "Halle"}, {}]
    assert world.wrong() == []


def test_a_user_whose_customer_had_gone_brings_the_fields_back(world: World) -> None:
    """An order of a known uid begins a customer of it by what its identity knows."""
    world.put_user("u1", lives_in("Berlin"))
    world.put_order("o1", order("ada@example.com", userId="u1"))
    assert city(world) == "Berlin"
    assert world.wrong() == []


def test_a_field_that_is_declared_later_is_taken_up_by_a_rebuild(world: World) -> None:
    declare(world)
    world.put_user("u1", lives_in("Berlin"))
    assert world.the_customer()["fields"] == {}
    declare(world, city=CITY)
    (drift,) = rebuild(world.runner, dry_run=True).drift.values()
    assert drift == {"fields"}
    rebuild(world.runner)
    assert city(world) == "Berlin"
    assert not [*verify(world.runner)]
    assert not rebuild(world.runner).changed.total()
    declare(world)
    rebuild(world.runner)
    assert world.the_customer()["fields"] == {}


def test_a_rebuild_mends_what_a_hand_has_damaged(world: World) -> None:
    world.put_user("u1", lives_in("Berlin"))
    customer = world.the_customer()
    (part_id,) = [name for name, one in customer["parts"].items() if one["uid"]]
    data = {key: one for key, one in customer.items() if key != "id"}
    data["parts"][part_id]["userFields"] = {"city": "Bonn"}
    world.store.put(f"customers/{customer['id']}", {**data, "fields": {"city": "Bonn"}})
    assert any("user_fields" in what for _, what in [*verify(world.runner)])
    rebuild(world.runner)
    assert city(world) == "Berlin"
    assert not [*verify(world.runner)]
