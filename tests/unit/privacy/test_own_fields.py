"""Own fields of a person: shown in an export with what they are for, and gone with an erasure."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

import pytest

from crm.config.settings import Settings
from crm.customers.reference import CustomerRef
from crm.privacy.erasure.erase import erase
from crm.privacy.processing_record import record
from testing.hosts import order, user
from testing.world import World
from tests.unit.entrypoints.test_dispatch import call
from tests.unit.fields.test_plan import FIELDS

ADMIN: Final[dict[str, object]] = {"crm": "admin", "email_verified": True, "auth_time": 9e9}


@pytest.fixture
def world() -> World:
    """Ada, in whose document is a city, and of whom staff know the company."""
    world = World(settings={"fields": FIELDS})
    world.put_order("o1", order())
    world.put_user("u1", user(profile={"city": "Zwickau"}))
    data = {"customerId": world.the_customer()["id"], "fields": {"company": "Umbrella"}}
    call("set_fields", data, world, ADMIN)
    return world


def exported(world: World, **who: str) -> Any:
    return call("export_customer", who, world, ADMIN)["archive"]


def test_an_export_shows_what_each_field_is_for(world: World) -> None:
    assert exported(world, userId="u1")["fields"] == [
        {"name": "city", "label": "City", "value": "Zwickau", "purpose": "nearby"},
        {"name": "company", "label": "Company", "value": "Umbrella", "purpose": "invoices"},
    ]


def test_a_field_that_is_declared_no_more_is_shown_while_it_is_kept(world: World) -> None:
    settings = world.runner.settings.model_copy(update={"fields": {}})
    world.runner = replace(world.runner, settings=settings)
    last = exported(world, userId="u1")["fields"][1]
    assert last == {"name": "company", "label": "company", "value": "Umbrella", "purpose": None}


def test_an_erasure_leaves_nothing_of_them(world: World) -> None:
    erase(world.runner, world.queue.append, CustomerRef("userId", "u1"), reason="letter")
    world.work()
    left = json.dumps({path: repr(one.data) for path, one in world.store._kept.items()})
    assert "u1" not in world.store.all("users")
    for value in ("Zwickau", "zwickau", "Umbrella", "umbrella", "v:company", "v:city"):
        assert value not in left


def test_the_record_of_processing_names_each_with_its_purpose() -> None:
    odd = {"type": "text", "label": "A|B", "purpose": "this | that"}
    text = record(Settings.model_validate({"fields": {**FIELDS, "odd": odd}}))
    assert "| `company` | Company | text | invoices | staff |" in text
    assert "| `city` | City | text | nearby | the user's document, `profile.city` |" in text
    assert r"| `odd` | A\|B | text | this \| that | staff |" in text
    assert "## Own fields" not in record(Settings())
