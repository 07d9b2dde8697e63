"""Saved segments: questions with a name, which other questions may build on."""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import Final

from crm.core.days import day_of
from crm.core.errors import Conflict, Transient
from crm.db.collections import SEGMENTS
from crm.db.documents import Data, Query, Snapshot, Store, Update
from crm.db.paging import Pager
from crm.db.runner import Runner
from crm.db.transaction import Plan, Transaction
from crm.segments.language.ast import Node
from crm.segments.language.expansion import Find
from crm.segments.saved_plan import (
    Definition,
    find,
    node_of,
    plan_delete,
    plan_save,
    revision_of,
)

SHOWN: Final = (
    "name",
    "description",
    "segment",
    "text",
    "usedBy",
    "lastCount",
    "lastCountAt",
    "createdAt",
    "updatedAt",
)
"""Fields that answers show, beside those that older documents may lack."""

MAX_COUNTS: Final = 366
"""Days of a segment's history that are kept: those on which somebody counted it."""


def save(
    runner: Runner, wanted: Definition, segment_id: str | None = None, revision: int | None = None
) -> tuple[str, int]:
    """Save a segment, or change one.

    Args:
        runner: Carries plans out.
        wanted: What it shall be, as a whole.
        segment_id: The one to change; None for a new one.
        revision: The revision of it that was changed; None to replace whichever there is.

    Returns:
        Its id, and the revision that it has now.

    Raises:
        Refusal: `not-found` (`no-such-segment`); `already-exists` (`segment-name-taken`);
            `invalid-argument` (`segment-cycle`, `segment-too-deep`, `segment-too-wide`);
            `failed-precondition` likewise, where a segment that uses this one would be refused, or
            (`changed-meanwhile`, with `revision`) where it has another revision by now.
        Conflict, Transient: Not done before the deadline; safe to call again.
    """
    # Chosen once: where a commit's answer is lost, the next try finds its own work.
    own = segment_id or runner.new_id()
    planned, _ = runner.run(
        lambda tx: plan_save(tx, own, wanted, new=segment_id is None, over=revision)
    )
    return own, planned.result


def delete(runner: Runner, segment_id: str) -> None:
    """Delete a saved segment.

    Raises:
        Refusal: `not-found` (`no-such-segment`); `failed-precondition` (`segment-in-use`).
        Conflict, Transient: Not done before the deadline; safe to call again.
    """
    seen = False

    def plan(tx: Transaction) -> Plan[None]:
        nonlocal seen
        there = tx.document(f"{SEGMENTS}/{segment_id}").exists
        if seen and not there:
            return Plan([], None)  # by a try whose answer was lost
        seen = seen or there
        return plan_delete(tx, segment_id)

    runner.run(plan)


def list_segments(store: Store, pager: Pager) -> dict[str, object]:
    """Return a page of the saved segments, by name.

    Raises:
        Refusal: `invalid-argument` (`page-token`).
        Conflict, Transient: Not settled before the deadline.
    """
    cursor = pager.open("list_segments", {})
    page, following = cursor.by_text(store, Query(SEGMENTS), "nameKey")
    return {"segments": [_shown(row) for row in page], "nextPageToken": following}


def _shown(row: Snapshot) -> dict[str, object]:
    shown = {name: row.fields[name] for name in SHOWN}
    later = {"counts": row.fields.get("counts", []), "revision": revision_of(row.fields)}
    return {"segmentId": row.id, **shown, **later}


def finder(runner: Runner) -> Find:
    """Return what finds a saved segment's question by its id, or else by its name."""

    def node(reference: str) -> Node | None:
        found = find_segment(runner, reference)
        return node_of(found.fields) if found else None

    return node


def find_segment(runner: Runner, reference: str) -> Snapshot | None:
    """Return a saved segment by its id, or else by its name; None where there is none.

    Raises:
        Transient: The database did not answer.
    """
    return runner.evaluate(lambda tx: find(tx, reference))


def counted(runner: Runner, reference: str, count: int, at: datetime) -> None:
    """Keep a saved segment's count, unless the segment has changed since or has a later one.

    The last count of each day goes into the segment's history by the same write. All this is a
    by-product of an answer: what keeps it from being written keeps no answer back.

    Args:
        runner: Reads and writes, once.
        reference: The segment's id or name.
        count: How many customers there are.
        at: When the counting began.
    """
    with contextlib.suppress(Conflict, Transient):
        found = find_segment(runner, reference)
        if found and max(found.fields["updatedAt"], found.fields["lastCountAt"] or at) <= at:
            day = day_of(at, runner.settings.time_zone).isoformat()
            history = _with_count(found.fields, day, count)
            kept = {"lastCount": count, "lastCountAt": at, "counts": history}
            runner.store.commit([Update(found.path, kept, found.version)])


def _with_count(segment: Data, day: str, count: int) -> list[dict[str, object]]:
    """Return a segment's history with a day's count, in the place of an earlier one of that day.

    Counts of another question are kept, and the first one after it says so (`changed`): a segment
    without a last count, but with earlier ones, has changed since.
    """
    before = [*segment.get("counts", ())]
    changed = bool(before) and segment["lastCount"] is None
    # In a new time zone it may be the day before.
    while before and before[-1]["day"] >= day:
        changed = before.pop()["changed"] or changed
    return [*before, {"day": day, "count": count, "changed": changed}][-MAX_COUNTS:]
