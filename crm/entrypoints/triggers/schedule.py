"""What the scheduler's call says to CRM-Lite: see which events have begun, and what was missed.

Each call also sees to sign-ups: mails that wait, opt-ins that nobody was asked about, what is over.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from crm.entrypoints.errors import unfinished
from crm.entrypoints.sign_ups import attend_to_sign_ups
from crm.repair.begun import attend_begun
from crm.repair.sweep import sweep
from crm.runtime import services as runtime
from crm.runtime.key_fingerprint import remember_key
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
    """Sweep once, and log what was found: numbers, and ids of what could not be mended.

    Args:
        services: What to work with.
        whole: Otherwise see which events have begun, and to sign-ups: that cannot wait so long.

    Raises:
        Unfinished: The database could not be asked; the next call is the retry.
    """
    try:
        using = services()
        if whole:
            remember_key(using.store, using.keys, using.runner.now())
            report = sweep(using.runner, using.enqueue)
        else:
            report = attend_begun(using.runner)
        signed_up = attend_to_sign_ups(using)
    except Exception as error:
        raise unfinished(log, "sweep", error) from None
    log.info(
        "sweep: off %s, looked %s, mended %s, %d jobs restarted, %d deleted, %s",
        report.mismatched,
        dict(report.looked),
        dict(report.mended),
        report.restarted,
        report.deleted,
        "finished" if report.finished else "to be continued",
    )
    if signed_up != Report():
        log.info(
            "sweep: %d sign-ups deleted, %d confirmation mails sent late, %d opt-ins asked about",
            signed_up.deleted,
            signed_up.sent,
            signed_up.asked,
        )
    for collection, name, why in report.failed:
        log.error("sweep could not mend %s/%s: %s", collection, name, why)
