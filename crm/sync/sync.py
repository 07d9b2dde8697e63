"""Bringing CRM-Lite up to the host's documents: `sync_order` and `sync_user`.

Both take a reading of the document, plan, and commit in one atomic write whose preconditions are
everything the plan relied on; on a collision they begin again from the reading. Of two readings the
newer one decides, by the version in the ledger: an event carries one, and whoever has none reads.
So duplicates, disorder, replays, backfill and repair are one code path.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from crm.audit.trail import record
from crm.core.errors import InvalidDocument, Rejected, Transient
from crm.customers.identity import UserIdentity
from crm.customers.ledger import CROWDED
from crm.customers.ledger_query import claims_of, counted_queries
from crm.customers.limits import arranged
from crm.db.accounts import NO_ANSWER
from crm.db.collections import CUSTOMERS, IDENTITIES, MERGES, ORDERS
from crm.db.documents import Clause, Data, Path, Query, Snapshot, Version, Write, document_id
from crm.db.runner import NO_HINTS, Hints, Runner
from crm.db.transaction import Transaction
from crm.host.reader import read_named, read_user
from crm.sync.catalogue import Catalogue
from crm.sync.order_plan import NOT_PROCESSED, TOO_LARGE, OrderPlan, plan_order
from crm.sync.told import Told
from crm.sync.user_plan import UserPlan, plan_user

FEW: Final = 200
"""Orders of a full customer that are read when a free one of theirs finds no room."""


@dataclass(frozen=True)
class Sync:
    """The two calls that everything else goes through.

    Attributes:
        runner: Runs transactions.
        action: What the audit trail calls a user's sync that somebody asked for. None for events
            and repair, which bring nothing but what the host's documents say.
        catalogue: Keeps the catalogue of the host's events.
        hold: Has one wait for others of this process who hold the same key, so that they do not
            collide; by default nobody does.
    """

    runner: Runner
    action: str | None = None
    catalogue: Catalogue = field(default_factory=Catalogue)
    hold: Callable[[str], AbstractContextManager[object]] = nullcontext

    def sync_order(
        self,
        order_id: str,
        deleted_after: Version | None = None,
        told: Told | None = None,
        *,
        refit: Collection[str] | None = None,
    ) -> bool:
        """Bring ledger, identities and customers up to one order.

        Args:
            order_id: The document's id.
            deleted_after: For an event of deletion, the last version that the document had.
            told: What an event says of the order. With it goes what this process remembers: where
                all of it is up to date, one commit is all that is needed. None for whoever wants
                to look at the order as it is now.
            refit: Give room on a full customer to all events of the order but these.

        Returns:
            Whether anything was written.

        Raises:
            Conflict, Transient: Not done before the deadline; safe to call again.
        """
        keys = self._keys_of(order_id, told.fields) if told is not None else ()
        hints = self._hints(order_id, told, keys)
        changed = False
        while True:
            with self._turn(keys):
                plans = self._plan_order(order_id, deleted_after, hints, refit)
            hints = NO_HINTS
            plan, past, wrote = plans[-1], [one.was for one in plans], any(p.writes for p in plans)
            listed = self.catalogue.follow(self.runner, past, plan.now, wrote=wrote)
            changed = changed or bool(plan.writes) or listed
            if refit is None:
                for parts in plan.crowded:
                    if plan.worth or self._has_few(parts):
                        self._fill(parts)
            # The plan found this uid unknown. If its user has come since, that sync may have
            # looked for waiting orders before this one was committed.
            if not plan.awaiting or not self._is_known(plan.awaiting):
                return changed

    def _keys_of(self, order_id: str, data: Data) -> tuple[str, ...]:
        """Return the keys of the identities that an order names, the one that decides first."""
        keys, orders = self.runner.keys, self.runner.settings.orders
        placed = orders.placed(orders.document(order_id), data)
        named = read_named(placed, self.runner.now(), self.runner.settings)
        user = [keys.user(named.user_id)] if named.user_id is not None else []
        address = [keys.address(named.email)] if named.email is not None else []
        return tuple(user + address)

    def _hints(self, order_id: str, told: Told | None, keys: Sequence[str]) -> Hints:
        if told is None:
            return NO_HINTS
        return Hints(
            tuple(f"{IDENTITIES}/{key}" for key in keys),
            told.reading(self.runner.settings.orders.document(order_id)),
            told.supposed(f"{ORDERS}/{order_id}"),
            recall=True,
        )

    def _turn(self, keys: Sequence[str]) -> AbstractContextManager[object]:
        """Return the turn of an order's customer, or of its identity where none is remembered."""
        if not keys:
            return nullcontext()
        seen = self.runner.recalled(f"{IDENTITIES}/{keys[0]}")
        return self.hold((seen and seen.fields.get("customerId")) or keys[0])

    def _plan_order(
        self,
        order_id: str,
        deleted_after: Version | None,
        hints: Hints,
        refit: Collection[str] | None,
    ) -> list[OrderPlan]:
        """Plan and commit; return every attempt, the last one is through."""
        plans: list[OrderPlan] = []

        def planned(tx: Transaction, unfit: InvalidDocument | None = None) -> OrderPlan:
            plans.append(plan_order(tx, order_id, deleted_after, unfit=unfit, refit=refit))
            return plans[-1]

        try:
            self.runner.run(planned, hints)
        except Rejected:
            # No retry can help, and the event would only come again: quarantine, for people.
            self.runner.run(partial(planned, unfit=TOO_LARGE))
        return plans

    def give_room(self, parts: Collection[str]) -> bool:
        """Give the room of a full customer out anew: to orders with money first, then to free ones.

        Args:
            parts: The customer's.

        Returns:
            Whether anything was written.

        Raises:
            Conflict, Transient: Not done before the deadline; safe to call again.
        """
        rows = [row for query in counted_queries(parts) for row in self._find(query)]
        over = {row.id: frozenset(row.fields["overLimit"]) for row in rows}
        wanted = arranged(claims_of(rows))
        losers = [name for name, events in wanted.items() if set(events) - over[name]]
        winners = [name for name, events in wanted.items() if over[name].difference(events)]
        # Those that lose events first: only then is there room.
        done = [self.sync_order(name, refit=wanted[name]) for name in (*losers, *winners)]
        return any(done)

    def _fill(self, parts: tuple[str, ...]) -> None:
        """Give a customer's room out anew where an order waits for it; a rebuild does too."""
        waiting: Clause = ("marks", "array_contains", CROWDED)
        if self._find(Query(ORDERS, (("partId", "in", parts), waiting), limit=1)):
            self.give_room(parts)

    def _has_few(self, parts: tuple[str, ...]) -> bool:
        """Whether a customer has so few orders that they can all be read for a free one."""
        count = self.runner.store.count
        queries = counted_queries(parts)
        return sum(self.runner.retry.call(partial(count, one)) for one in queries) <= FEW

    def give_up_order(self, order_id: str) -> None:
        """Put an order into quarantine whose every attempt ended in an error.

        The sweep goes on trying it, now and then.

        Raises:
            Conflict, Transient: Not done before the deadline.
        """
        self.runner.run(lambda tx: plan_order(tx, order_id, None, unfit=NOT_PROCESSED))

    def sync_user(
        self,
        uid: str,
        deleted_after: Version | None = None,
        told: Told | None = None,
        *,
        shown: str | None = None,
    ) -> bool:
        """Bring identities and customers up to one user, and hand over what waited for it.

        Args:
            uid: The document's id.
            deleted_after: For an event of deletion, the last version that the document had.
            told: What an event says of the user: a hint of what to read at once, and no more.
            shown: An address that the user's own token proves now, whatever the document says.

        Returns:
            Whether anything was written.

        Raises:
            Conflict, Transient: Not done before the deadline; safe to call again. `Transient` also
                where Auth could not be asked: the user is known, or linked, later.
        """
        plan, tx = self.runner.run(
            lambda tx: self._recorded(tx, plan_user(tx, uid, deleted_after, shown)),
            Hints(self._claimed_by(told.fields)) if told is not None else NO_HINTS,
        )
        changed = bool(plan.writes)
        for row in self._find(Query(ORDERS, (("awaiting", "==", self.runner.keys.user(uid)),))):
            changed = self.sync_order(row.id) or changed
        if plan.released:
            for claim in self._find(
                Query(IDENTITIES, (("claimed", "==", plan.released), ("conflict", "==", True)))
            ):
                self.sync_user(claim.fields["uid"])
        if NO_ANSWER in tx.accounts.values():
            raise Transient("Firebase Auth could not be asked whether the address is verified")
        return changed

    def _claimed_by(self, user: Data) -> tuple[Path, ...]:
        """Return the identity of the address that a user claims."""
        email = read_user(user, self.runner.settings).email
        return (f"{IDENTITIES}/{self.runner.keys.address(email)}",) if email is not None else ()

    def _recorded(self, tx: Transaction, plan: UserPlan) -> UserPlan:
        """Add the audit entry of a sync that was asked for, where it changes a customer."""
        customers = _ids(plan.writes, CUSTOMERS)
        if self.action is None or not customers:
            return plan
        merge_id = next(iter(_ids(plan.writes, MERGES)), None)
        entry = record(tx, self.action, customers, mergeId=merge_id)
        return replace(plan, writes=[*plan.writes, *entry])

    def _find(self, query: Query) -> list[Snapshot]:
        return self.runner.retry.call(lambda: self.runner.store.find(query))

    def _is_known(self, user_key: str) -> bool:
        data = self.runner.read_one(f"{IDENTITIES}/{user_key}").data
        return data is not None and UserIdentity.from_data(data).known


def _ids(writes: Sequence[Write], collection: str) -> list[str]:
    return [document_id(write.path) for write in writes if write.path.startswith(f"{collection}/")]
