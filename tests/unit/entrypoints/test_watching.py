"""Which doors rules see through, and that nothing is lost or doubled wherever a process ends."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from firebase_functions import https_fn

from crm.core.errors import Conflict, Transient, Unfinished
from crm.entrypoints.triggers import schedule
from crm.entrypoints.watching import CALLS, watch_of, watched
from crm.importing import imports
from crm.rules import saving
from crm.rules.checking import Asked, check
from crm.tags import tagging
from testing.hosts import order
from tests.support.faults import Faults, Killed
from tests.support.signing_up import Door
from tests.support.stage import Process, shop

MOST = 12
"""Points of one way, about; `CRM_POINTS=all` runs them all."""

SPENT: dict[str, Any] = {
    "name": "Big",
    "on": True,
    "when": {"enters": "total_spend >= 1000 USD"},
    "then": {"addTags": ["Big"]},
}
TAGGED: dict[str, Any] = {
    "name": "Friends",
    "on": True,
    "when": {"enters": "tag:friend"},
    "then": {"addTags": ["Party"]},
}
LEFT: dict[str, Any] = {
    "name": "Left",
    "on": True,
    "when": {"enters": "marketing:unsubscribed"},
    "then": {"addTags": ["Left"]},
}


def world_with(*rules: dict[str, Any]) -> Process:
    world = Process(start=shop())
    for rule in rules:
        world.call("save_rule", **rule)
    return world


def waiting(world: Process) -> list[str]:
    return sorted(one["customerId"] for one in world.store.all("crmOutbox").values())


def sweep(world: Process, *, whole: bool = True) -> None:
    schedule.run(lambda: world.services, whole=whole)


def test_what_staff_do_to_one_is_seen() -> None:
    world = world_with(TAGGED, LEFT)
    bob, cyd = world.id("bob"), world.id("cyd")
    world.call("tag_customers", add=["Friend"], customerIds=[bob])
    world.call("set_consent", customerId=cyd, status="unsubscribed", evidence="a letter")
    assert waiting(world) == sorted([bob, cyd])
    sweep(world, whole=False)
    assert world.with_email("bob@example.com")["tags"] == ["friend", "news", "party", "vip"]
    assert "left" in world.with_email("cyd@example.com")["tags"]


def test_what_staff_do_to_many_is_seen_whoever_does_the_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = world_with(TAGGED)
    monkeypatch.setattr(tagging, "_at_once", lambda _runner, enqueue, job_id: enqueue(job_id))
    answer = world.call("tag_customers", add=["Friend"], segment="everyone")
    assert "jobId" in answer
    assert waiting(world) == []
    world.deliver()
    assert waiting(world) == sorted(one["id"] for one in world.customers())


def test_what_a_worker_counts_anew_is_not_seen() -> None:
    world = world_with(SPENT)
    for number in range(3):
        world.store.put(f"orders/n{number}", order(f"n{number}@example.com", total=5_000))
    world.call("rebuild_customers", dryRun=False)
    world.deliver()
    assert len(world.customers(lambda one: one["totalSpend"].get("USD", 0) >= 100_000)) == 3
    assert waiting(world) == []
    sweep(world)
    assert waiting(world) == []


def test_what_the_scheduler_mends_is_not_seen() -> None:
    world = world_with(SPENT)
    for number in range(3):
        world.store.put(f"orders/n{number}", order(f"n{number}@example.com", total=5_000))
    sweep(world)
    assert len(world.customers(lambda one: one["totalSpend"].get("USD", 0) >= 100_000)) == 3
    assert world.store.all("crmRuleRuns") == {}
    assert waiting(world) == []


def test_a_merge_and_its_undo_by_staff_are_not_seen() -> None:
    world = world_with({**SPENT, "when": {"enters": "order_count >= 3"}})
    ada, eve = world.id("ada"), world.id("eve")
    merged = world.call("merge_customers", sourceId=ada, targetId=eve)["mergeId"]
    world.call("unmerge_customers", mergeId=merged)
    assert waiting(world) == []


def test_an_unwatched_call_is_one_that_does_nothing_to_a_customer_of_itself() -> None:
    from crm.entrypoints.callables.dispatch import CALLS as ALL

    assert ALL.keys() >= CALLS
    unseen = {
        *("merge_customers", "unmerge_customers", "rebuild_customers", "retry_quarantine"),
        *("delete_customer", "delete_my_data", "rename_tag", "delete_tag"),
        *("import_contacts", "undo_import", "add_note", "delete_note"),
    }
    assert ALL.keys() >= unseen
    assert not CALLS & unseen


def test_what_staff_write_into_a_field_is_seen() -> None:
    world = world_with({**TAGGED, "when": {"enters": 'field:company = "Ltd"'}})
    cyd = world.id("cyd")
    world.call("set_fields", customerId=cyd, fields={"company": "Other"})
    assert waiting(world) == []
    world.call("set_fields", customerId=cyd, fields={"company": "Ltd"})
    assert waiting(world) == [cyd]
    sweep(world, whole=False)
    assert "party" in world.with_email("cyd@example.com")["tags"]


LIST = (
    "email,tags,status\n"
    "cyd@example.com,Friend,unsubscribed\n"
    "bob@example.com,Friend,\n"
    "new@example.com,Friend,subscribed\n"
)
AGREED: dict[str, Any] = {
    "name": "Welcome",
    "on": True,
    "when": {"subscribed": True},
    "then": {"addTags": ["Welcome"]},
}


@pytest.mark.parametrize("inline", [imports.INLINE, 0], ids=["in the call", "by a worker"])
def test_what_a_list_brings_is_not_seen_and_what_its_undo_takes_is_not(
    monkeypatch: pytest.MonkeyPatch, inline: int
) -> None:
    monkeypatch.setattr(imports, "INLINE", inline)
    unfriendly = {**TAGGED, "name": "Without", "when": {"enters": "not tag:friend"}}
    world = world_with(AGREED, TAGGED, LEFT, unfriendly)
    vouched = {"source": "the fair of 2025", "evidence": "a ticked box"}
    done = world.call("import_contacts", csv=LIST, **vouched)
    world.deliver()
    new = world.with_email("new@example.com")
    assert (new["tags"], new["marketing"]["status"]) == (["friend"], "subscribed")
    assert waiting(world) == []
    world.call("undo_import", importId=done["importId"])
    world.deliver()
    assert "friend" not in world.with_email("bob@example.com")["tags"]
    assert waiting(world) == []
    sweep(world)
    assert world.store.all("crmRuleRuns") == {}


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    monkeypatch.setenv("GCLOUD_PROJECT", "shop")  # in the links of mails
    monkeypatch.delenv("FUNCTIONS_EMULATOR_ORIGIN", raising=False)
    return Door()


def test_who_confirms_is_welcomed_and_who_is_imported_is_not(door: Door) -> None:
    saving.save(door.runner, check(door.runner, Asked(**AGREED)))
    watch_of(door.store).forget()
    mail = door.sign_up("ada@example.com")
    csv = "email,status\nbob@example.com,subscribed"
    imports.import_contacts(
        door.runner, door.queue.append, csv, source="a fair", evidence="a ticked box"
    )
    assert door.store.all("crmOutbox") == {}, "to ask is not to agree"
    for _ in range(2):  # once more is no second agreement
        assert door.click(mail).status_code == 200
    assert len(door.store.all("crmOutbox")) == 1
    schedule.run(lambda: door.services, whole=False)
    tags = {one["primaryEmail"]: one["tags"] for one in door.customers()}
    assert tags == {"ada@example.com": ["newsletter", "welcome"], "bob@example.com": []}


def test_who_says_that_it_was_not_them_leaves_in_sight_of_rules(door: Door) -> None:
    mail = door.sign_up("ada@example.com")
    assert door.click(mail).status_code == 200
    saving.save(door.runner, check(door.runner, Asked(**LEFT)))
    watch_of(door.store).forget()
    assert door.click(mail, action="not-me").status_code == 200
    schedule.run(lambda: door.services, whole=False)
    assert "left" in door.with_email("ada@example.com")["tags"]


def test_saving_a_rule_is_known_to_this_process_at_once() -> None:
    world = world_with()
    watch = watch_of(world.store)
    watch.adds(world.runner.begin(), [])
    world.call("save_rule", **TAGGED)
    world.call("tag_customers", add=["Friend"], customerIds=[world.id("bob")])
    assert len(waiting(world)) == 1


def test_deleting_a_saved_segment_that_a_rule_uses_is_refused() -> None:
    world = world_with()
    (segment_id,) = world.store.all("crmSegments")
    rule = world.call("save_rule", **{**TAGGED, "only": {"segment": segment_id}})["rule"]
    with pytest.raises(https_fn.HttpsError) as refused:
        world.call("delete_segment", segmentId=segment_id)
    assert refused.value.details["reason"] == "segment-in-use"  # type: ignore[index]
    world.call("save_segment", name="Important", segment="tag:news", segmentId=segment_id)
    book = world.store.all("crmRules")["book"]
    assert book["rules"][rule["ruleId"]]["asked"] == {"tag": "news"}
    world.call("delete_rule", ruleId=rule["ruleId"])
    world.call("delete_segment", segmentId=segment_id)


# --- Whatever becomes of any call ----------------------------------------------------------------


def enter(world: Process) -> None:
    """The host writes an order, and its event comes; the platform delivers it until it is done."""
    world.store.put("orders/big", order("bob@example.com", total=5_000))
    _until_done(world, lambda: watched(world.services).sync.sync_order("big"))


def tag(world: Process) -> None:
    """Staff tag three people, and again where no answer came."""
    ids = [world.id(name) for name in ("ada", "bob", "cyd")]
    _until_done(world, lambda: world.call("tag_customers", add=["Friend"], customerIds=ids))


def tag_many(world: Process) -> None:
    """Staff tag a segment."""
    _until_done(world, lambda: world.call("tag_customers", add=["Friend"], segment="tag:vip"))


def _until_done(world: Process, act: Callable[[], object]) -> None:
    for _ in range(3):
        try:
            act()
        except (Killed, Conflict, Transient, Unfinished):
            world.faults.over()
            continue
        except Exception:
            if not world.faults.hit:
                raise
            world.faults.over()
            continue
        return


def whole_way(faults: Faults, rule: dict[str, Any], act: Callable[[Process], None]) -> Process:
    """Somebody enters, and a rule acts: with one call gone wrong, and everything called again."""
    start = world_with(rule, LEFT)
    world = Process(faults, start)
    act(world)
    for _ in range(2):
        with suppress(Killed, Unfinished):
            schedule.run(lambda: world.services, whole=False)
            world.deliver()
        world.faults.over()
    world.deliver()
    world.sweep()  # takes up what a job has left
    world.deliver()
    schedule.run(lambda: world.services, whole=False)
    return world


def result(world: Process) -> tuple[Any, ...]:
    tags = {one["primaryEmail"]: one["tags"] for one in world.customers()}
    runs = sorted(
        (one["customerId"], one["identity"]) for one in world.store.all("crmRuleRuns").values()
    )
    acts = [
        one["customers"]
        for one in world.store.all("crmAudit").values()
        if one["facts"].get("rule") and one["action"] == "customer.tag"
    ]
    return tags, runs, sorted(acts), waiting(world)


WAYS = [(SPENT, enter), (TAGGED, tag), (TAGGED, tag_many)]


@pytest.mark.parametrize(("rule", "act"), WAYS)
def test_killed_between_any_two_calls_it_neither_loses_nor_doubles(rule: Any, act: Any) -> None:
    plain = Faults()
    expected = result(whole_way(plain, rule, act))
    assert expected[2]
    assert expected[3] == []
    points = plain.points
    stride = 1 if os.environ.get("CRM_POINTS") == "all" else max(1, len(points) // MOST)
    for fault, at in points[::stride]:
        world = whole_way(Faults(at, fault), rule, act)
        assert result(world) == expected, (fault, at)
        assert world.unsound() == [], (fault, at)


def test_two_sweeps_at_once_act_once() -> None:
    world = world_with(TAGGED)
    world.call("tag_customers", add=["Friend"], segment="everyone")
    other = replace(world.services)
    begun = [False]
    pause = world.store.pause

    def between() -> None:
        if not begun[0] and world.store.all("crmRuleRuns"):
            begun[0] = True
            schedule.run(lambda: other, whole=False)

    world.store.pause = between
    sweep(world, whole=False)
    world.store.pause = pause
    assert begun[0]
    acts = [
        one["customers"]
        for one in world.store.all("crmAudit").values()
        if one["facts"].get("rule") and one["action"] == "customer.tag"
    ]
    assert sorted(acts) == sorted([one["id"]] for one in world.customers())
