"""Searching over pages, against every customer looked at by other code."""

from __future__ import annotations

import base64
import unicodedata
import zlib
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.core.errors import Refusal
from crm.customers import search as searching
from crm.customers.reference import CustomerRef
from crm.customers.search import Among, search_customers
from crm.db import paging
from crm.db.paging import Pager, PageTokens
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.privacy.erasure.erase import erase
from crm.repair.rebuild import rebuild
from crm.repair.verify import verify
from testing.hosts import order, user
from testing.world import KEYS, World
from tests.support.large import large_customer

TOKENS = PageTokens(KEYS.derive("page-token"))

NAMES = (
    *("Ada Lovelace", "Zoë Smith", "ADAM SMITH", "Łukasz Ångström", None, "Anne-Marie O'Con"),
    *("Ada", "Smith", "Smith Zoe", "王 芳", "O1", "ada0@example.com"),
)
LOCALS = ("ada", "adam.smith", "zoe", "smith", "lukasz", "an")

TYPED = (
    *("ad", "ADA", "smith", "zoe", "ZOË", "angstr", "łuk", "an", "marie", "con", "o'c", "nobody"),
    *("adam sm", "sm ad", "a sm", "lov ada@ex", "ada0@example.com", "adam.smith2@example.co"),
    *("adam.smith1@example.comx", "x" * 40, "Ada Lovelace", "smith, zoe", "@example.com", "o1"),
    *("ada @example.com", "Zoe <zoe1@example.com>", "@example.co", "王 芳", "芳 王", "smith smith"),
)


def world_of(people: Sequence[tuple[str | None, str]]) -> World:
    world = World()
    for number, (name, local) in enumerate(people):
        world.put_order(f"o{number}", order(f"{local}{number}@example.com", name=name))
    return world


def pages(world: World, q: str, size: int, among: Among | None = None) -> list[list[str]]:
    found: list[list[str]] = []
    token = None
    while True:
        page: Any = search_customers(world.runner, Pager(TOKENS, "staff", size, token), q, among)
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
    """Whom a search stands for, the best match first, by other code than the product's."""
    buyer = world.store.all("crmOrders").get(q, {}).get("partId")
    asked = plain(q).replace(",", "").replace("<", "").replace(">", "").split()
    addresses = [one for one in asked if "@" in one[1:] and one.endswith("example.com")]

    def begins(data: dict[str, Any], word: str) -> bool:
        if word.startswith("@"):
            return any(one.endswith(word) for one in data["emails"])
        words = plain(data["name"] or "")
        held = [*words.replace("-", " - ").replace("'", " ' ").split(), *words.split()]
        if all(len(one) == 1 for one in asked):
            return word in held
        return any(one.startswith(word) for one in [*data["emails"], *held])

    def rank(key: str, data: dict[str, Any]) -> int:
        words = all(begins(data, one) for one in asked)
        if words and set(data["emails"]) & set(addresses):
            return 0
        if buyer in data["parts"]:
            return 1
        if not words:
            return 9
        return 2 if sorted(plain(data["name"] or "").split()) == sorted(asked) else 3

    customers = world.store.all("customers")
    ranked = sorted((rank(key, data), key) for key, data in customers.items())
    return [key for place, key in ranked if place < 9]


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


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(LOCALS)), max_size=12),
    st.sampled_from(TYPED),
    st.integers(1, 5),
    st.sampled_from([None, "Ada", "Smith"]),
    st.integers(1, 8),
)
def test_among_some_are_found_who_are_of_them_in_the_same_order(
    people: list[tuple[str | None, str]], q: str, size: int, name: str | None, reads: int
) -> None:
    world = world_of(people)
    customers = world.store.all("customers")
    among = Among({"named": name}, lambda data: name in (data["name"] or "").split())
    wanted = [key for key in expected(world, q) if among.has(customers[key])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searching, "MOST_READ", reads)
        patch.setattr(searching, "_AT_ONCE", 2)
        assert [one for page in pages(world, q, size, among) for one in page] == wanted


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(LOCALS)), min_size=4, max_size=12),
    st.sampled_from(TYPED),
    st.integers(1, 5),
    st.integers(1, 20_000),
    st.integers(1, 8),
)
def test_pages_that_end_by_bytes_or_work_are_the_same(
    people: list[tuple[str | None, str]], q: str, size: int, most: int, reads: int
) -> None:
    world = world_of(people)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paging, "PAGE_BYTES", most)
        patch.setattr(searching, "MOST_READ", reads)
        patch.setattr(searching, "_AT_ONCE", 2)
        assert [one for page in pages(world, q, size) for one in page] == expected(world, q)


def test_one_word_reads_no_more_than_it_answers() -> None:
    world = world_of([("Ada Lovelace", "x")] * 7 + [("Bob", "y")] * 30)
    before = world.store.reads
    page: Any = search_customers(world.runner, Pager(TOKENS, "staff", 5), "lovel")
    assert len(page["customers"]) == 5
    # One more tells whether there is a next page; the order and the whole name are nobody's.
    assert world.store.reads - before == 6 + 2
    token = page["nextPageToken"]
    before = world.store.reads
    search_customers(world.runner, Pager(TOKENS, "staff", 2, token), "lovel")
    assert world.store.reads - before == 2


def test_a_page_has_a_bound_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST_READ", 4)
    monkeypatch.setattr(searching, "_AT_ONCE", 2)
    world = world_of([("Maria Garcia", "x")] * 9 + [("Maria Gomez", "y")])
    found = pages(world, "maria gomez", 5)
    assert len(found) == 3
    assert [one for page in found for one in page] == expected(world, "maria gomez")


def test_an_answer_is_the_public_document() -> None:
    world = world_of([("Ada Lovelace", "ada")])
    page: Any = search_customers(world.runner, Pager(TOKENS, "staff", 5), "ada")
    (customer,) = page["customers"]
    assert customer["emails"] == ["ada0@example.com"]
    assert not {"parts", "merges", "facets", "search"} & set(customer)


@pytest.mark.parametrize("q", ["", " ", "a", "á", "@", "王", "\u0301\u0301", '"<>"', "a\u0301"])
def test_too_short_is_refused_before_any_read(q: str) -> None:
    world = World()
    with pytest.raises(Refusal) as error:
        search_customers(world.runner, Pager(TOKENS, "staff", 5), q)
    assert (error.value.code, error.value.reason) == ("invalid-argument", "search-too-short")
    assert world.store.reads == 0


def test_a_token_is_bound_to_caller_and_words() -> None:
    world = world_of([("Ada", "ada")] * 3)
    page: Any = search_customers(world.runner, Pager(TOKENS, "staff", 1), "ada")
    token = page["nextPageToken"]
    again: Any = search_customers(world.runner, Pager(TOKENS, "staff", 2, token), " ADA, ")
    assert len(again["customers"]) == 2
    for caller, q in (("other", "ada"), ("staff", "adam")):
        with pytest.raises(Refusal) as error:
            search_customers(world.runner, Pager(TOKENS, caller, 1, token), q)
        assert error.value.reason == "page-token"


def test_an_address_is_found_as_people_write_it() -> None:
    world = World()
    world.put_order("o", order("info@bücher.de"))
    assert [len(page) for page in pages(world, "info@Bücher.de", 5)] == [1]


def test_whom_only_that_address_reaches_comes_before_whose_address_begins_with_it() -> None:
    world = World(trust="auth")
    world.verified["u1"] = None
    for number in range(3):
        world.put_order(f"o{number}", order(f"ada@example.com.{number}x"))
    world.put_user("u1", user(None))
    world.put_order("typed", order("ada@example.com", userId="u1"))
    registered = world.with_uid("u1")["id"]
    assert registered > min(world.store.all("customers"))
    assert pages(world, "ada@example.com", 1)[0] == [registered]


# --- Orders --------------------------------------------------------------------------------------


def first(world: World, q: str) -> list[str | None]:
    """The addresses that a first page answers, in their order."""
    page: Any = search_customers(world.runner, Pager(TOKENS, "staff", 50), q)
    return [one["primaryEmail"] for one in page["customers"]]


def test_an_order_leads_to_its_buyer_before_whoever_is_called_so() -> None:
    world = World()
    world.put_order("Zoe", order("ada@example.com", name="Ada"))
    world.put_order("o2", order("zoe@example.com", name="Zoe"))
    world.put_order("o3", order("zoe.smith@example.com", name="Zoe Smith"))
    assert first(world, " Zoe ")[:2] == ["ada@example.com", "zoe@example.com"]
    assert first(world, "Zoe")[2:] == ["zoe.smith@example.com"]
    assert first(world, "zoe")[0] == "zoe@example.com"  # an id has its letter case
    assert first(world, "orders/o2") == first(world, "/orders/o2/") == ["zoe@example.com"]
    for size in (1, 2, 3, 4):
        assert [one for page in pages(world, "Zoe", size) for one in page] == expected(world, "Zoe")


def test_an_order_named_by_an_address_is_found_behind_whose_address_it_is() -> None:
    world = World()
    world.put_order("zoe@example.com", order("ada@example.com"))
    world.put_order("o2", order("zoe@example.com"))
    assert first(world, "zoe@example.com") == ["zoe@example.com", "ada@example.com"]


def test_an_order_leads_wherever_its_person_has_come_to() -> None:
    world = World()
    world.put_order("o1", order("ada@example.com"))
    world.put_order("o2", order("bob@example.com"))
    ada, bob = sorted(world.store.all("customers"))
    merged, _ = world.runner.run(lambda tx: plan_merge(tx, ada, bob))
    assert pages(world, "o1", 5) == pages(world, "o2", 5) == [[bob]]
    world.runner.run(lambda tx: plan_unmerge(tx, merged.merge_id or ""))
    assert pages(world, "o1", 5) == [[ada]]
    world.put_order("o1", order("bob@example.com"))  # the address was corrected
    assert pages(world, "o1", 5) == [[bob]]


@pytest.mark.parametrize("at", range(10))
def test_an_order_is_found_beside_a_merge(at: int) -> None:
    """The merge happens whole between any two remote calls of the search."""
    world = World()
    world.put_order("o1", order("ada@example.com"))
    world.put_order("o2", order("bob@example.com"))
    ada, bob = sorted(world.store.all("customers"))
    calls = 0

    def pause() -> None:
        nonlocal calls
        calls += 1
        if calls == at + 1:
            world.store.pause = lambda: None
            world.runner.run(lambda tx: plan_merge(tx, ada, bob))

    world.store.pause = pause
    (found,) = pages(world, "o1", 5)
    # Whoever was merged away after the order was read is not there any more.
    assert found in ([ada], [bob], [])
    assert found or world.store.all("customers").keys() == {bob}
    world.store.pause = lambda: None
    assert pages(world, "o1", 5) in ([[ada]], [[bob]])


def test_an_order_of_nobody_finds_nobody() -> None:
    world = World()
    for name in ("erased", "deleted", "odd"):
        world.put_order(name, order(f"{name}1@example.com"))
    world.put_order("odd", order("odd1@example.com", total="much"))
    world.delete_order("deleted")
    erase(world.runner, world.queue.append, CustomerRef("email", "erased1@example.com"), reason="x")
    assert world.store.all("crmOrders")["erased"]["erased"]
    for q in ("erased", "deleted", "odd", "orders/erased", "nothing"):
        assert first(world, q) == []


@pytest.mark.parametrize(
    "q",
    [
        *("a/b", "__x__", "..", ".", "//", "orders/", "/", "orders/__x__", "orders/o1/items/x"),
        *("x" * 256, "é" * 256, "😀" * 256, "a " * 128, "@" * 256, "@.", "@a.", "!?", "$where"),
        *("\u202eada", "\x01\x02\x03", "a\nb\tc", "%00", "customers/x", "`x`", "ﷺ" * 256),
    ],
)
def test_whatever_is_typed_is_answered_or_refused(q: str) -> None:
    world = world_of([("Ada Lovelace", "ada"), ("A. B. C.", "b")])
    before = world.store.reads
    try:
        found = pages(world, q, 2)
    except Refusal as refusal:
        assert refusal.reason == "search-too-short"
        assert world.store.reads == before
    else:
        assert len(found) == 1
        assert world.store.reads - before <= 12


def test_an_order_below_a_user_is_found_by_its_name_and_its_path() -> None:
    world = World(settings={"orders": {"path": "users/{uid}/orders"}})
    world.put_order("u1#o1", order("ada@example.com"))
    world.put_order("u2#o1", order("bob@example.com"))
    for q in ("u1#o1", "users/u1/orders/o1", "/users/u1/orders/o1"):
        assert first(world, q) == ["ada@example.com"]
    for q in ("o1", "u1", "users/u1", "users/u1/orders", "orders/o1", "users/u1/other/o1"):
        assert first(world, q) == []


@pytest.mark.parametrize(
    "row",
    [
        {"identity": "a-nothing", "partId": "p"},
        {"identity": "a/b", "partId": "p"},
        {"identity": "__x__", "partId": "p"},
        {"identity": None, "partId": "p"},
        {"identity": 7, "partId": ["p"]},
        {},
    ],
)
def test_a_damaged_row_of_the_ledger_stops_no_search(row: dict[str, object]) -> None:
    world = world_of([("Ada Lovelace", "ada")])
    world.store.put("crmOrders/ada", row)
    assert first(world, "ada") == ["ada0@example.com"]


def test_customers_that_no_rebuild_has_written_anew_are_found_as_before() -> None:
    world = world_of([("Ada Lovelace", "ada"), ("王 芳", "info")])
    for key, data in world.store.all("customers").items():
        old = [one for one in data["search"] if len(one) > 1 and one[0] not in " @"]
        world.store.put(f"customers/{key}", data | {"search": old})
    for q in ("ada lovelace", "lovel", "ada0@example.com"):
        assert first(world, q) == ["ada0@example.com"]
    assert len(first(world, "@example.com")) == 2  # by its facet
    assert first(world, "王 芳") == []
    assert {path.partition("/")[0] for path, _ in verify(world.runner)} == {"customers"}
    rebuild(world.runner, threads=1)
    assert first(world, "王 芳") == ["info1@example.com"]
    assert list(verify(world.runner)) == []


def test_a_token_holds_no_address_and_goes_on_for_its_caller_alone() -> None:
    world = world_of([("Ada Lovelace", "ada")] * 3)
    world.put_order("o9", order("ada0@example.com", name="Ada Lovelace"))
    for q in ("ada0@example.com", "ada lovelace", "@example.com", "lovel"):
        page: Any = search_customers(world.runner, Pager(TOKENS, "staff", 1), q)
        token = page["nextPageToken"]
        if q.startswith("ada0"):  # one, and nobody behind: the next page is empty
            assert token is None or pages(world, q, 1)[1:] == [[]]
            continue
        packed = base64.urlsafe_b64decode(token.lstrip(".").split(".")[0] + "===")
        opened = zlib.decompress(packed) if token.startswith(".") else packed
        assert opened.startswith(b"[")
        assert b"example" not in opened
        assert b"ove" not in opened
        for caller, asked in (("other", q), ("staff", f"{q} x"), ("staff", "o9")):
            with pytest.raises(Refusal) as error:
                search_customers(world.runner, Pager(TOKENS, caller, 1, token), asked)
            assert error.value.reason == "page-token"


def test_a_page_of_large_customers_ends_by_their_bytes() -> None:
    world = World()
    for number in range(40):
        world.store.put(f"customers/c{number:02}", large_customer())
    found = pages(world, "ada@", 200)
    assert [one for page in found for one in page] == [f"c{number:02}" for number in range(40)]
    assert 2 < len(found) < 8


def test_a_common_beginning_costs_one_read_for_each_that_is_answered() -> None:
    world = world_of([("Maria Garcia", "maria")] * 300)
    before = world.store.reads
    page: Any = search_customers(world.runner, Pager(TOKENS, "staff", 50), "ma")
    assert len(page["customers"]) == 50
    assert world.store.reads - before == 53
