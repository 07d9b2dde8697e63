"""Merging, its undo, and the cases that identity systems get wrong, each by name."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.core.errors import Refusal
from crm.customers.customer import Customer
from crm.customers.decision import Decision
from crm.db.transaction import Plan
from crm.merging.merge import MergePlan, plan_merge
from crm.merging.unmerge import plan_unmerge
from testing.hosts import DAY, item, order, user
from testing.world import KEYS, World


@pytest.fixture
def world() -> World:
    return World()


def merge(world: World, source: str, target: str, **options: bool) -> MergePlan:
    return world.runner.run(lambda tx: plan_merge(tx, source, target, **options))[0]


def unmerge(world: World, merge_id: str | None) -> Plan[Sequence[Mapping[str, object]]]:
    assert merge_id is not None
    return world.runner.run(lambda tx: plan_unmerge(tx, merge_id))[0]


def guest(world: World, name: str, **fields: Any) -> str:
    """A guest with one order; gives the customer's id."""
    world.put_order(f"order-{name}", order(f"{name}@example.com", name=name.title(), **fields))
    return str(world.with_email(f"{name}@example.com")["id"])


def tag(world: World, customer_id: str, *tags: str) -> None:
    """As staff will, once there is a call for it."""
    data = world.store.all("customers").get(customer_id)
    if data:
        customer = replace(Customer.from_data(customer_id, data), tags=tags)
        world.store.put(
            f"customers/{customer_id}", customer.to_data(world.store.now(), double=False)
        )


def decide(world: World, customer_id: str, status: Any, days: int = 0) -> None:
    """A decision by the person, on each of the customer's parts."""
    path = f"customers/{customer_id}"
    customer = Customer.from_data(customer_id, world.store.read([path])[path].fields)
    decision = Decision(status, world.store.now() + timedelta(days=days), "staff")
    for part_id, part in customer.parts.items():
        customer = customer.with_part(part_id, replace(part, decision=decision))
    world.store.put(path, customer.to_data(world.store.now(), double=False))


def state(world: World) -> dict[str, Any]:
    """Both customers and all identities, but for times of writing."""
    return {
        "customers": {
            customer.pop("id"): {k: v for k, v in customer.items() if k != "updatedAt"}
            for customer in world.customers()
        },
        "identities": world.store.all("crmIdentities"),
        "links": world.store.all("crmLinks"),
        "rows": world.store.all("crmOrders"),
    }


def refused(world: World, reason: str, call: Any) -> Refusal:
    before = world.store.writes
    with pytest.raises(Refusal) as caught:
        call()
    assert caught.value.reason == reason
    assert world.store.writes == before, "a refused call changed something"
    return caught.value


def test_a_merge_adds_everything_up_and_its_undo_gives_it_back(world: World) -> None:
    ada = guest(world, "ada", items=[item("a")])
    bob = guest(world, "bob", items=[item("b")], currency="EUR", day=4)
    tag(world, ada, "speaker", "vip")
    tag(world, bob, "vip")
    before = state(world)
    plan = merge(world, ada, bob)
    both = world.the_customer()
    assert both["id"] == bob
    assert both["emails"] == ["ada@example.com", "bob@example.com"]
    assert both["primaryEmail"] == "bob@example.com"
    assert both["name"] == "Bob"
    assert both["totalSpend"] == {"EUR": 4990, "USD": 4990}
    assert both["orderCount"] == 2
    assert both["firstOrderAt"] == DAY
    assert both["lastOrderAt"] == DAY + timedelta(days=4)
    assert both["eventIds"] == ["a", "b"]
    assert both["tags"] == ["speaker", "vip"]
    assert plan.customer["customerId"] == bob
    assert plan.customer["totalSpend"] == both["totalSpend"]
    assert world.wrong() == []
    unmerge(world, plan.merge_id)
    assert state(world) == before


def test_a_preview_changes_nothing_and_shows_what_would_be(world: World) -> None:
    ada, bob = guest(world, "ada", marketingOptIn=True), guest(world, "bob")
    tag(world, ada, "vip")
    before, writes = state(world), world.store.writes
    plan = merge(world, ada, bob, dry_run=True)
    assert plan.merge_id is None
    assert plan.customer["orderCount"] == 2
    assert plan.moves == {"identities": 1, "orders": 1, "events": 1, "tags": ["vip"]}
    assert plan.stops == {}
    assert set(plan.warnings) == {"names-differ", "consent-differs"}
    assert (state(world), world.store.writes) == (before, writes)


def test_self_merge(world: World) -> None:
    ada = guest(world, "ada")
    assert refused(world, "same-customer", lambda: merge(world, ada, ada)).code == (
        "invalid-argument"
    )


@pytest.mark.parametrize("missing_first", [True, False])
def test_missing_side(world: World, missing_first: bool) -> None:
    ids = [guest(world, "ada"), "nobody"]
    if missing_first:
        ids.reverse()
    assert refused(world, "no-such-customer", lambda: merge(world, *ids)).code == "not-found"


def test_repeated_merge_answers_the_first_id(world: World) -> None:
    ada, bob = guest(world, "ada"), guest(world, "bob")
    first = merge(world, ada, bob).merge_id
    writes = world.store.writes
    assert merge(world, ada, bob).merge_id == first
    assert merge(world, bob, ada).merge_id == first
    assert world.store.writes == writes


def test_two_registered_users_need_a_word_for_it(world: World) -> None:
    world.put_user("u1", user("ada@example.com"))
    world.put_user("u2", user("bob@example.com"))
    one, two = world.with_uid("u1")["id"], world.with_uid("u2")["id"]
    refused(world, "two-users", lambda: merge(world, one, two))
    preview = merge(world, one, two, dry_run=True)
    assert set(preview.stops) == {"two-users"}
    before = state(world)
    plan = merge(world, one, two, allow_two_users=True)
    assert world.the_customer()["userIds"] == ["u1", "u2"]
    assert world.the_customer()["primaryEmail"] == "bob@example.com"
    unmerge(world, plan.merge_id)
    assert state(world) == before


def test_old_ids_lead_to_the_survivor_by_one_link(world: World) -> None:
    ids = [guest(world, name) for name in ("ada", "bob", "cyd", "dan")]
    for source, target in itertools.pairwise(ids):
        merge(world, source, target)
    links = world.store.all("crmLinks")
    assert {key: link["customerId"] for key, link in links.items()} == dict.fromkeys(
        ids[:3], ids[3]
    )
    for link in links.values():
        assert set(link) == {"customerId", "mergeId"}
    assert world.the_customer()["orderCount"] == 4


def test_a_merged_id_stands_for_its_survivor(world: World) -> None:
    ada, bob, cyd = (guest(world, name) for name in ("ada", "bob", "cyd"))
    merge(world, ada, bob)
    merge(world, ada, cyd)
    assert world.the_customer()["id"] == cyd
    assert world.wrong() == []


def test_a_cycle_ends_in_one_customer(world: World) -> None:
    ada, bob, cyd = (guest(world, name) for name in ("ada", "bob", "cyd"))
    merge(world, ada, bob)
    merge(world, bob, cyd)
    merge(world, cyd, ada)
    assert world.the_customer()["id"] == cyd
    assert world.the_customer()["orderCount"] == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [(("ada", "cyd"), ("bob", "cyd")), (("ada", "bob"), ("bob", "cyd"))],
    ids=["two into one survivor", "a survivor that was itself merged on"],
)
def test_merges_are_undone_from_the_last(
    world: World, one: tuple[str, str], other: tuple[str, str]
) -> None:
    ids = {name: guest(world, name) for name in ("ada", "bob", "cyd")}
    before = state(world)
    first = merge(world, *(ids[name] for name in one)).merge_id
    between = state(world)
    second = merge(world, *(ids[name] for name in other)).merge_id
    refusal = refused(world, "undo-later-merges-first", lambda: unmerge(world, first))
    assert second is not None
    assert second in refusal.message
    unmerge(world, second)
    assert state(world) == between
    unmerge(world, first)
    assert state(world) == before


def test_an_undo_repeated_answers_again(world: World) -> None:
    merge_id = merge(world, guest(world, "ada"), guest(world, "bob")).merge_id
    first = unmerge(world, merge_id)
    writes = world.store.writes
    again = unmerge(world, merge_id)
    assert world.store.writes == writes
    assert [c["customerId"] for c in again.result] == [c["customerId"] for c in first.result]


@pytest.mark.parametrize("turned", [False, True])
def test_an_old_undo_is_no_undo_of_a_newer_merge(world: World, turned: bool) -> None:
    ada, bob = guest(world, "ada"), guest(world, "bob")
    first = merge(world, ada, bob).merge_id
    unmerge(world, first)
    merge(world, *((bob, ada) if turned else (ada, bob)))
    refusal = refused(world, "undone-before", lambda: unmerge(world, first))
    assert refusal.code == "failed-precondition"


def test_an_unknown_merge(world: World) -> None:
    assert refused(world, "no-such-merge", lambda: unmerge(world, "nothing")).code == "not-found"


def test_what_came_since_stays_with_the_part_it_came_through(world: World) -> None:
    ada, bob = guest(world, "ada"), guest(world, "bob")
    merge_id = merge(world, ada, bob).merge_id
    world.put_order("later-a", order("ada@example.com", total=7, day=1))
    world.put_order("later-b", order("bob@example.com", total=9, day=1))
    world.put_order("order-ada", order("ada@example.com", total=1))
    unmerge(world, merge_id)
    assert world.with_email("ada@example.com")["totalSpend"] == {"USD": 800}
    assert world.with_email("bob@example.com")["totalSpend"] == {"USD": 5890}
    assert world.wrong() == []
    assert world.resync() is False


def test_tags_after_an_undo(world: World) -> None:
    ada, bob = guest(world, "ada"), guest(world, "bob")
    tag(world, ada, "from-ada", "removed-since", "shared")
    tag(world, bob, "from-bob", "shared")
    merge_id = merge(world, ada, bob).merge_id
    tag(world, bob, "added-since", "from-ada", "from-bob", "shared")
    unmerge(world, merge_id)
    assert world.with_email("ada@example.com")["tags"] == ["from-ada", "shared"]
    assert world.with_email("bob@example.com")["tags"] == ["added-since", "from-bob", "shared"]


def test_a_merge_never_subscribes_an_address(world: World) -> None:
    ada, bob = guest(world, "ada", marketingOptIn=True), guest(world, "bob")
    merge(world, ada, bob)
    assert world.the_customer()["primaryEmail"] == "bob@example.com"
    assert world.the_customer()["marketing"]["status"] == "none"


def test_a_withdrawal_survives_merge_and_undo(world: World) -> None:
    ada, bob = guest(world, "ada"), guest(world, "bob", marketingOptIn=True)
    decide(world, ada, "unsubscribed")
    merge_id = merge(world, ada, bob).merge_id
    assert world.the_customer()["marketing"]["status"] == "unsubscribed"
    unmerge(world, merge_id)
    assert world.with_email("bob@example.com")["marketing"]["status"] == "subscribed"


def test_a_withdrawal_while_merged_counts_for_both_afterwards(world: World) -> None:
    ada = guest(world, "ada", marketingOptIn=True)
    bob = guest(world, "bob", marketingOptIn=True)
    merge_id = merge(world, ada, bob).merge_id
    decide(world, bob, "unsubscribed", days=1)
    unmerge(world, merge_id)
    for email in ("ada@example.com", "bob@example.com"):
        assert world.with_email(email)["marketing"]["status"] == "unsubscribed"


def test_a_withdrawal_while_merged_decides_nothing_for_who_never_subscribed(world: World) -> None:
    ada = guest(world, "ada", marketingOptIn=True)
    bob = guest(world, "bob")
    merge_id = merge(world, bob, ada).merge_id
    decide(world, ada, "unsubscribed", days=1)
    customer = Customer.from_data(ada, world.the_customer())
    for part_id, part in customer.parts.items():  # as they were: nobody asked bob's address
        if part.address == "bob@example.com":
            customer = customer.with_part(part_id, replace(part, decision=None))
    world.store.put(f"customers/{ada}", customer.to_data(world.store.now(), double=False))
    unmerge(world, merge_id)
    assert world.with_email("ada@example.com")["marketing"]["status"] == "unsubscribed"
    assert world.with_email("bob@example.com")["marketing"]["status"] == "none"


def test_an_automatic_merge_can_be_undone_and_is_not_made_again(world: World) -> None:
    world.put_order("o1", order())
    before = world.the_customer()
    world.put_user("u1", user())
    ((merge_id, record),) = world.store.all("crmMerges").items()
    assert record["proof"]["userKey"] == KEYS.user("u1")
    unmerge(world, merge_id)
    again = world.with_email("ada@example.com")
    assert {**again, "updatedAt": 0} == {**before, "updatedAt": 0}
    assert world.with_uid("u1")["primaryEmail"] is None
    world.sync.sync_user("u1")
    world.put_user("u1", user(name="Ada again"))
    assert len(world.customers()) == 2
    assert world.resync() is False
    assert world.wrong() == []


def test_an_automatic_merge_undone_gives_the_user_its_earlier_address_back(world: World) -> None:
    world.put_user("u1", user("old@example.com"))
    world.put_order("o1", order("new@example.com"))
    before = world.with_uid("u1")
    world.put_user("u1", user("new@example.com", name="Ada L."))
    (merge_id,) = world.store.all("crmMerges")
    unmerge(world, merge_id)
    after = world.with_uid("u1")
    (mine,) = [part for part in after["parts"].values() if part["uid"]]
    assert mine["claimed"]["address"] == "new@example.com"  # as the document says
    mine["claimed"] = None
    assert {**after, "updatedAt": 0} == {**before, "updatedAt": 0}
    assert world.resync() is False


@pytest.mark.parametrize("with_guest", [False, True])
def test_a_proof_that_came_while_merged_is_taken_back_by_the_undo(with_guest: bool) -> None:
    auth = World(trust="auth")
    auth.verified["u1"] = None
    if with_guest:
        guest(auth, "bob")
    auth.put_user("u1", user())
    if with_guest:
        merge(auth, auth.with_uid("u1")["id"], auth.with_email("bob@example.com")["id"])
    auth.put_order("o1", order())
    source = auth.with_email("ada@example.com")["id"]
    merge_id = merge(auth, source, auth.with_uid("u1")["id"]).merge_id
    auth.verified["u1"] = "ada@example.com"
    auth.sync.sync_user("u1")
    assert "ada@example.com" in auth.the_customer()["emails"]
    unmerge(auth, merge_id)
    registered = auth.with_uid("u1")
    assert registered["emails"] == (["bob@example.com"] if with_guest else [])
    assert [one["proven"] for one in registered["parts"].values() if one["uid"]] == [None]
    assert auth.store.all("crmIdentities")[KEYS.user("u1")]["proven"] is None
    assert auth.with_email("ada@example.com")["registered"] is False
    auth.sync.sync_user("u1")
    assert len(auth.customers()) == 2
    assert auth.resync() is False


def test_an_address_proven_while_merged_goes_with_its_user(world: World) -> None:
    world.put_user("u1", user("ada@example.com"))
    bob = guest(world, "bob")
    merge_id = merge(world, world.with_uid("u1")["id"], bob).merge_id
    world.put_user("u1", user("new@example.com"))
    unmerge(world, merge_id)
    assert world.with_uid("u1")["emails"] == ["ada@example.com", "new@example.com"]
    assert world.with_uid("u1")["primaryEmail"] == "new@example.com"
    assert world.with_email("bob@example.com")["emails"] == ["bob@example.com"]
    assert world.resync() is False


def test_splitting_off_the_identity_that_the_customer_was_first_made_from(world: World) -> None:
    ada, bob = guest(world, "ada"), guest(world, "bob")
    merge_id = merge(world, ada, bob).merge_id
    world.delete_order("order-bob")
    refusal = refused(world, "nothing-left", lambda: unmerge(world, merge_id))
    assert refusal.code == "failed-precondition"
    world.put_order("order-bob", order("bob@example.com"))
    unmerge(world, merge_id)
    assert world.wrong() == []


def test_a_survivor_that_disappeared(world: World) -> None:
    world.put_order("o1", order())
    world.put_user("u1", user())
    (merge_id,) = world.store.all("crmMerges")
    world.delete_order("o1")
    world.delete_user("u1")
    assert world.customers() == []
    assert world.store.all("crmLinks") == {}
    refused(world, "survivor-gone", lambda: unmerge(world, merge_id))


def test_an_open_merge_by_staff_keeps_the_customer(world: World) -> None:
    merge_id = merge(world, guest(world, "ada"), guest(world, "bob")).merge_id
    world.delete_order("order-ada")
    world.delete_order("order-bob")
    assert world.the_customer()["orderCount"] == 0
    assert merge_id is not None


def test_a_shared_box_office_address_over_the_limit(world: World) -> None:
    office = guest(world, "office")
    for number in range(29):
        merge(world, guest(world, f"p{number}"), office)
    assert len(world.the_customer()["parts"]) == 30
    one_more = guest(world, "one-more")
    refused(world, "too-many-identities", lambda: merge(world, one_more, office))
    assert set(merge(world, one_more, office, dry_run=True).stops) == {"too-many-identities"}


def test_too_many_events_for_one_customer(world: World) -> None:
    for name in ("ada", "bob"):
        for number in range(2):
            events = [item(f"{name}{number}-{i:03d}") for i in range(1000)]
            world.put_order(f"{name}{number}", order(f"{name}@example.com", items=events))
    ada, bob = (str(world.with_email(f"{name}@example.com")["id"]) for name in ("ada", "bob"))
    refused(world, "too-large", lambda: merge(world, ada, bob))


def test_the_losers_late_order_lands_on_the_survivor(world: World) -> None:
    ada, bob = guest(world, "ada"), guest(world, "bob")
    merge(world, ada, bob)
    world.put_order("late", order("ada@example.com", day=9))
    assert world.the_customer()["orderCount"] == 3
    assert world.wrong() == []


@pytest.mark.parametrize("lives", [True, False])
def test_after_an_undo_a_user_claims_the_address_only_while_there_is_a_document(
    lives: bool,
) -> None:
    world = World()
    world.put_order("o1", order())
    world.put_user("u1", user())
    world.put_order("o2", order("typed@example.com", userId="u1"))
    (merge_id,) = world.store.all("crmMerges")
    if not lives:
        world.delete_user("u1")
    unmerge(world, merge_id)
    identity = world.store.all("crmIdentities")[KEYS.user("u1")]
    address = KEYS.address("ada@example.com")
    assert identity["claimed"] == (address if lives else None)
    assert identity["keepApart"] == [address]
    assert world.store.all("crmIdentities")[address]["owner"] is None
    assert world.wrong() == []
