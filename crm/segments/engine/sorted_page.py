"""A page of a sorted segment, where the next one begins, and how it was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from crm.db.documents import Snapshot
from crm.segments.engine.order import Position, Sort
from crm.segments.engine.planner import Disjuncts, QueryPlan


@dataclass(frozen=True)
class Hint:
    """What one page learned for the next. It spares reads; without it the answer is the same.

    Attributes:
        step: How many places held one document, at last; 0 where nobody knows.
        behind: Documents of the next code that came already.
        share: How many of the documents read belonged, at last.
        tied: The value that is next, where so many have it that they are read in the order of ids.
        crowd: Documents up to `end`, where counts could not divide them; 0 where they could.
        end: The place behind the crowd.
        whole: Whether the crowd is best read all, rather than by walking the field's index.
    """

    step: float = 0.0
    behind: int = 0
    share: float = 1.0
    tied: int | None = None
    crowd: int = 0
    end: int = 0
    whole: bool = False


@dataclass(frozen=True)
class Start:
    """Where a page begins.

    Attributes:
        position: Behind whom.
        hint: What the page before learned.
    """

    position: Position
    hint: Hint = Hint()

    def to_data(self) -> list[Any]:
        """Return it as JSON values."""
        one = self.hint
        learned = [round(one.step, 3), one.behind, round(one.share, 3), one.tied]
        return [self.position.value, self.position.id, [*learned, one.crowd, one.end, one.whole]]

    @classmethod
    def from_data(cls, data: Sequence[Any]) -> Start:
        """Read it."""
        value, customer_id, hint = data
        return cls(Position(value, customer_id), Hint(*hint))


@dataclass
class SortExplain:
    """How a page was found.

    Attributes:
        sort: The order.
        ways: In words, in the order in which they were gone.
        queries: What was asked of the facets.
        counts: How many counts were taken.
        documents_read: What Firestore bills, counts included.
        checked: Whether the predicate was asked.
    """

    sort: Sort
    ways: dict[str, None] = field(default_factory=dict)
    queries: dict[Disjuncts, None] = field(default_factory=dict)
    counts: int = 0
    documents_read: int = 0
    checked: bool = False

    def add(self, planned: QueryPlan, way: str) -> None:
        """Note that customers were read by a plan."""
        self.ways[way] = None
        self.queries.update(dict.fromkeys(planned.queries))
        self.checked |= not planned.exact

    def to_data(self) -> dict[str, object]:
        """Return it in words and figures."""
        ways = "; ".join(self.ways) or "there is nobody"
        return {
            "plan": f"Sorted by {self.sort.path}: {ways}.",
            "queries": [[sorted(keys) for keys in terms] for terms in self.queries],
            "checked": self.checked,
            "counts": self.counts,
            "documentsRead": self.documents_read,
        }


@dataclass(frozen=True)
class SortedPage:
    """Some customers of a segment, in order.

    Attributes:
        snapshots: At most as many as were asked for; fewer, even none, where the work for one page
            was done before there were more.
        next_start: Where the next page begins; None where there is none.
        explain: How they were found.
    """

    snapshots: list[Snapshot]
    next_start: Start | None
    explain: SortExplain
