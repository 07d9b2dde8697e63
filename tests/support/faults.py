"""What can become of a remote call: one layer around the database, Firebase Auth and the queue.

Every call of one process goes through one `Faults`, which counts them and lets one go wrong.
"""

from __future__ import annotations

import enum
import random
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from crm.core.errors import Transient
from crm.core.roles import Claims, Role
from crm.db.accounts import Account, Accounts, StaffAccount, StaffAccounts
from crm.db.documents import Path, Query, Snapshot, Store, Sum, Version, Write
from crm.db.retry import INTERACTIVE, RetryPolicy
from crm.db.runner import Runner

T = TypeVar("T")


class Killed(BaseException):
    """As SIGKILL: nothing in the process gets to see it."""


class Fault(enum.Enum):
    """What becomes of one call."""

    AWAY = "not done, and said so; the next call works"
    DOWN = "not done, nor is any later call of this process"
    LOST = "done, and the answer lost"
    KILLED = "the process is killed before it"
    KILLED_AFTER = "done, and the process killed"


ALWAYS = (Fault.AWAY, Fault.DOWN, Fault.KILLED)
OF_CHANGES = (Fault.LOST, Fault.KILLED_AFTER)
"""What makes a difference to a call that changes something, and only there."""


@dataclass
class Faults:
    """Counts the remote calls of one process; the one with the number `at` goes wrong.

    Attributes:
        at: Counted from 1; 0 for none.
        fault: What becomes of it.
        calls: How many there were; a process that is dead makes none.
        changing: The numbers of those that changed something.
        hit: Whether it came to the one.
    """

    at: int = 0
    fault: Fault = Fault.AWAY
    calls: int = 0
    changing: list[int] = field(default_factory=list)
    hit: bool = False
    _dead: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def points(self) -> list[tuple[Fault, int]]:
        """Everything that can go wrong in what was called so far."""
        return [
            *((fault, at) for fault in ALWAYS for at in range(1, self.calls + 1)),
            *((fault, at) for fault in OF_CHANGES for at in self.changing),
        ]

    def over(self) -> None:
        """A new process, and the services back: nothing goes wrong any more."""
        self.at, self._dead = 0, False

    def call(self, work: Callable[[], T], *, changes: bool = False) -> T:
        """Make a call, or let it go wrong.

        Args:
            work: The call.
            changes: Whether it changes anything; only then can it be done and its answer lost.
        """
        with self._lock:
            if self._dead:  # in all its threads
                raise Killed
            self.calls += 1
            if changes:
                self.changing.append(self.calls)
            mine = self.at == self.calls and (changes or self.fault in ALWAYS)
            self.hit = self.hit or mine
            down = self.fault is Fault.DOWN and 0 < self.at <= self.calls
            if mine and self.fault in {Fault.KILLED, Fault.KILLED_AFTER}:
                self._dead = True
        if down or (mine and self.fault is Fault.AWAY):
            raise Transient("away")
        if mine and self.fault is Fault.KILLED:
            raise Killed
        answer = work()
        if mine and self.fault is Fault.LOST:
            raise Transient("the answer was lost")
        if mine:
            raise Killed
        return answer


class FaultyStore:
    """A store whose calls can go wrong."""

    def __init__(self, store: Store, faults: Faults) -> None:
        self._store, self._faults = store, faults

    @property
    def moment(self) -> datetime | None:
        return self._store.moment

    def read(self, paths: Iterable[Path]) -> dict[Path, Snapshot]:
        return self._faults.call(lambda: self._store.read(paths))

    def find(self, query: Query) -> list[Snapshot]:
        return self._faults.call(lambda: self._store.find(query))

    def count(self, query: Query) -> int:
        return self._faults.call(lambda: self._store.count(query))

    def sum(self, query: Query, field: str) -> Sum:
        return self._faults.call(lambda: self._store.sum(query, field))

    def at(self, moment: datetime | None = None) -> Store:
        view = self._faults.call(lambda: self._store.at(moment))
        return FaultyStore(view, self._faults)

    def commit(self, writes: Sequence[Write]) -> Sequence[Version]:
        if not writes:  # nothing is sent
            return []
        return self._faults.call(lambda: self._store.commit(writes), changes=True)


class FaultyAccounts:
    """Firebase Auth, likewise."""

    def __init__(self, accounts: Accounts, faults: Faults) -> None:
        self._accounts, self._faults = accounts, faults

    def find(self, uid: str) -> Account:
        return self._faults.call(lambda: self._accounts.find(uid))

    def anonymous_among(self, uids: Collection[str]) -> set[str]:
        return self._faults.call(lambda: self._accounts.anonymous_among(uids))

    def confirm(self, claims: Claims) -> Claims:
        return self._faults.call(lambda: self._accounts.confirm(claims))

    def describe(self, uid: str) -> Mapping[str, Any] | None:
        return self._faults.call(lambda: self._accounts.describe(uid))

    def delete(self, uid: str) -> None:
        self._faults.call(lambda: self._accounts.delete(uid), changes=True)

    def owner_of(self, address: str) -> str | None:
        return self._faults.call(lambda: self._accounts.owner_of(address))

    def staff_among(self, addresses: Collection[str]) -> set[str]:
        return self._faults.call(lambda: self._accounts.staff_among(addresses))


class FaultyStaff:
    """Roles in it, likewise."""

    def __init__(self, staff: StaffAccounts, faults: Faults) -> None:
        self._staff, self._faults = staff, faults

    def find(self, uid: str) -> StaffAccount | None:
        return self._faults.call(lambda: self._staff.find(uid))

    def find_email(self, email: str) -> StaffAccount:
        return self._faults.call(lambda: self._staff.find_email(email))

    def page(self, token: str | None) -> tuple[list[StaffAccount], str | None]:
        return self._faults.call(lambda: self._staff.page(token))

    def give(self, uid: str, role: Role) -> None:
        self._faults.call(lambda: self._staff.give(uid, role), changes=True)

    def take(self, uid: str) -> None:
        self._faults.call(lambda: self._staff.take(uid), changes=True)


class Clock:
    """Seconds that pass only while somebody waits."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def wait(self, seconds: float) -> None:
        self.seconds += seconds

    def __call__(self) -> float:
        return self.seconds


def faulty(runner: Runner, faults: Faults) -> Runner:
    """Return a runner whose calls can go wrong, and whose waiting takes no time."""
    clock = Clock()
    return replace(
        runner,
        store=FaultyStore(runner.store, faults),
        retry=RetryPolicy(sleep=clock.wait, clock=clock, jitter=random.Random(0).random),
        accounts=FaultyAccounts(runner.accounts, faults),
    )


@contextmanager
def hurried(
    sleep: Callable[[float], None] | None = None, clock: Callable[[], float] | None = None
) -> Iterator[None]:
    """Let nobody who reads wait really either: `retry.INTERACTIVE` is shared by many rooms.

    Args:
        sleep: How they wait instead.
        clock: The clock that it moves.
    """
    if sleep is None or clock is None:
        own = Clock()
        sleep, clock = own.wait, own
    kept = {name: getattr(INTERACTIVE, name) for name in ("sleep", "clock")}
    try:
        for name, value in {"sleep": sleep, "clock": clock}.items():
            object.__setattr__(INTERACTIVE, name, value)
        yield
    finally:
        for name, value in kept.items():
            object.__setattr__(INTERACTIVE, name, value)
