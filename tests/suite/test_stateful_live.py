"""The lives of `test_stateful` on the real emulator, each in a project of its own.

`CRM_LIVE_SEQUENCES=200` for the full size.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import Phase

from crm.db.documents import Version, Write
from crm.firebase.store import FirestoreStore
from suite.running import Suite
from testing.client import PatientClient
from testing.enough import until_enough
from testing.recount import Database
from tests.support.faults import hurried
from tests.support.life import DONE
from tests.support.live import LiveHost
from tests.support.stage import COUNTED_AGAIN, Process
from tests.unit.product.test_stateful import OFTEN, Shop, live

SEQUENCES = int(os.environ.get("CRM_LIVE_SEQUENCES", "1"))


class LiveStore(FirestoreStore):
    """Firestore, with what `MemoryStore` offers a test."""

    def __init__(self) -> None:
        self.client = PatientClient(project=f"demo-{uuid.uuid4().hex[:20]}")
        super().__init__(self.client)
        host = LiveHost(self.client)
        self.put, self.delete, self.all = host.put, host.delete, host.all
        self.writes = 0

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wait(self, time: timedelta) -> None:
        """The emulator's clock is nobody's to set: no event begins in such a life."""

    def commit(self, writes: Sequence[Write]) -> list[Version]:
        versions = super().commit(writes)
        self.writes += len(writes)
        return versions


class LiveProcess(Process):
    def __init__(self) -> None:
        super().__init__(store=LiveStore())

    @property
    def database(self) -> Database:
        held = (self.store.all(name) for name in COUNTED_AGAIN)
        return Database(*held, own={"city": "profile.city"})

    def everything(self) -> dict[str, dict[str, Any]]:
        client: Any = self.store.client  # type: ignore[attr-defined]
        return {
            found.reference.path: found.to_dict()
            for collection in client.collections()
            for found in collection.stream()
        }


class LiveShop(Shop):
    def opened(self) -> Process:
        return LiveProcess()


def test_any_life_on_the_emulator(suite: Suite, capsys: pytest.CaptureFixture[str]) -> None:
    DONE.clear()
    with hurried(), capsys.disabled():
        print()
        until_enough(
            lambda number: live(LiveShop, number, SEQUENCES, Phase.generate),
            DONE,
            dict.fromkeys(OFTEN, SEQUENCES / 20) | {"sequences": SEQUENCES},
        )
