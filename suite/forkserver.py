"""One process that has loaded the functions' source; every function's process is a fork of it.

firebase-tools starts a process for each function that is asked for, and each loads the same two
thousand modules, for eighty functions. A fork begins with all of that loaded, in memory of which it
shares half with the others (decision 063 has figures), and then serves as ever: functions-framework
executes `main.py` in it, under gunicorn.

`preload.cjs` runs this file with the Python of the codebase and has `function.py` stand for each
function. Over its connection that sends its standard streams and its environment, later the
numbers of signals; a connection that closes ends the function.

Refused: one process that serves all functions, for what ends one of them would end all.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import traceback
from typing import Any, Final, NoReturn

PATIENCE_SECONDS: Final = 10.0
"""For what a connection sends first; its process waits at the other end."""

_PR_SET_PDEATHSIG: Final = 1  # prctl(2), Linux alone


class ForkServer:
    """Forks for each connection, until it is told to retire and the last fork has ended."""

    def __init__(self, path: str) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(socket.SOMAXCONN)
        self._ended, wake = os.pipe()
        os.set_blocking(self._ended, False)
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self._pipes = (self._ended, wake)
        self._pids: dict[socket.socket, int] = {}
        self._open = True

    def run(self) -> None:
        """Serve until standard input ends, which is when firebase-tools is done with the source."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        asked = selectors.DefaultSelector()
        asked.register(self._listener, selectors.EVENT_READ, self._fork)
        asked.register(sys.stdin.fileno(), selectors.EVENT_READ, self._retire)
        asked.register(self._ended, selectors.EVENT_READ, self._tell)
        while self._open or self._pids:
            for key, _ in asked.select():
                key.data(asked, key.fileobj)
        asked.close()

    def _fork(self, asked: selectors.BaseSelector, _: object) -> None:
        connection, _address = self._listener.accept()
        connection.settimeout(PATIENCE_SECONDS)
        try:
            streams, env, folder = _received(connection)
        except (OSError, ValueError):
            connection.close()
            return
        pid = os.fork()
        if pid == 0:
            for held in (self._listener, connection, *self._pids):
                held.close()
            for pipe in self._pipes:
                os.close(pipe)
            _serve(streams, env, folder)
        for stream in streams:
            os.close(stream)
        self._pids[connection] = pid
        asked.register(connection, selectors.EVENT_READ, self._pass_on)

    def _pass_on(self, asked: selectors.BaseSelector, connection: Any) -> None:
        """Send a signal to a function; kill it where the process that stands for it is gone."""
        try:
            numbers = connection.recv(16)
        except OSError:
            numbers = b""
        for number in numbers or [signal.SIGKILL]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pids[connection], number)
        if not numbers:
            asked.unregister(connection)

    def _tell(self, asked: selectors.BaseSelector, _: object) -> None:
        """Say to those who stand for functions which of them have ended, and how."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self._ended, 512):
                pass
        for connection, pid in list(self._pids.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if not ended:
                continue
            code = os.waitstatus_to_exitcode(status)
            with contextlib.suppress(OSError):
                connection.send(bytes([code if code >= 0 else 128 - code]))
            with contextlib.suppress(KeyError):
                asked.unregister(connection)
            connection.close()
            del self._pids[connection]

    def _retire(self, asked: selectors.BaseSelector, stdin: Any) -> None:
        asked.unregister(stdin)
        asked.unregister(self._listener)
        self._listener.close()
        self._open = False


def _received(connection: socket.socket) -> tuple[list[int], dict[str, str], str]:
    first, streams, _flags, _address = socket.recv_fds(connection, 1, 3)
    text = bytearray()
    while first and not text.endswith(b"\n"):
        piece = connection.recv(1 << 16)
        if not piece:
            break
        text += piece
    try:
        asked = json.loads(text)
    except ValueError:
        for stream in streams:
            os.close(stream)
        raise
    return streams, asked["env"], asked["folder"]


def _serve(streams: list[int], env: dict[str, str], folder: str) -> NoReturn:
    """Become the process of a function."""
    code = 1
    try:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        signal.set_wakeup_fd(-1)
        for told in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
            signal.signal(told, signal.SIG_DFL)
        os.environ.clear()
        os.environ.update(env)
        os.chdir(folder)
        from functions_framework._cli import _cli

        _cli([], prog_name="functions-framework")
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _die_with_the_parent() -> None:
    """Have a fork killed with who forked it, gunicorn's worker too, as one process would be."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _load(modules: list[str]) -> None:
    """Load what the functions load. A source that does not load says so in each function."""
    sys.path.append(os.getcwd())
    for module in ("functions_framework._cli", "functions_framework._http.gunicorn", *modules):
        try:
            importlib.import_module(module)
        except (Exception, SystemExit):
            return


if __name__ == "__main__":
    os.register_at_fork(after_in_child=_die_with_the_parent)
    server = ForkServer(sys.argv[1])
    _load(sys.argv[2:])
    server.run()
