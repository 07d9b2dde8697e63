"""Where the demo plays: the running suite, the host's documents, the printing."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from google.cloud.firestore import Client
from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from demo.errors import DemoError
from demo.independent import Changes
from demo.orders import Purchase
from demo.post import Post
from demo.staff import Staff
from suite import Suite

T = TypeVar("T")

PATIENCE: Final = 60.0  # seconds until a trigger must have done its work; the first calls are slow
_POLL: Final = 0.1  # seconds
_LABEL: Final = 12  # characters


@dataclass
class Stage:
    """What every chapter is given.

    Attributes:
        suite: The running suite.
        client: Writes and reads documents as the host app does.
        console: For people.
        purchases: Those that were replayed.
        staff: Reads customers as a staff console does.
        post: Takes the mails that the functions send.
        changes: What chapters have done to the orders for good, for the check at the end.
    """

    suite: Suite
    client: Client
    console: Console
    purchases: Sequence[Purchase]
    staff: Staff
    post: Post
    changes: Changes = field(default_factory=Changes)

    def regular(self, place: int) -> list[Purchase]:
        """Return the orders of a customer who came back often: place 0 is who came most often."""
        by_customer: dict[str, list[Purchase]] = {}
        for purchase in self.purchases:
            by_customer.setdefault(purchase.customer, []).append(purchase)
        return sorted(by_customer.values(), key=lambda own: (-len(own), own[0].line))[place]

    def edit(self, purchase: Purchase, **fields: Any) -> None:
        """Change fields of an order's document, as the host would; the trigger does the rest."""
        self.client.collection("orders").document(purchase.order_id).update(fields)

    def heading(self, text: str) -> None:
        """Begin a chapter."""
        self.console.print()
        self.console.print(f"[bold cyan]{text}[/]")

    def say(self, text: str, label: str = "") -> None:
        """Print a line of a chapter; a terminal wraps it beside its label."""
        if not self.console.is_terminal:
            self.console.print(f"  {label:{_LABEL}} {text}" if label else f"  {text}")
            return
        line = Table.grid(padding=(0, 1))
        if label:
            line.add_row(f"[dim]{label:{_LABEL}}[/]", text)
        else:
            line.add_row(text)
        self.console.print(Padding(line, (0, 0, 0, 2)))

    def show(self, table: Table) -> None:
        """Print a table."""
        self.console.print(Padding(table, (0, 0, 0, 1)))

    def table(self, *columns: str, right: Sequence[str] = ()) -> Table:
        """Begin a table; plain text where nobody is at a terminal."""
        table = Table(box=box.SIMPLE_HEAD if self.console.is_terminal else None)
        for column in columns:
            table.add_column(column, justify="right" if column in right else "left", no_wrap=True)
        return table

    def until(self, what: str, check: Callable[[], T | None], seconds: float = PATIENCE) -> T:
        """Wait for the triggers' work to show.

        Args:
            what: What is waited for, to be read after "Waited for".
            check: Gives something else than None once it is there.
            seconds: How long to wait.

        Raises:
            DemoError: It did not come.
        """
        deadline = time.monotonic() + seconds
        while (found := check()) is None:
            if time.monotonic() > deadline:
                raise DemoError(f"Waited {seconds:.0f} s for {what}, and it did not come.")
            time.sleep(_POLL)
        return found

    def expect(self, promise: str, kept: bool) -> None:
        """Hold the product to what the demo says of it.

        Raises:
            DemoError: It does not keep the promise.
        """
        if not kept:
            raise DemoError(f"Expected, but not so: {promise}.")

    def customer_when(self, what: str, fits: Callable[[dict[str, Any]], bool], **who: str) -> Any:
        """Wait until `get_customer` answers a customer that fits; give the whole answer."""

        def check() -> dict[str, Any] | None:
            answer = self.staff.find(**who)
            return answer if answer and fits(answer["customer"]) else None

        return self.until(what, check)


def usd(cents: int) -> str:
    """Write minor units for people."""
    return f"{cents // 100:,}.{cents % 100:02} USD"


def day(iso: str) -> str:
    """Write a time of an answer as its day."""
    return iso[:10]
