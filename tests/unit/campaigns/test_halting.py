"""What has a campaign stop by itself, and go on when staff say so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm.campaigns import preparing
from crm.db.collections import JOBS
from crm.mail.port import Refused
from tests.support.mailing import HALT, Room, sent


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """25 people in a shard, so that a few hundred are many slices."""
    monkeypatch.setattr(preparing, "MOST", 25)


# Looking at the audience


def test_an_audience_of_another_size_halts_and_goes_on_when_staff_say_so() -> None:
    room = Room()
    room.people(40)
    room.schedule(expected=37)
    room.work()
    campaign = room.campaign
    assert (campaign.state, campaign.reason) == ("halted", "audience-changed")
    assert "40 people, and 37 were expected" in str(campaign.message)
    assert campaign.counts["waiting"] == 40
    assert room.server.box == []
    room.resume("j2")
    room.work()
    assert room.totals() == {"accepted": 40}


def test_one_in_twenty_may_differ() -> None:
    room = Room()
    room.people(40)
    room.schedule(expected=38)
    room.work()
    assert room.campaign.state == "done"


def test_an_audience_with_a_shard_too_many_is_not_sent_to() -> None:
    room = sent(5)
    stray = {"people": ["x"], "keys": ["k"], "excluded": {}, "later": {}, "campaignId": "c1"}
    lease = {"next": 0, "claimed": 0, "holder": None, "leaseUntil": None}
    counts = {"audience": 1, "waiting": 1, "accepted": 0, "refused": 0, "excluded": 0}
    data = {**stray, **lease, "counts": {**counts, "uncertain": 0}}
    room.store.put("crmAudiences/c1-990000", data)
    room.work()
    assert (room.campaign.state, room.campaign.reason) == ("halted", "audience-mixed")
    assert room.server.box == []
    room.resume("j2")
    room.work()
    assert room.totals() == {"accepted": 5}


# The first fifty


def test_too_many_refusals_among_the_first_fifty_halt_it() -> None:
    room = Room()
    addresses = room.people(200)
    room.server.script = {one: [Refused("550 5.1.1")] for one in addresses[:50:12]}
    room.schedule(expected=200)
    room.work()
    campaign = room.campaign
    assert (campaign.state, campaign.reason) == ("halted", "too-many-refusals")
    assert room.totals() == {"waiting": 150, "accepted": 45, "refused": 5}
    assert campaign.counts["refused"] == 5
    room.resume("j2")
    room.work()
    assert room.totals() == {"accepted": 195, "refused": 5}
    assert room.campaign.state == "done"


def test_a_few_refusals_do_not_halt_it() -> None:
    room = Room()
    addresses = room.people(200)
    room.server.script = {one: [Refused("550 5.1.1")] for one in [addresses[3], addresses[40]]}
    room.schedule(expected=200)
    room.work()
    assert room.totals() == {"accepted": 198, "refused": 2}
    assert room.campaign.state == "done"


@pytest.mark.usefixtures("small_shards")
def test_nobody_else_gets_a_mail_before_the_first_fifty_were_looked_at() -> None:
    room = Room()
    room.people(200)
    room.schedule(expected=200)
    seen: list[tuple[int, int | None]] = []

    def look(tried: int) -> None:
        seen.append((tried, room.store.all(JOBS)["j1"]["phase"]))

    room.server.before = look
    room.work()
    assert {phase for tried, phase in seen if tried < 50} == {2}
    assert {phase for tried, phase in seen if tried >= 50} == {3}


@pytest.mark.usefixtures("small_shards")
def test_a_worker_that_stops_at_the_last_of_them_leaves_that_one_to_be_looked_at_too() -> None:
    room = sent(200)
    seen: list[int | None] = []

    def before(tried: int) -> None:
        seen.append(room.store.all(JOBS)["j1"]["phase"])
        room.told_to_stop = tried == 48

    room.server.before = before
    while not room.told_to_stop:
        room.work(most=1)
    room.told_to_stop = False
    room.work()
    assert (seen.count(2), seen.count(3)) == (50, 150)


# What comes back


def came_back(room: Room, field: str, number: int) -> None:
    """Let an event of the provider write into records."""
    found = [one for one in room.records if one.state == "accepted" and getattr(one, field) is None]
    for one in found[:number]:
        data = room.store.all("crmMails")[one.id]
        room.store.put(one.path, {**data, field: room.store.now()})


@pytest.mark.parametrize(
    ("field", "number", "reason"),
    [
        ("bounced", 8, "too-many-bounces"),
        ("complained", 2, "too-many-complaints"),
        ("bounced", 2, None),
        ("complained", 1, None),
    ],
)
def test_what_comes_back_halts_it(field: str, number: int, reason: str | None) -> None:
    room = Room()
    room.people(600)
    room.schedule(expected=600)

    def before(tried: int) -> None:
        room.store.wait(timedelta(milliseconds=200))
        if tried == 100:
            came_back(room, field, number)

    room.server.before = before
    room.work()
    assert room.campaign.reason == reason
    assert room.campaign.state == ("halted" if reason else "done")
    assert room.campaign.counts[field] == number
    if reason:
        assert 100 < len(room.server.box) < 150
        room.resume("j2")
        room.work()
    assert room.totals() == {"accepted": 600}


def test_counts_are_written_while_it_is_sent() -> None:
    room = sent(600)
    seen: set[int] = set()

    def before(_: int) -> None:
        room.store.wait(timedelta(milliseconds=100))
        seen.add(room.campaign.counts["accepted"])

    room.server.before = before
    room.work()
    assert len(seen) > 3


# Halted by the server


def test_a_refused_sender_halts_it_and_nobody_is_burnt() -> None:
    room = Room()
    addresses = room.people(100)
    room.server.script = dict.fromkeys(addresses, [HALT] * 9)
    room.schedule(expected=100)
    room.work()
    campaign = room.campaign
    assert (campaign.state, campaign.reason) == ("halted", "sender-refused")
    assert campaign.message == HALT.message
    assert len(room.server.tried) <= 5
    assert room.totals() == {"waiting": 100}
    assert campaign.counts["waiting"] == 100
    room.server.script = {}
    room.resume("j2")
    room.work()
    assert room.totals() == {"accepted": 100}
    assert room.campaign.state == "done"


@pytest.mark.usefixtures("small_shards")
def test_a_sender_that_is_refused_in_the_middle_halts_it_too() -> None:
    room = Room()
    addresses = room.people(200)
    room.server.script = {one: [HALT] for one in addresses[100:]}
    room.schedule(expected=200)
    room.work()
    assert room.campaign.state == "halted"
    totals = room.totals()
    assert totals["waiting"] + totals["accepted"] == 200
    assert totals["waiting"] >= 100
