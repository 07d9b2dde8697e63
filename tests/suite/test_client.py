"""A write that the emulator aborts, since somebody holds its document for long, is made again."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from google.api_core.exceptions import Aborted
from google.cloud.firestore import Client

from suite.running import Suite
from testing.client import PatientClient
from tests.support import attacking
from tests.support.live import LiveWorld


def in_a_batch(client: Client, path: str, **how: Any) -> None:
    batch = client.batch()
    batch.set(client.document(path), {"by": "batch"})
    batch.commit(**how)


WRITES: dict[str, Callable[[Client, str], Any]] = {
    "batch": in_a_batch,
    "set": lambda client, path: client.document(path).set({"by": "set"}),
    "update": lambda client, path: client.document(path).update({"by": "update"}),
    "delete": lambda client, path: client.document(path).delete(),
    "found": lambda client, path: client.document(path).get().reference.delete(),
    "below": lambda client, path: (
        client.collection("locked").document(path.split("/")[1]).set({"by": "below"})
    ),
}


def test_who_waits_for_a_transaction_writes_once_it_is_over(live: LiveWorld, suite: Suite) -> None:
    plain, patient = Client(project=live.project), PatientClient(project=live.project)
    by_http = attacking.Client(replace(suite, project=live.project), attacking.OWNER)
    held = [plain.document(f"locked/{name}") for name in (*WRITES, "http", "plain", "told")]
    for one in held:
        one.set({"by": "nobody"})
    transaction: Any = plain.transaction()
    transaction._begin()
    list(plain.get_all(held, transaction=transaction))
    with ThreadPoolExecutor(len(WRITES) + 1) as pool:
        try:
            writes = [pool.submit(do, patient, f"locked/{name}") for name, do in WRITES.items()]
            writes.append(pool.submit(by_http.set, "locked/http", {"by": "http"}))
            with pytest.raises(Aborted):  # it began after them, so they were aborted, too
                plain.document("locked/plain").set({"by": "plain"})
            with pytest.raises(Aborted):  # as the product's store has it
                in_a_batch(patient, "locked/told", retry=None)
            assert not any(write.done() for write in writes)
        finally:
            transaction._rollback()
        for write in writes:
            write.result()
    found = {one.id: one.get("by") for one in plain.collection("locked").stream()}
    left = {name: name for name in WRITES if name not in ("delete", "found")}
    assert found == left | {"http": "http", "plain": "nobody", "told": "nobody"}
