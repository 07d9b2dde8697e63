"""Where a sorted page ends though there are more: by steps, counts, reads, and bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

import pytest

from bench.model import FacetStore
from crm.db.documents import Query
from crm.segments.engine import pages as answering
from crm.segments.engine import sorting
from crm.segments.engine.formula import Formula
from crm.segments.engine.narrowing import narrow
from crm.segments.engine.order import Position, Sort
from crm.segments.engine.planner import QueryPlan
from crm.segments.engine.sorted_page import Hint, SortedPage, SortExplain, Start
from crm.segments.engine.sorting import sorted_page
from crm.segments.language.text import parse_text
from tests.support.segments import NOW, by_hand, person

COUNT: Final = Sort("orderCount")


def crowd(people: list[dict[str, Any]]) -> FacetStore:
    return FacetStore({f"c{number:04}": data for number, data in enumerate(people)})


def many() -> FacetStore:
    """Six of each number of orders, from 1 to 11; two of three are tagged."""
    return crowd(
        [person(orderCount=1 + n % 11, tags=["a"] if n % 3 else []) for n in range(66)],
    )


def walk(store: FacetStore, text: str, sort: Sort = COUNT, size: int = 10) -> list[SortedPage]:
    """All pages, which together are the answer."""
    found: list[SortedPage] = []
    start = None
    while True:
        before = store.reads
        found.append(sorted_page(store, parse_text(text), NOW, sort, start, size))
        assert found[-1].explain.documents_read == store.reads - before
        start = found[-1].next_start
        if start is None:
            ids = [one.id for page in found for one in page.snapshots]
            assert ids == by_hand(store.customers, parse_text(text), sort, NOW)
            return found


def told(pages: list[SortedPage]) -> list[tuple[int, int, int]]:
    """Of each page: how many it has, and how many counts and reads it took."""
    return [(len(one.snapshots), one.explain.counts, one.explain.documents_read) for one in pages]


Figures = list[tuple[int, int, int]]

TAGGED: Final[Figures] = [(10, 3, 17), (10, 4, 17), (10, 3, 16), (10, 2, 19), (4, 1, 7)]
OTHERS: Final[Figures] = [(9, 0, 41), (9, 0, 40), (4, 0, 14)]


@pytest.mark.parametrize(
    ("bound", "most", "tagged", "others"),
    [
        ("MOST_STEPS", 24, TAGGED, OTHERS),
        # One step is one reach, or one walk; where there is nobody, it goes on behind them.
        ("MOST_STEPS", 1, [*TAGGED[:4], (4, 1, 6), (0, 0, 1), (0, 0, 2)],
         [(2, 0, 12), (6, 0, 25), (8, 0, 29), (6, 0, 19), (0, 0, 1), (0, 0, 2)]),
        ("MOST_STEPS", 2, [*TAGGED[:4], (4, 1, 6), (0, 0, 2)],
         [(8, 0, 32), (10, 0, 36), (4, 0, 13), (0, 0, 2)]),
        # A reach is counted to its end; then no other one begins.
        ("MOST_COUNTS", 1, [(0, 1, 3), (10, 2, 15), (10, 1, 14), (10, 3, 16), (10, 2, 19),
                            (4, 1, 6), (0, 0, 2)], OTHERS),
        ("MOST_COUNTS", 2, TAGGED, OTHERS),
        ("MOST_READ", 5, [*TAGGED[:4], (4, 1, 6), (0, 0, 2)],
         [(2, 0, 12), (6, 0, 25), (8, 0, 29), (6, 0, 19), (0, 0, 2)]),
        ("MOST_READ", 6, [*TAGGED[:4], (4, 1, 6), (0, 0, 2)],
         [(2, 0, 12), (6, 0, 25), (8, 0, 29), (6, 0, 19), (0, 0, 2)]),
        ("MOST_READ", 7, TAGGED, [(2, 0, 12), (6, 0, 25), (8, 0, 29), (6, 0, 19), (0, 0, 2)]),
        ("MOST_READ", 12, TAGGED, [(2, 0, 12), (6, 0, 25), (8, 0, 29), (6, 0, 19), (0, 0, 2)]),
        ("MOST_READ", 13, TAGGED, [(8, 0, 32), (8, 0, 29), (6, 0, 19), (0, 0, 2)]),
    ],
)  # fmt: skip
def test_a_page_ends_where_enough_was_done_for_one(
    monkeypatch: pytest.MonkeyPatch, bound: str, most: int, tagged: Figures, others: Figures
) -> None:
    monkeypatch.setattr(sorting, bound, most)
    assert told(walk(many(), "tag:a")) == tagged
    assert told(walk(many(), "not tag:a")) == others


def alike() -> FacetStore:
    """Twelve who take as many bytes as each other, of one value each."""
    people = [person(totalSpend={"USD": 1_000 + n}, tags=["a"]) for n in range(12)]
    return crowd(people)


@pytest.mark.parametrize(("more", "number"), [(-1, 3), (0, 3), (1, 4)])
@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize(
    ("text", "size"), [("everyone", 12), ("tag:a", 12), ("tag:a", 5), ("not tag:b", 12)]
)
def test_the_customer_by_whom_a_page_holds_enough_bytes_is_its_last(
    monkeypatch: pytest.MonkeyPatch, text: str, size: int, direction: Any, more: int, number: int
) -> None:
    store = alike()
    enough = 3 * len(json.dumps(store.customers["c0000"], default=str)) + more
    monkeypatch.setattr(sorting, "PAGE_BYTES", enough)
    monkeypatch.setattr(answering, "PAGE_BYTES", enough)
    pages = walk(store, text, Sort("totalSpend", "USD", direction), size)
    assert [len(one.snapshots) for one in pages] == [*[number] * (12 // number), 0]


def test_what_is_too_much_for_memory_is_a_crowd_that_is_walked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All twelve hold more than two pages may; nor can a reach of many be read at once."""
    store = alike()
    enough = 3 * len(json.dumps(store.customers["c0000"], default=str))
    monkeypatch.setattr(sorting, "PAGE_BYTES", enough)
    pages = walk(store, "tag:a", Sort("totalSpend", "USD"), 12)
    assert [*pages[0].explain.ways] == [
        "all were read and sorted",
        "counts told how far to reach",
        "everyone was read in the order of the field",
    ]
    # Of both that were too much half was read: six customers, which hold two pages.
    assert told(pages) == [(3, 2, 22), (3, 0, 7), (3, 0, 7), (3, 0, 5), (0, 0, 2)]
    start = pages[0].next_start
    assert start
    assert start == Start(
        Position(1_009, None), Hint(step=start.hint.step, behind=1, crowd=1_000, end=8_192)
    )
    limits = [(query.limit, query.most_bytes) for query in store.sent[:6]]
    assert limits == [
        (1_000, None),  # how many there are
        (None, 2 * enough),
        (1, enough),  # where values begin
        (1_000, None),
        (None, 2 * enough),
        (13, enough),
    ]


def test_what_a_page_asks_of_the_database() -> None:
    store = many()
    sorted_page(store, parse_text("tag:a"), NOW, COUNT, None, 10)
    assert [query.limit for query in store.sent] == [1_000, 1, 1_000, 1_000, None]
    assert store.sent[1] == Query(
        "customers",
        (("orderCount", ">=", 1),),
        ("orderCount", "desc"),
        1,
        most_bytes=8 * 1024 * 1024,
    )


@pytest.mark.parametrize(
    ("sort", "position", "where"),
    [
        (Sort("orderCount"), Position(5, None), [(">=", 1), ("<", 5)]),
        (Sort("orderCount", None, "asc"), Position(5, None), [(">=", 6)]),
        (Sort("orderCount"), None, [(">=", 1)]),
        (Sort("orderCount", None, "asc"), Position(0, None), [(">=", 1)]),
    ],
)
def test_a_walk_goes_on_behind_where_the_page_before_ended(
    sort: Sort, position: Position | None, where: list[tuple[str, int]]
) -> None:
    store = many()
    start = None if position is None else Start(position)
    sorted_page(store, parse_text("everyone"), NOW, sort, start, 10)
    (query, *_) = store.sent
    assert query == Query(
        "customers",
        tuple(("orderCount", sign, value) for sign, value in where),  # type: ignore[misc]
        ("orderCount", sort.direction),
        11,
        most_bytes=8 * 1024 * 1024,
    )


@pytest.mark.parametrize(
    ("size", "share", "limit"), [(10, 1.0, 11), (10, 0.5, 21), (10, 0.01, 500), (1, 0.01, 51)]
)
def test_a_walk_reads_as_many_as_the_share_that_belonged_promises(
    size: int, share: float, limit: int
) -> None:
    """No more than 500, and of no share below two in a hundred."""
    store = many()
    start = Start(Position(11, None), Hint(share=share))
    sorted_page(store, parse_text("everyone"), NOW, COUNT, start, size)
    assert store.sent[0].limit == limit


def test_a_store_of_one_moment_is_read_as_it_is() -> None:
    """The time need not be learned again."""
    asked: list[Any] = []

    class Then(FacetStore):
        moment = NOW  # type: ignore[assignment]

        def at(self, moment: Any = None) -> FacetStore:
            asked.append(moment)
            return self

    store = Then(many().customers)
    found = sorted_page(store, parse_text("everyone"), NOW, COUNT, None, 10)
    assert asked == [NOW]
    assert found.explain.documents_read == store.reads == 20
    plain = sorted_page(many(), parse_text("everyone"), NOW, COUNT, None, 10)
    assert plain.explain.documents_read == 21


# --- How far to reach -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "most", "hint", "asked"),
    [
        # A page of ten: three in ten more are not too many, but four at least.
        (10, 1_000, Hint(step=20), (10, 14, 20 * 1.15 * 10)),
        (20, 1_000, Hint(step=20), (20, 26, 20 * 1.15 * 20)),
        (1, 1_000, Hint(step=20), (1, 5, 20 * 1.15)),
        # Who came already is read again; of a share of half twice as many are read.
        (10, 1_000, Hint(step=20, behind=3), (13, 17, 20 * 1.15 * 13)),
        (10, 1_000, Hint(step=20, share=0.5), (20, 26, 20 * 1.15 * 20)),
        (10, 1_000, Hint(step=20, behind=3, share=0.5), (23, 29, 20 * 1.15 * 23)),
        # Of no share below two in a hundred, and no more than half of what a count counts.
        (10, 10_000, Hint(step=20, share=0.001), (500, 650, 20 * 1.15 * 500)),
        (10, 998, Hint(step=20, share=0.001), (499, 648, 20 * 1.15 * 499)),
        (10, 20, Hint(step=20), (10, 14, 20 * 1.15 * 10)),
        (10, 19, Hint(step=20), (9, 13, 20 * 1.15 * 9)),
    ],
)
def test_how_far_a_page_reaches(
    monkeypatch: pytest.MonkeyPatch,
    size: int,
    most: int,
    hint: Hint,
    asked: tuple[int, int, float],
) -> None:
    reaches: list[tuple[Any, ...]] = []

    def noted(count: Any, place: int, places: int, *wanted: Any) -> Any:
        reaches.append((place, places, *wanted))
        return narrow(count, place, places, *wanted)

    monkeypatch.setattr(sorting, "narrow", noted)
    monkeypatch.setattr(sorting, "MOST_COUNTED", most)
    start = Start(Position(9, None), hint)
    sorted_page(many(), parse_text("tag:a"), NOW, COUNT, start, size)
    least, at_most, guess = asked
    assert reaches[0] == (COUNT.place(8), COUNT.places, least, at_most, pytest.approx(guess))


def test_what_fits_beside_no_reach_is_not_tried_with_another_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As many facets as there are for a reach, once: then a plan that is coarser does."""
    tried: list[Formula] = []
    monkeypatch.setattr(sorting, "single_query", tried.append)
    page = sorted_page(many(), parse_text("tag:a"), NOW, COUNT, None, 10)
    assert [one.id for one in page.snapshots] == by_hand(
        many().customers, parse_text("tag:a"), COUNT, NOW
    )[:10]
    assert page.explain.counts > 1
    assert len(tried) == len(sorting.NODES)


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize(
    "text",
    [
        "tag:a and order_count >= 601",
        "tag:a and order_count <= 600",
        "tag:a and order_count > 598, < 603",
        "tag:a and not order_count = 600",
        "tag:a and not tag:b",
        "tag:a and not tag:b and order_count <= 600",
    ],
)
def test_who_shares_a_code_with_those_who_are_wanted_is_checked(text: str, direction: Any) -> None:
    """Two numbers of orders have one code each, from 512 on."""
    tags: tuple[list[str], ...] = (["a"], ["a", "b"], ["a"], [])
    people = [person(orderCount=590 + n % 25, tags=tags[n % 4]) for n in range(100)]
    store = crowd(people)
    for size in (4, 15):
        pages = walk(store, text, Sort("orderCount", None, direction), size)
        assert any(one.explain.checked for one in pages)


LEARNED: Final = Hint(step=50.0, behind=3, share=0.5, end=7, whole=True)
"""What a page before may have learned of a crowd that is behind it."""


@pytest.mark.parametrize(
    ("direction", "place", "end"), [("desc", 5_001, 6_344), ("asc", 4_999, 1_849)]
)
def test_what_counts_cannot_divide_is_a_crowd_of_which_nothing_is_known(
    monkeypatch: pytest.MonkeyPatch, direction: Any, place: int, end: int
) -> None:
    """Forty-eight paid 5,000."""
    monkeypatch.setattr(sorting, "MOST_STEPS", 1)
    spent = [5_000 if n % 5 else 100 + n for n in range(60)]
    store = crowd([person(totalSpend={"USD": one}, tags=["a"], orderCount=1) for one in spent])
    start = Start(Position(place, None), LEARNED)
    sort = Sort("totalSpend", "USD", direction)
    page = sorted_page(store, parse_text("tag:a"), NOW, sort, start, 10)
    assert told([page]) == [(0, 8, 9)]
    learned = Hint(step=50.0, behind=0, share=1.0, crowd=48, end=end, whole=False)
    assert page.next_start == Start(Position(place, None), learned)


@pytest.mark.parametrize(("share", "size", "end"), [(0.5, 12, 8_192), (0.9, 6, 7_232)])
def test_what_a_count_took_for_few_and_memory_cannot_hold_is_a_crowd_too(
    monkeypatch: pytest.MonkeyPatch, share: float, size: int, end: int
) -> None:
    monkeypatch.setattr(sorting, "MOST_STEPS", 1)
    store = alike()
    enough = 3 * len(json.dumps(store.customers["c0000"], default=str))
    monkeypatch.setattr(sorting, "PAGE_BYTES", enough)
    start = Start(Position(2_000, None), replace(LEARNED, share=share))
    page = sorted_page(store, parse_text("tag:a"), NOW, Sort("totalSpend", "USD"), start, size)
    assert told([page]) == [(0, 1, 8)]
    learned = Hint(step=50.0, behind=3, share=1.0, crowd=1_000, end=end, whole=False)
    assert page.next_start == Start(Position(2_000, None), learned)


def test_where_nobody_can_be_without_a_value_nobody_is_looked_for() -> None:
    """Who has ordered has a number of orders."""
    pages = walk(many(), "tag:a and order_count >= 1")
    assert [len(one.snapshots) for one in pages] == [10, 10, 10, 10, 4]
    assert [*pages[-1].explain.ways] == ["counts told how far to reach"]


# --- In words ---------------------------------------------------------------------------------


def test_how_a_sorted_page_was_found_in_words_and_figures() -> None:
    told = SortExplain(Sort("totalSpend", "USD"))
    assert told.to_data() == {
        "plan": "Sorted by totalSpend.USD: there is nobody.",
        "queries": [],
        "checked": False,
        "counts": 0,
        "documentsRead": 0,
    }
    told.add(QueryPlan(((frozenset("ba"),), (frozenset("c"),)), exact=True), "one way")
    told.counts, told.documents_read = 2, 7
    assert not told.checked
    told.add(QueryPlan(((frozenset("c"),), (frozenset("d"),)), exact=False), "another")
    told.add(QueryPlan(((frozenset("c"),),), exact=True), "one way")
    assert told.to_data() == {
        "plan": "Sorted by totalSpend.USD: one way; another.",
        "queries": [[["a", "b"]], [["c"]], [["d"]]],
        "checked": True,
        "counts": 2,
        "documentsRead": 7,
    }


def test_what_leads_to_the_next_page_is_json_and_back() -> None:
    hint = Hint(12.34567, 3, 0.98765, 5_000, 48, 6_344, True)
    data = Start(Position(7, "c"), hint).to_data()
    assert data == [7, "c", [12.346, 3, 0.988, 5_000, 48, 6_344, True]]
    back = Start(Position(7, "c"), Hint(12.346, 3, 0.988, 5_000, 48, 6_344, True))
    assert Start.from_data(json.loads(json.dumps(data))) == back
    plain = Start(Position(None, None))
    assert plain.to_data() == [None, None, [0.0, 0, 1.0, None, 0, 0, False]]
    assert Start.from_data(plain.to_data()) == plain
