"""Partitions partition a collection, whatever is learned in whatever order."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.keyring import prefix_of
from crm.repair.partitions import Partitions, Range, in_range, share_of_keys, size_of
from testing.world import KEYS

ids = st.lists(st.text(min_size=1, max_size=4), unique=True)


def holds(some: Range, name: str) -> bool:
    low, high = some
    return (low is None or name.encode() >= low.encode()) and (
        high is None or name.encode() < high.encode()
    )


def assert_partition(ranges: Sequence[Range], names: Sequence[str]) -> None:
    for name in names:
        assert sum(holds(one, name) for one in ranges) == 1


@given(ids, ids, ids)
def test_slices_are_a_partition(first: list[str], more: list[str], names: list[str]) -> None:
    partitions = Partitions().with_cuts(first).with_cuts(more, complete=True)
    assert_partition(partitions.slices, [*names, *first, *more])
    assert Partitions.from_data(partitions.to_data()) == partitions


@given(ids, ids, st.integers(0, 10_000), st.integers(1, 100))
def test_groups_are_a_partition(cut: list[str], names: list[str], total: int, many: int) -> None:
    partitions = Partitions().with_cuts(cut)
    ranges = partitions.ranges(many)
    assert len(ranges) <= many
    assert_partition(ranges, [*names, *cut])
    parts = [part for ids in ranges for part in partitions.inside(ids, total, many)]
    assert_partition(parts, [*names, *cut])


def test_groups_have_about_the_size_that_is_counted_for_one_read() -> None:
    partitions = Partitions().with_cuts(
        [f"{number:05}" for number in range(50, 20_000, 50)], complete=True
    )
    assert len(partitions.slices) == 400
    assert len(partitions.ranges(20)) == 20
    for ids in partitions.ranges(4):
        assert len(partitions.inside(ids, 5_000, 1_000)) == 5


def test_every_slice_has_its_turn() -> None:
    partitions = Partitions().with_cuts(["b", "c", "d"], complete=True)
    assert {partitions.slice_of(turn) for turn in range(77, 81)} == set(partitions.slices)


@pytest.mark.parametrize(
    ("total", "size"),
    [(0, 25), (9_999, 25), (20_000, 35), (1_000_001, 1737), (100_000_000, 20_000)],
)
def test_a_slice_is_a_576th_and_neither_tiny_nor_huge(total: int, size: int) -> None:
    assert size_of(total) == size


@given(st.integers(1, 40), st.lists(st.emails(), min_size=1, max_size=20))
def test_shares_of_keys_are_a_partition(turns: int, addresses: list[str]) -> None:
    shares = [share_of_keys(prefix_of("e"), turn, turns) for turn in range(turns)]
    assert_partition(shares, [KEYS.address(address) for address in addresses])


def test_shares_of_keys_are_about_equal() -> None:
    keys = [KEYS.address(f"{number}@example.com") for number in range(4_000)]
    for turn in range(8):
        share = share_of_keys(prefix_of("e"), turn, 8)
        assert 400 < sum(holds(share, key) for key in keys) < 600


def test_a_range_as_clauses() -> None:
    assert in_range("uid", (None, None)) == ()
    assert in_range("uid", ("a", None)) == (("uid", ">=", "a"),)
    assert in_range("uid", ("a", "b")) == (("uid", ">=", "a"), ("uid", "<", "b"))
