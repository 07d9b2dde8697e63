"""What comes in, and is done by itself, beside orders: notes, lists, sign-ups, rules."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import patch

from crm.db.runner import Runner
from crm.db.transaction import Plan
from crm.importing import imports, record
from crm.notes.keeping import plan_note
from crm.rules import saving
from crm.rules.checking import Asked, check
from crm.rules.drain import Drained, drain
from crm.rules.watch import BookWatch
from crm.signup.asking import asking
from crm.signup.confirming import plan_refuse
from crm.signup.link import Link
from crm.signup.record import Asked as AskedForNews
from crm.tags.plan import change_of
from crm.tags.tagging import tag_customers
from testing.world import World

LIST = (
    "email,name,tags,status\n"
    "bob@example.com,,Fair,subscribed\n"
    "eve@example.com,,Fair,unsubscribed\n"
    "gil@example.com,Gil,Fair,subscribed\n"
)

WAITING = "email,tags\nhal@example.com,Later\nbob@example.com,Later\n"

RULE: dict[str, Any] = {
    "name": "Chosen",
    "on": True,
    "when": {"enters": "tag:chosen"},
    "then": {"addTags": ["Greeted"]},
}


def with_contacts(world: World) -> World:
    """Let a note be written, a list come in, another one wait, people sign up, and a rule act.

    Of the people `bob@example.com` and `eve@example.com` must be customers.
    """
    staff = replace(world.runner, actor=world.runner.keys.user("staff"))
    note(world, "bob@example.com", "Called.")
    take_in(staff, world, LIST)
    take_in(staff, world, WAITING, waits=True)
    ask(world, "ivy@example.com")
    refused = ask(world, "jon@example.com")
    world.runner.run(lambda tx: plan_refuse(tx, refused))
    saving.save(staff, check(staff, Asked(**RULE)), None, None)
    enter(world, "bob@example.com")
    assert not let_rules_act(world).failed
    return world


def note(world: World, email: str, text: str) -> str:
    """Have staff write a note."""
    staff = replace(world.runner, actor=world.runner.keys.user("staff"))
    customer_id = world.with_email(email)["id"]
    plan, _ = staff.run(partial(plan_note, customer_id=customer_id, text=text))
    return plan.result


def take_in(runner: Runner, world: World, text: str, *, waits: bool = False) -> Any:
    """Take a list in; where it waits its job is in the queue, and nobody works on it."""
    with patch.object(record, "CHUNK", 1), patch.object(imports, "INLINE", 0 if waits else 9):
        return imports.import_contacts(
            runner, world.queue.append, text, source="fair", evidence="paper"
        )


def ask(world: World, email: str) -> Link:
    """Have somebody sign up; give the link of the mail, also where there is none."""
    runner = world.runner
    asked = AskedForNews(runner.now(), "newsletter", "v", "en", runner.new_id())
    runner.run(lambda tx: Plan(asking(tx, email, asked, network="n", worked=True) or [], None))
    return Link(runner.keys.address(email), asked.at)


def enter(world: World, email: str) -> None:
    """Let somebody enter what the rule waits for, anew."""
    customer_id = world.with_email(email)["id"]
    tag_customers(world.runner, [customer_id], change_of((), ["Chosen"]))
    tag_customers(watched(world), [customer_id], change_of(["Chosen"], ()))


def watched(world: World) -> Runner:
    """Return the runner of handlers, which sees who enters."""
    watch = BookWatch(world.store, clock=lambda: world.store.now().timestamp())
    return replace(world.runner, watch=watch)


def let_rules_act(world: World) -> Drained:
    """Do what the sweep does."""

    def nothing(*_: Any) -> None:
        raise AssertionError("no rule here sends")

    return drain(watched(world), world.queue.append, 60.0, nothing, threads=1)
