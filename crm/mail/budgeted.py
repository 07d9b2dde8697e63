"""A mailer that keeps to the limits of `[mail]`, together with all other instances."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

from crm.core.errors import Conflict, Transient
from crm.db.diff import replaced
from crm.db.documents import Create, Snapshot, Write, version_of
from crm.db.runner import Runner
from crm.db.transaction import Plan, Transaction
from crm.mail.answers import concerns_all
from crm.mail.budget import SECOND, Grant, Limits, Spent, Wait, give_back, take
from crm.mail.port import Answer, Later, Mail, Mailer

PATIENCE: Final = 10.0
"""Seconds that `send` waits by itself; who has to wait longer is told."""

UNKNOWN: Final = 5.0
"""Seconds to wait where the database does not say what is left."""


class Budget:
    """The budget as it is stored.

    Args:
        runner: Reads and commits.
        limits: Of `[mail]`.
        first: Whether what is taken goes before campaigns.
    """

    def __init__(self, runner: Runner, limits: Limits, *, first: bool) -> None:
        self._runner, self._limits, self._first = runner, limits, first

    def now(self) -> int:
        """Return the time."""
        return _micros(self._runner.now())

    def take(self, asked: int, pace: int | None, before: Grant | None, unused: int) -> Grant | Wait:
        """Take mails; more than are asked for, where they are few.

        Args:
            asked: How many are at hand.
            pace: How long one takes; None where that is not known yet.
            before: The grant before, of which something may be given back.
            unused: How many of it did not leave.

        Raises:
            Conflict, Transient: Nobody knows what is left.
        """

        def plan(tx: Transaction) -> Plan[Grant | Wait]:
            was = tx.document(Spent().path)
            spent = _read(was)
            if before is not None and unused:
                spent = give_back(spent, before, unused)
            found, spent = take(
                self._limits,
                spent,
                _micros(tx.now),
                self._limits.batch(asked, pace),
                pace=pace or 0,
                first=self._first,
            )
            # Who has to wait changes nothing, unless something is given back.
            writes = [_write(was, spent)] if isinstance(found, Grant) or unused else []
            return Plan(writes, found)

        return self._runner.run(plan)[0].result

    def give_back(self, grant: Grant, unused: int) -> None:
        """Give mails back that will not leave.

        Raises:
            Conflict, Transient: They count as used, perhaps.
        """

        def plan(tx: Transaction) -> Plan[None]:
            was = tx.document(Spent().path)
            if not was.exists:
                return Plan([], None)
            return Plan([_write(was, give_back(_read(was), grant, unused))], None)

        self._runner.run(plan)


class Budgeted:
    """A `port.Mailer` that hands over to another one what may leave.

    Args:
        mailer: Hands over.
        budget: Says what may leave.
        sleep: Waits so many seconds.
    """

    def __init__(self, mailer: Mailer, budget: Budget, sleep: Callable[[float], None]) -> None:
        self._mailer, self._budget, self._sleep = mailer, budget, sleep
        self._grant: Grant | None = None
        self._next = 0  # place in the grant
        self._left = 0  # how many of the grant have left
        self._pace: int | None = None
        self._since: int | None = None  # when the last one was handed over, waiting left out

    def send(self, mails: Sequence[Mail]) -> Iterator[Answer]:
        """Hand mails over; see `port.Mailer.send`.

        Where the budget is used up, `Later` with the code `budget` says how long.
        """
        for_all: Answer | None = None
        for place, mail in enumerate(mails):
            answer = for_all or self._waited(len(mails) - place) or self._handed(mail)
            if concerns_all(answer):
                for_all = answer
            yield answer

    def close(self) -> None:
        """End the connection, and give back what was not used."""
        self._mailer.close()
        grant, unused = self._grant, self._unused
        self._grant = None
        if grant is not None and unused:
            with suppress(Conflict, Transient):  # then it counts as used
                self._budget.give_back(grant, unused)

    @property
    def _unused(self) -> int:
        return 0 if self._grant is None else self._grant.count - self._left

    def _handed(self, mail: Mail) -> Answer:
        now = self._budget.now()
        if self._since is not None:
            # The latest half counts for as much as all before: a worker is as quick as it is now.
            took = min(max(now - self._since, 0), SECOND)
            self._pace = took if self._pace is None else (self._pace + took) // 2
        self._since = now
        self._next += 1
        self._left += 1
        return next(self._mailer.send([mail]))

    def _waited(self, asked: int) -> Later | None:
        """Wait until a mail may leave; return what to answer where that takes long."""
        while True:
            now = self._budget.now()
            place = None if self._grant is None else self._grant.place(self._next, now)
            if self._grant is not None and place is not None:
                self._next = place
                self._slept(self._grant.due(place) - now)
                return None
            try:
                found = self._budget.take(asked, self._pace, self._grant, self._unused)
            except (Conflict, Transient):
                # Perhaps it was given back: so it is not given back a second time.
                self._grant = None
                return Later("budget", whole=True, seconds=UNKNOWN)
            self._grant = found if isinstance(found, Grant) else None
            self._next = self._left = 0
            if isinstance(found, Wait):
                if found.seconds > PATIENCE:
                    return Later("budget", whole=True, seconds=found.seconds)
                self._slept(found.span)

    def _slept(self, span: int) -> None:
        if span > 0:
            if self._since is not None:
                self._since += span
            self._sleep(span / SECOND)


def _micros(moment: datetime) -> int:
    return version_of(moment) // 1000


def _read(snapshot: Snapshot) -> Spent:
    return Spent.from_data(snapshot.id, snapshot.fields) if snapshot.exists else Spent()


def _write(was: Snapshot, spent: Spent) -> Write:
    data = spent.to_data()
    return replaced(was, data) if was.exists else Create(was.path, data)
