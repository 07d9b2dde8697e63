"""How long a test waits for what comes in a moment, as a rule."""

import os
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = float(os.environ.get("CRM_TEST_PATIENCE", "120"))
"""Seconds, enough for a machine that is busy with something else. Nobody waits them out where all
is well; it is no bound of the product's."""


def eventually(check: Callable[[], T], seconds: float = PATIENCE) -> T:
    """Wait until `check` raises none of the errors of something not there yet; return its value."""
    end = time.monotonic() + max(seconds, PATIENCE)
    while True:
        try:
            return check()
        except (AssertionError, ValueError, KeyError):
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
