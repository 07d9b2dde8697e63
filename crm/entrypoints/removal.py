"""Deleting everything that CRM-Lite has stored in a project: documents of its collections, roles.

The host's documents are not touched. It can be stopped and started again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final, Protocol

from crm.db.accounts import StaffAccount
from crm.db.collections import ALL
from crm.db.documents import BY_ID, Delete, Query, Store
from crm.db.retry import RetryPolicy

PAGE: Final = 400
"""Documents of one commit (Firestore takes 500 writes, and 10 MB)."""

PATIENCE: Final = RetryPolicy(seconds=60.0)


class Roles(Protocol):
    """What is needed of Firebase Auth."""

    def roles(self) -> Iterable[StaffAccount]:
        """Return every account with a role."""

    def take(self, uid: str) -> None:
        """Take an account's role away."""


def delete_documents(store: Store, progress: Callable[[str, int, int], None]) -> int:
    """Delete the documents of all our collections; return how many there were.

    Args:
        store: The database.
        progress: Told the collection, how many of it are deleted, and how many there were.

    Raises:
        Transient, ConfigError: Firestore could not be asked, or refused.
    """
    total = 0
    for collection in sorted(ALL):
        there = PATIENCE.call(partial(store.count, Query(collection)))
        done = 0
        while True:
            page = Query(collection, (), BY_ID, PAGE, keys_only=True)
            found = PATIENCE.call(partial(store.find, page))
            if not found:
                break
            writes = [Delete(one.path) for one in found]
            PATIENCE.call(partial(store.commit, writes))
            done += len(found)
            progress(collection, done, max(done, there))
        total += done
    return total


def take_roles(staff: Roles, progress: Callable[[str, int, int], None]) -> list[str]:
    """Take all roles away and end the sessions of who had them; return their uids.

    Raises:
        Transient, ConfigError: Firebase Auth could not be asked, or refused.
    """
    taken = []
    for account in list(staff.roles()):
        staff.take(account.uid)
        taken.append(account.uid)
        progress("roles", len(taken), 0)
    return taken
