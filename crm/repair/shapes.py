"""What the documents of every collection of ours look like: one table, by which damage is found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from crm.campaigns.audience import Shard
from crm.campaigns.campaign import Campaign
from crm.campaigns.mails import MailRecord
from crm.consent.records import Record
from crm.customers.identity import AddressIdentity, UserIdentity
from crm.customers.ledger import LedgerEntry
from crm.customers.part import Part
from crm.db import collections as ours
from crm.db.documents import Data, Snapshot
from crm.db.shapes import Flaw, Looked, look
from crm.events.event import Event
from crm.importing.record import Chunk, Import
from crm.jobs.job import Job
from crm.jobs.slices import Slice
from crm.merging.record import Merge
from crm.notes.note import Note
from crm.privacy.erasure.record import Erasure
from crm.privacy.requests import WaitingRequest
from crm.repair.campaigns import campaign_flaws, shard_flaws
from crm.repair.partitions import Partitions
from crm.repair.segments import segment_flaws
from crm.rules.book import Book
from crm.rules.entry import RuleEntry
from crm.rules.occurrence import Occurrence, Progress, is_occurrence, is_progress
from crm.rules.run import RuleRun
from crm.signup.record import SignUp
from crm.tags.catalogue import TagRow


@dataclass(frozen=True)
class _Merges:
    open: tuple[str, ...]
    by_staff: int


@dataclass(frozen=True)
class _Customer:
    """What of a customer's document is read again; the rest is folded from it at each write."""

    parts: Mapping[str, Part]
    merges: _Merges
    tags: tuple[str, ...]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class _Link:
    customer_id: str
    merge_id: str


@dataclass(frozen=True)
class _Listing:
    collection: str
    document_id: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class _Entry:
    chain: int
    number: int
    at: datetime
    actor: str
    action: str
    customers: tuple[str, ...]
    facts: Data
    seal: str


@dataclass(frozen=True)
class _Head:
    count: int
    seal: str


@dataclass(frozen=True)
class _DayCount:
    day: str
    count: int
    changed: bool


@dataclass(frozen=True)
class _Segment:
    name: str
    name_key: str
    description: str | None
    segment: Data
    text: str
    used_by: tuple[str, ...]
    last_count: int | None
    last_count_at: datetime | None
    counts: tuple[_DayCount, ...]
    revision: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class _SegmentName:
    segment_id: str


@dataclass(frozen=True)
class _Former:
    secret: str
    until: datetime


@dataclass(frozen=True)
class _Installation:
    mark: str
    at: datetime
    former: tuple[_Former, ...]
    next: str
    since: datetime


@dataclass(frozen=True)
class _Budget:
    latest: int
    second: Mapping[str, int]
    hour: Mapping[str, int]
    day: Mapping[str, int]


Kind = Callable[[Snapshot], Any]
"""Gives the class that a document is read as, or that describes it."""


def is_user(identity: Snapshot) -> bool:
    """Return whether an identity is of a uid: its key says so, whatever its fields do."""
    return is_user_key(identity.id)


def is_user_key(key: str) -> bool:
    """Return whether a key is that of a uid, not of an address."""
    return key.startswith("u")


def _identity(found: Snapshot) -> Any:
    return UserIdentity if is_user(found) else AddressIdentity


def _of_rules(found: Snapshot) -> Any:
    if is_occurrence(found.id):
        return Occurrence
    return Progress if is_progress(found.id) else Book


def _always(cls: Any) -> Kind:
    return lambda _: cls


KINDS: Final[Mapping[str, Kind]] = {
    ours.AUDIENCES: _always(Shard),
    ours.AUDIT: _always(_Entry),
    ours.AUDIT_HEADS: _always(_Head),
    ours.BUDGETS: _always(_Budget),
    ours.CAMPAIGNS: _always(Campaign),
    ours.CONSENTS: _always(Record),
    ours.CUSTOMERS: _always(_Customer),
    ours.ERASURES: _always(Erasure),
    ours.EVENTS: _always(Event),
    ours.IDENTITIES: _identity,
    ours.IMPORTED: _always(Chunk),
    ours.IMPORTS: _always(Import),
    ours.INSTALLATION: _always(_Installation),
    ours.JOBS: _always(Job),
    ours.LINKS: _always(_Link),
    ours.MAILS: _always(MailRecord),
    ours.MERGES: _always(Merge),
    ours.NOTES: _always(Note),
    ours.ORDERS: _always(LedgerEntry),
    ours.OUTBOX: _always(RuleEntry),
    ours.QUARANTINE: _always(_Listing),
    ours.REQUESTS: _always(WaitingRequest),
    ours.RULES: _of_rules,
    ours.RULE_RUNS: _always(RuleRun),
    ours.SEGMENTS: _always(_Segment),
    ours.SEGMENT_NAMES: _always(_SegmentName),
    ours.SIGNUPS: _always(SignUp),
    ours.SLICES: _always(Slice),
    ours.SWEEP: _always(Partitions),
    ours.TAGS: _always(TagRow),
}
"""By collection."""

_DEEPER: Final[Mapping[str, Callable[[Data], Iterable[Flaw]]]] = {
    ours.AUDIENCES: shard_flaws,
    ours.CAMPAIGNS: campaign_flaws,
    ours.SEGMENTS: segment_flaws,
}
"""What else must hold of a document whose fields are of the right kinds."""

_MAY_LACK: Final = {ours.INSTALLATION: frozenset({"former", "next", "since"})}


def collection_of(path: str) -> str:
    """Return the collection of ours that a path is in; empty for anything else."""
    collection, _, name = path.partition("/")
    return collection if collection in KINDS and name and "/" not in name else ""


def examine(found: Snapshot) -> Looked:
    """Look at every field of a document of ours; one that is not there has nothing wrong."""
    collection = collection_of(found.path)
    if found.data is None:
        return Looked({}, ())
    kind = KINDS[collection](found)
    looked = look(kind, found.data, _MAY_LACK.get(collection, frozenset()))
    if collection in _DEEPER and not looked.flaws:
        return Looked(looked.data, tuple(_DEEPER[collection](found.data)))
    return looked


def is_stray(found: Snapshot, looked: Looked) -> bool:
    """Return whether a document has nothing of what those of its collection have."""
    return bool(looked.flaws) and not looked.data.keys() & (found.data or {}).keys()
