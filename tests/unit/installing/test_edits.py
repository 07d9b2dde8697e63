from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.installing.edits import added, dropped, put, replaced, unwrapped, without, wrapped
from crm.installing.jsonc import Node, read
from tests.support.jsonc_texts import VALUES, documents

COMMENTS = re.compile(r"// (?:\[ \" \{|,)|/\* \] \} \*/")


def containers(node: Node) -> Iterator[Node]:
    if isinstance(node.value, dict | list):
        yield node
    for part in node.parts:
        yield from containers(part)


def one_of(data: st.DataObject, text: str) -> Node:
    return data.draw(st.sampled_from(list(containers(read(text, "x")))), "container")


def same_place(text: str, node: Node) -> Node:
    return next(one for one in containers(read(text, "x")) if one.start == node.start)


@given(documents(), st.data(), VALUES, st.booleans())
def test_what_is_added_is_there_and_goes_to_the_byte(
    document: tuple[str, Any], data: st.DataObject, value: Any, first: bool
) -> None:
    text, _ = document
    node = one_of(data, text)
    key = "a key of ours" if isinstance(node.value, dict) else None
    more = added(text, node, value, key=key, first=first)
    found = same_place(more, node)
    place = 0 if first else len(node.parts)
    assert found.parts[place].value == value
    rest = [one.value for number, one in enumerate(found.parts) if number != place]
    assert rest == [one.value for one in node.parts]
    assert COMMENTS.findall(more) == COMMENTS.findall(text)
    back = without(more, found, place)
    if node.parts:
        assert back == text
    else:
        assert same_place(back, node).value == node.value
        assert COMMENTS.findall(back) == COMMENTS.findall(text)


@given(documents(), st.data())
def test_any_run_of_parts_can_go_and_comments_stay(
    document: tuple[str, Any], data: st.DataObject
) -> None:
    text, _ = document
    node = one_of(data, text)
    if not node.parts:
        return
    first = data.draw(st.integers(0, len(node.parts) - 1))
    count = data.draw(st.integers(1, len(node.parts) - first))
    left = same_place(without(text, node, first, count), node)
    kept = [*node.parts[:first], *node.parts[first + count :]]
    assert [one.value for one in left.parts] == [one.value for one in kept]


@given(documents(), st.data())
def test_a_value_is_wrapped_and_unwrapped(document: tuple[str, Any], data: st.DataObject) -> None:
    text, _ = document
    node = one_of(data, text)
    more = wrapped(text, node)
    array = same_place(more, node)
    assert array.value == [node.value]
    assert unwrapped(more, array) == text


@given(documents(), st.data(), VALUES)
def test_a_value_is_replaced(document: tuple[str, Any], data: st.DataObject, value: Any) -> None:
    text, _ = document
    node = one_of(data, text)
    holder = read(f'{{"x": {text[node.start : node.end]}}}', "x")
    assert read(replaced(f'{{"x": {text[node.start : node.end]}}}', holder.parts[0], value), "x")
    assert read(replaced(text, read(text, "x"), {"a": value}), "x").value == {"a": value}


@given(documents(), VALUES)
def test_a_value_is_put_at_a_path_and_dropped(document: tuple[str, Any], value: Any) -> None:
    text, held = document
    more = put(text, ("ours", "b", "c"), value, "x")
    assert read(more, "x").value == {**held, "ours": {"b": {"c": value}}}
    assert put(more, ("ours", "b", "c"), value, "x") == more
    assert read(dropped(more, ("ours", "b", "c"), "x"), "x").value == {**held, "ours": {"b": {}}}
    if held:
        assert dropped(more, ("ours",), "x") == text
    assert dropped(text, ("ours", "b"), "x") == text


LIST = '{\n  "a": [\n    1, // one\n    2 // two\n    // behind\n  ]\n}\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (LIST, '{\n  "a": [\n    1, // one\n    2, // two\n    3\n    // behind\n  ]\n}\n'),
        ('{"a": []}', '{"a": [\n  3\n]}'),
        ('{\n\t"a": []\n}', '{\n\t"a": [\n\t\t3\n\t]\n}'),
        ('{\r\n "a": [\r\n  1,\r\n ]\r\n}', '{\r\n "a": [\r\n  1,\r\n  3,\r\n ]\r\n}'),
        ('{"a": [1, 2]}', '{"a": [1, 2, 3]}'),
        ('{"a": [{\n  "b": 1\n}]}', '{"a": [{\n  "b": 1\n}, 3]}'),
        ('{\n  "a": [ // none yet\n  ]\n}', '{\n  "a": [ // none yet\n    3\n  ]\n}'),
    ],
)
def test_it_is_written_as_its_neighbours_are(before: str, after: str) -> None:
    node = read(before, "x").member("a")
    assert node is not None
    assert added(before, node, 3) == after


def test_what_fits_on_a_line_stays_on_one() -> None:
    text = '{\n  "a": 1\n}\n'
    short = {"source": "**", "of": ["x"]}
    assert put(text, ("b",), short, "x") == (
        '{\n  "a": 1,\n  "b": { "source": "**", "of": ["x"] }\n}\n'
    )
    long = {"source": "x" * 60, "more": {"of": ["y" * 60]}}
    assert put(text, ("b",), long, "x") == (
        '{\n  "a": 1,\n  "b": {\n    "source": "' + "x" * 60 + '",\n'
        '    "more": { "of": ["' + "y" * 60 + '"] }\n  }\n}\n'
    )


def test_an_empty_file_becomes_an_object() -> None:
    assert put("", ("a",), 1, "x") == '{\n  "a": 1\n}\n'
