"""What stands for something else in a question: saved segments and days. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

from crm.core.errors import Refusal
from crm.segments.language import ast
from crm.segments.language.days import resolved

Find = Callable[[str], ast.Node | None]


def expand(node: ast.Node, find: Find, zone: ZoneInfo) -> ast.Node:
    """Return a question as the engine takes it.

    Each saved segment is put in the place of the leaf that names it, to any depth, and the moments
    of a day in the place of the day. The limits of one segment hold for the whole: they bound what
    an answer costs, however it is spelt. `find` is asked at most once for an id.

    Args:
        node: The segment; `names.settle` has been over what is quoted in it.
        find: Gives a saved segment by its id, or None where there is none.
        zone: The zone of days (`settings.time_zone`).

    Raises:
        Refusal: `not-found`, `no-such-segment`; or `invalid-argument`: `segment-cycle`,
            `segment-too-deep`, `segment-too-wide`.
        ValueError: Something quoted may be a name.
    """
    return _Expansion(find, zone).expand(node, 1, frozenset())


class _Expansion:
    """One expansion; it stops at the first node too many."""

    def __init__(self, find: Find, zone: ZoneInfo) -> None:
        self._find = find
        self._zone = zone
        self._found: dict[str, ast.Node] = {}
        self._leaves = 0

    def expand(self, node: ast.Node, level: int, inside: frozenset[str]) -> ast.Node:
        if level > ast.MAX_LEVELS:
            raise ast.too_deep()
        match node:
            case ast.All(items):
                return ast.All(tuple(self.expand(item, level + 1, inside) for item in items))
            case ast.AnyOf(items):
                return ast.AnyOf(tuple(self.expand(item, level + 1, inside) for item in items))
            case ast.Not(item):
                return ast.Not(self.expand(item, level + 1, inside))
            case ast.Saved(segment_id):
                if segment_id in inside:
                    raise Refusal(
                        "invalid-argument",
                        "segment-cycle",
                        "The segment leads back to itself by way of a saved segment: leave that"
                        " one out.",
                    )
                if len(inside) > ast.MAX_LEVELS:  # a chain of names alone has no levels
                    raise ast.too_deep()
                return self.expand(self._saved(segment_id), level, inside | {segment_id})
        if isinstance(node, ast.EventLeaf) and node.quoted:
            raise ValueError("settle names first")
        self._leaves += 1
        if self._leaves > ast.MAX_LEAVES:
            raise ast.too_wide()
        if isinstance(node, ast.FirstOrderAt | ast.LastOrderAt):
            return replace(node, when=resolved(node.when, self._zone))
        return node

    def _saved(self, segment_id: str) -> ast.Node:
        if segment_id not in self._found:
            found = self._find(segment_id)
            if found is None:
                raise Refusal(
                    "not-found",
                    "no-such-segment",
                    "A saved segment that is named does not exist: ask `list_segments`.",
                )
            self._found[segment_id] = found
        return self._found[segment_id]
