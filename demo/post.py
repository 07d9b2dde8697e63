"""The demo's mail server: a mailbox like the suite's, where something can be made to go wrong."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final, Self

from suite.mailbox import Letter, Letters, Lost, SmtpServer
from suite.mailbox_page import MailboxPage
from suite.ports import HOST

REFUSAL: Final = "550 5.1.1 No such user here"
LONGEST: Final = 60.0  # seconds that the server is held up; who sends waits for twice as long


class Post:
    """The server, in a thread of the demo.

    Attributes:
        letters: The mails that it has taken.
        variables: What tells the functions to hand their mails over here, and people where to look.
    """

    def __init__(self) -> None:
        self.letters = Letters()
        self.variables: dict[str, str] = {}
        self._refused: set[str] = set()
        self._cut: set[str] = set()
        self._asked, self._open = threading.Event(), threading.Event()
        self._open.set()
        self._held = ExitStack()

    def __enter__(self) -> Self:
        """Start it."""
        server = self._held.enter_context(SmtpServer(self.letters, judge=self._judge))
        page = self._held.enter_context(MailboxPage(self.letters))
        patience = f"timeout={2 * LONGEST:.0f}"
        self.variables = {
            "CRM_MAIL": f"smtp://{HOST}:{server.port}?{patience}",
            "CRM_MAILBOX": page.origin,
        }
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._open.set()
        self._held.close()

    def refuse(self, address: str) -> None:
        """Take nothing for an address from now on."""
        self._refused.add(address)

    def cut(self, address: str) -> None:
        """Take the next mail for an address, and end the connection instead of saying so."""
        self._cut.add(address)

    @contextmanager
    def held_up(self) -> Iterator[threading.Event]:
        """Hold the server up at the next mail; the event is set when that has come."""
        self._asked.clear()
        self._open.clear()
        try:
            yield self._asked
        finally:
            self._open.set()

    def count(self) -> Counter[str]:
        """Return how many mails each address has got."""
        return Counter(address for letter in self.letters for address in letter.to)

    def newest(self) -> Letter:
        """Return the mail that came last."""
        *_, last = self.letters
        return last

    def _judge(self, address: str) -> str | None:
        self._asked.set()
        self._open.wait(LONGEST)
        if address in self._refused:
            return REFUSAL
        if address in self._cut:
            self._cut.remove(address)
            raise Lost
        return None
