"""What a campaign's people add up to: of that campaign alone, and all of one moment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from crm.campaigns.audience import Shard
from crm.campaigns.counts import Counts, PersonState
from crm.campaigns.gate import OPEN, Passed
from crm.campaigns.totals import all_counts, totals
from crm.core.errors import Damaged
from testing.memory import MemoryStore

FIVE = ("waiting", "accepted", "refused", "excluded", "uncertain")

FIRST = {"waiting": 1, "accepted": 2, "refused": 3, "excluded": 4, "uncertain": 5}

SECOND = {"waiting": 10, "accepted": 20, "refused": 30, "excluded": 40, "uncertain": 50}

BOTH = {"audience": 165, "waiting": 11, "accepted": 22, "refused": 33, "excluded": 44}

NONE = dict.fromkeys(("bounced", "complained", "unsubscribed"), 0)


def put(store: MemoryStore, name: str, campaign: str, counts: dict[str, int]) -> None:
    whole = Counts(sum(counts.values()), **counts)
    shard = Shard(name, campaign, (), (), {}, whole)
    store.put(shard.path, shard.to_data())


@pytest.fixture
def store() -> MemoryStore:
    """Two shards of one campaign, and one of another."""
    store = MemoryStore()
    put(store, "c1-000000", "c1", FIRST)
    put(store, "c1-000001", "c1", SECOND)
    put(store, "c2-000000", "c2", {"accepted": 7})
    return store


def test_the_shards_of_a_campaign_are_added_up(store: MemoryStore) -> None:
    assert totals(store, "c1").to_data() == {**BOTH, "uncertain": 55}
    assert totals(store, "c2") == Counts(7, accepted=7)
    assert totals(store, "c3") == Counts()


def test_what_came_back_later_is_counted_by_its_time(store: MemoryStore) -> None:
    moments = [datetime(1970, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), None]
    for number, moment in enumerate(moments):
        for at, name in enumerate(("bounced", "complained", "unsubscribed")):
            for campaign in ("c1", "c2")[: 2 if at else 1]:
                data = {"campaignId": campaign, name: moment}
                store.put(f"crmMails/{campaign}-{number}{at}", data)
    store.put("crmMails/c1-x", {"campaignId": "c1", "bounced": moments[1]})
    events = {"bounced": 3, "complained": 2, "unsubscribed": 2}
    assert all_counts(store, "c1") == {**BOTH, "uncertain": 55, **events}
    of_other = {"bounced": 0, "complained": 2, "unsubscribed": 2}
    assert all_counts(store, "c2") == {**Counts(7, accepted=7).to_data(), **of_other}


@pytest.mark.parametrize("name", ["audience", *FIVE])
def test_sums_that_somebody_has_changed_by_hand_are_damaged(store: MemoryStore, name: str) -> None:
    data = store.all("crmAudiences")["c1-000001"]
    counts = {**data["counts"], name: data["counts"][name] + 1}
    store.put("crmAudiences/c1-000001", {**data, "counts": counts})
    with pytest.raises(Damaged, match=r"crmCampaigns/c1.*counts.*do not add up"):
        totals(store, "c1")
    assert totals(store, "c2").whole


def test_a_moment_that_is_given_is_the_one_that_is_read(store: MemoryStore) -> None:
    view = store.at()
    put(store, "c1-000002", "c1", {"waiting": 99})
    store.put("crmMails/c1-x", {"campaignId": "c1", "bounced": store.now()})
    assert all_counts(view, "c1") == {**BOTH, "uncertain": 55, **NONE}
    assert totals(view, "c1").audience == 165
    assert (totals(store, "c1").audience, all_counts(store, "c1")["bounced"]) == (264, 1)


def test_all_counts_are_of_one_moment_whatever_is_written_meanwhile(store: MemoryStore) -> None:
    numbers = iter(range(99))

    def somebody_writes() -> None:
        number = next(numbers)
        store.pause = lambda: None
        put(store, f"c1-1{number:05}", "c1", {"accepted": 1})
        store.put(f"crmMails/c1-{number}", {"campaignId": "c1", "bounced": store.now()})
        store.pause = somebody_writes

    store.pause = somebody_writes
    found = all_counts(store, "c1")
    assert found["audience"] == sum(found[name] for name in FIVE)
    assert found["accepted"] - 22 == found["bounced"]


@pytest.mark.parametrize("before", FIVE)
@pytest.mark.parametrize("after", FIVE)
def test_a_person_is_counted_in_the_next_state(before: PersonState, after: PersonState) -> None:
    start = Counts(15, **FIRST)
    found = start.moved(before, after)
    moved: dict[str, Any] = dict(FIRST)
    moved[before] -= 1
    moved[after] += 1
    assert found == Counts(15, **moved)
    assert found.whole


def test_where_there_are_no_rules_everybody_passes() -> None:
    nobody: Any = None
    assert OPEN.look(nobody, nobody, [("a", {})], nobody) == Passed({}, {})
