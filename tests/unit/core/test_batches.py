"""Many things, so many at a time."""

from __future__ import annotations

import itertools

import pytest

from crm.core.batches import batches


@pytest.mark.parametrize(
    ("number", "size", "lengths"),
    [(0, 3, []), (1, 3, [1]), (3, 3, [3]), (4, 3, [3, 1]), (6, 3, [3, 3]), (2, 1, [1, 1])],
)
def test_all_come_in_their_order_and_the_last_list_is_shorter(
    number: int, size: int, lengths: list[int]
) -> None:
    found = [*batches(range(number), size)]
    assert [len(one) for one in found] == lengths
    assert [*itertools.chain(*found)] == [*range(number)]


def test_nothing_is_asked_for_before_it_is_due() -> None:
    endless = itertools.count()
    assert next(batches(endless, 2)) == [0, 1]
    assert next(endless) == 2
