"""Figures that are believed: every side is asked in turn, round after round, in one run.

A machine has weather, so no figure is of one run: what is told is the median of the rounds, with
the least and the most of them. A ratio is taken within each round, whose sides met the same
weather, and is itself told so.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


def in_turn(sides: Mapping[str, Callable[[], T]], rounds: int) -> dict[str, list[T]]:
    """Ask all sides, one after the other, so many times; return what each gave by round."""
    found: dict[str, list[T]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, ask in sides.items():
            found[name].append(ask())
    return found


@dataclass(frozen=True)
class Spread:
    """A figure of several rounds.

    Attributes:
        low: The least.
        median: What is told.
        high: The most.
    """

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Return the spread of the figures of all rounds."""
        return cls(min(values), statistics.median(values), max(values))

    def told(self, decimals: int = 0) -> str:
        """Return the median, with the least and the most where they are others."""
        low, median, high = (f"{one:,.{decimals}f}" for one in (self.low, self.median, self.high))
        return median if low == high else f"{median} ({low} to {high})"


def ratios(ours: Sequence[float], others: Sequence[float]) -> list[float]:
    """Return the ratio of each round."""
    return [one / other if other else 0.0 for one, other in zip(ours, others, strict=True)]


@dataclass(frozen=True)
class Target:
    """What a ratio is asked to be.

    Attributes:
        least: It is to be at least this; None where there is no such bound.
        most: And at most this.
        ahead: Whether `least` itself is too little.
    """

    least: float | None = None
    most: float | None = None
    ahead: bool = False

    def holds(self, value: float) -> bool:
        """Whether a figure is as asked."""
        if self.least is not None and (value < self.least or (self.ahead and value == self.least)):
            return False
        return self.most is None or value <= self.most

    def __str__(self) -> str:
        bounds = []
        if self.least is not None:
            bounds.append(f"{'above' if self.ahead else 'at least'} {self.least:g}")
        if self.most is not None:
            bounds.append(f"at most {self.most:g}")
        return ", ".join(bounds) or "none"

    def verdict(self, spread: Spread) -> str:
        """Return `yes` where every round is as asked, `no` where the median is not.

        Where the median is, and a round is not, it is `mostly`: another run may say no.
        """
        if self.least is None and self.most is None:
            return ""
        if not self.holds(spread.median):
            return "no"
        return "yes" if self.holds(spread.low) and self.holds(spread.high) else "mostly"
