"""Sending a campaign, from the fixing of its audience to its end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm.campaigns import preparing
from crm.campaigns.control import SEND
from crm.db.collections import JOBS
from crm.mail.port import Accepted, Refused
from tests.support.mailing import LANDING, Room, Watching, sent


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """25 people in a shard, so that a few hundred are many slices."""
    monkeypatch.setattr(preparing, "MOST", 25)


def test_everybody_gets_one_mail() -> None:
    room = Room()
    addresses = room.people(120)
    room.schedule(expected=120)
    room.work()
    assert sorted(room.server.box) == addresses
    assert room.totals() == {"accepted": 120}
    campaign = room.campaign
    assert (campaign.state, campaign.counts["accepted"]) == ("done", 120)
    assert campaign.finished_at is not None
    assert room.failed == []


@pytest.mark.usefixtures("small_shards")
def test_many_workers_send_many_shards() -> None:
    room = sent(400, workers=8)
    room.work(seconds=0)
    assert len(room.shards) > 16
    assert room.totals() == {"accepted": 400}
    assert room.campaign.state == "done"


@pytest.mark.usefixtures("small_shards")
def test_the_sums_are_those_of_the_people_after_each_commit() -> None:
    store = Watching()
    room = Room(store)
    room.people(60)
    room.schedule(expected=60)
    store.look = room.check
    room.work()
    assert room.totals() == {"accepted": 60}
    assert next(store.commits) > 6


def test_a_mail_names_its_sender_and_the_way_out() -> None:
    room = sent(1)
    room.work()
    (mail,) = room.server.mails
    (record,) = room.records
    assert mail.key == record.id
    assert mail.sender == "Events <news@example.com>"
    assert mail.headers["List-Unsubscribe"].startswith(f"<{LANDING}?token=")
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.campaign == "c1"
    assert "p0000" not in repr(mail)


def test_records_say_whose_they_are() -> None:
    room = sent(1)
    room.work()
    (record,) = room.records
    keys = room.runner.keys
    address = keys.address("p0000@example.com")
    assert (record.identity, record.address) == (address, address)
    assert record.customer_id == room.id("p0000@example.com")
    assert record.provider_id == "id-1"
    assert record.shard == room.shards[0].id


# Beginning


def test_nothing_is_sent_before_its_time() -> None:
    room = sent(3)
    begins = room.store.now() + timedelta(hours=1)
    room.store.put("crmCampaigns/c1", {**room.campaign.to_data(), "scheduledAt": begins})
    times = []
    room.server.before = lambda _: times.append(room.store.now())
    room.work()
    assert len(times) == 3
    assert min(times) >= begins


def test_a_campaign_that_could_not_begin_in_time_is_missed() -> None:
    room = sent(3)
    late = room.store.now() - timedelta(seconds=1)
    room.store.put("crmCampaigns/c1", {**room.campaign.to_data(), "latestBy": late})
    room.work()
    assert (room.campaign.state, room.campaign.reason) == ("missed", "too-late")
    assert room.server.box == []


def test_nobody_in_the_segment_ends_at_once() -> None:
    room = sent(0)
    room.work()
    assert room.campaign.state == "done"
    assert room.shards == []


# Paused, gone on with, cancelled


def test_paused_and_resumed_five_times_fast() -> None:
    room = sent(300)
    done = iter(range(2, 7))

    def before(tried: int) -> None:
        if tried in (0, 57, 58, 131, 200):
            room.store.wait(timedelta(seconds=2))
            room.move("paused")
            room.resume(f"j{next(done)}")

    room.server.before = before
    room.work()
    assert next(done, None) is None
    assert room.totals() == {"accepted": 300}
    assert len(room.server.tried) == 300
    assert room.campaign.state == "done"


def test_a_paused_campaign_sends_nothing_more_within_a_second() -> None:
    room = sent(300)

    def before(tried: int) -> None:
        room.store.wait(timedelta(milliseconds=300))
        if tried == 100:
            room.move("paused")

    room.server.before = before
    room.work()
    assert room.campaign.state == "paused"
    assert 101 <= len(room.server.box) <= 105
    got = len(room.server.box)
    assert room.totals() == {"accepted": got, "waiting": 300 - got}
    assert all(shard.holder is None for shard in room.shards)
    assert room.campaign.counts["accepted"] == got


def test_however_fast_it_is_a_paused_campaign_ends_with_the_ten_at_hand() -> None:
    room = sent(300)

    def before(tried: int) -> None:
        if tried == 100:
            room.move("paused")

    room.server.before = before
    room.work()
    assert room.campaign.state == "paused"
    assert 101 <= len(room.server.box) <= 110


def test_a_cancelled_campaign_ends_where_it_is() -> None:
    room = sent(300)

    def before(tried: int) -> None:
        if tried == 100:
            room.store.wait(timedelta(seconds=2))
            room.move("cancelled")

    room.server.before = before
    room.work()
    assert room.campaign.state == "cancelled"
    assert len(room.server.box) == 101
    room.check()


def test_a_job_whose_campaign_was_cancelled_before_it_began_ends() -> None:
    room = sent(3)
    room.work(seconds=0, most=1)
    assert room.campaign.state == "scheduled"
    room.store.put("crmCampaigns/c1", {**room.campaign.to_data(), "state": "cancelled"})
    room.work(seconds=0, most=5)
    assert (room.store.all(JOBS)["j1"]["state"], room.server.box) == ("done", [])


def test_cancelled_while_it_is_prepared_sends_nothing() -> None:
    room = sent(300)
    room.work(seconds=0, most=2)
    assert room.campaign.state == "preparing"
    room.move("cancelled")
    room.work()
    assert room.server.box == []


def test_a_job_of_before_sends_nothing() -> None:
    room = sent(300)
    room.work(seconds=0, most=8)
    assert room.campaign.state == "sending"
    data = room.campaign.to_data()
    room.store.put("crmCampaigns/c1", {**data, "jobId": "another"})
    before = len(room.server.box)
    room.work()
    assert len(room.server.box) == before
    assert room.campaign.state == "sending"


# Told to stop, delivered twice, late


def test_a_worker_that_is_told_to_stop_leaves_nobody_uncertain() -> None:
    room = sent(300)

    def before(tried: int) -> None:
        room.told_to_stop = tried == 104

    room.server.before = before
    room.work(most=6)
    assert room.told_to_stop
    assert room.totals() == {"accepted": 105, "waiting": 195}
    assert all(shard.holder is None for shard in room.shards)
    room.told_to_stop = False
    room.work()
    assert room.totals() == {"accepted": 300}


@pytest.mark.usefixtures("small_shards")
def test_tasks_that_come_twice_and_late_send_nobody_two_mails() -> None:
    room = sent(200)
    every: list[str] = []
    append = room.queue.append
    for _ in range(2_000):
        if not room.queue and not room.delayed:
            break
        every += [one for one in room.queue if one not in every]
        room.work(seconds=0, most=1)
        append(every[len(room.server.box) % len(every)])
        if room.campaign.state == "done":
            break
    for task in every:
        append(task)
    room.work()
    assert room.totals() == {"accepted": 200}
    assert len(room.server.tried) == 200


def test_two_workers_at_one_slice_send_nobody_two_mails() -> None:
    room = sent(300)
    met = []

    def before(tried: int) -> None:
        if tried in (70, 180):
            (job,) = room.store.all(JOBS).values()
            room.server.before = lambda _: None
            met.append(len(room.server.box))
            room.deliver(f"j1-{job['phase']}-{job['left'][0]}")
            room.server.before = before

    room.server.before = before
    room.work()
    assert len(met) == 2
    assert room.totals() == {"accepted": 300}
    assert len(room.server.tried) == 300
    assert room.campaign.state == "done"


# Going wrong


def test_a_text_that_cannot_be_rendered_fails_the_job_and_claims_nobody() -> None:
    room = sent(100)
    number = iter(range(1_000))

    def compose(*_: object) -> tuple[str, str, str]:
        if next(number) == 64:
            raise ValueError("no such filter")
        return "Hello", "<p>", "text"

    room.compose = compose
    room.work()
    assert room.failed == ["internal"]
    assert (room.campaign.state, room.campaign.reason) == ("halted", "job-failed")
    assert room.totals() == {"accepted": 60, "waiting": 40}
    assert all(shard.holder is None for shard in room.shards)


def test_a_mailer_that_raises_leaves_one_person_uncertain() -> None:
    room = sent(100)

    def before(tried: int) -> None:
        if tried == 64:
            raise ValueError("a mistake of ours")

    room.server.before = before
    room.work()
    assert room.failed == ["internal"]
    assert (room.campaign.state, room.campaign.reason) == ("halted", "job-failed")
    assert room.totals() == {"accepted": 64, "uncertain": 1, "waiting": 35}


# Sending again to who was uncertain


def test_who_was_put_back_is_sent_to_while_the_campaign_stays_done() -> None:
    room = sent(30)
    room.work()
    (shard,) = room.shards
    again = {"4": {"attempts": 0, "at": room.store.now(), "code": "resend"}}
    counts = {**shard.counts.to_data(), "accepted": 29, "waiting": 1}
    room.store.put(shard.path, {**shard.to_data(), "later": again, "counts": counts})
    room.server.box.remove("p0004@example.com")
    room.store.delete(f"crmMails/c1-{shard.keys[4]}")
    room.store.put("crmCampaigns/c1", {**room.campaign.to_data(), "jobId": "j2"})
    room.job("j2", resumed=True, resend=True)
    room.server.before = lambda _: states.append(room.campaign.state)
    states: list[str] = []
    room.work()
    assert room.totals() == {"accepted": 30}
    assert room.server.box[-1] == "p0004@example.com"
    assert states == ["done"]
    assert room.campaign.counts["accepted"] == 30


def test_answers_are_told_apart() -> None:
    room = Room()
    addresses = room.people(4)
    room.server.script = {addresses[1]: [Refused("550 5.1.1", unreachable=True)]}
    room.server.script[addresses[2]] = [Accepted(None)]
    room.schedule(expected=4)
    room.work()
    by_id = {one.customer_id: one for one in room.records}
    refused = by_id[room.id(addresses[1])]
    assert (refused.state, refused.reason) == ("refused", "550 5.1.1")
    assert room.unreachable == [room.runner.keys.address(addresses[1])]
    assert by_id[room.id(addresses[2])].provider_id is None


def test_the_kind_is_not_cancelled_but_by_its_campaign() -> None:
    (kind,) = Room().kinds().values()
    assert not kind.cancellable
    assert SEND == "send_campaign"
