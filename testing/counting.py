"""Counts at the client what Firestore bills: documents read, written and deleted."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from google.cloud.firestore import Client


@dataclass
class Bill:
    reads: int = 0
    writes: int = 0
    deletes: int = 0
    round_trips: int = 0
    commits: int = 0
    refused: int = 0  # commits that were not made: they collided, or nobody answered
    written: list[str] = field(default_factory=list)

    def clear(self) -> None:
        self.__init__()  # type: ignore[misc]

    def add(self, **units: int) -> None:
        with _adding:  # instances ask from many threads
            for name, number in units.items():
                setattr(self, name, getattr(self, name) + number)


_adding = threading.Lock()


class CountingApi:
    """Firestore's generated client, with a bill."""

    def __init__(self, api: Any, bill: Bill) -> None:
        self._api, self._bill = api, bill

    def __getattr__(self, name: str) -> Any:
        return getattr(self._api, name)

    def batch_get_documents(self, request: Any, **more: Any) -> Iterable[Any]:
        self._bill.add(reads=len(request["documents"]), round_trips=1)
        return self._api.batch_get_documents(request=request, **more)  # type: ignore[no-any-return]

    def run_query(self, request: Any, **more: Any) -> Iterator[Any]:
        self._bill.add(round_trips=1)
        found = 0
        for answer in self._api.run_query(request=request, **more):
            found += bool(answer.document.name)
            yield answer
        self._bill.add(reads=max(1, found))  # an empty query is billed as one read

    def run_aggregation_query(self, request: Any, **more: Any) -> Iterator[Any]:
        self._bill.add(round_trips=1)
        for answer in self._api.run_aggregation_query(request=request, **more):
            for value in answer.result.aggregate_fields.values():
                # One read for each 1,000 index entries that are counted.
                self._bill.add(reads=max(1, -(-value.integer_value // 1_000)))
            yield answer

    def commit(self, request: Any, **more: Any) -> Any:
        self._bill.add(round_trips=1)
        try:
            answer = self._api.commit(request=request, **more)
        except Exception:
            self._bill.add(refused=1)
            raise
        self._bill.add(commits=1)
        for write in request["writes"]:
            deleted = bool(write.delete)
            self._bill.add(deletes=deleted, writes=not deleted)
            name = write.delete or write.update.name
            self._bill.written.append(name.split("/documents/", 1)[1])
        return answer


def counted(client: Client) -> Bill:
    """Put a bill on a client; give it."""
    bill = Bill()
    client._firestore_api_internal = CountingApi(client._firestore_api, bill)
    return bill
