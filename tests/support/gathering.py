"""Customers by the thousand, written as they are stored: for work that takes long."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from google.cloud.firestore import FieldFilter

from crm.core.keyring import random_id
from crm.customers.attendance import Attendance, NameSource
from crm.customers.customer import Customer
from crm.customers.part import Part, Spend
from crm.db.collections import CUSTOMERS
from testing.client import PatientClient

BATCH = 250
NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Crowd:
    """Customers who attended an event that nobody else did."""

    documents: PatientClient
    event: str
    ids: list[str]

    def having(self, tag: str) -> int:
        query: Any = self.documents.collection(CUSTOMERS)
        found = query.where(filter=FieldFilter("tags", "array_contains", tag))
        return int(found.count().get()[0][0].value)

    @contextmanager
    def held(self, customer_id: str) -> Iterator[None]:
        """Hold on to a customer: who writes it waits, and gives up, until this is over.

        A transaction that has read a document locks it. An idle one ends after 60 seconds, so it
        reads again and again.
        """
        transaction = self.documents.transaction(max_attempts=1)
        document = self.documents.document(f"{CUSTOMERS}/{customer_id}")
        transaction._begin()
        over = threading.Event()

        def hold() -> None:
            while not over.wait(5):
                document.get(transaction=transaction)

        document.get(transaction=transaction)
        with ThreadPoolExecutor(1) as pool:
            holding = pool.submit(hold)
            try:
                yield
            finally:
                over.set()
                try:
                    holding.result()
                finally:
                    transaction._rollback()


def gather(documents: PatientClient, number: int) -> Crowd:
    crowd = Crowd(documents, uuid.uuid4().hex, [random_id() for _ in range(number)])
    for ids in batches(crowd.ids):
        batch = documents.batch()
        for customer_id in ids:
            batch.create(
                documents.document(f"{CUSTOMERS}/{customer_id}"),
                customer(customer_id, crowd.event).to_data(NOW, double=False),
            )
        batch.commit()
    return crowd


def batches(ids: list[str]) -> Iterator[list[str]]:
    return (ids[at : at + BATCH] for at in range(0, len(ids), BATCH))


def customer(customer_id: str, event: str) -> Customer:
    source = NameSource(NOW, f"o-{customer_id}")
    part = Part(
        key=f"e1-{customer_id}",
        address=f"{customer_id}@example.com",
        orders=1,
        counted=1,
        spend={"USD": Spend(4990, 1)},
        first=NOW,
        last=NOW,
        name="Ada Lovelace",
        name_source=source,
        events={event: Attendance(1, 1, 1, 0, "DevOps Workshop", NOW, source)},
    )
    return Customer(customer_id, NOW, {f"p-{customer_id}": part})
