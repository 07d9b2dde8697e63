"""Orders of real systems mean what their documentation says, under the mapping beside them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from crm.config.settings import Settings, load
from crm.core.errors import InvalidDocument
from crm.host.order import Order
from crm.host.reader import read_order
from testing.systems import SYSTEMS, Document, documents, mapping

# When all of them were stored: after the last of their own times.
STORED = datetime(2024, 12, 1, tzinfo=UTC)

CASES = [
    pytest.param(system, document, id=f"{system}: {document.why}")
    for system in SYSTEMS
    for document in documents(system)
]


def spelled(order: Order) -> dict[str, Any]:
    """An order as the documents' expectations spell it."""
    return {
        "email": order.email,
        "userId": order.user_id,
        "name": order.name,
        "status": order.status,
        "counted": order.counted,
        "currency": order.currency,
        "total": order.total,
        "refunded": order.refunded,
        "createdAt": iso(order.created_at),
        "optIn": order.opted_in,
        "events": {
            event_id: {
                "name": found.name,
                "startsAt": iso(found.starts_at),
                "tickets": found.tickets,
                "checkedIn": found.checked_in,
                "unrecorded": found.unrecorded,
            }
            for event_id, found in order.events.items()
        },
        "odd": [one.reason for one in order.odd_items],
    }


def iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def meaning(document: Document, settings: Settings) -> dict[str, Any]:
    try:
        return spelled(read_order(document.data, STORED, settings))
    except InvalidDocument as error:
        return {"quarantine": error.reason}


def test_there_are_at_least_ten_documents_of_each_of_seven_systems() -> None:
    assert set(SYSTEMS) == {
        *("eventbrite", "flutterflow", "hi_events", "indico", "pretix", "stripe", "woocommerce")
    }
    for system in SYSTEMS:
        ids = [one.id for one in documents(system)]
        assert len(set(ids)) == len(ids) >= 10


@pytest.mark.parametrize(("system", "document"), CASES)
def test_an_order_means_what_its_system_says(system: str, document: Document) -> None:
    assert meaning(document, load(mapping(system))) == document.expected
