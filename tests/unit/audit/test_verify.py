"""Whatever is done to the trail from outside is found, and nothing else is."""

from __future__ import annotations

import copy
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crm.audit.trail import CHAINS, START, entry_id, seal
from crm.audit.verify import MOST_FAULTS, AuditReport, End, Tip, check, verify
from crm.core.errors import Refusal
from crm.db.collections import AUDIT, AUDIT_HEADS
from crm.db.documents import Data
from testing.hosts import DAY
from testing.world import KEYS, World
from tests.unit.audit.test_trail import recorded

SECRET = KEYS.derive("audit")
NOW = datetime(2026, 11, 28, tzinfo=UTC)


@dataclass
class Trail:
    """The documents of a trail, as somebody with access to the database holds them."""

    entries: dict[str, dict[str, Any]]
    heads: dict[str, dict[str, Any]]

    def check(self, since: Tip | None = None) -> AuditReport:
        return check(SECRET, sorted(self.entries.items()), self.heads, since)

    @property
    def reasons(self) -> set[str]:
        return {fault.reason for fault in self.check().faults}

    def chain(self, entry: str) -> list[str]:
        """The ids of an entry's chain."""
        return sorted(key for key in self.entries if key[:2] == entry[:2])

    def take_back(self, count: int, chain: str) -> None:
        """Take a chain back to an earlier end, its head too, as it was once."""
        for key in [key for key in self.entries if key[:2] == chain][count:]:
            del self.entries[key]
        if count:
            last = self.entries[entry_id(int(chain), count)]["seal"]
            self.heads[chain] = {"count": count, "seal": last}
        else:
            self.heads.pop(chain)


def history(count: int) -> Trail:
    world = World()
    for number in range(count):
        recorded(world, "customer.tag", f"c{number % 7}", added=number)
    return Trail(world.store.all(AUDIT), world.store.all(AUDIT_HEADS))


LONG = history(80)


@pytest.fixture
def trail() -> Trail:
    return copy.deepcopy(LONG)


@pytest.mark.parametrize("count", [0, 1, 2, 80])
def test_a_trail_as_it_was_written_has_no_fault(count: int) -> None:
    trail = history(count)
    report = trail.check()
    assert report.faults == []
    assert report.tip.entries == count
    assert trail.check(since=report.tip).faults == []


def first_long(trail: Trail) -> list[str]:
    """The ids of the first chain that has at least four entries."""
    return next(ids for ids in map(trail.chain, sorted(trail.entries)) if len(ids) >= 4)


def test_each_kind_of_fault_has_its_name(trail: Trail) -> None:
    ids = first_long(trail)

    def after(change: Callable[[Trail], object]) -> set[str]:
        changed = copy.deepcopy(trail)
        change(changed)
        return changed.reasons

    assert after(lambda t: t.entries[ids[1]].update(actor="u1-other")) == {"edited"}
    assert after(lambda t: t.entries.pop(ids[1])) == {"missing"}
    assert after(lambda t: t.entries.pop(ids[-1])) == {"cut-off"}
    assert after(lambda t: t.heads.pop(ids[0][:2])) == {"beyond-head"}
    assert after(lambda t: t.heads[ids[0][:2]].update(seal="0" * 64)) == {"head-edited"}
    assert after(lambda t: t.heads[ids[0][:2]].update(count="4")) == {"head-edited"}
    assert after(lambda t: t.entries.update({"99-000000000001": {}})) == {"stray"}
    assert after(lambda t: t.heads.update({"16": {"count": 0}})) == {"stray"}


def test_a_fault_says_where_and_nothing_else_is_named(trail: Trail) -> None:
    ids = first_long(trail)
    trail.entries[ids[1]]["facts"] = {"added": 1000}
    (fault,) = trail.check().faults
    assert fault.place == ids[1]
    del trail.entries[ids[2]]
    where = {(fault.place, fault.message) for fault in trail.check().faults}
    assert (ids[0][:2], "entry 3 is missing") in where
    assert len(where) == 2


VALUES = st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.floats()


@st.composite
def tampering(draw: st.DrawFn) -> Callable[[Trail], None]:
    """One thing done to one trail."""
    victim = draw(st.sampled_from(sorted(LONG.entries)))
    other = draw(st.sampled_from(sorted(LONG.entries)))
    chain = victim[:2]
    value = draw(VALUES | st.lists(VALUES) | st.dictionaries(st.text(), VALUES))
    field = draw(st.sampled_from([*LONG.entries[victim], "new"]))
    number = draw(st.integers(min_value=-1, max_value=10**12 - 1))
    shift = timedelta(microseconds=draw(st.integers(min_value=1, max_value=10**9)))

    def edit(trail: Trail) -> None:
        trail.entries[victim][field] = value

    def forget(trail: Trail) -> None:
        assume(field != "new")
        del trail.entries[victim][field]

    def later(trail: Trail) -> None:
        trail.entries[victim]["at"] += shift

    def as_text(trail: Trail) -> None:
        trail.entries[victim]["at"] = trail.entries[victim]["at"].isoformat(timespec="microseconds")

    def drop(trail: Trail) -> None:
        del trail.entries[victim]

    def drop_all(trail: Trail) -> None:
        for key in trail.chain(victim):
            del trail.entries[key]

    def swap(trail: Trail) -> None:
        held = trail.entries
        held[victim], held[other] = held[other], held[victim]

    def copy_elsewhere(trail: Trail) -> None:
        trail.entries[entry_id(int(chain), abs(number))] = trail.entries[other]

    def cut_off(trail: Trail) -> None:
        for key in [key for key in trail.chain(victim) if key >= victim]:
            del trail.entries[key]

    def renumber_the_head(trail: Trail) -> None:
        trail.heads[chain]["count"] = number

    def drop_the_head(trail: Trail) -> None:
        del trail.heads[chain]

    def cut_off_with_a_false_head(trail: Trail) -> None:
        cut_off(trail)
        left = trail.chain(victim)
        trail.heads[chain] = {"count": len(left), "seal": "0" * 64}

    def forge(trail: Trail) -> None:
        """As somebody would who knows all but the key."""
        ids = trail.chain(victim)
        last = trail.entries[ids[-1]]
        entry = {**last, "number": len(ids) + 1, "actor": "u1-other"}
        entry["seal"] = seal(b"another key", last["seal"], entry)
        trail.entries[entry_id(int(chain), len(ids) + 1)] = entry
        trail.heads[chain] = {"count": len(ids) + 1, "seal": entry["seal"]}

    entries = [edit, forget, later, as_text, drop, drop_all, swap, copy_elsewhere, cut_off]
    heads = [renumber_the_head, drop_the_head, cut_off_with_a_false_head, forge]
    return draw(st.sampled_from([*entries, *heads]))


@given(tampering())
def test_whatever_is_done_to_one_place_is_found(tamper: Callable[[Trail], None]) -> None:
    trail = copy.deepcopy(LONG)
    tamper(trail)
    assume(repr(trail) != repr(LONG))  # `1 == True`, but they are not the same
    assert trail.check().faults


@given(st.sampled_from(sorted(LONG.heads)), st.integers(min_value=0, max_value=20))
def test_what_was_taken_back_with_its_head_only_an_earlier_tip_shows(
    chain: str, count: int
) -> None:
    trail = copy.deepcopy(LONG)
    tip = trail.check().tip
    count %= tip.ends[chain].count
    trail.take_back(count, chain)
    assert trail.check().faults == []
    (fault,) = trail.check(since=tip).faults
    assert (fault.place, fault.reason) == (chain, "rolled-back")


def test_what_was_taken_back_and_written_on_is_shown_too(trail: Trail) -> None:
    tip = trail.check().tip
    ids = first_long(trail)
    chain, count = ids[0][:2], len(ids)
    trail.take_back(count - 1, chain)
    entry: dict[str, Any] = {**trail.entries[ids[-2]], "number": count, "actor": "u1-later"}
    entry["seal"] = seal(SECRET, trail.heads[chain]["seal"], entry)
    trail.entries[ids[-1]] = entry
    trail.heads[chain] = {"count": count, "seal": entry["seal"]}
    assert trail.check().faults == []
    (fault,) = trail.check(since=tip).faults
    assert (fault.place, fault.reason) == (ids[-1], "rolled-back")


def test_a_trail_that_went_on_still_holds_an_earlier_tip(trail: Trail) -> None:
    end = trail.check().tip
    earlier = copy.deepcopy(trail)
    for chain, head in trail.heads.items():
        earlier.take_back(head["count"] // 2, chain)
    tip = earlier.check().tip
    assert trail.check(since=tip).faults == []
    assert tip.digest != end.digest


def test_a_tip_is_kept_as_json_and_read_strictly(trail: Trail) -> None:
    tip = trail.check().tip
    data: Any = tip.to_data()
    assert Tip.from_data(data) == tip
    assert Tip.from_data(Tip().to_data()) == Tip()
    chain = next(iter(data["chains"]))
    bad: list[Any] = [
        None,
        [],
        {},
        {"chains": {}},
        {**data, "digest": "0" * 64},
        {**data, "chains": {**data["chains"], chain: {"count": 1, "seal": "0" * 64}}},
        Tip({chain: End(0, "0" * 64)}).to_data(),
        Tip({chain: End(1, "x")}).to_data(),
    ]
    for one in bad:
        with pytest.raises(Refusal) as refused:
            Tip.from_data(one)
        assert refused.value.reason == "tip"


def test_the_whole_database_is_checked_page_by_page_at_one_moment() -> None:
    world = World()
    for number in range(1_200):
        recorded(world, "customer.tag", added=number)
    told: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        told.append((done, total))
        recorded(world, "customer.tag", added=done)  # live changes go on

    report = verify(world.store, KEYS, world.runner.retry, progress=progress)
    assert report.faults == []
    assert report.tip.entries == 1_200
    assert told == [(500, 1_200), (1_000, 1_200), (1_200, 1_200)]
    assert len(world.store.all(AUDIT)) == 1_203


def test_memory_does_not_grow_with_the_trail() -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        report = check(SECRET, one_chain(count), {})
        assert report.tip.entries == count
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(10)
    assert peak(20_000) < peak(2_000) + 100_000


def test_a_flood_of_faults_is_counted_and_not_held() -> None:
    edited = ((key, {**entry, "actor": "x"}) for key, entry in one_chain(3_000))
    report = check(SECRET, edited, {})
    assert len(report.faults) == MOST_FAULTS
    assert report.more == 3_000 + 1 - MOST_FAULTS


def one_chain(count: int) -> Iterator[tuple[str, Data]]:
    """A long chain; its head is not there."""
    last = START
    for number in range(1, count + 1):
        entry: dict[str, object] = {"chain": CHAINS - 1, "number": number, "at": DAY}
        last = seal(SECRET, last, entry)
        yield entry_id(CHAINS - 1, number), {**entry, "seal": last}


def test_another_key_proves_nothing() -> None:
    world = World()
    recorded(world, "customer.tag")
    other = replace(KEYS, secret=b"another secret of an installation")
    report = verify(world.store, other, world.runner.retry)
    assert [fault.reason for fault in report.faults] == ["edited"]


# --- After the secret was replaced ---------------------------------------------------------------


@dataclass
class Rotated:
    """A trail of one chain of which the first entries are sealed under an earlier secret."""

    former: bytes = b"the secret that was stolen"
    trail: Trail = field(default_factory=lambda: Trail({}, {}))

    def __post_init__(self) -> None:
        for number in range(1, 7):
            self.add(number, self.former if number <= 3 else SECRET)

    def add(self, number: int, secret: bytes) -> None:
        before = self.trail.heads.get("00", {}).get("seal", START)
        entry = {"chain": 0, "number": number, "at": NOW, "action": "x"}
        sealed = seal(secret, before, entry)
        self.trail.entries[entry_id(0, number)] = {**entry, "seal": sealed}
        self.trail.heads["00"] = {"count": number, "seal": sealed}

    @property
    def reasons(self) -> set[str]:
        entries = sorted(self.trail.entries.items())
        report = check(SECRET, entries, self.trail.heads, former=[self.former])
        return {fault.reason for fault in report.faults}


def test_entries_from_before_a_new_secret_hold_under_the_earlier_one() -> None:
    rotated = Rotated()
    assert rotated.reasons == set()
    assert rotated.trail.reasons == {"edited"}, "not without it"


def test_whoever_stole_the_earlier_secret_can_add_nothing() -> None:
    rotated = Rotated()
    rotated.add(7, rotated.former)
    assert rotated.reasons == {"edited"}


def test_whoever_stole_the_earlier_secret_can_change_nothing_from_its_time() -> None:
    rotated, forged = Rotated(), Rotated()
    forged.trail = Trail({}, {})
    for number in range(1, 4):
        forged.add(number, rotated.former)
        if number == 1:
            forged.trail.heads["00"]["seal"] = seal(
                rotated.former, START, {"chain": 0, "number": 1, "at": NOW, "action": "forged"}
            )
    rotated.trail.entries.update(forged.trail.entries)
    assert rotated.reasons == {"edited"}
