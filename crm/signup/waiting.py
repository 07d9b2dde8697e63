"""What the sweep does of sign-ups: delete what is over, hand over what waits, ask what waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from crm.db.runner import Runner
from crm.signup import orders, sending
from crm.signup.sending import Post

SECONDS: Final = 60.0
"""A run begins nothing more after so long."""


@dataclass(frozen=True)
class Report:
    """What a run did.

    Attributes:
        deleted: Sign-ups that were over.
        sent: Mails that had waited, and are out.
        asked: Customers who were asked about the opt-in of an order.
    """

    deleted: int = 0
    sent: int = 0
    asked: int = 0


def attend(
    runner: Runner,
    post: Callable[[], Post] | None,
    *,
    seconds: float = SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> Report:
    """See to sign-ups once.

    Args:
        runner: Deletes what is over.
        post: Gives what mails are handed over with; None where none are sent from here.
        seconds: After that long, begin nothing more.
        clock: Seconds.

    Raises:
        Transient: The database could not be asked.
    """
    end = clock() + seconds
    deleted = sending.delete_expired(runner)
    if post is None:
        return Report(deleted)
    using = post()
    sent = sending.hand_over_waiting(using, seconds=end - clock(), clock=clock)
    asked = orders.ask(using, seconds=end - clock(), clock=clock).asked
    return Report(deleted, sent, asked)
