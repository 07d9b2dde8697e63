"""Saved segments held to themselves and to each other: question and text, names, who uses whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crm.core.errors import Refusal
from crm.db.collections import SEGMENT_NAMES, SEGMENTS
from crm.db.documents import Data, Delete, Query, Set, Snapshot, Update, Write, moment_of
from crm.db.shapes import Flaw, Looked
from crm.db.transaction import Plan, Transaction
from crm.segments.language.ast import Node, Saved, leaves
from crm.segments.language.json_form import parse_json, to_json
from crm.segments.language.text import parse_text, to_text
from crm.segments.saved import MAX_COUNTS
from crm.segments.saved_plan import FIRST_REVISION, folded, name_path


def segment_flaws(data: Data) -> Iterator[Flaw]:
    """Return what is wrong with a segment whose fields are all of their types."""
    try:
        if to_text(parse_json(data["segment"])) != data["text"]:
            yield Flaw("text", "does not say what the segment asks")
    except Refusal:
        yield Flaw("segment", "asks nothing that is known")
    if data["nameKey"] != folded(data["name"]):
        yield Flaw("nameKey", "is not what the name folds to")
    if (data["lastCount"] is None) != (data["lastCountAt"] is None):
        yield Flaw("lastCount", "is there without its time, or the other way round")
    days = [one["day"] for one in data["counts"]]
    if days != sorted({*days}) or len(days) > MAX_COUNTS:
        yield Flaw("counts", "is not a count a day, the oldest first")
    if data["revision"] < FIRST_REVISION:
        yield Flaw("revision", "is below the first one")


def mended_segment(tx: Transaction, found: Snapshot, looked: Looked) -> dict[str, Any]:
    """Return the fields of a damaged segment: its question says its text, or the other way round.

    Raises:
        Refusal: Neither can be read.
    """
    data, broken = dict(looked.data), looked.broken
    node = _node(found.fields)
    data["segment"], data["text"] = to_json(node), to_text(node)
    if "name" in broken or not data["name"].strip():
        key = found.fields.get("nameKey")
        data["name"] = key if isinstance(key, str) and key else f"Segment {found.id[:8]}"
    data["nameKey"] = folded(data["name"])
    if "usedBy" in broken:
        data["usedBy"] = users_of(tx, found.id)
    if "createdAt" in broken:
        data["createdAt"] = found.created or tx.now
    if "updatedAt" in broken:
        data["updatedAt"] = moment_of(found.version)
    if broken & {"lastCount", "lastCountAt"}:
        data["lastCount"] = data["lastCountAt"] = None
    if "counts" in broken:
        data["counts"] = []
    if "revision" in broken:
        data["revision"] = FIRST_REVISION  # as it was read without one
    return data


def _node(data: Data) -> Node:
    try:
        return parse_json(data.get("segment"))
    except Refusal:
        return parse_text(text) if isinstance(text := data.get("text"), str) else parse_json(None)


def users_of(tx: Transaction, segment_id: str) -> list[str]:
    """Return the segments that use one."""
    every = tx.find(Query(SEGMENTS))
    return sorted(one.id for one in every if segment_id in uses(one))


def uses(segment: Snapshot) -> frozenset[str]:
    """Return the segments that one names itself; none of a damaged one."""
    try:
        node = parse_json(segment.fields.get("segment"))
    except Refusal:
        return frozenset()
    return frozenset(leaf.segment_id for leaf in leaves(node) if isinstance(leaf, Saved))


def check_segment(tx: Transaction, found: Snapshot) -> Iterator[str]:
    """Say what is wrong with a segment beside the others: its name, and who uses it."""
    fields = found.fields
    name = name_path(tx.keys, fields["name"])
    others = sorted({*uses(found), *fields["usedBy"]})
    tx.documents([name, *(f"{SEGMENTS}/{one}" for one in others)])
    if tx.document(name).fields.get("segmentId") != found.id:
        yield "does not hold its name"
    for one in others:
        other = tx.document(f"{SEGMENTS}/{one}")
        if one in fields["usedBy"] and found.id not in uses(other):
            yield f"is not used by {one}"
        if one in uses(found) and other.exists and not _lists(other.fields, found.id):
            yield f"is not known to be used by it to {one}"


def _lists(data: Mapping[str, Any], segment_id: str) -> bool:
    users = data.get("usedBy")
    return isinstance(users, list) and segment_id in users


def check_name(tx: Transaction, found: Snapshot) -> Iterator[str]:
    """Say what is wrong with the document that keeps a name for one segment."""
    segment = tx.document(f"{SEGMENTS}/{found.fields['segmentId']}")
    name = segment.fields.get("name")
    if not isinstance(name, str) or name_path(tx.keys, name) != found.path:
        yield "keeps a name that its segment does not have"


def plan_segment(tx: Transaction, segment_id: str) -> Plan[None]:
    """Plan to have a segment hold its name, unless another one does, and know who uses it."""
    found = tx.document(f"{SEGMENTS}/{segment_id}")
    if found.data is None or not any(check_segment(tx, found)):
        return Plan([], None)
    holder = tx.document(name_path(tx.keys, found.fields["name"]))
    writes: list[Write] = []
    name = str(found.fields["name"])
    other = holder.fields.get("segmentId")
    if other is None:
        writes.append(Set(holder.path, {"segmentId": found.id}))
    elif other != found.id and not _has(tx, str(other), name):
        writes.append(Update(holder.path, {"segmentId": found.id}, holder.version))
    elif other != found.id:
        name = f"{name} {found.id[:8]}"
        writes.append(Set(name_path(tx.keys, name), {"segmentId": found.id}))
    data = {"name": name, "nameKey": folded(name), "usedBy": users_of(tx, found.id)}
    writes.append(Update(found.path, data, found.version))
    for one in sorted(uses(found)):
        used = tx.document(f"{SEGMENTS}/{one}")
        if used.exists and not _lists(used.fields, found.id):
            users = users_of(tx, one)
            writes.append(Update(used.path, {"usedBy": users}, used.version))
    return Plan(writes, None)


def _has(tx: Transaction, segment_id: str, name: str) -> bool:
    held = tx.document(f"{SEGMENTS}/{segment_id}").fields.get("name")
    return isinstance(held, str) and folded(held) == folded(name)


def plan_name(tx: Transaction, name_id: str) -> Plan[None]:
    """Plan to take away a name that no segment has."""
    found = tx.document(f"{SEGMENT_NAMES}/{name_id}")
    wrong = found.exists and any(check_name(tx, found))
    return Plan([Delete(found.path, found.version)] if wrong else [], None)
