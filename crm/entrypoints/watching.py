"""Which changes rules see: those that a person or staff make, as they are made.

What mends, counts anew, imports or puts back what was lost is nobody's doing now, and has no watch:
so nobody enters anything by it (`docs/decisions/056-rules-see-what-is-committed.md`).
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Final
from weakref import WeakKeyDictionary

from crm.db.documents import Store
from crm.rules.watch import KEPT, BookWatch
from crm.runtime.services import Services

CALLS: Final = frozenset({"tag_customers", "set_consent", "set_fields", "claim_my_orders"})
"""Callables by which a customer changes as staff, or the person, want it."""

KEPT_ON_EMULATORS: Final = 1.0
"""Seconds (see `watch.KEPT`): whoever tries a rule out sees what it does, and pays no reading."""

_WATCHES: Final[WeakKeyDictionary[Store, BookWatch]] = WeakKeyDictionary()


def watch_of(store: Store) -> BookWatch:
    """Return the watch of this process over a database."""
    watch = _WATCHES.get(store)
    if watch is None:
        kept = KEPT_ON_EMULATORS if os.environ.get("FIRESTORE_EMULATOR_HOST") else KEPT
        watch = _WATCHES.setdefault(store, BookWatch(store, kept=kept))
    return watch


def watched(services: Services) -> Services:
    """Return services whose commits are watched."""
    runner = replace(services.runner, watch=watch_of(services.store))
    return replace(services, runner=runner)
