"""Running transactions: read what a plan demands, commit what it returns, again on a collision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from crm.config.settings import Settings
from crm.core.errors import Transient
from crm.core.keyring import Keyring, random_id
from crm.db.accounts import NO_ANSWER, Accounts
from crm.db.documents import Path, Snapshot, Store, Write, read_one
from crm.db.retry import RetryPolicy
from crm.db.transaction import SYSTEM, MissingReads, Transaction


class Planned(Protocol):
    """What a plan returns: at least the writes of one atomic commit (`transaction.Plan`)."""

    @property
    def writes(self) -> list[Write]:
        """The writes; none where nothing is to change."""


P = TypeVar("P", bound=Planned)

T = TypeVar("T")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Runner:
    """Runs transactions against a database.

    Attributes:
        store: The database.
        settings: `crm.toml`.
        keys: The installation's keyring.
        accounts: Firebase Auth.
        retry: How long to try.
        now: The clock (UTC).
        new_id: Makes a random id.
        actor: In whose name (see `transaction.Transaction`).
    """

    store: Store
    settings: Settings
    keys: Keyring
    accounts: Accounts
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    now: Callable[[], datetime] = _now
    new_id: Callable[[], str] = random_id
    actor: str = SYSTEM

    def run(
        self, plan: Callable[[Transaction], P], prefetch: Sequence[Path] = ()
    ) -> tuple[P, Transaction]:
        """Run a plan and commit its writes, from the reading again on every collision.

        Args:
            plan: The plan.
            prefetch: Documents that it will probably demand: they are read with the first ones.

        Returns:
            The plan that was committed, and its transaction.

        Raises:
            Conflict, Transient: Not done before the deadline; safe to call again.
        """
        return self.retry.call(lambda: self._once(plan, prefetch))

    def evaluate(self, plan: Callable[[Transaction], T], tx: Transaction | None = None) -> T:
        """Run a plan that only reads, or without committing its writes.

        Args:
            plan: The plan.
            tx: The transaction, for one that was begun already; what the plan demands is added.

        Raises:
            Conflict, Transient: Not worked out; safe to call again.
        """
        tx = tx or self.begin()
        while True:
            try:
                return plan(tx)
            except MissingReads as missing:
                self._fetch(tx, missing)

    def begin(self, known: Iterable[Snapshot] = (), prefetch: Sequence[Path] = ()) -> Transaction:
        """Begin a transaction.

        Args:
            known: Documents that were read already.
            prefetch: As for `run`.
        """
        return Transaction(
            self.settings,
            self.keys,
            self.now(),
            self.new_id,
            self.actor,
            snapshots={snapshot.path: snapshot for snapshot in known},
            prefetch=tuple(prefetch),
        )

    def read_one(self, path: Path) -> Snapshot:
        """Return one document, read again while the service does not answer.

        Raises:
            Transient: Not answered before the deadline.
        """
        return self.retry.call(lambda: read_one(self.store, path))

    def _once(
        self, plan: Callable[[Transaction], P], prefetch: Sequence[Path]
    ) -> tuple[P, Transaction]:
        tx = self.begin(prefetch=prefetch)
        planned = self.evaluate(plan, tx)
        self.store.commit(planned.writes)
        return planned, tx

    def _fetch(self, tx: Transaction, missing: MissingReads) -> None:
        if missing.paths:
            tx.snapshots.update(self.store.read(missing.paths))
        for query in missing.queries:
            tx.found[query] = self.store.find(query)
        if missing.absent:
            found = self.store.at().read(missing.absent).values()
            tx.absences[missing.absent] = not any(snapshot.exists for snapshot in found)
        if missing.account is not None:
            try:
                tx.accounts[missing.account] = self.accounts.find(missing.account)
            except Transient:
                tx.accounts[missing.account] = NO_ANSWER
