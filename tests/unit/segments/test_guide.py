"""`docs/segments.md` says what the language is: its tables are read and compared."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from crm.core.errors import Refusal
from crm.core.tag_names import tag_id
from crm.segments.language.ast import MAX_LEAVES, MAX_LEVELS, Leaf, leaves
from crm.segments.language.json_form import to_json
from crm.segments.language.text import MAX_TEXT, parse, parse_text, to_text
from crm.segments.language.values import MAX_DAYS, MAX_NUMBER

GUIDE = (Path(__file__).parents[3] / "docs/segments.md").read_text(encoding="utf-8")


def rows(*head: str) -> list[list[str]]:
    """Return the rows of all tables whose columns begin so: every line of them, or an error."""
    found: list[list[str]] = []
    tables = 0
    for block in re.findall(r"(?:^\|.*\n)+", GUIDE, re.MULTILINE):
        assert all(line.endswith("|") for line in block.splitlines()), block
        first, _, *lines = (
            [cell.strip() for cell in line[1:-1].split(" | ")] for line in block.splitlines()
        )
        if tuple(first[: len(head)]) == head:
            tables += 1
            found += lines
    assert tables, f"no table begins with {head}"
    return found


def quoted(cell: str) -> list[str]:
    """Return what stands in a cell as code; there is nothing else in it."""
    found = re.findall(r"`([^`]+)`", cell)
    assert cell == ", ".join(f"`{one}`" for one in found), cell
    return found


ROWS = rows("text", "JSON")


@pytest.mark.parametrize(("text", "data"), [(*quoted(row[0]), *quoted(row[1])) for row in ROWS])
def test_a_row_of_the_guide_says_the_same_twice(text: str, data: str) -> None:
    assert to_json(parse_text(text)) == json.loads(data)
    assert to_text(parse_text(text)) == text


def test_the_guide_shows_every_condition() -> None:
    shown = {type(leaf) for row in ROWS for leaf in leaves(parse_text(*quoted(row[0])))}
    assert shown == set(get_args(Leaf))


def test_the_examples_of_the_guide_are_understood() -> None:
    block = re.search(r"```segment\n(.*?)```", GUIDE, re.DOTALL)
    assert block
    parse_text(block[1])
    parse_text('attended:"devops, spring 2024" and not last_order_at within 90 days')
    for figure in (MAX_LEVELS, MAX_LEAVES, MAX_TEXT, MAX_NUMBER, MAX_DAYS):
        assert f"| {figure:,}" in GUIDE


@pytest.mark.parametrize(
    "data",
    ["total_spend >= 100", {"all": [{}, {}, {"totalSpend": {"currency": "USD", "gte": -1}}]}],
)
def test_the_messages_of_the_guide_are_the_products(data: Any) -> None:
    with pytest.raises(Refusal) as refused:
        parse(data)
    assert refused.value.message in GUIDE


@pytest.mark.parametrize("row", rows("is the same tag", "is another tag", "is no tag"))
def test_the_tags_of_the_guide(row: list[str]) -> None:
    same, other, none = map(quoted, row)
    assert len(same) > 1 == len({tag_id(text) for text in same})
    assert len(other) > 1
    assert len({tag_id(text) for text in other}) == len(other)
    for text in none:
        with pytest.raises(Refusal):
            tag_id(text)
