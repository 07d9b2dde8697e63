"""The bare commit in a process that has loaded every library that `main.py` of the product loads.

What a cold start of the product is measured against: the same libraries, the same commit.
"""

from __future__ import annotations

import functools
from typing import Any

import firebase_admin
import flask_cors  # noqa: F401
import pydantic
from firebase_functions import firestore_fn, https_fn, scheduler_fn, tasks_fn  # noqa: F401
from google.cloud.firestore import Client

firebase_admin.initialize_app()  # else the SDK does it at the first events, which may meet there


class Settings(pydantic.BaseModel):
    """No one makes a model of settings without the rest of pydantic, which comes with the first."""

    region: str = "us-central1"


@functools.cache
def _client() -> Client:
    return Client()


@firestore_fn.on_document_written(document="cold/{orderId}")
def bare_commit(event: firestore_fn.Event[Any]) -> None:
    """Commit what the event brings, as a row and as a customer."""
    order_id, client = event.params["orderId"], _client()
    data = event.data.after.to_dict()
    batch = client.batch()
    batch.create(client.document(f"crmOrders/{order_id}"), data)
    batch.set(client.document(f"customers/{order_id[:4]}"), data)
    batch.commit()
