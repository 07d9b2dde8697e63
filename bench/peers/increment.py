"""The tutorial's way: a function that adds to the customer's fields with `Increment`.

`OnCreate` is what tutorials show: "when a document is created, increment a counter" (such as
https://firebase.google.com/docs/firestore/solutions/aggregation, and the child-count sample of
firebase/functions-samples). `OnWrite` is the careful form of it: the difference between before and
after of each event. Both keep integer cents, where tutorials keep floating-point numbers.
"""

from __future__ import annotations

from typing import Any

from google.cloud.firestore import Client, Increment

from bench.peers.host import Event, Totals, changes, stored, worth


class OnWrite:
    """Adds what each event says has changed."""

    def __init__(self, client: Client) -> None:
        self._client: Any = client

    def deliver(self, event: Event) -> None:
        """Add the difference: one blind write, two where the address has changed."""
        for address, change in changes(event).items():
            self._add(address, change)

    def _add(self, address: str, change: Totals) -> None:
        fields = {"orderCount": Increment(change.orders), "spend": Increment(change.cents)}
        self._client.document(f"customers/{address}").set(fields, merge=True)

    def settle(self) -> None:
        """Nothing comes later."""

    def answers(self) -> dict[str, Totals]:
        """Read the customers."""
        return stored(self._client)


class OnCreate(OnWrite):
    """Adds what each new order comes to, and hears of nothing else."""

    def deliver(self, event: Event) -> None:
        """Add the order where it is new."""
        if event.before is None and event.after is not None:
            self._add(event.after["email"], worth(event.after))
