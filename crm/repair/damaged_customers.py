"""Making a damaged customer whole, part by part, from whatever else knows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

from crm.core.errors import Damaged
from crm.customers.change_set import document_of
from crm.customers.customer import Customer
from crm.customers.part import HISTORY, Part
from crm.db import collections as ours
from crm.db.documents import Query, Snapshot, Update, Write, moment_of
from crm.db.shapes import Looked
from crm.db.transaction import Transaction
from crm.repair.identities import part_anew
from crm.repair.records import notes_on
from crm.repair.shapes import examine, is_stray


def mended_customer(tx: Transaction, found: Snapshot, looked: Looked) -> list[Write]:
    """Return the write that makes a damaged customer whole.

    Its parts are the ledger's, the identities' and the records' of consent.

    Raises:
        Damaged: Nothing knows whose it was.
    """
    led = _leading_to(tx, found.id)
    if is_stray(found, looked) and not led:
        raise Damaged(found.path, "parts", "is missing: this is no customer of ours")
    data, broken, paths = dict(looked.data), looked.broken, looked.paths
    parts: dict[str, Part] = {}
    for part_id, part in data["parts"].items():
        prefix = f"parts.{part_id}"
        wrong = {one[len(prefix) + 1 :].partition(".")[0] for one in paths if _below(one, prefix)}
        salvaged = Part.from_data(part)
        anew = _part(tx, part_id, salvaged, wrong) if wrong else salvaged
        if anew is not None:
            parts[part_id] = anew
    for row in led if "parts" in broken else ():
        part_id = row.fields["partId"]
        if isinstance(part_id, str) and part_id not in parts:
            rebuilt = part_anew(tx, row, part_id, len(parts))
            if rebuilt.orders or rebuilt.live:
                parts[part_id] = rebuilt
    if not parts and "parts" in broken:
        raise Damaged(found.path, "parts", "is damaged, and nothing knows whose it was")
    if "tags" in broken:
        facets = found.fields.get("facets")
        named = (
            [key for key in facets if key.startswith("t:")] if isinstance(facets, Mapping) else []
        )
        data["tags"] = sorted({*data["tags"], *(key[2:] for key in named)})
    merges, by_staff = tuple(data["merges"]["open"]), data["merges"]["byStaff"]
    if "merges" in broken:
        merges, by_staff = _open_merges(tx, found.id)
    customer = Customer(
        found.id,
        (found.created or tx.now) if "createdAt" in broken else data["createdAt"],
        parts,
        tuple(data["tags"]),
        merges,
        by_staff,
        moment_of(found.version) if "updatedAt" in broken else data["updatedAt"],
    )
    return [Update(found.path, document_of(tx, customer), found.version)]


def _below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}.")


def _leading_to(tx: Transaction, customer_id: str) -> list[Snapshot]:
    """Return the identities that lead to a customer."""
    return tx.find(Query(ours.IDENTITIES, (("customerId", "==", customer_id),)))


def _part(tx: Transaction, part_id: str, held: Part, wrong: set[str]) -> Part | None:
    """Return a damaged part as everything else knows it; None where nothing leads to it."""
    key = held.key
    if "key" in wrong or "" in wrong or not key:
        rows = tx.find(Query(ours.ORDERS, (("partId", "==", part_id),), limit=1))
        led = tx.find(Query(ours.IDENTITIES, (("partId", "==", part_id),), limit=1))
        keys = [one.id for one in led] + [one.fields.get("identity") for one in rows]
        key = next((one for one in keys if isinstance(one, str) and one), "")
    if not key:
        return None
    row = tx.document(f"{ours.IDENTITIES}/{key}")
    if not row.exists or examine(row).flaws:
        anew = replace(held, key=key)
        return anew if anew.address or anew.uid else None
    anew = part_anew(tx, row, part_id, held.rank)
    if wrong <= {""}:
        return anew
    kept = {one.name: getattr(held, one.name) for one in fields(Part) if one.name in HISTORY}
    lost = {"key": "key", "rank": "rank", "address": "address", "byProof": "by_proof"}
    lost |= {"uid": "uid", "live": "live", "userName": "user_name", "proven": "proven"}
    lost |= {"userFields": "user_fields"}
    lost |= {"claimed": "claimed", "optedInAt": "opted_in_at", "decision": "decision"}
    lost |= {"unreachable": "unreachable"}
    for stored, name in lost.items():
        if stored in wrong:
            kept[name] = getattr(anew, name)
    if "notes" in wrong:
        kept["notes"] = notes_on(tx, part_id)
    if held.entry is not None and not held.entry.by:
        kept["entry"] = replace(held.entry, by="unknown")
    return replace(anew, **{**kept, "key": key})


def _open_merges(tx: Transaction, customer_id: str) -> tuple[tuple[str, ...], int]:
    """Return the merges that can still be undone, and how many of them are staff's."""
    into = tx.find(Query(ours.MERGES, (("targetId", "==", customer_id), ("state", "==", "open"))))
    whole = [one for one in into if not examine(one).flaws]
    ordered = sorted(whole, key=lambda one: (one.fields["at"], one.id))
    staff = sum(
        (one.fields["proof"] is None) + one.fields["source"]["staffMerges"] for one in ordered
    )
    return tuple(one.id for one in ordered), staff
