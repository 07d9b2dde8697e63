"""The processes in which functions of a suite run; Linux shows their environment."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

from suite import Suite

PROC = Path("/proc")

SHOWN = PROC.joinpath("self/environ").exists()


def processes(suite: Suite) -> Iterator[tuple[int, str]]:
    """Find the processes that stand for functions of a suite, with the functions' names."""
    mine, named = f"FIRESTORE_EMULATOR_HOST={suite.firestore_host}".encode(), b"FUNCTION_TARGET="
    for entry in PROC.glob("[0-9]*"):
        try:
            environment = entry.joinpath("environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if mine in environment:
            for one in environment:
                if one.startswith(named):
                    yield int(entry.name), one[len(named) :].decode()


def functions_of(suite: Suite) -> list[str]:
    """Name the functions of a suite for which a process runs."""
    return sorted({name for _, name in processes(suite)})


def kill(suite: Suite, function: str) -> int:
    """Kill the processes of a function, as nobody warns them; give how many."""
    killed = 0
    for pid, name in processes(suite):
        if name == function:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            killed += 1
    return killed
