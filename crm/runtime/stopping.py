"""Whether this process is told to end: then nothing more is begun, and what is known is written.

Cloud Run sends SIGTERM, and ten seconds later the process is gone. It is installed where the
process starts, in its main thread; whatever handles the signal besides still does.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType

_asked = threading.Event()


def asked() -> bool:
    """Return whether the process is told to end."""
    return _asked.is_set()


def install() -> None:
    """Listen for SIGTERM; outside a process's main thread, where none can be heard, do nothing."""
    if threading.current_thread() is not threading.main_thread():
        return
    before = signal.getsignal(signal.SIGTERM)

    def ask(number: int, frame: FrameType | None) -> None:
        _asked.set()
        if callable(before):
            before(number, frame)
        elif before == signal.SIG_DFL:
            raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, ask)
