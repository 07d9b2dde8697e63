"""A caller who calls too often is told when to go on; nobody else notices."""

import threading

import pytest

from crm.core.errors import Refusal
from crm.entrypoints.rate_limit import RateLimit


def test_calls_within_the_bound_are_admitted_and_one_more_is_not() -> None:
    rate_limit = RateLimit()
    for _ in range(5):
        rate_limit.admit("get_customer", "u1", 5)
    with pytest.raises(Refusal) as refusal:
        rate_limit.admit("get_customer", "u1", 5)
    assert (refusal.value.code, refusal.value.reason) == ("resource-exhausted", "too-many-calls")
    seconds = (refusal.value.more or {})["retryAfterSeconds"]
    assert isinstance(seconds, int)
    assert 1 <= seconds <= 60
    assert "u1" not in refusal.value.message


def test_callers_and_functions_are_counted_apart() -> None:
    rate_limit = RateLimit()
    for function in ("get_customer", "list_orders"):
        for caller in ("u1", "u2"):
            rate_limit.admit(function, caller, 1)


def test_of_many_at_once_no_more_than_the_bound_get_through() -> None:
    rate_limit, admitted = RateLimit(), []

    def call() -> None:
        try:
            rate_limit.admit("get_customer", "u1", 10)
        except Refusal:
            return
        admitted.append(1)

    threads = [threading.Thread(target=call) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(admitted) == 10
