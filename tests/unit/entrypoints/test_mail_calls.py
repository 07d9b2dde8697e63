"""`check_sender` and `set_reachable` as calls and as a command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crm.campaigns.came_back import mark_unreachable
from crm.entrypoints.cli import cli
from crm.mail.readiness import MAX_HEADERS
from testing.hosts import DAY, order
from testing.world import KEYS, World
from tests.unit.entrypoints.test_dispatch import call, refused
from tests.unit.mail.test_readiness import GMAIL, MAIL

EDITOR: dict[str, object] = {"crm": "editor", "email_verified": True}
VIEWER: dict[str, object] = {"crm": "viewer", "email_verified": True}


@pytest.fixture
def world() -> World:
    world = World()
    world.put_order("o1", order())
    mark_unreachable(world.runner, KEYS.address("ada@example.com"), DAY)
    return world


def test_a_good_mail_is_ready(world: World) -> None:
    answer = call("check_sender", {"headers": GMAIL + MAIL}, world, claims=EDITOR)
    assert (answer["ready"], answer["judgedBy"]) == (True, "mx.google.com")
    assert {one["verdict"] for one in answer["findings"]} == {"ok"}
    assert set(answer["findings"][0]) == {"check", "verdict", "message"}


@pytest.mark.parametrize("headers", ["", "  ", "x" * (MAX_HEADERS + 1), "é" * MAX_HEADERS, 7, None])
def test_what_are_no_headers_is_refused(world: World, headers: Any) -> None:
    assert refused("check_sender", {"headers": headers}, world=world, claims=EDITOR)


def test_staff_say_that_mail_arrives_again(world: World) -> None:
    customer_id = world.the_customer()["id"]
    request = {"customerId": customer_id, "evidence": "arrived"}
    assert "unreachable" in world.the_customer()["marketing"]
    answer = call("set_reachable", request, world, claims=EDITOR, uid="boss")
    assert answer == {"marketing": {"status": "none", "at": None, "source": None}}
    assert "unreachable" not in world.the_customer()["marketing"]
    (entry,) = world.store.all("crmAudit").values()
    assert (entry["actor"], entry["facts"]) == (KEYS.user("boss"), {"evidence": "arrived"})


@pytest.mark.parametrize("evidence", ["", "she called", None, 7])
def test_evidence_is_a_code_so_that_nobody_is_named_in_the_audit_trail(
    world: World, evidence: Any
) -> None:
    request = {"customerId": world.the_customer()["id"], "evidence": evidence}
    assert refused("set_reachable", request, world=world, claims=EDITOR)


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("check_sender", {"headers": MAIL}),
        ("set_reachable", {"customerId": "x", "evidence": "person"}),
    ],
)
def test_viewers_may_neither(world: World, name: str, request_: dict[str, str]) -> None:
    assert refused(name, request_, world=world, claims=VIEWER)


def test_the_command_says_what_to_mend(tmp_path: Path) -> None:
    file = tmp_path / "mail.txt"
    file.write_text(GMAIL + MAIL, encoding="utf-8")
    good = CliRunner().invoke(cli, ["check-sender", str(file)])
    assert (good.exit_code, good.output.splitlines()[0][:13]) == (0, "ok   received")
    bad = CliRunner().invoke(cli, ["check-sender", "--json"], input=MAIL)
    assert bad.exit_code == 1
    assert json.loads(bad.output)["ready"] is False
