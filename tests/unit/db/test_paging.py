from __future__ import annotations

import base64
import itertools
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.errors import Refusal
from crm.db import paging
from crm.db.documents import Query, Snapshot, up_to
from crm.db.paging import MAX_AGE, MAX_TOKEN_LENGTH, Cursor, Pager, PageTokens, Rows, Scope
from testing.memory import MemoryStore

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
        assert (
            len(TOKENS.issue(SCOPE, ["2024-03-01T12:00:00.123456+00:00", order_id]))
            < MAX_TOKEN_LENGTH
        )


READ: dict[str, Callable[[Cursor, MemoryStore], Rows]] = {
    "the newest first": lambda cursor, store: cursor.newest_first(store, Query("rows"), "at"),
    "by text": lambda cursor, store: cursor.by_text(store, Query("rows"), "name"),
    "by id": lambda cursor, store: cursor.by_id(store, Query("rows")),
}
IN_ORDER = {"the newest first": "dcba", "by text": "abdc", "by id": "abcd"}
SECOND = {
    "the newest first": ["2024-03-02T00:00:00+00:00", "b"],
    "by text": ["m", "d"],
    "by id": ["c"],
}
"""What the token behind the third row holds: those that are out must go on working."""


@pytest.fixture
def rows() -> MemoryStore:
    store = MemoryStore()
    for day, (row, name) in enumerate(zip("abcd", ["k", "m", "z", "m"], strict=True), start=1):
        at = datetime(2024, 3, min(day, 3), tzinfo=UTC)
        store.put(f"rows/{row}", {"at": at, "name": name})
    return store


@pytest.mark.parametrize("way", READ)
def test_pages_give_every_row_once_and_in_order(way: str, rows: MemoryStore) -> None:
    pager, seen = Pager(TOKENS, "uid-1", 3), ""
    while True:
        page, token = READ[way](pager.open("list_rows", {}), rows)
        seen += "".join(row.id for row in page)
        if token is None:
            break
        assert TOKENS.read(Scope("uid-1", "list_rows", {}), token) == SECOND[way]
        pager = replace(pager, token=token)
    assert seen == IN_ORDER[way]


@pytest.mark.parametrize("way", READ)
def test_a_last_page_that_is_full_has_no_next_one(way: str, rows: MemoryStore) -> None:
    assert READ[way](Pager(TOKENS, "uid-1", 4).open("list_rows", {}), rows)[1] is None


def test_a_page_is_opened_by_whom_and_for_what_its_token_was_issued() -> None:
    token = Pager(TOKENS, "uid-1", 3).open("list_rows", {"q": "a"}).next_token(["b"])
    pager = Pager(TOKENS, "uid-1", 5, token)
    assert pager.open("list_rows", {"q": "a"}).position == ["b"]
    for other, function, query in (
        (replace(pager, caller="uid-2"), "list_rows", {"q": "a"}),
        (pager, "list_others", {"q": "a"}),
        (pager, "list_rows", {"q": "b"}),
    ):
        with pytest.raises(Refusal, match="pageToken"):
            other.open(function, query)


@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(0, 400)), max_size=14),
    st.integers(1, 4),
    st.integers(1, 1_000),
)
def test_pages_that_end_by_bytes_give_every_row_once_and_in_order(
    made: list[tuple[int, int]], size: int, most: int
) -> None:
    """Also where one list is made of two collections, and one of them is cut before the other."""
    store = MemoryStore()
    for number, (day, length) in enumerate(made):
        at, text = datetime(2024, 3, day, tzinfo=UTC), "x" * length
        store.put(f"rows{number % 2}/{number:02}", {"at": at, "text": text, "name": f"n{day}"})
    lists: dict[str, Callable[[Cursor], Rows]] = {
        "both": lambda cursor: cursor.newest_first(store, [Query("rows0"), Query("rows1")], "at"),
        "one": lambda cursor: cursor.newest_first(store, Query("rows0"), "at"),
        "text": lambda cursor: cursor.by_text(store, Query("rows0"), "name"),
        "id": lambda cursor: cursor.by_id(store, Query("rows0")),
    }
    every = {f"{n:02}": (day, n) for n, (day, _) in enumerate(made)}
    first = [one for one in sorted(every) if int(one) % 2 == 0]
    expected = {
        "both": sorted(every, key=lambda one: every[one], reverse=True),
        "one": sorted(first, key=lambda one: every[one], reverse=True),
        "text": sorted(first, key=lambda one: every[one]),
        "id": first,
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paging, "PAGE_BYTES", most)
        for way, read in lists.items():
            pager, seen = Pager(TOKENS, "uid-1", size), []
            while True:
                page, token = read(pager.open("list_rows", {}))
                assert len(page) <= size
                assert sum(row.size for row in page[:-1]) < most
                seen += [row.id for row in page]
                if token is None:
                    break
                assert page  # nobody asks for ever
                pager = replace(pager, token=token)
            assert seen == expected[way]


def test_a_document_of_anything_has_a_size() -> None:
    """What only the host's own documents hold, or a hand has put there, ends no list."""
    odd = {"bytes": b"x", "nan": float("nan"), "place": object(), "deep": [{"x": [None, True]}]}
    (found,) = up_to(1, [Snapshot("rows/a", odd, 1)])
    assert found.size > 50
    assert found == Snapshot("rows/a", odd, 1)


def test_nothing_is_taken_behind_the_bytes_that_were_asked_for() -> None:
    def endless() -> Iterator[Snapshot]:
        for number in itertools.count():
            yield Snapshot(f"rows/{number}", {"text": "x" * 89}, 1)  # 101 bytes as JSON

    assert [one.size for one in up_to(1_000, endless())] == [101] * 10
