"""A new secret, and what came in before it: notes, lists, sign-ups, and what rules have done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crm.customers.reference import CustomerRef
from crm.db.collections import AUDIT, IMPORTED, NOTES, RULE_RUNS, SIGNUPS
from crm.db.paging import Pager, PageTokens
from crm.db.transaction import Plan, Transaction
from crm.importing import imports
from crm.notes.keeping import delete_note
from crm.notes.listing import list_notes
from crm.privacy.erasure.erase import erase
from crm.privacy.rule_records import runs_of_customer
from crm.rules.book import book_of
from crm.signup import link
from crm.signup.asking import asking
from crm.signup.confirming import plan_confirm
from crm.signup.record import Asked
from testing.world import KEYS, World
from tests.support.contacts import LIST, ask, enter, let_rules_act, note, take_in
from tests.unit.repair.test_rekey import FIRST, rotated, shop, stored, wrong

BOB = "bob@example.com"


@pytest.fixture
def world() -> World:
    """A world that has just been given a new secret."""
    world = shop()
    rotated(world)
    return world


def pager(world: World) -> Pager:
    return Pager(PageTokens(world.runner.keys.derive("page-token")), "staff", 50)


def test_all_of_it_was_there_under_the_earlier_secret() -> None:
    before = shop()
    for collection in (NOTES, IMPORTED, RULE_RUNS, SIGNUPS, "crmImports", "crmRules"):
        assert FIRST.findall(str(before.store.all(collection))), collection
    rotated(before)
    assert not FIRST.findall(str(stored(before.store, AUDIT)))


def test_a_note_is_its_customers_and_its_authors(world: World) -> None:
    staff = replace(world.runner, actor=world.runner.keys.user("staff"))
    bob = world.with_email(BOB)["id"]
    listed: Any = list_notes(staff, pager(world), bob)["notes"]
    assert [(one["text"], one["own"]) for one in listed] == [("Called.", True)]
    assert note(world, BOB, "Called.") == listed[0]["noteId"], "the same call, made again"
    note(world, BOB, "Called back.")
    delete_note(world.runner, listed[0]["noteId"])
    assert wrong(world) == []


def test_a_rule_that_has_acted_does_not_act_again(world: World) -> None:
    who = CustomerRef("email", BOB)
    listed: Any = runs_of_customer(world.runner, pager(world), who)
    assert [one["did"] for one in listed["runs"]] == ["tags"]
    before = world.store.all(RULE_RUNS)
    enter(world, BOB)
    assert let_rules_act(world).outcomes == {"before": 1}
    assert world.store.all(RULE_RUNS) == before
    enter(world, "cyd@example.com")
    assert let_rules_act(world).outcomes == {"done": 1}
    (rule,) = book_of(world.store.all("crmRules")["book"]).rules.values()
    assert rule.actor == world.runner.keys.user("staff")


def test_a_link_of_a_sign_up_from_before_confirms() -> None:
    world = shop()
    asked = world.store.all(SIGNUPS)[KEYS.address("ivy@example.com")]["asked"][-1]["at"]
    text = link.token(KEYS, KEYS.address("ivy@example.com"), asked)
    keys = rotated(world)
    read = link.read(keys, text, world.store.now())
    assert read is not None
    world.runner.run(lambda tx: plan_confirm(tx, read))
    assert world.with_email("ivy@example.com")["marketing"]["status"] == "subscribed"
    assert wrong(world) == []


@pytest.mark.parametrize("name", ["ivy", "jon"])
def test_who_was_asked_or_refused_before_is_not_asked_again(world: World, name: str) -> None:
    now, kept = world.store.now(), world.store.all(SIGNUPS)
    asked = Asked(now, "newsletter", "v", "en", "x")
    email = f"{name}@example.com"

    def plan(tx: Transaction) -> Plan[None]:
        writes = asking(tx, email, asked, network="n", worked=True)
        assert writes is None
        return Plan([], None)

    world.runner.run(plan)
    assert world.store.all(SIGNUPS) == kept
    ask(world, "new@example.com")
    assert len(world.store.all(SIGNUPS)) == len(kept) + 1


def test_the_same_list_changes_nothing_and_what_it_brought_is_taken_back(world: World) -> None:
    again = take_in(world.runner, world, LIST)
    assert (again["report"]["unchanged"], again["report"]["keptOut"]) == (3, {})
    first = min(world.store.all("crmImports").items(), key=lambda one: one[1]["at"])[0]
    imports.undo_import(world.runner, world.queue.append, first)
    world.work()
    assert world.customers(lambda one: "gil@example.com" in one["emails"]) == []
    assert world.with_email(BOB)["marketing"]["status"] == "none"
    assert "fair" not in world.with_email(BOB)["tags"]
    assert wrong(world) == []


def test_a_list_that_waited_is_taken_in(world: World) -> None:
    world.work()
    assert world.with_email("hal@example.com")["tags"] == ["later"]
    assert "later" in world.with_email(BOB)["tags"]
    assert wrong(world) == []


def test_an_erasure_finds_all_of_it(world: World) -> None:
    bob = world.with_email(BOB)["id"]
    enter(world, BOB)
    for email in (BOB, "ivy@example.com", "hal@example.com"):
        who = CustomerRef("email", email)
        if world.customers(lambda one, email=email: email in one["emails"]):  # type: ignore[misc]
            erase(world.runner, world.queue.append, who, reason="asked by letter")
    assert world.store.all(NOTES) == {}
    told = str([world.store.all(name) for name in (IMPORTED, RULE_RUNS)])
    assert bob not in told
    assert world.runner.keys.address(BOB) not in told
