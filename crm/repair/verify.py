"""Checking a database against what must always hold: all is counted again, nothing is written.

It reads one moment of the database, and looks again at documents of the host whose events may be
on their way, and at events that are written after their orders, so live events beside it make no
false alarm. It is not how drift is mended (a rebuild
does that) but how one knows that there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from crm.config.paths import document_at
from crm.core.batches import batches
from crm.db.collections import AUDIT, AUDIT_HEADS, EVENTS, ORDERS
from crm.db.documents import Path, Query, Snapshot
from crm.db.runner import Runner
from crm.db.scan import PAGE, scan
from crm.repair.audit_heads import HEADS, missing_heads
from crm.repair.events import missing_events
from crm.repair.invariants import CUSTOMER, INVARIANTS, Fault, find_faults
from crm.repair.mirrors import ALL, Mirror, mirrors
from crm.repair.shapes import KINDS, examine, is_stray
from crm.repair.sums import count_anew
from crm.repair.understanding import NOT_SEEN, Understanding, Understood, reason_of
from crm.sync.seen_events import SeenEvents
from crm.sync.sync import Sync

OnProgress = Callable[[str, int], None]
"""Told what is being checked, and how many documents of it were."""

AT_ONCE: Final = 100
"""Documents that are held in memory with what belongs to them."""

LOOKS: Final = 10
"""How often a document is looked at that seems to be behind."""

BETWEEN: Final = 1.5
"""Seconds between these looks."""

MISSING: Final = "is missing although orders name the event"

_OTHERS: Final = tuple(sorted({*KINDS} - {one.collection for one in INVARIANTS}))
"""Collections of whose documents nothing must hold but what their own fields say."""


def verify(
    runner: Runner,
    told: OnProgress = lambda _what, _count: None,
    understood: Understood | None = None,
) -> Iterator[Fault]:
    """Return everything that is wrong, as it is found.

    Args:
        runner: Its store, settings and keys are used; no plan is carried out.
        told: Told after each page.
        understood: Filled with what was understood of the host's documents.

    Raises:
        Transient: The database could not be asked. Firestore keeps a moment for an hour (seven days
            with point-in-time recovery); a check that takes longer ends so too.
    """
    frozen = replace(runner, store=runner.retry.call(runner.store.at))
    for mirror in mirrors(Sync(frozen)):
        counts = Understanding()
        behind = _behind(frozen, mirror, told, counts)
        if understood is not None:
            understood[mirror.path] = counts
        for name in _still_behind(runner, mirror, behind):
            yield document_at(mirror.path, name), "is not accounted for as it is now"
    listed = SeenEvents(age=None)
    late: list[Path] = []
    entries: set[str] = set()
    heads: set[str] = set()
    for collection in (*dict.fromkeys(one.collection for one in INVARIANTS), *_OTHERS):
        for page in _pages(frozen, collection, told):
            faults = _faults_of(frozen, collection, page)
            if collection == EVENTS:
                late += dict.fromkeys(path for path, _ in faults)
                continue
            yield from faults
            if collection == ORDERS:
                late += missing_events(frozen, page, listed)
            elif collection == AUDIT:
                entries |= {one.id[:2] for one in page}
            elif collection == AUDIT_HEADS:
                heads |= {one.id for one in page}
    yield from _still_unlike(runner, dict.fromkeys(late))
    for path in missing_heads(heads, entries):
        yield path, "is missing although its chain has entries"
    for name in sorted(heads - {*HEADS}):
        yield f"{AUDIT_HEADS}/{name}", "is of no chain of the audit trail"


def _faults_of(frozen: Runner, collection: str, page: Sequence[Snapshot]) -> Iterator[Fault]:
    """Return what is wrong with documents: their own fields, then what they are beside others."""
    for one in page:
        looked = examine(one)
        if is_stray(one, looked):
            yield one.path, "has no field of what is kept here"
        else:
            yield from ((one.path, f"{flaw.field} {flaw.why}") for flaw in looked.flaws)
    for invariant in INVARIANTS:
        if invariant.collection == collection:
            tx = frozen.begin()
            yield from find_faults(frozen, invariant, page, tx)
            if invariant is CUSTOMER:
                for counted in count_anew(frozen, page, tx.snapshots):
                    yield from counted.faults


def _behind(frozen: Runner, mirror: Mirror, told: OnProgress, counts: Understanding) -> list[str]:
    """Return which documents of the host are not accounted for at that moment."""
    behind: list[str] = []
    low, seen = None, 0
    while True:
        chunk = mirror.chunk(frozen.store, frozen.retry, (low, ALL[1]), PAGE)
        behind += chunk.stale
        for name in chunk.there:
            row = chunk.rows.get(name)
            counts.add(NOT_SEEN if row is None else reason_of(row.fields))
        seen += len(chunk.there)
        told(mirror.path, seen)
        low = chunk.following
        if low is None:
            return behind


def _still_behind(runner: Runner, mirror: Mirror, names: Sequence[str]) -> list[str]:
    """Return which documents stay behind: an event that is on its way is no fault."""
    behind = list(names)
    for _ in range(LOOKS):
        pages = batches(behind, AT_ONCE)
        found = [mirror.read_again(runner.store, runner.retry, page) for page in pages]
        behind = [name for chunk in found for name in chunk.stale]
        if not behind:
            break
        runner.retry.sleep(BETWEEN)
    return behind


def _still_unlike(runner: Runner, paths: Iterable[Path]) -> Iterator[Fault]:
    """Return what stays wrong with events of the catalogue: it is written after an order is."""
    left, faults = list(paths), list[Fault]()
    for _ in range(LOOKS):
        faults = [one for some in batches(left, AT_ONCE) for one in _unlike(runner, some)]
        left = list(dict.fromkeys(path for path, _ in faults))
        if not left:
            break
        runner.retry.sleep(BETWEEN)
    yield from faults


def _unlike(runner: Runner, paths: Sequence[Path]) -> Iterator[Fault]:
    found = runner.retry.call(partial(runner.store.read, paths))
    yield from ((path, MISSING) for path in paths if not found[path].exists)
    yield from _faults_of(runner, EVENTS, [one for one in found.values() if one.exists])


def _pages(frozen: Runner, collection: str, told: OnProgress) -> Iterator[list[Snapshot]]:
    seen = 0
    for page in batches(scan(frozen.store, frozen.retry, Query(collection)), AT_ONCE):
        yield page
        seen += len(page)
        told(collection, seen)
