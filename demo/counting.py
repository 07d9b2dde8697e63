"""How many documents there are."""

from __future__ import annotations

from typing import Any

from google.cloud.firestore import Client


def count(client: Client, collection: str) -> int:
    """Count a collection's documents, without reading them."""
    query: Any = client.collection(collection)  # its `count` carries no types
    return int(query.count().get()[0][0].value)
