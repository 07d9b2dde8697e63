"""Adding a note to a customer, and deleting one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

from crm.audit.trail import record
from crm.core.errors import Conflict, Refusal
from crm.customers.change_set import ChangeSet
from crm.customers.merged_ids import resolve_one
from crm.db.collections import CUSTOMERS, NOTES
from crm.db.documents import Create, Delete, Query
from crm.db.runner import Runner
from crm.db.transaction import Plan, Transaction
from crm.notes.note import MAX_NOTES, Note, note_path

SAME_FOR: Final = timedelta(minutes=10)
"""For so long the same words by the same person are the same note: a call that was made again
because its answer was lost, or a button that was pressed twice."""


def plan_note(tx: Transaction, customer_id: str, text: str) -> Plan[str]:
    """Plan to keep a note on a customer's part of the lowest rank.

    Args:
        tx: The transaction; its actor is the author.
        customer_id: The customer; an id that was merged away leads to its survivor.
        text: 1 to `MAX_TEXT` characters.

    Returns:
        With the note's id.

    Raises:
        Refusal: `not-found` (`no-such-customer`); `failed-precondition` (`too-many-notes`).
        Conflict: Something moved meanwhile.
    """
    tx.document(f"{CUSTOMERS}/{customer_id}")
    changes = ChangeSet(tx)
    customer = changes.customer(resolve_one(tx, customer_id).snapshot.id)
    part_id, part = min(customer.parts.items(), key=lambda one: (one[1].rank, one[0]))
    newest = Query(NOTES, (("partId", "==", part_id),), ("at", "desc"), 1)
    for found in tx.find(newest) if part.notes else ():
        last = Note.from_data(found.id, found.fields)
        if (last.text, last.actor) == (text, tx.actor) and tx.now - last.at < SAME_FOR:
            return Plan([], last.id)
    if sum(one.notes for one in customer.parts.values()) >= MAX_NOTES:
        raise Refusal(
            "failed-precondition",
            "too-many-notes",
            f"A customer has at most {MAX_NOTES:,} notes: delete some first.",
        )
    note = Note(tx.new_id(), part_id, part.key, text, tx.now, tx.actor)
    changes.put_customer(customer.with_part(part_id, replace(part, notes=part.notes + 1)))
    changes.add(Create(note.path, note.to_data()))
    entry = record(tx, "note.add", [customer.id], noteId=note.id)
    return Plan([*changes.writes(), *entry], note.id)


def delete_note(runner: Runner, note_id: str) -> None:
    """Delete a note. Who has nothing else left disappears with the last one.

    Args:
        runner: Commits.
        note_id: The note.

    Raises:
        Refusal: `not-found` (`no-such-note`).
        Conflict, Transient: Not done before the deadline; safe to call again.
    """
    if not runner.read_one(note_path(note_id)).exists:
        raise Refusal("not-found", "no-such-note", "There is no note with this id.")
    runner.run(partial(plan_deletion, note_id=note_id))


def plan_deletion(tx: Transaction, note_id: str) -> Plan[None]:
    """Plan to delete a note; no writes where it is gone by now, by an earlier attempt or others.

    Raises:
        Conflict: Something moved meanwhile.
    """
    found = tx.document(note_path(note_id))
    if found.data is None:
        return Plan([], None)
    note = Note.from_data(note_id, found.data)
    changes = ChangeSet(tx)
    changes.add(Delete(found.path, found.version))
    identity = changes.find(note.identity)
    home = identity.customer_of(note.part_id) if identity else None
    if home is None:  # of somebody who was just erased: the note is on its way out
        return Plan(changes.writes(), None)
    customer = changes.customer(home)
    if note.part_id not in customer.parts:
        raise Conflict(f"part {note.part_id} has moved")
    part = customer.parts[note.part_id]
    changes.put_customer(
        customer.with_part(note.part_id, replace(part, notes=max(0, part.notes - 1)))
    )
    entry = record(tx, "note.delete", [customer.id], noteId=note_id)
    return Plan([*changes.writes(), *entry], None)
