"""Log lines are JSON, with our words and nobody's data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from testing.patience import PATIENCE

CANARY = "ada.canary@example.com"

PRELUDE = f"""
import logging, sys, threading, warnings
import flask
from crm.runtime import logs
CANARY = {CANARY!r}
logs.install()
own, other = logging.getLogger("crm.room"), logging.getLogger("library.part")
def fail(error=ValueError):
    raise error(CANARY)
"""


def run(code: str, **env: str) -> list[dict[str, Any]]:
    """The lines that a process prints in which logging is ours."""
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + code],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=os.environ | {"FUNCTION_TARGET": "get_customer", "GCLOUD_PROJECT": "demo-x"} | env,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert CANARY not in done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_our_own_words_are_kept() -> None:
    (info, error) = run('own.info("%s of %d", "one", 2); own.debug("no"); own.error("a\\nb")')
    assert info == {"severity": "INFO", "message": "one of 2", "function": "get_customer"}
    assert (error["severity"], error["message"]) == ("ERROR", "a\nb")


def test_of_foreign_words_the_place_is_kept() -> None:
    code = """
other.warning(f"failed for {CANARY}")
other.error("failed for %s", CANARY)
other.error("failed for %s", CANARY, "too many")
other.error({"email": CANARY})
other.info("quiet")
logging.error("at the root: %s", CANARY, stack_info=True)
logging.getLogger(None).warning(CANARY)
"""
    found = run(code)
    assert [line["severity"] for line in found] == ["WARNING", *["ERROR"] * 4, "WARNING"]
    assert found[0]["message"].startswith("library.part: <module> at <string>:")
    assert found[4]["message"].startswith("root: <module> at <string>:")


def test_of_an_exception_its_type_and_place_are_kept() -> None:
    code = """
for log in (own, other):
    try:
        fail()
    except ValueError:
        log.exception("not done")
    log.error("not done", exc_info=True)
"""
    found = [line["message"] for line in run(code)]
    assert found[0].startswith("not done: ValueError at <string>:")
    assert found[1] == "not done: no error"
    assert ": ValueError at <string>:" in found[2]


def test_what_nobody_caught_and_warnings_too() -> None:
    code = """
thread = threading.Thread(target=fail)
thread.start()
thread.join()
class Left:
    def __del__(self):
        fail()
left = Left()
del left
warnings.warn(f"about {CANARY}")
"""
    thread, finalizer, warning = run(code)
    assert thread["message"].startswith("a thread ended by ValueError at <string>:")
    assert finalizer["message"].startswith("a finalizer ended by ValueError at <string>:")
    assert warning["message"].startswith("py.warnings: ")


def test_a_handler_that_a_server_adds_later_gets_no_more() -> None:
    code = """
late = logging.getLogger("gunicorn.error")
late.propagate = False
late.addHandler(logging.StreamHandler(sys.stderr))
late.handlers[0].setFormatter(logging.Formatter('{"message": "%(message)s"}'))
try:
    fail()
except ValueError:
    late.exception("Error handling request %s", f"/?token={CANARY}")
"""
    (line,) = run(code)
    assert line["message"].startswith("gunicorn.error: <module> at <string>:")


def test_a_line_says_which_request_it_belongs_to() -> None:
    code = """
app = flask.Flask("x")
def told(**headers):
    with app.test_request_context(headers={k.replace("_", "-"): v for k, v in headers.items()}):
        own.error("x")
told(X_Cloud_Trace_Context="0af7651916cd43dd8448eb211c80319c/123;o=1",
     Function_Execution_Id="abcDEF123456")
told(X_Cloud_Trace_Context=CANARY, Function_Execution_Id=CANARY)
"""
    found, nothing = run(code)
    trace = "projects/demo-x/traces/0af7651916cd43dd8448eb211c80319c"
    assert found["logging.googleapis.com/trace"] == trace
    assert found["logging.googleapis.com/labels"] == {"execution_id": "abcDEF123456"}
    assert set(nothing) == {"severity", "message", "function"}


def test_only_a_process_that_serves_is_taken_over() -> None:
    code = """
assert logging.getLogRecordFactory() is logging.LogRecord
assert not logging.getLogger().handlers
"""
    assert run(code, FUNCTION_TARGET="") == []
