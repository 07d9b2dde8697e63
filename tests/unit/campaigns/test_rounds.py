"""One step of sending to a range of shards: what it hands over, and how the next one goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.campaigns import preparing
from crm.campaigns.audience import Shard
from crm.campaigns.control import SEND
from crm.campaigns.counts import Counts
from crm.campaigns.sending import BREATH, STEP
from crm.campaigns.turns import HELD, LEASE
from crm.db.collections import CAMPAIGNS, CUSTOMERS, JOBS
from crm.db.documents import Query, Snapshot
from crm.jobs.job import Job, Progress
from crm.jobs.slices import Slice
from crm.mail.port import Answer, Later, Uncertain
from tests.support.mailing import HALT, Room

CHECK, SEND_ALL, END = 2, 3, 4

WHOLE = Later("454 4.7.0", whole=True, seconds=40)

LUCK = 1.125
"""By so much a wait is longer: half of the spread."""


class Stopped(Room):
    """A campaign whose audience is fixed, in shards of ten, and a clock that tests set.

    Attributes:
        clock: The time.
    """

    def __init__(self, people: int) -> None:
        super().__init__()
        self.people(people)
        named = tuple(sorted(self.store.all(CUSTOMERS)))  # whoever are named are one row of shards
        self.schedule(expected=people, people=named)
        while self.campaign.state != "sending":
            self.work(seconds=0, most=1)
        self.clock = self.store.now() + timedelta(seconds=1)
        self.runner = replace(self.runner, now=lambda: self.clock)
        self.queue.clear()

    def step(
        self, cursor: Any = None, phase: int = SEND_ALL, bounds: tuple[Any, Any] = (None, None)
    ) -> Progress:
        job = Job.from_data("j1", self.store.all(JOBS)["j1"])
        now = self.store.now()
        part = Slice("j1-3-0", "j1", phase, 0, *bounds, now, now, cursor=cursor)
        done: Progress = self.kinds()[SEND].phases[phase].step(self.runner, job, part)
        return done

    def script(self, **answers: list[Answer]) -> None:
        """Say what the server answers, by the number of the person."""
        self.server.script = {f"p{name[1:]:>04}@example.com": one for name, one in answers.items()}

    def ids(self) -> list[str]:
        return [one.id for one in self.shards]

    def tried(self) -> list[int]:
        return [int(one[1:5]) for one in self.server.tried]


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "MOST", 10)


def after(seconds: float, room: Stopped) -> datetime:
    return room.clock + timedelta(seconds=seconds)


def test_all_shards_of_the_range_are_sent_to_in_their_order() -> None:
    room = Stopped(30)
    first, second, third = room.ids()
    assert room.step() == Progress(done=30, finished=True)
    assert room.tried() == [*range(30)]
    room = Stopped(30)
    assert room.step(bounds=(second, third)) == Progress(done=10, finished=True)
    assert room.tried() == [*range(10, 20)]
    assert room.step([first, None, 0]) == Progress(done=10, finished=True)
    assert room.tried() == [*range(10, 30)]
    assert room.step([third, None, 0]) == Progress(done=0, finished=True)
    assert len(room.server.box) == 20


@pytest.mark.parametrize("seconds", [(90, 70), (70, 90)])
def test_who_is_put_off_has_the_next_round_wait_for_the_first_of_them(
    seconds: tuple[float, float],
) -> None:
    room = Stopped(20)
    later = [Later("451", seconds=one) for one in seconds]
    room.script(p3=[later[0]], p14=[later[1]])
    waits = sorted(after(one * LUCK, room) for one in seconds)
    again = Progress(cursor=[None, None, 0], done=18, not_before=waits[0])
    assert room.step() == again
    assert room.step([None, None, 0]) == replace(again, done=0)
    room.clock = waits[0]
    assert room.step([None, None, 0]) == replace(again, done=1, not_before=waits[1])
    room.clock = waits[1]
    assert room.step([None, None, 0]) == Progress(done=1, finished=True)


@pytest.mark.parametrize(("earlier", "first"), [(True, False), (False, True)])
def test_a_round_that_was_begun_before_knows_who_waits(earlier: bool, first: bool) -> None:
    room = Stopped(20)
    room.script(p14=[Later("451", seconds=80)])
    known = after(50 if earlier else 150, room)
    progress = room.step([room.ids()[0], known.isoformat(), 2])
    mine = after(80 * LUCK, room)
    expected = Progress(cursor=[None, None, 0], done=9, not_before=mine if first else known)
    assert progress == expected


def test_everybody_waits_where_the_server_says_so_longer_each_time() -> None:
    room = Stopped(30)
    room.script(p15=[WHOLE] * 3)
    first = room.ids()[0]
    progress = room.step()
    assert progress == Progress(cursor=[first, None, 1], done=15, not_before=after(40 * LUCK, room))
    for times, seconds in ((2, 40), (3, 60)):
        progress = room.step(progress.cursor)
        wait = after(seconds * LUCK, room)
        assert progress == Progress(cursor=[first, None, times], not_before=wait)
    assert room.step(progress.cursor) == Progress(done=15, finished=True)


def test_a_step_that_ends_within_a_round_says_who_waits_behind_it() -> None:
    room = Stopped(30)
    room.script(p3=[Later("451", seconds=90)], p15=[WHOLE])
    first, wait = room.ids()[0], after(90 * LUCK, room)
    progress = room.step()
    assert progress.cursor == [first, wait.isoformat(), 1]
    expected = Progress(cursor=[None, None, 0], done=15, not_before=wait)
    assert room.step(progress.cursor) == expected


def test_who_got_a_mail_in_between_begins_the_waits_anew() -> None:
    room = Stopped(30)
    room.script(p15=[WHOLE])
    progress = room.step([None, None, 5])
    assert progress.cursor == [room.ids()[0], None, 1]


def test_a_worker_that_is_told_to_end_is_followed_after_a_breath() -> None:
    room = Stopped(30)

    def before(tried: int) -> None:
        room.told_to_stop = tried == 12

    room.server.before = before
    first = room.ids()[0]
    expected = Progress(cursor=[first, None, 0], done=13, not_before=room.clock + BREATH)
    assert room.step() == expected


def test_a_campaign_that_was_stopped_notes_its_counts_and_is_left() -> None:
    room = Stopped(30)

    def before(tried: int) -> None:
        if tried == 12:
            room.clock += timedelta(seconds=1)
            room.move("paused")

    room.server.before = before
    assert room.step() == Progress(cursor=[room.ids()[0], None, 0], done=13)
    assert room.campaign.counts["accepted"] == 13
    assert room.step() == Progress(finished=True)


def test_a_sender_that_is_refused_notes_the_counts_too() -> None:
    room = Stopped(30)
    room.script(p15=[HALT])
    assert room.step() == Progress(cursor=[room.ids()[0], None, 0], done=15)
    told = room.campaign
    assert (told.state, told.reason, told.message) == ("halted", "sender-refused", HALT.message)
    assert (told.counts["accepted"], told.counts["waiting"]) == (15, 15)


@pytest.mark.parametrize(("each", "done"), [(STEP / 20, 20), (STEP / 19, 20), (STEP / 11, 20)])
def test_no_turn_begins_when_the_time_of_a_step_is_over(each: timedelta, done: int) -> None:
    """Twenty mails in the time: two shards, and the third is for the next step."""
    room = Stopped(30)

    def before(_: int) -> None:
        room.clock += each

    room.server.before = before
    progress = room.step()
    assert progress == Progress(cursor=[room.ids()[1], None, 0], done=done)
    assert room.step(progress.cursor) == Progress(done=10, finished=True)


@pytest.mark.parametrize("left", [5.0, 100.0])
def test_a_shard_that_another_worker_is_at_is_passed_over(left: float) -> None:
    room = Stopped(30)
    shard = room.shards[1]
    held = replace(shard, holder="other", claimed=3, lease_until=after(left, room))
    room.store.put(shard.path, held.to_data())
    wait = min(after(left, room), room.clock + HELD)
    assert room.step() == Progress(cursor=[None, None, 0], done=20, not_before=wait)
    assert room.shards[1] == held
    room.clock = after(left, room)
    assert room.step() == Progress(done=7, finished=True)  # three of whom nobody knows
    assert [one.counts.uncertain for one in room.shards] == [0, 3, 0]


def test_who_is_uncertain_or_excluded_is_settled_too() -> None:
    room = Stopped(10)
    room.script(p3=[Uncertain("lost")])
    name = room.shards[0].people[5]
    room.store.delete(f"customers/{name}")
    assert room.step() == Progress(done=9, finished=True)
    assert room.shards[0].counts.to_data() == {
        "audience": 10,
        "waiting": 0,
        "accepted": 8,
        "refused": 0,
        "excluded": 1,
        "uncertain": 1,
    }


def test_of_the_first_fifty_no_more_are_handed_over_than_are_left() -> None:
    room = Stopped(70)
    progress = room.step(phase=CHECK)
    assert progress == Progress(cursor=[room.ids()[4], None, 0], done=50)
    assert len(room.server.box) == 50
    assert room.step(progress.cursor, CHECK) == Progress(finished=True)
    room = Stopped(30)
    assert room.step(phase=CHECK) == Progress(finished=True)
    assert len(room.server.box) == 30


def test_shards_in_which_nobody_waits_are_passed_also_when_no_more_may_be_handed_over() -> None:
    room = Stopped(50)
    empty = Shard("c1-990000", "c1", (), (), {"x": "pending"}, Counts(1, excluded=1))
    room.store.put(empty.path, empty.to_data())
    assert room.step(phase=CHECK) == Progress(finished=True)
    assert len(room.server.box) == 50


def test_who_waits_at_the_end_is_sent_to_and_the_end_is_looked_at_again() -> None:
    room = Stopped(10)
    assert room.step(phase=END) == Progress(done=10)
    assert room.step(phase=END).finished


@pytest.mark.parametrize("fields", [{"state": "paused"}, {"jobId": "j2"}, None])
def test_what_is_not_to_be_sent_any_more_is_finished(fields: dict[str, Any] | None) -> None:
    room = Stopped(10)
    data = room.campaign.to_data()
    room.store.delete(f"{CAMPAIGNS}/c1")
    if fields is not None:
        room.store.put(f"{CAMPAIGNS}/c1", {**data, **fields})
    assert room.step() == Progress(finished=True)
    assert room.server.tried == []


def test_one_that_too_much_comes_back_of_is_looked_at_before_the_step() -> None:
    room = Stopped(10)
    for number in range(3):
        bounced = {"campaignId": "c1", "bounced": room.clock}
        room.store.put(f"crmMails/c1-x{number}", bounced)
    room.clock += timedelta(seconds=10)
    assert room.step() == Progress(finished=True)
    assert (room.campaign.reason, room.server.tried) == ("too-many-bounces", [])


def test_a_claim_lasts_for_its_time_and_has_its_turns_name() -> None:
    room = Stopped(20)
    seen = []
    room.server.before = lambda _: seen.append(room.shards)
    room.step()
    claims = [one for shards in seen for one in shards if one.holder is not None]
    assert {one.lease_until for one in claims} == {room.clock + LEASE}
    assert len({one.holder for one in claims}) == 2
    assert all(str(one.holder).endswith("-1") for one in claims)
    assert [(one.next, one.claimed) for one in claims] == [(0, 10)] * 20


def test_one_that_too_much_comes_back_of_is_halted_within_the_turn() -> None:
    room = Stopped(10)

    def before(tried: int) -> None:
        if tried == 3:
            room.clock += timedelta(seconds=10)
            for number in range(3):
                bounced = {"campaignId": "c1", "bounced": room.clock}
                room.store.put(f"crmMails/c1-x{number}", bounced)

    room.server.before = before
    assert room.step().done == 4
    assert (room.campaign.reason, room.tried()) == ("too-many-bounces", [0, 1, 2, 3])


def test_one_shard_is_read_at_a_time() -> None:
    """As fresh as its commit wants it."""
    room = Stopped(30)
    find, seen = room.store.find, list[Query]()

    def watched(query: Query) -> list[Snapshot]:
        seen.append(query)
        return find(query)

    room.store.find = watched  # type: ignore[method-assign]
    room.step()
    assert [one.limit for one in seen] == [1] * 4
