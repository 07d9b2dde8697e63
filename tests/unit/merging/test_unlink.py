"""Links that nothing but the silence of Firebase Auth had made: found, and taken apart again."""

from __future__ import annotations

import pytest

from crm.merging.unlink import plan_unlink
from crm.repair.rebuild import rebuild
from crm.repair.verify import verify
from testing.hosts import order, user
from testing.world import KEYS, World

FAULT = "is linked to an address that Firebase Auth does not call verified"


def upgraded(world: World) -> World:
    """Bring a world in which users' documents were believed under the rule of now."""
    settings = world.runner.settings.model_copy(update={"email_trust": "auth"})
    object.__setattr__(world.runner, "settings", settings)
    return world


def joined(*, guest_first: bool = True) -> World:
    """A guest's address that a user has by the word of the user's document, and a third order."""
    world = World()
    if guest_first:
        world.put_order("o1", order(marketingOptIn=True))
    world.put_user("u1", user(name="Mallory"))
    if not guest_first:
        world.put_order("o1", order(marketingOptIn=True))
    world.put_order("o2", order("typed@example.com", userId="u1", day=1))
    assert world.the_customer()["orderCount"] == 2
    return upgraded(world)


def faults(world: World) -> list[str]:
    return [what for _, what in verify(world.runner)]


@pytest.mark.parametrize("guest_first", [True, False])
def test_a_check_names_it_and_a_rebuild_takes_it_apart(guest_first: bool) -> None:
    world = joined(guest_first=guest_first)
    assert faults(world) == [FAULT]
    before = world.store.writes
    rebuild(world.runner, dry_run=True)
    assert world.store.writes == before
    rebuild(world.runner)
    guest, mallory = world.with_email("ada@example.com"), world.with_uid("u1")
    assert guest["id"] != mallory["id"]
    assert (guest["orderCount"], guest["userIds"], guest["registered"]) == (1, [], False)
    assert (mallory["orderCount"], mallory["emails"]) == (1, [])
    assert guest["marketing"]["status"] == "subscribed"
    assert mallory["marketing"]["status"] == "none"
    assert guest["merges"] == mallory["merges"] == {"open": [], "byStaff": 0}
    assert world.store.all("crmIdentities")[KEYS.user("u1")]["claimed"] == KEYS.address(
        "ada@example.com"
    )
    assert faults(world) == world.wrong() == []
    assert world.resync() is False


def test_the_guest_has_its_old_id_and_its_tags_back() -> None:
    world = World()
    world.put_order("o1", order())
    old = world.the_customer()["id"]
    world.put_user("u1", user())
    upgraded(world)
    rebuild(world.runner)
    assert world.with_email("ada@example.com")["id"] == old
    assert world.store.all("crmLinks") == {}


def test_the_audit_trail_names_both_whom_it_took_apart() -> None:
    world = joined()
    rebuild(world.runner)
    guest, mallory = world.with_email("ada@example.com"), world.with_uid("u1")
    (entry,) = world.store.all("crmAudit").values()
    assert (entry["action"], entry["customers"]) == (
        "customer.unlink",
        [mallory["id"], guest["id"]],
    )


def test_what_firebase_auth_calls_verified_by_now_stays() -> None:
    world = joined()
    world.verified["u1"] = "ada@example.com"
    assert faults(world) == []
    rebuild(world.runner)
    assert world.the_customer()["orderCount"] == 2


def test_an_account_of_another_address_does_not_prove_it() -> None:
    world = joined()
    world.verified["u1"] = "mallory@example.com"
    assert faults(world) == [FAULT]
    rebuild(world.runner)
    assert world.with_email("ada@example.com")["userIds"] == []


def test_where_documents_are_believed_nothing_is_taken_apart() -> None:
    world = World()
    world.put_user("u1", user())
    assert faults(world) == []
    rebuild(world.runner)
    assert world.the_customer()["emails"] == ["ada@example.com"]


def test_what_was_proven_by_an_account_that_is_gone_stays() -> None:
    world = World(trust="auth")
    world.verified["u1"] = "ada@example.com"
    world.put_user("u1", user())
    world.accounts.delete("u1")
    assert faults(world) == []
    rebuild(world.runner)
    assert world.the_customer()["emails"] == ["ada@example.com"]


def test_a_withdrawal_while_they_were_one_counts_for_both() -> None:
    world = World()
    world.put_order("o1", order(marketingOptIn=True))
    world.put_user("u1", user())
    world.put_order("o2", order("typed@example.com", userId="u1", day=1, marketingOptIn=True))
    from crm.consent.plan import plan_unsubscribe

    world.runner.run(lambda tx: plan_unsubscribe(tx, KEYS.address("ada@example.com")))
    upgraded(world)
    rebuild(world.runner)
    assert [one["marketing"]["status"] for one in world.customers()] == ["unsubscribed"] * 2


def test_a_deleted_user_gives_the_address_back_too() -> None:
    world = joined()
    world.delete_user("u1")
    rebuild(world.runner)
    assert world.with_email("ada@example.com")["userIds"] == []
    assert world.store.all("crmIdentities")[KEYS.user("u1")]["claimed"] is None
    assert faults(world) == world.wrong() == []


@pytest.mark.parametrize("guest_first", [True, False])
def test_whoever_is_unlinked_claims_the_address_from_the_same_commit_on(guest_first: bool) -> None:
    world = joined(guest_first=guest_first)
    world.runner.run(lambda tx: plan_unlink(tx, KEYS.user("u1")))
    (mallory,) = [one for one in world.customers() if one["userIds"]]
    (part,) = [one for one in mallory["parts"].values() if one["uid"]]
    assert part["claimed"]["address"] == "ada@example.com"
    assert part["proven"] is None
