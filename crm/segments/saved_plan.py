"""Plans to save and to delete a segment, and what it may be called.

A name belongs to one segment, letter case aside: a document under the name's key holds it, so that
of two who take it at once one is refused. A segment knows which others use it (`usedBy`), and a
plan guards everything that it looked at: no circle and no use of what is gone can come about,
whoever saves and deletes beside.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from crm.audit import trail as audit
from crm.core.errors import Refusal
from crm.core.keyring import Keyring
from crm.core.text import INVISIBLE
from crm.db.collections import SEGMENT_NAMES, SEGMENTS
from crm.db.documents import Create, Data, Delete, Snapshot, Update, Write
from crm.db.transaction import Plan, Transaction
from crm.segments.language.ast import All, AnyOf, Node, Not, Saved, leaves
from crm.segments.language.expansion import expand
from crm.segments.language.json_form import parse_json, to_json
from crm.segments.language.text import to_text

MAX_NAME: Final = 100  # characters

MAX_DESCRIPTION: Final = 500  # characters

_ADDRESS: Final = re.compile(r"[^\s@]@[^\s@]")


def name_of(text: str) -> str:
    """Return a segment's name: NFC, one space for each blank, none around it.

    Raises:
        Refusal: `invalid-argument`, `name-invalid`.
    """
    name = unicodedata.normalize("NFC", " ".join(text[: 10 * MAX_NAME].split()))
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        raise _bad_text(f"`name` must be one line of 1 to {MAX_NAME} visible characters")
    if not folded(name) or _ADDRESS.search(name):
        raise _bad_text("`name` must be a name, not an e-mail address")
    return name


def description_of(text: str | None) -> str | None:
    """Return a segment's description in NFC; None for a blank.

    Raises:
        Refusal: `invalid-argument`, `name-invalid`.
    """
    described = unicodedata.normalize("NFC", (text or "")[: 10 * MAX_DESCRIPTION]).strip()
    if len(described) > MAX_DESCRIPTION or not all(map(str.isprintable, described.split())):
        raise _bad_text(f"`description` must have at most {MAX_DESCRIPTION} visible characters")
    if _ADDRESS.search(described):
        # Every role reads it, and nobody who erases a person would look for one here.
        raise _bad_text("`description` must not hold an e-mail address")
    return described or None


def folded(name: str) -> str:
    """Return what two names share that people would take for one."""
    compatible = unicodedata.normalize("NFKC", INVISIBLE.sub("", name))
    return unicodedata.normalize("NFKC", compatible.casefold())


def _bad_text(rule: str) -> Refusal:
    return Refusal("invalid-argument", "name-invalid", f"The request was refused: {rule}.")


@dataclass(frozen=True)
class Definition:
    """What a segment is saved as.

    Attributes:
        name: As `name_of` gives it.
        node: The question; uses other saved segments by their ids or names.
        description: As `description_of` gives it.
    """

    name: str
    node: Node
    description: str | None = None


FIRST_REVISION: Final = 1
"""Of a new segment; and what one has whose document is older than revisions."""


def plan_save(
    tx: Transaction, own: str, wanted: Definition, *, new: bool, over: int | None = None
) -> Plan[int]:
    """Plan to save a segment; the result is its revision.

    Args:
        tx: The transaction.
        own: The segment's id.
        wanted: What it shall be.
        new: Whether it need not be there.
        over: The revision that it shall take the place of; None for whichever there is.

    Raises:
        Refusal: As `saved.save`.
    """
    guard = name_path(tx.keys, wanted.name)
    path = f"{SEGMENTS}/{own}"
    before = tx.documents([path, guard])[0]
    if not (new or before.exists):
        raise unknown_segment()
    if tx.document(guard).fields.get("segmentId", own) != own:
        raise Refusal(
            "already-exists",
            "segment-name-taken",
            "Another saved segment has this name: choose another, or change that one by its"
            " segmentId.",
        )
    node = by_id(wanted.node, lambda named: _id_of(tx, named))
    definition = {
        "name": wanted.name,
        "description": wanted.description,
        "segment": to_json(node),
        "text": to_text(node),
    }
    revision = revision_of(before.fields)
    if before.exists and definition.items() <= before.fields.items():
        return Plan([], revision)  # also of a try whose answer was lost: it meets its own work
    if before.exists and over is not None and over != revision:
        raise _changed_meanwhile(revision)
    checked = _check(tx, own, node)
    uses = _uses(node)
    used = _uses(node_of(before.fields)) if before.exists else frozenset()
    writes: list[Write] = [*_users(tx, own, add=uses - used, drop=used - uses)]
    # The rest of what was looked at only has to be there still as it was.
    for one in sorted(checked - (uses ^ used)):
        there = tx.document(f"{SEGMENTS}/{one}")
        writes.append(Update(there.path, {"name": there.fields["name"]}, there.version))
    held = {**definition, "nameKey": folded(wanted.name), "updatedAt": tx.now}
    revision = revision + 1 if before.exists else FIRST_REVISION
    held |= {"revision": revision}
    if not before.exists:
        fresh = {"usedBy": [], "counts": [], "createdAt": tx.now}
        writes.append(Create(path, {**held, **fresh, **_UNCOUNTED}))
    elif definition["segment"] == before.fields["segment"]:
        writes.append(Update(path, held, before.version))
    else:
        writes.append(Update(path, {**held, **_UNCOUNTED}, before.version))
    if not tx.document(guard).exists:
        writes.append(Create(guard, {"segmentId": own}))
    if before.exists and name_path(tx.keys, before.fields["name"]) != guard:
        writes.append(Delete(name_path(tx.keys, before.fields["name"])))
    writes += audit.record(tx, "segment.save", segment=own, new=not before.exists)
    return Plan(writes, revision)


_UNCOUNTED: Final[Data] = {"lastCount": None, "lastCountAt": None}


def plan_delete(tx: Transaction, segment_id: str) -> Plan[None]:
    """Plan to delete a segment.

    Raises:
        Refusal: As `saved.delete`.
    """
    there = tx.document(f"{SEGMENTS}/{segment_id}")
    if not there.exists:
        raise unknown_segment()
    if there.fields["usedBy"]:
        raise Refusal(
            "failed-precondition",
            "segment-in-use",
            "Other saved segments use this one: change or delete those first:"
            f" {', '.join(there.fields['usedBy'])}.",
        )
    return Plan(
        [
            *_users(tx, segment_id, drop=_uses(node_of(there.fields))),
            Delete(there.path, there.version),
            Delete(name_path(tx.keys, there.fields["name"])),
            *audit.record(tx, "segment.delete", segment=segment_id),
        ],
        None,
    )


def _check(tx: Transaction, own: str, node: Node) -> set[str]:
    """Expand a segment and all that use it, as they would be; give the others looked at."""
    seen: set[str] = set()

    def find(segment_id: str) -> Node | None:
        if segment_id == own:
            return node
        seen.add(segment_id)
        there = tx.document(f"{SEGMENTS}/{segment_id}")
        return node_of(there.fields) if there.exists else None

    zone = tx.settings.time_zone
    expand(Saved(own), find, zone)
    rising, above = [own], {own}
    while rising:
        for user in tx.document(f"{SEGMENTS}/{rising.pop()}").fields.get("usedBy", ()):
            if user in above or find(user) is None:
                continue
            above.add(user)
            rising.append(user)
            try:
                expand(Saved(user), find, zone)
            except Refusal as refusal:
                raise Refusal(
                    "failed-precondition",
                    refusal.reason,
                    f"The saved segment {user} uses this one and would be refused then:"
                    f" {refusal.message}",
                ) from None
    return {one for one in seen if tx.document(f"{SEGMENTS}/{one}").exists}


def _users(
    tx: Transaction, own: str, *, add: Iterable[str] = (), drop: Iterable[str] = ()
) -> list[Write]:
    """Write down with other segments that this one uses them, or does no more."""
    adding = frozenset(add)
    writes: list[Write] = []
    for other in tx.documents(f"{SEGMENTS}/{one}" for one in sorted({*adding, *drop})):
        if other.exists:  # unless somebody deleted it by hand
            users = {*other.fields["usedBy"], own} - (set() if other.id in adding else {own})
            writes.append(Update(other.path, {"usedBy": sorted(users)}, other.version))
    return writes


def _uses(node: Node) -> frozenset[str]:
    """Return the ids of the segments that a question names itself."""
    return frozenset(leaf.segment_id for leaf in leaves(node) if isinstance(leaf, Saved))


def by_id(node: Node, id_of: Callable[[str], str]) -> Node:
    """Return a question that names other segments by their ids alone: names can change.

    Args:
        node: The question.
        id_of: Gives the id of the segment that an id or a name stands for.
    """
    match node:
        case All(items) | AnyOf(items):
            return replace(node, items=tuple(by_id(item, id_of) for item in items))
        case Not(item):
            return Not(by_id(item, id_of))
        case Saved(reference):
            return Saved(id_of(reference))
    return node


def find(tx: Transaction, reference: str) -> Snapshot | None:
    """Return the saved segment that has an id, or else the one that has the name."""
    by_id, by_name = tx.documents([f"{SEGMENTS}/{reference}", name_path(tx.keys, reference)])
    if not by_id.exists and by_name.exists:
        by_id = tx.document(f"{SEGMENTS}/{by_name.fields['segmentId']}")
    return by_id if by_id.exists else None


def _id_of(tx: Transaction, reference: str) -> str:
    found = find(tx, reference)
    if found is None:
        raise unknown_segment()
    return found.id


def name_path(keys: Keyring, name: str) -> str:
    """Return the path of the document that holds a name."""
    secret = keys.derive("segment-name")  # keyed, because staff may name a segment after a person
    return f"{SEGMENT_NAMES}/{hmac.digest(secret, folded(name).encode(), hashlib.sha256).hex()}"


def node_of(data: Data) -> Node:
    """Return the question of a saved segment's document."""
    return parse_json(data["segment"])


def revision_of(data: Data) -> int:
    """Return a segment's revision; the first one where its document is older than revisions."""
    held = data.get("revision")
    return max(FIRST_REVISION, held) if isinstance(held, int) else FIRST_REVISION


def _changed_meanwhile(revision: int) -> Refusal:
    return Refusal(
        "failed-precondition",
        "changed-meanwhile",
        "Somebody else has changed this segment since you read it: load it again, and save over"
        " the revision in `details.revision`, or leave `revision` out to replace what is there.",
        {"revision": revision},
    )


def unknown_segment() -> Refusal:
    """Make the refusal of an id or a name that no saved segment has."""
    return Refusal(
        "not-found",
        "no-such-segment",
        "No saved segment has this id or name: `list_segments` names them all.",
    )
