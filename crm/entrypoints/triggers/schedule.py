"""What the scheduler's call says to CRM-Lite: see what was missed, and have rules act.

Each call also sees to sign-ups: mails that wait, opt-ins that nobody was asked about, what is over.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from crm.core.errors import Unfinished
from crm.entrypoints.errors import unfinished
from crm.entrypoints.sweeping import Acted, Failed, Told, sweep_all
from crm.repair.sweep_run import SweepReport
from crm.runtime import services as runtime
from crm.runtime.services import Services
from crm.signup.waiting import Report

log = logging.getLogger(__name__)


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
        whole: Otherwise see which events have begun, and to sign-ups: that cannot wait so long.

    Raises:
        Unfinished: The database could not be asked; the next call is the retry.
    """
    try:
        using = services()
    except Exception as error:
        raise unfinished(log, "sweep", error) from None
    left: list[Unfinished] = []
    for told in sweep_all(using, whole=whole):
        if isinstance(told, Failed):
            left.append(unfinished(log, told.step, told.error))
        else:
            _log(told)
    if left:
        raise left[0]


def _log(told: Told) -> None:
    match told:
        case SweepReport():
            log.info(
                "sweep: off %s, looked %s, mended %s, %d jobs restarted, %d deleted, %s",
                told.mismatched,
                dict(told.looked),
                dict(told.mended),
                told.restarted,
                told.deleted,
                "finished" if told.finished else "to be continued",
            )
            for collection, name, why in told.failed:
                log.error("sweep could not mend %s/%s: %s", collection, name, why)
        case Report():
            if told != Report():
                log.info(
                    "sweep: %d sign-ups deleted, %d confirmation mails sent late,"
                    " %d opt-ins asked about",
                    told.deleted,
                    told.sent,
                    told.asked,
                )
        case Acted(ticked, drained):
            if ticked.events or ticked.entered:
                log.info("rules: begun for %d events, %d became due", ticked.events, ticked.entered)
            for name, why in ticked.failed:
                log.error("the time of rule %s could not be looked at: %s", name, why)
            if drained.outcomes or drained.paused or drained.failed:
                log.info("rules: %s, paused %s", dict(drained.outcomes), drained.paused)
            for name, why in drained.failed:
                log.error("a rule could not act on %s: %s", name, why)
