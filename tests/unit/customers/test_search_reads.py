"""What a search asks the database, query by query: it reads little where little is answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm.customers import search as searching
from crm.customers.orders import list_orders
from crm.customers.search import Among, search_customers
from crm.db import paging
from crm.db.documents import Query
from crm.db.paging import Pager, Scope
from testing.hosts import DAY, order
from testing.world import World
from tests.unit.customers.test_search import TOKENS, pages, world_of

Asked = tuple[str, int | None, int | None, int]
"""Where, behind which customer (the first is 0), at most how many, and how many were found."""


def asked(world: World, q: str, size: int, among: Among | None = None) -> list[list[Asked]]:
    """What is asked of customers, page by page."""
    ids = sorted(world.store.all("customers"))
    told: list[list[Asked]] = []
    token = None
    find = world.store.find
    while True:
        page: list[Asked] = []

        def watched(query: Query, page: list[Asked] = page) -> Any:
            found = find(query)
            if query.collection == "customers":
                page.append((_where(query, ids), _behind(query, ids), query.limit, len(found)))
            return found

        world.store.find = watched  # type: ignore[method-assign]
        answer: Any = search_customers(world.runner, Pager(TOKENS, "staff", size, token), q, among)
        del world.store.find
        told.append(page)
        token = answer["nextPageToken"]
        if token is None:
            return told


def _where(query: Query, ids: list[str]) -> str:
    clauses = [*query.where, *(one for some in query.either for one in some)]
    named = [(name, ids.index(str(one)) if one in ids else one) for name, _, one in clauses]
    return " | ".join(f"{name}={one}" for name, one in named)


def _behind(query: Query, ids: list[str]) -> int | None:
    return None if query.after is None else ids.index(query.after[1])


@pytest.fixture
def world() -> World:
    """Five of one whole name (0 to 4), two more of its first word (5 and 7), and a stranger (6)."""
    people = [*[("Maria Garcia", "x")] * 5, ("Maria Gomez", "y"), ("Bob", "b"), ("Zoe", "maria")]
    return world_of(people)


DOMAIN = "facets.`d:example.com`=True | search=@example.com"


@pytest.mark.parametrize(
    ("q", "size", "expected"),
    [
        # Those few who are found by the last clause need no other.
        ("maria", 9, [[("search=maria", None, 10, 7)]]),
        ("nobody", 3, [[("search=nobody", None, 4, 0)]]),
        ("x0@example.com", 1, [[("search=x0@example.com", None, 2, 1)]]),
        # One more than is wanted tells whether to go on; what was read first is not read again.
        (
            "maria",
            3,
            [
                [("search=maria", None, 4, 4), ("search= maria", None, 4, 0)],
                [("search=maria", 2, 4, 4)],
                [("search=maria", 5, 4, 1)],
            ],
        ),
        # What is longer than a term, or more than one word, has to be looked at.
        ("maria7@example.com", 9, [[("search=maria7@example.c", None, 200, 1)]]),
        ("maria gar", 9, [[("search=maria", None, 200, 7)]]),
        (
            "maria garcia",
            3,
            [
                [("search=garcia", None, 200, 5)],
                [("search= garcia maria", 2, 4, 2), ("search=garcia", None, 200, 5)],
            ],
        ),
        # Of a domain alone nearly all will do; of two, or of a word besides, some will not.
        ("@example.com", 5, [[(DOMAIN, None, 6, 6)], [(DOMAIN, 4, 6, 3)]]),
        ("@example.com @example.org", 5, [[(DOMAIN, None, 200, 8)]]),
        (
            "mar @example.com",
            5,
            [[(DOMAIN, None, 200, 8)], [(DOMAIN, 4, 200, 3)]],
        ),
    ],
)
def test_a_search_asks_for_no_more_than_it_may_answer(
    world: World, q: str, size: int, expected: list[list[Asked]]
) -> None:
    assert asked(world, q, size) == expected


def test_the_buyer_of_an_order_takes_a_place_on_the_page(world: World) -> None:
    world.put_order("maria", order("b6@example.com", name="Bob"))
    assert asked(world, "maria", 3) == [
        [("search=maria", None, 4, 4), ("__name__=6", None, 4, 1), ("search= maria", None, 3, 0)],
        [("search=maria", 1, 4, 4)],
        [("search=maria", 4, 4, 2)],
    ]
    assert asked(world, "maria", 9) == [[("search=maria", None, 10, 7)]]


def test_among_some_of_whom_many_will_not_do_more_are_looked_at_together(world: World) -> None:
    others = Among("x", lambda data: data["name"] != "Maria Garcia")
    assert asked(world, "maria", 1, others) == [
        [("search=maria", None, 200, 7)],
        [("search=maria", 5, 200, 1)],
    ]


@pytest.mark.parametrize("most", [1, 2, 3, 4])
def test_a_page_ends_where_as_much_was_read_as_may_be(
    world: World, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Somebody is behind each page, or nobody is left; nothing is read twice."""
    monkeypatch.setattr(searching, "MOST_READ", most)
    monkeypatch.setattr(searching, "_AT_ONCE", 2)
    told = asked(world, "maria gomez", 9)
    read = [sum(max(1, found) for *_, found in page) for page in told]
    assert all(most <= one < most + 2 for one in read[:-1])
    assert [one for page in pages(world, "maria gomez", 9) for one in page] == [
        sorted(world.store.all("customers"))[5]
    ]


@pytest.mark.parametrize(("more", "on_it"), [(0, 1), (1, 2)])
def test_a_page_ends_with_the_one_by_whom_it_holds_as_much_as_it_may(
    world: World, monkeypatch: pytest.MonkeyPatch, more: int, on_it: int
) -> None:
    (first,) = world.store.find(Query("customers", limit=1, most_bytes=1))
    assert first.size > 1_000
    monkeypatch.setattr(paging, "PAGE_BYTES", first.size + more)
    answer: Any = search_customers(world.runner, Pager(TOKENS, "staff", 9), "garcia")
    assert len(answer["customers"]) == on_it


@pytest.mark.parametrize(
    ("q", "size", "fields", "among", "query", "position"),
    [
        ("Maria", 3, {}, None, {"words": ["maria"], "domains": []}, [1, 2, None]),
        ("garcia, maria", 1, {}, None, {"words": ["garcia", "maria"], "domains": []}, [0, 0, None]),
        (
            "@example.com",
            2,
            {},
            None,
            {"words": [], "domains": ["example.com"]},
            [0, 1, None],
        ),
        (
            "maria",
            2,
            {},
            Among(["a", 1], lambda _: True),
            {"words": ["maria"], "domains": [], "segment": ["a", 1]},
            [1, 1, None],
        ),
        (
            "maria",
            3,
            {"company": {"type": "text", "label": "Company", "purpose": "letters"}},
            None,
            {"words": ["maria"], "domains": [], "value": "maria"},
            [1, 2, None],
        ),
        (
            "maria",
            3,
            {"born": {"type": "date", "label": "Born", "purpose": "letters"}},
            None,
            {"words": ["maria"], "domains": []},
            [1, 2, None],
        ),
    ],
)
def test_a_token_is_for_one_question_and_says_behind_whom_to_go_on(
    q: str,
    size: int,
    fields: dict[str, Any],
    among: Among | None,
    query: dict[str, object],
    position: list[object],
) -> None:
    """One that was given before an update is read after it."""
    people = [*[("Maria Garcia", "x")] * 5, ("Maria Gomez", "y"), ("Bob", "b"), ("Zoe", "maria")]
    world = World(world_of(people).store, settings={"fields": fields})
    ids = sorted(world.store.all("customers"))
    answer: Any = search_customers(world.runner, Pager(TOKENS, "staff", size), q, among)
    assert [one["customerId"] for one in answer["customers"]] == ids[:size]
    assert answer.keys() == {"customers", "nextPageToken"}
    scope = Scope("staff", "search_customers", query)
    place, behind, owner = TOKENS.read(scope, answer["nextPageToken"])
    assert [place, ids.index(behind), owner] == position


def test_a_token_says_whose_the_order_is_that_may_have_been_typed(world: World) -> None:
    world.put_order("maria", order("b6@example.com", name="Bob"))
    ids = sorted(world.store.all("customers"))
    answer: Any = search_customers(world.runner, Pager(TOKENS, "staff", 3), "maria")
    assert [one["customerId"] for one in answer["customers"]] == [ids[6], *ids[:2]]
    scope = Scope("staff", "search_customers", {"words": ["maria"], "domains": []})
    assert TOKENS.read(scope, answer["nextPageToken"]) == [2, ids[1], ids[6]]


def test_a_token_of_orders_is_for_one_customer_and_says_behind_which_to_go_on() -> None:
    world = World()
    for number in range(3):
        world.put_order(f"o{number}", order(day=number))
    customer_id = world.the_customer()["id"]
    answer: Any = list_orders(world.runner, Pager(TOKENS, "staff", 2), customer_id)
    assert [one["orderId"] for one in answer["orders"]] == ["o2", "o1"]
    assert answer.keys() == {"orders", "nextPageToken"}
    scope = Scope("staff", "list_orders", {"customerId": customer_id})
    position = TOKENS.read(scope, answer["nextPageToken"])
    assert position == [(DAY + timedelta(days=1)).isoformat(), "o1"]


@pytest.mark.parametrize("size", [1, 2, 9])
def test_whoever_lacks_the_term_of_the_whole_name_is_found_once_by_its_words(
    world: World, size: int
) -> None:
    """As before a rebuild has written them anew; behind those who have it."""
    ids = sorted(world.store.all("customers"))
    for key in ids[:3]:
        data = world.store.all("customers")[key]
        words = [term for term in data["search"] if not term.startswith(" ")]
        world.store.put(f"customers/{key}", {**data, "search": words})
    found = [one for page in pages(world, "maria garcia", size) for one in page]
    assert found == [*ids[3:5], *ids[:3]]
