"""Documents are decoded to what the library makes of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.api_core.datetime_helpers import DatetimeWithNanoseconds
from google.cloud.firestore import DocumentReference, GeoPoint
from google.cloud.firestore_v1 import _helpers
from google.cloud.firestore_v1.types import Document
from google.cloud.firestore_v1.vector import Vector
from hypothesis import given

from crm.db.documents import Data, moment_of
from crm.firebase.decoding import snapshot_of, version_in
from tests.unit.firebase.test_coding import CLIENT, DOCUMENT, DOCUMENTS, TIMES, VERSION

NANOSECONDS: Any = DatetimeWithNanoseconds

OTHERS: dict[str, Any] = {
    "bytes": b"\x00\xff",
    "place": GeoPoint(52.5, 13.4),
    "reference": DocumentReference("users", "u1", client=CLIENT),
    "vector": Vector([1.0, 2.5]),
    "nanos": NANOSECONDS(2026, 1, 1, nanosecond=123_456_789, tzinfo=UTC),
    "before 1970": datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    "type": {"__type__": "x"},
    "underscores": {"__a__": 1, "b": 2},
    "infinite": float("inf"),
}


def message(data: Data, path: str = "orders/o1") -> Any:
    document: Any = Document(name=f"{DOCUMENTS}/{path}", fields=_helpers.encode_dict(dict(data)))
    for stamp, version in ((document._pb.update_time, VERSION), (document._pb.create_time, 5_000)):
        stamp.seconds, stamp.nanos = divmod(version, 1_000_000_000)
    return document._pb


def typed(value: Any) -> Any:
    """A value with the types of all that is in it."""
    if isinstance(value, dict):
        return {name: typed(one) for name, one in value.items()}
    if isinstance(value, list):
        return [typed(one) for one in value]
    return type(value).__name__, value


def by_library(data: Data) -> Any:
    return _helpers.decode_dict(message(data).fields, CLIENT)


@given(DOCUMENT)
def test_values_are_those_of_the_library(data: Data) -> None:
    found = snapshot_of(message(data), DOCUMENTS, CLIENT)
    assert found.data == by_library(data)
    assert typed(found.data) == typed(data)  # 1 is not 1.0, nor True


@pytest.mark.parametrize("name", OTHERS)
def test_so_are_those_that_are_not_plain(name: str) -> None:
    data = {"a": {"b": [OTHERS[name]]}, "c": OTHERS[name]}
    assert snapshot_of(message(data), DOCUMENTS, CLIENT).data == by_library(data)


@given(TIMES)
def test_a_time_is_exact_and_in_utc(moment: datetime) -> None:
    found = snapshot_of(message({"at": moment}), DOCUMENTS, CLIENT).fields["at"]
    assert (found, found.utcoffset()) == (moment, timedelta(0))


def test_nanoseconds_are_kept() -> None:
    found = snapshot_of(message(OTHERS), DOCUMENTS, CLIENT).fields["nanos"]
    assert found.nanosecond == 123_456_789


@pytest.mark.parametrize("path", ["orders/o1", "users/u1/orders/o1", "orders/documents"])
def test_a_snapshot_says_where_and_of_when(path: str) -> None:
    found = snapshot_of(message({}, path), DOCUMENTS, CLIENT)
    assert (found.path, found.data, found.version) == (path, {}, VERSION)
    assert found.created == moment_of(5_000)


def test_a_time_before_1970_is_a_version_too() -> None:
    stamp: Any = message({}).update_time
    stamp.seconds, stamp.nanos = -1, 999_999_999
    assert version_in(stamp) == -1
