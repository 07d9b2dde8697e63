"""What a decision about marketing writes: records, suppressions and the audit trail, whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bench.bill import Bill, Counting
from crm.consent.plan import (
    marketing_of,
    no_address,
    plan_consent,
    plan_unsubscribe,
    withdraw_address,
)
from crm.consent.records import order_records
from crm.core.errors import Refusal
from crm.customers.change_set import ChangeSet
from crm.customers.ledger import Contribution, LedgerEntry
from crm.customers.reference import CustomerRef
from crm.db.documents import Delete, Set, version_of
from crm.db.transaction import Plan, Transaction
from crm.host import reader
from crm.privacy.erasure.erase import erase
from testing.hosts import DAY, order, user
from testing.world import KEYS, World
from tests.unit.consent.test_plan import ADA, BOB, guest, records, status, suppressed
from tests.unit.merging.test_merge import merge

STAFF = "u1-staff"
CALL = "call"
TICK = timedelta(microseconds=1)


@pytest.fixture
def world() -> World:
    """Staff decide, at one moment."""
    made = World()
    now = made.store.now() + timedelta(days=1)
    made.runner = replace(made.runner, actor=STAFF, now=lambda: now)
    return made


def now(world: World) -> datetime:
    return world.runner.now()


def decide(world: World, customer_id: str, decision: Any, evidence: Any = None) -> Any:
    plan = world.runner.run(lambda tx: plan_consent(tx, CALL, customer_id, decision, evidence))
    return plan[0].result


def unsubscribe(world: World, key: str = ADA) -> Any:
    return world.runner.run(lambda tx: plan_unsubscribe(tx, key))[0].result


def withdraw(world: World, key: str, source: str, **more: Any) -> Any:
    """What `withdraw_address` answers, committed as its callers do."""

    def plan(tx: Transaction) -> Plan[Any]:
        changes = ChangeSet(tx)
        marketing, changed = withdraw_address(changes, tx, key, source, **more)
        return Plan(changes.writes() if changed else [], (marketing, changed))

    return world.runner.run(plan)[0].result


def entries(world: World) -> list[dict[str, Any]]:
    names = ("action", "actor", "customers", "facts", "at")
    found = world.store.all("crmAudit").values()
    return [{name: one[name] for name in names} for one in found]


def refused(act: Any) -> tuple[str, str, str]:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code, caught.value.reason, caught.value.message


def record(world: World, key: str, decided: str, source: str, evidence: Any) -> dict[str, Any]:
    return {
        "identity": key,
        "status": decided,
        "at": now(world),
        "source": source,
        "actor": STAFF,
        "evidence": evidence,
    }


# What staff record


def test_each_refusal_says_what_is_missing(world: World) -> None:
    nothing = refused(lambda: decide(world, "anybody", "subscribed"))
    assert nothing == (
        "invalid-argument",
        "evidence-missing",
        "A subscription needs `evidence`: say where and how the person agreed, and to which text.",
    )
    one = no_address()
    assert (one.code, one.reason, one.message) == (
        "failed-precondition",
        "no-address",
        "This customer has no address to send news to: its user must verify one first.",
    )
    world.put_user("u1", user(None))
    customer_id = world.the_customer()["id"]
    before = world.store.writes
    assert refused(lambda: decide(world, customer_id, "subscribed", "by phone"))[1] == "no-address"
    assert world.store.writes == before


@pytest.mark.parametrize(
    ("decision", "evidence"),
    [
        ("subscribed", "by phone"),
        ("subscribed", {"source": "stand B4"}),
        ("unsubscribed", {"source": "stand B4"}),
        ("unsubscribed", None),
    ],
)
def test_a_decision_of_staff_leaves_its_record_and_its_entry(
    world: World, decision: str, evidence: object
) -> None:
    customer_id = guest(world)
    marketing = decide(world, customer_id, decision, evidence)
    assert marketing == {"status": decision, "at": now(world), "source": "staff"}
    assert marketing == world.the_customer()["marketing"]
    assert world.store.all("crmConsents") == {
        "call-00": record(world, ADA, decision, "staff", evidence)
    }
    action = {"subscribed": "consent.grant", "unsubscribed": "consent.withdraw"}[decision]
    facts = {"source": "staff"}
    assert entries(world) == [
        {"action": action, "actor": STAFF, "customers": [customer_id], "facts": facts}
        | {"at": now(world)}
    ]
    assert suppressed(world) == (None if decision == "subscribed" else now(world))
    # Once more, as after an answer that was lost: the same is told, and nothing is written.
    writes = world.store.writes
    assert decide(world, customer_id, decision, evidence) == marketing
    assert world.store.writes == writes


def test_a_withdrawal_is_recorded_for_the_user_and_for_each_address(world: World) -> None:
    world.put_user("u1", user())
    world.put_user("u1", user("bob@example.com"))
    customer_id = world.the_customer()["id"]
    decide(world, customer_id, "unsubscribed", "by phone")
    keys = [KEYS.user("u1"), ADA, BOB]
    found = world.store.all("crmConsents")
    assert sorted(found) == ["call-00", "call-01", "call-02"]
    expected = [record(world, key, "unsubscribed", "staff", "by phone") for key in keys]
    assert [found[name] for name in sorted(found)] == expected
    assert (suppressed(world, ADA), suppressed(world, BOB)) == (now(world), now(world))
    assert len(entries(world)) == 1


def test_a_grant_is_recorded_for_the_proven_address_and_its_user(world: World) -> None:
    world.put_user("u1", user())
    world.put_user("u1", user("bob@example.com"))
    decide(world, world.the_customer()["id"], "subscribed", "by phone")
    expected = [
        record(world, key, "subscribed", "staff", "by phone") for key in (KEYS.user("u1"), BOB)
    ]
    found = world.store.all("crmConsents")
    assert [found[name] for name in sorted(found)] == expected


def test_a_grant_for_a_contact_address_is_its_users_alone() -> None:
    """Two users of one customer typed two addresses; the newest one is used."""
    world = World(trust="auth")
    world.verified = {"u1": None, "u2": None}
    for number, uid in enumerate(("u1", "u2")):
        world.put_user(uid, user(None))
        world.put_order(f"o{uid}", order(f"{uid}@example.com", userId=uid, day=number))
    one, two = (world.with_uid(uid)["id"] for uid in ("u1", "u2"))
    merge(world, one, two, allow_two_users=True)
    assert world.the_customer()["contactEmail"] == "u2@example.com"
    decide(world, two, "subscribed", "by phone")
    found = world.store.all("crmConsents").values()
    assert [record["identity"] for record in found] == [KEYS.user("u2")]


@pytest.mark.parametrize("ahead", [-1, 0, 1, 3600])
def test_a_grant_for_a_contact_address_is_later_than_an_objection_to_it(ahead: int) -> None:
    world = World(trust="auth")
    world.verified["u1"] = None
    world.put_user("u1", user(None))
    world.put_order("o1", order("typed@example.com", userId="u1"))
    moment = world.store.now() + timedelta(days=1)
    objected = moment + timedelta(seconds=ahead)
    early = replace(world.runner, now=lambda: objected)
    early.run(lambda tx: plan_unsubscribe(tx, KEYS.address("typed@example.com")))
    world.runner = replace(world.runner, now=lambda: moment)
    marketing = decide(world, world.the_customer()["id"], "subscribed", "by phone")
    at = moment if ahead < 0 else objected + TICK
    assert marketing == {"status": "subscribed", "at": at, "source": "staff"}


@pytest.mark.parametrize("ahead", [-1, 0, 1])
def test_a_withdrawal_is_no_earlier_than_a_grant(world: World, ahead: int) -> None:
    customer_id = guest(world)
    granted = now(world) + timedelta(seconds=ahead)
    early = replace(world.runner, now=lambda: granted)
    early.run(lambda tx: plan_consent(tx, "before", customer_id, "subscribed", "by phone"))
    marketing = decide(world, customer_id, "unsubscribed")
    at = max(granted, now(world))
    assert marketing == {"status": "unsubscribed", "at": at, "source": "staff"}
    assert (suppressed(world), world.store.all("crmConsents")["call-00"]["at"]) == (at, at)


def test_a_withdrawal_reads_all_that_it_writes_at_once(world: World) -> None:
    world.put_user("u1", user())
    world.put_user("u1", user("bob@example.com"))
    customer_id, bill = world.the_customer()["id"], Bill()
    world.runner = replace(world.runner, store=Counting(world.store, bill))
    decide(world, customer_id, "unsubscribed")
    # The record that may be there with the customer, three identities, the end of the audit trail,
    # and the commit.
    assert (bill.trips, bill.reads) == (4, 2 + 3 + 1)


def test_a_link_reads_the_address_then_its_customer(world: World) -> None:
    guest(world)
    bill = Bill()
    world.runner = replace(world.runner, store=Counting(world.store, bill))
    unsubscribe(world)
    assert (bill.trips, bill.reads) == (4, 3)
    bill.clear()
    unsubscribe(world)
    assert (bill.trips, bill.reads, bill.writes) == (2, 2, 0)


# By an address


@pytest.mark.parametrize("source", ["unsubscribe", "complaint", "import"])
def test_nobodys_address_is_suppressed_once(world: World, source: str) -> None:
    assert withdraw(world, ADA, source, evidence="a line") == (None, True)
    (made,) = world.store.all("crmConsents").values()
    assert made == record(world, ADA, "unsubscribed", source, "a line")
    assert suppressed(world) == now(world)
    expected = {"action": "consent.withdraw", "actor": STAFF, "customers": []}
    assert entries(world) == [{**expected, "facts": {"source": source}, "at": now(world)}]
    writes = world.store.writes
    assert withdraw(world, ADA, source) == (None, False)
    assert withdraw(world, ADA, "complaint") == (None, False)
    assert world.store.writes == writes


@pytest.mark.parametrize("audited", [True, False])
def test_a_customers_address_withdraws_its_customer_once(world: World, audited: bool) -> None:
    customer_id = guest(world, marketingOptIn=True)
    marketing, changed = withdraw(world, ADA, "import", evidence="line 7", audited=audited)
    assert changed
    assert marketing == {"status": "unsubscribed", "at": now(world), "source": "import"}
    assert world.the_customer()["marketing"] == marketing
    assert records(world)[-1] == record(world, ADA, "unsubscribed", "import", "line 7")
    expected = {"action": "consent.withdraw", "actor": STAFF, "customers": [customer_id]}
    entry = {**expected, "facts": {"source": "import"}, "at": now(world)}
    assert entries(world) == [entry] * audited
    writes = world.store.writes
    for source in ("import", "unsubscribe"):
        assert withdraw(world, ADA, source) == (marketing, False)
    assert world.store.writes == writes


def test_a_complaint_says_more_than_a_withdrawal_and_is_recorded_once(world: World) -> None:
    guest(world)
    unsubscribe(world)
    marketing, changed = withdraw(world, ADA, "complaint")
    assert (changed, marketing["source"]) == (True, "complaint")
    writes = world.store.writes
    assert withdraw(world, ADA, "complaint") == (marketing, False)
    assert withdraw(world, ADA, "unsubscribe") == (marketing, False)
    assert world.store.writes == writes
    assert [one["source"] for one in records(world)] == ["unsubscribe", "complaint"]


def test_a_customer_who_withdrew_by_another_address_has_this_one_suppressed_too(
    world: World,
) -> None:
    """The address came to the customer after that."""
    world.put_user("u1", user("bob@example.com"))
    decide(world, world.the_customer()["id"], "unsubscribed")
    world.put_user("u1", user())
    assert status(world) == "unsubscribed"
    assert suppressed(world, ADA) is None
    _, changed = withdraw(world, ADA, "unsubscribe")
    assert changed
    assert suppressed(world, ADA) == now(world)
    assert withdraw(world, ADA, "unsubscribe")[1] is False


def test_an_address_that_was_suppressed_and_subscribed_since_is_withdrawn_again(
    world: World,
) -> None:
    customer_id = guest(world)
    unsubscribe(world)
    decide(world, customer_id, "subscribed", "by phone")
    marketing, changed = withdraw(world, ADA, "unsubscribe")
    assert (marketing["status"], changed) == ("unsubscribed", True)


def test_an_erased_address_is_suppressed_by_the_link(world: World) -> None:
    guest(world)
    who = CustomerRef("email", "ada@example.com")
    erase(world.runner, world.queue.append, who, reason="by letter")
    world.work()
    audited = len(entries(world))
    assert unsubscribe(world) is None
    assert suppressed(world) == now(world)
    assert len(entries(world)) == audited + 1


def test_what_a_plan_tells_is_what_the_customer_shows(world: World) -> None:
    guest(world, marketingOptIn=True)
    shown = world.the_customer()

    def plan(tx: Transaction) -> object:
        return marketing_of(tx, ChangeSet(tx).customer(shown["id"]))

    assert world.runner.evaluate(plan) == shown["marketing"]


# Opt-ins of orders


def row(email: str | None = "ada@example.com", **fields: Any) -> LedgerEntry:
    settings = World().runner.settings
    host_order = reader.read_order(order(email, **fields), DAY, settings)
    contribution = Contribution.of(host_order, settings.time_zone)
    key = KEYS.address(email) if email else None
    return LedgerEntry(1, identity=key, part_id="p", contribution=contribution)


def writes_of(before: LedgerEntry | None, after: LedgerEntry) -> list[Any]:
    return order_records(KEYS, "o1", before, after)


def path(key: str, at: datetime = DAY) -> str:
    return f"crmConsents/{KEYS.opt_in(key, 'o1', version_of(at))}"


def opt_in(key: str, at: datetime = DAY) -> Set:
    said = {"identity": key, "status": "subscribed", "at": at, "source": "order"}
    return Set(path(key, at), {**said, "actor": "system", "evidence": {"orderId": "o1"}})


YES = row(marketingOptIn=True)
NO = row()
BOBS = row("bob@example.com", marketingOptIn=True)
LATER = row(marketingOptIn=True, day=1)


@pytest.mark.parametrize(
    ("before", "after", "writes"),
    [
        (None, YES, [opt_in(ADA)]),
        (NO, YES, [opt_in(ADA)]),
        (YES, YES, []),
        (None, NO, []),
        (YES, NO, []),  # it was given
        (YES, row(marketingOptIn=True, status="cancelled"), []),
        (None, row(marketingOptIn=True, status="pending"), []),
        (YES, LATER, [opt_in(ADA, DAY + timedelta(days=1))]),
        (YES, BOBS, [Delete(path(ADA)), opt_in(BOB)]),  # never Ada's
        (YES, row("bob@example.com"), [Delete(path(ADA))]),
        (NO, BOBS, [opt_in(BOB)]),
        (YES, LedgerEntry(2, deleted=True), []),
        (YES, LedgerEntry(2, quarantined="email-missing"), []),
        (YES, replace(YES, identity=None), [Delete(path(ADA))]),  # erased
        (replace(YES, identity=None), YES, [opt_in(ADA)]),
        (replace(YES, contribution=None), YES, [opt_in(ADA)]),
    ],
)
def test_an_opt_in_is_recorded_where_it_was_given(
    before: LedgerEntry | None, after: LedgerEntry, writes: list[Any]
) -> None:
    assert writes_of(before, after) == writes
