"""Plans that change the tags of many customers. Pure.

One plan is one commit. Where its customers do not all fit, it takes those that do, from the first,
and says which are left.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from crm.audit import tag_names
from crm.audit import trail as audit
from crm.core.errors import Refusal
from crm.core.tag_names import label, tag_id
from crm.customers.change_set import ChangeSet, document_of
from crm.customers.customer import Customer
from crm.customers.limits import MAX_TAGS
from crm.customers.merged_ids import resolve
from crm.db.collections import CUSTOMERS, MERGES
from crm.db.diff import difference
from crm.db.documents import Snapshot, Update, Write
from crm.db.transaction import Transaction
from crm.merging.record import Before, Merge
from crm.segments.engine.predicate import matches
from crm.segments.language.ast import Node
from crm.tags.catalogue import fence, refuse_busy, row_path

COMMIT_BYTES: Final = 2_000_000
"""Of one commit's customers, about: the emulator takes 4 MiB, production 10 MiB."""


@dataclass(frozen=True)
class Change:
    """What becomes of a customer's tags.

    Attributes:
        add: Tag id to its label.
        remove: Tag ids.
    """

    add: Mapping[str, str] = field(default_factory=dict)
    remove: frozenset[str] = frozenset()

    def of(self, tags: Iterable[str]) -> tuple[str, ...]:
        """Return tags as they are after it, sorted."""
        return tuple(sorted({*tags} - self.remove | {*self.add}))


def change_of(add: Iterable[str], remove: Iterable[str]) -> Change:
    """Read what is to become of customers' tags.

    Raises:
        Refusal: `invalid-argument` (`tag-invalid`, `tag-twice`).
    """
    labels: dict[str, str] = {}
    for text in add:
        labels.setdefault(tag_id(text), label(text))
    removed = frozenset(tag_id(text) for text in remove)
    if removed & {*labels}:
        text = "The same tag is in `add` and in `remove`: leave one of them out."
        raise Refusal("invalid-argument", "tag-twice", text)
    return Change(labels, removed)


@dataclass(frozen=True)
class TagPlan:
    """What one commit does.

    Attributes:
        writes: None where nothing is to change.
        updated: Ids of the customers that it changes.
        unchanged: How many were so already.
        full: Ids of those left as they are, because they would have more than `MAX_TAGS`.
        not_found: Ids that nobody has.
        rest: Ids that did not fit.
    """

    writes: list[Write]
    updated: Sequence[str] = ()
    unchanged: int = 0
    full: Sequence[str] = ()
    not_found: Sequence[str] = ()
    rest: Sequence[str] = ()


def plan_tags(
    tx: Transaction,
    ids: Sequence[str],
    change: Change,
    *,
    refuse_full: bool,
) -> TagPlan:
    """Plan to change the tags of customers that are named one by one.

    Args:
        tx: The transaction.
        ids: Their ids; one that was merged away stands for its survivor.
        change: What becomes of their tags.
        refuse_full: Refuse all where one would have too many tags; else leave that one out.

    Raises:
        Refusal: `failed-precondition` (`too-many-tags`, `tag-busy`).
    """
    paths = [f"{CUSTOMERS}/{one}" for one in ids]
    tx.documents([*paths, *map(row_path, change.add)])  # in one round trip
    refuse_busy(tx, change.add)
    live = resolve(tx, ids)
    there = list({one.snapshot.id: one.snapshot for one in live.values()}.values())
    lost = [one for one in dict.fromkeys(ids) if one not in live]
    full = [one.id for one in there if _too_many(one, change)]
    if full and refuse_full:
        raise Refusal(
            "failed-precondition",
            "too-many-tags",
            f"A customer has at most {MAX_TAGS} tags, and these would have more: remove some of"
            f" theirs, or leave them out: {', '.join(full)}.",
        )
    return replace(_changed(tx, there, change, None), not_found=lost)


def plan_page(
    tx: Transaction,
    ids: Sequence[str],
    change: Change,
    question: tuple[Node, datetime],
    job_id: str,
) -> TagPlan:
    """Plan to change the tags of those on a page who still belong to a segment.

    Args:
        tx: The transaction.
        ids: Ids of the page. Who was merged away is met again as the survivor, or was already.
        change: What becomes of their tags. Their rows were there when the job began.
        question: The segment, and the moment from which its days are counted.
        job_id: The job.

    Raises:
        Refusal: `failed-precondition` (`tag-busy`, `tag-gone`).
    """
    paths = [f"{CUSTOMERS}/{one}" for one in ids]
    tx.documents([*paths, *map(row_path, change.add)])
    refuse_busy(tx, change.add)
    if not all(tx.document(row_path(tag)).exists for tag in change.add):
        text = "A tag was renamed or deleted while customers were given it."
        raise Refusal("failed-precondition", "tag-gone", text)
    there = [one for one in tx.documents(paths) if one.exists]
    belonging = [one for one in there if matches(question[0], one.fields, question[1])]
    return _changed(tx, belonging, change, job_id)


def plan_renaming(
    tx: Transaction, found: Sequence[Snapshot], change: Change, job_id: str
) -> TagPlan:
    """Plan to take a tag from customers that have it, and to give them the one it becomes, if any.

    An undo of a merge gives tags back as the record of the merge says, so the records of a
    customer's open merges change in the same commit.

    Args:
        tx: The transaction.
        found: The customers.
        change: The one tag removed and, of a rename, the one added.
        job_id: The job, which has the rows in hand.
    """
    plan = _changed(tx, found, change, job_id)
    records = _records(tx, [tx.document(f"{CUSTOMERS}/{one}") for one in plan.updated])
    return replace(plan, writes=[*plan.writes, *_rewritten(records, change)])


def plan_one(tx: Transaction, found: Snapshot, change: Change, rule_id: str) -> TagPlan:
    """Plan to have a rule change the tags of one customer.

    Args:
        tx: The transaction.
        found: The customer.
        change: What becomes of the tags.
        rule_id: The rule.

    Raises:
        Refusal: `failed-precondition` (`tag-busy`).
    """
    refuse_busy(tx, change.add)
    return _changed(tx, [found], change, None, rule_id)


def _changed(
    tx: Transaction,
    found: Sequence[Snapshot],
    change: Change,
    job_id: str | None,
    rule_id: str | None = None,
) -> TagPlan:
    changes = ChangeSet(tx)
    updated: list[str] = []
    full: list[str] = []
    given: set[str] = set()
    rest: list[str] = []
    unchanged, size = 0, 0
    for number, one in enumerate(found):
        before = one.fields["tags"]
        tags = change.of(before)
        if tags == tuple(before):
            unchanged += 1
            continue
        if _too_many(one, change):
            full.append(one.id)
            continue
        customer = replace(Customer.from_data(one.id, one.fields), tags=tags)
        whole = document_of(tx, customer)
        data = difference(one.fields, whole)
        size += len(json.dumps(data, default=str))
        if updated and size > COMMIT_BYTES:
            rest = [left.id for left in found[number:]]
            break
        if customer.empty:
            changes.put_customer(customer)
        else:
            changes.add(Update(one.path, data, one.version, whole))
        updated.append(one.id)
        given.update({*tags} - {*before})
    if not updated:
        return TagPlan([], (), unchanged, full, rest=rest)
    labels = {tag: label for tag, label in change.add.items() if tag in given}
    facts = {"added": len(change.add), "removed": len(change.remove), "job": job_id}
    which = tag_names.facts_of(tx.keys, change.add, change.remove)
    by_rule = {} if rule_id is None else {"rule": rule_id}
    writes = [
        *changes.writes(),
        *fence(tx, labels),
        *audit.record(tx, "customer.tag", updated, **facts, **which, **by_rule),
    ]
    return TagPlan(writes, updated, unchanged, full, rest=rest)


def _too_many(customer: Snapshot, change: Change) -> bool:
    return len(change.of(customer.fields["tags"])) > MAX_TAGS


def _records(tx: Transaction, customers: Iterable[Snapshot]) -> list[Snapshot]:
    """Return the records of customers' open merges, and of those that an undo would open again."""
    wanted = {one for customer in customers for one in customer.fields["merges"]["open"]}
    seen: dict[str, Snapshot] = {}
    while wanted:
        found = tx.documents(f"{MERGES}/{one}" for one in sorted(wanted))
        seen |= {record.id: record for record in found}
        sides = [record.fields[side] for record in found if record.exists for side in _SIDES]
        wanted = {one for side in sides for one in side["merges"]} - {*seen}
    return [record for record in seen.values() if record.exists]


_SIDES: Final = ("source", "target")


def _rewritten(records: Iterable[Snapshot], change: Change) -> list[Write]:
    writes: list[Write] = []
    for record in records:
        merge = Merge.from_data(record.fields)
        source, target = (_renamed(side, change) for side in (merge.source, merge.target))
        data = replace(merge, source=source, target=target).to_data()
        if different := difference(record.fields, data):
            writes.append(Update(record.path, different, record.version))
    return writes


def _renamed(side: Before, change: Change) -> Before:
    return replace(side, tags=change.of(side.tags)) if change.remove & {*side.tags} else side
