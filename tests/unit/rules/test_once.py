"""On whom a rule has acted stays known, whoever they have become."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.customers.customer import Customer
from crm.customers.part import Part
from crm.rules.once import acted, run_paths, subjects
from crm.rules.rule import Rule
from crm.rules.run import run_id
from testing.hosts import order, user
from testing.world import KEYS
from tests.support.ruled import Ruled


def known(world: Ruled, rule: Rule, name: str) -> bool:
    found = world.with_email(f"{name}@example.com")
    customer = Customer.from_data(found["id"], found)
    return world.runner.evaluate(lambda tx: acted(tx, rule, customer, None))


def acted_on() -> tuple[Ruled, Rule]:
    world = Ruled()
    rule = world.save()
    world.buy("ada")
    world.buy("bob", 1)
    world.drain()
    return world, rule


def test_a_merge_and_its_undo_take_it_along() -> None:
    world, rule = acted_on()
    assert (known(world, rule, "ada"), known(world, rule, "bob")) == (True, False)
    merged = world.merge("ada", "bob")
    assert known(world, rule, "bob")
    world.unmerge(merged)
    assert (known(world, rule, "ada"), known(world, rule, "bob")) == (True, False)


def test_who_was_acted_on_as_one_was_acted_on_as_two() -> None:
    world = Ruled()
    rule = world.save(when={"enters": "order_count >= 3"})
    world.buy("ada")
    world.buy("bob")
    merged = world.merge("ada", "bob")
    world.buy("bob")
    world.drain()
    world.unmerge(merged)
    assert (known(world, rule, "ada"), known(world, rule, "bob")) == (True, True)
    assert sum(run["counted"] for run in world.runs()) == 1


def test_one_who_went_and_came_back_is_known() -> None:
    world, rule = acted_on()
    world.tag("ada", remove=["VIP"])
    world.delete_order("ada0")
    assert len(world.customers()) == 1
    world.put_order("again", order("ada@example.com", total=500))
    assert known(world, rule, "ada")
    assert dict(world.drain().outcomes) == {"before": 1}


def test_one_more_identity_changes_nothing() -> None:
    world, rule = acted_on()
    world.put_user("u1", user("ada@example.com"))
    assert known(world, rule, "ada")
    assert len(world.with_email("ada@example.com")["parts"]) == 2


def test_a_record_keeps_its_id_in_every_version_of_the_product() -> None:
    """Else a rule would act again on everybody after an update."""
    kept = "r1-6oiobiovrqepyvb75yxiu4d5"
    assert run_id(KEYS, "r1", "e1-k", "gala") == kept


def test_once_an_event_is_of_each_event() -> None:
    rule = Ruled().save(when={"eventEnded": {"days": 1, "at": "10:00"}}, once="event")
    customer = Customer("c", rule.created_at, {"p": Part("e1-k", address="a@example.com")})
    assert run_paths(KEYS, rule, customer, "gala") != run_paths(KEYS, rule, customer, "ball")
    ever = Ruled().save(when={"eventEnded": {"days": 1, "at": "10:00"}})
    assert run_paths(KEYS, ever, customer, "gala") == run_paths(KEYS, ever, customer, "ball")


def test_an_address_is_no_uid_that_reads_like_it() -> None:
    at = Ruled().save().created_at
    by_address = Customer("c", at, {"p": Part("e1-k", address="a@example.com")})
    by_uid = Customer("c", at, {"p": Part("u1-k", uid="a@example.com")})
    assert {one for _, one in subjects(by_address)} & {one for _, one in subjects(by_uid)} == set()


def test_of_former_parts_their_keys_are_somebody_elses() -> None:
    at = Ruled().save().created_at
    former = Part("e1-k")
    assert subjects(Customer("c", at, {"p": former})) == [(None, "p:p")]
    own = Part("u1-k", uid="u")
    assert subjects(Customer("c", at, {"p": former, "q": own})) == [("u1-k", "u:u")]


@pytest.mark.parametrize("once", ["ever", {"days": 400}])
@given(steps=st.lists(st.sampled_from(["buy", "merge", "unmerge", "untag", "drain"]), max_size=14))
def test_whatever_becomes_of_two_people_none_is_acted_on_twice(once: Any, steps: list[str]) -> None:
    """By identity: each has at most one record, and tags come at most once for each person."""
    world = Ruled()
    world.save(once=once)
    given_to: list[str] = []
    merges: list[str] = []
    world.buy("ada", 1)
    world.buy("bob", 1)
    for number, step in enumerate(steps):
        if step == "buy":
            name = "ada" if number % 2 else "bob"
            world.put_order(f"x-{name}", order(f"{name}@example.com", total=1))
            world.put_order(f"x-{name}", order(f"{name}@example.com", total=500))
        elif step == "merge" and len(world.customers()) == 2:
            merges.append(world.merge("ada", "bob"))
        elif step == "unmerge" and merges and len(world.customers()) == 1:
            world.unmerge(merges.pop())
        elif step == "untag":
            for name in ("ada", "bob"):
                if "vip" in world.tags(name):
                    world.tag(name, remove=["VIP"])
        elif step == "drain":
            before = {run["identity"] for run in world.runs()}
            done = world.drain().outcomes["done"]
            new = {run["identity"] for run in world.runs()} - before
            assert done <= len(new)  # each act is on an identity that none was on before
            given_to += new
    assert len(given_to) == len(set(given_to))
