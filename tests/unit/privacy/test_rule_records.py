"""What rules did with a person: in the archive, for staff, and after an erasure."""

from __future__ import annotations

from typing import Any

import pytest

from crm.core.errors import Refusal
from crm.customers.reference import CustomerRef
from crm.db.paging import Scope
from crm.privacy.erasure.erase import erase
from crm.privacy.export.archive import export
from crm.privacy.rule_records import runs_of_rule
from crm.repair.rekey import renewed
from testing.hosts import order, user
from testing.world import KEYS
from tests.support.ruled import Ruled

ADA = CustomerRef("email", "ada@example.com")


def acted_on() -> Ruled:
    world = Ruled()
    world.save()
    world.put_user("u1", user("ada@example.com"))
    world.buy("ada")
    world.buy("bob")
    world.drain()
    return world


def archive(world: Ruled) -> list[dict[str, Any]]:
    found: Any = export(world.runner, Scope("staff", "", {}), ADA)["archive"]
    rules: list[dict[str, Any]] = found["rules"]
    return rules


def test_the_archive_shows_what_rules_did_with_the_person_alone() -> None:
    shown = archive(acted_on())
    assert sorted((one["address"] or "", one["userId"] or "") for one in shown) == [
        ("", "u1"),
        ("ada@example.com", ""),
    ]
    assert {(one["rule"], one["did"]) for one in shown} == {("VIP", "tags")}


def test_an_erasure_takes_from_the_records_whom_they_are_about() -> None:
    world = acted_on()
    rule_id = world.runs()[0]["ruleId"]
    ada = world.id("ada")
    bobs = [run for run in world.runs() if run["customerId"] == world.id("bob")]
    erase(world.runner, world.queue.append, ADA, reason="asked by letter")
    world.work()
    runs = world.runs()
    assert len(runs) == 3
    assert all(run in runs for run in bobs)
    blank = [run for run in runs if run not in bobs]
    assert {(run["customerId"], run["identity"]) for run in blank} == {(None, None)}
    assert all(run["erased"] for run in blank)
    assert ada not in str(world.store.all("crmRuleRuns"))
    assert sum(run["counted"] for run in runs) == 2
    page: Any = runs_of_rule(world.store, world.pager(), rule_id)
    assert sorted(str(run["customerId"]) for run in page["runs"]) == sorted(
        [world.id("bob"), "None"]
    )


def test_who_comes_again_after_an_erasure_is_somebody_new_to_a_reader() -> None:
    """The record's id is keyed: nobody can tell whose it was, and the rule does not act twice."""
    world = acted_on()
    erase(world.runner, world.queue.append, ADA, reason="asked by letter")
    world.work()
    world.accounts.of.clear()
    world.put_order("new", order("ada@example.com", total=900, day=1_000))
    assert world.runs_of("ada") == []


def test_who_is_erased_while_a_rule_waits_is_let_be() -> None:
    world = Ruled()
    world.save()
    world.buy("ada")
    erase(world.runner, world.queue.append, ADA, reason="asked by letter")
    world.work()
    assert dict(world.drain().outcomes) == {"gone": 1}
    assert world.rows() == world.runs() == []


def test_what_was_done_on_an_address_that_was_anothers_is_not_shown() -> None:
    world = acted_on()
    record = world.store.all("crmRuleRuns")
    for name, run in record.items():
        world.store.put(f"crmRuleRuns/{name}", {**run, "customerId": "somebody-else"})
    key = world.runner.keys.address("ada@example.com")
    identity = world.store.all("crmIdentities")[key]
    world.store.put(f"crmIdentities/{key}", {**identity, "former": {"p": "somebody-else"}})
    assert [one["userId"] for one in archive(world)] == ["u1"]


def test_of_nobody_nothing_is_listed() -> None:
    world = acted_on()
    with pytest.raises(Refusal):
        world.runs_of_id("nobody")
    assert len(world.runs_of("bob")) == 1


def test_a_new_secret_renews_whose_they_are_and_not_their_ids() -> None:
    world = acted_on()
    for found in world.store.find(_all()):
        path, data = renewed(KEYS, {}, found)
        assert path == found.path
        assert data["identity"] == KEYS.renewed(found.fields["identity"])


def _all() -> Any:
    from crm.db.documents import Query

    return Query("crmRuleRuns")
