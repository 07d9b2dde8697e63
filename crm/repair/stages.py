"""The stages of a rebuild, each a way through one collection that relies on those before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from crm.core.errors import Conflict
from crm.db.collections import AUDIT_HEADS, CUSTOMERS, SLICES
from crm.db.documents import BY_ID, Query, Snapshot, Store
from crm.db.runner import Runner
from crm.db.transaction import Plan, Transaction
from crm.merging.unlink import plan_unlink
from crm.repair import damage, invariants, sums
from crm.repair.audit_heads import HEADS
from crm.repair.campaigns import plan_mail, plan_shard
from crm.repair.customers import plan_customer
from crm.repair.events import plan_event
from crm.repair.identities import plan_identity
from crm.repair.invariants import Invariant, find_faults
from crm.repair.mirrors import Mirror, mirrors
from crm.repair.partitions import Range, in_range, is_within
from crm.repair.records import (
    plan_consent_record,
    plan_erasure_record,
    plan_merge_record,
    plan_note_record,
)
from crm.repair.rows import plan_link, plan_listed, plan_row
from crm.repair.segments import plan_name, plan_segment
from crm.repair.shapes import examine
from crm.sync.catalogue import Catalogue
from crm.sync.seen_events import SeenEvents
from crm.sync.sync import Sync

FIELDS: Final = "fields"
"""What the stages are called that make damaged documents whole."""

SUMS: Final = "sums"
"""What the stage is called that holds customers to their orders."""

STAGES: Final = len(damage.ORDER) + 16
"""How many stages there are."""

BEHIND_HOST: Final = STAGES - 2
"""The place of the first stage that looks at what those of the host's documents have made."""

Planner = Callable[[Transaction, str], Plan[None]]


@dataclass(frozen=True)
class IdPage:
    """A page of a collection, looked at.

    Attributes:
        seen: How many documents were looked at.
        candidates: Those to be handled.
        following: The id where the next page begins; None at the end.
    """

    seen: int
    candidates: Sequence[str]
    following: str | None


@dataclass(frozen=True)
class Stage:
    """One way through a collection.

    Attributes:
        name: What reports call it.
        path: The collection.
        look: Looks at the beginning of a range of ids, at most so many documents.
        handle: Brings one of them in order; says whether anything was written. It may go by what
            the last `look` found: whoever goes through another range at once has stages of its own.
        mirror: What is known of the collection, where it is one of the host's.
        finds_missing: Whether it looks for documents that are missing, too: it has something to do
            where the collection is empty.
    """

    name: str
    path: str
    look: Callable[[Range, int], IdPage]
    handle: Callable[[str], bool]
    mirror: Mirror | None = None
    finds_missing: bool = False


def stages(runner: Runner, seen: SeenEvents | None = None) -> list[Stage]:
    """Return every stage, in their order.

    Args:
        runner: Carries plans out.
        seen: Events that orders were found to name, and the catalogue to have; what they are called
            has a stage of its own.
    """
    catalogue = Catalogue(seen or SeenEvents(age=None), words=False)
    users, orders = mirrors(Sync(runner, catalogue=catalogue))
    ledger, recount = _Ledger(runner, orders), _Recount(runner)
    return [
        *(_fields(runner, collection) for collection in damage.ORDER),
        _own(runner, invariants.SHARD, plan_shard),
        _own(runner, invariants.MAIL, plan_mail),
        _own(runner, invariants.SEGMENT, plan_segment),
        _own(runner, invariants.SEGMENT_NAME, plan_name),
        _own(runner, invariants.ERASURE, plan_erasure_record),
        _own(runner, invariants.CUSTOMER, plan_customer),
        _own(runner, invariants.IDENTITY, plan_identity, plan_unlink, first=_users_of),
        _own(runner, invariants.CONSENT, plan_consent_record),
        _own(runner, invariants.NOTE, plan_note_record),
        _own(runner, invariants.LINK, plan_link),
        _own(runner, invariants.MERGE, plan_merge_record),
        _own(runner, invariants.LISTING, plan_listed),
        _of_host(users, partial(_users, runner, users), users.handle),
        _of_host(orders, ledger.look, ledger.handle),
        _own(runner, invariants.EVENT, plan_event, plan_event),  # as `mend_event`
        Stage(SUMS, CUSTOMERS, partial(_counted, runner), recount),
    ]


def _fields(runner: Runner, collection: str) -> Stage:
    """Return the stage that makes damaged documents of a collection whole by their own fields."""

    def look(ids: Range, most: int) -> IdPage:
        found, following = _page(runner, collection, ids, most)
        wrong = [one.id for one in found if examine(one).flaws]
        if collection == AUDIT_HEADS:
            looked_at = (ids[0], ids[1] if following is None else following)
            expected = {one for one in HEADS if is_within(one, looked_at)}
            wrong = sorted({*wrong} | ({one.id for one in found} ^ expected))
        # A rebuild that is a job has slices of its own, which come and go: they are not its work.
        return IdPage(0 if collection == SLICES else len(found), wrong, following)

    def handle(name: str) -> bool:
        done, _ = runner.run(lambda tx: damage.plan_whole(tx, f"{collection}/{name}"))
        return bool(done.writes)

    name, has_heads = f"{FIELDS} of {collection}", collection == AUDIT_HEADS
    return Stage(name, collection, look, handle, finds_missing=has_heads)


def _own(
    runner: Runner,
    invariant: Invariant,
    *plans: Planner,
    first: Callable[[Snapshot], Iterable[str]] = lambda _: (),
) -> Stage:
    """Return the stage that mends what breaks an invariant, by one plan after the other.

    Args:
        runner: Carries the plans out.
        invariant: What must hold.
        plans: Mend one document, in this order.
        first: Names the documents of the collection that a document's mending relies on: they are
            mended before it, by the first plan.
    """

    def look(ids: Range, most: int) -> IdPage:
        found, following = _page(runner, invariant.collection, ids, most)
        wrong = dict.fromkeys(path for path, _ in find_faults(runner, invariant, found))
        return IdPage(len(found), [one.id for one in found if one.path in wrong], following)

    def handle(name: str) -> bool:
        for one in first(runner.read_one(f"{invariant.collection}/{name}")):
            runner.run(partial(_planned, plans[0], one))
        done = [runner.run(partial(_planned, plan, name)) for plan in plans]
        return any(plan.writes for plan, _ in done)

    return Stage(invariant.collection, invariant.collection, look, handle)


def _of_host(
    mirror: Mirror, look: Callable[[Range, int], IdPage], handle: Callable[[str], bool]
) -> Stage:
    return Stage(mirror.path, mirror.path, look, handle, mirror, finds_missing=True)


def _users_of(identity: Snapshot) -> Sequence[str]:
    """Return the users who are to be reached by an address: one that is gone may come back."""
    users: Sequence[str] = identity.fields.get("contacts") or ()
    return users


def _planned(plan: Planner, name: str, tx: Transaction) -> Plan[None]:
    return plan(tx, name)


def _users(runner: Runner, mirror: Mirror, ids: Range, most: int) -> IdPage:
    """Take every user, and every identity of one that is taken to be there."""
    chunk = mirror.chunk(runner.store, runner.retry, ids, most)
    return IdPage(len(chunk.ids), chunk.ids, chunk.following)


class _Ledger:
    """Every order beside its row of the ledger, and rows of deleted orders that cannot be."""

    def __init__(self, runner: Runner, mirror: Mirror) -> None:
        self._runner, self._mirror = runner, mirror
        self._wrong: set[str] = set()

    def look(self, ids: Range, most: int) -> IdPage:
        runner = self._runner
        chunk = self._mirror.chunk(runner.store, runner.retry, ids, most, deleted=True)
        faults = find_faults(runner, invariants.ROW, list(chunk.rows.values()))
        wrong = {path for path, _ in faults}
        self._wrong = {name for name, row in chunk.rows.items() if row.path in wrong}
        candidates = [
            name
            for name in chunk.ids
            if name in chunk.there
            or name in self._wrong
            or not chunk.rows[name].fields.get("deleted")
        ]
        return IdPage(len(candidates), candidates, chunk.following)

    def handle(self, order_id: str) -> bool:
        forgotten = False
        if order_id in self._wrong:
            done, _ = self._runner.run(lambda tx: plan_row(tx, order_id))
            forgotten = bool(done.writes)
        return self._mirror.handle(order_id) or forgotten


def _counted(runner: Runner, ids: Range, most: int) -> IdPage:
    """Count a page of customers at one moment; those are handled that are not as they should be."""
    frozen = replace(runner, store=runner.retry.call(runner.store.at))
    found, following = _page(frozen, CUSTOMERS, ids, most)
    users = frozen.retry.call(partial(frozen.store.read, sums.users_of(found)))
    counted = sums.count_anew(frozen, found, users)
    candidates = [one.customer.id for one in counted if one.changed or one.crowded]
    return IdPage(len(found), candidates, following)


class _Recount:
    """Counts customers anew, all at one moment as long as nobody changes them meanwhile."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._view: Store | None = None

    def __call__(self, customer_id: str) -> bool:
        done = self._runner.retry.call(lambda: self._once(customer_id))
        if done is None:
            return False
        fitted = done.crowded and Sync(self._runner).give_room(done.customer.parts)
        return done.changed or bool(fitted)

    def _once(self, customer_id: str) -> sums.Recounted | None:
        view = self._view = self._view or self._runner.store.at()
        try:
            return sums.recount(self._runner, view, customer_id)
        except Conflict:
            self._view = None
            raise


def _page(
    runner: Runner, collection: str, ids: Range, most: int
) -> tuple[list[Snapshot], str | None]:
    query = Query(collection, in_range(BY_ID[0], ids), BY_ID, most + 1)
    found = runner.retry.call(partial(runner.store.find, query))
    return found[:most], found[most].id if len(found) > most else None
