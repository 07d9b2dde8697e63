"""Numbers that stop a campaign, to the person, and the look at them while it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.campaigns.audience import Shard
from crm.campaigns.checks import (
    BEAT,
    Halting,
    beat,
    changed_audience,
    lost_audience,
    note_counts,
    refusals,
    returns,
    settled_since,
)
from crm.campaigns.counts import Counts
from crm.core.errors import Conflict
from crm.db.documents import Snapshot, Write, read_one
from testing.world import World
from tests.support.campaigns import campaign_in, put_campaign, world_of


def words(found: Halting | None) -> str:
    assert found is not None
    return found.message


NONE = {"accepted": 0, "refused": 0, "bounced": 0, "complained": 0, "uncertain": 0}


@pytest.mark.parametrize(
    ("refused", "accepted", "stops"),
    [
        (2, 0, False),
        (3, 0, True),
        (3, 56, True),
        (3, 57, False),
        (4, 76, False),
        (4, 75, True),
    ],
)
def test_more_than_one_in_twenty_and_three_refused_stop_it(
    refused: int, accepted: int, stops: bool
) -> None:
    counts = {**NONE, "refused": refused, "accepted": accepted}
    found = refusals(counts, {})
    assert (found is not None) is stops
    if found is not None:
        assert found.reason == "too-many-refusals"
        assert f"refused {refused} of the first {refused + accepted} mails" in found.message


@pytest.mark.parametrize(
    ("bounced", "complained", "accepted", "reason"),
    [
        (2, 0, 2, None),
        (3, 0, 59, "too-many-bounces"),
        (3, 0, 60, None),
        (4, 0, 79, "too-many-bounces"),
        (4, 0, 80, None),
        (0, 1, 1, None),
        (0, 2, 1_999, "too-many-complaints"),
        (0, 2, 2_000, None),
        (0, 3, 2_999, "too-many-complaints"),
        (0, 3, 3_000, None),
        (3, 2, 59, "too-many-bounces"),
    ],
)
def test_too_many_that_come_back_or_complain_stop_it(
    bounced: int, complained: int, accepted: int, reason: str | None
) -> None:
    counts = {**NONE, "bounced": bounced, "complained": complained, "accepted": accepted}
    found = returns(counts, {})
    assert (found and found.reason) == reason
    if found is not None:
        number = bounced if reason == "too-many-bounces" else complained
        assert found.message.startswith(f"{number} of {accepted} ")


def test_what_staff_knew_when_they_had_it_go_on_stops_it_no_more() -> None:
    known = {"accepted": 10, "refused": 5, "bounced": 4, "complained": 3, "uncertain": 2}
    assert refusals(known, known) is returns(known, known) is None
    assert settled_since(known, known) == 0
    more = {name: number + 3 for name, number in known.items()}
    assert settled_since(more, known) == 9
    assert settled_since(more, {}) == 26
    assert settled_since({}, {}) == 0
    assert "refused 3 of the first 6 mails" in words(refusals(more, known))
    assert words(returns(more, known)).startswith("3 of 3 mails")
    assert words(returns({**more, "bounced": 4}, known)).startswith("3 of 3 people")


def test_an_audience_is_held_to_what_was_expected_and_found() -> None:
    assert changed_audience(None, 7) is changed_audience(20, 19) is lost_audience(7, 7) is None
    changed, lost = changed_audience(20, 18), lost_audience(7, 6)
    assert "reach 18 people, and 20 were expected" in words(changed)
    assert "7 people were found and 6 noted" in words(lost)
    assert [one and one.reason for one in (changed, lost)] == ["audience-changed", "audience-mixed"]
    assert lost_audience(6, 7) is not None


# The look at them while it is sent


def under_way(state: Any = "sending", **fields: Any) -> World:
    """A campaign that was written `BEAT` ago, and one of whose hundred mails arrived since."""
    world = world_of(0)
    put_campaign(world, state=state, ready=True, job_id="j", **fields)
    shard = Shard("c1-000000", "c1", (), (), {}, Counts(100, waiting=40, accepted=60))
    world.store.put(shard.path, shard.to_data())
    moment = campaign_in(world).updated_at + BEAT
    world.runner = replace(world.runner, now=lambda: moment)
    return world


def came_back(world: World, field: str, number: int) -> None:
    for one in range(number):
        data = {"campaignId": "c1", field: world.store.now()}
        world.store.put(f"crmMails/c1-{field}{one}", data)


COUNTED = {
    **Counts(100, waiting=40, accepted=60).to_data(),
    **dict.fromkeys(("bounced", "complained", "unsubscribed"), 0),
}


def found_in(world: World) -> Snapshot:
    return read_one(world.store, "crmCampaigns/c1")


def test_counts_that_are_old_are_written_and_it_goes_on() -> None:
    world = under_way()
    before = campaign_in(world)
    assert beat(world.runner, found_in(world))
    after = replace(before, counts=COUNTED, updated_at=before.updated_at + BEAT)
    assert campaign_in(world) == after


def test_counts_that_are_not_old_stay() -> None:
    world = under_way()
    before, moment = campaign_in(world), world.runner.now() - timedelta(microseconds=1)
    world.runner = replace(world.runner, now=lambda: moment)
    assert beat(world.runner, found_in(world))
    assert campaign_in(world) == before


def test_what_came_back_by_then_halts_it_with_its_counts() -> None:
    world = under_way(baseline={"bounced": 1, "accepted": 1})
    came_back(world, "bounced", 4)
    before = campaign_in(world)
    assert not beat(world.runner, found_in(world))
    after = campaign_in(world)
    assert str(after.message).startswith("3 of 59 mails came back.")
    assert after == replace(
        before,
        state="halted",
        reason="too-many-bounces",
        message=after.message,
        counts={**COUNTED, "bounced": 4},
        updated_at=before.updated_at + BEAT,
    )


def test_where_somebody_else_has_just_looked_it_goes_on() -> None:
    world = under_way()
    came_back(world, "bounced", 9)
    found = found_in(world)
    world.store.put("crmCampaigns/c1", {**found.fields, "name": "June"})
    assert beat(world.runner, found)
    assert campaign_in(world).state == "sending"


@pytest.mark.parametrize(
    ("state", "noted"),
    [
        *((one, True) for one in ("paused", "cancelled", "halted")),
        *((one, False) for one in ("draft", "scheduled", "preparing", "sending", "done")),
    ],
)
def test_of_one_that_was_stopped_what_is_known_is_noted(state: Any, noted: bool) -> None:
    world = under_way(state)
    came_back(world, "complained", 1)
    before = campaign_in(world)
    note_counts(world.runner, "c1")
    counts = {**COUNTED, "complained": 1}
    after = replace(before, counts=counts, updated_at=before.updated_at + BEAT)
    assert campaign_in(world) == (after if noted else before)


def test_one_that_is_gone_or_moves_on_is_not_noted() -> None:
    world = under_way("paused")
    note_counts(world.runner, "nothing")

    def torn(writes: Sequence[Write]) -> list[int]:
        raise Conflict(f"{len(writes)}")

    before = campaign_in(world)
    world.store.commit = torn  # type: ignore[method-assign]
    note_counts(world.runner, "c1")
    assert campaign_in(world) == before
