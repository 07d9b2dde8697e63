from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.errors import ConfigError
from crm.installing.indexes import joined, mark_of, marks, of_text, parted
from crm.installing.jsonc import read
from tests.support.host_files import OURS

ALL = of_text(OURS.indexes, "x")


def index(name: str, **more: Any) -> dict[str, Any]:
    fields = [
        {"fieldPath": "a", "order": "ASCENDING"},
        {"fieldPath": "b", "arrayConfig": "CONTAINS"},
    ]
    return {"collectionGroup": name, "queryScope": "COLLECTION", "fields": fields, **more}


def override(name: str, *indexes: dict[str, Any]) -> dict[str, Any]:
    return {"collectionGroup": name, "fieldPath": "a", "indexes": [*indexes]}


NAMES = st.lists(st.sampled_from("abcdef"), unique=True)


@given(NAMES, NAMES, st.data())
def test_ours_come_behind_theirs_and_go_again(
    theirs: list[str], ours: list[str], data: st.DataObject
) -> None:
    indent = data.draw(st.sampled_from([None, 2, "\t"]))
    held = {
        "indexes": [index(name) for name in theirs],
        "fieldOverrides": [override(name) for name in theirs],
    }
    text = json.dumps(held, indent=indent)
    mine = {
        "indexes": [index(name) for name in ours],
        "fieldOverrides": [override(name) for name in ours],
    }
    more = joined(text, mine, "x")
    new = [name for name in ours if name not in theirs]
    for kind, make in (("indexes", index), ("fieldOverrides", override)):
        assert read(more, "x").value[kind] == [*map(make, theirs), *map(make, new)]
    assert joined(more, mine, "x") == more
    added = marks(text, more, "x")
    assert len(added) == 2 * len(new)
    assert read(parted(more, added, "x"), "x").value == held
    if theirs:
        assert parted(more, added, "x") == text


@pytest.mark.parametrize(
    "same",
    [
        {"density": "SPARSE_ALL"},
        {"apiScope": "ANY_API", "multikey": False},
        {"fields": [*index("a")["fields"], {"fieldPath": "__name__", "order": "ASCENDING"}]},
        {"fields": [{"fieldPath": "a", "mode": "ASCENDING"}, index("a")["fields"][1]]},
    ],
)
def test_what_the_firebase_cli_fetches_is_known_again(same: dict[str, Any]) -> None:
    text = json.dumps({"indexes": [index("a", **same)], "fieldOverrides": []})
    assert joined(text, {"indexes": [index("a")]}, "x") == text


@pytest.mark.parametrize(
    "other",
    [
        {"queryScope": "COLLECTION_GROUP"},
        {"fields": [{"fieldPath": "a", "order": "DESCENDING"}, index("a")["fields"][1]]},
        {"fields": index("a")["fields"][::-1]},
    ],
)
def test_another_index_is_another(other: dict[str, Any]) -> None:
    assert mark_of("indexes", index("a", **other)) != mark_of("indexes", index("a"))


def test_of_a_field_the_hosts_entry_stays_and_is_told() -> None:
    ascending = {"order": "ASCENDING", "queryScope": "COLLECTION"}
    descending = {"queryScope": "COLLECTION", "order": "DESCENDING"}
    text = json.dumps({"fieldOverrides": [override("a", ascending, descending)]})
    said: list[str] = []
    assert (
        joined(text, {"fieldOverrides": [override("a", descending, ascending)]}, "x", (), said)
        == text
    )
    assert said == []
    assert joined(text, {"fieldOverrides": [override("a")]}, "x", (), said) == text
    (sentence,) = said
    assert sentence.startswith("x: your entry for the field a.a stays, and differs")


def test_no_field_of_ours_is_told_of_twice() -> None:
    fields = [(one["collectionGroup"], one["fieldPath"]) for one in ALL["fieldOverrides"]]
    assert len({*fields}) == len(fields)
    kept = [mark_of("indexes", one) for one in ALL["indexes"]]
    assert len({*kept}) == len(kept)


@pytest.mark.parametrize("text", ["[]", '{"indexes": {}}', '{"fieldOverrides": 1}'])
def test_another_file_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^x: "):
        joined(text, ALL, "x")
