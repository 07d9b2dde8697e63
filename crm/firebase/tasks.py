"""Cloud Tasks, which calls `worker`. The only module that talks to it.

Its emulator needs no credentials, and is found by CLOUD_TASKS_EMULATOR_HOST.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Final

from crm.firebase import app as firebase_app
from crm.firebase.errors import tasks_errors

DEADLINE: Final = 600
"""Seconds that the queue waits for a worker before it calls another; more than its own limit."""


LONGEST: Final = 29 * 24 * 3600.0
"""Seconds that the queue keeps a task, a day less than it may (Cloud Tasks: 30 days)."""


def waits() -> bool:
    """Return whether the queue keeps a task until its time.

    The emulator calls at once, but for the suite's, which says that it waits.
    """
    emulated = os.environ.get("CLOUD_TASKS_EMULATOR_HOST")
    return not emulated or bool(os.environ.get("CLOUD_TASKS_EMULATOR_WAITS"))


def enqueue(region: str, payload: Mapping[str, object], seconds: float = 0.0) -> None:
    """Have the function `worker` called.

    Args:
        region: Where the functions run.
        payload: What it is told (`slices.payload_of`).
        seconds: After how long; at most `LONGEST`. An emulator may not wait (`waits`).

    Raises:
        Transient: The queue did not take it, whatever the reason.
    """
    from firebase_admin import functions

    with tasks_errors():
        queue = functions.task_queue(f"locations/{region}/functions/worker", app=firebase_app.app())
        options = functions.TaskOptions(
            dispatch_deadline_seconds=DEADLINE,
            schedule_delay_seconds=math.ceil(seconds) if seconds > 0 else None,
        )
        # The worker reads a callable's body: unlike the other libraries this one does not wrap it.
        queue.enqueue({"data": dict(payload)}, options)
