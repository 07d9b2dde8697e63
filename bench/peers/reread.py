"""Reading all orders of the customer again at each event.

As functions do that fill a statistics document from a query (for one, `updateOrdersStatistics.js`
of SmelayaPanda/virapro.ru and `shipments.js` of randyquaye/randyquaye on GitHub). Those read a
whole collection; this reads the customer's orders alone, for both addresses where it has changed.
"""

from __future__ import annotations

from typing import Any

from google.cloud.firestore import Client, FieldFilter

from bench.peers.host import Event, Totals, stored, worth


class Reread:
    """Counts anew."""

    def __init__(self, client: Client) -> None:
        self._client: Any = client

    def deliver(self, event: Event) -> None:
        """Count the orders of each address that the event names, and write the customer."""
        for address in {one["email"] for one in (event.before, event.after) if one}:
            mine = self._client.collection("orders").where(
                filter=FieldFilter("email", "==", address)
            )
            totals = Totals()
            for order in mine.stream():
                totals = totals.plus(worth(order.to_dict()))
            fields = {"orderCount": totals.orders, "spend": totals.cents}
            self._client.document(f"customers/{address}").set(fields)

    def settle(self) -> None:
        """Nothing comes later."""

    def answers(self) -> dict[str, Totals]:
        """Read the customers."""
        return stored(self._client)
