"""What a task of the queue says to CRM-Lite: which job to go on with."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from crm.entrypoints.errors import unfinished
from crm.entrypoints.job_kinds import KINDS
from crm.jobs import run as jobs
from crm.runtime import services as runtime
from crm.runtime.services import Services

log = logging.getLogger(__name__)

SECONDS: Final = 240.0
"""For which one task goes on before the next takes over."""


def work(payload: object, services: Callable[[], Services] = runtime.services) -> None:
    """Go on with a job, and enqueue it again where it is not over.

    Args:
        payload: `{"jobId": …}`. Anything else is logged and dropped: no retry can mend it.
        services: Gives what the job works with.

    Raises:
        Unfinished: Not done; the queue calls again.
    """
    job_id = payload.get("jobId") if isinstance(payload, dict) else None
    if not isinstance(job_id, str) or not job_id or "/" in job_id:
        log.error("a task without a job's id was dropped")
        return
    try:
        using = services()
        if not jobs.run(using.runner, KINDS, job_id, SECONDS):
            using.enqueue(job_id)
    except Exception as error:
        raise unfinished(log, f"job {job_id}", error) from None
