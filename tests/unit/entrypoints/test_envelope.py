"""The request of a callable is `{"data": …}` in JSON, or is refused by name."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.errors import Refusal
from crm.entrypoints.callables.envelope import MAX_BYTES, MAX_DEPTH, check_body, check_head


def nested(depth: int) -> bytes:
    """A body with arrays and objects in each other, the outermost and `data`'s counted."""
    return b'{"data": ' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


GOOD = [
    b'{"data": null}',
    b' { "data" : {"email": "a@example.com"} } \n',
    b'{"data": []}',
    '{"data": "Zoë \U0001f600"}'.encode(),
    b'{"data": 1.5e300}',
    b'{"data": "\\ud800"}',  # refused later, by the key that holds it
    nested(MAX_DEPTH),
    b'{"data": "%s"}' % (b"x" * (MAX_BYTES - 12)),
]

BAD: list[tuple[bytes, str]] = [
    (b"", "not-json"),
    (b"data", "not-json"),
    (b'{"data": ', "not-json"),
    (b"{'data': 1}", "not-json"),
    (b'{"data": 1} x', "not-json"),
    (b'{"data": "\xff"}', "not-json"),
    (b'{"data": "\xed\xa0\x80"}', "not-json"),
    ('{"data": 1}'.encode("utf-16"), "not-json"),
    (b'\xef\xbb\xbf{"data": 1}', "not-json"),
    (b'{"data": NaN}', "not-json"),
    (b'{"data": [-Infinity]}', "not-json"),
    (b'{"data": 1e999}', "not-json"),
    (b'{"data": ' + b"9" * 5000 + b"}", "not-json"),
    (b'["data"]', "not-an-object"),
    (b'"data"', "not-an-object"),
    (b"null", "not-an-object"),
    (b"1", "not-an-object"),
    (b"{}", "missing-key"),
    (b'{"Data": {}}', "missing-key"),
    (b'{"data": 1, "ada@example.com": 1}', "unknown-key"),
    (nested(MAX_DEPTH + 1), "too-deep"),
    (nested(900), "too-deep"),
    (nested(10_000), "too-deep"),
    (nested(400_000), "too-deep"),
    (b'{"data": ' + b'{"a":' * 10_000 + b"1" + b"}" * 10_001, "too-deep"),
    (b'{"data": "%s"}' % (b"x" * (MAX_BYTES - 11)), "body-too-large"),
    (b" " * 11_000_000, "body-too-large"),
]


@pytest.mark.parametrize("body", GOOD, ids=lambda one: repr(one)[:40])
def test_what_is_well_formed_goes_on(body: bytes) -> None:
    check_body(body)


@pytest.mark.parametrize(("body", "reason"), BAD, ids=lambda one: repr(one)[:40])
def test_what_is_malformed_is_refused_by_name(body: bytes, reason: str) -> None:
    began = time.process_time()
    with pytest.raises(Refusal) as refused:
        check_body(body)
    assert (refused.value.code, refused.value.reason) == ("invalid-argument", reason)
    assert "ada" not in refused.value.message
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("method", "kind", "reason"),
    [
        ("GET", "", "not-post"),
        ("PUT", "application/json", "not-post"),
        ("POST", "", "content-type"),
        ("POST", "text/plain", "content-type"),
        ("POST", "application/x-www-form-urlencoded", "content-type"),
        ("POST", "multipart/form-data", "content-type"),
    ],
)
def test_method_and_type_are_checked_first(method: str, kind: str, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_head(method, kind)
    assert refused.value.reason == reason
    check_head("POST", "application/json")
    check_head("POST", "Application/JSON")


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8")))
def test_whatever_is_sent_is_taken_or_refused(body: bytes) -> None:
    try:
        check_body(body)
    except Refusal as refusal:
        assert refusal.code == "invalid-argument"
    else:
        assert list(json.loads(body)) == ["data"]
