"""An order that is written to see whether it arrives, and taken away again. On emulators only."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from crm.config.paths import WILDCARD, name_in
from crm.config.settings import Settings
from crm.core.keyring import random_id
from crm.db.collections import ORDERS
from crm.db.documents import Create, Delete, Store, read_one
from crm.setup.facts import Sent

SECONDS: Final = 30.0
"""For which it is waited: the first event of a suite loads the functions."""

BETWEEN: Final = 0.1
"""Seconds between two looks."""


def send(
    store: Store,
    settings: Settings,
    seconds: float = SECONDS,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Sent:
    """Write an order, wait until it is known, and take it away.

    It holds nothing that could be understood, so it is nobody's: it is known by its row in the
    ledger, and waits in quarantine meanwhile. What stays is that row, which says that it is gone.

    Args:
        store: The emulators' database.
        settings: `crm.toml`.
        seconds: For which it is waited.
        clock: Seconds that only go up.
        sleep: Waits.

    Raises:
        Conflict, Transient: It could not be written, or not be taken away.
    """
    own = f"crm-doctor-{random_id()}"
    path = f"{WILDCARD.sub(own, settings.orders.path)}/{own}"
    row = f"{ORDERS}/{name_in(settings.orders.path, path)}"
    began = clock()

    def known(*, gone: bool) -> bool:
        found = read_one(store, row)
        return found.exists and (bool(found.fields.get("deleted")) or not gone)

    def wait(*, gone: bool) -> bool:
        until = clock() + seconds
        while not known(gone=gone):
            if clock() >= until:
                return False
            sleep(BETWEEN)
        return True

    store.commit([Create(path, {"writtenBy": "crm doctor"})])
    try:
        arrived = wait(gone=False)
        after = clock() - began
    finally:
        store.commit([Delete(path)])
    if arrived:
        wait(gone=True)
    return Sent(after if arrived else None, seconds)
