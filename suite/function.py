"""What firebase-tools starts for a function: it stands for a fork of `forkserver.py`.

It has the function's environment, as a process of its own would have; whoever signals or kills it
does so to the fork, and it ends as the fork ends. It loads next to nothing.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time

PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.02


def _connected(path: str) -> socket.socket:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(path)
        except (FileNotFoundError, ConnectionRefusedError):
            server.close()
            if time.monotonic() > deadline:
                sys.exit("The process that loads the functions' source did not start.")
            time.sleep(POLL_SECONDS)
        else:
            return server


def main() -> None:
    """Have a function served; end as it ends."""
    with _connected(sys.argv[1]) as server:
        socket.send_fds(server, [b"\0"], [0, 1, 2])
        asked = {"env": dict(os.environ), "folder": os.getcwd()}
        server.sendall(json.dumps(asked).encode() + b"\n")
        for told in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            signal.signal(told, lambda number, _: server.send(bytes([number])))
        status = server.recv(1)
    sys.exit(status[0] if status else 1)


main()
