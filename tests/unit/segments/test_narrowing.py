"""How far to reach for a page: by few counts, and never further than is wanted."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.segments.engine.narrowing import MOST_COUNTS, Reach, narrow

PLACES = 1 << 19


@settings(max_examples=300)
@given(
    st.lists(st.integers(0, PLACES - 1), max_size=300),
    st.integers(0, PLACES - 1),
    st.integers(1, 60),
    st.floats(0, 2 * PLACES),
)
def test_a_reach_holds_what_is_wanted_or_says_what_is_in_the_way(
    held: list[int], place: int, least: int, guess: float
) -> None:
    held.sort()
    counted: list[int] = []

    def count(width: int) -> int:
        assert 0 < width <= PLACES - place
        counted.append(width)
        return bisect_left(held, place + width) - bisect_left(held, place)

    most = least + 4 + least // 3
    low, high = narrow(count, place, PLACES, least, most, guess)
    assert len(counted) <= MOST_COUNTS
    assert low.held <= most
    assert low.width == 0 or count(low.width) == low.held
    if high is not None:
        assert count(high.width) == high.held > most
        assert high.width > low.width
    enough = low.held >= least / 2 or low.width == PLACES - place
    assert enough or (high and high.width == low.width + 1) or len(counted) >= MOST_COUNTS


def test_a_good_guess_takes_one_count() -> None:
    asked: list[int] = []

    def count(width: int) -> int:
        asked.append(width)
        return width // 10

    low, high = narrow(count, 0, PLACES, 50, 65, 575)
    assert (len(asked), high) == (1, None)
    assert 50 <= low.held <= 65


def test_a_reach_ends_at_a_round_place() -> None:
    """Few facets cover it then."""
    low, _ = narrow(lambda width: width // 10, 4_096, PLACES, 50, 65, 575)
    assert (4_096 + low.width) % 64 == 0


def tenth(width: int) -> int:
    """One document in ten places."""
    return width // 10


def behind(place: int, few: int) -> Callable[[int], int]:
    """A few up to a place, and a thousand in it."""
    return lambda width: 1_000 if width > place else few


# What is held, where to reach from, how many are wanted and how many at most, and the first guess;
# the widths that are asked, the reach that is found, and the wider one.
@pytest.mark.parametrize(
    ("held", "place", "least", "most", "guess", "asked", "low", "high"),
    [
        # A guess that holds enough and not too much; one that is too short: all, then in between;
        (tenth, 0, 50, 65, 575, [512], (512, 51), None),
        (tenth, 0, 50, 65, 10, [10, PLACES, 2_048, 576], (576, 57), (2_048, 204)),
        (tenth, 123, 500, 650, 57, [57, 524_165, 4_997, 5_509], (5_509, 550), (524_165, 52_416)),
        # one that is too wide; and none.
        (tenth, 0, 50, 65, 100_000, [98_304, 240, 4_608, 512], (512, 51), (4_608, 460)),
        (tenth, 1_000, 50, 65, 0, [1, 523_288, 664, 536], (536, 53), (664, 66)),
        # Up to the last place, and no further.
        (tenth, PLACES - 100, 50, 65, 575, [100], (100, 10), None),
        (lambda width: width, PLACES - 5, 50, 65, 100, [5], (5, 5), None),
        (lambda _: 0, 1_000, 50, 65, 100, [96, 523_288], (523_288, 0), None),
        # Just as many as are wanted are enough, and just as many as may be are not too many.
        (lambda _: 50, 0, 50, 65, 512, [512], (512, 50), None),
        (lambda _: 65, 0, 50, 65, 512, [512], (512, 65), None),
        (
            lambda width: 66 if width >= 500 else 50,
            0,
            50,
            65,
            512,
            [512, 416],
            (416, 50),
            (512, 66),
        ),
        # A single place that holds more: it is found by halves, every third time.
        (lambda _: 1_000, 1_000, 50, 65, 100, [96, 16, 4, 2, 1], (0, 0), (1, 1_000)),
        (
            behind(777, 0),
            0,
            50,
            65,
            100,
            [96, PLACES, 6_656, 1_280, 480, 768, 1_024, 896, 816, 796, 784, 774, 780, 777, 778],
            (777, 0),
            (778, 1_000),
        ),
        # After eight counts half of what is wanted is enough, and no less than that.
        (
            behind(777, 25),
            0,
            50,
            65,
            100,
            [96, PLACES, 6_656, 240, 480, 1_664, 576, 704],
            (704, 25),
            (1_664, 1_000),
        ),
        (
            behind(777, 24),
            0,
            50,
            65,
            100,
            [96, PLACES, 6_656, 256, 512, 1_792, 640, 768, 1_152, 832, 776, 800, 780, 777, 778],
            (777, 24),
            (778, 1_000),
        ),
    ],
)
def test_which_reaches_are_counted(
    held: Callable[[int], int],
    place: int,
    least: int,
    most: int,
    guess: float,
    asked: list[int],
    low: tuple[int, int],
    high: tuple[int, int] | None,
) -> None:
    counted: list[int] = []

    def count(width: int) -> int:
        counted.append(width)
        return held(width)

    found = narrow(count, place, PLACES, least, most, guess)
    assert (counted, found) == (asked, (Reach(*low), Reach(*high) if high else None))


def test_after_the_most_counts_what_was_found_by_then_is_taken() -> None:
    """Between reaches that nothing can divide, none is asked for more than 24 times."""
    counted: list[int] = []

    def count(width: int) -> int:
        counted.append(width)
        return 1_000 if width > 2**40 + 1 else 0

    low, high = narrow(count, 0, 1 << 60, 50, 65, 10)
    assert len(counted) == MOST_COUNTS
    assert low.held == 0
    assert high
    assert high.width > low.width + 1
    assert low.width == max(one for one in counted if one <= 2**40 + 1)
    assert high.width == min(one for one in counted if one > 2**40 + 1)
