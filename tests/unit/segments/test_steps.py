"""Sorted pages of small crowds, step by step: the ways that are gone, and what each costs.

A hint changes no answer, so that one that is wrong would be seen in the bill alone. Whoever makes
pages cheaper has new figures here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest

from bench.model import FacetStore
from crm.customers.facets import micros
from crm.segments.engine.order import Direction, Sort
from crm.segments.engine.sorted_page import Start
from crm.segments.engine.sorting import sorted_page
from crm.segments.language.text import parse_text
from tests.support.segments import NOW, by_hand, person

HOUR: Final = (NOW - timedelta(days=30)).replace(minute=0)
"""In which the sale began."""

WAYS: Final = {
    "counts": "counts told how far to reach",
    "walk": "everyone was read in the order of the field",
    "ids": "customers of one value were read in the order of ids",
    "whole": "all within one code were read and sorted",
    "all": "all were read and sorted",
}


def crowd(people: list[dict[str, Any]]) -> FacetStore:
    return FacetStore({f"c{number:04}": data for number, data in enumerate(people)})


def few() -> FacetStore:
    """Up to six orders each."""
    return crowd([person(orderCount=n % 7, tags=["a"] if n % 3 else []) for n in range(20)])


def tied() -> FacetStore:
    """Four of five paid the same price."""
    spent = [5_000 if n % 5 else 100 + n for n in range(60)]
    return crowd([person(totalSpend={"USD": one}, tags=["a"], orderCount=1) for one in spent])


def sale() -> FacetStore:
    """Three of four bought within one hour, which is one code."""
    return crowd(
        [
            person(
                lastOrderAt=HOUR + timedelta(seconds=n * 37 % 3_599)
                if n % 4
                else NOW - timedelta(days=n),
                tags=["a"] if n % 3 else ["b"],
                orderCount=1,
            )
            for n in range(90)
        ]
    )


def ten() -> FacetStore:
    """As many as are read at once for a page of six."""
    return crowd([person(orderCount=n % 3, tags=["a"]) for n in range(10)])


def eleven() -> FacetStore:
    """One more."""
    return crowd([person(orderCount=n % 3, tags=["a"]) for n in range(11)])


def eight() -> FacetStore:
    """As many of one value as are read again where a page ends among them."""
    return crowd([person(orderCount=1 if n < 8 else n, tags=["a"]) for n in range(20)])


def nine() -> FacetStore:
    """One more, who are gone through by their ids."""
    return crowd([person(orderCount=1 if n < 9 else n, tags=["a"]) for n in range(20)])


SORTS: Final[dict[Any, tuple[Any, str | None, int]]] = {
    few: ("orderCount", None, 6),
    tied: ("totalSpend", "USD", 10),
    sale: ("lastOrderAt", None, 10),
    ten: ("orderCount", None, 6),
    eleven: ("orderCount", None, 6),
    eight: ("orderCount", None, 5),
    nine: ("orderCount", None, 5),
}
"""Of each crowd: what it is sorted by, and how many a page has."""

Step = tuple[int, str, int, int, bool, list[Any] | None]
"""How many were found, how, by how many counts and reads, whether they were checked, what follows.

What follows is a value (times: microseconds from the sale on), an id, and the hint: places for one
document, how many of the next code came, the share that belonged, the value of which many have the
same, how large the crowd is that counts cannot divide, where it ends, whether it is best read all.
"""


# fmt: off
WALKS: Final[list[tuple[Callable[[], FacetStore], str, Direction, list[Step]]]] = [
    (few, "everyone", "desc", [
        (6, "walk, ids", 0, 11, False, [4, "c0004", [0.0, 0, 1.0, 4, 0, 0, False]]),
        (6, "ids, walk", 0, 11, False, [2, "c0002", [0.0, 0, 1.0, 2, 0, 0, False]]),
        (6, "ids, walk", 0, 7, False, [None, "c0000", [0.0, 0, 1.0, None, 0, 0, False]]),
        (2, "ids", 0, 3, False, None),
    ]),
    (few, "everyone", "asc", [
        (6, "ids, walk", 0, 8, False, [1, None, [0.0, 0, 1.0, None, 0, 0, False]]),
        (6, "walk", 0, 8, False, [3, None, [0.0, 0, 1.0, None, 0, 0, False]]),
        (6, "walk", 0, 8, False, [5, None, [0.0, 0, 1.0, None, 0, 0, False]]),
        (2, "walk", 0, 3, False, None),
    ]),
    (few, "tag:a", "desc", [
        (6, "counts", 4, 13, False, [3, "c0010", [50.429, 1, 1.0, None, 0, 0, False]]),
        (6, "counts, ids", 1, 9, False, [None, "c0007", [57.298, 0, 1.0, None, 0, 0, False]]),
        (1, "ids", 0, 2, False, None),
    ]),
    (few, "tag:a", "asc", [
        (6, "ids, counts", 5, 12, False, [2, None, [80.0, 0, 1.0, None, 0, 0, False]]),
        (6, "counts", 1, 9, False, [5, None, [76.571, 0, 1.0, None, 0, 0, False]]),
        (1, "counts", 2, 4, False, None),
    ]),
    (few, "not tag:a", "desc", [
        (6, "walk, ids", 0, 29, True, [1, None, [0.0, 0, 1.0, None, 0, 0, False]]),
        (1, "ids", 0, 4, True, None),
    ]),
    (few, "not tag:a", "asc", [
        (6, "ids, walk", 0, 30, True, [5, "c0012", [0.0, 0, 1.0, 5, 0, 0, False]]),
        (1, "ids, walk", 0, 4, True, None),
    ]),
    (tied, "tag:a", "desc", [
        (10, "walk, ids", 7, 30, True, [5000, "c0012", [12.581, 0, 1.0, 5000, 48, 6344, False]]),
        (10, "ids", 0, 11, True, [5000, "c0024", [12.581, 0, 1.0, 5000, 48, 6344, False]]),
        (10, "ids", 0, 11, True, [5000, "c0037", [12.581, 0, 1.0, 5000, 48, 6344, False]]),
        (10, "ids", 0, 11, True, [5000, "c0049", [12.581, 0, 1.0, 5000, 48, 6344, False]]),
        (10, "ids, walk, counts", 5, 21, True,
         [150, None, [117.624, 0, 1.0, None, 0, 6344, False]]),
        (10, "counts", 1, 12, False, [1, None, [86.562, 0, 1.0, None, 0, 6344, False]]),
        (0, "ids", 0, 2, False, None),
    ]),
    (tied, "tag:a", "asc", [
        (10, "ids, counts", 5, 19, False, [145, None, [138.667, 0, 1.0, None, 0, 0, False]]),
        (10, "counts, walk, ids", 13, 33, True,
         [5000, "c0009", [394.334, 0, 1.0, 5000, 50, 1849, False]]),
        (10, "ids", 0, 11, True, [5000, "c0022", [394.334, 0, 1.0, 5000, 50, 1849, False]]),
        (10, "ids", 0, 11, True, [5000, "c0034", [394.334, 0, 1.0, 5000, 50, 1849, False]]),
        (10, "ids", 0, 11, True, [5000, "c0047", [394.334, 0, 1.0, 5000, 50, 1849, False]]),
        (10, "ids", 0, 11, True, [5000, "c0059", [394.334, 0, 1.0, 5000, 50, 1849, False]]),
        (0, "ids, walk", 2, 5, True, None),
    ]),
    (sale, "tag:a", "desc", [
        (9, "counts, walk", 9, 22, True,
         [3034000001, None, [137.0, 0, 0.833, None, 50, 223360, False]]),
        (9, "walk", 0, 18, True, [2294000001, None, [137.0, 0, 0.5, None, 50, 223360, False]]),
        (10, "walk", 0, 22, True, [1702000000, None, [137.0, 10, 0.714, None, 50, 223360, False]]),
        (10, "walk", 0, 20, True, [925000000, None, [137.0, 2, 1.0, None, 50, 223360, False]]),
        (9, "walk", 0, 17, True, [185000001, None, [137.0, 0, 0.6, None, 50, 223360, False]]),
        (10, "walk, counts", 1, 13, True,
         [-3844800000000, None, [141.643, 0, 1.0, None, 0, 223360, False]]),
        (3, "counts, ids", 2, 7, False, None),
    ]),
    (sale, "tag:a", "asc", [
        (10, "counts", 9, 21, False, [-158400000001, None, [134.8, 0, 1.0, None, 0, 0, False]]),
        (9, "walk", 9, 26, True, [702999999, None, [134.8, 0, 0.6, None, 45, 300973, False]]),
        (10, "walk", 0, 19, True, [1369000000, None, [134.8, 10, 0.722, None, 45, 300973, False]]),
        (9, "walk", 0, 16, True, [2108999999, None, [134.8, 0, 0.667, None, 45, 300973, False]]),
        (10, "walk", 0, 17, True, [2848999999, None, [134.8, 0, 0.688, None, 45, 300973, False]]),
        (10, "walk, counts", 1, 15, True,
         [1569599999999, None, [139.9, 0, 1.0, None, 0, 300973, False]]),
        (2, "counts, ids", 2, 6, False, None),
    ]),
    (sale, "tag:b", "desc", [
        (10, "counts, walk, whole", 16, 51, True,
         [2331000000, None, [240.0, 7, 0.375, None, 25, 223316, True]]),
        (10, "whole", 0, 23, False, [777000000, None, [240.0, 17, 0.375, None, 25, 223316, True]]),
        (10, "whole, counts", 1, 29, False,
         [-4766400000000, None, [252.4, 0, 1.0, None, 0, 223316, True]]),
        (0, "ids", 2, 4, False, None),
    ]),
    (sale, "tag:b", "asc", [
        (10, "counts, walk, whole", 9, 51, True,
         [666000000, None, [269.6, 5, 0.286, None, 27, 301056, True]]),
        (10, "whole", 0, 23, False, [2109000000, None, [269.6, 15, 0.286, None, 27, 301056, True]]),
        (10, "whole, counts", 1, 27, False,
         [3527999999999, None, [284.133, 0, 1.0, None, 0, 301056, True]]),
        (0, "ids", 2, 4, False, None),
    ]),
    (ten, "tag:a", "desc", [
        (6, "all", 1, 11, False, [1, "c0007", [0.0, 0, 1.0, None, 0, 0, False]]),
        (4, "counts, ids", 1, 9, False, None),
    ]),
    (ten, "tag:a", "asc", [
        (6, "all", 1, 11, False, [1, "c0004", [0.0, 0, 1.0, None, 0, 0, False]]),
        (4, "counts", 2, 9, False, None),
    ]),
    (eleven, "tag:a", "desc", [
        (6, "counts", 3, 12, False, [1, "c0007", [36.714, 3, 1.0, None, 0, 0, False]]),
        (5, "counts, ids", 1, 10, False, None),
    ]),
    (eleven, "tag:a", "asc", [
        (6, "ids, counts", 2, 11, False, [1, "c0004", [0.25, 2, 1.0, None, 0, 0, False]]),
        (5, "counts", 2, 10, False, None),
    ]),
    (eight, "tag:a", "desc", [
        (5, "counts", 2, 11, False, [15, None, [20.714, 0, 1.0, None, 0, 0, False]]),
        (5, "counts", 3, 11, False, [10, None, [33.286, 0, 1.0, None, 0, 0, False]]),
        (5, "counts, ids", 4, 10, False, [1, "c0002", [216.643, 0, 1.0, 1, 10, 4096, False]]),
        (5, "ids", 0, 6, False, [1, "c0007", [216.643, 0, 1.0, 1, 10, 4096, False]]),
        (0, "ids", 0, 3, False, None),
    ]),
    (eight, "tag:a", "asc", [
        (5, "ids, counts", 2, 12, False, [1, "c0004", [0.125, 5, 1.0, None, 0, 0, False]]),
        (5, "counts", 7, 20, False, [9, None, [37.396, 0, 1.0, None, 0, 0, False]]),
        (5, "counts", 1, 9, False, [14, None, [33.555, 0, 1.0, None, 0, 0, False]]),
        (5, "counts", 1, 7, False, [25, None, [35.977, 0, 1.0, None, 0, 0, False]]),
        (0, "", 2, 3, False, None),
    ]),
    (nine, "tag:a", "desc", [
        (5, "counts", 2, 11, False, [15, None, [20.714, 0, 1.0, None, 0, 0, False]]),
        (5, "counts", 3, 10, False, [10, None, [37.107, 0, 1.0, None, 0, 0, False]]),
        (5, "counts, ids", 4, 10, False, [1, "c0003", [418.553, 0, 1.0, 1, 10, 4096, False]]),
        (5, "ids", 0, 6, False, [1, "c0008", [418.553, 0, 1.0, 1, 10, 4096, False]]),
        (0, "ids", 0, 3, False, None),
    ]),
    (nine, "tag:a", "asc", [
        (5, "ids, counts", 2, 13, False, [1, "c0004", [0.111, 5, 1.0, 1, 0, 0, False]]),
        (5, "ids, counts", 11, 20, False, [9, None, [84.055, 0, 1.0, None, 0, 0, False]]),
        (5, "counts", 2, 11, False, [14, None, [56.028, 0, 1.0, None, 0, 0, False]]),
        (5, "counts", 1, 7, False, [35, None, [60.014, 0, 1.0, None, 0, 0, False]]),
        (0, "", 2, 3, False, None),
    ]),
]
# fmt: on


@pytest.mark.parametrize(
    ("make", "text", "direction", "steps"),
    WALKS,
    ids=[f"{m.__name__} {t} {d}" for m, t, d, _ in WALKS],
)
def test_the_steps_of_a_walk(
    make: Callable[[], FacetStore], text: str, direction: Direction, steps: list[Step]
) -> None:
    store, node = make(), parse_text(text)
    by, currency, size = SORTS[make]
    sort, start, found = Sort(by, currency, direction), None, list[str]()
    for number, ways, counts, reads, checked, following in steps:
        before = store.reads
        page = sorted_page(store, node, NOW, sort, start, size)
        told = page.explain
        assert (len(page.snapshots), [*told.ways]) == (
            number,
            [WAYS[one] for one in ways.split(", ") if one],
        )
        assert (told.counts, told.documents_read, told.checked) == (counts, reads, checked)
        assert store.reads - before == reads
        found += [one.id for one in page.snapshots]
        data = page.next_start.to_data() if page.next_start else None
        start = Start.from_data(data) if data else None
        if data and by == "lastOrderAt":
            data[0] -= micros(HOUR)
        assert data == following
    assert start is None
    assert found == by_hand(store.customers, node, sort, NOW)
