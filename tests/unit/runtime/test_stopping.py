"""A process that is told to end knows it, and whatever else listens still hears."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import pytest

from crm.runtime import stopping

PROGRAM = """
import os, signal, sys
{before}
from crm.runtime import stopping
stopping.install()
assert not stopping.asked()
try:
    os.kill(os.getpid(), signal.SIGTERM)
finally:
    print(stopping.asked())
print("goes on")
"""


def run(before: str) -> subprocess.CompletedProcess[str]:
    program = PROGRAM.format(before=before)
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )


def test_it_is_asked_and_the_process_ends_as_before() -> None:
    ended = run("")
    assert (ended.stdout, ended.returncode) == ("True\n", 128 + signal.SIGTERM)


def test_a_handler_from_before_is_called_too() -> None:
    ended = run("signal.signal(signal.SIGTERM, lambda *_: print('heard', flush=True))")
    assert (ended.stdout, ended.returncode) == ("heard\nTrue\ngoes on\n", 0)


def test_one_who_ignores_it_still_does() -> None:
    ended = run("signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    assert (ended.stdout, ended.returncode) == ("True\ngoes on\n", 0)


def test_outside_the_main_thread_nothing_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    installed: list[object] = []
    monkeypatch.setattr(signal, "signal", lambda *args: installed.append(args))
    thread = threading.Thread(target=stopping.install)
    thread.start()
    thread.join()
    assert installed == []
