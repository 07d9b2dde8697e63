"""What of an installation is still to be done: one sentence for each check."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.core.errors import Transient
from crm.core.roles import Role
from crm.db.retry import RetryPolicy
from crm.setup import checks, looking
from crm.setup.check import Check
from crm.setup.checks import checked
from crm.setup.looking import SAMPLE, SOON
from testing.hosts import order, user
from testing.world import World

MAIL = {"from": "Events <e@example.com>", "postal_address": "Street 1, Bern", "events": True}

FORMS = {"news": {"text": {"en": "Yes"}}}


def of(world: World, mail: str | None = None) -> dict[str, Check]:
    found = checked(world.runner, world.staff, mail=mail, unsubscribe="https://x/unsubscribe")
    assert len({one.check for one in found}) == len(found)
    for one in found:
        assert one.message.endswith(".")
        assert one.message.count("\n") == 0
    return {one.check: one for one in found}


def verdict(check: str, world: World | None = None, why: str | None = None, **settings: Any) -> str:
    return of(world or World(settings=settings), why)[check].verdict


def test_all_checks_are_there_in_one_order_and_cost_little() -> None:
    world = World()
    for number in range(60):
        world.put_order(f"o{number:02}", order(f"{number}@example.com"))
    world.store.reads = 0
    assert [*of(world)] == [
        *("functions", "history", "mapping", "staff", "privacy", "time-zone", "mail", "sign-up"),
        *("bounces", "unsubscribe", "app-check"),
    ]
    assert world.store.reads <= 2 * SAMPLE + 2


@pytest.mark.parametrize("path", ["orders", "users/{uid}/orders"])
def test_orders_from_before_are_missed_until_they_are_here(path: str) -> None:
    settings: dict[str, Any] = {"orders": {"path": path}}
    world = World(settings=settings)
    assert verdict("history", world) == "warn"
    assert path in of(world)["history"].message
    names = ["u1#o1", "u1#o2"] if "{" in path else ["o1", "o2"]
    documents = [world.runner.settings.orders.document(name) for name in names]
    for document in documents:
        world.store.put(document, order())
    assert verdict("history", world) == "ok"  # they have just come: events are on their way
    world.store.wait(SOON + timedelta(minutes=1))
    told = of(world)
    assert (told["history"].verdict, told["history"].to) == ("fail", "/activity")
    assert told["history"].message.startswith("2 of 2 orders")
    for name in names:
        world.sync.sync_order(name)
    assert of(world)["history"].verdict == "ok"


def test_changes_that_do_not_arrive_are_told() -> None:
    world = World()
    world.put_order("o1", order())
    world.store.put("orders/o1", order(total=1))
    assert verdict("functions", world) == "ok"
    world.store.wait(SOON + timedelta(minutes=1))
    assert verdict("functions", world) == "fail"
    assert verdict("history", world) == "ok"
    world.sync.sync_order("o1")
    assert verdict("functions", world) == "ok"


def test_what_cannot_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    for number in range(8):
        world.put_order(f"o{number}", order(f"{number}@example.com"))
    assert verdict("mapping", world) == "ok"
    for number in range(9, 12):
        world.put_order(f"o{number}", order(total="much"))
    world.put_user("u1", user("not an address"))
    told = of(world)["mapping"]
    assert (told.verdict, told.to) == ("warn", "/problems")
    assert told.message.startswith("4 documents could not be read")
    for number in range(12, 60):
        world.put_order(f"o{number}", order(total="much"))
    assert verdict("mapping", world) == "fail"
    monkeypatch.setattr(looking, "MOST", 20)
    monkeypatch.setattr(checks, "MOST", 20)
    assert of(world)["mapping"].message.startswith("20 or more documents")


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([], "warn"),
        ([(Role.EDITOR, True)], "warn"),
        ([(Role.ADMIN, False)], "warn"),
        ([(Role.ADMIN, True)], "ok"),
        ([(Role.ADMIN, True), (Role.VIEWER, False)], "warn"),
        ([(Role.ADMIN, True), (Role.VIEWER, True)], "ok"),
    ],
)
def test_somebody_besides_the_one_admin_can_see_to_roles(
    others: list[tuple[Role, bool]], expected: str
) -> None:
    world = World()
    for number, (role, verified) in enumerate(others):
        world.staff.hire(f"s{number}", role, verified=verified)
    assert verdict("staff", world) == expected


def test_what_is_not_known_of_staff_is_not_said() -> None:
    world = World()
    world.staff.at_once = 1
    world.staff.hire("later", Role.ADMIN)
    assert verdict("staff", world) == "ok"  # there are more accounts than were looked at

    def away() -> None:
        raise Transient("away")

    world.staff.pause = away
    world.runner = replace(world.runner, retry=RetryPolicy(seconds=0))
    told = of(world)["staff"]
    assert told.verdict == "warn"
    assert "did not say" in told.message


def test_what_an_export_must_say_is_missed_by_name() -> None:
    told = of(World())["privacy"]
    assert told.verdict == "fail"
    assert "privacy.controller, privacy.contact in crm.toml" in told.message
    said = {"controller": "Events GmbH, Bern", "contact": "privacy@example.com"}
    assert verdict("privacy", privacy=said) == "ok"
    assert verdict("privacy", privacy={**said, "purposes": [""]}) == "fail"


@pytest.mark.parametrize(
    ("check", "expected", "settings", "why"),
    [
        ("time-zone", "warn", {}, None),
        ("time-zone", "ok", {"time_zone": "Europe/Berlin"}, None),
        ("mail", "warn", {}, "No mail can be sent."),
        ("mail", "warn", {"mail": {"from": "e@example.com"}}, None),
        ("mail", "ok", {"mail": MAIL}, None),
        ("sign-up", "warn", {}, None),
        ("sign-up", "ok", {"forms": FORMS}, None),
        ("sign-up", "fail", {"forms": FORMS}, "No mail can be sent."),
        ("sign-up", "fail", {"newsletter": {"opt_in": "double"}}, "No mail can be sent."),
        ("bounces", "ok", {}, None),
        ("bounces", "warn", {"mail": {"from": "e@example.com"}}, None),
        ("bounces", "ok", {"mail": MAIL}, None),
        ("app-check", "ok", {}, None),
        ("app-check", "fail", {"app_check": True}, None),
        ("app-check", "ok", {"app_check": True, "console": {"app_check_key": "6Lc"}}, None),
    ],
)
def test_settings_are_judged(
    check: str, expected: str, settings: dict[str, Any], why: str | None
) -> None:
    assert verdict(check, why=why, **settings) == expected


def test_where_links_to_unsubscribe_lead_is_told() -> None:
    assert "https://x/unsubscribe" in of(World())["unsubscribe"].message
    own = {"newsletter": {"unsubscribe_url": "https://example.com/out"}}
    assert "https://example.com/out" in of(World(settings=own))["unsubscribe"].message


def test_why_no_mail_can_be_sent_is_told_as_it_is() -> None:
    assert of(World(), "No mail can be sent: do this.")["mail"].message.endswith("do this.")
