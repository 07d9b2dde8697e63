"""Turns: what an answer means for a person, the last look, and claims that others left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from crm.campaigns.audience import Shard
from crm.campaigns.last_look import Looked
from crm.campaigns.turns import AHEAD, HELD, LEASE
from crm.composing.problems import CannotRender, Problem
from crm.core.errors import Transient
from crm.customers.reference import CustomerRef
from crm.db.collections import CUSTOMERS, MAILS, SLICES
from crm.mail.port import Accepted, Later, Refused, Uncertain
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.privacy.erasure.erase import erase
from testing.hosts import order
from tests.support.faults import Killed
from tests.support.mailing import HALT, Room, plain, subscriber


def prepared(number: int = 30) -> Room:
    """A campaign whose audience is fixed, and nothing sent."""
    room = Room()
    room.people(number)
    room.schedule(expected=number)
    work_to(room, "sending")
    assert room.server.tried == []
    return room


def work_to(room: Room, state: str) -> None:
    """Deliver step by step until the campaign is in a state."""
    for _ in range(100):
        if room.campaign.state == state:
            return
        room.work(seconds=0, most=1)
    raise AssertionError(f"never {state}")


def reasons(room: Room) -> dict[str | None, str | None]:
    return {one.customer_id: one.reason for one in room.records if one.state == "excluded"}


def change(room: Room, address: str, **fields: Any) -> None:
    """Write into a customer's `marketing`."""
    name = room.id(address)
    data = room.store.all(CUSTOMERS)[name]
    room.store.put(f"{CUSTOMERS}/{name}", {**data, "marketing": {**data["marketing"], **fields}})


# The last look


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"status": "unsubscribed", "source": "unsubscribe"}, "unsubscribed"),
        ({"status": "unsubscribed", "source": "complaint"}, "complained"),
        ({"status": "none", "pending": True}, "pending"),
        ({"status": "none"}, "not-subscribed"),
        ({"unreachable": "2026-01-01"}, "unreachable"),
    ],
)
def test_who_is_not_to_be_written_to_by_now_gets_no_mail(
    fields: dict[str, Any], reason: str
) -> None:
    room = prepared()
    change(room, "p0005@example.com", **fields)
    room.work()
    assert "p0005@example.com" not in room.server.box
    assert reasons(room) == {room.id("p0005@example.com"): reason}
    assert room.totals() == {"accepted": 29, "excluded": 1}


def test_who_leaves_while_the_mails_before_go_out_gets_none() -> None:
    room = prepared()

    def before(tried: int) -> None:
        if tried == 9:
            change(room, "p0010@example.com", status="unsubscribed")

    room.server.before = before
    room.work()
    assert "p0010@example.com" not in room.server.box
    assert list(reasons(room).values()) == ["unsubscribed"]


# A look that is begun while the claim is written


def at_once(work: Callable[[], Looked]) -> Callable[[], Looked]:
    """What a thread does that is faster than the commit."""
    done = work()
    return lambda: done


def test_a_look_beside_the_commit_is_the_last_look_and_is_taken_once() -> None:
    alone, beside = prepared(), prepared()
    beside.beside = at_once
    for room in (alone, beside):
        room.store.reads = 0
        room.work()
        assert room.totals() == {"accepted": 30}
        assert max(Counter(room.server.box).values()) == 1
    assert beside.store.reads == alone.store.reads


def test_it_begins_when_the_mails_before_are_out() -> None:
    room = prepared()
    room.beside = at_once

    def before(tried: int) -> None:
        if tried == 9:
            change(room, "p0010@example.com", status="unsubscribed")

    room.server.before = before
    room.work()
    assert "p0010@example.com" not in room.server.box


def test_it_does_not_count_where_the_commit_took_long() -> None:
    room = prepared()

    def slow(work: Callable[[], Looked]) -> Callable[[], Looked]:
        done = work()
        room.store.wait(AHEAD)  # so long the commit takes
        for address in ("p0003@example.com", "p0013@example.com", "p0023@example.com"):
            change(room, address, status="unsubscribed")
        return lambda: done

    room.beside = slow
    room.work()
    assert room.totals() == {"accepted": 27, "excluded": 3}


def test_what_goes_wrong_in_it_goes_wrong_in_the_turn_and_nothing_is_lost() -> None:
    room, fails = prepared(), [True]

    def failing(work: Callable[[], Looked]) -> Callable[[], Looked]:
        def outcome() -> Looked:
            if fails and fails.pop():
                raise Transient("no answer")
            return work()

        return outcome

    room.beside = failing
    room.work()
    assert not fails
    assert room.totals() == {"accepted": 30}
    assert max(Counter(room.server.box).values()) == 1


def test_another_address_than_the_audience_has_gets_no_mail() -> None:
    room = prepared()
    subscriber(room.store, room.id("p0005@example.com"), "new@example.com")
    room.work()
    assert not {"p0005@example.com", "new@example.com"} & {*room.server.box}
    assert [*reasons(room).values()] == ["address-changed"]


def test_no_address_any_more_gets_no_mail() -> None:
    room = prepared()
    subscriber(room.store, room.id("p0005@example.com"), None, status="subscribed")
    room.work()
    assert room.totals() == {"accepted": 29, "excluded": 1}


def test_a_customer_who_is_gone_gets_no_mail() -> None:
    room = prepared()
    room.store.delete(f"{CUSTOMERS}/{room.id('p0005@example.com')}")
    room.work()
    (record,) = [one for one in room.records if one.state == "excluded"]
    assert (record.reason, record.identity, record.address) == ("gone", None, None)


def shop(*addresses: str) -> Room:
    """Customers made by orders, and a campaign to them whose audience is fixed."""
    room = Room()
    for number, address in enumerate(addresses):
        room.world.put_order(f"o{number}", order(address, marketingOptIn=True))
    room.schedule(expected=len(addresses), segment={})
    work_to(room, "sending")
    return room


def test_who_was_merged_away_gets_no_mail_and_the_survivor_has_the_record() -> None:
    room = shop("a@example.com", "b@example.com")
    a, b = room.id("a@example.com"), room.id("b@example.com")
    room.world.runner.run(lambda tx: plan_merge(tx, a, b))
    room.work()
    assert room.server.box == ["b@example.com"]
    (record,) = [one for one in room.records if one.state == "excluded"]
    assert (record.customer_id, record.reason) == (a, "merged")
    assert record.identity == room.runner.keys.address("a@example.com")


def test_who_was_merged_and_parted_again_gets_the_mail() -> None:
    room = shop("a@example.com", "b@example.com")
    a, b = room.id("a@example.com"), room.id("b@example.com")
    done, _ = room.world.runner.run(lambda tx: plan_merge(tx, a, b))
    merge_id = done.merge_id
    assert merge_id is not None
    room.world.runner.run(lambda tx: plan_unmerge(tx, merge_id))
    room.work()
    assert sorted(room.server.box) == ["a@example.com", "b@example.com"]


def test_who_was_erased_gets_no_mail_and_leaves_no_name() -> None:
    room = shop("a@example.com", "b@example.com")
    a = room.id("a@example.com")
    erase(room.world.runner, room.world.queue.append, CustomerRef("customerId", a), reason="asked")
    room.world.work()
    room.work()
    assert room.server.box == ["b@example.com"]
    (record,) = [one for one in room.records if one.state == "excluded"]
    assert record.reason == "erased"
    assert (record.customer_id, record.identity, record.address) == (None, None, None)
    assert record.erased is not None
    room.check()


# Answers


def test_who_is_put_off_gets_the_mail_later() -> None:
    room = prepared()
    times = []
    room.server.before = lambda _: times.append(room.store.now())
    room.server.script = {"p0005@example.com": [Later("451 4.7.1"), Later("451 4.7.1")]}
    room.work()
    assert room.totals() == {"accepted": 30}
    assert room.server.tried.count("p0005@example.com") == 3
    assert times[-1] - times[0] > timedelta(minutes=6)


def test_a_domain_that_puts_two_off_is_left_alone_for_a_while() -> None:
    room = prepared()
    room.server.script = {f"p000{at}@example.com": [Later("451 4.7.1")] for at in (8, 9)}
    times = []
    room.server.before = lambda _: times.append(room.store.now())
    room.work()
    assert room.server.tried[:10] == [f"p{at:04}@example.com" for at in range(10)]
    assert times[10] - times[9] > timedelta(seconds=50)
    assert len(room.server.tried) == 32
    assert room.totals() == {"accepted": 30}


def test_others_go_on_while_somebody_waits() -> None:
    room = Room()
    for at in range(30):
        room.subscriber(f"a{at:03}", f"p@{at:03}.example.com")
    room.server.script = {"p@005.example.com": [Later("450 4.2.1")]}
    room.schedule(expected=30)
    room.work()
    assert room.server.box[-1] == "p@005.example.com"
    assert room.totals() == {"accepted": 30}


def test_who_is_put_off_for_ever_is_refused() -> None:
    room = prepared(3)
    room.server.script = {"p0001@example.com": [Later("451 4.7.1")] * 200}
    room.work()
    assert room.totals() == {"accepted": 2, "refused": 1}
    (record,) = [one for one in room.records if one.state == "refused"]
    assert record.reason == "gave-up"
    assert room.campaign.state == "done"


def test_who_waits_is_counted_as_waiting_and_named() -> None:
    room = prepared()
    room.server.script = {"p0005@example.com": [Later("451 4.7.1")] * 2}
    seen: list[Shard] = []
    room.server.before = lambda _: seen.extend(room.shards)
    room.work()
    later = [one.later for one in seen if one.later]
    assert later[0]["5"]["code"] == "451 4.7.1"
    assert later[0]["5"]["attempts"] == 1


def test_a_server_that_throttles_has_everybody_wait() -> None:
    room = prepared()
    times = []
    room.server.before = lambda _: times.append(room.store.now())
    room.server.script = {"p0012@example.com": [Later("454 4.7.0", whole=True, seconds=40)]}
    room.work()
    gaps = [after - before for before, after in pairwise(times)]
    assert sum(gap > timedelta(seconds=39) for gap in gaps) == 1
    assert room.server.tried == [
        *(f"p{at:04}@example.com" for at in range(13)),
        *(f"p{at:04}@example.com" for at in range(12, 30)),
    ]
    assert room.totals() == {"accepted": 30}


def test_a_connection_that_is_lost_leaves_one_person_uncertain() -> None:
    room = prepared()
    room.server.script = {"p0005@example.com": [Uncertain("connection-lost")]}
    room.work()
    (record,) = [one for one in room.records if one.state == "uncertain"]
    assert record.reason == "connection-lost"
    assert room.totals() == {"accepted": 29, "uncertain": 1}
    assert room.server.tried.count("p0005@example.com") == 1
    assert room.campaign.state == "done"


def test_a_refusal_is_for_good() -> None:
    room = prepared()
    room.server.script = {"p0005@example.com": [Refused("552 5.3.4")]}
    room.work()
    assert room.totals() == {"accepted": 29, "refused": 1}
    assert room.unreachable == []


def test_a_sender_that_is_refused_while_some_are_sent_again_waits() -> None:
    room = prepared(3)
    room.server.script = {"p0001@example.com": [Uncertain("connection-lost"), HALT]}
    room.work()
    put_back(room, 1)
    room.work()
    assert room.campaign.state == "done"
    assert room.totals() == {"accepted": 3}


def put_back(room: Room, place: int) -> None:
    """Do what staff do: send again to somebody who is uncertain."""
    (shard,) = room.shards
    counts = {**shard.counts.to_data(), "uncertain": 0, "waiting": 1}
    entry = {str(place): {"attempts": 0, "at": room.store.now(), "code": "resend"}}
    room.store.put(shard.path, {**shard.to_data(), "later": entry, "counts": counts})
    room.store.delete(f"{MAILS}/c1-{shard.keys[place]}")
    room.store.put(room.campaign.path, {**room.campaign.to_data(), "jobId": "j9"})
    room.job("j9", resumed=True, resend=True)


# Claims


def died(room: Room, at: int) -> None:
    """Let a worker be killed before the mail with this number."""

    def before(tried: int) -> None:
        if tried == at:
            raise Killed

    room.server.before = before
    with pytest.raises(Killed):
        room.work()
    room.server.before = lambda _: None
    room.queue.append("j1")


def test_of_a_worker_that_dies_ten_are_uncertain_at_most() -> None:
    room = prepared()
    died(room, 13)
    room.work()
    assert room.totals() == {"accepted": 20, "uncertain": 10}
    lost = [one for one in room.records if one.state == "uncertain"]
    assert {one.reason for one in lost} == {"worker-lost"}
    assert all(one.identity for one in lost)
    assert len(room.server.box) == 23


def test_a_claim_is_left_alone_until_its_lease_is_over() -> None:
    room = prepared()
    died(room, 13)
    at = room.store.now()
    times = []
    room.server.before = lambda _: times.append(room.store.now())
    room.work()
    assert min(times) - at > LEASE - timedelta(seconds=5)


def test_a_task_that_comes_twice_does_not_make_a_campaign_wait_for_a_lease() -> None:
    room = prepared()
    began = room.store.now()

    def before(tried: int) -> None:
        if tried == 3:
            (again,) = room.store.all(SLICES)
            room.deliver(again)

    room.server.before = before
    room.work()
    assert room.totals() == {"accepted": 30}
    assert room.campaign.state == "done"
    assert room.store.now() - began < HELD + timedelta(seconds=5)


def test_the_log_names_a_shard_whose_claim_stays(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    room = prepared()
    (shard,) = room.shards

    def away(_: object) -> list[int]:
        raise Transient("no answer")

    def before(tried: int) -> None:
        if tried == 3:
            monkeypatch.setattr(room.store, "commit", away)
            raise ValueError("a mistake of ours")

    room.server.before = before
    with pytest.raises(Transient):
        room.work()
    assert f"shard {shard.id}: its claim stays: " in caplog.text


def test_who_is_tried_again_and_lost_is_uncertain() -> None:
    room = prepared(3)
    room.server.script = {"p0001@example.com": [Later("451 4.7.1")]}
    died(room, 3)
    room.work()
    assert room.server.box == ["p0000@example.com"] or room.totals()["uncertain"] > 0
    room.check()


def test_no_mail_is_handed_over_at_the_end_of_a_lease() -> None:
    room = prepared()

    def before(tried: int) -> None:
        if tried == 4:
            room.store.wait(LEASE - timedelta(seconds=50))

    room.server.before = before
    room.work()
    assert room.totals() == {"accepted": 30}
    claims = [int(one[1:5]) for one in room.server.tried]
    assert claims == [*range(30)]
    assert room.server.claims == [10, 10, 10, 5]  # five of the first ten were claimed again


def test_an_event_that_changes_the_shard_meanwhile_is_kept() -> None:
    room = prepared()
    room.server.script = {"p0002@example.com": [Uncertain("connection-lost")]}

    def before(tried: int) -> None:
        if tried == 15:
            (shard,) = room.shards
            path = f"{MAILS}/c1-{shard.keys[2]}"
            room.store.put(
                path, {**room.store.all(MAILS)[f"c1-{shard.keys[2]}"], "state": "accepted"}
            )
            counts = shard.counts.to_data()
            counts = {**counts, "uncertain": 0, "accepted": int(str(counts["accepted"])) + 1}
            room.store.put(shard.path, {**shard.to_data(), "counts": counts})

    room.server.before = before
    room.work()
    assert room.totals() == {"accepted": 30}
    assert len(room.server.tried) == 30


def test_a_record_that_is_there_already_is_written_over_and_keeps_its_events() -> None:
    room = prepared()
    (shard,) = room.shards
    path = f"{MAILS}/c1-{shard.keys[3]}"

    def before(tried: int) -> None:
        if tried == 5:
            now = room.store.now()
            none = dict.fromkeys(("reason", "providerId", "softBounced", "complained"))
            whose = {"customerId": shard.people[3], "identity": "e", "address": "e"}
            more = {"unsubscribed": None, "erased": None, "campaignId": "c1", "shard": shard.id}
            data = {**none, **whose, **more, "state": "waiting", "at": now, "bounced": now}
            room.store.put(path, data)

    room.server.before = before
    room.work()
    data = room.store.all(MAILS)[path.rpartition("/")[2]]
    assert (data["state"], data["bounced"] is not None) == ("accepted", True)
    assert room.totals() == {"accepted": 30}


@pytest.mark.parametrize("answers", [[Accepted("x")], [Refused("550")], [Later("451", whole=True)]])
def test_nothing_of_a_mail_leaves_before_it_is_claimed(answers: list[Any]) -> None:
    room = prepared()
    room.server.script = {"p0011@example.com": answers}

    def before(tried: int) -> None:
        (shard,) = room.shards
        assert shard.holder is not None
        assert shard.lease_until is not None
        assert shard.next <= int(room.server.tried[-1][1:5] if room.server.tried else 0) + 1

    room.server.before = before
    room.work()
    room.check()


def test_who_the_text_cannot_be_made_for_is_refused_and_the_others_get_it() -> None:
    room = prepared()

    def fails_for_one(data: Any, link: str, address: str) -> tuple[str, str, str]:
        if address == "p0005@example.com":
            raise CannotRender(Problem("cannot-render", "a name is no number", "body"))
        return plain(data, link, address)

    room.compose = fails_for_one
    room.work()
    assert "p0005@example.com" not in room.server.box
    assert room.totals() == {"accepted": 29, "refused": 1}
    assert {one.reason for one in room.records if one.state == "refused"} == {"cannot-render"}
    assert room.campaign.state == "done"
