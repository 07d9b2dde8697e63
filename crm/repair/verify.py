"""Checking a database against what must always hold: all is counted again, nothing is written.

It reads one moment of the database, and looks again at documents of the host whose events may be
on their way, so live events beside it make no false alarm. It is not how drift is mended (a rebuild
does that) but how one knows that there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, replace
from functools import partial
from itertools import islice
from typing import Final, TypeVar

from crm.customers.customer import Customer, read_customer
from crm.customers.identity import identity_from
from crm.customers.ledger import LedgerEntry
from crm.customers.part import HISTORY, Part
from crm.db.collections import CUSTOMERS, IDENTITIES, LINKS, MERGES, ORDERS, QUARANTINE, TAGS
from crm.db.documents import Query, Snapshot, Store
from crm.db.runner import Runner
from crm.db.scan import PAGE, scan
from crm.repair.mirrors import ALL, Mirror, mirrors
from crm.repair.rows import latest_version
from crm.repair.sums import IN_QUERY, add_up
from crm.sync.sync import Sync

T = TypeVar("T")

Fault = tuple[str, str]
"""A document's path, and what is wrong with it, without values."""

OnProgress = Callable[[str, int], None]
"""Told what is being checked, and how many documents of it were."""

AT_ONCE: Final = 100
"""Customers, or rows, that are held in memory with what belongs to them."""

LOOKS: Final = 10

BETWEEN: Final = 1.5
"""Looks at a document that seems to be behind, and seconds in between."""


def verify(runner: Runner, told: OnProgress = lambda _what, _count: None) -> Iterator[Fault]:
    """Return everything that is wrong, as it is found.

    Args:
        runner: Its store, settings and keys are used; no plan is carried out.
        told: Told after each page.

    Raises:
        Transient: The database could not be asked. Firestore keeps a moment for an hour (seven days
            with point-in-time recovery); a check that takes longer ends so too.
    """
    view = runner.retry.call(runner.store.at)
    check = _Check(runner, view, told)
    yield from check.host()
    yield from check.customers()
    yield from check.rows()
    yield from check.identities()
    yield from check.links()
    yield from check.quarantine()


class _Check:
    def __init__(self, live: Runner, view: Store, told: OnProgress) -> None:
        self._live, self._view, self._told = live, view, told
        runner = self._runner = replace(live, store=view)
        self._latest = latest_version(runner.now())

    def host(self) -> Iterator[Fault]:
        """Each document of the host is accounted for as it is now, and nothing else is."""
        for mirror in mirrors(Sync(self._runner)):
            low, seen = None, 0
            behind: list[str] = []
            while True:
                chunk = mirror.chunk(self._view, self._runner.retry, (low, ALL[1]), PAGE)
                behind += chunk.stale
                seen += len(chunk.there)
                self._told(mirror.path, seen)
                for row in chunk.rows.values():
                    if row.fields["version"] > self._latest:
                        yield row.path, "is of a version that no document can have"
                low = chunk.following
                if low is None:
                    break
            for name in self._still(mirror, behind):
                yield f"{mirror.path}/{name}", "is not accounted for as it is now"

    def _still(self, mirror: Mirror, names: Sequence[str]) -> list[str]:
        """Return which documents stay behind: an event that is on its way is no fault."""
        behind = list(names)
        for _ in range(LOOKS):
            retry = self._live.retry
            pages = [behind[at : at + AT_ONCE] for at in range(0, len(behind), AT_ONCE)]
            found = [mirror.now(self._live.store, retry, page) for page in pages]
            behind = [name for chunk in found for name in chunk.stale]
            if not behind:
                break
            retry.sleep(BETWEEN)
        return behind

    def customers(self) -> Iterator[Fault]:
        """Each customer is what its parts say, its parts what their orders say."""
        for page in self._pages(CUSTOMERS):
            read = {one.id: read_customer(one) for one in page}
            found = {name: customer for name, customer in read.items() if customer}
            for snapshot in page:
                if snapshot.id not in found:
                    yield snapshot.path, "is not a customer"
                    continue
                stored, said = snapshot.fields, found[snapshot.id].to_data(self._runner.now())
                wrong = sorted(key for key in said if stored.get(key) != said[key])
                for name in wrong:
                    if name != "updatedAt":
                        yield snapshot.path, f"{name} is not what its parts say"
            yield from self._parts(found.values())
            yield from self._beside(found.values())

    def _parts(self, customers: Iterable[Customer]) -> Iterator[Fault]:
        parts = {key: part for one in customers for key, part in one.parts.items()}
        counted: dict[str, Part] = {key: Part(part.key) for key, part in parts.items()}
        for chunk in _chunks(parts, IN_QUERY):
            query = Query(ORDERS, (("partId", "in", tuple(chunk)),))
            counted = add_up(counted, scan(self._view, self._runner.retry, query))
        for customer in customers:
            for key, part in customer.parts.items():
                for one in fields(Part):
                    held, said = getattr(part, one.name), getattr(counted[key], one.name)
                    if one.name not in HISTORY and held != said:
                        what = f"{one.name} of part {key} is not what its orders say"
                        yield f"{CUSTOMERS}/{customer.id}", what

    def _beside(self, customers: Iterable[Customer]) -> Iterator[Fault]:
        """What a customer points to is there, and points back."""
        keys = {part.key for one in customers for part in one.parts.values()}
        identities = self._read(IDENTITIES, keys)
        merges = self._read(MERGES, {merge for one in customers for merge in one.merges})
        tags = self._read(TAGS, {tag for one in customers for tag in one.tags})
        for customer in customers:
            path = f"{CUSTOMERS}/{customer.id}"
            for part_id, part in customer.parts.items():
                data = identities[part.key].data
                if data is None or identity_from(data).customer_of(part_id) != customer.id:
                    yield path, f"the identity of part {part_id} does not lead here"
            for merge in customer.merges:
                if merges[merge].fields.get("state") != "open":
                    yield path, f"merge {merge} is not open"
            if not all(tags[tag].exists for tag in customer.tags):
                yield path, "has a tag that the catalogue does not"

    def rows(self) -> Iterator[Fault]:
        """Each row of the ledger is with one customer, in quarantine, or retained."""
        for page in self._pages(ORDERS):
            entries = {row.id: LedgerEntry.from_data(row.fields) for row in page}
            keys = {entry.identity for entry in entries.values() if entry.identity}
            identities = self._read(IDENTITIES, keys)
            listed = self._read(QUARANTINE, {self._place(name) for name in entries})
            for name, entry in entries.items():
                path = f"{ORDERS}/{name}"
                data = identities[entry.identity].data if entry.identity else None
                home = identity_from(data).customer_of(entry.part_id or "") if data else None
                places = [home, entry.quarantined, entry.erased]
                expected = 0 if entry.deleted and entry.erased is None else 1
                if len(places) - places.count(None) != expected:
                    yield path, "is not in exactly one place"
                if listed[self._place(name)].exists != (entry.quarantined is not None):
                    yield path, "is not listed in quarantine as it should be"

    def identities(self) -> Iterator[Fault]:
        """Each identity leads to a live customer that has its part."""
        for page in self._pages(IDENTITIES):
            leads = [
                (one.id, part_id, customer_id)
                for one in page
                for part_id, customer_id in identity_from(one.fields).parts.items()
            ]
            customers = self._read(CUSTOMERS, {customer_id for _, _, customer_id in leads})
            for key, part_id, customer_id in leads:
                if part_id not in customers[customer_id].fields.get("parts", {}):
                    yield f"{IDENTITIES}/{key}", f"part {part_id} is not where it leads"

    def links(self) -> Iterator[Fault]:
        """Each id that was merged away leads to a live customer, in one hop."""
        for page in self._pages(LINKS):
            ends = {one.id: one.fields["customerId"] for one in page}
            customers = self._read(CUSTOMERS, {*ends, *ends.values()})
            for name, end in ends.items():
                if customers[name].exists or not customers[end].exists:
                    yield f"{LINKS}/{name}", "does not lead from a merged id to a live customer"

    def quarantine(self) -> Iterator[Fault]:
        """Each row in quarantine is about a document that is."""
        orders = self._runner.settings.orders.path
        for page in self._pages(QUARANTINE):
            where = {
                row.path: f"{ORDERS}/{row.fields['documentId']}"
                if row.fields["collection"] == orders
                else f"{IDENTITIES}/{self._runner.keys.user(row.fields['documentId'])}"
                for row in page
            }
            found = self._runner.retry.call(partial(self._view.read, where.values()))
            for row in page:
                if found[where[row.path]].fields.get("quarantined") != row.fields["reason"]:
                    yield row.path, "is about a document that is not in quarantine"

    def _place(self, order_id: str) -> str:
        return self._runner.keys.quarantine(self._runner.settings.orders.path, order_id)

    def _read(self, collection: str, ids: Iterable[str]) -> dict[str, Snapshot]:
        paths = {name: f"{collection}/{name}" for name in ids}
        found = self._runner.retry.call(partial(self._view.read, paths.values()))
        return {name: found[path] for name, path in paths.items()}

    def _pages(self, collection: str) -> Iterator[list[Snapshot]]:
        seen = 0
        for page in _chunks(scan(self._view, self._runner.retry, Query(collection)), AT_ONCE):
            yield page
            seen += len(page)
            self._told(collection, seen)


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
