"""What the scheduler's call says to CRM-Lite: see what was missed, and have rules act."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final

from crm.core.errors import Unfinished
from crm.entrypoints.errors import unfinished
from crm.entrypoints.watching import watch_of, watched
from crm.repair.begun import attend_begun
from crm.repair.sweep import sweep
from crm.rules.drain import drain
from crm.rules.refreshing import refresh
from crm.rules.sending import start
from crm.rules.tick import tick
from crm.runtime import services as runtime
from crm.runtime.key_fingerprint import remember_key
from crm.runtime.services import Services

log = logging.getLogger(__name__)

RULE_SECONDS: Final = 180.0
"""For which rules go on to act, behind a sweep's 240 and a tick's 60, in a call's 540."""


def is_whole(job: str | None, due: datetime) -> bool:
    """Return whether a call is for a whole sweep, as every other one of the scheduler's is.

    Args:
        job: The scheduler's job; None where somebody else calls, who always gets a whole one.
        due: The time that the call was scheduled for.
    """
    return job is None or due.minute % 10 < 5


def run(services: Callable[[], Services] = runtime.services, *, whole: bool = True) -> None:
    """Sweep once and have rules act, and log what was found: numbers, and ids of what failed.

    Args:
        services: What to work with.
        whole: Otherwise see which events have begun, and no more: that cannot wait so long.

    Raises:
        Unfinished: The database could not be asked; the next call is the retry.
    """
    try:
        using = services()
    except Exception as error:
        raise unfinished(log, "sweep", error) from None
    left: list[Unfinished] = []
    # In this order: who attends by now is met by rules in the same run. Neither stops the other.
    for name, step in (("sweep", _sweep), ("rules", _act)):
        try:
            step(using, whole)
        except Exception as error:
            left.append(unfinished(log, name, error))
    if left:
        raise left[0]


def _sweep(using: Services, whole: bool) -> None:
    watch = watch_of(using.store)
    if whole:
        remember_key(using.store, using.keys, using.runner.now())
        report = sweep(using.runner, using.enqueue, watch=watch)
    else:
        report = attend_begun(using.runner, watch=watch)
    log.info(
        "sweep: off %s, looked %s, mended %s, %d jobs restarted, %d deleted, %s",
        report.mismatched,
        dict(report.looked),
        dict(report.mended),
        report.restarted,
        report.deleted,
        "finished" if report.finished else "to be continued",
    )
    for collection, name, why in report.failed:
        log.error("sweep could not mend %s/%s: %s", collection, name, why)


def _act(using: Services, whole: bool) -> None:
    """Have rules act whose time has come, and then on who waits in the outbox."""
    if whole:
        refresh(using.runner)
    ticked = tick(using.runner, using.enqueue, later=using.later)
    if ticked.events or ticked.entered:
        log.info("rules: begun for %d events, %d became due", ticked.events, ticked.entered)
    for name, why in ticked.failed:
        log.error("the time of rule %s could not be looked at: %s", name, why)
    send = partial(start, later=using.later)
    report = drain(watched(using).runner, using.enqueue, RULE_SECONDS, send)
    if report.outcomes or report.paused or report.failed:
        log.info("rules: %s, paused %s", dict(report.outcomes), report.paused)
    for name, why in report.failed:
        log.error("a rule could not act on %s: %s", name, why)
