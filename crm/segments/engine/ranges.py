"""Ranges of numbers and times, and the facets that cover them. Pure."""

from __future__ import annotations

import functools
import heapq
from collections.abc import Iterable
from dataclasses import dataclass

from crm.customers.facets import BLOCK_BITS, BLOCKS, FacetField
from crm.customers.scales import CEILING

Span = tuple[int, int]
"""From the first value to below the second."""

Disjunct = frozenset[str]
"""Facets that hold together."""


@dataclass(frozen=True)
class Values:
    """Some of the values that a field can have.

    Attributes:
        nothing: Whether having no value is one of them.
        spans: Disjoint, rising, none empty, none touching the next.
    """

    nothing: bool
    spans: tuple[Span, ...]

    def __or__(self, other: Values) -> Values:
        return Values(self.nothing or other.nothing, _joined((*self.spans, *other.spans)))

    def without(self, field: FacetField) -> Values:
        """Return all other values of the field."""
        edges = [field.scale.floor, *(edge for span in self.spans for edge in span), CEILING]
        gaps = zip(edges[::2], edges[1::2], strict=True)
        return Values(not self.nothing, tuple((low, high) for low, high in gaps if low < high))

    def within(self, low: int, high: int) -> int:
        """Return how many values from `low` to below `high` are among these."""
        return sum(max(0, min(high, end) - max(low, start)) for start, end in self.spans)


def between(field: FacetField, low: int, high: int) -> Values:
    """Return the values from `low` to below `high`; 0 of a number is nothing."""
    nothing = field.scale.floor > 0 and low <= 0 < high
    return Values(nothing, _joined([(max(low, field.scale.floor), min(high, CEILING))]))


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for low, high in sorted(spans):
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        elif low < high:
            joined.append((low, high))
    return tuple(joined)


@dataclass(frozen=True)
class Cover:
    """Facets for a range, disjoint.

    Attributes:
        inner: Each for values of the range alone.
        edge: Each for values of the range and others.
    """

    inner: tuple[Disjunct, ...]
    edge: tuple[Disjunct, ...]

    @property
    def all(self) -> tuple[Disjunct, ...]:
        """Both."""
        return self.inner + self.edge


@dataclass(frozen=True, order=True)
class _Node:
    """The values whose codes begin alike: blocks from `first` to `last`, or a part of one block.

    Attributes:
        length: How many bits are alike; `BLOCK_BITS` for blocks.
        first: These bits.
        last: Those of the last one of several blocks, else the same.
    """

    length: int
    first: int
    last: int

    def keys(self, field: FacetField) -> Disjunct:
        """Return the facets that hold together for these values and no others."""
        if self.first == self.last:
            return frozenset([field.node(self.length, self.first)])
        keys = []
        if self.first or self.last == BLOCKS - 1:
            keys.append(field.above(self.first))
        if self.last < BLOCKS - 1:
            keys.append(field.below(self.last + 1))
        return frozenset(keys)

    def span(self, field: FacetField) -> Span:
        """Return the values."""
        scale = field.scale
        shift = scale.bits - self.length
        first, beyond = self.first << shift, (self.last + 1) << shift
        low = scale.low(first) if first else scale.floor
        return low, CEILING if beyond == 1 << scale.bits else scale.low(beyond)

    def width(self, field: FacetField) -> int:
        """Return how many codes there are."""
        return (self.last + 1 - self.first) << (field.scale.bits - self.length)

    def parts(self, field: FacetField) -> list[_Node]:
        """Return the blocks, or both halves of one; nothing where a half says no more."""
        if self.first < self.last:
            return [_Node(self.length, one, one) for one in range(self.first, self.last + 1)]
        if self.length >= field.scale.depth(self.first << (field.scale.bits - self.length)):
            return []
        return [_Node(self.length + 1, one, one) for one in (2 * self.first, 2 * self.first + 1)]


@functools.lru_cache(maxsize=4_096)  # a plan is looked for by trying, and asks the same again
def cover(field: FacetField, values: Values, most: int) -> Cover:
    """Cover a range by at most `most` nodes, taking the widest apart that holds other values too.

    One node is one or two facets. The facet `nothing` comes on top, where it is wanted and the
    field is `sure`.
    """
    inner: list[_Node] = []
    edge: list[_Node] = []
    waiting: list[tuple[int, _Node]] = []

    def sort_in(nodes: Iterable[_Node]) -> None:
        for node in nodes:
            if _held(field, values, node) == _size(field, node):
                inner.append(node)
            else:
                heapq.heappush(waiting, (-node.width(field), node))

    blocks = [_Node(BLOCK_BITS, block, block) for block in range(BLOCKS)]
    runs = _joined_blocks(node for node in blocks if _held(field, values, node))
    if len(runs) > most:
        runs = [_Node(BLOCK_BITS, runs[0].first, runs[-1].last)]
    sort_in(runs)
    while waiting:
        _, node = heapq.heappop(waiting)
        parts = [part for part in node.parts(field) if _held(field, values, part)]
        if node.first < node.last:
            whole = [one for one in parts if _held(field, values, one) == _size(field, one)]
            parts = [*_joined_blocks(whole), *(one for one in parts if one not in whole)]
        if parts and len(inner) + len(edge) + len(waiting) + len(parts) <= most:
            sort_in(parts)
        else:
            edge.append(node)
    nothing = [frozenset([field.nothing])] if values.nothing and field.sure else []
    return Cover(
        (*nothing, *(node.keys(field) for node in sorted(inner))),
        tuple(node.keys(field) for node in sorted(edge)),
    )


def _size(field: FacetField, node: _Node) -> int:
    low, high = node.span(field)
    return high - low


def _held(field: FacetField, values: Values, node: _Node) -> int:
    return values.within(*node.span(field))


def _joined_blocks(blocks: Iterable[_Node]) -> list[_Node]:
    joined: list[_Node] = []
    for block in blocks:
        if joined and joined[-1].last == block.first - 1:
            joined[-1] = _Node(BLOCK_BITS, joined[-1].first, block.last)
        else:
            joined.append(block)
    return joined
