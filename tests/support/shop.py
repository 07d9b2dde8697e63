"""A host's shop at the live suite: its orders become customers by the live triggers."""

from __future__ import annotations

import uuid
from typing import Any

from google.cloud.firestore import FieldFilter

from suite.running import Suite
from testing.client import client_of
from testing.hosts import order
from testing.patience import eventually


class Shop:
    """A shop whose customers nobody else has.

    Attributes:
        mark: In every address and every id; a search for it finds this shop's customers alone.
    """

    def __init__(self, suite: Suite) -> None:
        self.documents: Any = client_of(suite.project)
        self.mark = f"m{uuid.uuid4().hex[:12]}"
        self._orders = 0

    def address(self, name: str) -> str:
        return f"{self.mark}.{name.lower().replace(' ', '-')}@example.com"

    def order(self, name: str, **fields: Any) -> str:
        """Write an order, and give its id."""
        self._orders += 1
        order_id = f"{self.mark}-{self._orders}"
        document = order(self.address(name), name=name, **fields)
        self.documents.document(f"orders/{order_id}").set(document)
        return order_id

    def customer(self, name: str, **fields: Any) -> str:
        """Let somebody order, and wait for the customer."""
        self.order(name, **fields)
        return self.id_of(name)

    def find(self, name: str) -> Any:
        """Return the customer's document as it comes to be."""

        def found() -> Any:
            asked = FieldFilter("emails", "array_contains", self.address(name))
            (one,) = self.documents.collection("customers").where(filter=asked).get()
            return one

        return eventually(found)

    def id_of(self, name: str) -> str:
        customer_id: str = self.find(name).id
        return customer_id
