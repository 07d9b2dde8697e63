"""The first and last of a part's orders, found again without reading more than it takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

import pytest

from crm.customers.attendance import extreme
from testing.hosts import DAY

ONE, TWO, THREE = (DAY + timedelta(days=number) for number in range(3))


def not_asked() -> datetime | None:
    raise AssertionError("no query is needed to know this")


def finds(moment: datetime | None) -> Callable[[], datetime | None]:
    return lambda: moment


@pytest.mark.parametrize(
    ("direction", "current", "old", "new", "result"),
    [
        ("desc", None, None, None, None),
        ("desc", None, None, ONE, ONE),
        ("desc", TWO, None, ONE, TWO),
        ("desc", TWO, None, THREE, THREE),
        ("desc", TWO, ONE, None, TWO),  # another one leaves
        ("desc", TWO, TWO, THREE, THREE),  # it moves further out
        ("desc", TWO, TWO, TWO, TWO),
        ("asc", TWO, None, ONE, ONE),
        ("asc", TWO, None, THREE, TWO),
        ("asc", TWO, THREE, None, TWO),
        ("asc", TWO, TWO, ONE, ONE),
        ("asc", TWO, TWO, TWO, TWO),
    ],
)
def test_nobody_is_asked_who_knows(
    direction: Literal["asc", "desc"],
    current: datetime | None,
    old: datetime | None,
    new: datetime | None,
    result: datetime | None,
) -> None:
    assert extreme(direction, current, old, new, not_asked) == result


@pytest.mark.parametrize(
    ("direction", "new", "others", "result"),
    [
        ("desc", None, ONE, ONE),
        ("desc", None, None, None),
        ("desc", ONE, None, ONE),
        ("desc", ONE, DAY - timedelta(days=1), ONE),
        ("desc", ONE, ONE + timedelta(hours=1), ONE + timedelta(hours=1)),
        ("asc", THREE, THREE - timedelta(hours=1), THREE - timedelta(hours=1)),
        ("asc", None, THREE, THREE),
        ("asc", THREE, None, THREE),
        ("asc", THREE, THREE + timedelta(days=1), THREE),
    ],
)
def test_when_the_outermost_leaves_the_others_are_asked(
    direction: Literal["asc", "desc"],
    new: datetime | None,
    others: datetime | None,
    result: datetime | None,
) -> None:
    assert extreme(direction, TWO, TWO, new, finds(others)) == result
