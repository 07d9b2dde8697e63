"""Tagging customers, few at once and many by jobs; renaming, deleting and listing tags."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from crm.audit import trail as audit
from crm.core.errors import Conflict, Transient
from crm.core.json import jsonable
from crm.core.tag_names import label, tag_id
from crm.db.collections import TAGS
from crm.db.documents import Query, Store, Update
from crm.db.paging import Pager
from crm.db.runner import Runner
from crm.db.transaction import Plan, Transaction
from crm.jobs import job as job_model
from crm.jobs import run as jobs
from crm.jobs.job import Enqueue
from crm.segments.language.ast import Node
from crm.segments.language.json_form import to_json
from crm.tags.catalogue import busy, fence, lock, locked_by, refuse_busy, row_path, unknown_tag
from crm.tags.jobs import DELETE, KINDS, RENAME, TAG_SEGMENT, having
from crm.tags.plan import Change, TagPlan, plan_tags

INLINE_STEPS: Final = 3
"""What a call does of a job before it leaves the rest to the queue: 500 customers, and the end."""

INLINE_SECONDS: Final = 20.0

COUNTERS: Final = 8
"""Tags that are counted at a time."""


def tag_customers(runner: Runner, ids: Sequence[str], change: Change) -> dict[str, object]:
    """Change the tags of customers that are named one by one.

    Raises:
        Refusal: `failed-precondition` (`too-many-tags`, `tag-busy`): nothing was changed.
        Conflict, Transient: Not done, or not all of it, before the deadline; safe to call again.
    """
    plans: list[TagPlan] = []
    rest = ids
    while rest:
        # All of them are judged before the first commit. One that gets too many tags behind that
        # is left out: what was committed stays.
        refuse = not plans
        plan, _ = runner.run(
            lambda tx, ids=rest, refuse=refuse: plan_tags(  # type: ignore[misc]
                tx, ids, change, refuse_full=refuse
            )
        )
        plans.append(plan)
        rest = plan.rest
    return {
        "updated": sum(len(plan.updated) for plan in plans),
        "unchanged": sum(plan.unchanged for plan in plans),
        "full": sum(len(plan.full) for plan in plans),
        "notFound": [one for plan in plans for one in plan.not_found],
    }


def tag_segment(runner: Runner, enqueue: Enqueue, node: Node, change: Change) -> dict[str, object]:
    """Change the tags of everyone in a segment: at once where they are few, else by a job.

    Args:
        runner: Carries plans out, in the caller's name.
        enqueue: Has a worker look at a job.
        node: The segment, with no saved segment in it.
        change: What becomes of their tags.

    Returns:
        What was done, or `jobId`.

    Raises:
        Refusal: `failed-precondition` (`tag-busy`).
        Conflict, Transient: Not begun before the deadline.
    """
    job_id = runner.new_id()

    def plan(tx: Transaction) -> Plan[str]:
        tx.documents([job_model.path_of(job_id), *map(row_path, change.add)])
        if tx.document(job_model.path_of(job_id)).exists:
            return Plan([], job_id)  # by a commit whose answer was lost
        refuse_busy(tx, change.add)
        arguments = {
            "add": list(change.add.values()),
            "remove": sorted(change.remove),
            "segment": json.dumps(jsonable(to_json(node))),
            "now": tx.now,
        }
        _, create = jobs.new(tx, job_id, TAG_SEGMENT, arguments)
        writes = [create, *fence(tx, change.add)]
        return Plan([*writes, *audit.record(tx, "segment.tag", job=job_id)], job_id)

    runner.run(plan)
    result = _at_once(runner, enqueue, job_id)
    if result is None:
        return {"jobId": job_id}
    return {name: result.get(name, 0) for name in ("updated", "unchanged", "full")} | {
        "notFound": []
    }


def rename_tag(runner: Runner, enqueue: Enqueue, tag: str, to: str) -> dict[str, object]:
    """Rename a tag; onto one that exists, the two become one.

    Args:
        runner: Carries plans out, in the caller's name.
        enqueue: Has a worker look at a job.
        tag: Its label or id.
        to: The new label. Another spelling of the same tag changes the label alone.

    Returns:
        `updated`, how many customers had it; or `jobId` where they are many.

    Raises:
        Refusal: `invalid-argument` (`tag-invalid`); `not-found` (`no-such-tag`);
            `failed-precondition` (`tag-busy`).
        Conflict, Transient: Not begun before the deadline; safe to call again.
    """
    old, new, text = tag_id(tag), tag_id(to), label(to)
    if old == new:
        runner.run(lambda tx: _plan_label(tx, old, text))
        return {"updated": 0}
    return _end_tag(runner, enqueue, RENAME, {"tag": old, "to": text})


def delete_tag(runner: Runner, enqueue: Enqueue, tag: str) -> dict[str, object]:
    """Take a tag from everyone and from the catalogue.

    Returns and raises:
        As `rename_tag`.
    """
    return _end_tag(runner, enqueue, DELETE, {"tag": tag_id(tag)})


def list_tags(store: Store, pager: Pager) -> dict[str, object]:
    """Return a page of the catalogue, by id. A page's tags are counted at one moment.

    Raises:
        Refusal: `invalid-argument` (`page-token`).
        Conflict, Transient: Not settled before the deadline.
    """
    cursor, retry = pager.open("list_tags", {}), pager.retry
    now = retry.call(store.at)
    page, following = cursor.by_id(now, Query(TAGS))
    with ThreadPoolExecutor(COUNTERS) as pool:
        counts = list(pool.map(lambda row: retry.call(lambda: _count(now, row.id)), page))
    return {
        "tags": [
            {"tag": row.id, "label": row.fields["label"], "customers": count}
            for row, count in zip(page, counts, strict=True)
        ],
        "nextPageToken": following,
    }


def _count(store: Store, tag: str) -> int:
    return store.count(having(tag))


def _at_once(runner: Runner, enqueue: Enqueue, job_id: str) -> Mapping[str, int] | None:
    """Do a small job; give its result. A larger one is handed over."""
    try:
        over = jobs.run(runner, KINDS, job_id, INLINE_SECONDS, INLINE_STEPS)
    except (Conflict, Transient):
        over = False
    if not over:
        jobs.enqueue_job(enqueue, job_id)
        return None
    found = runner.read_one(job_model.path_of(job_id))
    return found.fields["result"] if found.fields["state"] == "done" else None


def _end_tag(
    runner: Runner, enqueue: Enqueue, kind: str, arguments: Mapping[str, str]
) -> dict[str, object]:
    job_id = runner.new_id()
    total = runner.retry.call(lambda: _count(runner.store, arguments["tag"]))
    begun, _ = runner.run(lambda tx: _plan_end(tx, job_id, kind, arguments, total))
    result = _at_once(runner, enqueue, begun.result)
    return {"jobId": begun.result} if result is None else {"updated": result.get("updated", 0)}


def _plan_end(
    tx: Transaction,
    job_id: str,
    kind: str,
    arguments: Mapping[str, str],
    total: int,
) -> Plan[str]:
    """Plan to begin a rename or a deletion: its tags are marked, so that nothing else begins one.

    The same call again goes on with the job of the first.
    """
    tags = [arguments["tag"], *([tag_id(arguments["to"])] if "to" in arguments else [])]
    rows = tx.documents(map(row_path, tags))
    for other in locked_by(tx, rows):
        if other.kind == kind and other.arguments == arguments:
            return Plan([], other.id)
    job, create = jobs.new(tx, job_id, kind, arguments, total)
    writes = [create, *lock(tx, job)]
    action = "tag.rename" if kind == RENAME else "tag.delete"
    return Plan([*writes, *audit.record(tx, action, job=job_id)], job_id)


def _plan_label(tx: Transaction, tag: str, text: str) -> Plan[str]:
    row = tx.document(row_path(tag))
    if not row.exists:
        raise unknown_tag()
    for job in locked_by(tx, [row]):
        raise busy(job.id)
    if row.fields["label"] == text:
        return Plan([], "")
    recorded = audit.record(tx, "tag.label")
    return Plan([Update(row.path, {"label": text}, row.version), *recorded], "")
