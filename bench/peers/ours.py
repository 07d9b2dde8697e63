"""CRM-Lite, on the same events."""

from __future__ import annotations

from typing import Any

from google.cloud.firestore import Client

from bench.peers.host import Event, Totals
from crm.config.settings import Settings
from crm.core.keyring import Keyring
from crm.db.runner import Runner
from crm.firebase import auth
from crm.firebase.store import FirestoreStore
from crm.repair.sweep import sweep
from crm.runtime.services import EMULATOR_KEY
from crm.sync.sync import Sync


def runner_on(client: Client) -> Runner:
    """Return a runner that believes users' documents, on a client."""
    settings = Settings.model_validate({"email_trust": "document"})
    keys = Keyring(EMULATOR_KEY)
    return Runner(FirestoreStore(client), settings, keys, auth)


class CrmLite:
    """Calls what the trigger calls."""

    def __init__(self, client: Client) -> None:
        self._client: Any = client
        self.runner = runner_on(client)
        self.sync = Sync(self.runner)

    def deliver(self, event: Event) -> None:
        """Look at the order again."""
        self.sync.sync_order(event.order_id)

    def settle(self) -> None:
        """Sweep."""
        while True:
            report = sweep(self.runner, lambda _job: None)
            if not report.mended.total():
                return

    def answers(self) -> dict[str, Totals]:
        """Read the customers."""
        return {
            data["emails"][0]: Totals(data["orderCount"], data["totalSpend"].get("USD", 0))
            for data in (one.to_dict() for one in self._client.collection("customers").stream())
        }
