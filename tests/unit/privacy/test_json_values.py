"""A host's values as JSON."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from google.api_core.datetime_helpers import DatetimeWithNanoseconds
from google.cloud.firestore import DocumentReference, GeoPoint
from google.cloud.firestore_v1.vector import Vector
from hypothesis import given
from hypothesis import strategies as st

from crm.privacy.json_values import MARKS, MAX_EXACT, json_value

MOMENT = cast("Any", DatetimeWithNanoseconds)(2024, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, None),
        (True, True),
        ("Zoë \u2028", "Zoë \u2028"),
        (49.9, 49.9),
        (MAX_EXACT, MAX_EXACT),
        (-MAX_EXACT - 1, {"integerValue": "-9007199254740992"}),
        (2**63 - 1, {"integerValue": "9223372036854775807"}),
        (float("nan"), {"doubleValue": "NaN"}),
        (float("inf"), {"doubleValue": "Infinity"}),
        (float("-inf"), {"doubleValue": "-Infinity"}),
        (datetime(2024, 3, 1, tzinfo=UTC), "2024-03-01T00:00:00Z"),
        (MOMENT, "2024-03-01T12:00:00.500000Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
        (b"\0\xff", {"bytesValue": "AP8="}),
        (GeoPoint(52.5, 13.4), {"geoPointValue": {"latitude": 52.5, "longitude": 13.4}}),
        (DocumentReference("users", "u1"), {"referenceValue": "users/u1"}),
        (Vector([1.0, float("nan")]), [1.0, {"doubleValue": "NaN"}]),
        ([1, ["a", b""]], [1, ["a", {"bytesValue": ""}]]),
        ({"a.b": {"": 1}}, {"a.b": {"": 1}}),
        ({"bytesValue": "x"}, {"mapValue": {"fields": {"bytesValue": "x"}}}),
        ({"mapValue": {}, "other": 1}, {"mapValue": {}, "other": 1}),
        pytest.param(object(), {"unknownValue": "object"}, id="unknown"),
    ],
    ids=lambda one: repr(one)[:40],
)
def test_a_value_is_written_as_firestores_rest_api_does(value: object, written: object) -> None:
    assert json_value(value) == written
    assert json.loads(json.dumps(json_value(value), allow_nan=False)) == written


class Held:
    """A value of the database's own, known by what it has."""

    def __init__(self, **held: object) -> None:
        self.__dict__.update(held)


@pytest.mark.parametrize(
    ("held", "written"),
    [
        (
            {"latitude": 0, "longitude": 0.0, "path": "users/u1"},
            {"geoPointValue": {"latitude": 0, "longitude": 0.0}},
        ),
        (
            {"latitude": float("inf"), "longitude": 2**60},
            {
                "geoPointValue": {
                    "latitude": {"doubleValue": "Infinity"},
                    "longitude": {"integerValue": str(2**60)},
                }
            },
        ),
        ({"latitude": 1.0, "longitude": None}, {"unknownValue": "Held"}),
        ({"latitude": 1.0}, {"unknownValue": "Held"}),
        ({"longitude": 1.0}, {"unknownValue": "Held"}),
        ({"latitude": 1.0, "path": "users/u1"}, {"referenceValue": "users/u1"}),
        ({"path": "users/u1"}, {"referenceValue": "users/u1"}),
        ({"path": ""}, {"referenceValue": ""}),
        ({"path": 7}, {"unknownValue": "Held"}),
        ({"path": None}, {"unknownValue": "Held"}),
        ({}, {"unknownValue": "Held"}),
    ],
)
def test_a_value_of_the_databases_own_is_known_by_what_it_has(
    held: dict[str, object], written: object
) -> None:
    assert json_value(Held(**held)) == written


@pytest.mark.parametrize("sign", [1, -1])
def test_a_whole_number_is_written_as_text_from_where_readers_round_it(sign: int) -> None:
    exact = sign * (2**53 - 1)
    assert json_value(exact) == exact
    assert json_value(exact + sign) == {"integerValue": str(exact + sign)}


@pytest.mark.parametrize("mark", sorted(MARKS))
def test_a_map_of_one_key_that_looks_written_is_marked_as_a_map(mark: str) -> None:
    marked = {mark: {"x": [b"\0"]}}
    inner = {"x": [{"bytesValue": "AA=="}]}
    assert json_value(marked) == {"mapValue": {"fields": {mark: inner}}}
    assert json_value({**marked, "more": None}) == {mark: inner, "more": None}
    assert json_value({"another": 1}) == {"another": 1}
    assert json_value({}) == {}
    assert json_value({7: (1, 2)}) == {"7": [1, 2]}


STORED = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text()
    | st.binary()
    | st.datetimes(timezones=st.just(UTC))
    | st.builds(GeoPoint, st.floats(-90, 90), st.floats(-180, 180)),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(sorted(MARKS)), inner)
    ),
    max_leaves=20,
)


def read_back(written: Any) -> Any:
    """The stored value, but for times, which are text."""
    match written:
        case {"integerValue": text, **rest} if not rest:
            return int(text)
        case {"doubleValue": text, **rest} if not rest:
            return float(text)
        case {"bytesValue": text, **rest} if not rest:
            return ("bytes", text)
        case {"geoPointValue": {"latitude": a, "longitude": b}, **rest} if not rest:
            return (a, b)
        case {"mapValue": {"fields": fields}, **rest} if not rest:
            return {key: read_back(one) for key, one in fields.items()}
        case dict():
            return {key: read_back(one) for key, one in written.items()}
        case list():
            return [read_back(one) for one in written]
    return written


def as_read(value: Any) -> Any:
    match value:
        case dict():
            return {key: as_read(one) for key, one in value.items()}
        case list():
            return [as_read(one) for one in value]
        case bytes():
            return ("bytes", base64.b64encode(value).decode())
        case GeoPoint():
            return (value.latitude, value.longitude)
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
    return value


@given(STORED)
def test_whatever_is_stored_is_written_and_can_be_read_back(value: object) -> None:
    written = json.loads(json.dumps(json_value(value), allow_nan=False))
    assert repr(read_back(written)) == repr(as_read(value))  # NaN is not equal to itself
