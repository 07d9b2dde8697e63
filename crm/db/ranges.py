"""Ranges of a collection's ids."""

from __future__ import annotations

from crm.db.documents import Clause

Range = tuple[str | None, str | None]
"""Ids from the first to before the second; None for no bound."""


def in_range(field: str, ids: Range) -> tuple[Clause, ...]:
    """Return the clauses for a range of ids, or of a field that holds them."""
    low, high = ids
    clauses: list[Clause] = []
    if low is not None:
        clauses.append((field, ">=", low))
    if high is not None:
        clauses.append((field, "<", high))
    return tuple(clauses)
