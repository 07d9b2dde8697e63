"""A sweep does the same whoever calls for it: the scheduler, or an operator by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crm.core.errors import Transient, Unfinished
from crm.entrypoints import sweeping
from crm.entrypoints.cli import cli
from crm.entrypoints.triggers import schedule
from testing.hosts import item, order
from tests.support.signing_up import ADA, Door
from tests.support.stage import Process, shop

TAGGED: dict[str, Any] = {
    "name": "Friends",
    "on": True,
    "when": {"enters": "tag:friend"},
    "then": {"addTags": ["Party"]},
}

CAME: dict[str, Any] = {
    "name": "Came",
    "on": True,
    "when": {"enters": "attended:gala"},
    "then": {"addTags": ["Guest"]},
}

Sweep = Callable[[Any], None]


def command(monkeypatch: pytest.MonkeyPatch, world: Any, *words: str) -> Result:
    monkeypatch.setattr("crm.runtime.services.services", lambda: world.services)
    return CliRunner().invoke(cli, ("sweep", *words))


@pytest.fixture(params=["scheduler", "command"])
def sweep(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Sweep:
    def by_scheduler(world: Any) -> None:
        schedule.run(lambda: world.services)

    def by_command(world: Any) -> None:
        result = command(monkeypatch, world)
        assert result.exit_code == 0, result.output

    return by_scheduler if request.param == "scheduler" else by_command


def entered() -> Process:
    """A shop in which Bob waits for a rule, Gus for an event, and an order was lost."""
    world = Process(start=shop())
    starts = world.store.now() + timedelta(minutes=1)
    world.put_order("gala", order("gus@example.com", items=[item("gala", eventStartsAt=starts)]))
    for rule in (TAGGED, CAME):
        world.call("save_rule", **rule)
    world.call("tag_customers", add=["Friend"], customerIds=[world.id("bob")])
    world.store.put("orders/lost", order("lost@example.com"))
    world.store.wait(timedelta(minutes=2))
    return world


def test_rules_act_and_what_was_lost_is_found(sweep: Sweep) -> None:
    world = entered()
    sweep(world)
    assert "party" in world.with_email("bob@example.com")["tags"]
    assert "guest" in world.with_email("gus@example.com")["tags"]  # who attends by this sweep
    assert world.with_email("lost@example.com")["orderCount"] == 1
    assert world.store.all("crmOutbox") == {}


@pytest.mark.parametrize("mail", [True, False])
def test_mails_go_out_where_the_secret_is(
    sweep: Sweep, mail: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GCLOUD_PROJECT", "demo-crm")
    if mail:
        monkeypatch.setenv("CRM_MAIL", "smtp://user:password@smtp.example.com:587")
    door = Door(settings={"newsletter": {"opt_in": "double"}})
    door.put_order("o", order(ADA, marketingOptIn=True, createdAt=door.now))
    sweep(door)
    assert [one.to for one in door.box.mails] == ([ADA] if mail else [])


def test_the_command_says_what_was_done(monkeypatch: pytest.MonkeyPatch) -> None:
    world = entered()
    told = command(monkeypatch, world).stdout
    assert "customers: off by 0, 1 looked at, 1 brought up to date\n" in told
    assert "rules: 2 done\n" in told
    world = entered()
    data = json.loads(command(monkeypatch, world, "--json").stdout)
    assert data["rules"] == {"events": 0, "due": 0, "outcomes": {"done": 2}, "paused": []}
    assert data["signUps"] == {"deleted": 0, "sent": 0, "asked": 0}
    assert (data["failed"], data["finished"]) == ([], True)
    assert "bob" not in json.dumps(data)


def test_a_rule_that_asks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    world = Process(start=shop())
    rule = world.call("save_rule", **TAGGED, most=1)["rule"]["ruleId"]
    ids = [world.id("bob"), world.id("ada")]
    world.call("tag_customers", add=["Friend"], customerIds=ids)
    assert f"rules that pause, and ask: {rule}\n" in command(monkeypatch, world).stdout


@pytest.mark.parametrize("step", ["sweep", "attend_to_sign_ups", "tick"])
def test_a_step_that_fails_keeps_no_other_from_being_done(
    step: str, sweep: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = entered()

    def away(*_: object, **__: object) -> None:
        raise Transient("away")

    monkeypatch.setattr(sweeping, step, away)
    with pytest.raises((Unfinished, AssertionError), match=r"away|Transient"):
        sweep(world)
    lost = [one for one in world.customers() if one["primaryEmail"] == "lost@example.com"]
    assert len(lost) == (step != "sweep")
    assert ("party" in world.with_email("bob@example.com")["tags"]) is (step != "tick")


def test_a_row_that_cannot_be_handled_fails_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    world = entered()

    def defect(*_: object, **__: object) -> None:
        raise ValueError("bob@example.com")

    monkeypatch.setattr("crm.rules.drain.plan_act", defect)
    result = command(monkeypatch, world)
    assert result.exit_code == 1
    assert "crmOutbox/" in result.stderr
    assert "ValueError" in result.stderr
    assert "bob@" not in result.output
