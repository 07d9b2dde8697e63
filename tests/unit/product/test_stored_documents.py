"""The documents of the database hold exactly what they always held."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.campaigns.audience import Shard
from crm.campaigns.campaign import Campaign
from crm.campaigns.counts import Counts
from crm.campaigns.mails import MailRecord
from crm.consent.records import Record
from crm.customers.attendance import Attendance
from crm.customers.decision import Decision
from crm.customers.identity import AddressIdentity, UserIdentity
from crm.customers.ledger import Contribution, LedgerEntry
from crm.customers.part import Contact, Entry, Part
from crm.db.codec import Stored, StoredById
from crm.events.event import Event
from crm.importing.record import Chunk, Done, Import, Was
from crm.importing.row import Row, RowError
from crm.jobs.job import Job
from crm.jobs.slices import Slice
from crm.mail.budget import Spent
from crm.merging.record import Merge
from crm.notes.note import Note
from crm.privacy.erasure.record import Erasure
from crm.privacy.requests import WaitingRequest
from crm.repair.partitions import Partitions
from crm.rules.book import Book
from crm.rules.entry import RuleEntry
from crm.rules.occurrence import Occurrence, Progress
from crm.rules.rule import Rule
from crm.rules.run import RuleRun
from crm.signup.record import Asked, SignUp
from crm.tags.catalogue import TagRow
from tests.support.stored import DOCUMENTS

CLASSES = [
    *(Asked, SignUp),
    *(Chunk, Done, Import, Row, RowError, Was),
    *(Campaign, Counts, MailRecord, Shard, Spent),
    *(
        AddressIdentity,
        Attendance,
        Contact,
        Contribution,
        Decision,
        Entry,
        Erasure,
        Event,
        Job,
        LedgerEntry,
        Merge,
    ),
    *(Note, Part, Partitions, Record, Slice, TagRow, UserIdentity, WaitingRequest),
    *(Occurrence, Progress),
    *(Book, Rule, RuleEntry, RuleRun),
]

ADDED_TO_IDENTITIES = {"erased", "erasedAt", "erasedBy"}
NEVER_READ = {"net", "marks"}
MAY_LACK: dict[type, set[str]] = {
    Asked: set(),
    SignUp: set(),
    Chunk: set(),
    Import: set(),
    AddressIdentity: {"kind", "suppressed", "contacts", "unreachable"} | ADDED_TO_IDENTITIES,
    Campaign: {"rule", "scope", "people"},
    Erasure: set(),
    Event: {"nameKey", "startKey", "search"},
    Job: {"phase", "left", "lanes", "notBefore"},
    LedgerEntry: {"erased", "typed", "ahead", "day", "dayOverLimit"} | NEVER_READ,
    MailRecord: set(),
    Merge: set(),
    Note: set(),
    Part: {
        *("claimed", "typed", "days", "unreachable"),
        *("entry", "fields", "userFields", "notes", "askedAt"),
    },
    Occurrence: set(),
    Progress: set(),
    Partitions: {"ids", "complete"},
    Record: set(),
    Shard: set(),
    Spent: set(),
    Slice: {"notBefore"},
    TagRow: {"since"},
    WaitingRequest: set(),
    UserIdentity: {"kind", "account", "fields"} | ADDED_TO_IDENTITIES,
    Book: set(),
    Rule: set(),
    RuleEntry: set(),
    RuleRun: set(),
}
"""Keys without which a document is read: older ones lack them, or nobody reads them."""

DATA = st.dictionaries(st.text(), st.none() | st.integers() | st.lists(st.text()))
ANYTHING: dict[type, dict[str, Any]] = {
    Campaign: {"segment": DATA, "counts": DATA},
    Shard: {"later": st.dictionaries(st.text(), DATA)},
    Job: {"arguments": DATA, "cursor": st.none() | DATA, "drift": st.lists(DATA).map(tuple)},
    Rule: {"when": DATA, "then": DATA, **dict.fromkeys(("once", "only", "entered", "asked"), DATA)},
    Slice: {"cursor": st.none() | DATA, "drift": st.lists(DATA).map(tuple)},
}
"""Fields that hold whatever JSON can."""


def instances(cls: Any) -> st.SearchStrategy[Any]:
    """Instances of a dataclass with every field filled in."""
    hints = get_type_hints(cls)
    some = {one.name: st.from_type(hints[one.name]) for one in fields(cls) if one.init}
    if cls is Book:
        some["rules"] = st.dictionaries(st.text(), instances(Rule), max_size=3)
    return st.builds(cls, **{**some, **ANYTHING.get(cls, {})})


def all_kept() -> set[str]:
    """The names of all classes that the codec keeps, but for common bases."""
    found: set[str] = set()
    waiting: list[type] = [Stored, StoredById]
    while waiting:
        kept: list[type] = waiting.pop().__subclasses__()
        waiting += kept
        found |= {cls.__name__ for cls in kept if cls.__module__.startswith("crm.")}
    return found - {"Identity"}


def key_of(one: Any) -> list[str]:
    return [one.id] if issubclass(type(one), StoredById) else []


def is_read(one: Any, document: Mapping[str, object]) -> bool:
    try:
        type(one).from_data(*key_of(one), document)
    except KeyError:
        return False
    return True


def test_every_class_is_tried() -> None:
    assert {cls.__name__ for cls in CLASSES} == all_kept()


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
@given(st.data())
def test_what_is_written_is_read_again(cls: Any, data: st.DataObject) -> None:
    one = data.draw(instances(cls).filter(lambda one: "nan" not in repr(one)))  # equals nothing
    assert cls.from_data(*key_of(one), one.to_data()) == one


@pytest.mark.parametrize(
    ("one", "document"),
    [pytest.param(one, document, id=name) for name, one, document in DOCUMENTS],
)
def test_a_document_is_this(one: Any, document: dict[str, object]) -> None:
    assert one.to_data() == document
    assert type(one).from_data(*key_of(one), document) == one


@pytest.mark.parametrize("cls", MAY_LACK, ids=lambda cls: cls.__name__)
def test_documents_may_lack_what_was_added_later_and_nothing_else(cls: type) -> None:
    one, document = next((one, data) for _, one, data in DOCUMENTS if type(one) is cls)
    lacking = {key: {k: v for k, v in document.items() if k != key} for key in document}
    assert {key for key in document if is_read(one, lacking[key])} == MAY_LACK[cls]
