"""Merges, undos and claims leave one entry each, in the commit of the change; nothing else does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from crm.core.errors import Refusal
from crm.db.collections import AUDIT
from crm.db.documents import Write
from crm.sync.claim import claim_orders
from testing.hosts import order, user
from testing.world import KEYS, World
from tests.unit.merging.test_merge import guest, merge, unmerge
from tests.unit.merging.test_races import meanwhile

STAFF = KEYS.user("staff")


@pytest.fixture
def world() -> World:
    """Whatever is done with its runner is done by `staff`; its own events are the system's."""
    world = World()
    world.runner = replace(world.runner, actor=STAFF)
    return world


def entries(world: World) -> list[dict[str, Any]]:
    found = world.store.all(AUDIT).values()
    return sorted(found, key=lambda entry: entry["at"])


def told(entry: dict[str, Any]) -> tuple[str, str, list[str], dict[str, Any]]:
    return entry["actor"], entry["action"], entry["customers"], entry["facts"]


def test_a_merge_and_its_undo_say_who_did_what_to_whom(world: World) -> None:
    ada, bob = guest(world, "ada"), guest(world, "bob")
    assert entries(world) == []
    merge_id = merge(world, ada, bob).merge_id
    unmerge(world, merge_id)
    assert [told(entry) for entry in entries(world)] == [
        (STAFF, "customer.merge", [bob, ada], {"mergeId": merge_id}),
        (STAFF, "customer.unmerge", [bob, ada], {"mergeId": merge_id}),
    ]


def test_an_entry_is_in_the_commit_of_its_change(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = guest(world, "ada"), guest(world, "bob")
    commits: list[list[str]] = []
    commit = world.store.commit

    def watched(writes: Sequence[Write]) -> None:
        commits.append([write.path.partition("/")[0] for write in writes])
        commit(writes)

    monkeypatch.setattr(world.store, "commit", watched)
    unmerge(world, merge(world, ada, bob).merge_id)
    world.store.put("users/u1", user("ada@example.com"))
    claim_orders(world.runner, "u1", "ada@example.com")
    assert len(commits) == 3
    for collections in commits:
        assert collections.count("crmAudit") == collections.count("crmAuditHeads") == 1
        assert "customers" in collections


def test_what_changes_nothing_leaves_nothing(world: World) -> None:
    ada, bob = guest(world, "ada"), guest(world, "bob")
    merge(world, ada, bob, dry_run=True)
    merge_id = merge(world, ada, bob).merge_id
    assert merge(world, ada, bob).merge_id == merge_id
    unmerge(world, merge_id)
    unmerge(world, merge_id)
    for refused in (lambda: merge(world, ada, ada), lambda: unmerge(world, "none")):
        with pytest.raises(Refusal):
            refused()
    with pytest.raises(Refusal):
        claim_orders(world.runner, "nobody", "ada@example.com")
    assert len(entries(world)) == 2


def test_a_claim_says_which_customers_it_joined(world: World) -> None:
    bought = guest(world, "ada")
    world.verified["u1"] = None
    world.runner = replace(
        world.runner, settings=world.runner.settings.model_copy(update={"email_trust": "auth"})
    )
    world.sync = replace(world.sync, runner=world.runner)
    world.put_user("u1", user("ada@example.com"))
    known = world.with_uid("u1")["id"]
    assert entries(world) == []

    world.verified["u1"] = "ada@example.com"
    assert claim_orders(world.runner, "u1", "ada@example.com") == 1
    (merge_id,) = world.store.all("crmMerges")
    (entry,) = entries(world)
    actor, action, customers, facts = told(entry)
    assert (actor, action, facts) == (STAFF, "customer.claim", {"mergeId": merge_id})
    assert sorted(customers) == sorted([known, bought])

    assert claim_orders(world.runner, "u1", "ada@example.com") == 1
    assert len(entries(world)) == 1


def test_what_events_bring_is_told_by_the_merge_record_alone(world: World) -> None:
    guest(world, "ada")
    world.put_user("u1", user("ada@example.com"))
    world.put_order("more", order("ada@example.com", day=1))
    assert len(world.store.all("crmMerges")) == 1
    assert entries(world) == []


@pytest.mark.parametrize("at", range(14))
def test_a_change_that_began_again_has_one_entry(world: World, at: int) -> None:
    ada, bob = guest(world, "ada"), guest(world, "bob")
    meanwhile(world, at, lambda: world.put_order("x", order("bob@example.com", day=2)))
    merge(world, ada, bob)
    assert len(entries(world)) == 1
