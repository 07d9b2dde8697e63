"""What the scheduler does, at the live suite."""

from __future__ import annotations

import urllib.request
from datetime import UTC, datetime

from crm.config.settings import settings
from suite.running import Suite
from testing.patience import PATIENCE


def schedule(suite: Suite) -> None:
    """What the scheduler does every five minutes: call the function `sweep`."""
    path = f"functions/projects/{suite.project}/triggers/{settings().region}-sweep-0"
    asked = urllib.request.Request(
        f"{suite.functions_origin}/{path}",
        data=b"{}",
        headers={
            "Content-Type": "application/json",
            "X-CloudScheduler-JobName": "firebase-schedule-sweep",
            "X-CloudScheduler-ScheduleTime": datetime(2026, 1, 1, 10, 5, tzinfo=UTC).isoformat(),
        },
    )
    with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
        assert answer.status == 200
