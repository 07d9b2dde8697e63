"""The model of threats names tests that are there, and every test of the attacker's kit."""

from __future__ import annotations

import ast
import importlib
import math
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
MODEL = (ROOT / "docs/security.md").read_text(encoding="utf-8")
KIT = sorted((ROOT / "tests/suite/attacks").glob("test_*.py"))

KINDS, ATTEMPTS = 50, 400
"""What the kit must hold; whoever takes some away must say so here and in the document."""


def names_in(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (node.name for node in tree.body if isinstance(node, ast.FunctionDef))
    return [name for name in functions if name.startswith("test_")]


def named(text: str) -> list[str]:
    """The tests that a document names, each as `file::test`."""
    return re.findall(r"`(tests/[\w/]+\.py::\w+)`", text)


def missing(text: str) -> list[str]:
    """Of the tests that a document names, those that are not there."""
    pairs = [(one, *one.split("::")) for one in named(text)]
    return [
        one
        for one, file, test in pairs
        if not (ROOT / file).exists() or test not in names_in(ROOT / file)
    ]


def test_every_test_that_the_model_names_is_there() -> None:
    assert missing(MODEL) == []


@pytest.mark.parametrize(
    "name", ["tests/suite/attacks/test_none.py::test_x", "tests/suite/test_cli.py::test_nothing"]
)
def test_a_test_that_is_not_there_is_seen(name: str) -> None:
    assert missing(f"| a row | `{name}` |") == [name]


def test_every_test_of_the_kit_is_named_in_the_model() -> None:
    kit = {f"{path.relative_to(ROOT)}::{test}" for path in KIT for test in names_in(path)}
    assert kit - set(named(MODEL)) == set()


def test_every_line_of_who_may_do_what_names_a_test() -> None:
    tables = MODEL.partition("\n## Who may do what\n")[2].partition("\n## ")[0]
    lines = [line for line in tables.splitlines() if line.startswith("| ")]
    assert lines
    assert [one for one in lines if not named(one) and not one.endswith("| held by |")] == []


def attempts() -> Counter[str]:
    """How many attempts each test of the kit is."""
    found: Counter[str] = Counter()
    for path in KIT:
        module = importlib.import_module(f"tests.suite.attacks.{path.stem}")
        for name in names_in(path):
            marks: list[Any] = getattr(getattr(module, name), "pytestmark", [])
            tables = [len(mark.args[1]) for mark in marks if mark.name == "parametrize"]
            found[f"{path.stem}::{name}"] = math.prod(tables)
    return found


def test_the_kit_is_as_large_as_it_says() -> None:
    counted = attempts()
    assert f"more than {KINDS} kinds of attempts and more than {ATTEMPTS} attempts" in MODEL
    assert len(counted) > KINDS
    assert counted.total() > ATTEMPTS
