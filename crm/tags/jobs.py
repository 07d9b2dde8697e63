"""The steps of the jobs that tag a segment, rename a tag and delete one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Final

from crm.core.roles import Role
from crm.core.tag_names import tag_id
from crm.db.collections import CUSTOMERS, SEGMENTS
from crm.db.documents import BY_ID, Delete, Query, Store, Update, Write
from crm.db.runner import Runner
from crm.jobs.job import Job, Kind, Kinds, Progress
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
    """Tag the next page of a segment. Each customer is judged once, when its id comes by."""
    change = change_of(job.arguments["add"], job.arguments["remove"])
    node, now = parse_json(json.loads(job.arguments["segment"])), job.arguments["now"]
    found = page(runner.store, node, now, job.cursor, PAGE)
    ids = [one.id for one in found.snapshots]
    plan = runner.evaluate(
        lambda tx: plan_page(tx, ids, change, (node, now), job.id),
        runner.begin(found.snapshots),
    )
    behind = ids[ids.index(plan.rest[0]) - 1] if plan.rest else found.next_after
    return Progress(
        cursor=behind,
        total=_size(runner.store, node, now) if job.cursor is None and behind else None,
        done=len(plan.updated) + plan.unchanged + len(plan.full),
        counts={
            "updated": len(plan.updated),
            "unchanged": plan.unchanged,
            "full": len(plan.full),
        },
        finished=behind is None,
        writes=plan.writes,
    )


def _size(store: Store, node: Node, now: datetime) -> int | None:
    """Return how many are in a segment, where indexes can tell."""
    return count(store, node, now).value if plan_count(node, now) else None


def _end_step(runner: Runner, job: Job) -> Progress:
    """Take a tag from the next customers that have it; when nobody has, from what names it.

    Nobody gets it meanwhile: its row is marked, and who gives a tag holds on to the row.
    """
    old = job.arguments["tag"]
    text = job.arguments.get("to")
    change = Change({} if text is None else {tag_id(text): text}, frozenset({old}))
    if job.cursor is None:
        found = runner.store.find(replace(having(old), limit=PAGE))
        if found:
            begun = runner.begin(found)
            plan = runner.evaluate(lambda tx: plan_renaming(tx, found, change, job.id), begun)
            updated = len(plan.updated)
            return Progress(done=updated, counts={"updated": updated}, writes=plan.writes)
    return _name_step(runner.store, job, change)


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


KINDS: Final[Kinds] = {
    TAG_SEGMENT: Kind(_segment_step, Role.EDITOR, cancellable=True, resumes="cursor"),
    # Half a rename is no state that anybody wants: questions would name one of the two tags.
    RENAME: Kind(_end_step, Role.EDITOR, cancellable=False, resumes="start", on_retry=lock),
    DELETE: Kind(_end_step, Role.EDITOR, cancellable=True, resumes="start", on_retry=lock),
}
"""The jobs that begin here."""
