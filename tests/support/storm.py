"""Random lives of a host: orders, users, edits, deletions; drives any `Sync` and store."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from crm.core.errors import Refusal
from crm.customers.reference import CustomerRef
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.privacy.erasure.erase import erase
from crm.sync.sync import Sync
from crm.sync.told import Told
from testing.hosts import DAY, item, order, user
from testing.told import Teller
from testing.world import Accounts

NEVER = datetime(2999, 1, 1, tzinfo=UTC)
ADDRESSES = [f"p{number}@example.com" for number in range(6)]
UIDS = [f"u{number}" for number in range(5)]
ORDERS = [f"o{number}" for number in range(40)]
STARTS = {"devops": (DAY, DAY), "k8s": (None, NEVER), "py": (NEVER, DAY)}
"""When an event begins, by two kinds of orders."""
STATUSES = ["paid", "paid", "completed", "pending", "cancelled", "refunded", "partially_refunded"]


class Host(Protocol):
    """Where the host's documents are written."""

    def put(self, path: str, data: dict[str, Any]) -> None: ...

    def delete(self, path: str) -> int | None: ...

    def all(self, collection: str) -> dict[str, dict[str, Any]]: ...


@dataclass
class Storm:
    """Operations drawn from one seed; each writes as the host and then calls the handler."""

    host: Host
    sync: Sync
    random: random.Random
    crash: Callable[[], bool] = lambda: False
    merges: bool = True
    erasures: bool = False
    accounts: Accounts | None = None
    """Firebase Auth, where users have to prove their addresses there."""
    unproven: tuple[str, ...] = ()
    """Addresses that users claim beside the others, and that nobody proves or orders with."""
    turns: Counter[str] = field(default_factory=Counter)
    """What became of accounts: "verified", "not any more", "deleted"."""
    merged: int = 0
    undone: int = 0
    erased: int = 0

    def __post_init__(self) -> None:
        self.teller = Teller(self.sync.runner.store, self.random)

    def step(self) -> None:
        """One operation. With `crash` the event is lost: nobody calls the handler."""
        draw = self.random.random()
        if draw < 0.05 and self.merges:
            self._merge()
        elif draw < 0.06 and self.erasures:
            self._erase()
        elif draw < 0.62:
            self._deliver(self.sync.sync_order, "orders", self.random.choice(ORDERS), self._order())
        elif draw < 0.74:
            self._deliver(self.sync.sync_order, "orders", self.random.choice(ORDERS), None)
        elif draw < 0.90:
            uid, data = self.random.choice(UIDS), self._user()
            if self.accounts and data["email"] not in self.unproven:
                self._turn(self.accounts, uid, data["email"])
            self._deliver(self.sync.sync_user, "users", uid, data)
        elif draw < 0.95:
            self._deliver(self.sync.sync_user, "users", self.random.choice(UIDS), None)
        elif draw < 0.98:
            self.sync.sync_order(self.random.choice(ORDERS))
        else:
            self.sync.sync_user(self.random.choice(UIDS))

    def _turn(self, accounts: Accounts, uid: str, address: str | None) -> None:
        """Let an account verify the address, lose that again, or be deleted."""
        before, draw = accounts.of.get(uid), self.random.random()
        if draw < 0.5:
            accounts.of[uid] = address
            self.turns["verified"] += address is not None
        elif draw < 0.8:
            accounts.of[uid] = None
            self.turns["not any more"] += before is not None
        else:
            self.turns["deleted"] += accounts.of.pop(uid, None) is not None

    def _merge(self) -> None:
        """Merge two customers as staff would, or undo one of the merges made."""
        runner = self.sync.runner
        # Any of them, those made by proof too: of several into one survivor only the last can be.
        merges = self.host.all("crmMerges").items()
        undoable = sorted(name for name, one in merges if one["state"] == "open")
        if undoable and self.random.random() < 0.6:
            merge_id = self.random.choice(undoable)
            with suppress(Refusal):
                runner.run(lambda tx: plan_unmerge(tx, merge_id))
                self.undone += 1
            return
        known = sorted(self.host.all("customers"))
        if len(known) < 2:
            return
        pair = self.random.sample(known, 2)
        with suppress(Refusal):
            plan, _ = runner.run(lambda tx: plan_merge(tx, *pair, allow_two_users=True))
            self.merged += plan.merge_id is not None

    def _erase(self) -> None:
        """Erase somebody, found by any of what staff may know."""
        runner = self.sync.runner
        who = self.random.choice(
            [
                *(CustomerRef("email", address) for address in ADDRESSES),
                *(CustomerRef("userId", uid) for uid in UIDS),
                *(CustomerRef("customerId", one) for one in sorted(self.host.all("customers"))[:4]),
            ]
        )
        with suppress(Refusal):
            # Half of them although tickets for what is to come are held, which nearly all do.
            force = self.random.random() < 0.5
            erase(runner, lambda _job: None, who, reason="a storm", force=force)
            self.erased += 1

    def _deliver(
        self,
        handler: Callable[[str, int | None, Told | None], bool],
        collection: str,
        document_id: str,
        data: dict[str, Any] | None,
    ) -> None:
        path = f"{collection}/{document_id}"
        gone = None
        is_new = document_id not in self.host.all(collection)
        if data is None:
            gone = self.host.delete(path)
        else:
            self.host.put(path, data)
        if self.crash():
            return
        for told in self.teller.tell(path, is_new=is_new):
            handler(document_id, gone, told)

    def _order(self) -> dict[str, Any]:
        pick = self.random.choice
        events = self.random.sample(["devops", "k8s", "py"], self.random.randint(0, 2))
        day = self.random.randint(0, 300)
        data = order(
            pick(ADDRESSES),
            userId=pick([None, None, *UIDS]),
            name=pick([None, "Ada", "Bob", "Cyd"]),
            status=pick(STATUSES),
            total=self.random.randint(0, 9999) / 100,
            currency=pick(["USD", "USD", "eur"]),
            day=day,
            items=[
                item(
                    event,
                    eventName=pick([None, event.upper(), event.title()]),
                    eventStartsAt=STARTS[event][day % 2],
                    quantity=self.random.randint(1, 3),
                    checkedIn=pick([None, True, 0, 1]),
                )
                for event in events
            ],
        )
        if self.erasures and self.random.random() < 0.6:
            # Bought after every erasure so far.
            data["createdAt"] = self.sync.runner.now() + timedelta(days=self.random.randint(1, 90))
        if self.random.random() < 0.05:
            data.update(status="unheard of", odd=True)
        return data

    def _user(self) -> dict[str, Any]:
        email = self.random.choice([None, *ADDRESSES, *self.unproven])
        return user(email, name=self.random.choice([None, "Ann", "Ben"]))
