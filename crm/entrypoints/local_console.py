"""The staff console on this machine: its files and its page, for browsers of this machine alone."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed, MisdirectedRequest, NotFound
from werkzeug.sansio.utils import host_is_trusted
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.utils import send_from_directory

from crm.console.page import PAGE, Emulators
from crm.console.policy import ASSETS, CACHING, FOR_EVER, headers
from crm.core.errors import ConfigError

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

HOST: Final = "127.0.0.1"

NAME: Final = "localhost"
"""What the address is called: Firebase Authentication knows it, and no number."""

USUAL_PORT: Final = 8790
"""Tried first, so that the browser finds what it kept for this address: who is signed in."""

INIT: Final = "/__/firebase/init.json"
"""Where Hosting tells a page which project it belongs to."""

_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""Not by the machine's own table, which on Windows is anybody's to change."""


class LocalConsole:
    """A WSGI application that answers as Firebase Hosting would.

    Only a name of this machine is answered: a page from elsewhere whose name suddenly leads here
    (DNS rebinding) reads nothing.

    Args:
        folder: What was built.
        page: The page, rendered.
        init: What the page is told of its project.
        emulators: What the page may reach besides Google's addresses.
    """

    def __init__(
        self,
        folder: Path,
        page: str,
        init: Mapping[str, Any],
        emulators: Emulators | None = None,
    ) -> None:
        self._folder = folder
        self._page = page.encode()
        self._init = json.dumps(dict(init)).encode()
        self._headers = headers(emulators.origins if emulators else ())

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        request = Request(environ)
        try:
            response = self._answer(request)
        except HTTPException as error:
            kept = [(key, value) for key, value in error.get_headers() if key == "Allow"]
            response = Response(f"{error.description}\n", error.code, kept, mimetype="text/plain")
        for key, value in self._headers.items():
            response.headers.setdefault(key, value)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if not host_is_trusted(request.environ.get("HTTP_HOST"), [NAME, HOST]):
            raise MisdirectedRequest(f"The console is served to http://{NAME} alone.")
        if request.method not in {"GET", "HEAD"}:
            raise MethodNotAllowed(["GET", "HEAD"], "The console is read, and takes nothing.")
        path = request.path
        if path == INIT:
            return Response(self._init, mimetype="application/json")
        if path.startswith("/__/"):
            raise NotFound("There is no such page of Firebase Hosting here.")
        if path.strip("/") not in {"", PAGE}:
            try:
                return self._file(request, path.lstrip("/"))
            except NotFound:
                if path.startswith(f"/{ASSETS}/"):
                    raise
        return Response(self._page, mimetype="text/html")

    def _file(self, request: Request, name: str) -> Response:
        response = send_from_directory(self._folder, name, request.environ)
        response.content_type = _TYPES.get(Path(name).suffix, response.content_type)
        response.headers.pop(CACHING, None)
        if name.startswith(f"{ASSETS}/"):
            response.headers[CACHING] = FOR_EVER
        return response


class _Quiet(WSGIRequestHandler):
    """No line for each file that a browser fetches."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def served(console: LocalConsole, port: int | None) -> BaseWSGIServer:
    """Return a server that listens, for this machine alone.

    Args:
        console: What it serves.
        port: Where; None for the usual port, or a free one where that is taken.

    Raises:
        ConfigError: The port is not to be had.
    """
    with _listening(port) as listening:
        return make_server(
            HOST, port or 0, console, threaded=True, request_handler=_Quiet, fd=listening.fileno()
        )


def _listening(port: int | None) -> socket.socket:
    for wanted in (USUAL_PORT, 0) if port is None else (port,):
        try:
            return socket.create_server((HOST, wanted), backlog=128)
        except (OSError, OverflowError) as error:
            failed = error
    reason = getattr(failed, "strerror", None) or "no such port"
    raise ConfigError(
        f"Port {port} cannot be used ({reason}): end what uses it, or leave --port out."
    )
