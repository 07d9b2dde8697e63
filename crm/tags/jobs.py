"""The steps of the jobs that tag a segment, rename a tag and delete one.

Each begins with plain steps, which the call takes itself: few customers are done at once. What they
leave is cut into slices.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Final

from crm.core.roles import Role
from crm.core.tag_names import tag_id
from crm.db.collections import CUSTOMERS, SEGMENTS
from crm.db.documents import BY_ID, Delete, Query, Store, Update, Write
from crm.db.ranges import in_range
from crm.db.runner import Runner
from crm.jobs.cuts import shares
from crm.jobs.fan_out import pieces
from crm.jobs.job import Cut, Job, Kind, Kinds, Phase, Progress
from crm.jobs.slices import Slice
from crm.segments.engine.count import count, plan_count
from crm.segments.engine.pages import page
from crm.segments.language.ast import All, AnyOf, Node, Not, Tag, leaves
from crm.segments.language.json_form import parse_json, to_json
from crm.segments.language.text import to_text
from crm.segments.saved_plan import node_of
from crm.tags.catalogue import UNLOCKED, lock, row_path
from crm.tags.plan import Change, change_of, plan_page, plan_renaming

PAGE: Final = 250
"""Customers of one step."""

TAG_SEGMENT: Final = "tag_segment"

RENAME: Final = "rename_tag"

DELETE: Final = "delete_tag"


def having(tag: str) -> Query:
    """Return the query for customers who have a tag."""
    return Query(CUSTOMERS, (("tags", "array_contains", tag),), order=BY_ID)


def _segment_step(runner: Runner, job: Job) -> Progress:
    """Tag the next page of a segment: of all of it, as long as one worker does it."""
    progress = _tag_page(runner, job, job.cursor, None)
    if job.cursor is None and not progress.finished:
        return replace(progress, total=_size(runner.store, *_question(job)))
    return progress


def _cut_segment(runner: Runner, job: Job) -> Cut:
    """Cut what is left of a segment: the ids of customers are random, and so evenly spread."""
    node, now = _question(job)
    total = job.total if job.cursor else _size(runner.store, node, now)
    left = None if total is None else total - job.done
    return Cut(shares(pieces(runner, left, PAGE), job.cursor), total)


def _slice_of_segment(runner: Runner, job: Job, part: Slice) -> Progress:
    """Tag the next page of a slice. No customer has the id where one begins."""
    return _tag_page(runner, job, part.cursor or part.low, part.high)


def _question(job: Job) -> tuple[Node, datetime]:
    """Return a job's segment, and when its days are counted from."""
    return parse_json(json.loads(job.arguments["segment"])), job.arguments["now"]


def _tag_page(runner: Runner, job: Job, after: str | None, before: str | None) -> Progress:
    """Tag the next page behind an id. Each customer is judged once, when its id comes by."""
    change = change_of(job.arguments["add"], job.arguments["remove"])
    node, now = _question(job)
    found = page(runner.store, node, now, after, PAGE, before)
    ids = [one.id for one in found.snapshots]
    tx = runner.begin(found.snapshots)
    plan = runner.evaluate(lambda tx: plan_page(tx, ids, change, (node, now), job.id), tx)
    behind = ids[ids.index(plan.rest[0]) - 1] if plan.rest else found.next_after
    return Progress(
        cursor=behind,
        done=len(plan.updated) + plan.unchanged + len(plan.full),
        counts={
            "updated": len(plan.updated),
            "unchanged": plan.unchanged,
            "full": len(plan.full),
        },
        finished=behind is None,
        writes=runner.watched(tx, plan.writes),
    )


def _size(store: Store, node: Node, now: datetime) -> int | None:
    """Return how many are in a segment, where indexes can tell."""
    return count(store, node, now).value if plan_count(node, now) else None


def _end_step(runner: Runner, job: Job) -> Progress:
    """Take a tag from the next customers that have it; when nobody has, from what names it.

    Nobody gets it meanwhile: its row is marked, and who gives a tag holds on to the row.
    """
    if job.cursor is None:
        query = replace(having(job.arguments["tag"]), limit=PAGE)
        progress = _end_customers(runner, job, query)
        if progress is not None:
            return progress
    return _name_step(runner.store, job, _change(job))


def _end_customers(runner: Runner, job: Job, query: Query) -> Progress | None:
    """Take a tag from the customers whom a query finds; None where it finds none."""
    found = runner.store.find(query)
    if not found:
        return None
    begun, change = runner.begin(found), _change(job)
    plan = runner.evaluate(lambda tx: plan_renaming(tx, found, change, job.id), begun)
    updated = len(plan.updated)
    return Progress(done=updated, counts={"updated": updated}, writes=plan.writes)


def _change(job: Job) -> Change:
    """Return what ending a tag does to who has it."""
    text = job.arguments.get("to")
    add = {} if text is None else {tag_id(text): text}
    return Change(add, frozenset({job.arguments["tag"]}))


def _cut_holders(runner: Runner, job: Job) -> Cut:
    """Cut the customers who have a tag; none where they are done, and its names are in hand."""
    left = 0 if job.cursor else runner.store.count(having(job.arguments["tag"]))
    return Cut(shares(pieces(runner, left, PAGE)) if left else ())


def _slice_of_holders(runner: Runner, job: Job, part: Slice) -> Progress:
    """Take a tag from the next customers of a slice that have it."""
    query = having(job.arguments["tag"])
    where = (*query.where, *in_range(BY_ID[0], part.bounds))
    progress = _end_customers(runner, job, replace(query, where=where, limit=PAGE))
    return progress or Progress(finished=True)


def _slice_of_names(runner: Runner, job: Job, part: Slice) -> Progress:
    """Take a tag from who got it by a merge behind a slice's back, and then from what names it."""
    return _end_step(runner, replace(job, cursor=part.cursor))


def _name_step(store: Store, job: Job, change: Change) -> Progress:
    """Rewrite the next saved segments that name a renamed tag; at last clear the catalogue.

    A segment that names a deleted tag is right as it is: nobody has the tag.
    """
    (old,), new = change.remove, next(iter(change.add), None)
    writes: list[Write] = []
    if new is not None:
        after = (None, job.cursor) if job.cursor else None
        query = Query(SEGMENTS, order=BY_ID, limit=PAGE, after=after)
        found = store.find(query)
        for one in found:
            node = node_of(one.fields)
            if Tag(old) in leaves(node):
                node = _with_tag(node, old, new)
                data = {"segment": to_json(node), "text": to_text(node)}
                writes.append(Update(one.path, data, one.version))
        if len(found) == PAGE:
            return Progress(cursor=found[-1].id, writes=writes)
    paths = [row_path(tag) for tag in (old, new) if tag is not None]
    for row in store.read(paths).values():
        if row.fields.get("jobId") != job.id:
            continue  # edited by hand
        if row.path == paths[0]:
            writes.append(Delete(row.path, row.version))
        else:
            writes.append(Update(row.path, UNLOCKED, row.version))
    return Progress(finished=True, writes=writes)


def _with_tag(node: Node, old: str, new: str) -> Node:
    match node:
        case All(items) | AnyOf(items):
            return replace(node, items=tuple(_with_tag(item, old, new) for item in items))
        case Not(item):
            return Not(_with_tag(item, old, new))
        case Tag(tag) if tag == old:
            return Tag(new)
    return node


_END: Final = (
    Phase(_cut_holders, _slice_of_holders),
    Phase(lambda _runner, _job: Cut([(None, None)]), _slice_of_names),
)

KINDS: Final[Kinds] = {
    TAG_SEGMENT: Kind(
        _segment_step,
        Role.EDITOR,
        cancellable=True,
        resumes="cursor",
        phases=[Phase(_cut_segment, _slice_of_segment)],
    ),
    # Half a rename is no state that anybody wants: questions would name one of the two tags.
    RENAME: Kind(
        _end_step, Role.EDITOR, cancellable=False, resumes="start", on_retry=lock, phases=_END
    ),
    DELETE: Kind(
        _end_step, Role.EDITOR, cancellable=True, resumes="start", on_retry=lock, phases=_END
    ),
}
"""The jobs that begin here."""
