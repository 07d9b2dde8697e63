"""Having rules act on those who wait in the outbox, the ones who wait longest first.

The sweep calls it, so nobody waits long, and whatever was missed is found: a row is there until the
rule has acted or will not. A rule that more people wait for than it may act on at once acts on
none of them, and asks.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Final

from crm.core.errors import CrmError, Transient, described
from crm.core.tag_names import tag_id
from crm.db.collections import CUSTOMERS, OUTBOX
from crm.db.documents import Clause, Delete, Path, Query, Snapshot
from crm.db.runner import Hints, Runner
from crm.jobs.job import Enqueue
from crm.rules.acting import floor_of, plan_act
from crm.rules.book import PATH, book_of
from crm.rules.entry import RuleEntry
from crm.rules.pausing import count_waiting, plan_pause
from crm.rules.rule import Rule
from crm.tags.catalogue import row_path

log = logging.getLogger(__name__)

PAGE: Final = 200
"""Rows that are read at a time, and handed over of a rule that sends."""

THREADS: Final = 8
"""People that are acted on at a time."""

_TICK: Final = timedelta(microseconds=1)

Send = Callable[[Runner, Enqueue, Rule, Sequence[RuleEntry]], None]
"""Has a rule send to those of some rows, and deletes the rows (see `sending.start`)."""


@dataclass
class Drained:
    """What a drain did.

    Attributes:
        outcomes: How many rows came to what (see `acting.Outcome`); `sent` are those that were
            handed over to be sent to, `dropped` those that no rule acts on any more.
        paused: Ids of rules that stopped, and ask.
        failed: Ids of rows that could not be handled, and why, without values.
        finished: Whether the time was enough.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    paused: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    finished: bool = True


@dataclass
class _Drain:
    runner: Runner
    enqueue: Enqueue
    send: Send
    end: float
    clock: Callable[[], float]
    pool: ThreadPoolExecutor
    report: Drained = field(default_factory=Drained)

    @property
    def over(self) -> bool:
        return self.clock() >= self.end

    def pages(self, *where: Clause) -> Iterator[list[Snapshot]]:
        """Yield rows, the oldest first; each page begins behind the one before."""
        query = Query(OUTBOX, where, ("at", "asc"), PAGE)
        while not self.over:
            found = self.runner.retry.call(partial(self.runner.store.find, query))
            if found:
                yield found
            if len(found) < PAGE:
                return
            query = replace(query, after=(found[-1].fields["at"], found[-1].id))

    def drop(self, *where: Clause) -> None:
        for found in self.pages(*where):
            self.runner.retry.call(
                partial(self.runner.store.commit, [Delete(one.path) for one in found])
            )
            self.report.outcomes["dropped"] += len(found)

    def rule(self, rule: Rule) -> None:
        """Have one rule act."""
        runner = self.runner
        floor = floor_of(rule, runner.now())
        self.drop(_of(rule.id), ("at", "<", floor))
        # On whom staff said that it is to act, it does, and these are not too many.
        answered = floor if rule.allowed is None else max(floor, rule.allowed + _TICK)
        waiting = count_waiting(runner, rule.id, answered)
        if waiting <= rule.most:
            self._act_on(rule, ("at", ">=", floor))
            return
        if answered > floor:
            self._act_on(rule, ("at", "<", answered))
            if self.over:
                return  # the next sweep goes on with them, and asks then
        runner.run(lambda tx: plan_pause(tx, rule.id, rule.since, "too-many", waiting))
        self.report.paused.append(rule.id)

    def _act_on(self, rule: Rule, *when: Clause) -> None:
        for found in self.pages(_of(rule.id), *when):
            entries = [RuleEntry.from_data(one.id, one.fields) for one in found]
            if rule.campaign_id is not None:
                self.send(self.runner, self.enqueue, rule, entries)
                self.report.outcomes["sent"] += len(entries)
            else:
                ahead = _read_first(rule)
                for outcome in self.pool.map(partial(self._act, ahead), entries):
                    self.report.outcomes[outcome] += 1

    def _act(self, ahead: Sequence[Path], entry: RuleEntry) -> str:
        if self.over:
            return "left"
        hints = Hints((*ahead, f"{CUSTOMERS}/{entry.customer_id}"))
        try:
            done, _ = self.runner.run(partial(plan_act, entry=entry), hints)
        except Transient:
            raise
        except Exception as error:
            # The others first: the row stays, and is looked at again until it is too old.
            self.report.failed.append((entry.id, described(error)))
            return "failed"
        return done.result


def _of(rule_id: str) -> Clause:
    return "ruleId", "==", rule_id


def _read_first(rule: Rule) -> Sequence[Path]:
    return (PATH, *(row_path(tag_id(label)) for label in rule.then["addTags"]))


def drain(
    runner: Runner,
    enqueue: Enqueue,
    seconds: float,
    send: Send,
    *,
    threads: int = THREADS,
    clock: Callable[[], float] = time.monotonic,
) -> Drained:
    """Have rules act on those who wait. Where nobody does, it costs one read.

    Args:
        runner: Carries plans out, and is watched: what a rule does can have somebody enter another.
        enqueue: Has a worker look at a job.
        seconds: After that long, begin nothing more.
        send: Takes over what rules send.
        threads: How many people to act on at a time.
        clock: Seconds.

    Raises:
        Transient: The database could not be asked. What a single person meets is reported.
    """
    store = runner.store
    some = Query(OUTBOX, limit=1, keys_only=True)
    if not runner.retry.call(partial(store.find, some)):
        return Drained()
    book = book_of(runner.read_one(PATH).data)
    with ThreadPoolExecutor(threads) as pool:
        run = _Drain(runner, enqueue, send, clock() + seconds, clock, pool)
        for rule in sorted(book.rules.values(), key=lambda one: one.id):
            if run.over:
                break
            if not rule.on:
                run.drop(_of(rule.id))
            elif rule.paused is None:
                try:
                    run.rule(rule)
                except CrmError as error:
                    if isinstance(error, Transient):
                        raise
                    run.report.failed.append((rule.id, described(error)))
        for rule_id in book.gone:
            run.drop(_of(rule_id))
    run.report.finished = not run.over
    return run.report
