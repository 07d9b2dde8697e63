"""Asking who is in a segment, and how many: whole answers, and what a token holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import pytest

from crm.core.errors import Refusal, Transient
from crm.db.documents import Query
from crm.db.paging import Pager, PageTokens, Scope
from crm.db.retry import RetryPolicy
from crm.segments import query as asking
from crm.segments.engine.order import Sort
from crm.segments.language.text import parse_text
from crm.segments.query import count_segment, query_segment
from crm.segments.saved import save
from crm.segments.saved_plan import Definition
from testing.world import KEYS, World
from tests.support.segments import person

TOKENS: Final = PageTokens(KEYS.derive("page-token"))
AT_ONCE: Final = RetryPolicy(sleep=lambda _: None)


@pytest.fixture
def world() -> World:
    """Seven customers of up to three orders; the even ones have a tag."""
    made = World()
    for number in range(7):
        data = person(orderCount=number % 4, tags=["a"] if number % 2 == 0 else [])
        made.store.put(f"customers/c{number}", data)
    made.store.put("crmTags/a", {"label": "a"})
    return made


def pager(token: str | None = None, size: int = 2) -> Pager:
    return Pager(TOKENS, "staff", size, token, AT_ONCE)


def ask(world: World, text: str, token: str | None = None, **more: Any) -> dict[str, Any]:
    return query_segment(world.runner, pager(token), parse_text(text), **more)


def ids(answer: dict[str, Any]) -> list[str]:
    return [one["customerId"] for one in answer["customers"]]


def held(token: str | None, **query: object) -> list[Any]:
    """What a token holds: of this caller and this question, or it would be refused."""
    assert token
    return TOKENS.read(Scope("staff", "query_segment", query), token)


def test_a_page_and_what_leads_to_the_next(world: World) -> None:
    began = world.runner.now().isoformat()
    first = ask(world, "tag:a")
    shown = world.store.all("customers")["c0"]
    del shown["facets"]
    assert first["customers"][0] == {"customerId": "c0", **shown}
    assert first.keys() == {"customers", "nextPageToken", "warnings"}
    assert (ids(first), first["warnings"]) == (["c0", "c2"], [])
    assert held(first["nextPageToken"], segment={"tag": "a"}) == ["c2", began]

    world.store.wait(timedelta(hours=1))
    second = ask(world, "tag:a", first["nextPageToken"])
    assert ids(second) == ["c4", "c6"]
    # Days are counted back from where the first page was.
    assert held(second["nextPageToken"], segment={"tag": "a"}) == ["c6", began]
    third = ask(world, "tag:a", second["nextPageToken"])
    assert third == {"customers": [], "nextPageToken": None, "warnings": []}


def test_a_sorted_page_and_what_leads_to_the_next(world: World) -> None:
    began = world.runner.now().isoformat()
    sort = Sort("orderCount", None, "asc")
    first = ask(world, "everyone", sort=sort)
    assert ids(first) == ["c0", "c4"]
    query = {"segment": {}, "sort": ["orderCount", None, "asc"]}
    hint = [0.0, 0, 1.0, None, 0, 0, False]
    assert held(first["nextPageToken"], **query) == [None, "c4", hint, began]
    world.store.wait(timedelta(hours=1))
    second = ask(world, "everyone", first["nextPageToken"], sort=sort)
    assert ids(second) == ["c1", "c5"]
    assert held(second["nextPageToken"], **query) == [1, None, hint, began]
    third = ask(world, "everyone", second["nextPageToken"], sort=sort)
    last = ask(world, "everyone", third["nextPageToken"], sort=sort)
    assert (ids(third), ids(last), last["nextPageToken"]) == (["c2", "c6"], ["c3"], None)


@pytest.mark.parametrize(
    "sort",
    [
        None,
        Sort("orderCount", None, "desc"),
        Sort("lastOrderAt", None, "asc"),
        Sort("totalSpend", "USD", "asc"),
        Sort("totalSpend", "EUR", "asc"),
    ],
    ids=str,
)
def test_a_token_is_of_one_order(world: World, sort: Sort | None) -> None:
    token = ask(world, "everyone", sort=Sort("orderCount", None, "asc"))["nextPageToken"]
    with pytest.raises(Refusal) as error:
        ask(world, "everyone", token, sort=sort)
    assert error.value.reason == "page-token"


def test_how_an_answer_was_found_is_said_where_it_is_asked_for(world: World) -> None:
    found = ask(world, "tag:a", explain=True)
    assert found["explain"] == {
        "plan": "One query on facets.",
        "queries": [[["t:a"]]],
        "checked": False,
        "documentsRead": 2,
    }
    found = ask(world, "tag:a", explain=True, sort=Sort("orderCount"))
    assert found["explain"] == {
        "plan": "Sorted by orderCount: all were read and sorted.",
        "queries": [[["t:a"]]],
        "checked": False,
        "counts": 1,
        "documentsRead": 5,
    }
    found = ask(world, "not everyone", explain=True, sort=Sort("orderCount"))
    assert found["explain"] == {
        "plan": "Sorted by orderCount: there is nobody.",
        "queries": [],
        "checked": False,
        "counts": 0,
        "documentsRead": 0,
    }


def test_the_first_page_alone_says_what_is_nowhere(world: World) -> None:
    first = ask(world, "not tag:none")
    told = {
        "reason": "unknown-tag",
        "message": "There is no tag “none”. `list_tags` names them all.",
        "name": "none",
    }
    assert first["warnings"] == [told]
    assert ask(world, "not tag:none", first["nextPageToken"])["warnings"] == []


@pytest.mark.parametrize("sort", [None, Sort("orderCount")])
def test_a_page_is_tried_again_where_the_database_did_not_answer(
    world: World, monkeypatch: pytest.MonkeyPatch, sort: Sort | None
) -> None:
    find = world.store.find
    away = iter([True, True])

    def seldom(query: Query) -> Any:
        if next(away, False):
            raise Transient("away")
        return find(query)

    monkeypatch.setattr(world.store, "find", seldom)
    assert ids(ask(world, "not registered", sort=sort)) == (
        ["c0", "c1"] if not sort else ["c3", "c2"]
    )
    assert next(away, None) is None


def test_a_count_says_what_was_counted_and_how(world: World) -> None:
    assert count_segment(world.runner, parse_text("tag:a and not tag:none")) == {
        "count": 4,
        "how": "indexes",
        "documentsRead": 3,
        "segment": {"all": [{"tag": "a"}, {"not": {"tag": "none"}}]},
        "text": "tag:a and not tag:none",
        "warnings": [
            {
                "reason": "unknown-tag",
                "message": "There is no tag “none”. `list_tags` names them all.",
                "name": "none",
            }
        ],
    }


def test_a_saved_segment_that_is_counted_alone_keeps_the_number(world: World) -> None:
    saved, _ = save(world.runner, Definition("Some", parse_text("tag:a")))

    def kept() -> tuple[Any, Any]:
        data = world.store.all("crmSegments")[saved]
        return data["lastCount"], data["lastCountAt"]

    for text in ("tag:a", f"segment:{saved} and everyone", f"not segment:{saved}"):
        count_segment(world.runner, parse_text(text))
        assert kept() == (None, None)
    at = world.runner.now()
    counted = count_segment(world.runner, parse_text("segment:some"))
    assert counted["count"] == 4
    assert (counted["segment"], counted["text"]) == ({"segment": "some"}, "segment:some")
    assert kept() == (4, at)


def test_a_count_is_tried_again_where_the_database_did_not_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = world.store.count
    away = iter([True])

    def seldom(query: Query) -> int:
        if next(away, False):
            raise Transient("away")
        return count(query)

    monkeypatch.setattr(world.store, "count", seldom)
    monkeypatch.setattr(asking, "INTERACTIVE", AT_ONCE)
    assert count_segment(world.runner, parse_text("tag:a"))["count"] == 4


def test_days_of_a_count_are_counted_back_from_when_it_began(world: World) -> None:
    soon = world.runner.now() + timedelta(milliseconds=1)  # which the next write takes
    data = person(lastOrderAt=soon - timedelta(days=1), orderCount=1)
    world.store.put("customers/c9", data)
    assert world.runner.now() == soon
    assert count_segment(world.runner, parse_text("last_order_at within 1 days"))["count"] == 1
    world.store.wait(timedelta(milliseconds=1))
    assert count_segment(world.runner, parse_text("last_order_at within 1 days"))["count"] == 0
