"""How far to reach for a page: by few counts, and never further than is wanted."""

from __future__ import annotations

from bisect import bisect_left

from hypothesis import given, settings
from hypothesis import strategies as st

from crm.segments.engine.narrowing import MOST_COUNTS, narrow

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
