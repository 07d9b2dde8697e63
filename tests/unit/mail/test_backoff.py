"""When who was put off is tried again, and when no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.mail.backoff import LONGEST, MOST_ATTEMPTS, SPREAD, Domains, again, gave_up, whole_again
from crm.mail.port import Later, Refused

NOW = datetime(2027, 1, 1, tzinfo=UTC)
LATER = Later("451 4.7.1")


def minutes(until: datetime) -> float:
    return (until - NOW) / timedelta(minutes=1)


@pytest.mark.parametrize(("attempts", "expected"), [(1, 1), (2, 5), (3, 15), (4, 60), (26, 60)])
def test_a_person_waits_longer_each_time(attempts: int, expected: float) -> None:
    assert minutes(again(LATER, attempts, NOW, 0)) == expected
    assert minutes(again(LATER, attempts, NOW, 1)) == expected * (1 + SPREAD)


def test_all_tries_of_a_person_are_within_a_day() -> None:
    now, attempts = NOW, 1
    while gave_up(attempts, NOW, now) is None:
        now = again(LATER, attempts, now, 0)
        attempts += 1
    assert attempts == MOST_ATTEMPTS
    assert timedelta(hours=23) < now - NOW < LONGEST


def test_it_ends_after_a_day_however_few_the_tries_were() -> None:
    assert gave_up(3, NOW, NOW + LONGEST) == Refused("gave-up")
    assert gave_up(3, NOW, NOW + LONGEST - timedelta(seconds=1)) is None
    assert gave_up(3, None, NOW + timedelta(days=9)) is None
    assert gave_up(MOST_ATTEMPTS, None, NOW) == Refused("gave-up")


def test_what_the_server_says_counts_and_a_shorter_one_only_once() -> None:
    assert minutes(whole_again(Later("429", True, 120), 1, NOW, 0)) == 2
    assert minutes(whole_again(Later("429", True, 3), 1, NOW, 0)) == 0.05
    assert minutes(whole_again(Later("429", True, 3), 3, NOW, 0)) == 1
    assert minutes(again(Later("450", seconds=7200), 2, NOW, 0)) == 120


@given(st.integers(1, 100), st.floats(0, 1))
def test_everybody_waits_seconds_at_first_and_minutes_at_last(times: int, luck: float) -> None:
    wait = whole_again(Later("421", whole=True), times, NOW, luck) - NOW
    assert timedelta(seconds=15) <= wait <= timedelta(minutes=10) * (1 + SPREAD)


def test_a_domain_waits_together_and_alone() -> None:
    domains = Domains()
    until = domains.put_off("ann@Slow.example", LATER, NOW, 0)
    assert minutes(until) == 1
    assert domains.until("bob@slow.example", NOW) == until
    assert domains.until("bob@quick.example", NOW) is None
    assert domains.until("bob@slow.example", until) is None
    assert minutes(domains.put_off("bob@slow.example", LATER, NOW, 0)) == 5
    domains.taken("eve@slow.example")
    assert domains.until("ann@slow.example", NOW) is None
    assert minutes(domains.put_off("ann@slow.example", LATER, NOW, 0)) == 1
