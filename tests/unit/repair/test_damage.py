"""Whatever a hand does to any field: it is named, stops nothing else, and is mended."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Iterator
from typing import Any

import pytest

from crm.db.collections import ALL, IMPORTED, OUTBOX, RULE_RUNS, RULES
from crm.db.runner import Runner
from crm.repair.heal import healing
from crm.repair.rebuild import rebuild
from crm.repair.verify import verify
from testing.hosts import order
from tests.support.damage import Damage, all_damages, damaged, shop, swept, unseen

MOST = 1_000_000 if os.environ.get("CRM_ALL_DAMAGES") else 6
"""Damages of one collection in one run, always the same ones.
All of them take minutes: `CRM_ALL_DAMAGES=1`."""

LEFT = {"crmAudit", "crmInstallation"}
"""Collections of which nothing knows the truth, and nothing is guessed."""


def chosen(collection: str) -> Iterator[Damage]:
    some = [one for one in all_damages() if one.collection == collection]
    random.Random(1).shuffle(some)
    yield from some[:MOST]


ELSEWHERE = (f"{OUTBOX}.", f"{RULES}.", f"{RULE_RUNS}.", f"{IMPORTED}.rows.", f"{IMPORTED}.done.")
"""Damaged in test_damaged_rules; rows of lists are read as one with their piece."""


def test_there_are_more_than_three_hundred_damages() -> None:
    assert len(all_damages()) > 300
    # What is kept of rules has a table of its own: test_damaged_rules.
    assert {one.collection for one in all_damages()} == ALL - {OUTBOX, RULES, RULE_RUNS}
    missing = {one for one in unseen(shop().store) if not one.startswith(ELSEWHERE)}
    assert len(missing) <= 13, "fields that are there in a rotation or a failure only"


def test_the_shop_is_whole() -> None:
    world = damaged()
    assert list(verify(world.runner)) == []
    assert rebuild(world.runner, threads=1).changed.total() == 0


@pytest.mark.parametrize("collection", sorted(ALL))
def test_it_is_named_with_its_path(collection: str) -> None:
    for one in chosen(collection):
        named = {path for path, _ in verify(damaged(one).runner)}
        if (f"{one.collection}.{one.pattern}", one.what) in BY_NEIGHBOURS:
            assert named, str(one)
        elif not is_free(one):
            assert f"{one.collection}/{one.name}" in named, str(one)


def test_what_is_not_named_is_listed_with_its_reason_and_no_more_than_that() -> None:
    """The lists below hold what exists: none of their lines is left over."""
    known = {f"{one.collection}.{one.pattern}" for one in all_damages()}
    assert {name for name, _ in FREE} <= known
    assert {name for name, _ in BY_NEIGHBOURS} <= known


def is_free(one: Damage) -> bool:
    """Whether what is there now could be the truth, and nothing else tells."""
    name = f"{one.collection}.{one.pattern}"
    return (name, one.what) in FREE or (name, "*") in FREE


FREE = {
    # Of any kind: what a job or an entry of the trail says. An entry's seal tells (verify-audit).
    ("crmAudit.facts.*", "*"),
    ("crmJobs.cursor", "*"),
    ("crmJobs.arguments.**", "*"),
    ("crmSlices.cursor", "*"),
    ("crmSlices.cursor.**", "*"),
    ("crmSlices.counts.*", "missing"),  # as of a job's result
    ("crmImported.done.*.granted", "null"),  # not granted
    ("crmImported.done.*.fieldsKey", "null"),  # no own field written
    ("crmImported.done.*.fieldsPart", "null"),
    ("crmSlices.low", "null"),  # no bound
    ("crmSlices.high", "null"),
    ("crmSlices.holder", "null"),  # not begun
    ("crmJobs.phase", "null"),  # not cut yet
    ("crmJobs.result.*", "missing"),  # one of several numbers, for people
    ("crmErasures.counts.*", "missing"),
    ("crmJobs.error", "garbage"),  # any text
    ("crmJobs.error", "null"),
    ("crmJobs.total", "null"),  # not counted yet
    # The words of a person: any text, or none.
    ("crmConsents.evidence", "null"),
    ("crmConsents.evidence", "garbage"),
    ("crmConsents.evidence.*", "missing"),
    ("crmNotes.text", "garbage"),
    ("crmSegments.description", "null"),
    # A question of everybody; the words of a person; what was not there yet, or came of no mail.
    ("crmCampaigns.segment.**", "missing"),
    *(
        (f"crmCampaigns.{name}", "null")
        for name in (
            *("replyTo", "reason", "message", "scheduledAt", "latestBy", "startedAt"),
            *("preparedAt", "finishedAt", "expected", "jobId", "actor"),
            *("rule", "scope", "people"),
        )
    ),
    ("crmCampaigns.rule", "garbage"),  # any text
    ("crmCampaigns.scope", "garbage"),
    ("crmCampaigns.baseline.*", "missing"),
    ("crmAudiences.holder", "null"),
    ("crmAudiences.leaseUntil", "null"),
    ("crmAudiences.later.*.claimed", "missing"),
    *(
        (f"crmMails.{name}", "null")
        for name in (
            *("reason", "bounced", "softBounced", "complained", "unsubscribed"),
            *("customerId", "identity", "address", "providerId"),
        )
    ),
    ("crmBudgets.second.*", "missing"),  # nothing was sent then
    ("crmBudgets.hour.*", "missing"),
    ("crmBudgets.day.*", "missing"),
    # A merge of staff has no proof. Without the rank of a part its undo leaves that part.
    ("crmMerges.proof", "null"),
    ("crmMerges.ranks.*", "missing"),
    # Older customers lack it; where none is to come that says the same.
    ("customers.nextStartAt", "missing"),
    ("customers.confirmFrom", "missing"),
    ("customers.parts.*.askedAt", "null"),  # nobody was asked yet
    # Nothing came after; and rows that go by an erased part are named themselves.
    ("crmErasures.newest", "null"),
    ("crmIdentities.erased.*", "missing"),
    # Only the host's document tells, which `verify` does not read: `rebuild` does, and mends.
    ("crmOrders.addressKey", "null"),
    ("crmOrders.userKey", "null"),
    ("crmOrders.awaiting", "null"),
    ("crmOrders.events.*.startsAt", "null"),
    ("crmIdentities.claimed", "null"),
    ("crmIdentities.proven", "null"),
}
"""Damages that `verify` cannot see, each because a whole document can look so. `*` is any."""

BY_NEIGHBOURS = {
    ("crmIdentities.former.*", "missing"),
    ("crmIdentities.name", "null"),
    ("crmIdentities.customerId", "null"),
    ("crmIdentities.partId", "null"),
    ("crmIdentities.owner", "null"),
    ("crmIdentities.erasedAt", "null"),
    ("crmIdentities.erasedBy", "null"),
    ("crmIdentities.suppressed", "null"),
    ("crmIdentities.unreachable", "null"),
}
"""Damages that are named at a neighbour, which says otherwise."""


@pytest.mark.parametrize("collection", sorted(ALL - LEFT))
def test_a_rebuild_mends_it_and_sums_are_right(collection: str) -> None:
    for one in chosen(collection):
        world = damaged(one)
        report = rebuild(world.runner, threads=1)
        if report.failed:
            assert left_alone(one), (str(one), report.failed)
            continue
        assert list(verify(world.runner)) == [], str(one)
        assert [fault for fault in world.wrong() if " odd " not in fault] == [], str(one)


def left_alone(one: Damage) -> bool:
    """Whether nothing knows the field (docs/operating.md, Damage)."""
    return (one.collection, one.pattern) in {
        ("crmConsents", "identity"),
        ("crmNotes", "text"),
        ("crmAudiences", "people"),
        ("crmAudiences", "keys"),
        ("crmMails", "shard"),
    }


@pytest.mark.parametrize("collection", sorted(ALL - {"crmInstallation"}))
def test_orders_of_the_damaged_person_and_of_others_arrive_by_the_sweep(collection: str) -> None:
    for one in itertools.islice(chosen(collection), 3):
        world = damaged(one)
        for name in BUYERS:
            world.store.put(f"orders/s-{name}", order(f"{name}@example.com", day=20))
        for uid in USERS:
            world.store.put(f"orders/s-{uid}", order("x@example.com", day=20, userId=uid))
        report = swept(world)
        rows: dict[str, Any] = world.store.all("crmOrders")
        late = [name for name in (*BUYERS, *USERS) if not rows[f"s-{name}"]["partId"]]
        assert (late, report.failed) == ([], []), str(one)


BUYERS = ("bob", "bobby", "cyd", "dan", "eve", "gus", "hal", "ivy", "zoe", "new")

USERS = ("u1", "u2", "u3", "u4", "u9")


def test_two_threads_that_meet_the_same_damage_both_go_on() -> None:
    """What the other has mended meanwhile is not to be taken for damage that nobody can mend."""
    (one,) = [d for d in all_damages() if str(d) == "crmIdentities.quarantined:missing"]
    world = damaged(one)
    store, before = world.store, world.store.all(one.collection)[one.name]

    def work(runner: Runner) -> str:
        found = runner.read_one(f"{one.collection}/{one.name}")
        if "quarantined" in found.fields:
            return "done"
        store.put(found.path, {**before, "quarantined": None})  # another thread's
        raise KeyError("quarantined")

    assert healing(world.runner, work) == "done"


@pytest.mark.parametrize("collection", sorted(ALL - {"crmInstallation", "crmAudit"}))
def test_a_collection_that_is_gone_stops_nothing(collection: str) -> None:
    world = damaged()
    for name in world.store.all(collection):
        world.store.delete(f"{collection}/{name}")
    world.store.put("orders/s", order("zed@example.com", day=20))
    swept(world)
    assert world.store.all("crmOrders")["s"]["partId"]
    rebuild(world.runner, threads=1)
    assert list(verify(world.runner)) == []


@pytest.mark.parametrize("collection", sorted(ALL))
def test_a_stray_document_is_named_and_stops_nothing(collection: str) -> None:
    world = damaged()
    world.store.put(f"{collection}/0-stray", {"hello": "world"})
    world.store.put("orders/s", order("zed@example.com", day=20))
    swept(world)
    assert world.store.all("crmOrders")["s"]["partId"]
    named = {path for path, _ in verify(world.runner)}
    assert f"{collection}/0-stray" in named
    report = rebuild(world.runner, threads=1)
    assert {f"{at}/{name}" for at, name, _ in report.failed} <= {f"{collection}/0-stray"}
    assert {path for path, _ in verify(world.runner)} <= {f"{collection}/0-stray"}
