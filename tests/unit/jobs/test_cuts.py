"""Cutting ids into equal pieces, whatever the ids are."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.core.ids import is_id
from crm.core.keyring import random_id
from crm.db.documents import BY_ID, Query, Snapshot
from crm.db.ranges import Range, in_range
from crm.jobs.cuts import MOST_PROBES, between, cuts, ranges, shares
from testing.memory import MemoryStore

IDS = Query("orders")


def filled(ids: set[str]) -> MemoryStore:
    store = MemoryStore()
    for one in sorted(ids):
        store.put(f"orders/{one}", {})
    return store


def sizes(ids: set[str], at: list[str]) -> list[int]:
    return [
        sum((low is None or one >= low) and (high is None or one < high) for one in ids)
        for low, high in ranges(at)
    ]


DICE = random.Random(17)

NASTY = {
    "decimals": {str(number) for number in range(400)},
    "padded": {f"order-{number:012}" for number in range(5_000_000, 5_000_400)},
    "a long prefix": {f"{'x' * 300}{number}" for number in range(300)},
    "random": {random_id() for _ in range(400)},
    "unicode": {f"Bestellung №{number}ö" for number in range(400)},
    "emoji": {f"{chr(0x1F300 + number % 200)}{number}" for number in range(400)},
    "a cluster": {f"2026-{number:06}" for number in range(395)} | {"a", "b", "zz", "0", "~"},
    "two clusters": {f"a{number:09}" for number in range(100)}
    | {f"zzzzzzzz{number:09}" for number in range(300)},
    "underscores": {f"__{number}_" for number in range(300)},
    "mixed lengths": {"".join(DICE.choices("ab", k=DICE.randint(1, 40))) for _ in range(400)},
}


@pytest.mark.parametrize("pieces", [2, 8])
@pytest.mark.parametrize("kind", NASTY)
def test_no_piece_is_much_larger_than_its_fair_share(kind: str, pieces: int) -> None:
    ids = NASTY[kind]
    at = cuts(filled(ids), IDS, pieces)
    assert at == sorted(set(at))
    assert {*at} <= ids
    assert len(at) == pieces - 1
    assert max(sizes(ids, at)) <= 1.5 * len(ids) / pieces + 1


@settings(max_examples=60, deadline=None)
@given(
    st.sets(st.text(max_size=12).filter(is_id), max_size=60),
    st.integers(1, 9),
    st.text(max_size=3).filter(is_id) | st.none(),
)
def test_any_ids_fall_into_pieces_each_once(ids: set[str], pieces: int, low: str | None) -> None:
    store = filled(ids)
    at = cuts(store, IDS, pieces, low)
    assert at == sorted(set(at))
    assert {*at} <= ids
    assert len(at) < max(pieces, 2)
    inside = {one for one in ids if low is None or one >= low}
    assert sum(sizes(inside, at)) == len(inside)
    assert all(sizes(inside, at)[1:]) or not inside


@pytest.mark.parametrize(
    ("ids", "pieces", "most"),
    [
        (NASTY["padded"], 8, 7 * 2 * 2 * MOST_PROBES / 4),
        ({"1", "10"}, 2, 2 * 3),  # between these two there is no place
    ],
)
def test_it_tries_only_so_often(ids: set[str], pieces: int, most: float) -> None:
    store = filled(ids)
    calls = 0

    def pause() -> None:
        nonlocal calls
        calls += 1

    store.pause = pause
    cuts(store, IDS, pieces)
    assert calls <= most


def test_of_a_document_it_asks_for_the_id_alone() -> None:
    """A customer can be a megabyte, and one cut may take `MOST_PROBES` of them."""
    looked: list[Query] = []

    class Watched(MemoryStore):
        def find(self, query: Query) -> list[Snapshot]:
            if query.limit:  # not what this store counts with
                looked.append(query)
            return super().find(query)

    store = Watched()
    for one in NASTY["decimals"]:
        store.put(f"orders/{one}", {})
    assert cuts(store, IDS, 4)
    assert {query.keys_only for query in looked} == {True}


def test_a_crowd_that_only_the_second_search_reaches_makes_no_more_pieces() -> None:
    """The first one finds no place but its end, where all of its pieces would be."""
    crowd = {"b" * (MOST_PROBES + 15) + one + two for one in "abc" for two in "abc"}
    ids = crowd | {"b" * (MOST_PROBES - 20) + "c"}
    assert len(cuts(filled(ids), IDS, 4)) == 3


def test_few_documents_are_not_cut_into_more_pieces_than_there_are() -> None:
    assert cuts(filled(set()), IDS, 8) == []
    assert cuts(filled({"a"}), IDS, 8) == []
    assert cuts(filled({"a", "b"}), IDS, 8) == ["b"]


@given(st.text(max_size=8), st.text(max_size=8) | st.none(), st.sets(st.characters()))
def test_what_is_between_two_texts_is_an_id(low: str, high: str | None, letters: set[str]) -> None:
    found = between(low, high, letters)
    if found is not None:
        assert low < found
        assert high is None or found < high
        assert is_id(found)


@pytest.mark.parametrize("pieces", [1, 2, 8, 32])
def test_shares_of_random_ids_are_even(pieces: int) -> None:
    ids = {random_id() for _ in range(200 * pieces)}
    some = shares(pieces)
    assert len(some) == pieces
    assert (some[0][0], some[-1][1]) == (None, None)
    assert all(one[1] == other[0] for one, other in pairwise(some))
    found = sizes(ids, [high for _, high in some if high is not None])
    assert max(found) <= 1.5 * 200
    assert min(found) >= 0.5 * 200


@pytest.mark.parametrize("low", ["a", "zzzzz", "zzzzzzz", "77", "2"])
def test_shares_of_what_is_left_begin_where_it_does(low: str) -> None:
    some = shares(4, low)
    assert some[0][0] == low
    assert some[-1][1] is None
    assert all(one < other for one, other in pairwise([low, *(high or "~" for _, high in some)]))


@pytest.mark.parametrize(
    ("pieces", "low", "some"),
    [
        (1, None, [(None, None)]),
        (2, None, [(None, "k2222"), ("k2222", None)]),
        (4, None, [(None, "c2222"), ("c2222", "k2222"), ("k2222", "s2222"), ("s2222", None)]),
        (2, "k", [("k", "s2222"), ("s2222", None)]),
        (2, "2222222", [("2222222", "k2222"), ("k2222", None)]),
        (3, "a", [("a", "ipepe"), ("ipepe", "repep"), ("repep", None)]),
        (2, "2k", [("2k", "kc222"), ("kc222", None)]),
        (2, "22222k", [("22222k", "k2222"), ("k2222", None)]),  # five letters tell enough
        (2, "k1", [("k1", "s2222"), ("s2222", None)]),  # no random id has a 1
        (2, "zzzzz", [("zzzzz", None)]),  # nothing is between that and the end
    ],
)
def test_shares_are_cut_where_so_many_random_ids_are_before(
    pieces: int, low: str | None, some: list[Range]
) -> None:
    assert shares(pieces, low) == some


@pytest.mark.parametrize(
    ("low", "high", "letters", "place"),
    [
        ("b", "d", "abcde", "c"),
        ("a", "c", "b", "b"),
        ("a", "c", "", "aa"),  # the bounds tell of two letters
        ("a", None, "", "aa"),
        ("a", None, "bc", "b"),
        ("", None, "abc", "b"),
        ("", "c", "ab", "a"),
        ("ab", "ac", "abc", "abb"),
        ("az", "b", "az", "azb"),
        ("a", "ab", "b", "aa"),
        ("a", "a1", "", None),
        ("1", "10", "", None),
        ("", None, "", None),  # no text was seen
        ("-", "0", "./", "..."),  # `.` and `..` are no ids
    ],
)
def test_a_place_is_as_short_as_can_be_in_the_middle(
    low: str, high: str | None, letters: str, place: str | None
) -> None:
    known = {*letters}
    assert between(low, high, known) == place
    assert known == {*letters, *low, *(high or "")}


class Asked(MemoryStore):
    """Notes what it is asked: `find` from where to where and what was found, `count` likewise."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self._counting = False

    def find(self, query: Query) -> list[Snapshot]:
        found = super().find(query)
        if not self._counting:
            assert query == Query("orders", query.where, BY_ID, limit=1, keys_only=True)
            self.asked.append(f"find {self._range(query)}: {found[0].id if found else None}")
        return found

    def count(self, query: Query) -> int:
        assert query == Query("orders", query.where)
        self._counting = True
        number = super().count(query)
        self._counting = False
        self.asked.append(f"count {self._range(query)}: {number}")
        return number

    def _range(self, query: Query) -> str:
        first, *ids = query.where
        assert first == ("x", "==", 1)
        low, high = (next((v for _, o, v in ids if o == way), "") for way in (">=", "<"))
        assert tuple(ids) == in_range("__name__", (low or None, high or None))
        return f"{low}-{high}"


def test_places_are_tried_until_a_cut_is_near_enough() -> None:
    store = Asked()
    for one in "abcdefgh":
        store.put(f"orders/{one}", {"x": 1})
        store.put(f"orders/{one}z", {"x": 2})
    query = Query("orders", (("x", "==", 1),))
    assert cuts(store, query, 4) == ["c", "e", "g"]
    assert store.asked == [
        *("find -: a", "count a-: 8"),
        # Of letters it has seen an a, so it guesses the next text; each find tells of one more.
        *("find aa-: b", "count a-b: 1", "find ba-: c", "count b-c: 1"),
        *("find cb-: d", "count c-d: 1", "find db-: e", "count d-e: 1"),
        *("find c-e: c", "count a-c: 2"),
        *("find ec-: f", "count e-f: 1", "find fc-: g", "count f-g: 1"),
    ]
    store.asked.clear()
    assert cuts(store, query, 2, "e", total=4) == ["g"]
    assert store.asked[0] == "find e-: e"
    assert not any(one == "count e-: 4" for one in store.asked), "how many are known"
    store.asked.clear()
    assert cuts(store, query, 1) == []
    assert store.asked == []
    assert cuts(store, query, 2, "i") == []
    assert store.asked == ["find i-: None"]


@pytest.mark.parametrize(
    ("kind", "calls", "at"),
    [
        ("padded", 55, [50] * 8),
        ("a long prefix", 67, [35, 33, 44, 34, 33, 44, 33, 44]),
        ("a cluster", 94, [41, 60, 40, 60, 40, 60, 40, 59]),
        ("two clusters", 55, [40, 60] * 4),
        ("underscores", 86, [34, 32, 46, 32, 33, 46, 32, 45]),
    ],
)
def test_what_cuts_cost_and_how_even_they_are(kind: str, calls: int, at: list[int]) -> None:
    """Whoever finds a better way writes better numbers here."""
    store, asked = filled(NASTY[kind]), list[None]()
    store.pause = lambda: asked.append(None)
    assert sizes(NASTY[kind], cuts(store, IDS, 8)) == at
    assert len(asked) == 2 * calls  # it pauses before and after each
