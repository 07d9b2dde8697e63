"""Customers whom counts cannot divide: which way a sorted page goes through them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, Final

import pytest

from bench.model import FacetStore
from crm.customers.facets import micros
from crm.segments.engine import sorting
from crm.segments.engine.order import Position, Sort
from crm.segments.engine.sorted_page import Hint, SortedPage, Start
from crm.segments.engine.sorting import sorted_page
from crm.segments.language.text import parse_text
from tests.support.segments import NOW, person

LAST: Final = Sort("lastOrderAt")
HOUR: Final = (NOW - timedelta(days=30)).replace(minute=0)
BEHIND: Final = Position(micros(HOUR + timedelta(hours=1)), None)
"""Before whom who bought in that hour comes next, from the last to the first."""

END: Final = LAST.place(micros(HOUR)) + 1
"""Behind the code of that hour."""


@pytest.fixture(autouse=True)
def _one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a page: what is learned in it shows in where the next one begins."""
    monkeypatch.setattr(sorting, "MOST_STEPS", 1)


def sale() -> FacetStore:
    """Sixty-seven bought within an hour; every third has another tag than the rest."""
    people = [
        person(
            lastOrderAt=HOUR + timedelta(seconds=n * 37 % 3_599),
            tags=["a"] if n % 3 else ["b"],
            orderCount=1,
        )
        for n in range(67)
    ]
    return FacetStore({f"c{number:04}": data for number, data in enumerate(people)})


def page(text: str, hint: Hint, size: int = 10) -> tuple[SortedPage, Hint]:
    found = sorted_page(sale(), parse_text(text), NOW, LAST, Start(BEHIND, hint), size)
    assert found.next_start
    return found, found.next_start.hint


WALK: Final = ["everyone was read in the order of the field"]
WHOLE: Final = ["all within one code were read and sorted"]


@pytest.mark.parametrize(
    ("crowd", "whole", "ways"),
    [
        (28, False, WHOLE),  # twice as many as are too many for a page of ten
        (29, False, WALK),
        (29, True, WHOLE),
        (1_000, True, WHOLE),
        (1_000, False, WALK),
    ],
)
def test_few_are_read_all_and_more_where_that_was_found_to_be_best(
    crowd: int, whole: bool, ways: list[str]
) -> None:
    found, _ = page("tag:b", Hint(crowd=crowd, end=END, whole=whole))
    assert [*found.explain.ways] == ways
    assert found.explain.checked is (ways == WALK)


@pytest.mark.parametrize(
    ("size", "share", "crowd", "whole"),
    [
        # Nobody of the ten surely known belonged: a page would read 110.
        (10, 1.0, 29, True),
        (10, 1.0, 109, True),
        (10, 1.0, 111, False),
        # A thousand may be any number: they are never read all.
        (100, 0.01, 999, True),
        (100, 0.01, 1_000, False),
    ],
)
def test_a_walk_tells_whether_all_are_best_read(
    size: int, share: float, crowd: int, whole: bool
) -> None:
    found, hint = page("tag:c", Hint(crowd=crowd, end=END, share=share), size)
    assert [*found.explain.ways] == WALK
    assert (hint.crowd, hint.whole) == (crowd, whole)


def test_what_memory_cannot_hold_is_walked_after_all(monkeypatch: pytest.MonkeyPatch) -> None:
    one = len(json.dumps(sale().customers["c0000"], default=str))
    monkeypatch.setattr(sorting, "PAGE_BYTES", 3 * one)
    found, hint = page("tag:b", Hint(crowd=23, end=END, whole=True))
    assert (found.snapshots, found.explain.documents_read) == ([], 7)
    assert hint == Hint(crowd=1_000, end=END, whole=False)


def test_behind_a_crowd_counts_tell_again_how_far_to_reach() -> None:
    """What was learned within it holds no more."""
    before = Hint(step=900.0, crowd=500, end=END - 1, share=0.5, behind=2)
    found, hint = page("tag:b", before)
    assert found.explain.counts > 0
    assert hint == Hint(step=900.0, crowd=23, end=END, share=1.0, behind=0)
    found, hint = page("tag:b", Hint(step=900.0, crowd=500, end=END, share=0.5, behind=2))
    assert found.explain.counts == 0
    assert hint.crowd == 500


@pytest.mark.parametrize(("ties", "tied"), [(5, None), (6, None), (7, 3)])
def test_of_one_value_are_more_than_half_of_what_a_walk_read(ties: int, tied: Any) -> None:
    """Then they are gone through by their ids; none of them was handed out."""
    counts = [9] * (12 - ties) + [3] * (ties + 1)
    store = FacetStore({f"c{n:02}": person(orderCount=one) for n, one in enumerate(counts)})
    start = Start(Position(10, None))
    found = sorted_page(store, parse_text("everyone"), NOW, Sort("orderCount"), start, 11)
    assert len(found.snapshots) == 12 - ties
    assert found.next_start
    assert found.next_start.hint.tied == tied


def test_a_crowd_of_one_value_is_gone_through_by_ids() -> None:
    store = FacetStore({f"c{n:02}": person(orderCount=3, tags=["a"]) for n in range(30)})
    sort = Sort("orderCount")
    start = Start(Position(4, None), Hint(crowd=30, end=sort.place(3) + 1))
    found = sorted_page(store, parse_text("tag:a"), NOW, sort, start, 10)
    assert found.snapshots == []
    assert found.next_start == Start(
        Position(4, None), Hint(crowd=30, end=sort.place(3) + 1, tied=3)
    )
