"""CRM-Lite, on the same events."""

from __future__ import annotations

from typing import Any

from google.cloud.firestore import Client

from bench.peers.host import Event, Totals
from crm.config.settings import Settings
from crm.core.keyring import Keyring
from crm.db.memory import Memory
from crm.db.runner import Runner
from crm.entrypoints.triggers import events
from crm.firebase import auth
from crm.firebase.store import FirestoreStore
from crm.repair.sweep import sweep
from crm.runtime.services import EMULATOR_KEY, Services


def runner_on(client: Client) -> Runner:
    """Return a runner that believes users' documents, on a client, as an instance has it."""
    settings = Settings.model_validate({"email_trust": "document"})
    keys = Keyring(EMULATOR_KEY)
    return Runner(FirestoreStore(client), settings, keys, auth, memory=Memory())


class CrmLite:
    """One instance of the trigger."""

    def __init__(self, client: Client) -> None:
        self._client: Any = client
        self.services = Services(runner_on(client), lambda _job: None)

    def deliver(self, event: Event) -> None:
        """Do what `on_order_written` does."""
        sync, healed = self.services.sync, events.healed(self.services.runner, "order")
        events.deliver(event.sdk, "orderId", sync.sync_order, sync.give_up_order, healed)

    def settle(self) -> None:
        """Sweep."""
        while True:
            report = sweep(self.services.runner, lambda _job: None)
            if not report.mended.total():
                return

    def answers(self) -> dict[str, Totals]:
        """Read the customers."""
        return {
            data["emails"][0]: Totals(data["orderCount"], data["totalSpend"].get("USD", 0))
            for data in (one.to_dict() for one in self._client.collection("customers").stream())
        }
