"""A chunk of an import without somebody: rows that wait, and what was done, go by either key."""

from __future__ import annotations

from typing import Any

import pytest

from crm.privacy.erasure.lists import without_keys

CHUNK: dict[str, Any] = {
    "importId": "i",
    "keys": ["a", "b", "c"],
    "rows": {"0": {"key": "a", "name": "Ada"}, "1": {"key": "b"}},
    "done": {
        "2": {"key": "a", "fieldsKey": None},
        "3": {"key": "b", "fieldsKey": "a"},
        "4": {"key": "b", "fieldsKey": "c"},
        "5": {"key": "b"},
    },
    "undone": False,
}


@pytest.mark.parametrize(
    ("gone", "keys", "rows", "done"),
    [
        ((), ["a", "b", "c"], "01", "2345"),
        (("x",), ["a", "b", "c"], "01", "2345"),
        (("a",), ["b", "c"], "1", "45"),
        (("b",), ["a", "c"], "0", "2"),
        (("c",), ["a", "b"], "01", "235"),
        (("a", "c"), ["b"], "1", "5"),
        (("a", "b", "c"), [], "", ""),
    ],
)
def test_what_is_about_some_keys_is_left_out_and_all_else_stays(
    gone: tuple[str, ...], keys: list[str], rows: str, done: str
) -> None:
    before = repr(CHUNK)
    assert without_keys(CHUNK, gone) == {
        "importId": "i",
        "keys": keys,
        "rows": {place: CHUNK["rows"][place] for place in rows},
        "done": {place: CHUNK["done"][place] for place in done},
        "undone": False,
    }
    assert repr(CHUNK) == before
