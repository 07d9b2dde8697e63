"""Transactions: a pure function decides, what it relied on is verified by the commit.

A plan is a function that is given a `Transaction`, asks it for documents as it goes, and returns
the writes of one atomic commit. A document that was not read yet is demanded by `MissingReads`; the
runner (`runner.Runner`) fetches everything demanded in one round trip and starts the plan again. So
a plan is an ordinary function without input or output, and its round trips are as few as the
dependencies between its documents.

No lock is taken: each write carries the version that was read as its precondition, and a commit
that collides is planned again from the reading (optimistic concurrency control).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from crm.config.settings import Settings
from crm.core.keyring import Keyring
from crm.db.accounts import Account
from crm.db.documents import Create, Path, Query, Snapshot, Update, Write

T = TypeVar("T")

SYSTEM = "system"
"""The actor of triggers, tasks and the sweep."""

OPERATOR = "operator"
"""The actor of `python -m crm`."""


@dataclass(eq=False)
class MissingReads(Exception):
    """What a plan cannot go on without: raised to be fetched, then the plan starts again.

    Attributes:
        paths: Documents.
        queries: Queries, to be run after everything that was read so far.
        account: A uid, to ask Firebase Auth about.
        absent: Documents of which it must be known that none was there at one moment.
    """

    paths: tuple[Path, ...] = ()
    queries: tuple[Query, ...] = ()
    account: str | None = None
    absent: tuple[Path, ...] = ()


def _nothing(_path: Path) -> None:
    return None


@dataclass
class Transaction:
    """One attempt of a plan: what it works with, and its read set.

    Attributes:
        settings: `crm.toml`.
        keys: The installation's keyring.
        now: The time of planning (UTC).
        new_id: Makes a random id.
        actor: Who asks for the change: a caller's identity key (never the uid itself, which is
            personal data), `SYSTEM` or `OPERATOR`.
        snapshots: Documents that were read.
        found: Queries and their results.
        accounts: What Firebase Auth said of uids.
        absences: Whether documents were all missing at one moment.
        memo: Results of `memoise`.
        prefetch: Documents to read with the first ones that are missing, for a plan that will
            probably ask for them. What it does not ask for, it does not rely on.
        recall: Gives a document as it is remembered, or supposed to be; None where it must be read.
        recalled: Documents that the plan was given so. They can be out of date, so the commit must
            guard each of them (see `unguarded`).
        guards: What guards a document that is not written itself (see `guard`).
    """

    settings: Settings
    keys: Keyring
    now: datetime
    new_id: Callable[[], str]
    actor: str = SYSTEM
    snapshots: dict[Path, Snapshot] = field(default_factory=dict)
    found: dict[Query, list[Snapshot]] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    absences: dict[tuple[Path, ...], bool] = field(default_factory=dict)
    memo: dict[Path, Any] = field(default_factory=dict)
    prefetch: tuple[Path, ...] = ()
    recall: Callable[[Path], Snapshot | None] = _nothing
    recalled: set[Path] = field(default_factory=set)
    guards: dict[Path, Path] = field(default_factory=dict)

    def memoise(self, path: Path, work: Callable[[], T]) -> T:
        """Do work that depends on one document alone once, however often the plan starts again."""
        if path not in self.memo:
            self.memo[path] = work()
        result: T = self.memo[path]
        return result

    def documents(self, paths: Iterable[Path]) -> list[Snapshot]:
        """Return documents, in the order of their paths; the missing ones are demanded together.

        Raises:
            MissingReads: Some were not read yet.
        """
        wanted = list(dict.fromkeys(paths))
        missing = tuple(path for path in wanted if not self._is_known(path))
        if missing:
            more, self.prefetch = self.prefetch, ()
            also = (p for p in more if p not in self.snapshots and self.recall(p) is None)
            raise MissingReads(paths=tuple(dict.fromkeys((*missing, *also))))
        return [self.snapshots[path] for path in wanted]

    def _is_known(self, path: Path) -> bool:
        if path not in self.snapshots:
            remembered = self.recall(path)
            if remembered is None:
                return False
            self.snapshots[path] = remembered
            self.recalled.add(path)
        return True

    def guard(self, path: Path, by: Path) -> None:
        """Say that what a plan relies on of a document cannot change without another changing too.

        Args:
            path: The document.
            by: The other one. The guard holds where the plan writes that under its precondition.
        """
        self.guards[path] = by

    def unguarded(self, writes: Sequence[Write]) -> list[Path]:
        """Return the recalled documents of which a commit would not notice that they have changed.

        Args:
            writes: What the plan came to. Where there is none, nothing is guarded.
        """
        held = {
            one.path
            for one in writes
            if isinstance(one, Create | Update) or getattr(one, "version", None) is not None
        }
        return sorted(p for p in self.recalled if p not in held and self.guards.get(p) not in held)

    def renew(self, snapshots: Iterable[Snapshot]) -> None:
        """Put readings of now in the place of what was recalled."""
        for one in snapshots:
            self.snapshots[one.path] = one
            self.recalled.discard(one.path)
            self.memo.pop(one.path, None)

    def document(self, path: Path) -> Snapshot:
        """Return one document; raises as `documents`."""
        return self.documents([path])[0]

    def find(self, query: Query) -> list[Snapshot]:
        """Return what a query finds.

        Raises:
            MissingReads: It was not run yet.
        """
        if query not in self.found:
            raise MissingReads(queries=(query,))
        return self.found[query]

    def absent(self, paths: Iterable[Path]) -> bool:
        """Return whether all these documents were missing at the moment of the first such question.

        What was read of them one by one cannot tell: one may have come while another went.

        Raises:
            MissingReads: It was not asked yet.
        """
        wanted = tuple(paths)
        if wanted not in self.absences:
            raise MissingReads(absent=wanted)
        return self.absences[wanted]

    def account(self, uid: str) -> Account:
        """Return what Firebase Auth says of a uid; `NO_ANSWER` where it is silent.

        Raises:
            MissingReads: It was not asked yet.
        """
        if uid not in self.accounts:
            raise MissingReads(account=uid)
        return self.accounts[uid]


@dataclass(frozen=True)
class Plan(Generic[T]):
    """What a plan comes to, where one value is all there is to tell beside its writes.

    Attributes:
        writes: What to commit, atomically; none where nothing is to change.
        result: What to tell who asked; None where there is nothing to tell.
    """

    writes: list[Write]
    result: T
