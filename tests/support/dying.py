"""Serves one function as Cloud Run does, by functions-framework, and dies where it is told to.

`python -m tests.support.dying --target=… --source=main.py --port=…` is `functions_framework` with
one addition: where the file that `CRM_FAULT` names says `<number> <fault>`, the call with that
number to Firestore from now on goes wrong, once. Faults: `before` and `after` (SIGKILL), and `cut`:
the connection is told to lose the answer (`cloud_run.Wire`).
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

PLAN = Path(os.environ["CRM_FAULT"])
CALLS = ("batch_get_documents", "run_query", "run_aggregation_query", "commit")

_lock = threading.Lock()


def due() -> str:
    """Count a call; give what is to go wrong in it."""
    with _lock:
        try:
            number, fault = PLAN.read_text().split()
        except (FileNotFoundError, ValueError):
            return ""
        if int(number) > 1:
            PLAN.write_text(f"{int(number) - 1} {fault}")
            return ""
        PLAN.unlink()
        return fault


def die() -> None:
    """End this process as the platform ends it: nothing is cleaned up."""
    with PLAN.with_suffix(".deaths").open("a") as deaths:
        deaths.write(f"{os.getpid()}\n")
    os.kill(os.getpid(), signal.SIGKILL)


def dying(call: Callable[..., Any]) -> Callable[..., Any]:
    """Return a call of Firestore's generated client that can go wrong."""

    def wrapped(client: Any, *args: Any, **more: Any) -> Any:
        fault = due()
        if fault == "before":
            die()
        if fault == "cut":
            PLAN.with_suffix(".cut").touch()
        answer = call(client, *args, **more)
        if fault == "after":
            die()
        return answer

    return wrapped


def main() -> None:
    """Serve."""
    from functions_framework._cli import _cli  # type: ignore[import-untyped, unused-ignore]
    from google.cloud.firestore_v1.services.firestore import FirestoreClient

    for name in CALLS:
        setattr(FirestoreClient, name, dying(getattr(FirestoreClient, name)))
    _cli()


if __name__ == "__main__":
    main()
