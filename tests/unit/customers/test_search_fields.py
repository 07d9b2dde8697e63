"""Searching by the whole value of an own field."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.customers.search_terms import terms, value_key
from crm.fields.plan import WriteFields
from testing.hosts import order, user
from testing.world import World
from tests.unit.customers.test_search import pages

FIELDS: Final[dict[str, Any]] = {
    "company": {"type": "text", "label": "Company", "purpose": "invoices"},
    "born": {"type": "date", "label": "Born", "purpose": "congratulations"},
    "size": {"type": "choice", "label": "Size", "purpose": "shirts", "choices": ["S", "medium"]},
    "city": {"type": "text", "label": "City", "purpose": "nearby", "from": "city"},
}


def world_of(**fields: dict[str, object]) -> World:
    world = World(settings={"fields": FIELDS})
    for name, given_fields in fields.items():
        world.put_order(f"o-{name}", order(f"{name}@example.com", name=f"{name} acme"))
        world.runner.run(WriteFields(world.with_email(f"{name}@example.com")["id"], given_fields))
    return world


def found(world: World, q: str, size: int = 50) -> str:
    ids = [one for page in pages(world, q, size) for one in page]
    assert len(ids) == len(set(ids))
    people = {one["id"]: one["primaryEmail"][0] for one in world.customers()}
    return "".join(sorted(people[one] for one in ids))


@pytest.mark.parametrize(
    ("q", "who"),
    [
        ("Café & Co", "a"),
        ("CAFE & co", "a"),
        ("  cafe   &  co ", "a"),
        ("Co & Café", ""),
        ("Café", ""),
        ("Café & C", ""),
        ("medium", "ab"),
        ("1990-01-02", ""),
        ('Acme (Berlin), "West"', "c"),
        ("acme", "abcd"),  # a name, and somebody's company
        ("x" * 200, "b"),
        ("x" * 199, ""),
        ("Bern", "d"),
        ("@bern", ""),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 50])
def test_a_whole_value_finds_case_and_accents_aside(q: str, who: str, size: int) -> None:
    world = world_of(
        ann={"company": "Café & Co", "size": "medium", "born": "1990-01-02"},
        bob={"company": "x" * 200, "size": "medium"},
        cyd={"company": 'ACME (Berlin), "West"'},
        dan={"company": "acme"},
    )
    world.put_user("u1", user("dan@example.com", name="dan acme", city="BERN"))
    assert found(world, q, size) == who


def test_a_field_that_is_no_text_any_more_finds_nobody() -> None:
    world = world_of(ann={"company": "Umbrella"})
    assert found(world, "umbrella") == "a"
    bare = World(world.store)
    assert found(bare, "umbrella") == ""


def test_a_value_that_has_gone_finds_nobody() -> None:
    world = world_of(ann={"company": "Umbrella"})
    world.runner.run(WriteFields(world.the_customer()["id"], {"company": "Other Ltd"}))
    assert (found(world, "umbrella"), found(world, "other ltd")) == ("", "a")


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), st.text(max_size=200), max_size=3))
def test_each_value_is_one_short_term(fields: dict[str, str]) -> None:
    data: dict[str, object] = {"name": None, "emails": [], "contactEmail": None, "fields": fields}
    made = terms(data)
    assert len(made) <= len(fields)
    assert all(len(term) <= 102 and term.startswith("  ") for term in made)
    assert {value_key(one)[:100] for one in fields.values()} >= {term[2:] for term in made}
