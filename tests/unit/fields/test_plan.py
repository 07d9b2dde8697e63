"""What staff write into own fields: kept on the first part, so that an undo is exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.errors import Refusal, Transient
from crm.customers.customer import Customer
from crm.customers.part import Part
from crm.fields.plan import WriteFields, with_fields
from crm.sync.sync import Sync
from testing.hosts import DAY, order, user
from testing.world import World
from tests.unit.merging.test_merge import merge, unmerge

FIELDS: Final[dict[str, Any]] = {
    "company": {"type": "text", "label": "Company", "purpose": "invoices"},
    "seats": {"type": "number", "label": "Seats", "purpose": "halls"},
    "vegan": {"type": "bool", "label": "Vegan", "purpose": "catering"},
    "city": {"type": "text", "label": "City", "purpose": "nearby", "from": "profile.city"},
}

NAMES: Final = ("company", "seats", "vegan")

VALUES: Final = st.one_of(st.none(), st.booleans(), st.integers(0, 2), st.sampled_from("ab"))


@pytest.fixture
def world() -> World:
    return World(settings={"fields": FIELDS})


def write(world: World, customer_id: str, **given: object) -> Any:
    return world.runner.run(WriteFields(customer_id, given))[0].result


def guest(world: World, name: str = "ada") -> str:
    world.put_order(f"order-{name}", order(f"{name}@example.com"))
    return str(world.with_email(f"{name}@example.com")["id"])


def fields(world: World, name: str = "ada") -> Any:
    return world.with_email(f"{name}@example.com")["fields"]


def entries(world: World) -> list[dict[str, Any]]:
    return [one for one in world.store.all("crmAudit").values() if "fields" in one["action"]]


def parts(*of: Mapping[str, Any]) -> Customer:
    made = {f"p{at}": Part(f"k{at}", at, live=True, **one) for at, one in enumerate(of)}
    return Customer("c", DAY, made)


# Writing


def test_staff_write_fields_and_empty_them(world: World) -> None:
    ada = guest(world)
    assert write(world, ada, company=" ACME ", seats=3.0) == {"company": "ACME", "seats": 3}
    assert fields(world) == {"company": "ACME", "seats": 3}
    assert write(world, ada, company=None, vegan=False) == {"seats": 3, "vegan": False}
    assert fields(world) == {"seats": 3, "vegan": False}


def test_the_trail_names_fields_and_no_values(world: World) -> None:
    ada = guest(world)
    write(world, ada, company="ACME", seats=3)
    (entry,) = entries(world)
    assert (entry["action"], entry["customers"]) == ("customer.fields", [ada])
    assert entry["facts"] == {"fields": "company seats"}


def test_what_changes_nothing_writes_nothing(world: World) -> None:
    ada = guest(world)
    write(world, ada, company="ACME")
    before = world.store.all("customers"), world.store.all("crmAudit")
    assert write(world, ada, company="ACME", seats=None) == {"company": "ACME"}
    assert (world.store.all("customers"), world.store.all("crmAudit")) == before


def test_a_number_is_no_truth(world: World) -> None:
    """To Python they are equal; a field whose type was changed keeps no old value so."""
    customer = parts({"fields": {"vegan": 1}})
    assert with_fields(customer, {"vegan": True}).fields == {"vegan": True}
    assert with_fields(customer, {"vegan": True}).fields["vegan"] is True


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"colour": "red"}, "no-such-field"),
        ({"colour": None}, "no-such-field"),
        ({"seats": "three"}, "field-invalid"),
        ({"vegan": 1}, "field-invalid"),
        ({"company": ""}, "field-invalid"),
        ({"city": "Berlin"}, "field-from-host"),
        ({"city": None}, "field-from-host"),
        ({"company": "ACME", "city": "Berlin"}, "field-from-host"),
    ],
)
def test_what_is_refused_changes_nothing(
    world: World, given: dict[str, object], reason: str
) -> None:
    ada = guest(world)
    before = world.store.all("customers")
    with pytest.raises(Refusal) as refused:
        write(world, ada, **given)
    assert refused.value.reason == reason
    assert "three" not in refused.value.message
    assert world.store.all("customers") == before
    assert not entries(world)


def test_nobody_s_fields_cannot_be_written(world: World) -> None:
    with pytest.raises(Refusal) as refused:
        write(world, "x" * 24, company="ACME")
    assert refused.value.reason == "no-such-customer"


def test_an_id_that_was_merged_away_leads_to_its_survivor(world: World) -> None:
    ada, bob = guest(world), guest(world, "bob")
    merge(world, bob, ada)
    assert write(world, bob, company="ACME") == {"company": "ACME"}
    assert fields(world) == {"company": "ACME"}


# Fields that were declared otherwise before


def declare(world: World, **declared: Any) -> None:
    update = {"fields": World(settings={"fields": declared}).runner.settings.fields}
    settings = world.runner.settings.model_copy(update=update)
    world.runner = replace(world.runner, settings=settings)
    world.sync = Sync(world.runner)


def test_a_field_that_is_declared_no_more_can_be_emptied_and_not_written(world: World) -> None:
    ada = guest(world)
    write(world, ada, company="ACME", seats=3)
    declare(world, seats=FIELDS["seats"])
    assert fields(world) == {"company": "ACME", "seats": 3}
    with pytest.raises(Refusal, match="no own field"):
        write(world, ada, company="Other")
    assert write(world, ada, company=None) == {"seats": 3}


def test_what_staff_wrote_can_be_taken_from_a_field_of_the_host_s(world: World) -> None:
    world.put_user("u1", user("ada@example.com", profile={"city": "Berlin"}))
    ada = world.the_customer()["id"]
    declare(world, city={**FIELDS["city"], "from": None})
    write(world, ada, city="Hamburg")
    declare(world, city=FIELDS["city"])
    with pytest.raises(Refusal, match="user's document"):
        write(world, ada, city="Bremen")
    assert "Hamburg" not in write(world, ada, city=None).values()
    assert not any(part["fields"] for part in world.the_customer()["parts"].values())


# Merges and their undo


def test_a_merge_keeps_the_target_s_value_and_its_undo_everybody_s(world: World) -> None:
    ada, bob = guest(world), guest(world, "bob")
    write(world, ada, company="ACME")
    write(world, bob, company="Bob & Co", seats=2)
    merged = merge(world, bob, ada).merge_id
    assert fields(world) == {"company": "ACME", "seats": 2}
    unmerge(world, merged)
    assert fields(world) == {"company": "ACME"}
    assert fields(world, "bob") == {"company": "Bob & Co", "seats": 2}


def test_what_is_emptied_after_a_merge_is_empty_and_comes_back_with_the_undo(world: World) -> None:
    ada, bob = guest(world), guest(world, "bob")
    write(world, bob, seats=2)
    merged = merge(world, bob, ada).merge_id
    assert write(world, ada, seats=None) == {}
    unmerge(world, merged)
    assert (fields(world), fields(world, "bob")) == ({}, {"seats": 2})
    write(world, ada, company="ACME")
    (part,) = world.with_email("ada@example.com")["parts"].values()
    assert part["fields"] == {"company": "ACME"}  # what hid nothing any more is not kept


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "fields": st.dictionaries(st.sampled_from(NAMES), VALUES),
                "user_fields": st.dictionaries(
                    st.sampled_from(NAMES), VALUES.filter(lambda one: one is not None)
                ),
            }
        ),
        min_size=1,
        max_size=3,
    ),
    st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=3),
)
def test_what_is_written_is_shown_and_nothing_else_changes(
    of: list[dict[str, Any]], given: dict[str, Any]
) -> None:
    before = parts(*of)
    after = with_fields(before, given)
    wanted = {**before.fields, **given}
    assert after.fields == {name: one for name, one in wanted.items() if one is not None}
    rest = [part for part in after.parts.values() if part.rank]
    assert rest == [part for part in before.parts.values() if part.rank]
    first = after.parts["p0"]
    assert replace(first, fields=before.parts["p0"].fields) == before.parts["p0"]
    if after is not before:
        hidden = after.with_part("p0", replace(first, fields={})).fields
        empty = {name for name, one in first.fields.items() if one is None}
        assert empty <= hidden.keys()
    assert with_fields(after, given) is after


# Customers of whom nothing else is left


def left_alone(world: World) -> str:
    """Somebody of whom nothing is left but a field."""
    ada = guest(world)
    write(world, ada, company="ACME")
    world.delete_order("order-ada")
    assert world.the_customer()["fields"] == {"company": "ACME"}
    return ada


def test_a_field_keeps_a_customer_and_whoever_has_none_goes(world: World) -> None:
    ada = left_alone(world)
    assert write(world, ada, company=None) == {}
    assert world.customers() == []


@pytest.mark.parametrize("alone", [True, False])
def test_an_answer_that_was_lost_is_given_again(world: World, alone: bool) -> None:
    ada = left_alone(world) if alone else guest(world)
    if not alone:
        write(world, ada, company="ACME")
    declare(world)
    lost = iter([True])
    commit = world.store.commit

    def losing(*args: Any, **options: Any) -> Any:
        done = commit(*args, **options)
        if next(lost, False):
            raise Transient("the answer was lost")
        return done

    world.store.commit = losing  # type: ignore[method-assign]
    assert write(world, ada, company=None) == {}
    assert len(entries(world)) == 2
