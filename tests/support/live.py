"""A host and CRM-Lite over the real Firestore emulator, in a project of the test's own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from crm.config.settings import Settings
from crm.db.documents import Data, Version, Write, version_of
from crm.db.retry import RetryPolicy
from crm.db.runner import Runner
from crm.firebase.store import FirestoreStore
from crm.sync.sync import Sync
from testing.client import PatientClient
from testing.recount import Database, differences
from testing.world import KEYS, Accounts

T = TypeVar("T")


class LiveHost:
    """Writes and reads documents as the host app and the test do."""

    def __init__(self, client: PatientClient) -> None:
        self.client = client

    def put(self, path: str, data: dict[str, Any]) -> None:
        self.client.document(path).set(data)

    def delete(self, path: str) -> int | None:
        before = self.client.document(path).get()
        self.client.document(path).delete()
        return version_of(before.update_time) if before.exists else None

    def all(
        self, collection: str, fits: Callable[[Data], bool] = lambda _: True
    ) -> dict[str, dict[str, Any]]:
        found = self.client.collection(collection).stream()
        held = {doc.id: doc.to_dict() or {} for doc in found}
        return {name: data for name, data in held.items() if fits(data)}


class EmulatedStore(FirestoreStore):
    """Firestore at moments that lie between the commits of this process.

    The emulator shows half of a commit to whoever reads at its very moment, while it writes;
    production shows all of it or nothing. So who asks for a moment lets others finish first.
    """

    def __init__(self, client: PatientClient) -> None:
        super().__init__(client)
        self._turn = threading.Condition()
        self._asked = self._committing = 0

    def commit(self, writes: Sequence[Write]) -> list[Version]:
        with self._turn:
            self._turn.wait_for(lambda: not self._asked)
            self._committing += 1
        try:
            return super().commit(writes)
        finally:
            with self._turn:
                self._committing -= 1
                self._turn.notify_all()

    def at(self, moment: datetime | None = None) -> FirestoreStore:
        if moment is not None:
            return super().at(moment)
        with self._turn:
            self._asked += 1
            try:
                self._turn.wait_for(lambda: not self._committing)
                return super().at()
            finally:
                self._asked -= 1
                self._turn.notify_all()


class LiveWorld:
    """As `world.World`, but in Firestore."""

    def __init__(
        self, project: str, trust: str = "document", keys: Any = KEYS, orders: str = "orders"
    ) -> None:
        self.project = project
        self.client = PatientClient(project=project)
        self.host = LiveHost(self.client)
        self.store = EmulatedStore(self.client)
        self.keys = keys
        self.accounts = Accounts()
        self.runner = Runner(
            self.store,
            Settings.model_validate({"email_trust": trust, "orders": {"path": orders}}),
            keys,
            self.accounts,
            RetryPolicy(seconds=120),
        )
        self.sync = Sync(self.runner)

    def put_order(self, order_id: str, data: dict[str, Any]) -> bool:
        self.host.put(self.runner.settings.orders.document(order_id), data)
        return self.sync.sync_order(order_id)

    @property
    def database(self) -> Database:
        all_of = self.host.all
        return Database(
            all_of("orders"),
            all_of("users"),
            all_of("customers"),
            all_of("crmOrders"),
            all_of("crmIdentities"),
            all_of("crmQuarantine"),
            zone=self.runner.settings.time_zone,
        )

    def wrong(self) -> list[str]:
        return differences(self.database, self.keys, datetime.now(UTC))

    def customers(self) -> list[dict[str, Any]]:
        return [{"id": key, **data} for key, data in self.host.all("customers").items()]

    def the_customer(self) -> dict[str, Any]:
        (customer,) = self.customers()
        return customer

    def resync(self) -> bool:
        db, changed = self.database, False
        uids = {i["uid"] for i in db.identities.values() if i["kind"] == "user" and i["uid"]}
        for uid in sorted({*db.users, *uids}):
            changed = self.sync.sync_user(uid) or changed
        for order_id in sorted({*db.orders, *db.rows}):
            changed = self.sync.sync_order(order_id) or changed
        return changed
