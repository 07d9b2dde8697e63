"""Sending a campaign, from the fixing of its audience to its end."""

from __future__ import annotations

from tests.support.mailing import Room, Watching


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


def test_the_sums_are_those_of_the_people_after_each_commit() -> None:
    store = Watching()
    room = Room(store)
    room.people(60)
    room.schedule(expected=60)
    store.look = room.check
    room.work()
    assert room.totals() == {"accepted": 60}
    assert next(store.commits) > 6
