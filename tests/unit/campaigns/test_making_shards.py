"""A step that makes a shard: all that it writes, where it goes on, and who is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.campaigns import preparing
from crm.campaigns.audience import Shard
from crm.campaigns.campaign import Campaign
from crm.campaigns.counts import Counts
from crm.campaigns.gate import OPEN, Gate, Passed
from crm.campaigns.mails import MailRecord, mail_key, record_id
from crm.campaigns.preparing import (
    READABLE,
    all_shards,
    make_shard,
    named_people,
    node_of,
    people_of,
    typed_identity,
)
from crm.core.errors import Conflict, Refusal
from crm.db.collections import AUDIENCES, MAILS
from crm.db.documents import Create, Set, Write, read_one
from crm.db.runner import Runner
from crm.jobs.job import Progress
from crm.jobs.slices import Slice
from crm.merging.merge import plan_merge
from crm.segments.engine.pages import FoundCustomer
from crm.segments.language.ast import Tag
from testing.hosts import order
from testing.world import KEYS
from tests.support.mailing import Room


def room_with(*people: str, **fields: Any) -> Room:
    """A campaign that is being prepared, to subscribers with these names."""
    room = Room()
    for name in people:
        room.subscriber(name, f"{name}@example.com")
    room.schedule(**fields)
    fix(room)
    return room


def fix(room: Room) -> None:
    """Have the audience be of now, and time stand still."""
    moment = room.store.at().moment
    assert moment is not None
    room.store.put(
        room.campaign.path,
        {**room.campaign.to_data(), "state": "preparing", "preparedAt": moment},
    )
    now = room.store.now()
    room.runner = replace(room.runner, now=lambda: now)


def part(room: Room, number: int = 0, **fields: Any) -> Slice:
    now = room.store.now()
    made = replace(Slice(f"j1-1-{number}", "j1", 1, number, None, None, now, now), **fields)
    room.store.put(made.path, made.to_data())
    return made


def step(room: Room, one: Slice, gate: Gate = OPEN) -> Progress:
    return make_shard(room.runner, read_one(room.store, "crmCampaigns/c1"), one, gate)


def made(room: Room, *, number: int = 0, excluded: Any = None, **people: str) -> Shard:
    """A shard of people who wait, each with the address."""
    keys = tuple(mail_key(KEYS, "c1", address) for address in people.values())
    left_out = excluded or {}
    both = len(people) + len(left_out)
    counts = Counts(both, waiting=len(people), excluded=len(left_out))
    return Shard(f"c1-{number:06}", "c1", tuple(people), keys, left_out, counts)


def created(room: Room, progress: Progress) -> Mapping[str, Any]:
    """Commit a step; give what it has made, by path."""
    assert all(isinstance(one, Create) for one in progress.writes)
    room.store.commit([*progress.writes])
    return {one.path: one.data for one in progress.writes if isinstance(one, Create)}


def test_a_step_makes_a_shard_of_the_next_people_and_says_where_it_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(preparing, "MOST", 2)
    room = room_with("a", "b", "c", "d", "e")
    room.subscriber("b", "b@example.com", status="unsubscribed")
    fix(room)
    progress = step(room, part(room))
    first = made(room, a="a@example.com", excluded={"b": "unsubscribed"})
    assert progress == Progress(cursor=["b", 1], counts={"found": 2}, writes=progress.writes)
    assert created(room, progress) == {first.path: first.to_data()}
    progress = step(room, part(room, cursor=["b", 1]))
    second = made(room, number=1, c="c@example.com", d="d@example.com")
    assert progress == Progress(cursor=["d", 2], counts={"found": 2}, writes=progress.writes)
    assert created(room, progress) == {second.path: second.to_data()}
    progress = step(room, part(room, cursor=["d", 2]))
    third = made(room, number=2, e="e@example.com")
    assert progress == Progress(counts={"found": 1}, finished=True, writes=progress.writes)
    assert created(room, progress) == {third.path: third.to_data()}


def test_each_slice_has_its_bounds_and_its_numbers() -> None:
    room = room_with("a", "b", "c", "d")
    progress = step(room, part(room, 3, low="b", high="d"))
    assert (progress.counts, progress.finished) == ({"found": 1}, True)
    (path,) = created(room, progress)
    assert path == f"{AUDIENCES}/c1-030000"
    nobody = step(room, part(room, 4, low="x", high=None))
    assert nobody == Progress(counts={"found": 0}, finished=True, writes=[])


@pytest.mark.parametrize(
    ("late", "halts"), [(timedelta(0), False), (timedelta(microseconds=1), True)]
)
def test_a_moment_is_read_for_so_long(late: timedelta, halts: bool) -> None:
    room = room_with("a")
    before = room.campaign
    moment = before.prepared_at
    assert moment is not None
    now = moment + READABLE + late
    room.runner = replace(room.runner, now=lambda: now)
    progress = step(room, part(room))
    room.store.commit([*progress.writes])
    if not halts:
        assert room.campaign == before
        return
    assert progress == Progress(finished=True, writes=progress.writes)
    halted = {"state": "halted", "reason": "preparing-too-long", "updated_at": now}
    assert room.campaign == replace(before, message=room.campaign.message, **halted)  # type: ignore[arg-type]
    assert "Nothing was sent" in str(room.campaign.message)


def test_one_without_a_moment_halts() -> None:
    room = room_with("a", prepared_at=None)
    room.store.put(room.campaign.path, {**room.campaign.to_data(), "preparedAt": None})
    room.store.commit([*step(room, part(room)).writes])
    assert (room.campaign.state, room.campaign.reason) == ("halted", "preparing-too-long")


def test_an_address_that_nobody_has_proven_has_a_record_that_holds_its_place() -> None:
    room = Room()
    room.subscriber("a", "a@example.com")
    for name in ("t", "u"):
        room.subscriber(name, None, typed="typed@example.com")
    room.schedule()
    fix(room)
    whole = created(room, step(room, part(room)))
    one = made(room, a="a@example.com", t="typed@example.com", excluded={"u": "same-address"})
    record = MailRecord(
        record_id("c1", one.keys[1]),
        "c1",
        "t",
        KEYS.user("uid-t"),
        KEYS.address("typed@example.com"),
        "c1-000000",
        "waiting",
        room.runner.now(),
    )
    assert whole == {one.path: one.to_data(), record.path: record.to_data()}


def test_whose_record_is_there_in_another_shard_has_the_address() -> None:
    room = room_with("a")
    room.subscriber("t", None, typed="typed@example.com")
    fix(room)
    key = mail_key(KEYS, "c1", "typed@example.com")
    room.store.put(f"{MAILS}/c1-{key}", {"state": "waiting"})
    room.store.put(f"{MAILS}/c2-{mail_key(KEYS, 'c2', 'a@example.com')}", {"state": "waiting"})
    whole = created(room, step(room, part(room)))
    one = made(room, a="a@example.com", excluded={"t": "same-address"})
    assert whole == {one.path: one.to_data()}


def test_whose_part_holds_a_typed_address() -> None:
    room = Room()
    data = room.store.all("customers")
    for name in ("t", "u"):
        room.subscriber(name, None, typed=f"{name}@example.com")
    data = room.store.all("customers")
    assert typed_identity(KEYS, data["t"], "t@example.com") == KEYS.user("uid-t")
    assert typed_identity(KEYS, data["t"], "u@example.com") is None
    plain = room.subscriber("a", "a@example.com")
    assert typed_identity(KEYS, room.store.all("customers")[plain], "a@example.com") is None


# A second worker


def test_a_shard_that_is_there_is_refused_or_tried_again_where_the_slice_has_gone_on() -> None:
    room = room_with("a")
    one = part(room)
    created(room, step(room, one))
    with pytest.raises(Refusal) as refused:
        step(room, one)
    assert (refused.value.code, refused.value.reason) == ("failed-precondition", "audience-mixed")
    for now in (replace(one, cursor=["a", 1]), replace(one, state="running"), None):
        room.store.delete(one.path)
        if now is not None:
            room.store.put(one.path, now.to_data())
        with pytest.raises(Conflict, match="j1-1-0 has gone on"):
            step(room, one)


# By a rule


@dataclass
class Asked:
    """A gate that leaves some out and has something written of the others."""

    excluded: dict[str, str] = field(default_factory=dict)
    writes: int = 0
    asked: list[tuple[str, list[str], datetime]] = field(default_factory=list)

    def look(
        self, runner: Runner, campaign: Campaign, people: Sequence[FoundCustomer], moment: datetime
    ) -> Passed:
        del runner
        names = [name for name, _ in people]
        self.asked.append((campaign.id, names, moment))
        writes: dict[str, list[Write]] = {
            name: [Set(f"crmRuleRuns/{name}{one}", {}) for one in range(self.writes)]
            for name in names
            if name not in self.excluded
        }
        return Passed(self.excluded, writes)


def test_a_gate_is_asked_about_those_whom_nothing_else_keeps_out() -> None:
    room = room_with("a", "b", "c", rule="r1")
    room.subscriber("b", "b@example.com", status="unsubscribed")
    fix(room)
    gate = Asked({"c": "once"}, 1)
    progress = step(room, part(room), gate)
    assert gate.asked == [("c1", ["a", "c"], room.campaign.prepared_at)]
    one = made(room, a="a@example.com", excluded={"b": "unsubscribed", "c": "once"})
    assert progress.counts == {"found": 3}
    assert [write.path for write in progress.writes] == [one.path, "crmRuleRuns/a0"]
    room.store.commit([*progress.writes])
    assert room.shards == [one]


@pytest.mark.parametrize(
    ("rule", "status", "asked"),
    [("r1", "subscribed", 1), (None, "subscribed", 0), ("r1", "unsubscribed", 0)],
)
def test_a_gate_is_asked_of_a_rules_campaign_where_anybody_is_left(
    rule: str | None, status: str, asked: int
) -> None:
    room = room_with(rule=rule)
    room.subscriber("a", "a@example.com", status=status)
    fix(room)
    gate = Asked()
    step(room, part(room), gate)
    assert len(gate.asked) == asked


@pytest.mark.parametrize(
    ("most", "shards"),
    [
        (1, ["a", "b", "c", "d"]),
        (4, ["a", "b", "c", "d"]),
        (6, ["ab", "cd"]),
        (11, ["abc", "d"]),
        (12, ["abcd"]),
    ],
)
def test_a_shard_has_as_many_people_as_fit_into_a_commit(
    monkeypatch: pytest.MonkeyPatch, most: int, shards: list[str]
) -> None:
    """Each with two documents of the rule, and one for a record; one is taken always."""
    monkeypatch.setattr(preparing, "MOST_WRITES", most)
    room = room_with("a", "b", "c", "d", rule="r1")
    found: list[str] = []
    cursor: Any = None
    while True:
        progress = step(room, part(room, cursor=cursor), Asked({}, 2))
        room.store.commit([*progress.writes])
        taken = "".join(room.shards[-1].people)
        assert progress.counts == {"found": len(taken)}
        assert len(progress.writes) == 1 + 2 * len(taken)
        found.append(taken)
        cursor = progress.cursor
        if progress.finished:
            break
        assert cursor == [taken[-1], len(found)]
    assert found == shards


def test_who_does_not_fit_any_more_is_left_out_in_the_next_shard_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(preparing, "MOST_WRITES", 4)
    room = room_with("a", "b", "c", rule="r1")
    room.subscriber("b", "b@example.com", status="unsubscribed")
    fix(room)
    gate = Asked({"c": "once"}, 3)
    first = step(room, part(room), gate)
    room.store.commit([*first.writes])
    assert first.cursor == ["a", 1]
    room.store.commit([*step(room, part(room, cursor=["a", 1]), gate).writes])
    assert [one.excluded for one in room.shards] == [{}, {"b": "unsubscribed", "c": "once"}]


# People by name


def test_people_who_are_named_are_those_they_have_become_in_order_of_ids(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room = Room()
    for name in ("a", "b", "c", "d"):
        room.world.put_order(f"o-{name}", order(f"{name}@example.com", marketingOptIn=True))
    ids = {name: room.id(f"{name}@example.com") for name in ("a", "b", "c", "d")}
    room.world.runner.run(lambda tx: plan_merge(tx, ids["d"], ids["b"]))
    view = room.store.at()
    before = room.store.all("customers")
    room.store.delete(f"customers/{ids['a']}")  # behind that moment
    everybody = [ids["d"], ids["c"], "gone", ids["a"], ids["b"]]
    found = named_people(room.runner, everybody, view)
    names = sorted(ids[name] for name in ("a", "b", "c"))
    assert found == [(name, before[name]) for name in names]
    monkeypatch.setattr(preparing, "MOST", 2)
    room.schedule(people=tuple(everybody))
    whole = part(room)
    pages = [
        people_of(room.runner, room.campaign, view, whole, after)
        for after in (None, names[0], names[1], names[2])
    ]
    assert [([one for one, _ in page], behind) for page, behind in pages] == [
        (names[:2], names[1]),
        (names[1:], None),
        (names[2:], None),
        ([], None),
    ]


def test_what_a_segment_may_not_mean_is_not_looked_up_again() -> None:
    """Whoever saved it was told."""
    room = room_with("a")
    view = room.store.at()
    view.reads = 0
    assert node_of(room.runner, room.campaign, view) == Tag("t")
    assert view.reads == 0


def test_the_shards_of_a_campaign_are_in_the_order_of_their_numbers() -> None:
    room = Room()
    for name in ("c1-000010", "c1-000002", "c10-000001", "c1", "c0-000001", "c2-000001"):
        room.store.put(f"{AUDIENCES}/{name}", {"campaignId": name.partition("-")[0]})
    found = [one.id for one in room.store.find(all_shards("c1"))]
    assert found == ["c1-000002", "c1-000010"]
