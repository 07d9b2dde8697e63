"""A figure is the median of rounds that all sides met in turn, and says how far they were apart."""

from __future__ import annotations

import pytest

from bench.rounds import Spread, Target, in_turn, ratios


def test_sides_are_asked_in_turn() -> None:
    asked: list[str] = []

    def side(name: str) -> int:
        asked.append(name)
        return len(asked)

    found = in_turn({"a": lambda: side("a"), "b": lambda: side("b")}, 3)
    assert "".join(asked) == "ababab"
    assert found == {"a": [1, 3, 5], "b": [2, 4, 6]}


def test_a_ratio_is_of_one_round() -> None:
    assert ratios([10, 40], [20, 20]) == [0.5, 2]
    assert ratios([10], [0]) == [0]
    with pytest.raises(ValueError, match="shorter"):
        ratios([1, 2], [1])


def test_the_median_is_told_with_the_least_and_the_most() -> None:
    assert Spread.of([3.0, 1.0, 2.0]).told(1) == "2.0 (1.0 to 3.0)"
    assert Spread.of([1234.4, 1234.4]).told() == "1,234"


@pytest.mark.parametrize(
    ("target", "values", "verdict"),
    [
        (Target(least=0.85), [0.85, 0.9, 1.2], "yes"),
        (Target(least=0.85), [0.8, 0.9, 1.2], "mostly"),
        (Target(least=0.85), [0.7, 0.8, 1.2], "no"),
        (Target(most=1.25), [1.0, 1.25], "yes"),
        (Target(most=1.25), [1.0, 1.1, 1.3], "mostly"),
        (Target(most=1.25), [1.3], "no"),
        (Target(1, ahead=True), [1.0], "no"),
        (Target(1, ahead=True), [1.01], "yes"),
        (Target(1, 1), [1.0], "yes"),
        (Target(), [17.0], ""),
    ],
)
def test_only_what_every_round_shows_is_met(
    target: Target, values: list[float], verdict: str
) -> None:
    assert target.verdict(Spread.of(values)) == verdict


def test_a_target_says_what_it_asks() -> None:
    said = [str(one) for one in (Target(0.85), Target(most=4), Target(1, ahead=True), Target())]
    assert said == ["at least 0.85", "at most 4", "above 1", "none"]
