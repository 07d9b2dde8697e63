"""What staff and buyers decide about marketing: which decision holds, and what shows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.consent.plan import plan_consent, plan_unsubscribe
from crm.consent.records import Evidence, Record, Status
from crm.core.errors import Conflict, Refusal, Transient
from crm.customers.reference import CustomerRef
from crm.db.documents import Snapshot
from crm.privacy.erasure.erase import erase
from testing.hosts import DAY, order, user
from testing.world import KEYS, World
from tests.unit.merging.test_merge import merge, unmerge

ADA = KEYS.address("ada@example.com")
BOB = KEYS.address("bob@example.com")
PAPER = {"source": "paper form, stand B4", "textVersion": "2024-03"}


@pytest.fixture
def world() -> World:
    return World()


def decide(
    world: World, customer_id: str, status: Status, evidence: Evidence | None = "by phone"
) -> Any:
    call_id = world.runner.new_id()
    plan, _ = world.runner.run(lambda tx: plan_consent(tx, call_id, customer_id, status, evidence))
    return plan.result


def unsubscribe(world: World, key: str = ADA) -> Any:
    return world.runner.run(lambda tx: plan_unsubscribe(tx, key))[0].result


def guest(world: World, name: str = "ada", **fields: Any) -> str:
    world.put_order(f"order-{name}", order(f"{name}@example.com", **fields))
    return str(world.with_email(f"{name}@example.com")["id"])


def status(world: World, name: str = "ada") -> Any:
    return world.with_email(f"{name}@example.com")["marketing"]["status"]


def records(world: World, key: str = ADA) -> list[dict[str, Any]]:
    found = [one for one in world.store.all("crmConsents").values() if one["identity"] == key]
    return sorted(found, key=lambda one: one["at"])


def suppressed(world: World, key: str = ADA) -> Any:
    return world.store.all("crmIdentities")[key]["suppressed"]


def entries(world: World) -> list[dict[str, Any]]:
    return sorted(world.store.all("crmAudit").values(), key=lambda one: one["at"])


# Grants and withdrawals


def test_a_grant_subscribes_and_is_recorded(world: World) -> None:
    customer_id = guest(world)
    marketing = decide(world, customer_id, "subscribed", PAPER)
    assert marketing == world.the_customer()["marketing"]
    assert (marketing["status"], marketing["source"]) == ("subscribed", "staff")
    (record,) = records(world)
    assert record == {
        "identity": ADA,
        "status": "subscribed",
        "at": marketing["at"],
        "source": "staff",
        "actor": "system",
        "evidence": PAPER,
    }
    assert Record.from_data(record).to_data() == record
    (entry,) = entries(world)
    assert (entry["action"], entry["customers"]) == ("consent.grant", [customer_id])
    assert entry["facts"] == {"source": "staff"}


def test_a_withdrawal_holds_over_whatever_was_granted(world: World) -> None:
    customer_id = guest(world, marketingOptIn=True)
    decide(world, customer_id, "subscribed")
    marketing = decide(world, customer_id, "unsubscribed", None)
    assert status(world) == "unsubscribed"
    assert suppressed(world) == marketing["at"]
    assert [one["status"] for one in records(world)] == ["subscribed"] * 2 + ["unsubscribed"]
    assert [one["action"] for one in entries(world)] == ["consent.grant", "consent.withdraw"]


def test_a_withdrawal_holds_over_an_opt_in_by_a_clock_that_runs_ahead(world: World) -> None:
    ahead = world.store.now() + timedelta(minutes=5)
    customer_id = guest(world, marketingOptIn=True, createdAt=ahead)
    assert world.the_customer()["marketing"]["at"] < ahead  # it was said when it was written
    assert decide(world, customer_id, "unsubscribed")["status"] == "unsubscribed"
    assert suppressed(world) < ahead
    assert decide(world, customer_id, "subscribed")["status"] == "subscribed"


@pytest.mark.parametrize("hours", [0, 1])
def test_a_grant_holds_over_a_withdrawal_that_a_clock_had_ahead(world: World, hours: int) -> None:
    customer_id = guest(world)
    now = world.store.now() + timedelta(days=1)
    ahead = replace(world.runner, now=lambda: now + timedelta(hours=hours))
    ahead.run(lambda tx: plan_unsubscribe(tx, ADA))
    withdrawn = suppressed(world)
    world.runner = replace(world.runner, now=lambda: now)
    decide(world, customer_id, "subscribed")
    assert status(world) == "subscribed"
    assert records(world)[-1]["at"] == withdrawn + timedelta(microseconds=1)


def test_an_opt_in_after_the_withdrawal_waits_for_a_confirmation(world: World) -> None:
    """Anybody can type anybody's address into a checkout."""
    customer_id = guest(world)
    decide(world, customer_id, "unsubscribed")
    later = world.store.now() + timedelta(days=1)
    world.put_order("o2", order(marketingOptIn=True, createdAt=later))
    marketing = world.the_customer()["marketing"]
    assert (marketing["status"], marketing["pending"]) == ("unsubscribed", True)
    assert decide(world, customer_id, "subscribed")["status"] == "subscribed"
    assert "pending" not in world.the_customer()["marketing"]
    assert world.wrong() == []


@pytest.mark.parametrize("value", [False, None, "true", 1, "yes"])
def test_only_literal_true_is_an_opt_in(world: World, value: object) -> None:
    guest(world, marketingOptIn=value)
    assert status(world) == "none"
    assert records(world) == []


def test_a_decision_that_staff_recorded_keeps_the_customer(world: World) -> None:
    decide(world, guest(world), "unsubscribed")
    world.delete_order("order-ada")
    assert status(world) == "unsubscribed"


def test_a_merged_id_stands_for_its_survivor(world: World) -> None:
    ada, bob = guest(world, "ada"), guest(world, "bob")
    merge(world, ada, bob)
    assert decide(world, ada, "subscribed")["status"] == "subscribed"
    assert [one["status"] for one in records(world, BOB)] == ["subscribed"]


# For which addresses


def test_a_grant_is_for_the_primary_address_alone(world: World) -> None:
    ada, bob = guest(world, "ada"), guest(world, "bob")
    merge_id = merge(world, ada, bob).merge_id
    decide(world, bob, "subscribed")
    assert records(world, ADA) == []
    unmerge(world, merge_id)
    assert (status(world, "ada"), status(world, "bob")) == ("none", "subscribed")


def test_a_grant_follows_the_user_who_proved_the_address(world: World) -> None:
    world.put_user("u1", user("ada@example.com"))
    decide(world, world.the_customer()["id"], "subscribed")
    assert len(records(world, KEYS.user("u1"))) == 1
    world.put_user("u1", user("new@example.com"))
    world.put_user("u2", user("ada@example.com"))  # the old address is somebody else's now
    assert world.with_uid("u1")["marketing"]["status"] == "subscribed"
    assert world.with_uid("u2")["marketing"]["status"] == "none"


def test_a_grant_is_for_no_other_user_of_the_same_customer(world: World) -> None:
    world.put_user("u1", user("ada@example.com"))
    world.put_user("u2", user("bob@example.com"))
    ada, bob = world.with_uid("u1")["id"], world.with_uid("u2")["id"]
    merge_id = merge(world, ada, bob, allow_two_users=True).merge_id
    decide(world, bob, "subscribed")
    assert [len(records(world, KEYS.user(uid))) for uid in ("u1", "u2")] == [0, 1]
    unmerge(world, merge_id)
    assert (status(world, "ada"), status(world, "bob")) == ("none", "subscribed")


def test_a_withdrawal_is_for_every_address(world: World) -> None:
    ada = guest(world, "ada", marketingOptIn=True)
    bob = guest(world, "bob", marketingOptIn=True)
    merge_id = merge(world, ada, bob).merge_id
    decide(world, bob, "unsubscribed")
    unmerge(world, merge_id)
    for name, key in (("ada", ADA), ("bob", BOB)):
        assert status(world, name) == "unsubscribed"
        assert suppressed(world, key)
        assert records(world, key)[-1]["status"] == "unsubscribed"


@pytest.mark.parametrize(("later", "bobs"), [(0, "unsubscribed"), (1, "subscribed")])
def test_a_withdrawal_at_the_very_moment_of_a_merge_counts_for_both(
    world: World, later: int, bobs: str
) -> None:
    """Nobody can say which came first: consent only gets stricter."""
    ada = guest(world, "ada", marketingOptIn=True)
    bob = guest(world, "bob", marketingOptIn=True)
    now = world.store.now()
    world.runner = replace(world.runner, now=lambda: now)
    decide(world, ada, "unsubscribed")
    now += timedelta(microseconds=later)
    unmerge(world, merge(world, ada, bob).merge_id)
    assert (status(world, "ada"), status(world, "bob")) == ("unsubscribed", bobs)


def test_a_withdrawal_leaves_an_address_that_went_to_somebody_else_alone(world: World) -> None:
    world.put_user("u1", user("ada@example.com"))
    world.put_user("u1", user("new@example.com"))
    world.put_user("u2", user("ada@example.com"))
    decide(world, world.with_uid("u1")["id"], "unsubscribed")
    assert suppressed(world, ADA) is None
    assert records(world, ADA) == []
    assert world.with_uid("u2")["marketing"]["status"] == "none"


def test_without_an_address_nobody_is_subscribed_but_anybody_can_withdraw() -> None:
    world = World(trust="auth")
    world.verified["u1"] = None
    world.put_user("u1", user(None))
    customer_id = world.with_uid("u1")["id"]
    with pytest.raises(Refusal) as refusal:
        decide(world, customer_id, "subscribed")
    assert (refusal.value.code, refusal.value.reason) == ("failed-precondition", "no-address")
    decide(world, customer_id, "unsubscribed")
    world.verified["u1"] = "ada@example.com"
    world.put_user("u1", user())
    world.put_order("o1", order(marketingOptIn=True))
    assert status(world) == "unsubscribed"


def test_who_is_only_to_be_reached_by_an_address_can_be_subscribed_with_evidence() -> None:
    world = World(trust="auth")
    world.verified["u1"] = None
    world.put_user("u1", user())
    world.put_order("o1", order("typed@example.com", userId="u1", marketingOptIn=True))
    world.runner.run(lambda tx: plan_unsubscribe(tx, KEYS.address("typed@example.com")))
    marketing = world.the_customer()["marketing"]
    assert (marketing["status"], marketing["source"]) == ("unsubscribed", "suppression")
    assert decide(world, world.the_customer()["id"], "subscribed")["status"] == "subscribed"
    assert world.wrong() == []


# Refusals and retries


def test_a_grant_needs_evidence(world: World) -> None:
    reads = world.store.reads
    with pytest.raises(Refusal) as refusal:
        decide(world, "anybody", "subscribed", None)
    assert (refusal.value.code, refusal.value.reason) == ("invalid-argument", "evidence-missing")
    assert world.store.reads == reads


def test_nobody_decides_for_a_customer_that_is_not_there(world: World) -> None:
    with pytest.raises(Refusal) as refusal:
        decide(world, "nobody", "unsubscribed")
    assert (refusal.value.code, refusal.value.reason) == ("not-found", "no-such-customer")
    assert world.store.all("crmAudit") == {}


@pytest.mark.parametrize("decision", ["subscribed", "unsubscribed"])
def test_a_commit_whose_answer_was_lost_is_not_made_twice(
    world: World, monkeypatch: pytest.MonkeyPatch, decision: Status
) -> None:
    customer_id = guest(world)
    commit = world.store.commit
    lost: list[bool] = []

    def lose_the_answer(writes: Any) -> None:
        commit(writes)
        if not lost:
            lost.append(True)
            raise Transient("the answer was lost")

    monkeypatch.setattr(world.store, "commit", lose_the_answer)
    assert decide(world, customer_id, decision)["status"] == decision
    assert len(records(world)) == len(entries(world)) == 1


# Unsubscribing by link


def test_a_link_withdraws_once(world: World) -> None:
    guest(world, marketingOptIn=True)
    marketing = unsubscribe(world)
    assert marketing == world.the_customer()["marketing"]
    assert (marketing["status"], marketing["source"]) == ("unsubscribed", "unsubscribe")
    writes = world.store.writes
    assert unsubscribe(world) == marketing
    assert world.store.writes == writes
    assert [one["action"] for one in entries(world)] == ["consent.withdraw"]


def test_a_link_works_again_after_a_later_opt_in(world: World) -> None:
    customer_id = guest(world)
    unsubscribe(world)
    decide(world, customer_id, "subscribed")
    unsubscribe(world)
    assert status(world) == "unsubscribed"


def test_a_link_works_after_a_merge(world: World) -> None:
    ada, bob = guest(world, "ada"), guest(world, "bob", marketingOptIn=True)
    merge(world, ada, bob)
    assert status(world, "bob") == "subscribed"
    unsubscribe(world, ADA)
    assert status(world, "bob") == "unsubscribed"


def test_a_link_works_after_a_change_of_address(world: World) -> None:
    world.put_user("u1", user("ada@example.com"))
    decide(world, world.the_customer()["id"], "subscribed")
    world.put_user("u1", user("new@example.com"))
    unsubscribe(world, ADA)
    assert world.the_customer()["primaryEmail"] == "new@example.com"
    assert world.the_customer()["marketing"]["status"] == "unsubscribed"


def test_a_link_works_when_the_customer_has_gone(world: World) -> None:
    guest(world)
    world.delete_order("order-ada")
    assert unsubscribe(world) is None
    writes = world.store.writes
    assert unsubscribe(world) is None
    assert world.store.writes == writes
    guest(world, marketingOptIn=True)
    assert world.the_customer()["marketing"]["source"] == "suppression"
    assert status(world) == "unsubscribed"
    (entry,) = entries(world)
    assert entry["customers"] == []


def test_a_customer_kept_by_a_grant_alone_goes_with_its_withdrawal(world: World) -> None:
    decide(world, guest(world), "subscribed")
    world.delete_order("order-ada")
    assert status(world) == "subscribed"
    at = unsubscribe(world)["at"]
    assert world.customers() == []
    assert suppressed(world) == at
    assert world.wrong() == []


def test_a_link_that_finds_its_address_on_the_move_looks_again(world: World) -> None:
    """One reading is no snapshot: the identity can be older than the customer it leads to."""
    ada, bob = guest(world, "ada"), guest(world, "bob")
    identity = f"crmIdentities/{ADA}"
    before = world.store.read([identity])[identity]
    merge(world, ada, bob)
    unmoved = {**before.fields, "customerId": bob, "partId": "left"}
    snapshots = world.store.read([f"customers/{bob}"]).values()
    tx = world.runner.begin([*snapshots, Snapshot(identity, unmoved, before.version)])
    with pytest.raises(Conflict):
        plan_unsubscribe(tx, ADA)


def test_a_link_that_finds_another_address_of_the_person_on_the_move_looks_again(
    world: World,
) -> None:
    ada, bob = guest(world, "ada"), guest(world, "bob")
    merge_id = merge(world, ada, bob).merge_id
    both = world.store.read([f"customers/{bob}"]).values()
    unmerge(world, merge_id)
    now = world.store.read([f"crmIdentities/{key}" for key in (ADA, BOB)]).values()
    tx = world.runner.begin([*both, *now])
    with pytest.raises(Conflict):
        plan_unsubscribe(tx, BOB)


def test_a_link_works_after_an_erasure(world: World) -> None:
    guest(world, marketingOptIn=True)
    erase(
        world.runner,
        world.queue.append,
        CustomerRef("email", "ada@example.com"),
        reason="by letter",
    )
    world.work()
    assert unsubscribe(world) is None
    later = world.store.now() + timedelta(days=1)
    world.put_order("again", order(createdAt=later))
    assert world.the_customer()["marketing"]["source"] == "suppression"
    assert status(world) == "unsubscribed"


def test_an_erasure_takes_evidence_away_and_leaves_the_withdrawal(world: World) -> None:
    ahead = world.store.now() + timedelta(minutes=5)
    customer_id = guest(world, marketingOptIn=True, createdAt=ahead)
    decide(world, customer_id, "subscribed", PAPER)
    at = decide(world, customer_id, "unsubscribed", "by phone, Ada herself")["at"]
    erase(
        world.runner, world.queue.append, CustomerRef("customerId", customer_id), reason="by letter"
    )
    world.work()
    assert world.store.all("crmConsents") == {}
    assert suppressed(world) == at


# Orders' opt-ins leave records


def test_an_opt_in_is_recorded_once_and_stays_when_the_order_changes(world: World) -> None:
    guest(world, marketingOptIn=True)
    expected = Record(ADA, "subscribed", DAY, "order", "system", {"orderId": "order-ada"})
    for change in ({"marketingOptIn": True, "refunded": 1}, {"status": "cancelled"}, {}):
        assert records(world) == [expected.to_data()]
        world.put_order("order-ada", order(**change))
    world.delete_order("order-ada")
    assert records(world) == [expected.to_data()]


def test_an_opt_in_of_somebody_elses_order_goes_along(world: World) -> None:
    guest(world, "ada", marketingOptIn=True)
    world.put_order("order-ada", order("bob@example.com", marketingOptIn=True))
    assert records(world, ADA) == []
    assert [one["evidence"] for one in records(world, BOB)] == [{"orderId": "order-ada"}]


def test_an_opt_in_waits_with_the_address_for_its_user(world: World) -> None:
    guest(world, marketingOptIn=True, userId="u1")
    world.put_user("u1", user("else@example.com"))
    assert records(world, ADA) == []
    assert [one["source"] for one in records(world, KEYS.user("u1"))] == ["order"]


def test_a_quarantined_order_keeps_what_was_given(world: World) -> None:
    guest(world, marketingOptIn=True)
    world.put_order("order-ada", order(status="unheard of"))
    assert len(records(world)) == 1


def test_records_hold_no_address_in_their_ids(world: World) -> None:
    guest(world, marketingOptIn=True)
    decide(world, world.the_customer()["id"], "unsubscribed")
    for record_id in world.store.all("crmConsents"):
        assert "ada" not in record_id
        assert "order" not in record_id
