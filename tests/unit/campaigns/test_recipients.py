"""A campaign's people by name: they add up to its counts, on every page and while mails go out."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.campaigns.audience import Shard
from crm.campaigns.campaign import Campaign
from crm.campaigns.counts import Counts
from crm.campaigns.mails import MailRecord, record_id
from crm.campaigns.recipients import MOMENT_LASTS, list_recipients
from crm.core.errors import Refusal
from crm.merging.merge import plan_merge
from testing.hosts import order
from testing.world import World
from tests.unit.campaigns.test_saving import made, pager, saved

STATES = ("accepted", "refused", "excluded", "uncertain")


class Sent:
    """A campaign with an audience, as the engine leaves it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.campaign: Campaign = replace(saved(world), state="sending")
        world.store.put(self.campaign.path, self.campaign.to_data())
        self.shards = 0

    def shard(
        self,
        people: list[str],
        states: list[str],
        excluded: dict[str, str] | None = None,
        later: tuple[int, ...] = (),
    ) -> Shard:
        """Put a shard whose first people are in these states; those behind them wait."""
        excluded = excluded or {}
        name = f"{self.campaign.id}-{self.shards:06d}"
        self.shards += 1
        keys = tuple(f"k{one}" for one in people)
        shard = Shard(name, self.campaign.id, tuple(people), keys, excluded, Counts())
        now = self.world.store.now()
        count: Counter[str] = Counter(excluded=len(excluded))
        again = {str(place): {"attempts": 1, "at": now, "code": "451"} for place in later}
        for place, state in enumerate(states):
            if place in later:
                continue
            count[state] += 1
            record = MailRecord(
                record_id(self.campaign.id, keys[place]),
                self.campaign.id,
                people[place],
                f"e1-{people[place]}",
                f"e1-{people[place]}",
                name,
                state,  # type: ignore[arg-type]
                now,
                "550 5.1.1" if state == "refused" else None,
            )
            self.world.store.put(record.path, record.to_data())
        count["waiting"] = len(people) - len(states) + len(later)
        counts = Counts(len(people) + len(excluded), **count)
        assert counts.whole
        shard = replace(shard, counts=counts, next=len(states), claimed=len(states), later=again)
        self.world.store.put(shard.path, shard.to_data())
        return shard

    def listed(self, state: Any = None, size: int = 2, between: Any = None) -> list[Any]:
        found: list[Any] = []
        token = None
        while True:
            page: Any = list_recipients(
                self.world.runner, pager(size, token), self.campaign.id, state
            )
            assert len(page["recipients"]) <= size
            found += page["recipients"]
            token = page["nextPageToken"]
            if token is None:
                return found
            if between is not None:
                between()


def people(*numbers: int) -> list[str]:
    return [f"c{number:03d}" for number in numbers]


@pytest.fixture
def sent() -> Sent:
    return Sent(made())


def test_everybody_is_listed_once_whoever_waits_too(sent: Sent) -> None:
    sent.shard(people(1, 3, 5), ["accepted", "refused"], {"c002": "unsubscribed"})
    sent.shard(people(6, 7, 8), ["uncertain", "accepted", "excluded"], later=(1,))
    listed = {one["customerId"]: (one["state"], one["reason"]) for one in sent.listed()}
    assert listed == {
        "c001": ("accepted", None),
        "c002": ("excluded", "unsubscribed"),
        "c003": ("refused", "550 5.1.1"),
        "c005": ("waiting", None),
        "c006": ("uncertain", None),
        "c007": ("waiting", None),
        "c008": ("excluded", None),
    }


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_pages_of_each_state_add_up_to_the_counts(data: st.DataObject) -> None:
    sent = Sent(made())
    total: Counter[str] = Counter()
    number = 0
    for _ in range(data.draw(st.integers(0, 4))):
        size = data.draw(st.integers(0, 6))
        some = people(*range(number, number + size))
        left_out = people(*range(number + size, number + size + data.draw(st.integers(0, 3))))
        number += 20
        states = data.draw(st.lists(st.sampled_from(STATES), max_size=size))
        later = data.draw(st.sets(st.integers(0, len(states) - 1))) if states else set()
        shard = sent.shard(some, states, dict.fromkeys(left_out, "not-subscribed"), tuple(later))
        total.update({k: v for k, v in shard.counts.to_data().items() if k != "audience"})
    size = data.draw(st.integers(1, 7))
    everybody = sent.listed(size=size)
    assert Counter(one["state"] for one in everybody) == +total
    assert len({one["customerId"] for one in everybody}) == len(everybody)
    for state in ("waiting", *STATES):
        listed = sent.listed(state, size)
        assert {one["state"] for one in listed} <= {state}
        assert len(listed) == total[state]


def test_the_pages_are_of_one_moment_however_the_campaign_goes_on(sent: Sent) -> None:
    shard = sent.shard(people(1, 2, 3, 4, 5), ["accepted"])

    def all_are_sent() -> None:
        sent.shards = 0
        sent.shard(list(shard.people), ["accepted"] * 5)

    listed = sent.listed(size=2, between=all_are_sent)
    assert [one["customerId"] for one in listed] == people(1, 2, 3, 4, 5)
    assert Counter(one["state"] for one in listed) == {"accepted": 1, "waiting": 4}


def test_the_addresses_are_those_of_now() -> None:
    world = made()
    sent = Sent(world)
    for name in ("ada", "bob", "cyd"):
        world.put_order(f"o-{name}", order(f"{name}@example.com"))
    ada, bob, cyd = (
        world.with_email(f"{name}@example.com")["id"] for name in ("ada", "bob", "cyd")
    )
    sent.shard([ada, bob, cyd], ["accepted", "accepted"])
    world.runner.run(lambda tx: plan_merge(tx, bob, ada))
    world.store.delete(f"customers/{cyd}")
    shown = {one["customerId"]: one["email"] for one in sent.listed()}
    assert shown == {ada: "ada@example.com", bob: "ada@example.com", cyd: None}


def test_who_was_erased_is_listed_without_anything_of_the_person(sent: Sent) -> None:
    sent.shard(people(1, 2), ["accepted", "refused"])
    path = f"crmMails/{record_id(sent.campaign.id, 'kc001')}"
    record = sent.world.store.all("crmMails")[path.split("/")[1]]
    gone = dict.fromkeys(("customerId", "identity", "address", "providerId"))
    sent.world.store.put(path, {**record, **gone, "erased": "x"})
    listed = sent.listed()
    assert len(listed) == 2
    assert (listed[0]["customerId"], listed[0]["email"]) == (None, None)
    assert listed[0]["state"] == "accepted"


def test_the_list_of_a_large_audience_goes_on_where_a_page_found_nobody(sent: Sent) -> None:
    for number in range(401):
        sent.shard([f"c{number:03d}"], ["accepted"] if number < 400 else [])
    page: Any = list_recipients(sent.world.runner, pager(), sent.campaign.id, "waiting")
    assert page["recipients"] == []
    assert page["nextPageToken"]
    assert [one["customerId"] for one in sent.listed("waiting")] == ["c400"]


def test_a_token_opens_neither_another_campaign_nor_another_state_nor_to_somebody_else(
    sent: Sent,
) -> None:
    sent.shard(people(1, 2, 3), ["accepted"])
    other = saved(sent.world)
    runner = sent.world.runner
    token: Any = list_recipients(runner, pager(), sent.campaign.id)["nextPageToken"]
    for campaign_id, state, caller in (
        (other.id, None, "staff"),
        (sent.campaign.id, "waiting", "staff"),
        (sent.campaign.id, None, "somebody else"),
    ):
        with pytest.raises(Refusal, match="pageToken"):
            list_recipients(runner, pager(2, token, caller), campaign_id, state)  # type: ignore[arg-type]


def test_a_record_that_only_holds_an_address_for_who_waits_is_not_listed_beside_the_person(
    sent: Sent,
) -> None:
    shard = sent.shard(people(1), [])
    record = MailRecord(
        record_id(sent.campaign.id, shard.keys[0]),
        *(sent.campaign.id, "c001", "u1-x", "e1-x", shard.id, "waiting", sent.world.store.now()),
    )
    sent.world.store.put(record.path, record.to_data())
    assert [one["state"] for one in sent.listed()] == ["waiting"]
    assert len(sent.listed("waiting")) == 1


def test_people_of_other_campaigns_are_not_listed(sent: Sent) -> None:
    other = Sent(sent.world)
    other.shard(people(1, 2), ["accepted"])
    assert sent.listed() == []


def test_a_campaign_that_nobody_has_is_not_found(sent: Sent) -> None:
    with pytest.raises(Refusal) as refused:
        list_recipients(sent.world.runner, pager(), "nobody")
    assert refused.value.reason == "no-such-campaign"


def rows(sent: Sent, state: Any = None, size: int = 50) -> list[Any]:
    page: Any = list_recipients(sent.world.runner, pager(size), sent.campaign.id, state)
    assert page.keys() == {"recipients", "nextPageToken"}
    return [*page["recipients"]]


def test_all_that_is_told_of_each() -> None:
    world = made()
    sent = Sent(world)
    world.put_order("o", order("ada@example.com"))
    ada = world.with_email("ada@example.com")["id"]
    sent.shard([ada, *people(1, 2)], ["accepted", "refused"], {"c003": "unsubscribed"})
    at = {one["customerId"]: one["at"] for one in world.store.all("crmMails").values()}
    whole = [
        (ada, "ada@example.com", "accepted", None, at[ada]),
        ("c001", None, "refused", "550 5.1.1", at["c001"]),
        ("c002", None, "waiting", None, None),
        ("c003", None, "excluded", "unsubscribed", None),
    ]
    names = ("customerId", "email", "state", "reason", "at")
    expected = [dict(zip(names, one, strict=True)) for one in whole]
    key = itemgetter("customerId")
    assert sorted(rows(sent), key=key) == sorted(expected, key=key)
    for one in expected:
        assert rows(sent, one["state"]) == [one]


@pytest.mark.parametrize("state", [None, "accepted", "waiting", "excluded"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_page_that_is_just_full_is_the_last_one(sent: Sent, state: Any, number: int) -> None:
    """Two to a page: no empty page follows, and nobody is lost between records and shards."""
    states = ["accepted"] * number if state == "accepted" else []
    left_out = dict.fromkeys(people(*range(number)), "pending") if state == "excluded" else {}
    sent.shard([] if left_out else people(*range(number)), states, left_out)
    pages: list[int] = []
    token = None
    while True:
        page: Any = list_recipients(sent.world.runner, pager(2, token), sent.campaign.id, state)
        pages.append(len(page["recipients"]))
        token = page["nextPageToken"]
        if token is None:
            break
    full, rest = divmod(number, 2)
    assert pages == [2] * full + [1] * rest


def test_who_is_settled_comes_before_who_waits_in_the_order_of_shards_and_ids(sent: Sent) -> None:
    sent.shard(people(5, 6, 7), ["accepted"], {"c004": "pending"})
    sent.shard(people(1, 2, 3), ["refused"], later=())
    for size in (1, 2, 3, 7):
        listed = [one["customerId"] for one in sent.listed(size=size)]
        assert {*listed[:2]} == {"c001", "c005"}
        assert listed[2:] == ["c004", "c006", "c007", "c002", "c003"]


@pytest.mark.parametrize(("late", "frozen"), [(timedelta(0), False), (timedelta(seconds=-1), True)])
def test_a_moment_lasts_for_its_minutes(sent: Sent, late: timedelta, frozen: bool) -> None:
    """A page that is asked for later is of its own moment: the next one waits no more."""
    shard = sent.shard(people(1, 2, 3, 4), [])
    runner = sent.world.runner
    first: Any = list_recipients(runner, pager(2), sent.campaign.id)
    sent.shards = 0
    sent.shard([*shard.people], ["accepted"] * 4)
    began = read_token_of(sent, first["nextPageToken"])
    later = replace(runner, now=lambda: began + MOMENT_LASTS + late)
    page: Any = list_recipients(later, pager(2, first["nextPageToken"]), sent.campaign.id)
    assert [one["state"] for one in page["recipients"]] == (["waiting"] * 2 if frozen else [])


def read_token_of(sent: Sent, token: str) -> datetime:
    """The moment of a list, as its token has it."""
    scope = pager(2, token).open("list_recipients", {"campaign": sent.campaign.id, "state": None})
    assert scope.position is not None
    return datetime.fromisoformat(scope.position[0])


@pytest.mark.parametrize("state", [None, "waiting"])
@pytest.mark.parametrize("number", [19, 20, 21, 40])
def test_shards_are_read_some_at_a_time(sent: Sent, state: Any, number: int) -> None:
    for one in range(number):
        sent.shard([f"c{one:03d}"], [])
    assert [one["customerId"] for one in rows(sent, state)] == people(*range(number))


@pytest.mark.parametrize(("shards", "pages"), [(199, 1), (200, 2), (201, 2), (399, 2), (400, 3)])
def test_a_page_looks_at_some_shards_at_most(sent: Sent, shards: int, pages: int) -> None:
    for _ in range(shards):
        sent.shard([], [])
    seen = 1
    token = None
    while True:
        page: Any = list_recipients(sent.world.runner, pager(2, token), sent.campaign.id)
        assert page["recipients"] == []
        token = page["nextPageToken"]
        if token is None:
            break
        seen += 1
    assert seen == pages
