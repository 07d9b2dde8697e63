"""What a task of the queue says to CRM-Lite: which job, or slice of one, to go on with."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from crm.entrypoints.errors import unfinished
from crm.entrypoints.job_kinds import KINDS
from crm.jobs import fan_out
from crm.jobs.slices import task_of
from crm.runtime import services as runtime
from crm.runtime.services import Services

log = logging.getLogger(__name__)

SECONDS: Final = 240.0
"""For which one task goes on before the next takes over."""


def work(payload: object, services: Callable[[], Services] = runtime.services) -> None:
    """Go on with a job, and enqueue what is to follow.

    Args:
        payload: `{"jobId": …}`, or `{"jobId": …, "phase": …, "slice": …}`. Anything else is
            logged and dropped: no retry can mend it.
        services: Gives what the job works with.

    Raises:
        Unfinished: Not done; the queue calls again.
    """
    task = task_of(payload)
    if task is None:
        log.error("a task without a job's id was dropped")
        return
    try:
        using = services()
        fan_out.work(using.runner, KINDS, using.enqueue, task, SECONDS, using.later)
    except Exception as error:
        raise unfinished(log, f"job {task.job_id}", error) from None
