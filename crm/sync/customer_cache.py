"""Where people were last seen by this process: a hint of whom to read at once, and no more.

An order is written several times in its first minutes (pending, paid, confirmed), and each event
finds its customer by its identity: one round trip for the customer's id, one for the customer.
Who remembers the id reads both at once. A plan never knows: it relies on what it reads alone, so
a memory that is out of date costs one read and changes nothing.
"""

from __future__ import annotations

from typing import Final

MOST: Final = 10_000
"""Identities that are remembered at least, those seen last: at most twice as many, some 6 MB."""


class CustomerCache:
    """Identity keys, each with the id of the customer that it led to last.

    Two generations, so that nothing has to be sorted or locked: what threads do to it at once can
    make it forget, and nothing worse.

    Args:
        most: How many are remembered at least.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._young: dict[str, str] = {}
        self._old: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        """Return the customer that an identity led to when it was last seen."""
        return self._young.get(key) or self._old.get(key)

    def put(self, key: str, customer_id: str) -> None:
        """Remember where an identity leads; what was seen longest ago is forgotten."""
        if len(self._young) >= self._most:
            self._old, self._young = self._young, {}
        self._young[key] = customer_id
