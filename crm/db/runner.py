"""Running transactions: read what a plan demands, commit what it returns, again on a collision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Generic, Protocol, TypeVar

from crm.config.settings import Settings
from crm.core.errors import Conflict, Transient
from crm.core.keyring import Keyring, random_id
from crm.db.accounts import NO_ANSWER, Accounts
from crm.db.collections import CUSTOMERS, IDENTITIES, ORDERS
from crm.db.documents import (
    Create,
    Path,
    Snapshot,
    Store,
    Update,
    Version,
    Write,
    moment_of,
    read_one,
)
from crm.db.memory import Memory
from crm.db.retry import RetryPolicy
from crm.db.transaction import SYSTEM, MissingReads, Transaction


class Planned(Protocol):
    """What a plan returns: at least the writes of one atomic commit (`transaction.Plan`)."""

    @property
    def writes(self) -> list[Write]:
        """The writes; none where nothing is to change."""


class Watch(Protocol):
    """Looks at what every commit of a runner is going to write, and has more written with it."""

    def adds(self, tx: Transaction, writes: Sequence[Write]) -> list[Write]:
        """Return what is to be written in the same commit. It reads nothing."""

    def added(self, writes: Sequence[Write]) -> None:
        """Hear that this was committed."""


P = TypeVar("P", bound=Planned)

T = TypeVar("T")


REMEMBERED: Final = frozenset({CUSTOMERS, IDENTITIES, ORDERS})
"""Collections whose documents an instance remembers: those that an order's commit guards."""


@dataclass(frozen=True)
class Hints:
    """What a run may begin with instead of reading it. Nothing of it decides.

    Attributes:
        prefetch: Documents that the plan will probably demand: they are read with the first ones.
        given: Readings of another time, as an event carries them. The plan must know an old one by
            its version.
        supposed: Documents as they are taken to be: relied on only where the commit guards them.
        recall: Whether the first attempt uses what the process remembers, and what the run reads
            and writes is remembered.
    """

    prefetch: tuple[Path, ...] = ()
    given: tuple[Snapshot, ...] = ()
    supposed: tuple[Snapshot, ...] = ()
    recall: bool = False


NO_HINTS: Final = Hints()


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
        memory: What this process remembers of documents; None where it remembers nothing.
        watch: Looks at what is written; None where nobody does.
    """

    store: Store
    settings: Settings
    keys: Keyring
    accounts: Accounts
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    now: Callable[[], datetime] = _now
    new_id: Callable[[], str] = random_id
    actor: str = SYSTEM
    memory: Memory | None = None
    watch: Watch | None = None

    def run(
        self, plan: Callable[[Transaction], P], hints: Hints = NO_HINTS
    ) -> tuple[P, Transaction]:
        """Run a plan and commit its writes, from the reading again on every collision.

        Args:
            plan: The plan.
            hints: What the first attempt may begin with.

        Returns:
            The plan that was committed, and its transaction.

        Raises:
            Conflict, Transient: Not done before the deadline; safe to call again.
        """
        attempts = _Attempts(self, plan, hints)
        return self.retry.call(attempts.next)

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
            tx.guards.clear()
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

    def watched(self, tx: Transaction, writes: Sequence[Write]) -> list[Write]:
        """Return writes that are committed elsewhere, with what the watch has written with them."""
        more = self.watch.adds(tx, writes) if self.watch is not None and writes else []
        return [*writes, *more]

    def read_one(self, path: Path) -> Snapshot:
        """Return one document, read again while the service does not answer.

        Raises:
            Transient: Not answered before the deadline.
        """
        return self.retry.call(lambda: read_one(self.store, path))

    def recalled(self, path: Path) -> Snapshot | None:
        """Return a document as this process remembers it: a hint, and no more."""
        return self.memory.get(path) if self.memory is not None else None

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


@dataclass
class _Attempts(Generic[P]):
    """The attempts of one run.

    Attributes:
        runner: Reads and commits.
        plan: The plan.
        hints: What the next attempt may begin with.
    """

    runner: Runner
    plan: Callable[[Transaction], P]
    hints: Hints

    def __post_init__(self) -> None:
        self._learns = self.hints.recall

    def next(self) -> tuple[P, Transaction]:
        """Plan and commit.

        Raises:
            Conflict, Transient: Not done; the next attempt reads everything anew.
        """
        hints = self.hints
        then = tuple(one.path for one in hints.supposed) + hints.prefetch
        self.hints = Hints(then)
        tx = self._begin(hints)
        watch = self.runner.watch
        planned: P | None = None
        more: list[Write] = []
        try:
            planned = self._settled(tx)
            if watch is not None and planned.writes:
                more = watch.adds(tx, planned.writes)
            versions = self.runner.store.commit([*planned.writes, *more])
        except (Conflict, Transient) as error:
            self._forget(tx.snapshots)
            if self._learns:
                self.hints = Hints(then, self._still_given(hints, planned))
            if isinstance(error, Transient) or not tx.recalled:
                raise
            return self.next()  # at once: what it was planned from was out of date
        self._learn(tx, planned.writes, versions)
        if watch is not None and more:
            watch.added(more)
        return planned, tx

    def _begin(self, hints: Hints) -> Transaction:
        tx = self.runner.begin(hints.given, hints.prefetch)
        if hints.recall:
            supposed = {one.path: one for one in hints.supposed}
            tx.recall = lambda path: self.runner.recalled(path) or supposed.get(path)
        return tx

    def _settled(self, tx: Transaction) -> P:
        """Return the plan when the commit guards everything that was recalled; the rest is read."""
        while True:
            planned = self.runner.evaluate(self.plan, tx)
            unguarded = tx.unguarded(planned.writes)
            if not unguarded:
                return planned
            tx.renew(self.runner.store.read(unguarded).values())

    @staticmethod
    def _still_given(hints: Hints, planned: P | None) -> tuple[Snapshot, ...]:
        """Return the readings that a commit which failed cannot have failed over."""
        if planned is None:
            return ()
        written = {one.path for one in planned.writes}
        return tuple(one for one in hints.given if one.path not in written)

    def _forget(self, paths: Iterable[Path]) -> None:
        if self.runner.memory is not None:
            self.runner.memory.forget(paths)

    def _learn(self, tx: Transaction, writes: Sequence[Write], versions: Sequence[Version]) -> None:
        memory = self.runner.memory
        if memory is None:
            return
        if not self._learns:
            memory.forget(one.path for one in writes)
            return
        of_these = versions[: len(writes)]  # what was added to the plan comes behind it
        left = [_left(tx, one, version) for one, version in zip(writes, of_these, strict=True)]
        memory.forget(one.path for one, then in zip(writes, left, strict=True) if then is None)
        written = {one.path for one in writes}
        read = [one for path, one in tx.snapshots.items() if path not in written and one.exists]
        memory.keep(one for one in (*filter(None, left), *read) if _is_remembered(one.path))


def _is_remembered(path: Path) -> bool:
    collection, _, rest = path.partition("/")
    return collection in REMEMBERED and "/" not in rest


def _left(tx: Transaction, write: Write, version: Version) -> Snapshot | None:
    """Return a document as a write leaves it; None where that is not known."""
    match write:
        case Create(path=path, data=data):
            return Snapshot(path, data, version, moment_of(version))
        case Update(path=path, whole=whole) if whole is not None:
            return Snapshot(path, whole, version, tx.snapshots[path].created)
    return None
