"""Bringing CRM-Lite up to the host's documents: `sync_order` and `sync_user`.

An event only says "look again". Both read the document as it is now, plan, and commit in one
atomic write whose preconditions are everything the plan relied on; on a collision they begin again
from the reading. So duplicates, disorder, replays, backfill and repair are one code path.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from crm.config import Settings
from crm.directory import UserIdentity
from crm.documents import Query, Store, Version, document_id
from crm.errors import Transient
from crm.identity import Keyring, random_id
from crm.order_plan import OrderPlan, plan_order
from crm.planning import IDENTITIES, ORDERS, Context, Need, Reading
from crm.retry import Patience
from crm.user_plan import UserPlan, plan_user

T = TypeVar("T")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Sync:
    """The two calls that everything else goes through.

    Attributes:
        store: The database.
        settings: `crm.toml`.
        keys: The installation's keyring.
        proof: Says whether Firebase Auth knows an address as a uid's own, or has no such account;
            `Transient` where it does not answer.
        patience: How long to try.
        now: The clock (UTC).
        new_id: Makes a random id.
    """

    store: Store
    settings: Settings
    keys: Keyring
    proof: Callable[[str, str], bool]
    patience: Patience = field(default_factory=Patience)
    now: Callable[[], datetime] = _now
    new_id: Callable[[], str] = random_id

    def sync_order(self, order_id: str, deleted_after: Version | None = None) -> bool:
        """Bring ledger, identities and customers up to one order.

        Args:
            order_id: The document's id.
            deleted_after: For an event of deletion, the last version that the document had.

        Returns:
            Whether anything was written.

        Errors:
            Conflict, Transient: Not done before the deadline; safe to call again.
        """
        changed = False
        while True:
            plan = self.patience.insist(lambda: self._order_once(order_id, deleted_after))
            changed = changed or bool(plan.writes)
            # The plan found this uid unknown. If its user has come since, that sync may have
            # looked for waiting orders before this one was committed.
            if not plan.awaiting or not self._is_known(plan.awaiting):
                return changed

    def sync_user(self, uid: str, deleted_after: Version | None = None) -> bool:
        """Bring identities and customers up to one user, and hand over the orders that waited.

        Args:
            uid: The document's id.
            deleted_after: For an event of deletion, the last version that the document had.

        Returns:
            Whether anything was written.

        Errors:
            Conflict, Transient: Not done before the deadline; safe to call again. `Transient` also
                where Auth could not be asked: the user is known by then, and linked later.
        """
        plan, auth_was_away = self.patience.insist(lambda: self._user_once(uid, deleted_after))
        changed = bool(plan.writes)
        waiting = Query(ORDERS, (("awaiting", "==", self.keys.user(uid)),))
        for row in self.patience.insist(lambda: self.store.find(waiting)):
            changed = self.sync_order(document_id(row.path)) or changed
        if plan.released:
            claims = Query(IDENTITIES, (("claimed", "==", plan.released), ("conflict", "==", True)))
            for claim in self.patience.insist(lambda: self.store.find(claims)):
                self.sync_user(claim.fields["uid"])
        if auth_was_away:
            raise Transient("Firebase Auth could not be asked whether the address is verified")
        return changed

    def _order_once(self, order_id: str, deleted_after: Version | None) -> OrderPlan:
        plan, _ = self._read(lambda r, c: plan_order(r, c, order_id, deleted_after))
        self.store.commit(plan.writes)
        return plan

    def _user_once(self, uid: str, deleted_after: Version | None) -> tuple[UserPlan, bool]:
        plan, reading = self._read(lambda r, c: plan_user(r, c, uid, deleted_after))
        self.store.commit(plan.writes)
        return plan, None in reading.proofs.values()

    def _read(self, plan: Callable[[Reading, Context], T]) -> tuple[T, Reading]:
        """Run a plan, fetching what it demands, until it demands nothing more."""
        reading = Reading()
        context = Context(self.settings, self.keys, self.now(), self.new_id)
        while True:
            try:
                return plan(reading, context), reading
            except Need as need:
                if need.paths:
                    reading.snapshots.update(self.store.read(need.paths))
                for query in need.queries:
                    reading.found[query] = self.store.find(query)
                if need.proof:
                    reading.proofs[need.proof] = self._ask(*need.proof)

    def _ask(self, uid: str, address: str) -> bool | None:
        try:
            return self.proof(uid, address)
        except Transient:
            return None

    def _is_known(self, user_key: str) -> bool:
        path = f"{IDENTITIES}/{user_key}"
        data = self.patience.insist(lambda: self.store.read([path]))[path].data
        return data is not None and UserIdentity.from_data(data).known
