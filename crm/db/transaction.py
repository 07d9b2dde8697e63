"""Plans: pure functions from what was read to what shall be written.

A plan asks a `Reading` for documents as it goes. What is not there yet it demands by `Need`; the
runner (`sync.Runner`) fetches everything demanded in one round trip and starts the plan again. So
a plan is an ordinary function without input or output, and its round trips are as few as the
dependencies between its documents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from crm.config.settings import Settings
from crm.core.keyring import Keyring
from crm.db.accounts import AuthSays
from crm.db.documents import Path, Query, Snapshot, Write

T = TypeVar("T")


SYSTEM = "system"
"""The actor of triggers, tasks and the sweep."""


OPERATOR = "operator"
"""The actor of `python -m crm`."""


@dataclass(eq=False)
class Need(Exception):
    """What a plan cannot go on without.

    Attributes:
        paths: Documents.
        queries: Queries, to be run after everything that was read so far.
        proof: A uid and an address, to ask Firebase Auth whether it is the uid's own.
        absent: Documents of which it must be known that none was there at one moment.
    """

    paths: tuple[Path, ...] = ()
    queries: tuple[Query, ...] = ()
    proof: tuple[str, str] | None = None
    absent: tuple[Path, ...] = ()


@dataclass
class Reading:
    """What a plan has read so far.

    Attributes:
        ahead: Documents to read with the first ones that are missing, for a plan that will probably
            ask for them. What it does not ask for, it does not rely on.
    """

    snapshots: dict[Path, Snapshot] = field(default_factory=dict)
    found: dict[Query, list[Snapshot]] = field(default_factory=dict)
    proofs: dict[tuple[str, str], AuthSays] = field(default_factory=dict)
    absences: dict[tuple[Path, ...], bool] = field(default_factory=dict)
    worked_out: dict[Path, Any] = field(default_factory=dict)
    ahead: tuple[Path, ...] = ()

    def once(self, path: Path, work: Callable[[], T]) -> T:
        """Do work that depends on one document alone once, however often the plan starts again."""
        if path not in self.worked_out:
            self.worked_out[path] = work()
        result: T = self.worked_out[path]
        return result

    def documents(self, paths: Iterable[Path]) -> list[Snapshot]:
        """Give documents; demands the missing ones all at once."""
        wanted = list(dict.fromkeys(paths))
        missing = tuple(path for path in wanted if path not in self.snapshots)
        if missing:
            more = () if self.snapshots else self.ahead
            raise Need(paths=tuple(dict.fromkeys((*missing, *more))))
        return [self.snapshots[path] for path in wanted]

    def document(self, path: Path) -> Snapshot:
        """Give one document."""
        return self.documents([path])[0]

    def find(self, query: Query) -> list[Snapshot]:
        """Give the answer of a query."""
        if query not in self.found:
            raise Need(queries=(query,))
        return self.found[query]

    def absent(self, paths: Iterable[Path]) -> bool:
        """Say whether none of these documents was there at one moment, when it is asked for first.

        What was read of them one by one cannot tell: one may have come while another went.
        """
        wanted = tuple(paths)
        if wanted not in self.absences:
            raise Need(absent=wanted)
        return self.absences[wanted]

    def auth_says(self, uid: str, address: str) -> AuthSays:
        """Give what Firebase Auth says of an address being the uid's own."""
        if (uid, address) not in self.proofs:
            raise Need(proof=(uid, address))
        return self.proofs[uid, address]


@dataclass(frozen=True)
class Context:
    """What every plan is given besides its reading.

    Attributes:
        settings: `crm.toml`.
        keys: The installation's keyring.
        now: The time of planning (UTC).
        new_id: Makes a random id.
        actor: Who asks for the change: a caller's identity key (never the uid itself, which is
            personal data), `SYSTEM` or `OPERATOR`.
    """

    settings: Settings
    keys: Keyring
    now: datetime
    new_id: Callable[[], str]
    actor: str = SYSTEM


@dataclass(frozen=True)
class RepairPlan:
    """What to commit, atomically; nothing where nothing is wrong."""

    writes: list[Write]
