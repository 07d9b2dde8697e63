"""Own fields in questions: declared, compared as their types allow, at every door."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from crm.core.errors import Refusal
from crm.segments.language.text import parse_text
from crm.segments.own_fields import check_fields
from testing.hosts import order
from testing.world import World
from tests.support.segments import OWN, OWN_VALUES
from tests.unit.entrypoints.test_dispatch import call, refused

EDITOR: Final[dict[str, object]] = {"crm": "editor", "email_verified": True}


@pytest.mark.parametrize(
    "text",
    [
        "field:seats >= 3, < 4.5",
        "field:birthday >= 1990-01-01, < 2000-01-01",
        "field:birthday = 1990-01-01",
        'field:company = "3" or field:company = ACME',
        "not field:vegan = false",
        "field:size = M and not (field:size = S or field:company known)",
    ],
)
def test_what_fits_passes(text: str) -> None:
    check_fields(parse_text(text), OWN)


@pytest.mark.parametrize(
    ("text", "reason", "rule"),
    [
        ("field:colour = red", "no-such-field", r"\[fields\.colour\]"),
        ("tag:vip and not field:colour known", "no-such-field", "no own field"),
        ("field:seats = many", "segment-invalid", "`seats`: write a number"),
        ("field:seats > 1990-01-01", "segment-invalid", "`seats`: write a number"),
        ("field:company = 3", "segment-invalid", "in double quotes"),
        ("field:company > 3", "segment-invalid", "a text is compared by = alone"),
        ("field:size >= 1990-01-01", "segment-invalid", "a choice is compared by = alone"),
        ("field:size = XL", "segment-invalid", "write one of S, M"),
        ("field:vegan = yes", "segment-invalid", "true or false"),
        ("field:vegan = 1", "segment-invalid", "true or false"),
        ("field:birthday = 3", "segment-invalid", "a day such as"),
        ("field:birthday = soon", "segment-invalid", "a day such as"),
    ],
)
def test_what_does_not_is_refused(text: str, reason: str, rule: str) -> None:
    with pytest.raises(Refusal, match=rule) as found:
        check_fields(parse_text(text), OWN)
    assert (found.value.code, found.value.reason) == ("invalid-argument", reason)


@pytest.fixture
def world() -> World:
    """Four guests, the first with every field."""
    declared = {name: one.model_dump(by_alias=True) for name, one in OWN.items()}
    made = World(settings={"fields": declared})
    for name in "abcd":
        made.put_order(f"o{name}", order(f"{name}@example.com", marketingOptIn=True))
    first = made.with_email("a@example.com")["id"]
    fields = {name: values[0] for name, values in OWN_VALUES.items()}
    call("set_fields", {"customerId": first, "fields": fields}, made, EDITOR)
    second = made.with_email("b@example.com")["id"]
    call("set_fields", {"customerId": second, "fields": {"seats": 3}}, made, EDITOR)
    return made


def people(answer: Any) -> str:
    return "".join(sorted(one["primaryEmail"][0] for one in answer["customers"]))


@pytest.mark.parametrize(
    ("segment", "found"),
    [
        ({"field": "company", "eq": "ACME"}, "a"),
        ("field:seats >= 3", "b"),
        ("field:seats known", "ab"),
        ("not field:seats >= 3", "acd"),
        ("field:birthday < 0001-01-02 or field:vegan = false", "a"),
        ("field:size unknown", "bcd"),
    ],
)
def test_pages_counts_and_saved_segments_ask_the_same(
    world: World, segment: object, found: str
) -> None:
    assert people(call("query_segment", {"segment": segment}, world)) == found
    assert call("count_segment", {"segment": segment}, world)["count"] == len(found)
    saved = call("save_segment", {"name": "Them", "segment": segment}, world, EDITOR)
    by_name = {"segment": {"segment": saved["segmentId"]}}
    assert people(call("query_segment", by_name, world)) == found
    call("tag_customers", {**by_name, "add": ["them"]}, world, EDITOR)
    world.work()
    assert people(call("query_segment", {"segment": "tag:them"}, world)) == found


def test_a_saved_segment_of_a_field_that_is_declared_no_more_is_refused(world: World) -> None:
    kept = {"name": "Them", "segment": "field:seats >= 3"}
    saved = call("save_segment", kept, world, EDITOR)["segmentId"]
    fields = {name: own for name, own in OWN.items() if name != "seats"}
    settings = world.runner.settings.model_copy(update={"fields": fields})
    world.runner = replace(world.runner, settings=settings)
    asked = {"segment": {"segment": saved}}
    for name, data in (("query_segment", asked), ("count_segment", asked), ("save_segment", kept)):
        _, reason, _ = refused(name, data, world=world, claims=EDITOR)
        assert reason == "no-such-field"
