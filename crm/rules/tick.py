"""What time brings to rules: events that are over, and people who have not ordered for long.

The sweep calls it. A rule over which something fails does not keep the others from acting.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from crm.campaigns.control import cannot_wait
from crm.core.errors import described
from crm.db.runner import Runner
from crm.jobs.job import Enqueue, Later
from crm.rules.book import PATH, book_of
from crm.rules.ended import act_on_ended
from crm.rules.rule import Rule
from crm.rules.since import enter_overdue

log = logging.getLogger(__name__)

SECONDS: Final = 60.0
"""After so long no further rule is looked at."""


@dataclass
class Ticked:
    """What became of rules that time sets off.

    Attributes:
        events: For how many events rules have begun to act.
        entered: How many people have become due.
        failed: Rules over which something failed, and why, without values.
    """

    events: int = 0
    entered: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)


def tick(
    runner: Runner,
    enqueue: Enqueue,
    seconds: float = SECONDS,
    later: Later = cannot_wait,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Ticked:
    """Have rules act whose time has come. Where no rule is on, it costs one read.

    Args:
        runner: Carries plans out.
        enqueue: Has a worker look at a job.
        seconds: After that long, look at no further rule.
        later: As `enqueue`, after a time.
        clock: Seconds.

    Raises:
        Transient: The book of rules could not be read.
    """
    end, done = clock() + seconds, Ticked()
    book = book_of(runner.read_one(PATH).data)
    for rule in sorted(book.rules.values(), key=_turn):
        if clock() >= end:
            break
        if not rule.active:
            continue
        try:
            if rule.kind == "eventEnded":
                done.events += act_on_ended(runner, enqueue, rule, later)
            elif rule.kind == "sinceLastOrder":
                done.entered += enter_overdue(runner, rule)
        except Exception as error:
            done.failed.append((rule.id, described(error)))
    return done


def _turn(rule: Rule) -> tuple[bool, str]:
    """Events first: a mail about one has its hour."""
    return rule.kind != "eventEnded", rule.id
