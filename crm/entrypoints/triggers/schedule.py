"""What the scheduler's call says to CRM-Lite: look whether anything was missed."""

from __future__ import annotations

import logging
from collections.abc import Callable

from crm.entrypoints.errors import unfinished
from crm.repair.sweep import sweep
from crm.runtime import services as runtime
from crm.runtime.key_fingerprint import remember_key
from crm.runtime.services import Services

log = logging.getLogger(__name__)


def run(services: Callable[[], Services] = runtime.services) -> None:
    """Sweep once, and log what was found: numbers, and ids of what could not be mended.

    Raises:
        Unfinished: The database could not be asked; the next call is the retry.
    """
    try:
        using = services()
        remember_key(using.store, using.keys, using.runner.now())
        report = sweep(using.runner, using.enqueue)
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
    for collection, name, why in report.failed:
        log.error("sweep could not mend %s/%s: %s", collection, name, why)
