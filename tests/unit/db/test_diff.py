"""What a write says of a document: what has changed, and nothing else."""

from __future__ import annotations

from crm.db.diff import difference
from crm.db.documents import key_path


def nan() -> float:
    """A new one each time: Python calls two that are one object equal in a list."""
    return float("nan")


def test_what_is_not_a_number_has_not_changed() -> None:
    before = {"n": nan(), "list": [nan()], "map": {"a": nan(), "b": {"c": nan()}}}
    after = {"n": nan(), "list": [nan()], "map": {"a": nan(), "b": {"c": nan()}}}
    assert difference(before, after) == {}
    after["map"] = {"a": nan(), "b": {"c": nan()}, "d": 1}
    assert difference(before, after) == {key_path("map", "d"): 1}
