"""Workers of a queue that are processes of their own, on the emulator; each can be killed."""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import threading
import time
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from typing import Any

from crm.config.jobs import JobSettings
from crm.entrypoints.job_kinds import KINDS
from crm.jobs import fan_out
from crm.jobs.slices import parsed
from tests.support.live import LiveWorld

SECONDS = 240.0

DEAD = (EOFError, BrokenPipeError, ConnectionResetError)
"""What who talks to a worker sees of its death."""


def _serve(pipe: Connection, project: str, workers: int) -> None:
    """In a process of its own: do what the queue sends, one task after the other."""
    runner = LiveWorld(project).runner
    jobs = JobSettings(workers=workers)
    runner = replace(runner, settings=runner.settings.model_copy(update={"jobs": jobs}))
    while (task := pipe.recv()) is not None:
        fan_out.work(runner, KINDS, pipe.send, parsed(task), SECONDS)
        pipe.send(None)
    pipe.send(time.process_time())


@dataclass
class Processes:
    """A queue and its workers: what a dead one had in hand is delivered again.

    Attributes:
        project: The project of the emulator.
        workers: How many there are at a time.
        busy: Seconds that each has computed; not of killed ones.
        deaths: How many were killed.
        kill_at: As a worker enqueues so many tasks in all, counted by all, it is killed.
    """

    project: str
    workers: int
    busy: list[float] = field(default_factory=list)
    deaths: int = 0
    kill_at: int | None = None
    _queue: queue.Queue[str | None] = field(default_factory=queue.Queue)
    _left: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _enqueued: int = 0

    def enqueue(self, task: str) -> None:
        """Take a task."""
        with self._lock:
            self._left += 1
        self._queue.put(task)

    def work(self) -> float:
        """Have everything done; give the seconds since all workers were ready."""
        started = [self._start() for _ in range(self.workers)]
        for process, pipe in started:
            pipe.send("nothing")  # there is no such job: the worker has loaded what it needs
            assert pipe.recv() is None, process
        began = time.monotonic()
        threads = [threading.Thread(target=self._drive, args=one) for one in started]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.monotonic() - began

    def _start(self) -> tuple[Any, Connection]:
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        process = context.Process(target=_serve, args=(there, self.project, self.workers))
        process.start()
        there.close()
        return process, here

    def _drive(self, process: Any, pipe: Connection) -> None:
        while (task := self._queue.get()) is not None:
            try:
                pipe.send(task)
                while (following := pipe.recv()) is not None:
                    self.enqueue(following)
                    if self._is_to_die():
                        os.kill(process.pid, signal.SIGKILL)
            except DEAD:
                self.deaths += 1
                self.enqueue(task)
                process, pipe = self._start()
            self._done()
        try:
            pipe.send(None)
            self.busy.append(pipe.recv())
        except DEAD:
            self.deaths += 1  # it had done its last task
        process.join()

    def _is_to_die(self) -> bool:
        with self._lock:
            self._enqueued += 1
            return self._enqueued == self.kill_at

    def _done(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left == 0:
                for _ in range(self.workers):
                    self._queue.put(None)
