"""What taking a user and an address apart leaves of each, document by document."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm.core.errors import Conflict
from crm.customers.change_set import ChangeSet
from crm.customers.customer import Customer
from crm.customers.part import Contact
from crm.db.accounts import NO_ANSWER
from crm.merging.unlink import is_unproven, plan_unlink
from testing.hosts import order, user
from testing.world import KEYS, World
from tests.unit.merging.test_merge import decide, guest, merge
from tests.unit.merging.test_unlink import joined, upgraded

ADA = KEYS.address("ada@example.com")
USER = KEYS.user("u1")
CLAIMED = Contact("ada@example.com", free=False).to_data()


def unlink(world: World) -> None:
    world.runner.run(lambda tx: plan_unlink(tx, USER))


def parts(world: World, customer_id: str) -> dict[str, Any]:
    return dict(world.store.all("customers")[customer_id]["parts"])


@pytest.mark.parametrize("guest_first", [True, False])
def test_the_address_and_the_user_change_in_what_joined_them_and_in_nothing_else(
    guest_first: bool,
) -> None:
    world = joined(guest_first=guest_first)
    both, identities = world.the_customer(), world.store.all("crmIdentities")
    own, addressed = identities[USER]["partId"], identities[ADA]["partId"]
    unlink(world)
    guest_id, user_id = world.with_email("ada@example.com")["id"], world.with_uid("u1")["id"]
    assert user_id == both["id"]
    assert parts(world, guest_id) == {
        addressed: both["parts"][addressed] | {"byProof": False, "rank": 0}
    }
    assert parts(world, user_id) == {own: both["parts"][own] | {"proven": None, "claimed": CLAIMED}}
    assert world.store.all("crmIdentities") == {
        **identities,
        ADA: identities[ADA] | {"customerId": guest_id, "owner": None, "contacts": [USER]},
        USER: identities[USER] | {"proven": None, "claimed": ADA},
    }
    for one in world.customers():
        assert one["merges"] == {"open": [], "byStaff": 0}
    (entry,) = world.store.all("crmAudit").values()
    assert entry["action"] == "customer.unlink"
    assert entry["customers"] == [user_id, guest_id]
    assert entry["facts"] == {}
    unlink(world)
    assert len(world.store.all("crmAudit")) == 1, "there is nothing left to take apart"


def test_a_merge_that_staff_made_before_stays() -> None:
    world = World()
    world.put_order("o2", order("typed@example.com", userId="u1", day=1))
    world.put_user("u1", user(None))
    bob = guest(world, "bob")
    by_staff = merge(world, bob, world.with_uid("u1")["id"]).merge_id
    world.put_order("o1", order("ada@example.com"))
    old = world.with_email("ada@example.com")["id"]
    world.put_user("u1", user("ada@example.com"))
    assert len(world.the_customer()["merges"]["open"]) == 2
    upgraded(world)
    unlink(world)
    assert world.with_email("ada@example.com")["id"] == old
    assert world.with_uid("u1")["emails"] == ["bob@example.com"]
    assert world.with_uid("u1")["merges"] == {"open": [by_staff], "byStaff": 1}
    assert world.wrong() == []


def test_a_user_who_claims_something_else_by_now_goes_on_claiming_that() -> None:
    world = joined()
    path = f"crmIdentities/{USER}"
    other = KEYS.address("other@example.com")
    world.store.put(path, {**world.store.read([path])[path].fields, "claimed": other})
    unlink(world)
    assert world.store.all("crmIdentities")[USER]["claimed"] == other
    (part,) = world.with_uid("u1")["parts"].values()
    assert (part["proven"], part["claimed"]) == (None, None)


@pytest.mark.parametrize(
    ("days", "guest_first", "status"),
    [
        (1, True, "unsubscribed"),
        (0, True, "unsubscribed"),
        (-1, True, "subscribed"),  # by whom it was, before they were one
        (1, False, "unsubscribed"),
    ],
)
def test_a_withdrawal_counts_for_both_since_they_were_one(
    days: int, guest_first: bool, status: str
) -> None:
    world = joined(guest_first=guest_first)
    customer = world.the_customer()
    since = customer["createdAt"]
    if guest_first:
        (merged,) = world.store.all("crmMerges").values()
        since = merged["at"]
    path = f"customers/{customer['id']}"
    data = world.store.read([path])[path].fields
    own = world.store.all("crmIdentities")[USER]["partId"]
    addressed = world.store.all("crmIdentities")[ADA]["partId"]
    at = since + timedelta(days=days)
    decision = {"status": "unsubscribed", "at": at, "source": "link"}
    made = data["parts"]
    made = made | {own: made[own] | {"decision": decision}}
    made = made | {addressed: made[addressed] | {"optedInAt": since - timedelta(days=9)}}
    world.store.put(path, {**data, "parts": made})
    unlink(world)
    assert world.with_email("ada@example.com")["marketing"]["status"] == status


def test_what_is_read_between_two_changes_is_read_again() -> None:
    world = joined(guest_first=False)
    path = f"crmIdentities/{ADA}"
    moved = {**world.store.read([path])[path].fields, "customerId": "somebody"}
    world.store.put(path, moved)
    with pytest.raises(Conflict, match=r"part \w+ has moved"):
        world.runner.evaluate(lambda tx: plan_unlink(tx, USER))


def test_a_user_whose_address_is_another_owners_only_loses_the_proof() -> None:
    world = joined()
    path = f"crmIdentities/{ADA}"
    world.store.put(path, {**world.store.read([path])[path].fields, "owner": "u1-other"})
    before = world.store.all("crmIdentities")[ADA]
    unlink(world)
    assert world.store.all("crmIdentities")[ADA] == before
    assert world.store.all("crmIdentities")[USER]["proven"] is None
    (entry,) = world.store.all("crmAudit").values()
    assert entry["customers"] == [world.the_customer()["id"]]


@pytest.mark.parametrize(
    ("changes", "verified", "trust", "unproven"),
    [
        ({}, None, "auth", True),
        ({}, "ada@example.com", "auth", False),
        ({}, "other@example.com", "auth", True),
        ({}, None, "document", False),
        ({"account": True}, None, "auth", False),
        ({"proven": None}, None, "auth", False),
        ({"proven": KEYS.address("other@example.com")}, "ada@example.com", "auth", True),
        ({"customerId": None}, "ada@example.com", "auth", True),
    ],
)
def test_an_address_is_unproven_that_nobody_ever_called_verified(
    changes: dict[str, Any], verified: str | None, trust: str, unproven: bool
) -> None:
    world = joined()
    world.verified["u1"] = verified
    path = f"crmIdentities/{USER}"
    world.store.put(path, {**world.store.read([path])[path].fields, **changes})
    settings = world.runner.settings.model_copy(update={"email_trust": trust})
    object.__setattr__(world.runner, "settings", settings)

    def asked(tx: Any) -> bool:
        held = ChangeSet(tx).user(USER)
        assert held is not None
        return is_unproven(tx, held)

    assert world.runner.evaluate(asked) is unproven


def test_where_nobody_answers_nothing_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    world = joined()
    monkeypatch.setattr(world.accounts, "find", lambda _: NO_ANSWER)
    before = world.store.writes
    unlink(world)
    assert world.store.writes == before


def test_an_address_without_a_part_of_its_own_is_no_proof() -> None:
    """Its part has gone elsewhere: what is left on the user's customer has no address."""
    world = joined()
    world.verified["u1"] = "ada@example.com"
    customer = world.the_customer()
    held = Customer.from_data(customer["id"], customer)
    path = f"customers/{customer['id']}"
    bare = {
        key: part.to_data() | ({"address": None} if part.key == ADA else {})
        for key, part in held.parts.items()
    }
    world.store.put(path, {**world.store.read([path])[path].fields, "parts": bare})

    def asked(tx: Any) -> bool:
        found = ChangeSet(tx).user(USER)
        assert found is not None
        return is_unproven(tx, found)

    assert world.runner.evaluate(asked)


def test_a_decision_of_staff_before_stays_with_whom_it_was_made_for() -> None:
    world = joined()
    decide(world, world.the_customer()["id"], "subscribed", days=1)
    unlink(world)
    assert [one["marketing"]["status"] for one in world.customers()] == ["subscribed"] * 2
