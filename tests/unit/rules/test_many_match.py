"""A rule is on and thousands match: whatever is done to them that is no entry, no mail goes out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from crm.customers.customer import Customer
from crm.db.collections import CUSTOMERS
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.repair.rebuild import rebuild
from crm.repair.sweep import sweep
from tests.support.mailing import subscriber
from tests.support.ruling import RuleRoom

MANY = 2_000

EVERYBODY = {"enters": {"any": [{"marketing": "subscribed"}, {"tag": "t"}]}}


def test_an_import_a_rebuild_a_merge_and_its_undoing_send_no_mail() -> None:
    room = RuleRoom()
    bought = [f"b{at}@example.com" for at in range(20)]
    for at in range(MANY):
        subscriber(room.store, f"c{at:05}", f"p{at}@example.com")
    for address in bought:
        room.buy(address)
    rule = room.rule(when=EVERYBODY, most=100_000)
    room.rule(when={"eventEnded": {"days": 1, "at": "10:00"}}, most=100_000)
    room.rule(when={"sinceLastOrder": {"days": 30}}, most=100_000)

    # An import and whatever else has no watch writes everybody anew, and some more.
    for at in range(MANY, MANY + 50):
        subscriber(room.store, f"c{at:05}", f"p{at}@example.com")
    for name in [*room.store.all(CUSTOMERS)][:50]:
        found = room.store.read([f"{CUSTOMERS}/{name}"])[f"{CUSTOMERS}/{name}"]
        customer = Customer.from_data(name, found.fields)
        again: dict[str, Any] = replace(customer, tags=()).to_data(room.store.now(), double=False)
        room.store.put(f"{CUSTOMERS}/{name}", again)
    rebuild(room.world.runner)
    sweep(room.runner, room.queue.append)

    a, b = (room.customer(one)["id"] for one in bought[:2])
    room.watched.run(lambda tx: plan_merge(tx, a, b))
    (merged,) = room.store.all("crmMerges")
    room.watched.run(lambda tx: plan_unmerge(tx, merged))

    for _ in range(3):
        room.sweep()
        room.wait(hours=7)
    assert room.outbox == {}
    assert room.by_rules == []
    assert room.mailed == {}
    # And the rule is on: somebody who really comes is met, alone.
    room.buy("new@example.com")
    room.sweep()
    assert room.mailed == {"new@example.com": 1}
    assert room.rule_now(rule.id).paused is None


def test_a_person_of_an_event_who_is_merged_after_the_mail_gets_no_second_one() -> None:
    room = RuleRoom()
    for address in ("a@example.com", "b@example.com"):
        room.buy(address, "party", room.store.now())
    room.rule(when={"eventEnded": {"days": 1, "at": "10:00"}}, once="ever")
    room.wait(hours=34)
    room.sweep()
    assert room.mailed == {"a@example.com": 1, "b@example.com": 1}
    ids = [room.customer(one)["id"] for one in ("a@example.com", "b@example.com")]
    room.watched.run(lambda tx: plan_merge(tx, *ids))
    room.buy("a@example.com", "second", room.store.now() + timedelta(hours=1))
    room.wait(hours=34)
    room.sweep()
    assert room.mailed.total() == 2
