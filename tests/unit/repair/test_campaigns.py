"""Campaigns held to their shards and records, and mended so that nobody gets a mail twice."""

from __future__ import annotations

from typing import Any

import pytest

from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.privacy.erasure.erase import erase
from crm.repair.rebuild import rebuild
from crm.repair.verify import verify
from testing.hosts import order
from testing.world import World
from tests.support.sent import put_sent
from tests.unit.privacy.test_erasure import ADA

STATES = {"ada": "accepted", "bob": "refused", "cyd": "uncertain", "dan": "waiting"}


@pytest.fixture
def world() -> World:
    world = World()
    for name in STATES:
        world.put_order(f"o-{name}", order(f"{name}@example.com"))
    ids = {name: world.with_email(f"{name}@example.com")["id"] for name in STATES}
    people = {ids[name]: state for name, state in STATES.items()}
    put_sent(world, people, left_out={"x": "unsubscribed"}, state="paused")
    assert faults(world) == []
    return world


def faults(world: World) -> list[tuple[str, str]]:
    return list(verify(world.runner))


def shard(world: World) -> tuple[str, dict[str, Any]]:
    ((name, data),) = world.store.all("crmAudiences").items()
    return f"crmAudiences/{name}", data


def record(world: World, state: str) -> tuple[str, dict[str, Any]]:
    found = world.store.all("crmMails").items()
    ((name, data),) = [one for one in found if one[1]["state"] == state]
    return f"crmMails/{name}", data


def mended(world: World) -> dict[str, Any]:
    assert rebuild(world.runner, threads=1).failed == []
    assert faults(world) == []
    return shard(world)[1]


def test_counts_that_are_not_those_of_the_records_are_named_and_mended(world: World) -> None:
    path, data = shard(world)
    counts = {**data["counts"], "accepted": 2, "refused": 0}
    world.store.put(path, {**data, "counts": counts})
    assert faults(world) == [(path, "does not count its people as their records have them")]
    assert mended(world)["counts"] == data["counts"]


def test_counts_that_do_not_add_up_are_named_and_mended(world: World) -> None:
    path, data = shard(world)
    world.store.put(path, {**data, "counts": {**data["counts"], "audience": 9}})
    assert [one for one, _ in faults(world)] == [path]
    assert mended(world)["counts"] == data["counts"]


def test_a_lost_record_makes_its_person_uncertain_and_never_somebody_who_waits(
    world: World,
) -> None:
    path, _ = record(world, "accepted")
    world.store.delete(path)
    where, _ = shard(world)
    assert faults(world) == [(where, "has people who are settled and have no record")]
    counts = mended(world)["counts"]
    assert (counts["accepted"], counts["uncertain"], counts["waiting"]) == (0, 2, 1)
    again = world.store.all("crmMails")[path.split("/")[1]]
    assert (again["state"], again["reason"]) == ("uncertain", "damaged")


def test_a_place_that_is_set_back_sends_nobody_a_second_mail(world: World) -> None:
    path, data = shard(world)
    world.store.put(path, {**data, "next": 0, "claimed": 0})
    assert [one for one, _ in faults(world)] == [path]
    # Their records are there, and `Create` of a second one would collide; but the counts are wrong.
    assert mended(world)["counts"]["audience"] == 5


def test_a_state_that_was_changed_by_hand_is_named_at_the_shard(world: World) -> None:
    path, data = record(world, "refused")
    world.store.put(path, {**data, "state": "accepted"})
    where, _ = shard(world)
    assert [one for one, _ in faults(world)] == [where]
    counts = mended(world)["counts"]
    assert (counts["accepted"], counts["refused"]) == (2, 0)


def test_what_is_of_no_campaign_is_named_and_deleted(world: World) -> None:
    (name,) = world.store.all("crmCampaigns")
    world.store.delete(f"crmCampaigns/{name}")
    assert {why for _, why in faults(world)} == {"is of a campaign that is not there"}
    assert rebuild(world.runner, threads=1).failed == []
    assert faults(world) == []
    assert world.store.all("crmMails") == world.store.all("crmAudiences") == {}


def test_a_record_that_names_an_erased_person_is_named_and_blanked(world: World) -> None:
    """As a worker writes it that was stopped for longer than an erasure waits."""
    path, data = record(world, "accepted")
    erase(world.runner, world.queue.append, ADA, reason="asked by letter")
    world.work()
    world.resync()  # to redact an order is an event of its own
    assert faults(world) == []
    world.store.put(path, data)
    assert faults(world) == [(path, "says whom it is about, who was erased")]
    mended(world)
    blanked = world.store.all("crmMails")[path.split("/")[1]]
    assert (blanked["customerId"], blanked["identity"], blanked["state"]) == (
        None,
        None,
        "accepted",
    )
    assert blanked["erased"]


def test_merges_and_their_undoing_break_nothing(world: World) -> None:
    ada, bob = (world.with_email(f"{name}@example.com")["id"] for name in ("ada", "bob"))
    plan, _ = world.runner.run(lambda tx: plan_merge(tx, bob, ada))
    assert faults(world) == []
    world.runner.run(lambda tx: plan_unmerge(tx, plan.merge_id or ""))
    assert faults(world) == []
    assert rebuild(world.runner, threads=1).changed.total() == 0


def test_a_campaign_whose_state_is_lost_stops(world: World) -> None:
    (name,) = world.store.all("crmCampaigns")
    data = {**world.store.all("crmCampaigns")[name], "state": 7}
    world.store.put(f"crmCampaigns/{name}", data)
    assert [one for one, _ in faults(world)] == [f"crmCampaigns/{name}"]
    mended(world)
    campaign = world.store.all("crmCampaigns")[name]
    assert (campaign["state"], campaign["reason"]) == ("halted", "damaged")


def test_a_lost_segment_is_nobodys_and_not_everybodys(world: World) -> None:
    (name,) = world.store.all("crmCampaigns")
    data = {**world.store.all("crmCampaigns")[name], "segment": None}
    world.store.put(f"crmCampaigns/{name}", data)
    mended(world)
    assert world.store.all("crmCampaigns")[name]["segment"] == {"not": {}}
