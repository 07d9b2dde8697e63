"""What a plan's changes come to: what is written, by which versions, and after what reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from crm.core.errors import Conflict
from crm.customers.change_set import ChangeSet, document_of
from crm.customers.customer import Customer
from crm.customers.decision import Decision
from crm.customers.identity import AddressIdentity, UserIdentity
from crm.customers.part import Part
from crm.db.documents import Create, Delete, Update, Write
from crm.db.transaction import Transaction
from testing.hosts import DAY, user
from testing.world import KEYS, World
from tests.unit.merging.test_merge import guest, merge

T = TypeVar("T")
ADA, BOB = KEYS.address("ada@example.com"), KEYS.address("bob@example.com")


@pytest.fixture
def world() -> World:
    return World()


def planned(world: World, plan: Callable[[ChangeSet, Transaction], T]) -> tuple[T, list[list[str]]]:
    """What a plan comes to, and what it reads, one list a round trip."""
    reads: list[list[str]] = []
    read = world.store.read

    def watched(paths: Any) -> Any:
        reads.append(list(paths))
        return read(reads[-1])

    world.store.read = watched  # type: ignore[method-assign]
    try:
        return world.runner.evaluate(lambda tx: plan(ChangeSet(tx), tx)), reads
    finally:
        del world.store.read


def versions(world: World, *paths: str) -> list[int]:
    return [int(world.store.read([path])[path].version) for path in paths]


def emptied(customer: Customer) -> Customer:
    """The customer, when all its orders have gone."""
    parts = {key: replace(part, orders=0, counted=0) for key, part in customer.parts.items()}
    return replace(customer, parts=parts)


def test_a_customer_of_whom_nothing_is_left_is_deleted_with_its_identity(world: World) -> None:
    ada = guest(world, "ada")
    paths = [f"customers/{ada}", f"crmIdentities/{ADA}"]

    def plan(changes: ChangeSet, _: Transaction) -> list[Write]:
        changes.put_customer(emptied(changes.customer(ada)))
        return changes.writes()

    writes, reads = planned(world, plan)
    at = versions(world, *paths)
    assert writes == [Delete(path, version) for path, version in zip(paths, at, strict=True)]
    assert reads == [[paths[0]], [paths[1]]]


def test_the_links_that_ended_with_a_customer_go_along_and_no_others(world: World) -> None:
    ada, bob, cyd, dan = (guest(world, name) for name in ("ada", "bob", "cyd", "dan"))
    merge(world, ada, bob)
    merge(world, cyd, dan)

    def plan(changes: ChangeSet, _: Transaction) -> list[Write]:
        changes.put_customer(replace(emptied(changes.customer(bob)), staff_merges=0))
        return changes.writes()

    writes, reads = planned(world, plan)
    deleted = [one.path for one in writes if isinstance(one, Delete)]
    identities = [f"crmIdentities/{ADA}", f"crmIdentities/{BOB}"]
    assert deleted == [
        f"crmLinks/{ada}",
        f"customers/{bob}",
        *sorted(identities, key=deleted.index),
    ]
    assert len(writes) == 4
    assert [len(some) for some in reads] == [1, 2], "both identities together"


def test_identities_that_are_among_the_changes_are_not_read_again(world: World) -> None:
    ada = guest(world, "ada")

    def plan(changes: ChangeSet, _: Transaction) -> list[Write]:
        customer = emptied(changes.customer(ada))
        (part_id,) = customer.parts
        changes.put_identity(ADA, AddressIdentity(ada, part_id, suppressed=DAY))
        changes.put_customer(customer)
        return changes.writes()

    writes, reads = planned(world, plan)
    assert reads == [[f"customers/{ada}"]]
    assert writes[1] == Create(f"crmIdentities/{ADA}", AddressIdentity(suppressed=DAY).to_data())


@pytest.mark.parametrize(
    ("part", "suppressed"),
    [
        (Part("k", address="ada@example.com"), DAY),
        (Part("k"), None),  # it has gone to somebody else: not this person's any more
    ],
)
def test_an_address_remembers_that_whoever_has_gone_had_withdrawn(
    world: World, part: Part, suppressed: object
) -> None:
    withdrawn = Decision("unsubscribed", DAY, "link")
    ada = guest(world, "ada")

    def plan(changes: ChangeSet, _: Transaction) -> AddressIdentity | None:
        customer = changes.customer(ada)
        (part_id,) = customer.parts
        left = replace(part, key=ADA, decision=withdrawn)
        changes.put_customer(replace(customer, parts={part_id: left}))
        changes.writes()
        return changes.address(ADA)

    assert planned(world, plan)[0] == AddressIdentity(suppressed=suppressed)  # type: ignore[arg-type]


@pytest.mark.parametrize("key", [ADA, "e1-of-nobody"])
def test_nobody_is_deleted_whose_part_is_somebody_elses_by_now(world: World, key: str) -> None:
    ada = guest(world, "ada")

    def plan(changes: ChangeSet, _: Transaction) -> None:
        changes.put_customer(replace(changes.customer(ada), parts={"other": Part(key)}))
        changes.writes()

    with pytest.raises(Conflict, match="part other has moved"):
        planned(world, plan)


def test_who_was_never_stored_is_not_deleted(world: World) -> None:
    def plan(changes: ChangeSet, _: Transaction) -> list[Write]:
        changes.put_customer(Customer("new", DAY))
        changes.drop_customer("newer")
        changes.put_identity(ADA, AddressIdentity())
        return changes.writes()

    assert planned(world, plan) == ([], [])


def test_documents_are_replaced_where_they_were_read_and_created_where_not(world: World) -> None:
    ada = guest(world, "ada")
    path = f"customers/{ada}"

    def plan(changes: ChangeSet, tx: Transaction) -> list[Write]:
        tagged = replace(changes.customer(ada), tags=("vip",))
        changes.put_customer(tagged)
        changes.put_customer(Customer("new", DAY, tags=("vip",)))
        tx.document("crmThings/one")
        changes.replace("crmThings/one", {"a": 1})
        changes.add(Delete("crmThings/two"))
        written = changes.writes()
        assert isinstance(written[2], Update)
        assert written[2].whole == document_of(tx, tagged)
        return written

    (made, gone, changed, new), _ = planned(world, plan)
    assert made == Create("crmThings/one", {"a": 1})
    assert gone == Delete("crmThings/two")
    assert isinstance(changed, Update)
    assert (changed.path, changed.version) == (path, *versions(world, path))
    assert changed.data.keys() == {
        *("tags", "updatedAt", "facets.`g:0`", "facets.`g:1`", "facets.`t:vip`")
    }
    assert isinstance(new, Create)
    assert (new.path, new.data["tags"]) == ("customers/new", ["vip"])


def test_a_document_that_was_read_is_replaced(world: World) -> None:
    world.store.put("crmThings/one", {"a": 1, "b": 2})

    def plan(changes: ChangeSet, tx: Transaction) -> list[Write]:
        tx.document("crmThings/one")
        changes.replace("crmThings/one", {"a": 1, "b": 3})
        return changes.writes()

    (at,) = versions(world, "crmThings/one")
    assert planned(world, plan)[0] == [Update("crmThings/one", {"b": 3}, at, {"a": 1, "b": 3})]


def test_a_customer_is_as_the_plan_leaves_it_so_far(world: World) -> None:
    ada = guest(world, "ada")

    def plan(changes: ChangeSet, _: Transaction) -> None:
        stored = changes.customer(ada)
        changes.put_customer(replace(stored, tags=("vip",)))
        assert changes.customer(ada) == replace(stored, tags=("vip",))
        changes.drop_customer(ada)
        with pytest.raises(Conflict, match=f"customer {ada} is leaving"):
            changes.customer(ada)
        with pytest.raises(Conflict, match="customer nobody is gone"):
            changes.customer("nobody")

    planned(world, plan)


def test_an_identity_is_of_one_kind_and_as_the_plan_leaves_it_so_far(world: World) -> None:
    guest(world, "ada")
    world.put_user("u1", user("bob@example.com"))
    key = KEYS.user("u1")

    def plan(changes: ChangeSet, _: Transaction) -> None:
        address, owner = changes.find(ADA), changes.find(key)
        assert isinstance(address, AddressIdentity)
        assert isinstance(owner, UserIdentity)
        assert (changes.address(ADA), changes.user(ADA)) == (address, None)
        assert (changes.address(key), changes.user(key)) == (None, owner)
        assert (changes.identity(ADA), changes.identity(key)) == (address, owner)
        assert (changes.find("k"), changes.address("k"), changes.user("k")) == (None, None, None)
        with pytest.raises(Conflict, match="identity k is gone"):
            changes.identity("k")
        changes.put_identity(ADA, replace(address, owner="u"))
        assert changes.address(ADA) == replace(address, owner="u")

    planned(world, plan)


def test_an_identity_that_is_guarded_is_verified_by_the_commit(world: World) -> None:
    guest(world, "ada")

    def plan(changes: ChangeSet, _: Transaction) -> list[Write]:
        changes.guard(ADA)
        changes.guard("nobody")
        return changes.writes()

    (write,), _ = planned(world, plan)
    assert isinstance(write, Update)
    assert (write.path, write.version) == (
        f"crmIdentities/{ADA}",
        *versions(world, f"crmIdentities/{ADA}"),
    )
    assert write.whole == world.store.all("crmIdentities")[ADA]


def test_customers_are_read_together_but_for_those_among_the_changes(world: World) -> None:
    ids = [guest(world, name) for name in ("ada", "bob", "cyd")]

    def plan(changes: ChangeSet, _: Transaction) -> list[str]:
        changes.put_customer(changes.customer(ids[0]))
        changes.prefetch([None, *ids])
        return [changes.customer(one).id for one in ids]

    found, reads = planned(world, plan)
    assert found == ids
    assert reads == [[f"customers/{ids[0]}"], [f"customers/{one}" for one in ids[1:]]]
