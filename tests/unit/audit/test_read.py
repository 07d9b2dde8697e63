"""Admins read the trail: newest first, by customer or by caller, in pages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crm.audit.read import list_audit
from crm.core.errors import Refusal
from crm.db.collections import AUDIT
from crm.db.paging import Pager, PageTokens
from testing.world import KEYS, World
from tests.unit.audit.test_trail import recorded
from tests.unit.entrypoints.test_dispatch import call, refused
from tests.unit.merging.test_merge import guest, merge

TOKENS = PageTokens(KEYS.derive("page-token"))
ADMIN: dict[str, object] = {"crm": "admin", "email_verified": True}


def listed(world: World, **asked: Any) -> list[dict[str, Any]]:
    """All pages of two entries each."""
    found: list[Any] = []
    token = None
    while True:
        arguments = {**asked, "pageSize": 2, "pageToken": token}
        page = call("list_audit", arguments, world, ADMIN)
        assert len(page["entries"]) <= 2
        found += page["entries"]
        token = page["nextPageToken"]
        if token is None:
            return found


def test_everything_is_listed_once_newest_first() -> None:
    world = World()
    assert listed(world) == []
    for number in range(7):
        recorded(world, "customer.tag", f"c{number}", added=number)
    entries = listed(world)
    assert [entry["facts"]["added"] for entry in entries] == [6, 5, 4, 3, 2, 1, 0]
    held = world.store.all(AUDIT)
    for entry in entries:
        assert set(entry) == {"entryId", "at", "actor", "action", "customers", "facts"}
        assert held[entry["entryId"]]["facts"] == entry["facts"]
        assert entry["at"].endswith("Z")


def test_entries_of_one_moment_are_on_one_page_each() -> None:
    world = World()
    now = world.store.now()
    world.runner = replace(world.runner, now=lambda: now)
    for number in range(5):
        recorded(world, "customer.tag", added=number)
    ids = [entry["entryId"] for entry in listed(world)]
    assert ids == sorted(world.store.all(AUDIT), reverse=True)


def test_a_customers_entries_are_found_under_every_id_that_leads_to_it() -> None:
    world = World()
    ada, bob, eve = guest(world, "ada"), guest(world, "bob"), guest(world, "eve")
    for customer_id in (ada, bob, eve):
        recorded(world, "customer.tag", customer_id)
    merge(world, ada, bob)
    about_both = ["customer.merge", "customer.tag", "customer.tag"]
    for customer_id in (ada, bob):
        found = listed(world, customerId=customer_id)
        assert [entry["action"] for entry in found] == about_both
        assert eve not in str(found)
    assert len(listed(world, customerId=eve)) == 1
    assert listed(world, customerId="nobody") == []


def test_a_customer_that_is_gone_has_entries_still() -> None:
    world = World()
    recorded(world, "customer.erase", "gone")
    assert len(listed(world, customerId="gone")) == 1


def test_what_one_caller_did() -> None:
    world = World()
    ada, bob = guest(world, "ada"), guest(world, "bob")
    recorded(world, "customer.tag", ada)
    merge_by = replace(world.runner, actor=KEYS.user("boss"))
    world.runner = merge_by
    merge(world, ada, bob)
    (entry,) = listed(world, userId="boss")
    assert (entry["action"], entry["actor"]) == ("customer.merge", KEYS.user("boss"))
    assert listed(world, userId="somebody") == []


def test_a_token_is_good_for_its_query_and_caller_alone() -> None:
    world = World()
    for _ in range(3):
        recorded(world, "customer.tag", "c")

    def ask(caller: str, customer_id: str | None, token: str | None) -> Any:
        return list_audit(world.store, KEYS, Pager(TOKENS, caller, 1, token), customer_id, None)

    token = ask("boss", "c", None)["nextPageToken"]
    assert ask("boss", "c", token)["entries"]
    for caller, customer_id in (("other", "c"), ("boss", None), ("boss", "d")):
        with pytest.raises(Refusal, match="pageToken"):
            ask(caller, customer_id, token)


def test_a_request_for_both_is_refused() -> None:
    both = {"customerId": "a", "userId": "b"}
    code, reason, _ = refused("list_audit", both, claims=ADMIN)
    assert (code, reason) == ("invalid-argument", "who")


def test_an_editor_may_not() -> None:
    assert refused("list_audit", {}, claims={"crm": "editor"})[:2] == ("permission-denied", "role")
