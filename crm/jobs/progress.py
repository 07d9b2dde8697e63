"""What a step of a job has done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from crm.db.documents import Data, Write

MAX_DRIFT: Final = 200
"""Customers whose drift a job names."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What a step has done.

    Attributes:
        cursor: Where the next step goes on (JSON).
        done: Pieces of work that it did.
        total: Pieces of work in all; None where nothing new is known. Not of a slice's step:
            there the phase says it (see `job.Cut`).
        counts: What it adds to the result.
        drift: What it adds to `drift`.
        finished: Whether it was the last step.
        writes: What is to be committed together with this progress.
        not_before: When the next step may begin; None for at once. A worker waits for a moment,
            or has the queue call again then.
    """

    cursor: Any = None
    done: int = 0
    total: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    drift: Sequence[Data] = ()
    finished: bool = False
    writes: Sequence[Write] = ()
    not_before: datetime | None = None


def added(result: Mapping[str, int], counts: Mapping[str, int]) -> dict[str, int]:
    """Return the sums of two results."""
    return {name: result.get(name, 0) + counts.get(name, 0) for name in {**result, **counts}}


def joined(drift: Sequence[Data], more: Sequence[Data]) -> tuple[Data, ...]:
    """Return the rows of two checks: one for each customer, with the fields of both.

    Of more than `MAX_DRIFT` those with the first ids are kept, so that it makes no difference in
    which order checks are joined.
    """
    fields: dict[str, set[str]] = {}
    for row in (*drift, *more):
        fields.setdefault(row["customerId"], set()).update(row["fields"])
    return tuple(
        {"customerId": name, "fields": sorted(fields[name])} for name in sorted(fields)[:MAX_DRIFT]
    )


def later(before: datetime, now: datetime) -> datetime:
    """Return now, or the moment after `before` where the clock is behind.

    A write that changes nothing would leave the version, and with it others' preconditions.
    """
    return max(now, before + timedelta(microseconds=1))
