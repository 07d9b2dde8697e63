"""The documents of the database hold exactly what they always held."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.consent.records import Record
from crm.customers.attendance import Attendance, Source
from crm.customers.decision import Decision
from crm.customers.identity import AddressIdentity, UserIdentity
from crm.customers.ledger import Contribution, LedgerEntry
from crm.customers.part import Part, Spend
from crm.db.codec import StoredById, decoders, encoders
from crm.host.order import OddItem, Tickets
from crm.jobs.job import Job
from crm.merging.record import Before, Merge, Proof
from crm.privacy.erasure.record import Erasure
from crm.repair.partitions import Partitions
from crm.tags.catalogue import TagRow

CLASSES = [
    *(AddressIdentity, Attendance, Contribution, Decision, Erasure, Job, LedgerEntry, Merge),
    *(Part, Partitions, Record, TagRow, UserIdentity),
]

DAY = datetime(2024, 3, 1, tzinfo=UTC)
LATER = datetime(2024, 3, 2, tzinfo=UTC)

DOCUMENTS: list[tuple[str, Any, dict[str, object]]] = [
    (
        "Part",
        Part(
            key="e1-x",
            rank=2,
            address="ada@example.com",
            by_proof=True,
            uid="u",
            live=True,
            user_name="Ada L",
            proven="e1-y",
            orders=3,
            counted=2,
            spend={"USD": Spend(100, 2)},
            first=DAY,
            last=LATER,
            name="Ada",
            name_source=Source(LATER, "o1"),
            events={"e": Attendance(1, 2, 1, 0, "Gala", LATER, Source(DAY, "o2"))},
            opted_in_at=DAY,
            decision=Decision("subscribed", DAY, "staff"),
        ),
        {
            "key": "e1-x",
            "rank": 2,
            "address": "ada@example.com",
            "byProof": True,
            "uid": "u",
            "live": True,
            "userName": "Ada L",
            "proven": "e1-y",
            "orders": 3,
            "counted": 2,
            "spend": {"USD": {"net": 100, "orders": 2}},
            "first": DAY,
            "last": LATER,
            "name": "Ada",
            "nameAt": LATER,
            "nameBy": "o1",
            "events": {
                "e": {
                    "orders": 1,
                    "tickets": 2,
                    "checkedIn": 1,
                    "unrecorded": 0,
                    "name": "Gala",
                    "startsAt": LATER,
                    "at": DAY,
                    "by": "o2",
                }
            },
            "optedInAt": DAY,
            "decision": {"status": "subscribed", "at": DAY, "source": "staff"},
        },
    ),
    (
        "Part, of nothing",
        Part("e1-x", events={"e": Attendance(1, 2, 0, 2)}),
        {
            "key": "e1-x",
            "rank": 0,
            "address": None,
            "byProof": False,
            "uid": None,
            "live": False,
            "userName": None,
            "proven": None,
            "orders": 0,
            "counted": 0,
            "spend": {},
            "first": None,
            "last": None,
            "name": None,
            "nameAt": None,
            "nameBy": None,
            "events": {
                "e": {
                    "orders": 1,
                    "tickets": 2,
                    "checkedIn": 0,
                    "unrecorded": 2,
                    "name": None,
                    "startsAt": None,
                    "at": None,
                    "by": None,
                }
            },
            "optedInAt": None,
            "decision": None,
        },
    ),
    (
        "LedgerEntry",
        LedgerEntry(
            7,
            identity="e1-x",
            part_id="p",
            address_key="e1-x",
            user_key="u1-x",
            awaiting="u1-x",
            contribution=Contribution(
                *("paid", True, "USD", 100, 30, DAY, "Ada", True),
                {"e": Tickets("Gala", LATER, 2, 1, 0), "f": Tickets(None, None, 1, 0, 1)},
                ("f",),
                (OddItem(3, "event-invalid"),),
                1,
            ),
        ),
        {
            "version": 7,
            "deleted": False,
            "quarantined": None,
            "identity": "e1-x",
            "partId": "p",
            "addressKey": "e1-x",
            "userKey": "u1-x",
            "awaiting": "u1-x",
            "erased": None,
            "status": "paid",
            "counted": True,
            "currency": "USD",
            "total": 100,
            "refunded": 30,
            "net": 70,
            "createdAt": DAY,
            "name": "Ada",
            "optedIn": True,
            "events": {
                "e": {
                    "name": "Gala",
                    "startsAt": LATER,
                    "tickets": 2,
                    "checkedIn": 1,
                    "unrecorded": 0,
                },
                "f": {
                    "name": None,
                    "startsAt": None,
                    "tickets": 1,
                    "checkedIn": 0,
                    "unrecorded": 1,
                },
            },
            "overLimit": ["f"],
            "oddItems": [{"index": 3, "reason": "event-invalid"}],
            "oddCount": 1,
            "marks": ["counted", "crowded", "named", "opted-in", "event:e"],
        },
    ),
    (
        "LedgerEntry, deleted",
        LedgerEntry(7, deleted=True, quarantined="status-invalid", erased="x"),
        {
            "version": 7,
            "deleted": True,
            "quarantined": "status-invalid",
            "identity": None,
            "partId": None,
            "addressKey": None,
            "userKey": None,
            "awaiting": None,
            "erased": "x",
            "status": None,
            "counted": False,
            "currency": None,
            "total": None,
            "refunded": None,
            "net": None,
            "createdAt": None,
            "name": None,
            "optedIn": False,
            "events": {},
            "overLimit": [],
            "oddItems": [],
            "oddCount": 0,
            "marks": [],
        },
    ),
    (
        "AddressIdentity",
        AddressIdentity("c", "p", {"q": "d"}, {"r": "x"}, DAY, "x", "u1-x", LATER),
        {
            "kind": "address",
            "customerId": "c",
            "partId": "p",
            "former": {"q": "d"},
            "erased": {"r": "x"},
            "erasedAt": DAY,
            "erasedBy": "x",
            "owner": "u1-x",
            "suppressed": LATER,
        },
    ),
    (
        "UserIdentity",
        UserIdentity(
            *("c", "p", {"q": "d"}, {"r": "x"}, DAY, "x", "u", 7, True, True, "Ada"),
            claimed="e1-x",
            proven="e1-y",
            conflict=True,
            keep_apart=("e1-z",),
            quarantined="email-invalid",
            account=True,
        ),
        {
            "kind": "user",
            "customerId": "c",
            "partId": "p",
            "former": {"q": "d"},
            "erased": {"r": "x"},
            "erasedAt": DAY,
            "erasedBy": "x",
            "uid": "u",
            "version": 7,
            "known": True,
            "live": True,
            "name": "Ada",
            "claimed": "e1-x",
            "proven": "e1-y",
            "conflict": True,
            "keepApart": ["e1-z"],
            "quarantined": "email-invalid",
            "account": True,
        },
    ),
    (
        "Record",
        Record("e1-x", "subscribed", DAY, "staff", "staff-1", {"source": "desk"}),
        {
            "identity": "e1-x",
            "status": "subscribed",
            "at": DAY,
            "source": "staff",
            "actor": "staff-1",
            "evidence": {"source": "desk"},
        },
    ),
    (
        "Merge",
        Merge(
            *("a", "b", DAY, "open", {"p": 1}, ("q",)),
            Before(("vip",), DAY, ("m",), 1),
            Before((), LATER, (), 0),
            ("c",),
            Proof("u1-x", None, "e1-x", "u1-y"),
        ),
        {
            "sourceId": "a",
            "targetId": "b",
            "at": DAY,
            "state": "open",
            "ranks": {"p": 1},
            "held": ["q"],
            "source": {"tags": ["vip"], "createdAt": DAY, "merges": ["m"], "staffMerges": 1},
            "target": {"tags": [], "createdAt": LATER, "merges": [], "staffMerges": 0},
            "links": ["c"],
            "proof": {
                "userKey": "u1-x",
                "provenBefore": None,
                "addressKey": "e1-x",
                "ownerBefore": "u1-y",
            },
        },
    ),
    (
        "Merge, by staff",
        Merge("a", "b", DAY, "undone", {}, (), Before((), DAY, (), 0), Before((), DAY, (), 0)),
        {
            "sourceId": "a",
            "targetId": "b",
            "at": DAY,
            "state": "undone",
            "ranks": {},
            "held": [],
            "source": {"tags": [], "createdAt": DAY, "merges": [], "staffMerges": 0},
            "target": {"tags": [], "createdAt": DAY, "merges": [], "staffMerges": 0},
            "links": [],
            "proof": None,
        },
    ),
    (
        "Job",
        Job(
            *("j", "tag", {"tag": "vip"}, "staff-1", DAY, LATER, "failed", 1, 2, "no-such-tag"),
            *([1, None], {"tagged": 1}, ({"customerId": "c", "fields": ["tags"]},)),
        ),
        {
            "kind": "tag",
            "state": "failed",
            "done": 1,
            "total": 2,
            "error": "no-such-tag",
            "startedAt": DAY,
            "updatedAt": LATER,
            "result": {"tagged": 1},
            "drift": [{"customerId": "c", "fields": ["tags"]}],
            "arguments": {"tag": "vip"},
            "actor": "staff-1",
            "cursor": [1, None],
        },
    ),
    (
        "Erasure",
        Erasure(
            *("x", DAY, "staff-1", "asked", ("c",), ("e1-x",), ("p",), "j", True, "running"),
            *(("u",), {"orders": 1}, {"backups": 1}, DAY, LATER),
        ),
        {
            "at": DAY,
            "actor": "staff-1",
            "reason": "asked",
            "customers": ["c"],
            "keys": ["e1-x"],
            "parts": ["p"],
            "jobId": "j",
            "forced": True,
            "state": "running",
            "uids": ["u"],
            "counts": {"orders": 1},
            "open": {"backups": 1},
            "newest": DAY,
            "suppressed": LATER,
        },
    ),
    (
        "TagRow",
        TagRow("VIP", DAY, "renaming", "j", LATER),
        {"label": "VIP", "createdAt": DAY, "state": "renaming", "jobId": "j", "since": LATER},
    ),
    ("Partitions", Partitions(("a", "b"), True), {"ids": ["a", "b"], "complete": True}),
]
"""What a document holds of an instance, since the first version: a change is a migration."""

DATA = st.dictionaries(st.text(), st.none() | st.integers() | st.lists(st.text()))
ANYTHING = {
    Job: {"arguments": DATA, "cursor": st.none() | DATA, "drift": st.lists(DATA).map(tuple)},
}
"""Fields that hold whatever JSON can."""


def instances(cls: Any) -> st.SearchStrategy[Any]:
    """Instances of a dataclass with every field filled in."""
    hints = get_type_hints(cls)
    some = {one.name: st.from_type(hints[one.name]) for one in fields(cls) if one.init}
    return st.builds(cls, **{**some, **ANYTHING.get(cls, {})})


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
@given(st.data())
def test_the_codec_does_what_was_written_by_hand(cls: Any, data: st.DataObject) -> None:
    one = data.draw(instances(cls))
    document = encoders[cls](one)
    assert document == one.to_data()
    by_id = [one.id] if issubclass(cls, StoredById) else []
    assert decoders[cls](document, *by_id) == cls.from_data(*by_id, document) == one


@pytest.mark.parametrize(
    ("one", "document"),
    [pytest.param(one, document, id=name) for name, one, document in DOCUMENTS],
)
def test_the_documents_are_these(one: Any, document: dict[str, object]) -> None:
    assert one.to_data() == document
    assert encoders[type(one)](one) == document
