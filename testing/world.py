"""A host and CRM-Lite over one store in memory, driven call by call."""

from __future__ import annotations

import itertools
import random
import re
import time
from collections.abc import Callable, Collection
from typing import Any

from crm.config.settings import Settings
from crm.core.errors import Refusal
from crm.core.keyring import Keyring
from crm.core.roles import Claims
from crm.db.accounts import NO_ACCOUNT, Account, Standing
from crm.db.documents import Data
from crm.db.retry import RetryPolicy
from crm.db.runner import Runner
from crm.entrypoints.triggers import worker
from crm.jobs.slices import payload_of
from crm.runtime.services import Services
from crm.sync.sync import Sync
from testing.memory import MemoryStore
from testing.recount import Database, differences
from testing.staff import Staff

KEYS = Keyring(b"a secret for tests only")


NUMBERED_ID = re.compile("id[a-j]{5,}x{19}")
"""What `numbered_id` gives, anywhere in a text."""


def numbered_id(number: int) -> str:
    """Return an id of the form of random ones; a larger number sorts later."""
    return f"id{number:05d}{'x' * 19}".translate(str.maketrans("0123456789", "abcdefghij"))


class Accounts:
    """Firebase Auth in memory.

    Attributes:
        of: Uid to the address that its account has verified, None where it has verified none.
        anonymous: Uids of visitors' accounts.
        ended: Uids whose tokens are good no more.
        staff: Uids whose accounts have a role.
    """

    def __init__(self) -> None:
        self.of: dict[str, str | None] = {}
        self.anonymous: set[str] = set()
        self.ended: set[str] = set()
        self.staff: set[str] = set()
        self.pause: Callable[[], None] = lambda: None

    def find(self, uid: str) -> Account:
        if uid in self.anonymous:
            return Account(Standing.ANONYMOUS)
        return Account(Standing.PERSON, self.of[uid]) if uid in self.of else NO_ACCOUNT

    def anonymous_among(self, uids: Collection[str]) -> set[str]:
        return self.anonymous & set(uids)

    def confirm(self, claims: Claims) -> Claims:
        if claims.get("uid") in self.ended:
            raise Refusal("unauthenticated", "sign-in", "Sign in again.")
        return claims

    def delete(self, uid: str) -> None:
        self.pause()
        self.of.pop(uid, None)
        self.anonymous.discard(uid)
        self.pause()

    def describe(self, uid: str) -> dict[str, Any] | None:
        if uid not in self.of:
            return None
        address = self.of[uid]
        return {"userId": uid, "email": address, "emailVerified": address is not None}

    def owner_of(self, address: str) -> str | None:
        return next((uid for uid, verified in self.of.items() if verified == address), None)

    def staff_among(self, addresses: Collection[str]) -> set[str]:
        return {one for one in addresses if self.owner_of(one) in self.staff}


class World:
    """The host's side (`put_*`, `delete_*`) and the handlers' (`sync`)."""

    def __init__(
        self,
        store: MemoryStore | None = None,
        trust: str = "document",
        settings: dict[str, Any] | None = None,
        sleep: Callable[[float], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = store or MemoryStore()
        self.accounts = Accounts()
        self.staff = Staff()
        mapping = Settings.model_validate({"email_trust": trust, **(settings or {})})
        numbers = itertools.count(1)
        random_source = random.Random(0)
        self.runner = Runner(
            self.store,
            mapping,
            KEYS,
            self.accounts,
            RetryPolicy(sleep=sleep, clock=clock, jitter=random_source.random),
            now=self.store.now,
            new_id=lambda: numbered_id(next(numbers)),
        )
        self.sync = Sync(self.runner)
        self.queue: list[str] = []

    @property
    def services(self) -> Services:
        """What callables and the worker are given; jobs are enqueued in `queue`."""
        return Services(self.runner, self.queue.append, staff=lambda: self.staff)

    def work(self) -> None:
        """What the queue does: call workers until it is empty."""
        while self.queue:
            worker.work(payload_of(self.queue.pop(0)), lambda: self.services)

    @property
    def verified(self) -> dict[str, str | None]:
        """What the accounts of uids have verified."""
        return self.accounts.of

    @verified.setter
    def verified(self, of: dict[str, str | None]) -> None:
        self.accounts.of = of

    def put_order(self, order_id: str, data: dict[str, Any]) -> bool:
        self.store.put(self.runner.settings.orders.document(order_id), data)
        return self.sync.sync_order(order_id)

    def delete_order(self, order_id: str) -> bool:
        return self.sync.sync_order(
            order_id, self.store.delete(self.runner.settings.orders.document(order_id))
        )

    def put_user(self, uid: str, data: dict[str, Any]) -> bool:
        self.store.put(f"users/{uid}", data)
        return self.sync.sync_user(uid)

    def delete_user(self, uid: str) -> bool:
        return self.sync.sync_user(uid, self.store.delete(f"users/{uid}"))

    @property
    def database(self) -> Database:
        all_of = self.store.all
        return Database(
            self.orders(),
            all_of("users"),
            all_of("customers"),
            all_of("crmOrders"),
            all_of("crmIdentities"),
            all_of("crmQuarantine"),
            zone=self.runner.settings.time_zone,
            own={
                name: one.from_
                for name, one in self.runner.settings.fields.items()
                if one.type == "text" and one.from_
            },
        )

    def orders(self) -> dict[str, dict[str, Any]]:
        """The host's orders by their ids; those below a uid with it in `userId`."""
        path = self.runner.settings.orders.path
        found = self.store.all(path)
        if "{uid}" not in path:
            return found
        return {name: {**data, "userId": name.split("#")[0]} for name, data in found.items()}

    def wrong(self) -> list[str]:
        return differences(self.database, KEYS, self.store.now())

    def resync(self) -> bool:
        """What a sweep ends in: every document of the host and every row looked at again."""
        changed = False
        db = self.database
        uids = {i["uid"] for i in db.identities.values() if i["kind"] == "user" and i["uid"]}
        for uid in sorted({*db.users, *uids}):
            changed = self.sync.sync_user(uid) or changed
        for order_id in sorted({*db.orders, *db.rows}):
            changed = self.sync.sync_order(order_id) or changed
        return changed

    def customers(self, fits: Callable[[Data], bool] = lambda _: True) -> list[dict[str, Any]]:
        return [{"id": key, **data} for key, data in self.store.all("customers", fits).items()]

    def the_customer(self) -> dict[str, Any]:
        (customer,) = self.customers()
        return customer

    def with_email(self, email: str) -> dict[str, Any]:
        (customer,) = self.customers(lambda one: email in one["emails"])
        return customer

    def with_uid(self, uid: str) -> dict[str, Any]:
        (customer,) = self.customers(lambda one: uid in one["userIds"])
        return customer

    def reasons(self) -> dict[str, str]:
        return {q["documentId"]: q["reason"] for q in self.store.all("crmQuarantine").values()}
