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
from crm.core.errors import Conflict
from crm.core.keyring import Keyring
from crm.customers.customer import Customer
from crm.customers.identity import AddressIdentity, Identity, UserIdentity
from crm.db.accounts import AuthSays
from crm.db.documents import (
    REMOVED,
    Create,
    Data,
    Delete,
    Path,
    Query,
    Replace,
    Snapshot,
    Write,
    key_path,
)

T = TypeVar("T")


AUDIT = "crmAudit"


AUDIT_HEADS = "crmAuditHeads"


CONSENTS = "crmConsents"


CUSTOMERS = "customers"


ERASURES = "crmErasures"


IDENTITIES = "crmIdentities"


INSTALLATION = "crmInstallation"


JOBS = "crmJobs"


LINKS = "crmLinks"


MERGES = "crmMerges"


ORDERS = "crmOrders"


QUARANTINE = "crmQuarantine"


SEGMENTS = "crmSegments"


SEGMENT_NAMES = "crmSegmentNames"


SWEEP = "crmSweep"


TAGS = "crmTags"


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


class Draft:
    """Collects a plan's changes to customers and identities, each guarded by its precondition."""

    def __init__(self, reading: Reading, now: datetime) -> None:
        self._reading = reading
        self._now = now
        self._customers: dict[str, Customer | None] = {}
        self._identities: dict[str, AddressIdentity | UserIdentity] = {}
        self._others: list[Write] = []

    def customer(self, customer_id: str) -> Customer:
        """Give a customer as this plan leaves it so far.

        Errors:
            Conflict: There is none: what led here was read before somebody moved it.
        """
        if customer_id not in self._customers:
            snapshot = self._reading.document(f"{CUSTOMERS}/{customer_id}")
            if snapshot.data is None:
                raise Conflict(f"customer {customer_id} is gone")
            return Customer.from_data(customer_id, snapshot.data)
        customer = self._customers[customer_id]
        if customer is None:
            raise Conflict(f"customer {customer_id} is leaving")
        return customer

    def put_customer(self, customer: Customer) -> None:
        """Write a customer, or delete it with its identities where nothing is left of it."""
        self._customers[customer.id] = customer

    def drop_customer(self, customer_id: str) -> None:
        """Delete a customer whose parts have gone elsewhere."""
        self._customers[customer_id] = None

    def address(self, key: str) -> AddressIdentity | None:
        """Give an address's identity as this plan leaves it so far."""
        identity = self.find(key)
        return identity if isinstance(identity, AddressIdentity) else None

    def user(self, key: str) -> UserIdentity | None:
        """Give a uid's identity as this plan leaves it so far."""
        identity = self.find(key)
        return identity if isinstance(identity, UserIdentity) else None

    def identity(self, key: str) -> Identity:
        """Give an identity that must be there.

        Errors:
            Conflict: It is not.
        """
        identity = self.find(key)
        if identity is None:
            raise Conflict(f"identity {key} is gone")
        return identity

    def find(self, key: str) -> AddressIdentity | UserIdentity | None:
        """Give an identity of either kind as this plan leaves it so far."""
        if key in self._identities:
            return self._identities[key]
        data = self._reading.document(f"{IDENTITIES}/{key}").data
        if data is None:
            return None
        return (UserIdentity if data["kind"] == "user" else AddressIdentity).from_data(data)

    def put_identity(self, key: str, identity: AddressIdentity | UserIdentity) -> None:
        """Write an identity."""
        self._identities[key] = identity

    def guard(self, key: str) -> None:
        """Let the commit fail where an identity, found above, has changed since it was read."""
        identity = self.find(key)
        if identity is not None:
            self.put_identity(key, identity)

    def add(self, *writes: Write) -> None:
        """Add writes that carry their own precondition, or need none beside those that do."""
        self._others.extend(writes)

    def replace(self, path: Path, data: dict[str, object]) -> None:
        """Write a document that was read: create it, or replace what was read."""
        self.add(self._write(path, data))

    def prefetch(self, customer_ids: Iterable[str | None]) -> None:
        """Demand customers together rather than one after the other."""
        self._reading.documents(
            f"{CUSTOMERS}/{customer_id}"
            for customer_id in customer_ids
            if customer_id is not None and customer_id not in self._customers
        )

    def writes(self) -> list[Write]:
        """Give everything to commit."""
        for customer_id, customer in list(self._customers.items()):
            if customer and customer.empty:
                self._dissolve(customer)
                self._customers[customer_id] = None
        writes = list(self._others)
        for customer_id, customer in self._customers.items():
            path = f"{CUSTOMERS}/{customer_id}"
            if customer:
                writes.append(self._write(path, customer.to_data(self._now)))
            elif self._was(path):
                writes.append(Delete(path, self._reading.document(path).version))
        for key, identity in self._identities.items():
            path = f"{IDENTITIES}/{key}"
            if identity.needed:
                writes.append(self._write(path, identity.to_data()))
            elif self._was(path):
                writes.append(Delete(path, self._reading.document(path).version))
        return writes

    def _dissolve(self, customer: Customer) -> None:
        """Take an empty customer out of the directory, and the links that ended with it."""
        self._reading.documents(
            f"{IDENTITIES}/{part.key}"
            for part in customer.parts.values()
            if part.key not in self._identities
        )
        for part_id, part in customer.parts.items():
            identity = self.find(part.key)
            if identity is None or identity.customer_of(part_id) != customer.id:
                raise Conflict(f"part {part_id} has moved")
            left = identity.without(part_id)
            if isinstance(left, AddressIdentity) and part.address:
                left = left.suppress(customer.withdrawn_at)
            self.put_identity(part.key, left)
        if self._was(f"{CUSTOMERS}/{customer.id}"):
            links = Query(LINKS, (("customerId", "==", customer.id),))
            self.add(*(Delete(link.path) for link in self._reading.find(links)))

    def _was(self, path: Path) -> bool:
        snapshot = self._reading.snapshots.get(path)
        return snapshot is not None and snapshot.exists

    def _write(self, path: Path, data: dict[str, object]) -> Write:
        if self._was(path):
            return replaced(self._reading.document(path), data)
        return Create(path, data)


def replaced(was: Snapshot, data: Data) -> Replace:
    """Give the write that leaves a document that was read as `data`; a smaller one costs less time.

    One that changes nothing writes all the same, which verifies the document.
    """
    return Replace(was.path, difference(was.fields, data) or data, was.version)


def difference(before: Data, after: Data) -> dict[str, object]:
    """Give the fields that change, each by its path; in a map of which something stays, its keys.

    So an order of somebody with hundreds of events names the one that changes.
    """
    changes: dict[str, object] = {}
    for name, value in after.items():
        if name not in before:
            changes[name] = value
        elif before[name] != value:
            changes |= _inside(name, before[name], value)
    return changes


def _inside(path: str, before: object, after: object) -> dict[str, object]:
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return {path: after}
    changes: dict[str, object] = {
        key_path(path, key): REMOVED for key in before if key not in after
    }
    stays = False
    for key, value in after.items():
        there = key_path(path, key)
        if key not in before:
            changes[there] = value
        elif before[key] == value:
            stays = True
        else:
            inner = _inside(there, before[key], value)
            stays = stays or inner.keys() != {there}
            changes |= inner
    return changes if stays else {path: after}


@dataclass(frozen=True)
class RepairPlan:
    """What to commit, atomically; nothing where nothing is wrong."""

    writes: list[Write]
