"""The plan of a merge that staff ask for: what would move, what stops it, what to look at twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm.audit.trail import record
from crm.core.errors import Refusal
from crm.customers.change_set import ChangeSet, document_of
from crm.customers.customer import Customer, public
from crm.customers.limits import MAX_EVENTS, MAX_PARTS, MAX_TAGS
from crm.customers.merged_ids import resolve
from crm.db.documents import Write
from crm.db.transaction import Transaction
from crm.merging.join import join, room_for_events, room_in_document, survivor_of


@dataclass(frozen=True)
class MergePlan:
    """What a merge comes to.

    Attributes:
        writes: None for a preview, and where both are one customer already.
        merge_id: None for a preview.
        customer: The survivor, as answers show it.
        moves: What comes from the source: identities, orders, events, tags.
        stops: Why the merge is refused, reason to message; only a preview has any.
        warnings: What is worth a second look, likewise.
    """

    writes: list[Write]
    merge_id: str | None
    customer: Mapping[str, object]
    moves: Mapping[str, object] = field(default_factory=dict)
    stops: Mapping[str, str] = field(default_factory=dict)
    warnings: Mapping[str, str] = field(default_factory=dict)


def plan_merge(
    tx: Transaction,
    source_id: str,
    target_id: str,
    *,
    dry_run: bool = False,
    allow_two_users: bool = False,
    by_admin: bool = True,
) -> MergePlan:
    """Plan to merge one customer into another.

    Args:
        tx: The transaction.
        source_id: The customer that is merged away; an id that was merged already leads to its
            survivor.
        target_id: The customer that survives, likewise.
        dry_run: Preview only.
        allow_two_users: Merge although both are registered.
        by_admin: The caller may do what gives one person's data to another.

    Raises:
        Refusal: `invalid-argument` (`same-customer`); `not-found` (`no-such-customer`);
            `failed-precondition` (`two-users`, `too-many-identities`, `too-many-tags`,
            `too-large`); `permission-denied` (`two-users-need-an-admin`, `own-customer`).
        Conflict: Something moved meanwhile.
    """
    if source_id == target_id:
        raise Refusal(
            "invalid-argument", "same-customer", "sourceId and targetId are one id: give two."
        )
    live = resolve(tx, [source_id, target_id])
    if len(live) < 2:
        raise Refusal(
            "not-found",
            "no-such-customer",
            "No customer has one of these ids: check sourceId and targetId.",
        )
    source_now, target_now = live[source_id], live[target_id]
    changes = ChangeSet(tx)
    target = changes.customer(target_now.snapshot.id)
    if source_now.snapshot.id == target.id:
        # One person already: the merge that made them so is the answer.
        shown = public(target.id, target_now.snapshot.fields)
        done = None if dry_run else source_now.merge_id or target_now.merge_id
        return MergePlan([], done, shown)
    source = changes.customer(source_now.snapshot.id)

    stops = _stops(source, target, allow_two_users)
    forbidden = {} if by_admin else _forbidden(tx, source, target)
    if dry_run:
        preview = public(target.id, document_of(tx, survivor_of(target, source)))
        warnings = _warnings(source, target, tx)
        moves = _moves(source, target)
        return MergePlan([], None, preview, moves, {**forbidden, **stops}, warnings)
    for reason, message in forbidden.items():
        raise Refusal("permission-denied", reason, message)
    for reason, message in stops.items():
        raise Refusal("failed-precondition", reason, message)
    survivor, merge_id = join(changes, tx, target, source, None)
    shown = public(survivor.id, document_of(tx, survivor))
    sides = (survivor.id, source.id)
    entry = record(tx, "customer.merge", sides, mergeId=merge_id)
    return MergePlan([*changes.writes(), *entry], merge_id, shown, _moves(source, target))


def _forbidden(tx: Transaction, source: Customer, target: Customer) -> dict[str, str]:
    """Return what takes an admin: the survivor can be exported by whoever signs in as one of it."""
    forbidden = {}
    if tx.actor in {part.key for one in (source, target) for part in one.parts.values()}:
        forbidden["own-customer"] = (
            "One of them is you: let an admin merge, for you could export the other one's data."
        )
    if source.live and target.live:
        forbidden["two-users-need-an-admin"] = (
            "Both are registered users, whom only an admin may merge."
        )
    return forbidden


def _stops(source: Customer, target: Customer, allow_two_users: bool) -> dict[str, str]:
    stops = {}
    if source.live and target.live and not allow_two_users:
        stops["two-users"] = (
            "Both are registered users. If they are one person all the same, merge with "
            "allowTwoUsers: true."
        )
    if len(source.parts) + len(target.parts) > MAX_PARTS:
        stops["too-many-identities"] = (
            f"Together they have more than {MAX_PARTS} addresses and users, which is the limit of "
            "one customer. A shared address, such as a box office's, should stay on its own."
        )
    if len({*source.tags, *target.tags}) > MAX_TAGS:
        stops["too-many-tags"] = (
            f"Together they have more than {MAX_TAGS} tags, which is the limit of one customer:"
            " remove some of them first."
        )
    if not room_for_events(target, source):
        stops["too-large"] = (
            f"Together they hold more events than one customer can ({MAX_EVENTS} at most): leave "
            "them apart."
        )
    elif not room_in_document(target, source):
        stops["too-large"] = (
            "Together they are larger than one document can be: empty own fields with long texts of"
            " one of them, or leave them apart."
        )
    return stops


def _warnings(source: Customer, target: Customer, tx: Transaction) -> dict[str, str]:
    first, second = document_of(tx, source), document_of(tx, target)
    warnings = {}
    if first["name"] and second["name"] and first["name"] != second["name"]:
        warnings["names-differ"] = "Their names differ."
    if source.live and target.live:
        warnings["two-users"] = "Both are registered users."
    if _status(first) != _status(second):
        warnings["consent-differs"] = "Only one of them is subscribed, or has unsubscribed."
    return warnings


def _status(data: Mapping[str, object]) -> object:
    marketing = data["marketing"]
    return marketing["status"] if isinstance(marketing, Mapping) else None


def _moves(source: Customer, target: Customer) -> dict[str, object]:
    parts = source.parts.values()
    return {
        "identities": len(source.parts),
        "orders": sum(part.orders for part in parts),
        "events": len(source.held_events),
        "tags": sorted({*source.tags} - {*target.tags}),
    }
