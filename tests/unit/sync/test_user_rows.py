"""What is kept of a user, whole: the identities of the uid and its addresses, and their parts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crm.core.errors import Conflict
from crm.customers.customer import Customer
from crm.customers.decision import UNSUBSCRIBED, Decision
from crm.customers.identity import AddressIdentity, UserIdentity
from crm.customers.part import Contact, Part
from crm.customers.reference import CustomerRef
from crm.db.documents import read_one
from crm.privacy.erasure.erase import erase
from crm.sync.sync import Sync
from crm.sync.user_plan import plan_user
from testing.hosts import DAY, order, user
from testing.world import KEYS, World
from tests.unit.sync.test_rows import (
    ADA,
    NEW,
    U1,
    U2,
    U9,
    address,
    auth,
    listed,
    part,
    person,
    version,
    waiting,
)


@pytest.fixture
def world() -> World:
    return auth()


def known(world: World, uid: str = "u1", **said: Any) -> UserIdentity:
    """What is known of a uid whose document says a name, and what else is given."""
    found = person(world, KEYS.user(uid))
    return UserIdentity(
        found.customer_id,
        found.part_id,
        uid=uid,
        version=version(world, f"users/{uid}"),
        known=True,
        live=True,
        name="Ada L.",
        **said,
    )


def test_a_user_who_has_proven_an_address_has_it(world: World) -> None:
    world.put_user("u1", user())
    assert person(world) == known(world, proven=ADA, account=True)
    held = address(world)
    assert held == AddressIdentity(person(world).customer_id, held.part_id, owner=U1)
    assert part(world, person(world)) == Part(
        U1, 0, uid="u1", live=True, user_name="Ada L.", proven=ADA
    )
    assert part(world, held) == Part(ADA, 1, address="ada@example.com", by_proof=True)


def test_a_document_is_believed_where_the_settings_say_so() -> None:
    world = World()
    world.put_user("u1", user())
    assert person(world) == known(world, proven=ADA)


def test_a_user_who_has_proven_nothing_claims_an_address(world: World) -> None:
    world.put_user("u2", user())
    assert person(world, U2) == known(world, "u2", claimed=ADA)
    made = part(world, person(world, U2))
    claimed = Contact("ada@example.com")
    assert made == Part(U2, 0, uid="u2", live=True, user_name="Ada L.", claimed=claimed)
    assert address(world) == AddressIdentity(contacts=(U2,))


def test_an_address_that_another_user_has_is_claimed_in_conflict(world: World) -> None:
    world.put_user("u1", user())
    before = address(world)
    world.verified["u2"] = "ada@example.com"
    world.put_user("u2", user())
    assert person(world, U2) == known(world, "u2", claimed=ADA, conflict=True, account=True)
    assert address(world) == replace(before, contacts=(U2,))


def test_a_user_with_another_address_keeps_the_one_before(world: World) -> None:
    world.put_user("u1", user())
    before = address(world)
    world.verified["u1"] = "new@example.com"
    world.put_user("u1", user("new@example.com"))
    assert person(world) == known(world, proven=NEW, account=True)
    assert address(world) == before
    assert part(world, before).by_proof is True
    assert part(world, address(world, NEW)) == Part(
        NEW, 2, address="new@example.com", by_proof=True
    )


def test_an_alias_that_somebody_else_proves_leaves_its_part_behind(world: World) -> None:
    world.put_user("u1", user())
    world.put_order("o1", order())
    world.verified["u1"] = "new@example.com"
    world.put_user("u1", user("new@example.com"))
    former, customer_id = address(world).part_id, person(world).customer_id
    assert former is not None
    assert customer_id is not None
    world.store.put(
        f"crmIdentities/{ADA}", replace(address(world), suppressed=DAY, unreachable=DAY).to_data()
    )
    world.verified["u2"] = "ada@example.com"
    before = person(world)
    world.put_user("u2", user())
    held = address(world)
    assert held == AddressIdentity(
        person(world, U2).customer_id,
        held.part_id,
        {former: customer_id},
        owner=U2,
        suppressed=DAY,
        unreachable=DAY,
    )
    assert person(world) == before
    left = Customer.from_data(customer_id, world.store.all("customers")[customer_id]).parts[former]
    assert (left.address, left.by_proof, left.unreachable, left.orders) == (None, False, None, 1)
    decision = Decision(UNSUBSCRIBED, DAY, "suppression")
    begun = Part(ADA, 1, address="ada@example.com", by_proof=True, decision=decision)
    assert part(world, held) == replace(begun, unreachable=DAY)


def test_a_guests_address_is_the_users_who_proves_it(world: World) -> None:
    world.put_order("o1", order())
    before = part(world, address(world))
    world.put_user("u1", user())
    held = address(world)
    assert held == AddressIdentity(person(world).customer_id, held.part_id, owner=U1)
    assert part(world, held) == replace(before, by_proof=True, rank=1)


@pytest.mark.parametrize("ordered", [True, False])
def test_of_a_user_who_is_gone_stays_that_there_was_one(world: World, ordered: bool) -> None:
    world.put_user("u2", user("not an address"))
    if ordered:
        world.put_order("o1", order(userId="u2"))
    before = person(world, U2)
    assert (before.quarantined, before.name) == ("email-invalid", "Ada L.")
    assert waiting(world) == listed(world, "users", "u2", "email-invalid")
    world.delete_user("u2")
    after = person(world, U2)
    assert after == replace(
        before,
        version=after.version,
        live=False,
        name=None,
        quarantined=None,
        customer_id=before.customer_id if ordered else None,
        part_id=before.part_id if ordered else None,
    )
    assert after.version > before.version
    assert waiting(world) == []
    if ordered:
        left = part(world, after)
        assert (left.live, left.user_name, left.uid, left.orders) == (False, None, "u2", 1)


def test_a_user_who_goes_claims_nothing_any_more(world: World) -> None:
    world.put_user("u1", user())
    world.verified["u2"] = "ada@example.com"
    world.put_user("u2", user())
    world.put_order("o1", order("x@example.com", userId="u2"))
    before = person(world, U2)
    assert (before.claimed, before.conflict) == (ADA, True)
    world.delete_user("u2")
    after = person(world, U2)
    expected = replace(before, live=False, name=None, claimed=None, conflict=False)
    assert after == replace(expected, version=after.version)
    assert part(world, after).claimed is None


def test_a_user_whose_document_was_gone_before_it_was_seen_leaves_a_tombstone(
    world: World,
) -> None:
    world.store.put("users/u1", user())
    world.delete_user("u1")
    found = person(world)
    assert found == UserIdentity(uid="u1", version=found.version)
    assert found.version > 0


def test_of_a_visitor_no_more_is_kept_than_that_one_is_there(world: World) -> None:
    world.accounts.anonymous.add("u9")
    world.put_user("u9", user())
    seen = version(world, "users/u9")
    assert person(world, U9) == UserIdentity(uid="u9", version=seen, live=True, claimed=ADA)
    assert world.customers() == []
    world.delete_user("u9")
    gone = person(world, U9)
    assert gone == UserIdentity(uid="u9", version=gone.version)


def test_a_document_with_the_uid_of_somebody_erased_is_deleted(world: World) -> None:
    """Firebase never gives a uid out twice."""
    world.put_user("u1", user())
    who = CustomerRef("email", "ada@example.com")
    erase(world.runner, world.queue.append, who, reason="by letter")
    world.work()
    before = person(world)
    assert before.erased_at is not None
    world.store.put("users/u1", user())
    written = version(world, "users/u1")
    assert world.sync.sync_user("u1") is True
    assert world.store.all("users") == {}
    assert person(world) == replace(before, version=written)
    assert world.customers() == []
    assert world.sync.sync_user("u1") is False
    assert world.sync.sync_user("u1", written) is False  # the event of that deletion
    assert person(world) == replace(before, version=written)


def test_a_document_of_somebody_erased_that_is_written_again_meanwhile_is_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.put_user("u1", user())
    who = CustomerRef("email", "ada@example.com")
    erase(world.runner, world.queue.append, who, reason="by letter")
    world.work()
    world.store.put("users/u1", user())
    commit = world.store.commit

    def late(writes: Any) -> list[int]:
        monkeypatch.undo()
        world.store.put("users/u1", user(name="Again"))
        return commit(writes)

    monkeypatch.setattr(world.store, "commit", late)
    waits: list[float] = []
    retry = replace(world.runner.retry, sleep=waits.append)
    sync = Sync(replace(world.runner, retry=retry))
    assert sync.sync_user("u1") is True
    assert world.store.all("users") == {}
    assert len(waits) == 1, "the first commit was in vain"


def test_another_name_is_another_name_and_nothing_else(world: World) -> None:
    for uid, key, claimed in (("u1", U1, None), ("u2", U2, Contact("bob@example.com"))):
        email = "ada@example.com" if uid == "u1" else "bob@example.com"
        world.put_user(uid, user(email))
        before, held = person(world, key), part(world, person(world, key))
        assert held.claimed == claimed
        world.put_user(uid, user(email, name="Other"))
        seen = version(world, f"users/{uid}")
        assert person(world, key) == replace(before, name="Other", version=seen)
        assert part(world, person(world, key)) == replace(held, user_name="Other")


def test_a_document_that_says_nothing_new_is_noted_in_its_identity_alone(world: World) -> None:
    """It stops whoever read the version in between, and is no change of the customer."""
    world.put_user("u1", user())
    before, customer = person(world), world.the_customer()
    writes = world.store.writes
    assert world.put_user("u1", user(more="of the host's")) is True
    assert world.store.writes == writes + 1
    assert person(world) == replace(before, version=version(world, "users/u1"))
    assert world.the_customer() == customer


def test_a_conflict_is_over_when_the_user_claims_the_address_of_before(world: World) -> None:
    world.put_user("u1", user())
    world.verified["u2"] = "new@example.com"
    world.put_user("u2", user("new@example.com"))
    world.verified["u1"] = "new@example.com"
    world.put_user("u1", user("new@example.com"))
    assert person(world) == known(world, proven=ADA, claimed=NEW, conflict=True, account=True)
    world.put_user("u1", user())
    assert person(world) == known(world, proven=ADA, account=True)


@pytest.mark.parametrize("gone", [True, False])
def test_an_address_that_a_user_gives_up_is_whose_who_waits_for_it(
    world: World, gone: bool
) -> None:
    world.put_user("u1", user())
    world.verified["u2"] = "ada@example.com"
    world.put_user("u2", user())
    assert person(world, U2).conflict is True
    if gone:
        world.delete_user("u1")
    else:
        world.verified["u1"] = "new@example.com"
        world.put_user("u1", user("new@example.com"))
    assert person(world, U2) == known(world, "u2", proven=ADA, account=True)
    assert address(world).owner == U2
    assert world.with_uid("u2")["emails"] == ["ada@example.com"]
    assert world.wrong() == []


# What a token shows


def claim(world: World, uid: str, email: str) -> bool:
    return world.sync.sync_user(uid, shown=email)


def test_a_token_proves_an_address_whatever_the_document_claims(world: World) -> None:
    world.put_user("u2", user("bob@example.com"))
    assert claim(world, "u2", "ada@example.com") is True
    bob = KEYS.address("bob@example.com")
    assert person(world, U2) == known(world, "u2", proven=ADA, claimed=bob, account=True)
    held = part(world, person(world, U2))
    expected = Part(U2, 0, uid="u2", live=True, user_name="Ada L.", proven=ADA)
    assert held == replace(expected, claimed=Contact("bob@example.com"))
    assert part(world, address(world)) == Part(ADA, 1, address="ada@example.com", by_proof=True)
    assert claim(world, "u2", "ada@example.com") is False


def test_a_token_proves_the_address_that_the_document_claims(world: World) -> None:
    world.put_user("u2", user())
    assert claim(world, "u2", "ada@example.com") is True
    assert person(world, U2) == known(world, "u2", proven=ADA, account=True)
    assert part(world, person(world, U2)).claimed is None


def test_an_address_of_another_user_that_a_token_proves_is_claimed_in_conflict(
    world: World,
) -> None:
    world.put_user("u1", user())
    world.put_user("u2", user("bob@example.com"))
    assert claim(world, "u2", "ada@example.com") is True
    assert person(world, U2) == known(world, "u2", claimed=ADA, conflict=True, account=True)
    assert address(world).owner == U1


@pytest.mark.parametrize("shown", ["ada@example.com", "bob@example.com"])
def test_an_address_that_staff_keep_apart_is_proven_by_no_token(world: World, shown: str) -> None:
    """Nor does it tell of the account: what is proven may be on the document's word alone."""
    world.put_user("u2", user("bob@example.com"))
    apart = (ADA, KEYS.address("bob@example.com"))
    before = replace(person(world, U2), keep_apart=apart)
    world.store.put(f"crmIdentities/{U2}", before.to_data())
    world.verified["u2"] = shown
    assert claim(world, "u2", shown) is False
    assert person(world, U2) == before


def test_what_a_token_shows_is_no_word_of_firebase_auth_where_documents_are_believed() -> None:
    world = World()
    world.put_user("u2", user("bob@example.com"))
    assert claim(world, "u2", "ada@example.com") is True
    assert person(world, U2).proven == ADA
    assert person(world, U2).account is False


# What is read of two moments


@pytest.mark.parametrize("live", [True, False])
def test_an_address_whose_part_has_moved_is_looked_for_again(world: World, live: bool) -> None:
    """One reading is no snapshot: the identity can be older than the customer it leads to."""
    world.put_order("o1", order())
    if live:
        world.verified["u1"] = "ada@example.com"
        world.put_user("u1", user())
        world.verified["u1"] = "new@example.com"
        world.put_user("u1", user("new@example.com"))
    world.verified["u2"] = "ada@example.com"
    world.store.put("users/u2", user())
    held = f"crmIdentities/{ADA}"
    found = read_one(world.store, held)
    torn = replace(found, data={**found.fields, "partId": "moved"})
    tx = world.runner.begin([torn])
    with pytest.raises(Conflict, match="part moved has moved"):
        world.runner.evaluate(lambda tx: plan_user(tx, "u2", None), tx)


@pytest.mark.parametrize("gone", [True, False])
def test_a_user_whose_part_has_moved_is_looked_for_again(world: World, gone: bool) -> None:
    world.put_user("u1", user())
    world.put_order("o1", order(userId="u1"))
    if gone:
        world.store.delete("users/u1")
    else:
        world.store.put("users/u1", user(name="Other"))
    found = read_one(world.store, f"crmIdentities/{U1}")
    torn = replace(found, data={**found.fields, "partId": "moved"})
    tx = world.runner.begin([torn])
    with pytest.raises(Conflict, match="part moved has moved"):
        world.runner.evaluate(lambda tx: plan_user(tx, "u1", None), tx)
