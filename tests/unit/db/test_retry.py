"""How long and how often the wrapper around collisions and outages tries."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from crm.core.errors import Conflict, Refusal, Transient
from crm.db.retry import RetryPolicy


@dataclass
class Time:
    now: float = 0.0
    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def retry(self, jitter: float = 1.0, seconds: float = 60.0) -> RetryPolicy:
        return RetryPolicy(
            seconds=seconds, sleep=self.sleep, clock=lambda: self.now, jitter=lambda: jitter
        )


def failing(times: int, error: Exception) -> tuple[list[int], object]:
    tries: list[int] = []

    def attempt() -> str:
        tries.append(1)
        if len(tries) <= times:
            raise error
        return "done"

    return tries, attempt


@pytest.mark.parametrize(
    ("error", "waits"),
    [(Conflict("x"), [0.02, 0.04, 0.08]), (Transient("x"), [0.2, 0.4, 0.8])],
)
def test_it_waits_longer_each_time_and_longest_for_a_service_away(
    error: Exception, waits: list[float]
) -> None:
    time = Time()
    _, attempt = failing(3, error)
    assert time.retry().call(attempt) == "done"  # type: ignore[arg-type]
    assert time.waits == pytest.approx(waits)


def test_a_wait_is_bounded_and_jittered() -> None:
    time = Time()
    _, attempt = failing(12, Transient("x"))
    time.retry(jitter=0.5, seconds=1000).call(attempt)  # type: ignore[arg-type]
    assert max(time.waits) == 2.0
    assert time.waits[0] == 0.1


def test_past_the_deadline_the_last_error_is_raised() -> None:
    time = Time()
    tries, attempt = failing(10**6, Conflict("still"))
    with pytest.raises(Conflict, match="still"):
        time.retry(seconds=10).call(attempt)  # type: ignore[arg-type]
    assert time.now <= 10
    assert len(tries) > 5


@pytest.mark.parametrize("jitter", [0.01, 0.5, 0.99])
def test_however_the_waits_fall_all_of_the_time_is_used(jitter: float) -> None:
    time = Time()
    _, attempt = failing(10**6, Transient("away"))
    with pytest.raises(Transient):
        time.retry(jitter, seconds=2.1).call(attempt)  # type: ignore[arg-type]
    assert time.now == pytest.approx(2.1)


def test_any_other_error_is_not_tried_again() -> None:
    tries, attempt = failing(1, Refusal("not-found", "x", "x"))
    with pytest.raises(Refusal):
        Time().retry().call(attempt)  # type: ignore[arg-type]
    assert len(tries) == 1


def test_what_an_attempt_needed_is_logged_without_its_values(
    caplog: pytest.LogCaptureFixture,
) -> None:
    _, attempt = failing(10**6, Transient("ada@example.com"))
    with pytest.raises(Transient):
        Time().retry(seconds=1).call(attempt)  # type: ignore[arg-type]
    assert "ada" not in caplog.text
    assert "Transient" in caplog.text
