from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given

from crm.core.errors import ConfigError
from crm.installing.jsonc import Node, read
from tests.support.jsonc_texts import documents


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for part in node.parts:
        yield from nodes(part)


@given(documents())
def test_what_is_read_is_what_is_written(document: tuple[str, Any]) -> None:
    text, value = document
    assert read(text, "x.json").value == value


@given(documents())
def test_everything_stands_where_it_is_said_to_stand(document: tuple[str, Any]) -> None:
    text, _ = document
    for node in nodes(read(text, "x.json")):
        assert read(f'{{"a": {text[node.start : node.end]}}}', "x").value == {"a": node.value}
        for comma in node.commas:
            assert text[comma] == ","
        for begin, part, key in zip(node.begins, node.parts, node.keys, strict=False):
            assert read(f"{{{text[begin : part.end]}}}", "x").value == {key: part.value}


@pytest.mark.parametrize("text", ["", "  \n", "\ufeff", "\r\n"])
def test_an_empty_file_is_an_object_without_members(text: str) -> None:
    assert read(text, "firebase.json").value == {}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{\n  "a" 1\n}', "line 2, column 7"),
        ('{"a": [1, }', "line 1, column 11"),
        ("{'a': 1}", "line 1, column 2"),
        ('{"a": 1', "its end"),
        ('{"a": 01}', "line 1, column 7"),
        ("// only a comment", "its end"),
    ],
)
def test_what_is_not_json_is_said_with_its_place(text: str, place: str) -> None:
    with pytest.raises(ConfigError) as error:
        read(text, "firebase.json")
    assert str(error.value) == f"firebase.json: not JSON at {place}: mend it first."


def test_a_bad_escape_is_said_too() -> None:
    with pytest.raises(ConfigError, match=r"^x\.json: not JSON"):
        read('{"a": "\\x"}', "x.json")


def test_of_two_members_of_one_name_the_last_one_counts() -> None:
    node = read('{"a": 1, "a": {"b": 2}}', "x")
    assert node.value == {"a": {"b": 2}}
    inner = node.at("a", "b")
    assert inner is not None
    assert inner.value == 2
    assert node.at("a", "c", "d") is None
