"""The suite's mailbox as a page for people and as JSON for programs, on this machine alone.

`GET /api/mails` lists what there is (`?to=` of one address), `GET /api/mails/{number}` has a mail
with its headers, text and HTML, `GET /mails/{number}/source` has it as it came, and `DELETE
/api/mails` throws all away.
"""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self
from urllib.parse import SplitResult, parse_qs, urlsplit

from suite.mailbox import Letter, Letters
from suite.mailbox_html import PAGE_POLICY, PART_POLICY, framed, listing, reading
from suite.ports import HOST

_ONE: Final = re.compile(r"/(api/)?mails/([0-9]{1,9})(/html|/source)?")
_HOSTS: Final = re.compile(r"(127\.0\.0\.1|localhost)(:[0-9]+)?")


def entry(letter: Letter) -> dict[str, Any]:
    """Return a mail as it stands in the list."""
    message = letter.message
    return {
        "number": letter.number,
        "at": letter.at.isoformat().replace("+00:00", "Z"),
        "sender": letter.sender,
        "to": list(letter.to),
        "subject": str(message.get("Subject", "")),
        "messageId": str(message.get("Message-ID", "")),
    }


def whole(letter: Letter) -> dict[str, Any]:
    """Return a mail with all that is in it."""
    return {
        **entry(letter),
        "headers": [[name, str(value)] for name, value in letter.message.items()],
        "text": letter.part("plain"),
        "html": letter.part("html"),
    }


class MailboxPage:
    """Serves a mailbox from a thread of this process."""

    def __init__(self, letters: Letters, port: int = 0) -> None:
        """Listen.

        Raises:
            OSError: The port is in use.
        """
        handler = type("Handler", (_Handler,), {"letters": letters})
        self._server = ThreadingHTTPServer((HOST, port), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True, name="mailbox"
        )

    @property
    def origin(self) -> str:
        """Where it is."""
        return f"http://{HOST}:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    letters: Letters
    timeout = 30

    def do_GET(self) -> None:
        if self._is_local():
            self._show(urlsplit(self.path))

    def do_DELETE(self) -> None:
        if not self._is_local():
            return
        if urlsplit(self.path).path == "/api/mails":
            self.letters.clear()
            self._json({})
        else:
            self._send("There is no such page.", status=404)

    def _show(self, asked: SplitResult) -> None:
        found = _ONE.fullmatch(asked.path)
        letter = self.letters.get(int(found[2])) if found else None
        if asked.path == "/":
            self._send(listing(map(entry, reversed(list(self.letters)))), PAGE_POLICY)
        elif asked.path == "/api/mails":
            self._list(parse_qs(asked.query).get("to"))
        elif found is None or letter is None:
            self._send("There is no such mail.", status=404)
        elif found[1]:
            self._json(whole(letter))
        elif found[3] == "/html":
            self._send(framed(letter.part("html")), PART_POLICY)
        elif found[3] == "/source":
            self._send(letter.data.decode("utf-8", "replace"), kind="text/plain")
        else:
            self._send(reading(whole(letter)), PAGE_POLICY)

    def _is_local(self) -> bool:
        # A page of the web whose name leads here would read the mails as if they were its own.
        if _HOSTS.fullmatch(self.headers.get("Host", "")):
            return True
        self._send("Ask for 127.0.0.1.", status=403)
        return False

    def _list(self, to: list[str] | None) -> None:
        wanted = {address.lower() for address in to or ()}
        mails = [
            entry(one)
            for one in self.letters
            if to is None or wanted & {address.lower() for address in one.to}
        ]
        self._json({"mails": mails})

    def _json(self, answer: object) -> None:
        self._send(json.dumps(answer), kind="application/json")

    def _send(
        self, text: str, policy: str = "", kind: str = "text/html", status: int = 200
    ) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", policy or "default-src 'none'; sandbox")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
