"""What the functions write to their logs: JSON lines, with ids and nothing that a request held.

Cloud Logging reads such lines:
https://cloud.google.com/logging/docs/structured-logging#structured_logging_special_fields.

The libraries under the functions log what they could not read: bodies, tokens, the text of
exceptions. It is not known which of their messages are safe, so of a foreign record only its place
in the code is kept, and of an exception, anybody's, only its type and place. That is done where
records are made, so that it holds for handlers too that a server installs later.

Refused: a filter on a handler (gunicorn installs its own later), a list of harmless messages (each
release of four libraries would have to be read again), searching messages for addresses (a name or
a uid looks like any word). Errors while the process starts are printed in full: no request has been
read by then.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
from typing import Any, Final

import flask

from crm.core.errors import described

OWN: Final = "crm"
"""The loggers whose messages are written as they are."""

_TRACE: Final = re.compile(r"([0-9a-f]{32})(?:/.*)?", re.DOTALL)

_EXECUTION: Final = re.compile(r"[0-9A-Za-z]{12}")

log = logging.getLogger(__name__)


def install() -> None:
    """Take the logging of a process over that serves a function; elsewhere do nothing.

    Deployment and the emulators name the function in the variable `FUNCTION_TARGET`.
    """
    function = os.environ.get("FUNCTION_TARGET")
    if not function:
        return
    logging.setLogRecordFactory(_record)
    logging.raiseExceptions = False  # else a fault of a format prints its arguments
    logging.captureWarnings(True)
    logging.getLogger().handlers[:] = [_Lines(function)]
    logging.getLogger(OWN).setLevel(logging.INFO)
    threading.excepthook = lambda args: _uncaught("a thread", args.exc_value)
    sys.unraisablehook = lambda args: _uncaught("a finalizer", args.exc_value)


def _record(*args: Any, **more: Any) -> logging.LogRecord:
    record = logging.LogRecord(*args, **more)
    name = str(record.name)
    if name != OWN and not name.startswith(f"{OWN}."):
        record.msg = f"{name}: {record.funcName} at {record.filename}:{record.lineno}"
        record.args = ()
    if record.exc_info:
        record.msg = f"{record.msg}: {_told(record.exc_info[1])}"
        record.exc_info = None
    record.stack_info = None
    return record


def _told(error: BaseException | None) -> str:
    return "no error" if error is None else described(error)


def _uncaught(where: str, error: BaseException | None) -> None:
    log.error("%s ended by %s", where, _told(error))


class _Lines(logging.Handler):
    """Writes each record as one line of JSON."""

    def __init__(self, function: str) -> None:
        super().__init__()
        self._function = function

    def emit(self, record: logging.LogRecord) -> None:
        try:
            entry = {
                "severity": record.levelname,
                "message": record.getMessage(),
                "function": self._function,
                **_request(),
            }
            # Looked up each time: the framework puts a stream of its own there for each request.
            sys.stderr.write(json.dumps(entry) + "\n")
            sys.stderr.flush()
        except Exception:
            self.handleError(record)


def _request() -> dict[str, object]:
    """Return which request a record belongs to. Headers are the caller's: only ids are taken."""
    if not flask.has_request_context():
        return {}
    headers, found = flask.request.headers, dict[str, object]()
    if trace := _TRACE.fullmatch(headers.get("X-Cloud-Trace-Context", "")):
        project = os.environ.get("GCLOUD_PROJECT", "")
        found["logging.googleapis.com/trace"] = f"projects/{project}/traces/{trace[1]}"
    execution = headers.get("Function-Execution-Id", "")
    if _EXECUTION.fullmatch(execution):
        found["logging.googleapis.com/labels"] = {"execution_id": execution}
    return found
