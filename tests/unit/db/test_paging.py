from __future__ import annotations

import base64
import itertools
import time
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.errors import Refusal
from crm.db.paging import MAX_AGE, MAX_LENGTH, PageTokens, Scope

TOKENS = PageTokens(b"a secret for tests only")
SCOPE = Scope("uid-1", "search_customers", {"q": "ada@example.com"})
JSON = st.none() | st.booleans() | st.integers() | st.text(max_size=50)


def refused(tokens: PageTokens, scope: Scope, token: str) -> bool:
    try:
        tokens.read(scope, token)
    except Refusal as refusal:
        return (refusal.code, refusal.reason) == ("invalid-argument", "page-token")
    return False


@given(st.lists(JSON, max_size=4))
def test_a_token_gives_its_position_back(position: list[object]) -> None:
    assert TOKENS.read(SCOPE, TOKENS.issue(SCOPE, position)) == position


@pytest.mark.parametrize(
    "other",
    [
        replace(SCOPE, caller="uid-2"),
        replace(SCOPE, caller=""),
        replace(SCOPE, function="list_orders"),
        replace(SCOPE, query={"q": "bob@example.com"}),
        replace(SCOPE, query={"q": "ada@example.com", "r": None}),
        replace(SCOPE, query={}),
        Scope("", "uid-1search_customers", SCOPE.query),
    ],
    ids=repr,
)
def test_a_token_is_good_for_its_caller_function_and_query_only(other: Scope) -> None:
    assert refused(TOKENS, other, TOKENS.issue(SCOPE, [1]))


def test_the_order_of_a_querys_keys_does_not_matter() -> None:
    one = replace(SCOPE, query={"a": 1, "b": 2})
    other = replace(SCOPE, query={"b": 2, "a": 1})
    assert TOKENS.read(other, TOKENS.issue(one, [1])) == [1]


def test_a_token_of_another_secret_is_refused() -> None:
    assert refused(PageTokens(b"another secret, likewise"), SCOPE, TOKENS.issue(SCOPE, [1]))


def test_changing_any_character_forges_the_token() -> None:
    token = TOKENS.issue(SCOPE, ["2024-03-01T12:00:00+00:00", "order-1"])
    for place in range(len(token) - 1):  # the last character has bits that base64 drops
        other = "A" if token[place] != "A" else "B"
        assert refused(TOKENS, SCOPE, token[:place] + other + token[place + 1 :])


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "null", "0", "ü.é.è", "x" * 5000])
def test_what_was_never_a_token_is_refused(text: str) -> None:
    assert refused(TOKENS, SCOPE, text)


@given(st.text())
def test_any_text_is_refused_and_nothing_worse(text: str) -> None:
    assert refused(TOKENS, SCOPE, text)


@pytest.mark.parametrize(("age", "good"), [(0, True), (MAX_AGE, True), (MAX_AGE + 1, False)])
def test_a_token_is_good_for_a_day(monkeypatch: pytest.MonkeyPatch, age: int, good: bool) -> None:
    start = int(time.time())
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: start)
    token = TOKENS.issue(SCOPE, [1])
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: start + age)
    assert refused(TOKENS, SCOPE, token) is not good


def test_a_token_holds_neither_the_query_nor_the_caller() -> None:
    token = TOKENS.issue(SCOPE, ["2024-03-01T12:00:00+00:00", "order-1"])
    parts = [base64.urlsafe_b64decode(part + "===") for part in token.lstrip(".").split(".")]
    opened = [zlib.decompress(parts[0])] if token.startswith(".") else []
    for part, secret in itertools.product([token.encode(), *parts, *opened], ["ada@", "uid-1"]):
        assert secret.encode() not in part


def test_the_longest_document_id_fits() -> None:
    for order_id in ("\U0001f600" * 375, "é" * 750, "x" * 1500):
        assert len(TOKENS.issue(SCOPE, ["2024-03-01T12:00:00.123456+00:00", order_id])) < MAX_LENGTH
