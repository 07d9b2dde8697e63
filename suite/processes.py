"""End a process and everything that it started."""

import os
import signal
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

MARK = "SUITE_MARK"
"""Environment variable that every process of one suite inherits; its value is the suite's own."""

_PROC = Path("/proc")
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Process:
    """A living process; its start time tells it from a later one with the same number."""

    pid: int
    parent: int
    group: int
    started: str


def end_family(
    root: int,
    mark: str = "",
    steps: Iterable[tuple[signal.Signals, float]] = (
        (signal.SIGINT, 10.0),
        (signal.SIGTERM, 3.0),
        (signal.SIGKILL, 10.0),
    ),
) -> list[int]:
    """End a process, its group and its descendants, more firmly from step to step.

    Who belongs to the family is remembered from before each signal, because a process whose
    parent is gone can no longer be found through it. The first signal goes to the root alone, so
    that it can end the others in its own order.

    Args:
        root: Process id; where it leads a group, the group belongs to the family.
        mark: Value of MARK in the environment of further members (seen on Linux only).
        steps: Signals, each with the seconds to wait for everybody's end.

    Returns:
        Ids of processes that are still there, none unless the system refuses.

    """
    family: set[Process] = set()
    for number, (step, seconds) in enumerate(steps):
        family |= _family(root, mark)
        for process in family:
            if number == 0 and process.pid != root:
                continue
            _send(process.pid, step)
        deadline = time.monotonic() + seconds
        while True:
            alive = {process.pid for process in living()}
            family = {process for process in family if process.pid in alive}
            if not family and not _family(root, mark):
                return []
            # Once the root is gone nobody else ends the others.
            if time.monotonic() > deadline or (number == 0 and root not in alive):
                break
            time.sleep(_POLL_SECONDS)
    return sorted(process.pid for process in family)


def living() -> list[Process]:
    """List the processes of this machine that have not ended."""
    if _PROC.joinpath("self/stat").exists():
        return [process for entry in _PROC.iterdir() if (process := _from_proc(entry)) is not None]
    return _from_ps()


def _family(root: int, mark: str) -> set[Process]:
    everybody = living()
    family = {p for p in everybody if root in (p.pid, p.group) or _has_mark(p.pid, mark)}
    while True:
        pids = {p.pid for p in family}
        children = {p for p in everybody if p.parent in pids} - family
        if not children:
            return {p for p in family if p.pid != os.getpid()}
        family |= children


def _has_mark(pid: int, mark: str) -> bool:
    if not mark:
        return False
    try:
        return f"{MARK}={mark}\0".encode() in _PROC.joinpath(str(pid), "environ").read_bytes()
    except OSError:
        return False


def _send(pid: int, step: signal.Signals) -> None:
    try:
        os.kill(pid, step)
    except (ProcessLookupError, PermissionError):
        return


def _from_proc(entry: Path) -> Process | None:
    if not entry.name.isdigit():
        return None
    try:
        stat = entry.joinpath("stat").read_text(errors="replace")
    except OSError:
        return None
    # The name is in parentheses and may hold anything, parentheses too.
    fields = stat.rpartition(")")[2].split()
    if fields[0] in "ZX":
        return None
    return Process(int(entry.name), int(fields[1]), int(fields[2]), fields[19])


def _from_ps() -> list[Process]:
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,pgid=,stat=,lstart="],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    rows = (line.split(maxsplit=4) for line in listing.splitlines())
    return [
        Process(int(pid), int(parent), int(group), started)
        for pid, parent, group, state, started in rows
        if not state.startswith("Z")
    ]
