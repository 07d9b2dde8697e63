"""Who gets a campaign's mail and why somebody does not, and how many of a segment that is."""

from __future__ import annotations

from typing import Any

import pytest

from crm.campaigns import reach
from crm.campaigns.reach import Audience, Reach, count_reach, reason_against, typed_only
from crm.db.collections import CUSTOMERS
from crm.segments.language.ast import Everyone, Tag
from tests.support.mailing import Room, subscriber

ADA = {"primaryEmail": "ada@example.com", "contactEmail": None}

TYPED = {"primaryEmail": None, "contactEmail": "typed@example.com"}

NOBODY: dict[str, Any] = {"primaryEmail": None, "contactEmail": None}


@pytest.mark.parametrize(
    ("marketing", "address", "reason"),
    [
        ({"status": "subscribed"}, ADA, None),
        ({"status": "subscribed"}, TYPED, None),
        ({"status": "subscribed"}, NOBODY, "no-address"),
        ({"status": "subscribed", "unreachable": "2026"}, ADA, "unreachable"),
        ({"status": "subscribed", "unreachable": None}, ADA, None),
        ({"status": "subscribed", "unreachable": "2026"}, NOBODY, "no-address"),
        ({"status": "subscribed", "pending": True}, ADA, None),
        ({"status": "subscribed", "source": "complaint"}, ADA, None),
        ({"status": "unsubscribed"}, ADA, "unsubscribed"),
        ({"status": "unsubscribed", "source": "staff"}, NOBODY, "unsubscribed"),
        ({"status": "unsubscribed", "source": "complaint"}, ADA, "complained"),
        ({"status": "unsubscribed", "pending": True}, ADA, "unsubscribed"),
        ({"status": "none"}, ADA, "not-subscribed"),
        ({"status": "none", "pending": True}, ADA, "pending"),
        ({"status": "none", "pending": False, "unreachable": "2026"}, ADA, "not-subscribed"),
        ({}, ADA, "not-subscribed"),
        (None, ADA, "not-subscribed"),
    ],
)
def test_what_is_against_a_mail(
    marketing: dict[str, Any] | None, address: dict[str, Any], reason: str | None
) -> None:
    assert reason_against({**address, "marketing": marketing}) == reason


def test_an_address_is_typed_only_where_none_is_proven() -> None:
    assert typed_only(TYPED) == "typed@example.com"
    assert typed_only(ADA) is typed_only(NOBODY) is None
    assert typed_only({**ADA, "contactEmail": "typed@example.com"}) is None


def people() -> Room:
    """Nine with a tag, of whom five are subscribed and two of these can be mailed to."""
    room = Room()
    for name in ("a", "b"):
        room.subscriber(name, f"{name}@example.com")
    room.subscriber("c", "c@example.com", unreachable=room.store.now())
    for name in ("d", "e"):
        room.subscriber(name, None, typed="typed@example.com")
    room.subscriber("f", "f@example.com", status="unsubscribed")
    for name in ("g", "h"):
        room.subscriber(name, f"{name}@example.com", status=None)
    room.subscriber("i", "i@example.com", status=None, pending=True)
    return room


def test_an_audience_is_counted_as_it_is_walked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    room = people()
    data = room.store.all(CUSTOMERS)
    for size in (1, 4, 9, 10):
        monkeypatch.setattr(reach, "PAGE", size)
        audience = Audience()
        walked = [*audience.walk(room.runner, Tag("t"))]
        assert walked == [data[name] for name in ("a", "b", "d")]
        assert audience == Audience(
            matched=9,
            excluded=audience.excluded,
            first=("a", data["a"]),
            typed={"typed@example.com"},
        )
        assert audience.excluded == {
            "unreachable": 1,
            "same-address": 1,
            "unsubscribed": 1,
            "not-subscribed": 2,
            "pending": 1,
        }
        assert audience.reachable == 3
        assert Audience.of(room.runner, Tag("t")) == audience
    nobody = Audience.of(room.runner, Tag("nobody"))
    assert (nobody, nobody.reachable) == (Audience(), 0)


def test_how_many_can_be_reached_and_why_others_are_not() -> None:
    found = count_reach(people().runner, Everyone())
    excluded = {"unreachable": 1, "same-address": 1}
    assert found == Reach(5, 1, 3, excluded)
    assert found.to_data() == {
        "subscribed": 5,
        "unsubscribed": 1,
        "notSubscribed": 3,
        "reachable": 3,
        "excluded": excluded,
    }


@pytest.mark.parametrize(("most", "looked_at"), [(5, True), (4, False)])
def test_of_many_nobody_looks_at_each(
    monkeypatch: pytest.MonkeyPatch, most: int, looked_at: bool
) -> None:
    monkeypatch.setattr(reach, "MOST_LOOKED_AT", most)
    found = count_reach(people().runner, Tag("t"))
    assert (found.excluded is not None) is looked_at
    if not looked_at:
        assert found == Reach(5, 1, 3, None)
        answer = found.to_data()
        assert (answer["reachable"], answer["excluded"]) == (None, None)


def test_of_a_segment_its_own_people_are_counted_alone() -> None:
    room = people()
    data = subscriber(room.store, "other", "other@example.com")
    room.store.put(f"{CUSTOMERS}/other", {**data, "tags": ["x"], "facets": ["tag:x"]})
    assert count_reach(room.runner, Tag("t")) == count_reach(people().runner, Tag("t"))
    assert count_reach(room.runner, Tag("nobody")) == Reach(0, 0, 0, {})
