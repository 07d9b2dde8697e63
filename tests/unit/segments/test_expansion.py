"""Saved segments inside segments: what they stand for, circles, and the limits of the whole."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.errors import Refusal
from crm.segments.language.ast import AnyOf, Everyone, Leaf, Node, Not, Saved, Tag, check_size
from crm.segments.language.expansion import Find
from crm.segments.language.expansion import expand as expand_in
from crm.segments.language.json_form import to_json
from crm.segments.language.text import parse_text
from tests.support.segments import ZONE, leaves, nodes, saved


def expand(node: Node, find: Find) -> Node:
    return expand_in(node, find, ZONE)


def segments(**texts: str) -> dict[str, Node]:
    return {name: parse_text(text) for name, text in texts.items()}


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("tag:x", "tag:x"),
        ("segment:vips", "tag:vip or tag:gold"),
        ("not segment:vips", "not (tag:vip or tag:gold)"),
        ("segment:vips and tag:x", "(tag:vip or tag:gold) and tag:x"),
        ("segment:new", "(tag:vip or tag:gold) and not registered"),
        ("segment:vips or segment:vips", "(tag:vip or tag:gold) or (tag:vip or tag:gold)"),
        ("segment:new and segment:vips", "((tag:vip or tag:gold) and not registered)"
         " and (tag:vip or tag:gold)"),
    ],
)  # fmt: skip
def test_a_saved_segment_stands_for_what_it_says(text: str, expanded: str) -> None:
    known = segments(vips="tag:vip or tag:gold", new="segment:vips and not registered")
    assert expand(parse_text(text), known.get) == parse_text(expanded)


def test_each_is_asked_for_once() -> None:
    asked: list[str] = []

    def find(segment_id: str) -> Node:
        asked.append(segment_id)
        return Tag("x")

    expand(parse_text("segment:a and segment:b or segment:a"), find)
    assert asked == ["a", "b"]


@pytest.mark.parametrize(
    "known",
    [
        {"a": "segment:a"},
        {"a": "tag:x or not segment:a"},
        {"a": "segment:b", "b": "segment:a"},
        {"a": "tag:x and segment:b", "b": "segment:c", "c": "not segment:b"},
    ],
)
def test_a_circle_is_refused(known: Mapping[str, str]) -> None:
    with pytest.raises(Refusal) as refused:
        expand(Saved("a"), segments(**known).get)
    assert (refused.value.code, refused.value.reason) == ("invalid-argument", "segment-cycle")


def test_a_segment_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        expand(parse_text("segment:a"), segments(a="tag:x and segment:gone").get)
    assert (refused.value.code, refused.value.reason) == ("not-found", "no-such-segment")
    assert "gone" not in refused.value.message


def nested(levels: int) -> Node:
    node: Node = Everyone()
    for _ in range(levels - 1):
        node = Not(node)
    return node


def test_the_limits_are_those_of_the_whole() -> None:
    known = {"deep": nested(7), "wide": AnyOf((Everyone(),) * 25)}
    assert check_size(expand(Not(Saved("deep")), known.get)) == nested(8)
    with pytest.raises(Refusal, match="8 levels"):
        expand(Not(Not(Saved("deep"))), known.get)
    check_size(expand(AnyOf((Saved("wide"), Saved("wide"))), known.get))
    with pytest.raises(Refusal, match="50 conditions"):
        expand(AnyOf((Saved("wide"), Saved("wide"), Tag("x"))), known.get)


def test_a_long_chain_and_a_tree_that_doubles_are_refused_early() -> None:
    asked = 0

    def chain(segment_id: str) -> Node:
        nonlocal asked
        asked += 1
        return Saved(f"{segment_id}x")

    with pytest.raises(Refusal) as refused:
        expand(Saved("x"), chain)
    assert refused.value.reason == "segment-too-deep"
    assert asked < 10

    def bush(segment_id: str) -> Node:
        return AnyOf((Saved(f"{segment_id}x"),) * 50)

    with pytest.raises(Refusal) as refused:
        expand(Saved("x"), bush)
    assert refused.value.reason == "segment-too-deep"


WITH_SAVED: st.SearchStrategy[Leaf] = st.one_of(leaves(), saved(("a", "b")))


@given(nodes(WITH_SAVED, levels=3), leaves(), leaves())
def test_nothing_else_changes(node: Node, a: Leaf, b: Leaf) -> None:
    expanded = expand(node, {"a": a, "b": b}.get)
    told = str(to_json(expand(node, Tag)))  # tags that nothing else has stand for the two
    for name, leaf in (("a", a), ("b", b)):
        told = told.replace(str(to_json(Tag(name))), str(to_json(expand(leaf, Tag))))
    assert str(to_json(expanded)) == told
    assert expand(expanded, lambda _: None) == expanded
