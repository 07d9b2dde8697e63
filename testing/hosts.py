"""A host app's documents, as tests make them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

DAY = datetime(2024, 3, 1, 12, tzinfo=UTC)


def order(email: str | None = "ada@example.com", **fields: Any) -> dict[str, Any]:
    """An order of one ticket for 49.90 USD, paid; `day` counts from a fixed one."""
    day = fields.pop("day", 0)
    return {
        "email": email,
        "userId": None,
        "name": "Ada Lovelace",
        "status": "paid",
        "total": "49.90",
        "currency": "USD",
        "createdAt": DAY + timedelta(days=day),
        "items": [item()],
        **fields,
    }


def item(event_id: str = "devops-2024", **fields: Any) -> dict[str, Any]:
    return {"eventId": event_id, "eventName": "DevOps Workshop", **fields}


def user(email: str | None = "ada@example.com", **fields: Any) -> dict[str, Any]:
    return {"email": email, "name": "Ada L.", **fields}
