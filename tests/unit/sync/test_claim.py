"""Whoever has verified an address has the orders of before linked now."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm.core.errors import Conflict, Refusal
from crm.db.retry import RetryPolicy
from crm.sync.claim import claim_orders
from testing.hosts import order, user
from testing.world import KEYS, World
from tests.unit.merging.test_unlink import upgraded

ADA = "ada@example.com"


@pytest.fixture
def world() -> World:
    """Ada has ordered as a guest, and has an account whose document names another address."""
    made = World(trust="auth")
    made.verified["u1"] = None
    made.put_user("u1", user("other@example.com"))
    made.put_order("o1", order())
    made.put_order("o2", order(day=1))
    return made


def test_the_orders_of_a_proven_address_are_linked_and_counted(world: World) -> None:
    world.put_order("o3", order("else@example.com", userId="u1"))
    assert claim_orders(world.runner, "u1", ADA) == 3
    assert world.with_uid("u1")["emails"] == [ADA]
    assert world.with_uid("u1")["orderCount"] == 3
    assert world.wrong() == []


def test_claiming_again_says_the_same_and_writes_nothing(world: World) -> None:
    claim_orders(world.runner, "u1", ADA)
    writes = world.store.writes
    assert claim_orders(world.runner, "u1", ADA) == 2
    assert world.store.writes == writes


def test_a_claim_leaves_one_entry_in_the_audit_trail(world: World) -> None:
    claim_orders(world.runner, "u1", ADA)
    (entry,) = world.store.all("crmAudit").values()
    (merge_id,) = world.store.all("crmMerges")
    assert (entry["action"], entry["facts"]) == ("customer.claim", {"mergeId": merge_id})
    guest = [name for name in entry["customers"] if name in world.store.all("crmLinks")]
    assert sorted(entry["customers"]) == sorted([world.with_uid("u1")["id"], *guest])
    assert len(guest) == 1


def test_a_claim_that_joins_nobody_names_no_merge(world: World) -> None:
    assert claim_orders(world.runner, "u1", "nobodys@example.com") == 0
    (entry,) = world.store.all("crmAudit").values()
    assert (entry["action"], entry["facts"]) == ("customer.claim", {"mergeId": None})
    assert entry["customers"] == [world.with_uid("u1")["id"]]


def test_a_claim_that_changes_nothing_leaves_no_entry(world: World) -> None:
    claim_orders(world.runner, "u1", ADA)
    entries = world.store.all("crmAudit")
    world.store.put("users/u1", user("other@example.com", more="of the host's"))
    assert claim_orders(world.runner, "u1", ADA) == 2
    assert world.store.all("crmAudit") == entries


def test_a_visitor_has_no_customer_and_so_no_orders(world: World) -> None:
    world.accounts.anonymous.add("u9")
    world.store.put("users/u9", user())
    assert claim_orders(world.runner, "u9", ADA) == 0
    assert world.with_email(ADA)["userIds"] == []
    assert world.store.all("crmAudit") == {}


def test_an_account_without_a_document_claims_nothing(world: World) -> None:
    with pytest.raises(Refusal) as refusal:
        claim_orders(world.runner, "nobody", ADA)
    assert (refusal.value.code, refusal.value.reason, refusal.value.message) == (
        "failed-precondition",
        "no-user-document",
        "There is no document users/… of this account yet: write it, then call again.",
    )
    assert world.with_email(ADA)["userIds"] == []


def test_an_address_that_is_another_users_is_not_taken(world: World) -> None:
    world.verified["u2"] = ADA
    world.put_user("u2", user())
    assert claim_orders(world.runner, "u1", ADA) == 0
    assert world.with_email(ADA)["userIds"] == ["u2"]


def test_a_customer_that_moves_meanwhile_is_looked_for_again(world: World) -> None:
    claim_orders(world.runner, "u1", ADA)
    identity = world.store.all("crmIdentities")[KEYS.user("u1")]
    kept = world.store.all("customers")[identity["customerId"]]
    world.store.delete(f"customers/{identity['customerId']}")
    runner = replace(world.runner, retry=RetryPolicy(seconds=0))
    with pytest.raises(Conflict):
        claim_orders(runner, "u1", ADA)
    world.store.put(f"customers/{identity['customerId']}", kept)
    assert claim_orders(runner, "u1", ADA) == 2


def test_a_token_shows_again_what_only_a_document_had_said() -> None:
    world = World()
    world.put_user("u1", user())
    assert world.store.all("crmIdentities")[KEYS.user("u1")]["account"] is False
    world = upgraded(world)
    assert claim_orders(world.runner, "u1", ADA) == 0
    assert world.store.all("crmIdentities")[KEYS.user("u1")]["account"] is True
