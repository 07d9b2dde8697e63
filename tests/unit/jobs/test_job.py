"""A job as a value: taken up again, its date moves on, whatever the clock says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm.jobs.job import Job
from testing.hosts import DAY

FAILED = Job(
    "j", "kind", {}, "first", DAY, DAY, "failed", 7, 9, "code", [1], {"n": 7}, ({"id": "c"},)
)
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(("now", "then"), [(HOUR, HOUR), (0 * HOUR, TICK), (-HOUR, TICK)])
def test_a_retry_and_a_failure_are_later_than_what_was_before(
    now: timedelta, then: timedelta
) -> None:
    """A write that changed nothing would leave the version, and others' preconditions with it."""
    assert FAILED.again("second", DAY + now, "cursor").updated_at == DAY + then
    assert FAILED.failed("code", DAY + now, "cursor").updated_at == DAY + then


def test_a_retry_goes_on_where_it_was_or_begins_afresh() -> None:
    on = FAILED.again("second", DAY + HOUR, "cursor")
    assert (on.state, on.error, on.actor, on.started_at) == ("queued", None, "second", DAY)
    assert (on.done, on.result, on.drift, on.cursor) == (7, {"n": 7}, ({"id": "c"},), [1])
    afresh = FAILED.again("second", DAY + HOUR, "afresh")
    assert (afresh.done, afresh.result, afresh.drift) == (0, {}, ())
    assert (afresh.state, afresh.actor) == ("queued", "second")
