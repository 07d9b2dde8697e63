"""The job that sends a campaign, phase by phase: how each is cut, and what a step of it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.campaigns import preparing
from crm.campaigns.audience import Shard
from crm.campaigns.campaign import Campaign, CampaignState
from crm.campaigns.control import SEND, failed, use_resume
from crm.campaigns.counts import Counts
from crm.core.roles import Role
from crm.db.collections import AUDIENCES, CAMPAIGNS, JOBS, MAILS
from crm.db.documents import Query, Snapshot
from crm.jobs.cutting import ALL
from crm.jobs.job import Cut, Job, Progress
from crm.jobs.slices import Slice
from tests.support.mailing import Room

BEGIN, PREPARE, CHECK, SEND_ALL, END = range(5)

ONE, NONE = Cut([ALL]), Cut(())

ALL_STATES: tuple[CampaignState, ...] = (
    *("draft", "scheduled", "preparing", "sending", "paused"),
    *("done", "cancelled", "missed", "halted"),
)


def room_with(state: CampaignState = "scheduled", **fields: Any) -> Room:
    """A campaign in a state, with its job; time stands still."""
    room = Room()
    room.schedule(**fields)
    data = {**room.campaign.to_data(), "state": state}
    room.store.put(f"{CAMPAIGNS}/c1", data)
    now = room.store.now()
    room.runner = replace(room.runner, now=lambda: now)
    return room


def job_of(room: Room, **fields: Any) -> Job:
    return replace(Job.from_data("j1", room.store.all(JOBS)["j1"]), **fields)


def part(room: Room, phase: int, cursor: Any = None) -> Slice:
    now = room.store.now()
    return Slice(f"j1-{phase}-0", "j1", phase, 0, None, None, now, now, cursor=cursor)


def cut(room: Room, phase: int, **fields: Any) -> Cut:
    return room.kinds()[SEND].phases[phase].cut(room.runner, job_of(room, **fields))  # type: ignore[no-any-return]


def step(room: Room, phase: int, cursor: Any = None, **fields: Any) -> Progress:
    phases = room.kinds()[SEND].phases
    return phases[phase].step(room.runner, job_of(room, **fields), part(room, phase, cursor))  # type: ignore[no-any-return]


def written(room: Room, progress: Progress) -> Campaign:
    """Commit what a step wants written; give the campaign as it is then."""
    assert [one.path for one in progress.writes] == [f"{CAMPAIGNS}/c1"]
    room.store.commit([*progress.writes])
    return room.campaign


def shard(room: Room, number: int = 0, **counts: int) -> None:
    made = Shard(f"c1-{number:06}", "c1", (), (), {}, Counts(sum(counts.values()), **counts))
    room.store.put(made.path, made.to_data())


def counted(**counts: int) -> dict[str, int]:
    people = Counts(sum(counts.values()), **counts).to_data()
    return {**people, **dict.fromkeys(("bounced", "complained", "unsubscribed"), 0)}  # type: ignore[dict-item]


def test_the_kind_is_begun_by_editors_and_ends_with_its_campaign() -> None:
    (kind,) = Room().kinds().values()
    assert (kind.role, kind.cancellable, kind.resumes) == (Role.EDITOR, False, "cursor")
    assert (kind.on_retry, kind.on_failure, len(kind.phases)) == (use_resume, failed, 5)
    room = room_with()
    assert kind.step(room.runner, job_of(room)) == Progress()


# How it is cut


@pytest.mark.parametrize("state", ALL_STATES)
def test_each_phase_is_cut_in_its_own_states(state: CampaignState) -> None:
    room = room_with(state, expected=3)
    shard(room, waiting=3)
    cuts = {
        BEGIN: ONE if state in ("scheduled", "preparing") else NONE,
        PREPARE: Cut([ALL], 3) if state == "preparing" else NONE,
        CHECK: ONE if state in ("preparing", "sending") else NONE,
        SEND_ALL: Cut([ALL]) if state == "sending" else NONE,
        END: ONE if state == "sending" else NONE,
    }
    for phase, expected in cuts.items():
        assert cut(room, phase) == expected


@pytest.mark.parametrize("phase", range(5))
@pytest.mark.parametrize("state", ["scheduled", "preparing", "sending"])
def test_what_is_gone_or_another_jobs_is_left_alone(state: CampaignState, phase: int) -> None:
    room = room_with(state, job_id="j2")
    shard(room, waiting=3)
    nothing = (NONE, Progress(finished=True))
    assert (cut(room, phase), step(room, phase)) == nothing
    room.store.delete(f"{CAMPAIGNS}/c1")
    assert (cut(room, phase), step(room, phase)) == nothing


@pytest.mark.parametrize("phase", range(5))
@pytest.mark.parametrize("state", ["paused", "cancelled", "halted", "done", "missed", "draft"])
def test_where_it_has_been_stopped_a_step_finds_nothing_to_do(
    state: CampaignState, phase: int
) -> None:
    room = room_with(state)
    shard(room, waiting=3)
    assert step(room, phase) == Progress(finished=True)


def test_those_who_are_sent_to_again_are_sent_to_while_it_is_done() -> None:
    room = room_with("done")
    shard(room, waiting=1)
    again = {"campaignId": "c1", "resend": True}
    cuts = [cut(room, phase, arguments=again) for phase in (BEGIN, PREPARE, CHECK)]
    assert cuts == [NONE] * 3
    assert cut(room, SEND_ALL, arguments=again) == cut(room, END, arguments=again) == ONE
    room = room_with("sending")
    shard(room, waiting=1)
    assert cut(room, SEND_ALL, arguments=again) == cut(room, END, arguments=again) == NONE


@pytest.mark.parametrize(
    ("expected", "total", "slices"),
    [(100, 7, 1), (None, 600, 3), (501, None, 3), (None, None, 16), (0, 900, 1)],
)
def test_ids_are_cut_by_how_many_are_expected_else_by_how_many_there_are(
    expected: int | None, total: int | None, slices: int
) -> None:
    found = cut(room_with("preparing", expected=expected), PREPARE, total=total)
    assert len(found.bounds) == slices
    assert found.total == (total if expected is None else expected)


def test_people_who_are_named_are_one_slice() -> None:
    room = room_with("preparing", expected=900, people=("a", "b"))
    assert cut(room, PREPARE, total=800) == Cut([ALL], 2)


@pytest.mark.parametrize(
    ("counts", "baseline", "looked_at"),
    [
        ({"accepted": 49}, {}, True),
        ({"accepted": 50}, {}, False),
        ({"accepted": 30, "refused": 10, "uncertain": 9, "excluded": 99}, {}, True),
        ({"accepted": 30, "refused": 10, "uncertain": 10}, {}, False),
        ({"accepted": 60, "refused": 10}, {"accepted": 20, "refused": 1}, True),
        ({"accepted": 60, "refused": 10}, {"accepted": 20}, False),
    ],
)
def test_the_first_fifty_are_looked_at_since_staff_had_it_go_on(
    counts: dict[str, int], baseline: dict[str, int], looked_at: bool
) -> None:
    room = room_with("sending", baseline=baseline)
    shard(room, waiting=5, **counts)
    assert cut(room, CHECK) == (ONE if looked_at else NONE)


@pytest.mark.parametrize(
    ("shards", "waiting", "slices"), [(1, 1, 1), (1, 0, 0), (5, 1, 5), (17, 1, 9)]
)
def test_shards_are_cut_for_the_workers_where_anybody_waits(
    shards: int, waiting: int, slices: int
) -> None:
    room = room_with("sending")
    for number in range(shards):
        shard(room, number, accepted=3, waiting=waiting if number == 0 else 0)
    bounds = cut(room, SEND_ALL).bounds
    assert len(bounds) == slices
    if slices:
        assert (bounds[0][0], bounds[-1][1]) == (None, None)


# Begin


@pytest.mark.parametrize(
    ("wait", "begins"), [(timedelta(0), True), (timedelta(microseconds=1), False)]
)
def test_it_begins_at_its_time(wait: timedelta, begins: bool) -> None:
    room = room_with()
    at = room.runner.now() + wait
    room.store.put(f"{CAMPAIGNS}/c1", {**room.campaign.to_data(), "scheduledAt": at})
    before, now = room.campaign, room.runner.now()
    progress = step(room, BEGIN)
    if not begins:
        assert progress == Progress(not_before=at)
        return
    assert progress == Progress(finished=True, writes=progress.writes)
    after = written(room, progress)
    moment = after.prepared_at
    assert moment is not None
    assert moment >= now
    expected = {"state": "preparing", "started_at": now, "prepared_at": moment}
    assert after == replace(before, updated_at=now, **expected)  # type: ignore[arg-type]


def test_one_that_has_no_time_begins_at_once() -> None:
    room = room_with(scheduled_at=None)
    assert written(room, step(room, BEGIN)).state == "preparing"


def test_one_that_is_too_late_is_missed() -> None:
    room = room_with()
    now = room.runner.now()
    late = now - timedelta(microseconds=1)
    room.store.put(f"{CAMPAIGNS}/c1", {**room.campaign.to_data(), "latestBy": late})
    progress = step(room, BEGIN)
    assert progress == Progress(finished=True, writes=progress.writes)
    after = written(room, progress)
    told = (after.state, after.reason, after.started_at, after.finished_at, after.prepared_at)
    assert told == ("missed", "too-late", None, now, None)
    assert "It could not begin in time" in str(after.message)


def test_one_that_is_prepared_already_goes_on_and_is_not_begun_again() -> None:
    room = room_with("preparing")
    shard(room, waiting=1)
    assert step(room, BEGIN) == Progress(finished=True)


def test_one_that_is_to_be_prepared_anew_loses_what_there_is_step_by_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(preparing, "_AT_ONCE", 2)
    room = room_with("preparing")
    for number in range(3):
        shard(room, number, waiting=1)
    for name, campaign in (("c1-a", "c1"), ("c2-a", "c2")):
        room.store.put(f"{MAILS}/{name}", {"campaignId": campaign})
    other = Shard("c2-000000", "c2", (), (), {}, Counts())
    room.store.put(other.path, other.to_data())
    before, left = room.campaign, list[tuple[int, int]]()
    find, seen = room.store.find, list[Query]()

    def watched(query: Query) -> list[Snapshot]:
        seen.append(query)
        return find(query)

    room.store.find = watched  # type: ignore[method-assign]
    again = {"campaignId": "c1", "resumed": True}
    while not (progress := step(room, BEGIN, arguments=again)).finished:
        assert progress == Progress(writes=progress.writes)
        room.store.commit([*progress.writes])
        left.append((len(room.store.all(AUDIENCES)), len(room.store.all(MAILS))))
    assert left == [(2, 2), (1, 2), (1, 1)]
    after = written(room, progress)
    assert after == replace(before, prepared_at=after.prepared_at)
    assert after.prepared_at is not None
    assert {*room.store.all(AUDIENCES)} == {"c2-000000"}
    assert {(one.limit, one.keys_only) for one in seen} == {(2, True)}


# Check


@pytest.mark.parametrize(
    ("expected", "found", "reason"),
    [(20, 22, None), (None, 22, None), (2, 22, "audience-changed"), (20, 23, "audience-mixed")],
)
def test_an_audience_that_is_whole_and_as_expected_is_sent_to(
    expected: int | None, found: int, reason: str | None
) -> None:
    """Of 22 people two are left out."""
    room = room_with("preparing", expected=expected)
    shard(room, 0, waiting=12, excluded=2)
    shard(room, 1, waiting=8)
    before, now = room.campaign, room.runner.now()
    progress = step(room, CHECK, result={"found": found})
    assert progress == Progress(finished=reason is not None, writes=progress.writes)
    after = written(room, progress)
    counts = counted(waiting=20, excluded=2)
    if reason is None:
        sending = {"state": "sending", "ready": True, "counts": counts, "updated_at": now}
        assert after == replace(before, **sending)  # type: ignore[arg-type]
    else:
        halted = {"state": "halted", "reason": reason, "counts": counts, "updated_at": now}
        assert after == replace(before, message=after.message, **halted)  # type: ignore[arg-type]


def test_an_audience_of_which_nobody_was_met_is_of_nobody() -> None:
    room = room_with("preparing")
    assert written(room, step(room, CHECK, result={})).state == "sending"
    room = room_with("preparing")
    shard(room, waiting=1)
    assert written(room, step(room, CHECK, result={})).reason == "audience-mixed"


@pytest.mark.parametrize(
    ("counts", "baseline", "halts"),
    [
        ({"waiting": 9, "accepted": 46, "refused": 4}, {}, True),
        ({"waiting": 0, "accepted": 46, "refused": 4}, {}, False),
        ({"waiting": 9, "accepted": 58, "refused": 2}, {}, False),
        ({"waiting": 9, "accepted": 99, "refused": 9}, {"accepted": 49, "refused": 7}, False),
    ],
)
def test_what_became_of_the_first_ones_is_looked_at_while_others_wait(
    counts: dict[str, int], baseline: dict[str, int], halts: bool
) -> None:
    room = room_with("sending", baseline=baseline)
    shard(room, **counts)
    before, now = room.campaign, room.runner.now()
    progress = step(room, CHECK)
    assert progress == Progress(finished=True, writes=progress.writes)
    if not halts:
        assert progress.writes == ()
        return
    after = written(room, progress)
    halted = {"state": "halted", "reason": "too-many-refusals", "counts": counted(**counts)}
    assert after == replace(before, updated_at=now, message=after.message, **halted)  # type: ignore[arg-type]


# End


@pytest.mark.parametrize("state", ["sending", "done"])
def test_the_end_is_written_where_nobody_waits(state: CampaignState) -> None:
    room = room_with(state)
    shard(room, accepted=3, uncertain=1)
    arguments = {"campaignId": "c1", "resend": state == "done"}
    before, now = room.campaign, room.runner.now()
    progress = step(room, END, arguments=arguments)
    assert progress == Progress(finished=True, writes=progress.writes)
    after = written(room, progress)
    ended = {"finished_at": now, "ready": before.ready} if state == "sending" else {}
    counts = counted(accepted=3, uncertain=1)
    assert after == replace(before, state="done", counts=counts, updated_at=now, **ended)  # type: ignore[arg-type]
