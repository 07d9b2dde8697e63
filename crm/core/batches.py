"""Many things, so many at a time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield items in lists of so many, the last one shorter; an item is asked for when it is due.

    Args:
        items: Any number of them.
        size: How many in a list, 1 or more.
    """
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
