"""What the platform can do at most: functions that do nothing, or nothing but ask Firestore.

Served as the product's own are, by the SDK's own decorator. `bare_commit` and `bare_reads` write
as `on_order_written` does, a row and a customer, into collections of their own; what they write is
taken from a finished row and customer under `templates/`, so that it is as large.
"""

from __future__ import annotations

import functools
import time
from pathlib import Path
from typing import Any

import firebase_admin
from firebase_functions import firestore_fn
from google.cloud.firestore import Client

firebase_admin.initialize_app()  # else the SDK does it at the first events, which may meet there

CALLS = Path(__file__).with_name("calls.txt")
"""Names the file in which `noop` notes when it was called."""


@functools.cache
def _client() -> Client:
    return Client()


@functools.cache
def _template(name: str) -> dict[str, Any]:
    found: Any = _client().document(f"templates/{name}").get()
    return found.to_dict() or {}


@functools.cache
def _calls() -> Path | None:
    return Path(CALLS.read_text(encoding="utf-8")) if CALLS.exists() else None


def _commit(order_id: str) -> None:
    batch = _client().batch()
    batch.create(_client().document(f"bareRows/{order_id}"), _template("row"))
    batch.set(_client().document(f"bareCustomers/{order_id[:4]}"), _template("customer"))
    batch.commit()


@firestore_fn.on_document_written(document="noops/{orderId}")
def noop(event: firestore_fn.Event[Any]) -> None:
    """Note the time."""
    calls = _calls()
    if calls is not None:
        with calls.open("a", encoding="utf-8") as file:
            file.write(f"{event.params['orderId']} {time.time_ns()}\n")


@firestore_fn.on_document_written(document="bare-commits/{orderId}")
def bare_commit(event: firestore_fn.Event[Any]) -> None:
    """Commit a row and a customer."""
    _commit(event.params["orderId"])


@firestore_fn.on_document_written(document="bare-reads/{orderId}")
def bare_reads(event: firestore_fn.Event[Any]) -> None:
    """Read order, row and identity, then the customer; commit as `bare_commit`."""
    order_id, client = event.params["orderId"], _client()
    ahead = (f"orders/{order_id}", f"crmOrders/{order_id}", f"crmIdentities/{order_id[:4]}")
    list(client.get_all([client.document(path) for path in ahead]))
    list(client.get_all([client.document(f"customers/{order_id[:4]}")]))
    _commit(order_id)
