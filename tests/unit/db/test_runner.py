"""What a runner reads and holds besides running plans."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest

from crm.core.errors import Conflict, Transient
from crm.db.documents import Create, Path, Snapshot, Update, Version, Write
from crm.db.memory import Memory
from crm.db.runner import Hints
from crm.db.transaction import Plan, Transaction
from testing.memory import MemoryStore
from testing.world import World


class Away(MemoryStore):
    """Does not answer the first readings."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def read(self, paths: Iterable[Path]) -> dict[Path, Snapshot]:
        if self.times:
            self.times -= 1
            raise Transient("away")
        return super().read(paths)


def test_one_document_is_read_again_until_the_service_answers() -> None:
    store = Away(times=2)
    store.put("c/a", {"n": 1})
    assert World(store).runner.read_one("c/a").data == {"n": 1}
    assert store.times == 0


def test_one_document_that_is_missing_does_not_exist() -> None:
    assert not World().runner.read_one("c/a").exists


class Looking:
    """Has a row written for each commit, and hears of those that were made."""

    def __init__(self) -> None:
        self.seen: list[list[Path]] = []
        self.heard: list[list[Path]] = []

    def adds(self, tx: Transaction, writes: Sequence[Write]) -> list[Write]:
        self.seen.append([one.path for one in writes])
        return [Create(f"rows/{len(self.seen)}", {"at": tx.now})]

    def added(self, writes: Sequence[Write]) -> None:
        self.heard.append([one.path for one in writes])


class Counting(MemoryStore):
    """Knows what was committed together; the first commits collide."""

    def __init__(self, collisions: int = 0) -> None:
        super().__init__()
        self.collisions = collisions
        self.commits: list[list[Path]] = []

    def commit(self, writes: Sequence[Write]) -> list[Version]:
        if self.collisions:
            self.collisions -= 1
            raise Conflict("meanwhile")
        versions = super().commit(writes)
        self.commits.append([one.path for one in writes])
        return versions


def create(_tx: Transaction) -> Plan[None]:
    return Plan([Create("c/a", {"n": 1})], None)


def test_what_a_watch_adds_is_in_the_commit_that_it_looked_at() -> None:
    store, watch = Counting(), Looking()
    planned, _ = replace(World(store).runner, watch=watch).run(create)
    assert store.commits == [["c/a", "rows/1"]]
    assert [one.path for one in planned.writes] == ["c/a"], "the plan is as it was"
    assert (watch.seen, watch.heard) == ([["c/a"]], [["rows/1"]])


def test_a_watch_looks_again_where_a_commit_collided_and_hears_of_the_last_alone() -> None:
    store, watch = Counting(collisions=2), Looking()
    replace(World(store).runner, watch=watch).run(create)
    assert store.commits == [["c/a", "rows/3"]]
    assert watch.heard == [["rows/3"]]
    assert store.all("rows").keys() == {"3"}


def test_a_commit_that_is_refused_leaves_no_row() -> None:
    store, watch = Counting(), Looking()
    store.put("c/a", {"n": 0})
    world = World(store)
    runner = replace(world.runner, watch=watch, retry=replace(world.runner.retry, seconds=0.0))
    with pytest.raises(Conflict):
        runner.run(create)
    assert watch.seen
    assert (store.all("rows"), watch.heard) == ({}, [])


def test_a_watch_is_not_asked_where_nothing_is_written_nor_told_where_it_adds_nothing() -> None:
    store, watch = Counting(), Looking()
    replace(World(store).runner, watch=watch).run(lambda _: Plan([], None))
    assert watch.seen == []

    class Content(Looking):
        def adds(self, _tx: Transaction, _writes: Sequence[Write]) -> list[Write]:
            return []

    content = Content()
    replace(World(store).runner, watch=content).run(create)
    assert content.heard == []
    assert [one for one in store.commits if one] == [["c/a"]]


def test_a_runner_that_remembers_learns_its_own_writes_beside_a_watchs() -> None:
    store, watch = MemoryStore(), Looking()
    store.put("customers/a", {"n": 1})
    runner = replace(World(store).runner, watch=watch, memory=Memory())

    def count(tx: Transaction) -> Plan[None]:
        found = tx.document("customers/a")
        data = {"n": found.fields["n"] + 1}
        return Plan([Update(found.path, data, found.version, whole=data)], None)

    for _ in range(2):
        runner.run(count, Hints(recall=True))
    known = runner.recalled("customers/a")
    assert known is not None
    assert known.data == store.all("customers")["a"] == {"n": 3}
    assert known.version == store.read(["customers/a"])["customers/a"].version
