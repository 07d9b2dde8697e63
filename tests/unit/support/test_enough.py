"""A random test that needs something to have happened goes on until it has, and not for ever."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import settings

from testing.enough import until_enough


def rounds(floors: dict[str, float]) -> list[int]:
    seeds: list[int] = []
    seen: Counter[str] = Counter()

    def go_on(seed: int) -> None:
        seeds.append(seed)
        seen["always"] += 1
        seen["late"] += len(seeds) > 2

    until_enough(go_on, seen, floors, rounds=5)
    return [seed - seeds[0] for seed in seeds]


def test_one_round_is_enough_where_everything_has_happened() -> None:
    assert rounds({"always": 1}) == [0]
    assert rounds({}) == [0]


def test_further_seeds_are_taken_until_everything_has_happened() -> None:
    assert rounds({"always": 1, "late": 1}) == [0, 1, 2]
    assert rounds({"late": 2}) == [0, 1, 2, 3]


def test_what_never_happens_is_named_in_the_end() -> None:
    with pytest.raises(AssertionError, match=r"too few of \{'never': 0\}"):
        rounds({"always": 1, "never": 1})


def test_seeds_are_the_same_in_each_run_unless_new_ones_are_wanted() -> None:
    taken: list[list[int]] = [[], []]
    for derandomize in (True, False):
        settings.register_profile("tried", derandomize=derandomize)
        kept = settings.get_current_profile_name()
        settings.load_profile("tried")
        try:
            for _ in range(5):
                until_enough(taken[derandomize].append, Counter(), {})
        finally:
            settings.load_profile(kept)
    assert taken[True] == [0] * 5
    assert len({*taken[False]}) > 1
