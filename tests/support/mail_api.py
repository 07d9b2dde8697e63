"""An HTTP server on loopback that stands in for a provider's API.

    with MailApi() as api:
        api.answers = [(200, {"id": "<1@x>", "message": "Queued."})]   # the last one for ever
        ...
        assert api.requests[0].json["To"] == "ann@example.org"

An answer of None ends the connection without a word; a float waits so many seconds, and ends it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs

from tests.support.certificates import Certificate

Said = tuple[int, object] | tuple[int, object, dict[str, str]] | float | None


@dataclass(frozen=True)
class Request:
    """What was asked."""

    path: str
    headers: Message
    body: bytes
    connection: int

    @property
    def json(self) -> Any:
        """Its body as JSON."""
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, list[str]]:
        """Its body as a form."""
        return parse_qs(self.body.decode())


@dataclass
class MailApi:
    """The server. `answers` are given in turn, the last one again and again; by TLS where it has a
    certificate."""

    answers: Sequence[Said] = ((200, {}),)
    requests: list[Request] = field(default_factory=list)
    certificate: Certificate | None = None
    _connections: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        """Start it."""
        owner = self
        self.ended = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                with owner._lock:
                    owner._connections += 1
                    self.number = owner._connections

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                with owner._lock:
                    place = min(len(owner.requests), len(owner.answers) - 1)
                    owner.requests.append(Request(self.path, self.headers, body, self.number))
                said = owner.answers[place]
                if said is None or isinstance(said, float | int):
                    owner.ended.wait(said or 0)
                    self.close_connection = True
                    self.connection.close()
                    return
                status, text = said[0], said[1]
                data = text.encode() if isinstance(text, str) else json.dumps(text).encode()
                self.send_response(status)
                for name, value in (said[2] if len(said) == 3 else {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                pass  # of connections that a test has cut

        self._server = Server(("127.0.0.1", 0), Handler)
        if self.certificate is not None:
            self._server.socket = self.certificate.for_server().wrap_socket(
                self._server.socket, server_side=True
            )
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Where it is."""
        scheme = "http" if self.certificate is None else "https"
        return f"{scheme}://127.0.0.1:{self._server.server_address[1]}"
