"""The steps of an erasure: a job that dies anywhere and goes on where it was.

Since the first commit (`plan`) the sync of an order knows what an erased person's order is
and redacts it. So all that is to be done about orders is to look at every one of them again.

Whoever asked takes the steps, one after the other. What is left when the time is over is for
workers, and the orders are cut into slices then.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from crm.core.errors import Conflict, Refusal, Transient, described
from crm.core.roles import Role
from crm.db.collections import (
    AUDIENCES,
    CONSENTS,
    ERASURES,
    IDENTITIES,
    IMPORTED,
    MAILS,
    MERGES,
    NOTES,
    ORDERS,
    RULE_RUNS,
    SWEEP,
)
from crm.db.diff import difference
from crm.db.documents import BY_ID, Delete, Query, Snapshot, Update, Write
from crm.db.ranges import Range, in_range
from crm.db.runner import Runner
from crm.host import reader as host
from crm.jobs.cutting import ALL, cut
from crm.jobs.fan_out import pieces
from crm.jobs.job import Cut, Job, Kind, Kinds, Phase, Progress
from crm.jobs.slices import Slice
from crm.privacy.erasure.lists import without_keys
from crm.privacy.erasure.plan import KIND
from crm.privacy.erasure.reason import WITHHELD, holds_number, may_hold_number, names
from crm.privacy.erasure.record import Erasure
from crm.privacy.many import find_page, named, some
from crm.sync.sync import Sync

log = logging.getLogger(__name__)

PAGE: Final = 100
"""Documents of one step."""

OF_ORDERS: Final = 3
"""Searches that find orders: they come first."""

THREADS: Final = 8

ON_THE_WAY: Final = timedelta(minutes=5)
"""For how long a worker that has read a person can still write a record of the mail: its claim ends
before (`crm.campaigns.turns`)."""

CLOCKS: Final = timedelta(minutes=1)
"""How far the clocks of workers may differ, and how long a commit may take."""

LOOK_AGAIN: Final = timedelta(seconds=15)
"""How long an erasure waits for mails that are on their way before it looks again."""


@dataclass(frozen=True)
class _Search:
    """Documents that the steps look at, a page at a time, and what they do to each page.

    Attributes:
        queries: Which ones: what any of these finds.
        handle: Gives writes to commit with the progress.
    """

    queries: Sequence[Query]
    handle: Callable[[Runner, Erasure, Sequence[Snapshot]], list[Write]]

    def page(self, runner: Runner, ids: Range, after: str | None) -> list[Snapshot]:
        """Return the next documents within a range of ids, behind the last one that was handled."""
        bounds = in_range(BY_ID[0], ids)
        within = [replace(one, where=(*one.where, *bounds)) for one in self.queries]
        return find_page(runner.store, within, PAGE, after)


def step(runner: Runner, job: Job) -> Progress:
    """Take one step of an erasure; every step may be taken again.

    Its cursor says which of the searches to go on with, counted from 1, and behind which id. Number
    0 is that of the accounts.

    Raises:
        Refusal: `orders-left`: some orders could not be redacted; the log names them.
        Conflict, Transient: Not now.
    """
    return _step(runner, job, job.cursor or (0, None))


def _step(runner: Runner, job: Job, cursor: Sequence[Any]) -> Progress:
    erasure, snapshot = _record(runner, job)
    if erasure.state == "done":
        return Progress(finished=True)
    number, after = cursor
    if number == 0:
        return _delete_accounts(runner, erasure, snapshot)
    searches = _searches(erasure)
    while number <= len(searches) and searches[number - 1] is None:
        number, after = number + 1, None
    if number > len(searches):
        return _finish(runner, erasure, snapshot)
    search = searches[number - 1]
    assert search is not None
    progress = _look_at_page(runner, erasure, snapshot, search, (None, None), after)
    if progress.finished:
        return replace(progress, cursor=[number + 1, None], finished=False)
    return replace(progress, cursor=[number, progress.cursor])


def _record(runner: Runner, job: Job) -> tuple[Erasure, Snapshot]:
    snapshot = runner.read_one(f"{ERASURES}/{job.arguments['erasureId']}")
    return Erasure.from_data(snapshot.id, snapshot.fields), snapshot


def _delete_accounts(runner: Runner, erasure: Erasure, snapshot: Snapshot) -> Progress:
    for uid in erasure.uids:
        runner.accounts.delete(uid)
    # Nothing else names them; what is kept holds keys alone.
    write = Update(snapshot.path, {"uids": []}, snapshot.version)
    return Progress([1, None], writes=[write, *_uncut(runner, erasure.uids)])


def _look_at_page(
    runner: Runner,
    erasure: Erasure,
    snapshot: Snapshot,
    search: _Search,
    ids: Range,
    after: str | None,
) -> Progress:
    """Handle the next page of a search in a range of ids; the cursor is the page's last id."""
    if search.handle is _blank_mails and _is_on_the_way(runner, erasure):
        return Progress(after, not_before=runner.now() + LOOK_AGAIN)
    page = search.page(runner, ids, after)
    if search.handle is _look_again and _named_by(runner, erasure.reason, page):
        # Before these orders forget what the person was called. Another slice may have been faster:
        # then this one collides, and finds the reason withheld.
        runner.store.commit([Update(snapshot.path, {"reason": WITHHELD}, snapshot.version)])
    writes = search.handle(runner, erasure, page)
    done = len(page) if search.handle is _look_again else 0
    if len(page) < PAGE:
        return Progress(done=done, writes=writes, finished=True)
    return Progress(page[-1].id, done=done, writes=writes)


def _named_by(runner: Runner, reason: str, page: Sequence[Snapshot]) -> bool:
    """Return whether a reason names the buyer of one of these orders."""
    if reason == WITHHELD:
        return False
    if names(reason, [row.fields["name"] for row in page if row.fields["name"]]):
        return True
    # What the rows do not know: telephone numbers, and the names of unreadable orders.
    numbers = may_hold_number(reason)
    ids = [row.id for row in page if numbers or row.fields["quarantined"]]
    orders = runner.store.read(map(runner.settings.orders.document, ids)) if ids else {}
    contacts = [host.read_contact(one.fields, runner.settings) for one in orders.values()]
    return names(reason, [name for name, _ in contacts if name]) or holds_number(
        reason, [phone for _, phone in contacts if phone]
    )


def _uncut(runner: Runner, uids: Sequence[str]) -> list[Write]:
    """Take uids out of the cuts that a sweep made between users."""
    kept = runner.read_one(f"{SWEEP}/{IDENTITIES}")
    ids = [uid for uid in kept.fields.get("ids", ()) if uid not in uids]
    if ids == kept.fields.get("ids", []):
        return []
    return [Update(kept.path, {"ids": ids}, kept.version)]


def _searches(erasure: Erasure) -> list[_Search | None]:
    """Return everything that is found by the keys and ids of a record (see `privacy.registry`).

    The first `OF_ORDERS` are of orders, None where a record has nothing to find them by.
    """
    addresses, uids = (tuple(one for one in erasure.keys if one.startswith(k)) for k in "eu")
    rows = [Query(IMPORTED, (("keys", "array_contains_any", one),)) for one in some(erasure.keys)]
    return [
        _orders("partId", erasure.parts),
        _orders("addressKey", addresses),
        _orders("userKey", uids),
        _Search(named(CONSENTS, "identity", erasure.keys), _forget_consent),
        _Search(named(MERGES, "sourceId", erasure.customers), _clear_merges),
        _Search(named(MERGES, "targetId", erasure.customers), _clear_merges),
        _Search(named(RULE_RUNS, "identity", erasure.keys), _blank_runs),
        _Search(rows, _forget_rows),
        # Late, so that little is left of the time for which this waits.
        _Search(named(MAILS, "identity", erasure.keys), _blank_mails),
        _Search(named(NOTES, "partId", erasure.parts), _forget),
    ]


def _orders(field: str, values: Sequence[str]) -> _Search | None:
    return _Search(named(ORDERS, field, values), _look_again) if values else None


def _look_again(runner: Runner, _erasure: Erasure, page: Sequence[Snapshot]) -> list[Write]:
    """Sync each order: its plan knows what has become of it."""
    sync = Sync(runner)

    def one(order_id: str) -> None:
        try:
            sync.sync_order(order_id)
        except (Conflict, Transient):
            raise
        except Exception as error:
            # The others first; the last step finds that this one is left.
            log.error("order %s: %s", order_id, described(error))

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(one, row.id) for row in page]:
            done.result()
    return []


def _forget_consent(_runner: Runner, erasure: Erasure, page: Sequence[Snapshot]) -> list[Write]:
    """Delete records of consent, with their evidence; that news are unwanted stays known."""
    # By the decision's time or by the database's, the earlier: an order's clock can run ahead.
    return [
        Delete(one.path)
        for one in page
        if min(one.fields["at"], one.created or one.fields["at"]) <= erasure.at
    ]


def _forget_rows(_runner: Runner, erasure: Erasure, page: Sequence[Snapshot]) -> list[Write]:
    """Take the person out of lists that are taken in, and of what undoes that."""
    return [
        Update(one.path, difference(one.fields, left), one.version)
        for one in page
        if (left := without_keys(one.fields, erasure.keys)) != one.fields
    ]


def _forget(_runner: Runner, _erasure: Erasure, page: Sequence[Snapshot]) -> list[Write]:
    """Delete documents that are about the person alone, whenever they were written."""
    return [Delete(one.path) for one in page]


def _clear_merges(_runner: Runner, erasure: Erasure, page: Sequence[Snapshot]) -> list[Write]:
    """Take the person's tags out of records of merges; ids and dates stay, for the audit trail."""
    writes: list[Write] = []
    for one in page:
        changes = {
            side: {**one.fields[side], "tags": []}
            for side, key in (("source", "sourceId"), ("target", "targetId"))
            if one.fields[key] in erasure.customers and one.fields[side]["tags"]
        }
        if changes:
            writes.append(Update(one.path, changes, one.version))
    return writes


def _blank_mails(_runner: Runner, erasure: Erasure, page: Sequence[Snapshot]) -> list[Write]:
    """Take out of records of mails whom they are about; what is left keeps a campaign's sums."""
    gone = dict.fromkeys(("customerId", "identity", "address", "providerId"))
    return [
        Update(one.path, {**gone, "erased": erasure.id}, one.version)
        for one in page
        if (one.created and one.created <= erasure.at)
        or one.fields["customerId"] in erasure.customers
    ]


def _blank_runs(_runner: Runner, erasure: Erasure, page: Sequence[Snapshot]) -> list[Write]:
    """Take out of records of rules whom they are about; what is left keeps a rule's numbers."""
    gone = dict.fromkeys(("customerId", "identity"))
    return [
        Update(one.path, {**gone, "erased": erasure.id}, one.version)
        for one in page
        if (one.created and one.created <= erasure.at)
        or one.fields["customerId"] in erasure.customers
    ]


def _is_on_the_way(runner: Runner, erasure: Erasure) -> bool:
    """Return whether a worker may have read the person before, and write the mail's record yet."""
    if runner.now() >= erasure.at + ON_THE_WAY:
        return False
    claimed = Query(AUDIENCES, (("leaseUntil", ">=", erasure.at - CLOCKS),), limit=1)
    return runner.store.count(claimed) > 0


def _finish(runner: Runner, erasure: Erasure, snapshot: Snapshot) -> Progress:
    if any(runner.store.count(one) for one in named(ORDERS, "partId", erasure.parts)):
        raise Refusal("failed-precondition", "orders-left", "Some orders could not be redacted.")
    counts = {"orders": runner.store.count(Query(ORDERS, (("erased", "==", erasure.id),)))}
    mails = runner.store.count(Query(MAILS, (("erased", "==", erasure.id),)))
    if mails:
        counts["mails"] = mails
    done: Mapping[str, Any] = erasure.done(counts).to_data()
    return Progress(
        finished=True, counts=counts, writes=[Update(snapshot.path, done, snapshot.version)]
    )


# --- Many orders: several workers at once --------------------------------------------------------


@dataclass(frozen=True)
class _Orders:
    """A phase that looks at the orders of one search, in slices.

    Attributes:
        number: Which search.
    """

    number: int

    def cut(self, runner: Runner, job: Job) -> Cut:
        """Cut what is left: the orders that a step before has redacted are found no more."""
        taken = (job.cursor or (0, None))[0]
        search = None if taken > self.number else self._search(_record(runner, job)[0])
        if search is None:
            return Cut(())
        total = sum(runner.store.count(one) for one in search.queries)
        if len(search.queries) > 1:
            return Cut([ALL] if total else ())
        query = search.queries[0]
        return Cut(cut(runner, query, total, pieces(runner, total, PAGE)) if total else ())

    def step(self, runner: Runner, job: Job, part: Slice) -> Progress:
        """Take one step of a slice; its cursor is the last id that it has handled."""
        erasure, snapshot = _record(runner, job)
        search = self._search(erasure)
        if erasure.state == "done" or search is None:
            return Progress(finished=True)
        return _look_at_page(runner, erasure, snapshot, search, part.bounds, part.cursor)

    def _search(self, erasure: Erasure) -> _Search | None:
        return _searches(erasure)[self.number - 1]


@dataclass(frozen=True)
class _Steps:
    """A phase of steps that one worker takes.

    Attributes:
        first: The number of the search, or 0 for the accounts, with which it begins.
        last: The number before which it ends; None where it goes on to the end.
    """

    first: int
    last: int | None = None

    def cut(self, _runner: Runner, job: Job) -> Cut:
        """Make one slice, unless all of it was done by a call."""
        return Cut(() if self.last is not None and self._begin(job)[0] >= self.last else [ALL])

    def step(self, runner: Runner, job: Job, part: Slice) -> Progress:
        """Take one step of the slice."""
        done = _step(runner, job, part.cursor or self._begin(job))
        return replace(done, finished=True) if done.cursor and done.cursor[0] == self.last else done

    def _begin(self, job: Job) -> Sequence[Any]:
        taken: Sequence[Any] = job.cursor or (0, None)
        return taken if taken[0] >= self.first else (self.first, None)


_PHASES: Final[Sequence[_Steps | _Orders]] = (
    _Steps(0, 1),
    *map(_Orders, range(1, OF_ORDERS + 1)),
    _Steps(OF_ORDERS + 1),
)

KINDS: Final[Kinds] = {
    KIND: Kind(
        step,
        Role.ADMIN,
        cancellable=False,
        resumes="afresh",
        phases=[Phase(one.cut, one.step) for one in _PHASES],
    )
}
