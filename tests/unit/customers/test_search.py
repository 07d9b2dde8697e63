"""Searching over pages, against every customer looked at by other code."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.core.errors import Refusal
from crm.customers import search as searching
from crm.customers.search import search_customers
from crm.customers.search_terms import words
from crm.db.paging import Pager, PageTokens
from testing.hosts import order
from testing.world import KEYS, World

TOKENS = PageTokens(KEYS.derive("page-token"))

NAMES = ("Ada Lovelace", "Zoë Smith", "ADAM SMITH", "Łukasz Ångström", None, "Anne-Marie O'Con")
LOCALS = ("ada", "adam.smith", "zoe", "smith", "lukasz", "an")

TYPED = (
    *("ad", "ADA", "smith", "zoe", "ZOË", "angstr", "łuk", "an", "marie", "con", "o'c", "nobody"),
    *("adam sm", "sm ad", "a sm", "lov ada@ex", "ada0@example.com", "adam.smith2@example.co"),
    *("adam.smith1@example.comx", "x" * 40),
)


def world_of(people: Sequence[tuple[str | None, str]]) -> World:
    world = World()
    for number, (name, local) in enumerate(people):
        world.put_order(f"o{number}", order(f"{local}{number}@example.com", name=name))
    return world


def pages(world: World, q: str, size: int) -> list[list[str]]:
    found: list[list[str]] = []
    token = None
    while True:
        page: Any = search_customers(world.store, Pager(TOKENS, "staff", size, token), q)
        found.append([one["customerId"] for one in page["customers"]])
        assert len(found[-1]) <= size
        token = page["nextPageToken"]
        if token is None:
            return found


def plain(text: str) -> str:
    """Without case and accents, by other code than the product's."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return bare.lower().replace("ł", "l")


def expected(world: World, q: str) -> list[str]:
    def begins(data: dict[str, Any], word: str) -> bool:
        name = plain(data["name"] or "").replace("-", " - ").replace("'", " ' ")
        held = [*data["emails"], *name.split(), *plain(data["name"] or "").split()]
        return any(one.startswith(word) for one in held)

    customers = world.store.all("customers")
    asked = plain(q).split()
    return sorted(key for key in customers if all(begins(customers[key], one) for one in asked))


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(LOCALS)), max_size=12),
    st.sampled_from(TYPED),
    st.integers(1, 5),
)
def test_pages_are_all_whom_it_stands_for(
    people: list[tuple[str | None, str]], q: str, size: int
) -> None:
    world = world_of(people)
    found = pages(world, q, size)
    assert [one for page in found for one in page] == expected(world, q)
    assert all(len(page) == size for page in found[:-1])


def test_one_word_reads_no_more_than_it_answers() -> None:
    world = world_of([("Ada Lovelace", "x")] * 7 + [("Bob", "y")] * 30)
    before = world.store.reads
    page: Any = search_customers(world.store, Pager(TOKENS, "staff", 5), "lovel")
    assert len(page["customers"]) == 5
    assert world.store.reads - before == 6  # one more tells whether there is a next page


def test_a_page_has_a_bound_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST_READ", 4)
    monkeypatch.setattr(searching, "_AT_ONCE", 2)
    world = world_of([("Maria Garcia", "x")] * 9 + [("Maria Gomez", "y")])
    found = pages(world, "maria gomez", 5)
    assert len(found) == 3
    assert [one for page in found for one in page] == expected(world, "maria gomez")


def test_an_answer_is_the_public_document() -> None:
    world = world_of([("Ada Lovelace", "ada")])
    page: Any = search_customers(world.store, Pager(TOKENS, "staff", 5), "ada")
    (customer,) = page["customers"]
    assert customer["emails"] == ["ada0@example.com"]
    assert not {"parts", "merges", "facets", "search"} & set(customer)


@pytest.mark.parametrize("q", ["", " ", "a", "á", "a b", "\u0301\u0301", '"<>"', "a\u0301"])
def test_too_short_is_refused_before_any_read(q: str) -> None:
    world = World()
    with pytest.raises(Refusal) as error:
        search_customers(world.store, Pager(TOKENS, "staff", 5), q)
    assert (error.value.code, error.value.reason) == ("invalid-argument", "search-too-short")
    assert world.store.reads == 0


def test_a_token_is_bound_to_caller_and_words() -> None:
    world = world_of([("Ada", "ada")] * 3)
    page: Any = search_customers(world.store, Pager(TOKENS, "staff", 1), "ada")
    token = page["nextPageToken"]
    again: Any = search_customers(world.store, Pager(TOKENS, "staff", 2, token), " ADA, ")
    assert len(again["customers"]) == 2
    for caller, q in (("other", "ada"), ("staff", "adam")):
        with pytest.raises(Refusal) as error:
            search_customers(world.store, Pager(TOKENS, caller, 1, token), q)
        assert error.value.reason == "page-token"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ('"Lovelace, Ada" <Ada@Example.com>', ["lovelace", "ada", "ada@example.com"]),
        ("info@bücher.de;", ["info@xn--bcher-kva.de"]),
        ("ada@", ["ada@"]),
        ("@home", ["@home"]),
        ("a@b@c", ["a@b@c"]),
        ("zoë@example.com", ["zoe@example.com"]),
        ("ﷺ", ["صلى", "الله", "عليه", "وسلم"]),
        ("o'con", ["o'con"]),
    ],
)
def test_what_was_typed(typed: str, found: list[str]) -> None:
    assert words(typed) == found


def test_an_address_is_found_as_people_write_it() -> None:
    world = World()
    world.put_order("o", order("info@bücher.de"))
    assert [len(page) for page in pages(world, "info@Bücher.de", 5)] == [1]
