"""Write the host's orders and watch the live triggers make customers of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, Protocol

from google.cloud.firestore import Client
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from demo.counting import count
from demo.errors import DemoError
from demo.orders import Purchase, order_document

WRITERS: Final = 4
BATCH: Final = 25  # orders in one commit of the host
STALLED: Final = 60.0  # seconds without a new row in the ledger
_POLL: Final = 0.25  # seconds; the emulator counts by looking at every row


class Shown(Protocol):
    """Shows how many orders are done."""

    def __call__(self, done: int) -> None:
        """Show it."""


def replay(client: Client, console: Console, purchases: Sequence[Purchase]) -> float:
    """Write the orders' documents and wait until each has its row in the ledger.

    Args:
        client: The host's.
        console: Where the progress shows.
        purchases: The orders, none of which is there yet.

    Returns:
        Seconds from the first write to the last row.

    Raises:
        DemoError: No order was taken up for a while.
    """
    begun = time.monotonic()
    batches = [purchases[at : at + BATCH] for at in range(0, len(purchases), BATCH)]
    with ThreadPoolExecutor(WRITERS) as writers, _progress(console, len(purchases)) as show:
        writing = [writers.submit(_write, client, batch) for batch in batches]
        _watch(client, writing, len(purchases), show)
    return time.monotonic() - begun


def _write(client: Client, purchases: Sequence[Purchase]) -> None:
    batch = client.batch()
    for purchase in purchases:
        reference = client.collection("orders").document(purchase.order_id)
        batch.set(reference, order_document(purchase))
    batch.commit()


def _watch(client: Client, writing: list[Future[None]], total: int, show: Shown) -> None:
    done, moved = 0, time.monotonic()
    while done < total:
        time.sleep(_POLL)
        for one in writing:
            if one.done():
                one.result()  # raises what the writer raised
        rows = count(client, "crmOrders")
        if rows > done:
            done, moved = rows, time.monotonic()
            show(done)
        elif time.monotonic() - moved > STALLED:
            raise DemoError(
                f"{done} of {total} orders were taken up, and no more for {STALLED:.0f} s: "
                "the functions' log says why."
            )


@contextmanager
def _progress(console: Console, total: int) -> Iterator[Shown]:
    """Show a bar on a terminal, a line at each quarter elsewhere."""
    if not console.is_terminal:
        yield _quarters(console, total)
        return
    columns = (
        TextColumn("  {task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("orders", total=total, pace="")
        begun = time.monotonic()

        def show(done: int) -> None:
            pace = done / (time.monotonic() - begun)
            bar.update(task, completed=done, pace=f"{pace:.0f} orders/s")

        yield show


def _quarters(console: Console, total: int) -> Shown:
    said = 0

    def show(done: int) -> None:
        nonlocal said
        if done * 4 // total > said:
            said = done * 4 // total
            console.print(f"  {done:,} of {total:,} orders")

    return show
