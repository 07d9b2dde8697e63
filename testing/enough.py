"""Random tests go on until they have seen what they must see."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping

from hypothesis import settings

ROUNDS = 20
"""After so many somebody must look why it does not happen."""


def until_enough(
    go_on: Callable[[int], object],
    seen: Counter[str],
    floors: Mapping[str, float],
    rounds: int = ROUNDS,
) -> None:
    """Go on with one seed after the other until everything has happened often enough.

    Args:
        go_on: One round, given its seed; counts what happens.
        seen: How often it happened.
        floors: How often it must have happened at least.
        rounds: How many rounds at most.

    Raises:
        AssertionError: Not everything had happened by then.
    """
    first = 0 if settings().derandomize else random.randrange(2**32)
    for seed in range(first, first + rounds):
        go_on(seed)
        print(f"seed {seed}: {dict(seen)}")
        missing = {what: seen[what] for what, floor in floors.items() if seen[what] < floor}
        if not missing:
            return
    raise AssertionError(f"seeds {first} to {first + rounds - 1}: too few of {missing}")
