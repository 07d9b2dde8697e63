"""What a process knows of the book of rules: how long, by which reading, and what follows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from crm.core.errors import Transient
from crm.db.documents import Create, Delete, Set, Write
from crm.db.transaction import Transaction
from crm.rules import saving
from crm.rules.watch import AGAIN, KEPT, BookWatch
from testing.patience import PATIENCE
from tests.support.ruled import Ruled

RICH: Write = Create("customers/a", {"totalSpend": {"USD": 10_000}})


class Watched(Ruled):
    """A world whose watch has a clock of its own, and counts its readings.

    Attributes:
        seconds: The clock.
        reads: How often the book was read.
        meanwhile: Called at each reading, with how many there were.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0
        self.reads = 0
        self.meanwhile: Callable[[int], None] = lambda _: None
        read = self.store.read

        def counted(paths: Any) -> Any:
            some = list(paths)
            if some == ["crmRules/book"]:
                self.reads += 1
                self.meanwhile(self.reads)
            return read(some)

        self.store.read = counted  # type: ignore[method-assign]
        self.book = BookWatch(self.store, clock=lambda: self.seconds)

    def sees(self, *writes: Write, tx: Transaction | None = None) -> list[Any]:
        """Return the rows of those who enter by some writes."""
        rows = self.book.adds(tx or self.runner.begin(), writes or [RICH])
        assert all(isinstance(one, Create) for one in rows)
        return [one.data for one in rows if isinstance(one, Create)]


def test_a_rule_that_asks_nothing_that_can_be_answered_is_named_and_the_others_are_seen(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = Watched()
    broken, good = world.save(name="One"), world.save(name="Two")
    book = world.store.all("crmRules")["book"]
    book["rules"][broken.id]["entered"] = {"nonsense": 1}
    world.store.put("crmRules/book", book)
    assert [row["ruleId"] for row in world.sees()] == [good.id]
    assert f"rule {broken.id} asks nothing that can be answered: " in caplog.text
    assert [one.levelname for one in caplog.records] == ["ERROR"]


def test_a_book_that_comes_and_goes_is_followed_from_minute_to_minute() -> None:
    world = Watched()
    assert (world.sees(), world.reads) == ([], 1)
    world.save()
    world.reads, world.seconds = 0, KEPT - 0.1
    assert (world.sees(), world.reads) == ([], 0)
    world.seconds = KEPT
    assert (len(world.sees()), world.reads) == (1, 1)
    world.store.delete("crmRules/book")
    world.seconds += KEPT
    assert world.sees() == []
    world.save()
    world.seconds += KEPT
    assert len(world.sees()) == 1


def test_a_book_that_has_not_changed_is_not_taken_apart_again() -> None:
    world = Watched()
    rule = world.save()
    world.sees()
    known = world.book._awaited
    world.seconds = KEPT
    world.sees()
    assert world.book._awaited is known
    world.save(rule.id, name="Other")
    world.seconds += KEPT
    world.sees()
    assert world.book._awaited is not known


def test_it_is_read_at_once_after_this_process_has_changed_it() -> None:
    world = Watched()
    world.book.forget()  # nothing is known yet
    rule = world.save()
    assert len(world.sees()) == 1
    world.save(rule.id, on=False)
    world.book.forget()
    assert world.sees() == []
    reads = world.reads
    assert (world.sees(), world.reads) == ([], reads)


def test_before_it_was_ever_read_a_commit_fails_where_nobody_answers() -> None:
    world = Watched()
    world.save()
    world.reads = 0

    def away(number: int) -> None:
        if number <= 2:
            raise Transient("nobody answers")

    world.meanwhile = away
    for _ in range(2):
        with pytest.raises(Transient):
            world.sees()
        world.book.forget()  # which makes nothing known of what is not
    assert len(world.sees()) == 1


def test_a_book_that_cannot_be_read_keeps_no_commit_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = Watched()
    world.save()
    world.reads = 0

    def broken(number: int) -> None:
        if number == 1:
            raise ValueError("a value of a document")

    world.meanwhile = broken
    assert world.sees() == []
    assert "the book of rules was not read: ValueError at " in caplog.text
    assert "a value of a document" not in caplog.text
    world.seconds = AGAIN - 0.1
    assert (world.sees(), world.reads) == ([], 1)
    world.seconds = AGAIN
    assert (len(world.sees()), world.reads) == (1, 2)


class Gate:
    """A lock that says when somebody comes to it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.came = threading.Event()

    def acquire(self, blocking: bool = True) -> bool:
        if self._lock.locked():
            self.came.set()
        return self._lock.acquire(blocking)

    def release(self) -> None:
        self._lock.release()


@pytest.mark.parametrize("known", [True, False])
def test_while_one_reads_the_others_go_on_with_what_is_known_or_wait(known: bool) -> None:
    world = Watched()
    world.save()
    if known:
        world.sees()
        world.seconds = KEPT
    gate = Gate()
    world.book._lock = gate  # type: ignore[assignment]
    world.reads = 0
    begun, go_on = threading.Event(), threading.Event()
    found: dict[str, int] = {}

    def reading(_: int) -> None:
        begun.set()
        assert go_on.wait(PATIENCE)

    world.meanwhile = reading
    first = threading.Thread(target=lambda: found.update(first=len(world.sees())))
    second = threading.Thread(target=lambda: found.update(second=len(world.sees())))
    first.start()
    assert begun.wait(PATIENCE)
    second.start()
    if known:
        second.join(PATIENCE)
        assert found == {"second": 1}
    else:
        assert gate.came.wait(PATIENCE)
        assert found == {}
    go_on.set()
    first.join(PATIENCE)
    second.join(PATIENCE)
    assert found == {"first": 1, "second": 1}
    assert world.reads == 1


def test_who_is_deleted_or_written_of_otherwise_does_not_enter() -> None:
    world = Watched()
    world.save()
    assert world.sees(Delete("customers/a")) == []
    assert world.sees(Set("customers/a", {"totalSpend": {"USD": 10_000}})) == []
    assert len(world.sees(RICH, Create("crmEvents/e", {}))) == 1
    assert world.sees(RICH, Create("crmMerges/m", {})) == []
    assert world.sees(Create("crmEvents/e", {})) == []


def test_nobody_entered_before_the_rule_was_on() -> None:
    """Clocks differ: that of the process may be behind the one that saved the rule."""
    world = Watched()
    rule = world.save()
    assert rule.since is not None
    for ahead in (timedelta(hours=-1), timedelta(hours=1)):
        tx = world.runner.begin()
        tx.now = rule.since + ahead
        (row,) = world.sees(tx=tx)
        assert row["at"] == max(rule.since, tx.now)


def test_each_rule_that_somebody_enters_has_a_row() -> None:
    world = Watched()
    rules = [world.save(name=name) for name in ("One", "Two")]
    world.save(name="Off", on=False)
    asks = world.save(name="Asks")
    book = world.store.all("crmRules")["book"]
    book["rules"][asks.id]["paused"] = "too-many"
    world.store.put("crmRules/book", book)
    other: Write = Create("customers/b", {"totalSpend": {"USD": 20_000}})
    rows = [(row["ruleId"], row["customerId"]) for row in world.sees(RICH, other)]
    assert sorted(rows) == sorted((one.id, name) for one in rules for name in "ab")
    for one in rules:
        saving.delete(world.runner, one.id)
    world.book.forget()
    assert world.sees() == []
