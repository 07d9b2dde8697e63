"""Writes are coded to what the library's own batch makes of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.api_core.datetime_helpers import DatetimeWithNanoseconds
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore import Client, DocumentReference, GeoPoint
from google.cloud.firestore_v1.field_path import FieldPath
from hypothesis import given
from hypothesis import strategies as st

from crm.db.documents import REMOVED, Create, Data, Delete, Set, Update, Write, key_path, quoted
from crm.firebase.coding import NotPlain, message_of, names_in
from crm.firebase.store import FirestoreStore

CLIENT = Client(project="demo-coding", credentials=AnonymousCredentials())  # type: ignore[no-untyped-call]
DOCUMENTS = "projects/demo-coding/databases/(default)/documents"
VERSION = 1_767_225_600_158_000_123

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
NUMBERS = st.integers(-(2**63), 2**63 - 1)
TIMES = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.floats(allow_nan=False) | NAMES | TIMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
DOCUMENT = st.dictionaries(NAMES, VALUES, max_size=5)


def by_library(write: Write) -> Any:
    batch: Any = CLIENT.batch()
    FirestoreStore(CLIENT)._add(batch, write)
    (message,) = batch._write_pbs
    return message


def alike(message: Any) -> tuple[Any, ...]:
    """What a message says; the library also quotes what need not be, and sorts."""
    mask = {FieldPath.from_api_repr(path).parts for path in message.update_mask.field_paths}
    return message.update, mask, message.current_document


@given(DOCUMENT)
def test_a_document_is_coded_as_the_library_does(data: Data) -> None:
    for write in (Create("orders/o1", data), Set("orders/o1", data)):
        assert message_of(write, DOCUMENTS) == by_library(write)


@given(
    st.dictionaries(NAMES, st.just(REMOVED) | VALUES, min_size=1, max_size=4),
    st.dictionaries(NAMES, st.just(REMOVED) | VALUES, max_size=4),
)
def test_changes_are_coded_as_the_library_does(facets: Data, fields: Data) -> None:
    data = {key_path("facets", key): value for key, value in facets.items()}
    data |= {quoted(key): value for key, value in fields.items() if key != "facets"}
    write = Update("customers/c1", data, VERSION)
    assert alike(message_of(write, DOCUMENTS)) == alike(by_library(write))


@given(st.lists(NAMES, min_size=1, max_size=4))
def test_a_path_has_the_names_that_it_was_made_of(names: list[str]) -> None:
    assert names_in(".".join(map(quoted, names))) == names


def test_a_plain_path_is_cut_at_its_dots() -> None:
    assert names_in("totalSpend") == ["totalSpend"]
    assert names_in("parts.`a.b`.orders") == ["parts", "a.b", "orders"]


@pytest.mark.parametrize(
    "moment", [datetime(1970, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
)
def test_any_time_is_a_time(moment: datetime) -> None:
    for value in (moment, moment + timedelta(microseconds=-1) if moment.year > 1970 else moment):
        write = Set("orders/o1", {"at": value})
        assert message_of(write, DOCUMENTS) == by_library(write)


def test_a_time_that_was_worked_out_of_one_that_was_read_keeps_its_microseconds() -> None:
    read = DatetimeWithNanoseconds(2024, 3, 1, 12, nanosecond=5_000, tzinfo=UTC)  # type: ignore[no-untyped-call]
    write = Set("orders/o1", {"at": read + timedelta(microseconds=2), "as": read})
    (worked_out, as_read) = (
        message_of(write, DOCUMENTS).update.fields[name].timestamp_value for name in ("at", "as")
    )
    assert (worked_out.microsecond, as_read.nanosecond) == (7, 5_000)
    assert message_of(write, DOCUMENTS) == by_library(write)


@pytest.mark.parametrize(
    "value",
    [
        b"bytes",
        GeoPoint(1.0, 2.0),
        DocumentReference("users", "u1", client=CLIENT),
        datetime(2024, 3, 1),  # noqa: DTZ001
        {1, 2},
    ],
)
def test_what_is_not_plain_is_left_to_the_library(value: object) -> None:
    for data in ({"deep": [{"down": value}]}, {"here": value}):
        with pytest.raises(NotPlain):
            message_of(Set("orders/o1", data), DOCUMENTS)


def test_an_update_of_nothing_is_refused_and_empties_no_document() -> None:
    """Without a mask, as an empty one comes to be sent, Firestore would replace the document."""
    with pytest.raises(ValueError, match="empty"):
        FirestoreStore(CLIENT).commit([Update("orders/o1", {}, VERSION)])


def test_a_deletion_is_left_to_the_library() -> None:
    with pytest.raises(NotPlain):
        message_of(Delete("orders/o1"), DOCUMENTS)


def test_a_commit_sends_both_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []

    class Api:
        def commit(self, request: Any, **_: Any) -> Any:
            sent.extend(request["writes"])
            raise ConnectionError

    monkeypatch.setattr(CLIENT, "_firestore_api_internal", Api())
    writes: list[Write] = [
        Create("a/1", {"n": 1}),
        Set("a/2", {"where": GeoPoint(1.0, 2.0)}),
        Delete("a/3"),
    ]
    with pytest.raises(Exception, match="ConnectionError"):
        FirestoreStore(CLIENT).commit(writes)
    assert [one.delete or one.update.name for one in sent] == [
        f"{DOCUMENTS}/a/{n}" for n in (1, 2, 3)
    ]
