"""Whose turn it is in a shard: who is claimed next, and how a claim leaves the shard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm.campaigns.audience import Shard
from crm.campaigns.claims import (
    Again,
    Outcome,
    Settled,
    attempts,
    claim,
    claimed,
    next_due,
    settle,
    waiting,
)
from crm.campaigns.counts import Counts

NOW = datetime(2026, 5, 1, 8, tzinfo=UTC)

UNTIL = NOW + timedelta(minutes=3)


def entry(minutes: float = 0, tried: int = 1, **more: Any) -> dict[str, Any]:
    return {"attempts": tried, "at": NOW + timedelta(minutes=minutes), "code": "451", **more}


def shard(settled: int = 0, later: Mapping[int, Any] | None = None, people: int = 6) -> Shard:
    """A shard whose first people are settled, but for those who are to be tried again."""
    again = {str(place): one for place, one in (later or {}).items()}
    names = tuple(f"c{one}" for one in range(people))
    accepted = settled - len(again)
    counts = Counts(people, waiting=people - accepted, accepted=accepted)
    keys = tuple(f"k{one}" for one in range(people))
    return Shard("c1-000000", "c1", names, keys, {}, counts, settled, settled, later=again)


def taken(one: Shard, most: int, now: datetime = NOW) -> Shard:
    return claim(one, now, most, "me", UNTIL)


def test_the_next_ones_are_claimed_in_a_name_until_a_moment() -> None:
    before = shard(2)
    after = taken(before, 3)
    assert after == replace(before, claimed=5, holder="me", lease_until=UNTIL)
    assert claimed(after) == [2, 3, 4]
    assert claimed(before) == []


@pytest.mark.parametrize(("most", "places"), [(1, [2]), (4, [2, 3, 4, 5]), (9, [2, 3, 4, 5])])
def test_no_more_are_claimed_than_may_be_or_there_are(most: int, places: list[int]) -> None:
    assert claimed(taken(shard(2), most)) == places


def test_who_is_due_again_comes_first_in_order_of_places() -> None:
    later = {10: entry(-1), 9: entry(0, 4), 1: entry(0.001), 0: entry(-5)}
    before = shard(11, later, people=14)
    after = taken(before, 5)
    assert claimed(after) == [0, 9, 10, 11, 12]
    named = {str(one): {**later[one], "claimed": True} for one in (0, 9, 10)}
    assert after.later == {"1": later[1], **named}
    assert claimed(taken(before, 2)) == [0, 9]
    assert claimed(taken(before, 3)) == [0, 9, 10]


def test_where_nobody_is_due_nothing_changes() -> None:
    done = shard(6, {3: entry(1)})
    assert taken(done, 5) is done
    assert taken(done, 5, NOW + timedelta(minutes=1)).later["3"] == entry(1, claimed=True)


@pytest.mark.parametrize(
    ("later", "due"),
    [({}, None), ({1: entry(9)}, 9), ({1: entry(9), 2: entry(3), 0: entry(5)}, 3)],
)
def test_the_first_who_is_due_again(later: dict[int, Any], due: int | None) -> None:
    at = None if due is None else NOW + timedelta(minutes=due)
    assert next_due(shard(3, later)) == at


def test_how_often_somebody_was_tried() -> None:
    one = shard(3, {1: entry(tried=4), 2: {"at": NOW}})
    assert [attempts(one, place) for place in (0, 1, 2, 5)] == [0, 4, 0, 0]


def test_who_waits() -> None:
    assert [*waiting(shard(4, {3: entry(), 1: entry()}))] == [1, 3, 4, 5]
    assert [*waiting(shard(11, {9: entry(), 10: entry()}, people=12))] == [9, 10, 11]


def test_what_became_of_a_claim_is_settled_or_waits_and_nobody_is_claimed() -> None:
    again = Again(NOW + timedelta(minutes=7), 2, "450")
    gone, refused = Settled("excluded", "gone"), Settled("refused", "550")
    before = taken(shard(3, {0: entry(tried=1), 1: entry(tried=5)}), 5)
    assert claimed(before) == [0, 1, 3, 4, 5]
    known: dict[int, Outcome] = {0: gone, 1: again, 3: refused, 4: again, 5: refused}
    after, records = settle(before, known)
    put_off = {"attempts": 2, "at": again.at, "code": "450"}
    assert after == replace(
        before,
        counts=Counts(6, waiting=2, accepted=1, refused=2, excluded=1),
        later={"1": put_off, "4": put_off},
        next=6,
        claimed=6,
        holder=None,
        lease_until=None,
    )
    assert records == {0: gone, 3: refused, 5: refused}


def test_who_is_not_known_waits_as_before() -> None:
    accepted = Settled("accepted", None, "p")
    before = taken(shard(2, {0: entry(tried=3), 1: entry(9)}), 5)
    assert claimed(before) == [0, 2, 3, 4, 5]
    after, records = settle(before, {})
    assert (after, records) == (shard(2, {0: entry(tried=3), 1: entry(9)}), {})
    after, records = settle(before, {2: accepted})
    counts = Counts(6, waiting=5, accepted=1)
    assert after == replace(after, counts=counts, next=3, claimed=3, holder=None)
    assert records == {2: accepted}


def test_those_behind_one_who_is_not_known_wait_in_one_row() -> None:
    accepted = Settled("accepted", None, "p")
    after, records = settle(taken(shard(1), 5), {1: accepted, 3: accepted, 4: accepted})
    assert records == {1: accepted}
    assert [*waiting(after)] == [2, 3, 4, 5]
    assert after.counts == Counts(6, waiting=4, accepted=2)


def test_who_was_put_back_is_settled_by_the_claim_that_tries_again() -> None:
    accepted = Settled("accepted", None, "p")
    before = taken(shard(6, {3: entry(), 5: entry(5)}), 5)
    after, records = settle(before, {3: accepted})
    assert (after.later, records) == ({"5": entry(5)}, {3: accepted})
    assert after.counts == Counts(6, waiting=1, accepted=5)
