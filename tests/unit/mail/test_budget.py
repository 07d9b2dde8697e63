"""Limits of a second, an hour and a day: never more, whatever instances and clocks do."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.config.mail import MailSettings
from crm.mail.budget import (
    AHEAD,
    DAY,
    HOUR,
    LIFE,
    SECOND,
    Grant,
    Limits,
    Spent,
    Wait,
    give_back,
    limits_of,
    take,
)

NOW = 1_800_000_000 * SECOND
NO_LIMITS = Limits(None, None, None)


@dataclass(frozen=True)
class Ask:
    """Somebody asks, so much later than the one before; their clock is off by so much."""

    after: int
    off: int
    count: int
    first: bool
    used: int
    pace: int


def asks(longest: int) -> st.SearchStrategy[list[Ask]]:
    one = st.builds(
        Ask,
        after=st.integers(0, longest),
        off=st.sampled_from([0, 0, 0, -3 * SECOND, -7200 * SECOND]),
        count=st.integers(1, 40),
        first=st.booleans(),
        used=st.integers(0, 40),
        pace=st.sampled_from([0, SECOND // 50, SECOND // 5, SECOND]),
    )
    return st.lists(one, max_size=60)


def left(limits: Limits, asked: list[Ask]) -> list[int]:
    """When mails leave where everybody uses their grants at once, and gives back the rest."""
    spent, now, times = Spent(), NOW, list[int]()
    for ask in asked:
        now += ask.after
        found, after = take(limits, spent, now + ask.off, ask.count, pace=ask.pace, first=ask.first)
        if isinstance(found, Grant):
            assert 1 <= found.count <= ask.count
            used = min(ask.used, found.count)
            times += [found.due(number) for number in range(used)]
            spent = give_back(after, found, found.count - used)
        else:
            assert found.span > 0
    return sorted(times)


def most_in(times: list[int], span: int) -> int:
    """The most in any window that is so long, its end left out."""
    start = most = 0
    for place, time in enumerate(times):
        while times[start] <= time - span:
            start += 1
        most = max(most, place - start + 1)
    return most


@given(st.integers(1, 50), asks(2 * SECOND))
def test_no_second_has_more_than_its_limit(limit: int, asked: list[Ask]) -> None:
    assert most_in(left(Limits(limit, None, None), asked), SECOND) <= limit


@given(st.integers(1, 200), asks(900 * SECOND))
def test_no_hour_has_more_than_its_limit(limit: int, asked: list[Ask]) -> None:
    assert most_in(left(Limits(None, limit, None), asked), HOUR.slot * HOUR.slots) <= limit


@given(st.integers(1, 200), asks(14_400 * SECOND))
def test_no_day_has_more_than_its_limit(limit: int, asked: list[Ask]) -> None:
    assert most_in(left(Limits(None, None, limit), asked), DAY.slot * DAY.slots) <= limit


@given(st.integers(1, 50), st.integers(1, 100), st.integers(1, 300), asks(600 * SECOND))
def test_all_limits_hold_together(second: int, hour: int, day: int, asked: list[Ask]) -> None:
    times = left(Limits(second, hour, day), asked)
    assert most_in(times, SECOND) <= second
    assert most_in(times, HOUR.slot * HOUR.slots - AHEAD * 3) <= hour
    assert most_in(times, DAY.slot * DAY.slots - AHEAD * 3) <= day


@given(asks(900 * SECOND), st.integers(0, 86_400 * SECOND))
def test_a_clock_that_goes_back_frees_nothing(asked: list[Ask], back: int) -> None:
    limits = Limits(None, 40, None)
    spent = Spent()
    now = NOW
    for ask in asked:
        now += ask.after
        spent = take(limits, spent, now, ask.count)[1]
    found, _ = take(limits, spent, now, 10)
    again, after = take(limits, spent, now - back, 10)
    assert found == again or now > spent.latest
    assert after.latest >= spent.latest


@given(st.one_of(st.none(), st.integers(1, 9)), st.integers(1, 60), st.integers(1, 90))
def test_who_waits_as_long_as_told_gets_a_mail_in_the_end(
    second: int | None, hour: int, day: int
) -> None:
    limits, spent, now, got = Limits(second, hour, day), Spent(), NOW, 0
    for _ in range(200):
        found, after = take(limits, spent, now, 7)
        if isinstance(found, Wait):
            now += found.span
            assert isinstance(take(limits, spent, now, 7)[0], Grant)
        else:
            got, spent = got + found.count, after
    assert got >= 100


def test_what_was_taken_is_remembered_when_it_is_stored() -> None:
    _, spent = take(Limits(5, 100, 1000), Spent(), NOW, 10)
    assert Spent.from_data(spent.id, spent.to_data()) == spent
    assert spent.path == "crmBudgets/sender"


def test_the_stored_document_stays_small() -> None:
    spent, now = Spent(), NOW
    for _ in range(3000):
        spent = take(Limits(None, 10**6, 10**7), spent, now, 5)[1]
        now += 97 * SECOND
    assert len(spent.hour) <= HOUR.slots + 1
    assert len(spent.day) <= DAY.slots + 1


def test_a_quick_worker_has_moments_one_after_the_other() -> None:
    found, _ = take(Limits(5, None, None), Spent(), NOW, 3)
    assert isinstance(found, Grant)
    assert found.moments == (NOW, NOW + SECOND // 5, NOW + 2 * SECOND // 5)


def test_a_slow_worker_leaves_room_between_its_moments() -> None:
    limits, spent, grants = Limits(40, None, None), Spent(), list[Grant]()
    for _ in range(8):  # workers that send five a second each
        found, spent = take(limits, spent, NOW, 15, pace=SECOND // 5)
        assert isinstance(found, Grant)
        grants.append(found)
    assert sum(grant.count for grant in grants) >= 3 * 40 * 0.8
    assert all(grant.moments[-1] < NOW + AHEAD for grant in grants)


def test_a_campaign_takes_no_moments_far_ahead_and_who_goes_first_comes_before_the_next() -> None:
    limits, spent = Limits(10, None, None), Spent()
    found, spent = take(limits, spent, NOW, 50)
    assert isinstance(found, Grant)
    assert found.count >= 25
    waits, spent = take(limits, spent, NOW, 50)
    assert isinstance(waits, Wait)
    assert waits.seconds < 1.2
    confirmation, _ = take(limits, spent, NOW, 1, first=True)
    assert isinstance(confirmation, Grant)
    assert NOW + AHEAD <= confirmation.due(0) < NOW + AHEAD + SECOND


def test_a_confirmation_need_not_wait_for_a_campaign_where_the_limit_allows_a_reserve() -> None:
    limits = Limits(40, None, None)
    _, spent = take(limits, Spent(), NOW, 500)
    confirmation, _ = take(limits, spent, NOW, 1, first=True)
    assert isinstance(confirmation, Grant)
    assert confirmation.due(0) == NOW


@pytest.mark.parametrize("limits", [Limits(None, 100, None), Limits(None, None, 100)])
def test_campaigns_leave_a_twentieth_for_what_goes_first(limits: Limits) -> None:
    campaign, spent = take(limits, Spent(), NOW, 500)
    assert isinstance(campaign, Grant)
    assert campaign.count == 95
    assert isinstance(take(limits, spent, NOW, 1)[0], Wait)
    confirmation, spent = take(limits, spent, NOW, 500, first=True)
    assert isinstance(confirmation, Grant)
    assert confirmation.count == 5
    assert isinstance(take(limits, spent, NOW, 1, first=True)[0], Wait)


def test_a_limit_too_small_for_a_reserve_is_not_all_reserve() -> None:
    assert isinstance(take(Limits(None, 1, 1), Spent(), NOW, 5)[0], Grant)


def test_a_grant_ends() -> None:
    grant, _ = take(Limits(None, 10, None), Spent(), NOW, 2)
    assert isinstance(grant, Grant)
    assert grant.place(1, NOW + LIFE - 1) == 1
    assert grant.place(1, NOW + LIFE) is None
    assert grant.place(2, NOW) is None


def test_who_is_late_has_lost_the_moments_that_are_over() -> None:
    grant, _ = take(Limits(5, None, None), Spent(), NOW, 8)
    assert isinstance(grant, Grant)
    assert grant.place(0, NOW) == 0
    assert grant.place(1, NOW) == 1
    assert grant.place(1, NOW + SECOND // 2) == 2
    assert grant.place(1, NOW + 3 * SECOND) is None


@pytest.mark.parametrize(
    ("limits", "asked", "pace", "expected"),
    [
        (Limits(100, None, None), 10, None, 10),
        (Limits(100, None, None), 10, 1000, 300),
        (Limits(100, None, None), 10, SECOND // 5, 15),
        (Limits(1, None, None), 10, SECOND // 100, 3),
        (Limits(100, None, None), 10, 5 * SECOND, 1),
        (Limits(None, 100, None), 10, 1000, 10),
        (Limits(None, None, 200), 1, None, 2),
        (Limits(None, 10_000, 50_000), 1, None, 50),
        (NO_LIMITS, 80, None, 80),
    ],
)
def test_a_batch_is_a_few_seconds_and_little_of_a_day(
    limits: Limits, asked: int, pace: int | None, expected: int
) -> None:
    assert limits.batch(asked, pace) == expected


def test_limits_come_from_the_settings() -> None:
    assert not limits_of(MailSettings()).any
    assert limits_of(MailSettings(per_second=3, per_day=9)) == Limits(3, None, 9)
    assert limits_of(MailSettings(per_hour=1)).any
