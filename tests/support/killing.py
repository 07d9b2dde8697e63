"""Workers of a campaign that are processes of their own, to be killed at any point.

Each task is done by a process that is forked off a server of processes which has loaded all there
is to load. It kills itself (SIGKILL) before or behind its n-th call of the database, or the mail
server has it killed when the n-th command arrives, before it is answered.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any, Literal, TypeVar

from crm.campaigns import jobs
from crm.db.collections import AUDIENCES
from crm.db.documents import Path, Query, Snapshot, Store, Sum, Version, Write
from crm.jobs import fan_out
from crm.jobs.slices import parsed
from crm.mail.dsn import SmtpDsn
from crm.mail.dsn import parsed as dsn_of
from crm.mail.smtp import SmtpMailer
from testing.client import PatientClient
from tests.support.live import LiveWorld
from tests.support.mailing import plain

SECONDS = 240.0

T = TypeVar("T")

LANDING = "https://example.com/u"

Where = Literal["before", "behind", "verb"]


@dataclass(frozen=True)
class Point:
    """Where a process dies: at its n-th call of the database, or as the n-th command arrives."""

    where: Where
    number: int


class Mortal:
    """A store whose n-th call ends the process."""

    def __init__(self, store: Store, point: Point | None) -> None:
        self._store, self._point, self._calls = store, point, 0

    def read(self, paths: Iterable[Path]) -> dict[Path, Snapshot]:
        return self._do(lambda: self._store.read(paths))

    def find(self, query: Query) -> list[Snapshot]:
        return self._do(lambda: self._store.find(query))

    def count(self, query: Query) -> int:
        return self._do(lambda: self._store.count(query))

    def sum(self, query: Query, field: str) -> Sum:
        return self._do(lambda: self._store.sum(query, field))

    @property
    def moment(self) -> datetime | None:
        return self._store.moment

    def at(self, moment: datetime | None = None) -> Store:
        return self._do(lambda: self._store.at(moment))

    def commit(self, writes: Sequence[Write]) -> Sequence[Version]:
        return self._do(lambda: self._store.commit(writes))

    def _do(self, call: Callable[[], T]) -> T:
        self._calls += 1
        self._die("before")
        done = call()
        self._die("behind")
        return done

    def _die(self, where: Where) -> None:
        if self._point == Point(where, self._calls):
            os.kill(os.getpid(), signal.SIGKILL)


def _compose(*_: object) -> Any:
    return plain


@functools.cache
def _mailer(dsn: str) -> SmtpMailer:
    found = dsn_of(dsn)
    assert isinstance(found, SmtpDsn)
    return SmtpMailer(found)


def _work(pipe: Connection, project: str, dsn: str, task: str, point: Point | None) -> None:
    """In a process of its own: do a task, and say what is to follow."""
    runner = LiveWorld(project).runner
    runner = replace(runner, actor="system", store=Mortal(runner.store, point))
    kinds = jobs.kinds(lambda _: _mailer(dsn), _compose, lambda: False, lambda _: LANDING)
    fan_out.work(runner, kinds, pipe.send, parsed(task), SECONDS)
    pipe.send(None)


@dataclass
class Workers:
    """A queue that delivers again what a dead worker had in hand.

    Attributes:
        project: The emulator's.
        dsn: The mail server's.
        queue: Tasks that wait.
        deaths: How many processes were killed.
    """

    project: str
    dsn: str
    queue: list[str] = field(default_factory=list)
    deaths: int = 0
    pid: int | None = None
    _verbs: int = 0
    _point: Point | None = None

    def __post_init__(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([__name__])

    def watch(self, _number: int, _verb: str) -> None:
        """Kill the process whose n-th command this is; called by the server as each arrives."""
        self._verbs += 1
        if self._point == Point("verb", self._verbs) and self.pid is not None:
            os.kill(self.pid, signal.SIGKILL)

    def deliver(self, point: Point | None = None) -> bool:
        """Have the next task done by a process; say whether it was killed."""
        task = self.queue.pop(0)
        here, there = self._context.Pipe()
        self._verbs, self._point = 0, point
        process = self._context.Process(
            target=_work, args=(there, self.project, self.dsn, task, point)
        )
        process.start()
        self.pid = process.pid
        there.close()
        try:
            while (following := here.recv()) is not None:
                self.queue.append(following)
        except EOFError:
            self.deaths += 1
            self.queue.insert(0, task)
        process.join()
        self.pid, self._point = None, None
        self.end_claims()
        return process.exitcode == -signal.SIGKILL

    def end_claims(self) -> None:
        """Have time pass for who has claimed people and is gone."""
        client: Any = PatientClient(project=self.project)
        over = datetime.now(UTC) - timedelta(minutes=1)
        for one in client.collection(AUDIENCES).stream():
            if one.get("leaseUntil") is not None:
                one.reference.update({"leaseUntil": over})
