"""Requests of every shape to every callable, as they come over HTTP: refused, and nothing logged.

Each goes through the declared function with its checks and the SDK, as an admin, to a shop in
memory. `CRM_FUZZ=5000` requests a callable for the full size.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import main
from crm.entrypoints.callables import dispatch as calls
from crm.entrypoints.callables.dispatch import CALLS
from crm.entrypoints.callables.envelope import MAX_BYTES, MAX_DEPTH
from crm.runtime import logs
from testing.enough import until_enough
from testing.world import numbered_id
from tests.support.cloud_run import token
from tests.support.faults import hurried
from tests.support.stage import UNBOUNDED, Process, shop

REQUESTS = int(os.environ.get("CRM_FUZZ", "40"))
PROJECT = "demo-fuzz"
CANARIES = ("ada.canary@example.com", "Canary Lovelace", "+15550142", "uidCanary7")
KEY = "key.canary@example.com"
"""As a key: an answer may name it, a log may not."""

FINE = {"OK", "INVALID_ARGUMENT", "NOT_FOUND", "FAILED_PRECONDITION", "ALREADY_EXISTS"}
"""What an admin is answered where everything works."""

KNOWN = [
    "ada@example.com",
    "bob@example.com",
    "u-eve",
    "vip",
    "Important",
    numbered_id(1),
    "nobody",
]

odd_text = st.sampled_from(
    [
        *("", " ", ".", "..", "a/b", "__x__", "a.b", "$where", "`", "\x00", "\ud800", "\u202e"),
        *("tag:", "not", "(", "tag:vip and", "total_spend >= 1e999 USD", "x" * 1_501, "é" * 800),
        *("last_order > 9999-12-31", "not " * 60 + "tag:a", "(" * 70, '"', "K", "ß", "A@B@C"),
    ]
)
text = st.one_of(st.sampled_from(CANARIES), st.sampled_from(KNOWN), odd_text, st.text(max_size=20))
plain: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -1, 2**31, 2**63, 10**400, 201, 0.5, 1e308, float("nan"), float("inf")]),
    text,
)
WORDS = (
    *("all", "any", "not", "tag", "attended", "totalSpend", "currency", "gte", "lt", "eq"),
    *("orderCount", "firstOrderAt", "withinDays", "marketing", "registered", "emailDomain"),
    *("segment", "$ne", KEY),
)
value = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    ),
    max_leaves=8,
)


def deep(levels: int) -> Any:
    found: Any = {"tag": "vip"}
    for _ in range(levels):
        found = {"not": found}
    return found


def bodies(name: str) -> st.SearchStrategy[bytes]:
    """Bodies for one callable: mostly its own keys with any values, and all that is no call."""
    keys = sorted(CALLS[name].request.model_json_schema().get("properties", {}))
    own = st.dictionaries(st.sampled_from([*keys, *keys, "x", KEY]), value, max_size=5)
    few = st.fixed_dictionaries({}, optional=dict.fromkeys(keys, text))
    large = st.sampled_from([deep(8), deep(9), deep(MAX_DEPTH), deep(500), ["x" * 70] * 600])
    data = st.one_of(own, own, few, few, value, large)
    wrapped = data.map(lambda one: json.dumps({"data": one}).encode())
    return st.one_of(
        wrapped,
        wrapped,
        wrapped,
        wrapped.map(lambda body: body[: len(body) // 2]),
        value.map(lambda one: json.dumps(one).encode()),
        st.binary(max_size=40),
        st.sampled_from(
            [
                b'{"data": "' + b"x" * MAX_BYTES + b'"}',
                b"[" * 100_000,
                b'{"data":' * 2_000,
                b'{"data": {}, "email": "' + CANARIES[0].encode() + b'"}',
                b'{"data": "\xff"}',
            ]
        ),
    )


@pytest.fixture(autouse=True)
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As a function is served: its logs, and Auth's emulator, which takes unsigned tokens."""
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:1")
    monkeypatch.setenv("GCLOUD_PROJECT", PROJECT)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", PROJECT)
    monkeypatch.setenv("FUNCTION_TARGET", "fuzzed")
    root, kept = logging.getLogger(), [*logging.getLogger().handlers]
    factory, raising = logging.getLogRecordFactory(), logging.raiseExceptions
    hooks = threading.excepthook, sys.unraisablehook
    level = logging.getLogger(logs.OWN).level
    logs.install()
    try:
        with hurried():
            yield
    finally:
        root.handlers[:] = kept
        logging.setLogRecordFactory(factory)
        logging.raiseExceptions = raising
        logging.captureWarnings(False)
        logging.getLogger(logs.OWN).setLevel(level)
        threading.excepthook, sys.unraisablehook = hooks


@pytest.mark.parametrize("name", CALLS)
def test_any_request_gets_its_code(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = Flask(__name__)
    now: list[Process] = []
    monkeypatch.setattr(
        main,
        "_answer",
        lambda name, request: calls.answer(name, request, lambda: now[0].services, UNBOUNDED),
    )
    claims = {"sub": "u-eve", "crm": "admin", "email": "eve@example.com", "email_verified": True}
    headers = {"Authorization": f"Bearer {token(PROJECT, **claims)}"}
    met: Counter[str] = Counter()

    @settings(
        max_examples=REQUESTS,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(bodies(name))
    def check(body: bytes) -> None:
        now[:] = [Process(start=shop())]
        request = app.test_request_context(
            "/", method="POST", data=body, headers=headers, content_type="application/json"
        )
        with request:
            answer = getattr(main, name)(request.request)
        told = json.loads(answer.get_data(), parse_constant=lambda what: pytest.fail(what))
        status = told["error"]["status"] if "error" in told else "OK"
        met.update((status, "all"))
        assert status in FINE, told
        if status != "OK":
            assert set(told["error"]["details"]) >= {"reason"}
            assert not any(canary in answer.get_data(as_text=True) for canary in CANARIES)

    floors = {"all": REQUESTS, "INVALID_ARGUMENT": 1}
    until_enough(lambda number: seed(number)(check)(), met, floors)
    printed = capsys.readouterr()
    assert not [one for one in (*CANARIES, KEY) if one in printed.out + printed.err]
    assert "Traceback" not in printed.err
