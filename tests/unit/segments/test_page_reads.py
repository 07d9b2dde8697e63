"""What a page by ids reads: how many documents at a time, from where, and what it says of that."""

from __future__ import annotations

from typing import Any

import pytest

from bench.model import FacetStore
from crm.db.paging import PAGE_BYTES
from crm.segments.engine import pages as answering
from crm.segments.engine.pages import Explain, Page, page, pages
from crm.segments.engine.planner import QueryPlan
from crm.segments.language.text import parse_text
from testing.world import World
from tests.support.segments import NOW, person

PLAIN = person()


def crowd(signs: str) -> FacetStore:
    """A customer for each sign, whose tags are the sign, or none for a dot."""
    people = {one: person(tags=[one]) if one != "." else PLAIN for one in set(signs)}
    return FacetStore({f"c{number:03}": people[sign] for number, sign in enumerate(signs)})


def told(found: Page) -> tuple[str, str | None, int]:
    return (
        " ".join(one.id for one in found.snapshots),
        found.next_after,
        found.explain.documents_read,
    )


def limits(store: FacetStore) -> list[int | None]:
    return [one.limit for one in store.sent]


@pytest.mark.parametrize(
    ("signs", "text", "size", "first", "asked"),
    [
        # What facets tell exactly: as many as are wanted, and no second trip.
        ("aaa", "tag:a", 2, ("c000 c001", "c001", 2), [2]),
        ("aa", "tag:a", 2, ("c000 c001", "c001", 2), [2]),
        ("aa", "tag:a", 3, ("c000 c001", None, 2), [3]),
        ("..", "tag:a", 3, ("", None, 1), [3]),
        ("..", "everyone", 1, ("c000", "c000", 1), [1]),
        ("..", "not everyone", 5, ("", None, 0), []),
        # Who comes back is checked: a page that is nine tenths full is not worth a second trip,
        ("a.........." + "." * 5, "not tag:a", 10,
         ("c001 c002 c003 c004 c005 c006 c007 c008 c009", "c009", 10), [10]),
        # and of one that is not, the second reads three quarters of what the share so far promises,
        ("aa" + "." * 20, "not tag:a", 10,
         ("c002 c003 c004 c005 c006 c007 c008 c009 c010 c011", "c011", 12), [10, 2]),
        ("a" * 7 + "." * 20, "not tag:a", 10,
         ("c007 c008 c009 c010 c011 c012 c013 c014 c015 c016", "c016", 24), [10, 14]),
        # and half a page is enough for a third.
        ("a" * 13 + "." * 20, "not tag:a", 10,
         ("c013 c014 c015 c016 c017 c018 c019 c020 c021 c022", "c022", 33), [10, 82]),
        ("a" * 10 + "." * 5 + "a" * 77 + "." * 20, "not tag:a", 10,
         ("c010 c011 c012 c013 c014", "c091", 92), [10, 82]),
        ("a" * 10 + "." * 4 + "a" * 78 + "." * 20, "not tag:a", 10,
         ("c010 c011 c012 c013 c092 c093 c094 c095 c096 c097", "c097", 112), [10, 82, 83]),
    ],
)  # fmt: skip
def test_what_the_first_page_reads(
    signs: str, text: str, size: int, first: tuple[str, str | None, int], asked: list[int]
) -> None:
    store = crowd(signs)
    assert told(page(store, parse_text(text), NOW, None, size)) == first
    assert limits(store) == asked
    assert {one.most_bytes for one in store.sent} <= {PAGE_BYTES}


def test_of_what_facets_tell_exactly_a_page_is_filled_whatever_it_takes() -> None:
    """No more than 500 documents at a time."""
    store = crowd("a" * 601)
    found = page(store, parse_text("tag:a"), NOW, None, 510)
    assert len(found.snapshots) == found.explain.documents_read == store.reads == 510
    assert limits(store) == [500, 10]
    assert [one.after for one in store.sent] == [None, (None, "c499")]


@pytest.mark.parametrize(
    ("most", "read"), [(1, 10), (10, 10), (11, 92), (92, 92), (93, 120), (2_000, 120)]
)
def test_a_page_ends_where_enough_was_read_for_one(
    monkeypatch: pytest.MonkeyPatch, most: int, read: int
) -> None:
    monkeypatch.setattr(answering, "MOST_READ", most)
    found = page(crowd("a" * 120), parse_text("not tag:a"), NOW, None, 10)
    assert (found.snapshots, found.explain.documents_read) == ([], read)
    assert found.next_after == (None if read == 120 else f"c{read - 1:03}")


SEVERAL = " or ".join(f"tag:{one}" for one in "abcdefghijklmnopqrstuvwxyz0123456789")
"""Two queries: of thirty tags, by their names, and of six."""


def test_queries_are_merged_at_one_moment_and_each_reads_its_share() -> None:
    store = crowd("aza.za")
    found = page(store, parse_text(SEVERAL), NOW, None, 4)
    assert len(found.explain.plan.queries) == 2
    # Two of each at first, and once more where none is left; to learn the time is a read too.
    assert told(found) == ("c000 c001 c002 c004", "c004", 6)
    assert store.reads == 6
    assert limits(store) == [2, 2, 2]
    assert {one.most_bytes for one in store.sent} == {PAGE_BYTES // 2}
    assert told(page(store, parse_text(SEVERAL), NOW, "c004", 4)) == ("c005", None, 3)


def test_who_is_found_by_two_queries_comes_once() -> None:
    people = [person(tags=["a", "z"]), person(tags=["z"]), person(tags=["a", "z"])]
    store = FacetStore({f"c{number}": data for number, data in enumerate(people)})
    assert told(page(store, parse_text(SEVERAL), NOW)) == ("c0 c1 c2", None, 6)


def test_a_store_of_one_moment_is_read_as_it_is() -> None:
    """The time need not be learned again."""
    asked: list[Any] = []

    class Then(FacetStore):
        moment = NOW  # type: ignore[assignment]

        def at(self, moment: Any = None) -> FacetStore:
            asked.append(moment)
            return self

    store = Then(crowd("aza").customers)
    assert told(page(store, parse_text(SEVERAL), NOW)) == ("c000 c001 c002", None, 3)
    assert asked == [NOW]
    page(store, parse_text("tag:a"), NOW)
    assert asked == [NOW]


@pytest.mark.parametrize("text", ["everyone", "tag:a", "not tag:b", SEVERAL])
def test_a_bound_ends_the_last_page_before_it(text: str) -> None:
    store, node = World().store, parse_text(text)
    for customer_id, data in crowd("a" * 9).customers.items():
        store.put(f"customers/{customer_id}", data)
    assert told(page(store, node, NOW, "c002", 50, "c006"))[:2] == ("c003 c004 c005", None)
    assert told(page(store, node, NOW, "c002", 2, "c006"))[:2] == ("c003 c004", "c004")
    assert told(page(store, node, NOW, "c004", 2, "c006"))[:2] == ("c005", None)
    assert told(page(store, node, NOW, None, 50, "c000"))[:2] == ("", None)
    assert told(page(store, node, NOW, "c006"))[:2] == ("c007 c008", None)


def test_pages_begin_behind_an_id_and_go_on_to_the_end() -> None:
    store, node = crowd("a" * 7), parse_text("tag:a")
    assert [told(one)[:2] for one in pages(store, node, NOW, "c001", 2)] == [
        ("c002 c003", "c003"),
        ("c004 c005", "c005"),
        ("c006", None),
    ]
    assert [told(one)[:2] for one in pages(store, node, NOW, size=4)] == [
        ("c000 c001 c002 c003", "c003"),
        ("c004 c005 c006", None),
    ]


def test_a_page_has_fifty_customers_and_one_of_several_two_hundred_unless_told() -> None:
    store, node = crowd("a" * 201), parse_text("tag:a")
    assert len(page(store, node, NOW).snapshots) == 50
    assert [len(one.snapshots) for one in pages(store, node, NOW)] == [200, 1]


@pytest.mark.parametrize("text", ["everyone", "not tag:b"])
@pytest.mark.parametrize(("more", "number"), [(-1, 2), (0, 2), (1, 3)])
def test_the_customer_by_whom_a_page_holds_enough_bytes_is_its_last(
    monkeypatch: pytest.MonkeyPatch, text: str, more: int, number: int
) -> None:
    (one,) = page(crowd("a"), parse_text("tag:a"), NOW).snapshots
    monkeypatch.setattr(answering, "PAGE_BYTES", 2 * one.size + more)
    found = page(crowd("a" * 9), parse_text(text), NOW, None, 9)
    assert len(found.snapshots) == found.explain.documents_read == number
    assert found.next_after == f"c{number - 1:03}"


# --- In words ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("queries", "exact", "words"),
    [
        ((), True, "Nobody can match: nothing is read."),
        ((("",),), True, "Every customer is read in the order of ids."),
        ((("",),), False, "Every customer is read in the order of ids; who comes back is checked."),
        ((("a b", "c"),), True, "One query on facets."),
        ((("a b", "c"),), False, "One query on facets; who comes back is checked."),
        ((("a",), ("c b",)), True, "2 queries on facets at one moment, merged."),
        ((("a",), ("c b",), ("d",)), False,
         "3 queries on facets at one moment, merged; who comes back is checked."),
    ],
)  # fmt: skip
def test_how_an_answer_was_found_in_words_and_figures(
    queries: tuple[tuple[str, ...], ...], exact: bool, words: str
) -> None:
    terms = tuple(tuple(frozenset(keys.split()) for keys in one) for one in queries)
    assert Explain(QueryPlan(terms, exact), 7).to_data() == {
        "plan": words,
        "queries": [[sorted(keys.split()) for keys in one] for one in queries],
        "checked": not exact,
        "documentsRead": 7,
    }


def test_a_page_gives_its_customers_by_id_and_document() -> None:
    store = crowd("ab")
    assert page(store, parse_text("tag:a"), NOW).customers == [("c000", store.customers["c000"])]
