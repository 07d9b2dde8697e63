"""Segments on the real Firestore: random questions, also while the customers change."""

from __future__ import annotations

import json
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bench.crowd import CLASSES, NOW, TAGS, customers, questions
from crm.core.json import jsonable
from crm.core.roles import Role
from crm.customers.facets import facets
from crm.db.documents import Set
from crm.db.paging import PAGE_BYTES, Pager, PageTokens
from crm.events.event import Event, event_path
from crm.firebase.staff import grant
from crm.segments.asking import understand
from crm.segments.engine.count import count
from crm.segments.engine.pages import page, pages
from crm.segments.engine.predicate import matches
from crm.segments.engine.sorting import sorted_page
from crm.segments.language.ast import Node
from crm.segments.language.text import parse_text, to_text
from crm.segments.query import query_segment
from crm.tags.catalogue import TagRow
from suite.running import Suite
from testing.auth import Person, sign_up
from testing.client import client_of
from testing.hosts import order
from testing.patience import eventually
from tests.support.large import large_customer
from tests.support.live import LiveWorld
from tests.support.segments import by_hand, sorts
from tests.support.web import call

CUSTOMERS = 250
QUESTIONS = 60


@pytest.fixture
def crowd(live: LiveWorld) -> dict[str, dict[str, Any]]:
    made = customers(CUSTOMERS, seed=5)
    writes = [Set(f"customers/{key}", data) for key, data in made.items()]
    for start in range(0, CUSTOMERS, 100):
        live.store.commit(writes[start : start + 100])
    return made


def ids(live: LiveWorld, node: Node, size: int) -> list[str]:
    walked = pages(live.store, node, NOW, size=size)
    return [key for one in walked for key, _ in one.customers]


def test_pages_and_counts_are_what_brute_force_finds(
    live: LiveWorld, crowd: dict[str, dict[str, Any]]
) -> None:
    hits = 0
    for number, (_, node) in enumerate(questions(QUESTIONS, seed=9)):
        expected = [key for key, data in crowd.items() if matches(node, data, NOW)]
        assert ids(live, node, size=7 + 20 * (number % 3)) == expected
        assert count(live.store, node, NOW).value == len(expected)
        hits += bool(expected)
    assert hits > QUESTIONS / 2


SORTED = 100


def test_sorted_pages_are_what_sorting_everybody_finds(
    live: LiveWorld, crowd: dict[str, dict[str, Any]]
) -> None:
    chance, orders = random.Random(4), sorts("USD", "THB")
    hits = 0
    for _, node in questions(SORTED, seed=10):
        sort, found, start = chance.choice(orders), [], None
        while True:
            one = sorted_page(live.store, node, NOW, sort, start, chance.choice((20, 60)))
            found += [snapshot.id for snapshot in one.snapshots]
            start = one.next_start
            if start is None:
                break
        assert found == by_hand(crowd, node, sort, NOW)
        hits += bool(found)
    assert hits > SORTED / 2


def test_a_crowd_within_one_code_is_sorted_as_by_hand(
    live: LiveWorld, crowd: dict[str, dict[str, Any]]
) -> None:
    """Everybody paid one of two prices, within one hour: what counts cannot divide."""
    alike: dict[str, dict[str, Any]] = {}
    for place, (key, data) in enumerate(crowd.items()):
        at = NOW.replace(minute=0, second=0) - timedelta(days=9) + timedelta(seconds=place % 99)
        data = {**data, "totalSpend": {"USD": 5_000 + place % 3 // 2}, "orderCount": 1}
        data |= {"firstOrderAt": at, "lastOrderAt": at}
        alike[key] = {**data, "facets": facets(data)}
    for start in range(0, CUSTOMERS, 100):
        keys = [*alike][start : start + 100]
        live.store.commit([Set(f"customers/{key}", alike[key]) for key in keys])
    for text in ("everyone", "subscribed", "not tag:tag-000"):
        for sort in sorts("USD")[:4]:
            node, found, begun = parse_text(text), [], None
            while True:
                one = sorted_page(live.store, node, NOW, sort, begun, 40)
                found += [snapshot.id for snapshot in one.snapshots]
                begun = one.next_start
                if begun is None:
                    break
            assert found == by_hand(alike, node, sort, NOW)


def test_a_page_of_large_customers_ends_by_their_bytes(live: LiveWorld) -> None:
    expected = [f"c{number:02}" for number in range(20)]
    for key in expected:
        live.host.put(f"customers/{key}", large_customer())
    pager = Pager(PageTokens(live.keys.derive("page-token")), "staff", 200)
    found: list[str] = []
    answers = 0
    while True:
        answer: Any = query_segment(live.runner, pager, parse_text("order_count >= 1 or tag:x"))
        assert len(json.dumps(jsonable(answer))) < PAGE_BYTES
        found += [one["customerId"] for one in answer["customers"]]
        answers += 1
        if answer["nextPageToken"] is None:
            break
        pager = replace(pager, token=answer["nextPageToken"])
    assert found == expected
    assert answers == 2


def test_several_queries_are_merged_at_one_moment(
    live: LiveWorld, crowd: dict[str, dict[str, Any]]
) -> None:
    node = parse_text(" or ".join(f"tag:{tag}" for tag in TAGS[5:45]))
    found = page(live.store, node, NOW, size=5)
    assert len(found.explain.plan.queries) == 2
    expected = [key for key, data in crowd.items() if matches(node, data, NOW)]
    assert [key for key, _ in found.customers] == expected[:5]
    assert ids(live, node, size=20) == expected


ONE_OF_40 = " or ".join(f"tag:{tag}" for tag in TAGS[:40])


@pytest.mark.parametrize("text", ["tag:tag-000", "tag:tag-000 and order_count >= 1", ONE_OF_40])
def test_who_belongs_throughout_is_on_one_page_while_customers_change(
    live: LiveWorld, crowd: dict[str, dict[str, Any]], text: str
) -> None:
    node, done = parse_text(text), threading.Event()
    chance, written = random.Random(3), [0, 0]
    steady = {key for number, key in enumerate(crowd) if number % 3 == 0}
    throughout = [key for key in crowd if key in steady and matches(node, crowd[key], NOW)]

    def change(writer: int) -> None:
        """Tag and untag all the others, and move their orders about."""
        others = [key for key in crowd if key not in steady][writer::2]
        while not done.is_set():
            key = chance.choice(others)
            data = {**crowd[key], "tags": chance.sample(TAGS, 2) + TAGS[: chance.randint(0, 1)]}
            data["orderCount"] = chance.randint(1, 5)
            data["lastOrderAt"] = NOW - timedelta(hours=chance.randint(1, 9_000))
            live.store.commit([Set(f"customers/{key}", {**data, "facets": facets(data)})])
            written[writer] += 1

    with ThreadPoolExecutor(2) as pool:
        writers = [pool.submit(change, number) for number in range(2)]
        try:
            walks = 0
            while min(written) <= 5:
                found = ids(live, node, size=4)
                assert found == sorted(set(found))
                assert [key for key in found if key in steady] == throughout
                walks += 1
                assert walks < 1_000, "nobody writes beside it"
        finally:
            done.set()
        for one in writers:
            one.result()


def test_staff_ask_over_http(suite: Suite) -> None:
    """Live triggers write the facets; the callables find by them."""
    person: Person = sign_up()
    grant(person.email, Role.VIEWER)
    event = f"event-{random.getrandbits(64):x}"
    documents = client_of(suite.project)
    for number in range(3):
        for day in range(number + 1):
            reference = documents.document(f"orders/{event}-{number}-{day}")
            item = {"eventId": event, "eventName": "Workshop"}
            reference.set(order(f"{event}-{number}@example.com", day=day, items=[item]))

    def counted() -> None:
        (answer,) = call(suite, person, ("count_segment", {"segment": f"attended:{event}"}))
        assert answer["data"]["count"] == 3
        text = f"attended:{event} and total_spend >= 149.70 USD"
        (most,) = call(suite, person, ("count_segment", {"segment": text}))
        assert most["data"]["count"] == 1

    eventually(counted)
    arguments = {"segment": {"attended": event}, "pageSize": 2, "explain": True}
    (first,) = call(suite, person, ("query_segment", arguments))
    token = first["data"]["nextPageToken"]
    last, wrong = call(
        suite,
        person,
        ("query_segment", arguments | {"pageToken": token}),
        ("query_segment", {"segment": "tag:", "pageToken": token}),
    )
    both = first["data"]["customers"] + last["data"]["customers"]
    assert sorted(one["orderCount"] for one in both) == [1, 2, 3]
    assert last["data"]["nextPageToken"] is None
    assert first["data"]["explain"]["documentsRead"] == 2
    assert wrong["code"] == "functions/invalid-argument"
    assert wrong["details"]["reason"] == "segment-syntax"


def test_names_are_looked_up(live: LiveWorld) -> None:
    """By the real indexes, whatever the letters."""
    seen = datetime(2024, 3, 1, tzinfo=UTC)
    names = {"a/b": "Été  Gala", "日本": "ete gala", "x": "Ete Gala 2"}
    events = [Set(event_path(key), Event(key, seen, name).to_data()) for key, name in names.items()]
    live.store.commit([*events, Set("crmTags/größe", TagRow("Größe", seen).to_data())])
    asked = parse_text('attended:“ÉTÉ GALA” and no_show:"a/b" and tag:"Größe" and not tag:"..x"')
    question = understand(live.runner, asked)
    text = "(attended:a/b or attended:日本) and no_show:a/b and tag:größe and not tag:..x"
    assert to_text(question.asked) == text
    assert [one.reason for one in question.doubts] == ["several-events", "unknown-tag"]
    (doubt,) = understand(live.runner, parse_text('has_ticket:"Ete Gala 3"')).doubts
    assert "“Ete Gala 2”" in doubt.message
    (doubt,) = understand(live.runner, parse_text("tag:größen")).doubts
    assert doubt.message.endswith("Did you mean “größe”?")


def test_every_class_of_questions_is_asked() -> None:
    assert {name for name, _ in questions(QUESTIONS, seed=9)} == set(CLASSES)
