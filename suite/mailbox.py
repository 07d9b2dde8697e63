"""The suite's mailbox: a real SMTP server on this machine that keeps what it is sent, in memory.

`Mailbox.letters` is what it holds; `suite.mailbox_page` shows it to people and to programs.
"""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Final, Protocol, Self

from suite.errors import SuiteError
from suite.ports import HOST

MOST_BYTES: Final = 64 * 2**20
"""What it holds at most; the oldest mails make way. Nothing is on a disk."""

MOST_OF_ONE: Final = 10 * 2**20


@dataclass(frozen=True)
class Letter:
    """A mail as it came.

    Attributes:
        number: Counted from 1.
        at: When it came.
        sender: Whom its envelope is from.
        to: Whom its envelope is to.
        data: The mail itself.
    """

    number: int
    at: datetime
    sender: str
    to: tuple[str, ...]
    data: bytes = field(repr=False)

    @property
    def message(self) -> EmailMessage:
        """The mail as Python's own parser reads it."""
        read: EmailMessage = message_from_bytes(self.data, policy=policy.default)  # type: ignore[assignment, unused-ignore]
        return read

    def part(self, kind: str) -> str:
        """Return its `plain` or `html` part; "" where it has none."""
        found = self.message.get_body(preferencelist=(kind,))
        return str(found.get_content()) if found is not None else ""


class Letters:
    """What a mailbox holds, for several threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._kept: OrderedDict[int, Letter] = OrderedDict()
        self._most, self._bytes, self._count = most_bytes, 0, 0
        self._lock = threading.Lock()

    def keep(self, sender: str, to: tuple[str, ...], data: bytes) -> Letter:
        """Keep a mail; older ones make way."""
        with self._lock:
            self._count += 1
            letter = Letter(self._count, datetime.now(UTC), sender, to, data)
            self._kept[letter.number] = letter
            self._bytes += len(data)
            while self._bytes > self._most and len(self._kept) > 1:
                self._bytes -= len(self._kept.popitem(last=False)[1].data)
        return letter

    def get(self, number: int) -> Letter | None:
        """Return one; None where it is not there any more."""
        with self._lock:
            return self._kept.get(number)

    def clear(self) -> None:
        """Throw all of them away."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0

    def __iter__(self) -> Iterator[Letter]:
        """Give them, the oldest first."""
        with self._lock:
            return iter(list(self._kept.values()))


class Lost(Exception):
    """Raised by a `Judge`: the mail is kept, and the connection ends without an answer."""


class Judge(Protocol):
    """Says what a server answers to a mail for an address, instead of taking it."""

    def __call__(self, address: str) -> str | None:
        """Return an answer such as `550 5.1.1 No such user`; None to take the mail.

        Raises:
            Lost: See there.
        """


class SmtpServer:
    """An SMTP server in a thread of this process."""

    def __init__(self, letters: Letters, port: int = 0, judge: Judge | None = None) -> None:
        try:
            from aiosmtpd.smtp import SMTP
        except ImportError as error:
            raise SuiteError(
                "aiosmtpd, the suite's mail server, is not installed: "
                "run `venv/bin/pip install -r requirements-dev.txt`."
            ) from error
        self._make: Callable[[], Any] = lambda: SMTP(
            _Hooks(letters, judge or (lambda _address: None)),
            hostname="mailbox.test",
            ident="CRM-Lite's mailbox",
            enable_SMTPUTF8=True,
            data_size_limit=MOST_OF_ONE,
            loop=self._loop,
        )
        self.port = port

    def __enter__(self) -> Self:
        """Start it; it answers when this returns.

        Raises:
            OSError: Its port is in use.
        """
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="smtp")
        self._thread.start()
        try:
            self._server = self._call(self._loop.create_server(self._make, HOST, self.port))
        except OSError:
            self._end()
            raise
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        """End it, and every connection."""
        self._call(self._stop())
        self._end()

    def _call(self, what: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _stop(self) -> None:
        self._server.close()
        sessions = [one for one in asyncio.all_tasks() if one is not asyncio.current_task()]
        for one in sessions:
            one.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class _Hooks:
    """What aiosmtpd asks."""

    def __init__(self, letters: Letters, judge: Judge) -> None:
        self._letters, self._judge = letters, judge

    async def handle_RCPT(  # noqa: N802
        self, server: Any, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        lost = False
        try:
            refusal = self._judge(address)
        except Lost:
            refusal, lost = None, True
        if refusal is not None:
            return refusal
        server.lost = lost
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self._letters.keep(envelope.mail_from or "", tuple(envelope.rcpt_tos), envelope.content)
        if server.lost:
            server.transport.abort()
            raise asyncio.CancelledError
        return "250 2.0.0 Kept"
