"""What an undo gives to whom: withdrawals, proofs and addresses that came while two were one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crm.core.errors import Conflict
from crm.customers.customer import Customer
from crm.customers.decision import Decision
from crm.customers.part import Part
from crm.merging.unmerge import both_withdrawn, plan_unmerge
from testing.hosts import DAY, order, user
from testing.world import KEYS, World
from tests.unit.merging.test_merge import guest, merge, unmerge
from tests.unit.merging.test_records import parts_of, round_trips

SINCE = DAY
BEFORE, LATER = DAY - timedelta(seconds=1), DAY + timedelta(days=1)
LAST = DAY + timedelta(days=2)
NO, YES = Decision("unsubscribed", LATER, "link"), Decision("subscribed", LATER, "staff")
OPTED = Part("e1", opted_in_at=BEFORE)


def one(*parts: Part) -> Customer:
    return Customer("c", BEFORE, {f"p{number}": part for number, part in enumerate(parts)})


@pytest.mark.parametrize(
    ("held", "counts"),
    [
        ([None], None),
        ([YES], None),
        ([NO], NO),
        ([replace(NO, at=SINCE)], replace(NO, at=SINCE)),
        ([replace(NO, at=BEFORE)], None),
        ([replace(NO, at=BEFORE), YES], None),
        ([NO, replace(NO, at=LAST)], replace(NO, at=LAST)),
        ([YES, NO], NO),
    ],
)  # fmt: skip
def test_the_last_withdrawal_since_they_were_one_counts_for_whoever_had_agreed(
    held: list[Decision | None], counts: Decision | None
) -> None:
    survivor = one(*(Part("e", decision=decision) for decision in held))
    for sides in ((one(OPTED), one(OPTED)), (one(OPTED), one(Part("e2"))), (one(), one(OPTED))):
        expected = tuple(
            replace(
                side,
                parts={
                    key: replace(part, decision=counts) if part.opted_in_at else part
                    for key, part in side.parts.items()
                },
            )
            for side in sides
        )
        assert both_withdrawn(SINCE, survivor, *sides) == (expected if counts else sides)


def test_who_agreed_after_the_withdrawal_or_had_withdrawn_before_decides_anew() -> None:
    again = Part("e", opted_in_at=LAST)
    gone = Part("e", decision=replace(NO, at=BEFORE))
    later = Part("e", decision=replace(YES, at=LAST))
    source, target = both_withdrawn(
        SINCE, one(Part("e", decision=NO)), one(again, gone), one(later)
    )
    # Whichever is later holds: who agreed again by an order has a withdrawal that is older.
    assert source == one(replace(again, decision=NO), gone)
    assert target == one(later)


@pytest.mark.parametrize("since", [0, 1, 3])
def test_addresses_that_a_user_has_proven_since_are_read_together(since: int) -> None:
    world = World()
    world.put_user("u1", user("ada@example.com"))
    bob = guest(world, "bob")
    merge_id = merge(world, world.with_uid("u1")["id"], bob).merge_id
    for number in range(since):
        world.put_user("u1", user(f"new{number}@example.com"))
    assert len(parts_of(world, bob)) == 3 + since
    assert round_trips(world, lambda: unmerge(world, merge_id)) == 4
    emails = sorted(["ada@example.com", *(f"new{number}@example.com" for number in range(since))])
    assert world.with_uid("u1")["emails"] == emails
    assert world.with_email("bob@example.com")["emails"] == ["bob@example.com"]
    assert world.wrong() == []


@pytest.mark.parametrize("side", ["source", "target"])
def test_whatever_comes_since_goes_with_its_user_and_else_stays_with_the_survivor(
    side: str,
) -> None:
    """A guest is at the customer of nobody's address: what a user proves is the user's."""
    world = World()
    world.put_user("u1", user("ada@example.com"))
    registered, bob = world.with_uid("u1")["id"], guest(world, "bob")
    pair = (registered, bob) if side == "source" else (bob, registered)
    merge_id = merge(world, *pair).merge_id
    world.put_user("u1", user("new@example.com"))
    unmerge(world, merge_id)
    assert world.with_uid("u1")["emails"] == ["ada@example.com", "new@example.com"]
    assert world.with_email("bob@example.com")["userIds"] == []
    assert world.wrong() == []
    assert world.resync() is False


@pytest.mark.parametrize("user_first", [True, False])
def test_each_of_two_users_loses_the_proof_of_what_stays_on_the_other_side(
    user_first: bool,
) -> None:
    """And nobody the proof of what goes along; among other parts, before them and behind."""
    auth = World(trust="auth")
    auth.verified |= {"u1": None, "u2": None}
    for uid, other in (("u1", "x1@example.com"), ("u2", "x2@example.com")):
        auth.put_user(uid, user(f"{uid}@example.com"))
        auth.put_order(f"o-{uid}", order(other))
        pair = auth.with_email(other)["id"], auth.with_uid(uid)["id"]
        merge(auth, *(pair if user_first else reversed(pair)))
    for uid, other in (("u1", "y1@example.com"), ("u2", "y2@example.com")):
        auth.put_order(f"p-{uid}", order(other))
        merge(auth, auth.with_email(other)["id"], auth.with_uid(uid)["id"])
        auth.put_order(f"q-{uid}", order(f"z-{uid}@example.com"))
        merge(auth, auth.with_email(f"z-{uid}@example.com")["id"], auth.with_uid(uid)["id"])
    first, second = auth.with_uid("u1")["id"], auth.with_uid("u2")["id"]
    merge_id = merge(auth, first, second, allow_two_users=True).merge_id
    auth.verified |= {"u1": "y2@example.com", "u2": "y1@example.com"}
    auth.put_user("u1", user("y2@example.com"))
    auth.put_user("u2", user("y1@example.com"))
    identities = auth.store.all("crmIdentities")
    assert identities[KEYS.user("u1")]["proven"] == KEYS.address("y2@example.com")
    assert identities[KEYS.user("u2")]["proven"] == KEYS.address("y1@example.com")
    unmerge(auth, merge_id)
    identities = auth.store.all("crmIdentities")
    for uid, address in (("u1", "y2@example.com"), ("u2", "y1@example.com")):
        key = KEYS.address(address)
        row = identities[KEYS.user(uid)]
        assert (row["proven"], row["claimed"], row["keepApart"]) == (None, key, [key])
        assert identities[key]["owner"] is None
        (part,) = [one for one in auth.with_uid(uid)["parts"].values() if one["uid"]]
        assert (part["proven"], part["claimed"]["address"]) == (None, address)
        (held,) = [one for one in auth.with_email(address)["parts"].values() if one["key"] == key]
        assert held["byProof"] is False
    assert auth.with_uid("u1")["emails"] == ["x1@example.com", "y1@example.com", "z-u1@example.com"]
    assert auth.with_uid("u2")["emails"] == ["x2@example.com", "y2@example.com", "z-u2@example.com"]
    assert auth.wrong() == []
    assert auth.resync() is False


def test_an_address_goes_back_to_the_owner_of_before_whose_account_is_gone() -> None:
    world = World()
    world.put_user("old", user("ada@example.com"))
    world.put_order("o1", order("ada@example.com", userId="old"))
    world.delete_user("old")
    before = world.store.all("crmIdentities")
    customers = [{**one, "updatedAt": 0} for one in world.customers()]
    world.put_user("new", user("ada@example.com"))
    ((merge_id, merged),) = world.store.all("crmMerges").items()
    assert merged["proof"]["ownerBefore"] == KEYS.user("old")
    assert world.store.all("crmIdentities")[KEYS.address("ada@example.com")]["owner"] == (
        KEYS.user("new")
    )
    unmerge(world, merge_id)
    after = world.store.all("crmIdentities")
    key = KEYS.address("ada@example.com")
    assert after[key] == {**before[key], "contacts": [KEYS.user("new")]}
    assert after[KEYS.user("old")] == before[KEYS.user("old")]
    assert [{**world.with_email("ada@example.com"), "updatedAt": 0}] == customers
    assert world.wrong() == []
    assert world.resync() is False


def test_an_automatic_merge_undone_is_not_made_again_after_another_proof() -> None:
    """The user had proven another address before staff undid it, and comes back to the first."""
    world = World()
    world.put_user("u1", user("old@example.com"))
    world.put_order("o1", order("ada@example.com"))
    world.put_user("u1", user("ada@example.com"))
    (merge_id,) = world.store.all("crmMerges")
    world.put_user("u1", user("new@example.com"))
    unmerge(world, merge_id)
    ada, new = KEYS.address("ada@example.com"), KEYS.address("new@example.com")
    identities = world.store.all("crmIdentities")
    row = identities[KEYS.user("u1")]
    assert (row["proven"], row["claimed"], row["keepApart"]) == (new, None, [ada])
    assert (identities[ada]["owner"], identities[new]["owner"]) == (None, KEYS.user("u1"))
    (part,) = world.with_email("ada@example.com")["parts"].values()
    assert part["byProof"] is False
    assert world.with_uid("u1")["primaryEmail"] == "new@example.com"
    world.put_user("u1", user("ada@example.com"))
    assert world.with_uid("u1")["emails"] == ["new@example.com", "old@example.com"]
    assert world.with_email("ada@example.com")["userIds"] == []
    assert world.wrong() == []
    assert world.resync() is False


def test_an_undo_whose_record_is_older_than_its_customer_begins_again() -> None:
    world = World()
    merge_id = merge(world, guest(world, "ada"), guest(world, "bob")).merge_id
    assert merge_id is not None
    path = f"crmMerges/{merge_id}"
    unmerge(world, merge_id)
    world.store.put(path, {**world.store.read([path])[path].fields, "state": "open"})
    with pytest.raises(Conflict, match=f"merge {merge_id} is being undone"):
        world.runner.evaluate(lambda tx: plan_unmerge(tx, merge_id))
