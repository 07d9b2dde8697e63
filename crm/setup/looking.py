"""Facts of an installation that its own database and Firebase Auth tell. Nothing is judged here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from crm.config.paths import name_in
from crm.core.errors import ConfigError, Transient
from crm.core.roles import Role
from crm.db.accounts import StaffAccount, StaffAccounts
from crm.db.collections import ERASURES, INSTALLATION, JOBS, ORDERS, OUTBOX, QUARANTINE
from crm.db.documents import BY_ID, Query, Snapshot, Store, moment_of, read_one
from crm.db.retry import RetryPolicy, interactive
from crm.db.runner import Runner
from crm.jobs.housekeeping import stale
from crm.setup.check import Silent

SAMPLE: Final = 20
"""Orders of the host that are looked at."""

MOST: Final = 10_000
"""Documents that are counted: ten reads."""

SOON: Final = timedelta(minutes=30)
"""After it a change that was not seen is not seen by itself: a sweep has been over meanwhile."""

PROMPT: Final = timedelta(minutes=5)
"""After it a new order has arrived where functions fire: an event takes seconds."""

SOME: Final = 100
"""Jobs and erasures that are looked at."""

LATELY: Final = timedelta(days=7)
"""For so long a job that failed is worth a word."""


@dataclass(frozen=True)
class Source:
    """Where facts are looked up.

    Attributes:
        store: The database.
        orders: The host's collection of orders.
        retry: How long to try.
        now: The clock (UTC).
    """

    store: Store
    orders: str
    retry: RetryPolicy
    now: Callable[[], datetime]

    @classmethod
    def of(cls, runner: Runner) -> Source:
        """Return what a runner has of it, for somebody who waits."""
        return cls(runner.store, runner.settings.orders.path, interactive(runner.retry), runner.now)

    def find(self, query: Query) -> list[Snapshot]:
        """Run a query."""
        return self.retry.call(lambda: self.store.find(query))

    def count(self, query: Query) -> int:
        """Count what a query would find."""
        return self.retry.call(lambda: self.store.count(query))


@dataclass(frozen=True)
class Arrivals:
    """How far orders of the host are known.

    Attributes:
        path: The collection that was looked at.
        there: Orders that were looked at.
        unknown: Of these, not known though they have been there for `SOON`.
        behind: Known, but not as they have been for `SOON`.
        arrived: Known, however they are by now.
        late: Of the newest, not known or not as they are though they were written `PROMPT` ago,
            and after the installation began to work.
    """

    path: str
    there: int = 0
    unknown: int = 0
    behind: int = 0
    arrived: int = 0
    late: int = 0


def arrivals(source: Source, newest: Sequence[Snapshot] = ()) -> Arrivals:
    """Look at some of the host's orders: whether they are known, and as they are now.

    Args:
        source: Where to look.
        newest: The orders that were created last, where a field tells.

    Raises:
        Conflict, Transient: Not read before the deadline.
    """
    path = source.orders
    some = source.find(Query(path, order=BY_ID, limit=SAMPLE, keys_only=True))
    pairs = _with_rows(source, some)
    soon = source.now() - SOON
    old = [pair for pair in pairs if moment_of(pair[0].version) < soon]
    return Arrivals(
        path,
        len(pairs),
        sum(not row.exists for _, row in old),
        sum(row.exists and _version(row) < one.version for one, row in old),
        sum(row.exists for _, row in pairs),
        _late(source, newest) if newest else 0,
    )


def _late(source: Source, newest: Sequence[Snapshot]) -> int:
    """Count the newest orders that should have arrived, and have not."""
    begun = source.retry.call(lambda: read_one(source.store, f"{INSTALLATION}/key")).fields.get(
        "at"
    )
    prompt = source.now() - PROMPT
    pairs = _with_rows(source, newest)
    known = [moment_of(one.version) for one, row in pairs if _version(row) >= one.version]
    # From the first order that arrived by itself or the first sweep on, functions are there.
    since = begun if isinstance(begun, datetime) else min(known, default=None)
    if since is None:
        return 0
    return sum(
        _version(row) < one.version and since < moment_of(one.version) < prompt
        for one, row in pairs
    )


def _with_rows(source: Source, orders: Sequence[Snapshot]) -> list[tuple[Snapshot, Snapshot]]:
    """Return orders with what is known of each."""
    names = {one.path: name_in(source.orders, one.path) for one in orders}
    rows = [f"{ORDERS}/{name}" for name in names.values() if name is not None]
    known = source.retry.call(lambda: source.store.read(rows)) if rows else {}
    there = [one for one in orders if names[one.path] is not None]
    return [(one, known[f"{ORDERS}/{names[one.path]}"]) for one in there]


def _version(row: Snapshot) -> int:
    version = row.fields.get("version")
    return version if isinstance(version, int) else -1


@dataclass(frozen=True)
class Quarantined:
    """How many documents could not be read.

    Attributes:
        rows: Orders that are known, at most `MOST`.
        odd: Documents in quarantine, at most `MOST`.
        reasons: Of `SOME` of these, why.
    """

    rows: int = 0
    odd: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


def quarantined(source: Source, *, why: bool = False) -> Quarantined:
    """Count what could not be read.

    Args:
        source: Where to look.
        why: Whether to look at the reasons, too.

    Raises:
        Conflict, Transient: Not read before the deadline.
    """
    rows = source.count(Query(ORDERS, limit=MOST))
    odd = source.count(Query(QUARANTINE, limit=MOST))
    some = source.find(Query(QUARANTINE, order=BY_ID, limit=SOME)) if why and odd else []
    return Quarantined(rows, odd, Counter(str(one.fields.get("reason")) for one in some))


@dataclass(frozen=True)
class Staffed:
    """Who has a role.

    Attributes:
        admins: Who may do everything, now.
        idle: Who has a role that does not count: the address is not verified, or disabled.
        all_seen: Whether all accounts were looked at.
    """

    admins: int
    idle: int
    all_seen: bool = True


def staffed(accounts: StaffAccounts, retry: RetryPolicy, pages: int = 1) -> Staffed | Silent:
    """Look through accounts for roles.

    Args:
        accounts: Firebase Auth.
        retry: How long to try.
        pages: Pages of 1,000 accounts that are looked at, at most.
    """
    found: list[StaffAccount] = []
    token: str | None = None
    try:
        for _ in range(pages):
            some, token = retry.call(partial(accounts.page, token))
            found += some
            if token is None:
                break
    except (ConfigError, Transient) as error:
        return Silent(str(error))
    admins = sum(one.acts is Role.ADMIN for one in found)
    return Staffed(admins, sum(not one.verified for one in found), token is None)


@dataclass(frozen=True)
class Work:
    """What of long work does not get on.

    Attributes:
        stopped: Jobs and slices that lost their worker.
        failed: Errors of jobs that failed lately, but for those that somebody cancelled.
        waiting_since: Since when the oldest of `SOME` rows of the outbox waits; None for none.
        unfinished: Ids of erasures that should be done by now.
    """

    stopped: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    waiting_since: datetime | None = None
    unfinished: tuple[str, ...] = ()


def work(source: Source) -> Work:
    """Look at jobs, the outbox and erasures.

    Raises:
        Conflict, Transient: Not read before the deadline.
    """
    now = source.now()
    stopped = source.retry.call(lambda: stale(source.store, now))
    over = source.find(Query(JOBS, (("state", "==", "failed"),), limit=SOME))
    errors = (
        str(one.fields.get("error"))
        for one in over
        if _is_after(one.fields.get("updatedAt"), now - LATELY)
    )
    waiting = source.find(Query(OUTBOX, order=BY_ID, limit=SOME))
    moments = [at for one in waiting if isinstance(at := one.fields.get("at"), datetime)]
    running = source.find(Query(ERASURES, (("state", "==", "running"),), limit=SOME))
    return Work(
        len(stopped),
        Counter(one for one in errors if one != "cancelled"),
        min(moments, default=None),
        tuple(one.id for one in running if not _is_after(one.fields.get("at"), now - SOON)),
    )


def _is_after(moment: object, bound: datetime) -> bool:
    return isinstance(moment, datetime) and moment > bound
