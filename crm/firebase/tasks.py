"""Cloud Tasks, which calls `worker`. The only module that talks to it.

Its emulator needs no credentials, and is found by CLOUD_TASKS_EMULATOR_HOST.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from crm.firebase import app as firebase_app
from crm.firebase.errors import tasks_errors

DEADLINE: Final = 600
"""Seconds that the queue waits for a worker before it calls another; more than its own limit."""


def enqueue(region: str, payload: Mapping[str, object]) -> None:
    """Have the function `worker` called.

    Args:
        region: Where the functions run.
        payload: What it is told (`slices.payload_of`).

    Raises:
        Transient: The queue did not take it, whatever the reason.
    """
    from firebase_admin import functions

    with tasks_errors():
        queue = functions.task_queue(f"locations/{region}/functions/worker", app=firebase_app.app())
        options = functions.TaskOptions(dispatch_deadline_seconds=DEADLINE)
        # The worker reads a callable's body: unlike the other libraries this one does not wrap it.
        queue.enqueue({"data": dict(payload)}, options)
