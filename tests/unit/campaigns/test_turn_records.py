"""What a turn writes of each person, of each answer; and when it hands nothing over any more."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.campaigns.claims import AT_ONCE
from crm.campaigns.last_look import Looked
from crm.campaigns.mails import MailRecord, record_id
from crm.campaigns.turns import AHEAD, LEASE, LOOK, ONE_MAIL, REFUSED_ALL
from crm.composing.problems import CannotRender, Problem
from crm.core.errors import Transient
from crm.db.collections import MAILS
from crm.jobs.job import Progress
from crm.mail.backoff import MOST_ATTEMPTS
from crm.mail.port import Accepted, Answer, Later, Mail, Refused, Uncertain
from testing.world import KEYS
from tests.support.mailing import HALT, Room, plain
from tests.unit.campaigns.test_rounds import LUCK, Stopped, after


def record(room: Stopped, place: int, **fields: Any) -> MailRecord:
    """The record of who is at a place of the only shard."""
    (shard,) = room.shards
    key = KEYS.address(f"p{place:04}@example.com")
    name = record_id("c1", shard.keys[place])
    made = MailRecord(name, "c1", shard.people[place], key, key, shard.id, "accepted", room.clock)
    return replace(made, **fields)


def of(room: Room, place: int) -> MailRecord:
    (shard,) = room.shards
    name = record_id("c1", shard.keys[place])
    return MailRecord.from_data(name, room.store.all(MAILS)[name])


# Answers


@pytest.mark.parametrize(
    ("answer", "fields"),
    [
        (Accepted("pm-1"), {"provider_id": "pm-1"}),
        (Accepted(None), {}),
        (Refused("550 5.1.1"), {"state": "refused", "reason": "550 5.1.1"}),
        (Refused("550", unreachable=True), {"state": "refused", "reason": "550"}),
        (Uncertain("timeout"), {"state": "uncertain", "reason": "timeout"}),
    ],
)
def test_the_record_of_each_answer(answer: Answer, fields: dict[str, Any]) -> None:
    room = Stopped(3)
    room.script(p1=[answer])
    assert room.step() == Progress(done=3, finished=True)
    assert of(room, 1) == record(room, 1, **fields)
    assert of(room, 0) == record(room, 0, provider_id="id-1")
    unreachable = isinstance(answer, Refused) and answer.unreachable
    assert room.unreachable == ([KEYS.address("p0001@example.com")] if unreachable else [])


def test_who_gets_no_mail_has_a_record_that_says_why() -> None:
    room = Stopped(3)
    gone = room.shards[0].people[1]
    room.store.delete(f"customers/{gone}")
    assert room.step().done == 2
    nobody = {"identity": None, "address": None}
    assert of(room, 1) == record(room, 1, state="excluded", reason="gone", **nobody)


def test_who_the_text_fails_for_has_a_record_that_says_so() -> None:
    room = Stopped(3)

    def fails(data: Any, link: str, address: str) -> tuple[str, str, str]:
        if address == "p0001@example.com":
            raise CannotRender(Problem("cannot-render", "x", "body"))
        return plain(data, link, address)

    room.compose = fails
    assert room.step().done == 2
    assert of(room, 1) == record(room, 1, state="refused", reason="cannot-render")


@pytest.mark.parametrize("attempts", [1, MOST_ATTEMPTS - 2, MOST_ATTEMPTS - 1])
def test_who_is_put_off_waits_with_the_number_of_tries_or_is_given_up(attempts: int) -> None:
    room = Stopped(3)
    (shard,) = room.shards
    known = {"attempts": attempts, "at": room.clock, "code": "451"}
    room.store.put(shard.path, {**shard.to_data(), "later": {"0": known}, "next": 1, "claimed": 1})
    room.script(p0=[Later("452", seconds=9_000)])
    room.step()
    (found,) = room.shards
    if attempts + 1 == MOST_ATTEMPTS:
        assert of(room, 0) == record(room, 0, state="refused", reason="gave-up")
        assert found.later == {}
        return
    asked = after(9_000 * LUCK, room)
    assert found.later == {"0": {"attempts": attempts + 1, "at": asked, "code": "452"}}


def test_a_domain_of_which_two_in_a_row_were_put_off_waits_for_all_its_mails() -> None:
    room = Stopped(5)
    room.script(p0=[Later("451")], p1=[Later("452", seconds=200)])
    room.step()
    (shard,) = room.shards
    assert room.tried() == [0, 1, 2, 3, 4]  # they were claimed together
    assert {place: one["code"] for place, one in shard.later.items()} == {"0": "451", "1": "452"}
    room = Stopped(15)
    room.script(p8=[Later("451")], p9=[Later("452", seconds=200)])
    room.step()
    assert room.tried() == [*range(10)]
    (shard,) = room.shards
    waits = {"attempts": 0, "at": after(200 * LUCK, room), "code": "domain-waits"}
    assert {place: shard.later[str(place)] for place in range(10, 15)} == dict.fromkeys(
        range(10, 15), waits
    )
    assert {place: shard.later[place]["code"] for place in ("8", "9")} == {"8": "451", "9": "452"}


def test_a_mailbox_that_is_full_is_no_reason_to_leave_its_domain_alone() -> None:
    room = Stopped(5)
    room.script(p0=[Later("452")], p2=[Later("452")], p4=[Later("452")])
    room.step()
    assert room.tried() == [0, 1, 2, 3, 4]
    (shard,) = room.shards
    assert {place: one["attempts"] for place, one in shard.later.items()} == {
        "0": 1,
        "2": 1,
        "4": 1,
    }


def test_where_the_sender_is_refused_who_is_sent_to_again_waits_an_hour() -> None:
    room = Stopped(3)
    room.step()
    (shard,) = room.shards
    counts = {**shard.counts.to_data(), "accepted": 2, "waiting": 1}
    entry = {"1": {"attempts": 0, "at": room.clock, "code": "resend"}}
    room.store.put(shard.path, {**shard.to_data(), "later": entry, "counts": counts})
    room.store.delete(f"{MAILS}/c1-{shard.keys[1]}")
    room.store.put("crmCampaigns/c1", {**room.campaign.to_data(), "state": "done"})
    job = room.store.all("crmJobs")["j1"]
    arguments = {"campaignId": "c1", "resend": True}
    room.store.put("crmJobs/j1", {**job, "arguments": arguments})
    room.script(p1=[HALT])
    wait = after(REFUSED_ALL.total_seconds() * LUCK, room)
    assert room.step() == Progress(cursor=[None, None, 1], not_before=wait)
    assert room.campaign.state == "done"
    assert room.shards[0].later == entry


# Nothing is handed over any more


@pytest.mark.parametrize(
    ("left", "tried"), [(ONE_MAIL, 10), (ONE_MAIL - timedelta(microseconds=1), 4)]
)
def test_a_mail_is_handed_over_while_so_much_of_the_lease_is_left(
    left: timedelta, tried: int
) -> None:
    room = Stopped(10)

    def before(number: int) -> None:
        if number == 3:  # so long the fourth one takes
            room.clock += LEASE - left

    room.server.before = before
    room.step()
    assert room.tried() == [*range(tried)]


@pytest.mark.parametrize(("since", "tried"), [(LOOK - timedelta(microseconds=1), 10), (LOOK, 4)])
def test_the_campaign_is_looked_at_once_a_second(since: timedelta, tried: int) -> None:
    room = Stopped(20)

    def before(number: int) -> None:
        if number == 3:
            room.clock += since
            room.move("paused")

    room.server.before = before
    room.step()
    assert len(room.server.tried) == tried


def test_where_the_campaign_cannot_be_looked_at_nothing_more_leaves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room = Stopped(20)
    read = room.store.read

    def away(paths: Any) -> Any:
        asked = [*paths]
        if asked == ["crmCampaigns/c1"]:
            monkeypatch.undo()
            raise Transient("no answer")
        return read(asked)

    def before(number: int) -> None:
        if number == 3:
            room.clock += LOOK
            monkeypatch.setattr(room.store, "read", away)

    room.server.before = before
    room.step()
    assert len(room.server.tried) == 4
    (shard,) = [one for one in room.shards if one.counts.accepted]
    assert (shard.counts.accepted, shard.holder) == (4, None)


@pytest.mark.parametrize("people", [AT_ONCE - 1, AT_ONCE, AT_ONCE + 1])
def test_ten_are_claimed_at_a_time(people: int) -> None:
    room = Stopped(people)
    room.step()
    assert room.server.claims == [
        min(people, AT_ONCE),
        *([people - AT_ONCE] if people > 10 else []),
    ]


# The look beside the commit


@pytest.mark.parametrize(
    ("late", "counts"), [(AHEAD - timedelta(microseconds=1), True), (AHEAD, False)]
)
def test_a_look_counts_that_was_begun_just_before_the_claim(late: timedelta, counts: bool) -> None:
    room = Stopped(3)
    asked: list[int] = []

    def beside(work: Callable[[], Looked]) -> Callable[[], Looked]:
        done = work()
        room.clock += late
        asked.append(0)

        def outcome() -> Looked:
            asked[-1] += 1
            return done

        return outcome

    room.beside = beside
    assert room.step() == Progress(done=3, finished=True)
    assert asked == [1 if counts else 0]


# Told of, in the log too


def test_who_cannot_be_noted_as_unreachable_stops_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    room = Stopped(3)
    room.script(p1=[Refused("550", unreachable=True)])

    class Away(list[str]):
        def append(self, _: str) -> None:
            raise Transient("no answer")

    monkeypatch.setattr(room, "unreachable", Away())
    with caplog.at_level(logging.ERROR):
        assert room.step() == Progress(done=3, finished=True)
    assert "an unreachable address was not noted: " in caplog.text


def test_each_mail_is_given_with_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Stopped(2)
    given: list[Mail] = []
    monkeypatch.setattr(room.server, "given", given.append)
    room.step()
    assert [one.key for one in given] == [of(room, place).id for place in (0, 1)]
