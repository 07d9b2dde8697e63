"""Indexes that are wanted, held against those that there are. Pure.

Wanted is what `firestore.indexes.json` says, there is what the Firestore Admin API lists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from crm.db.installed import IndexLists

READY: Final = frozenset({"READY", "ACTIVE", "", "STATE_UNSPECIFIED"})

_BUILDING: Final = frozenset({"CREATING"})

Composite = tuple[str, str, tuple[tuple[str, str], ...]]
"""Collection, scope, and each field with its order or array setting."""

Single = frozenset[tuple[str, str]]
"""Of one field: scopes, each with an order or array setting."""


@dataclass(frozen=True)
class Difference:
    """What is not as it is wanted, each named for people.

    Attributes:
        wanted: How many are wanted.
        missing: Not there, or not so.
        building: There, and not ready yet.
        broken: There, and not to be used: a hand is needed.
    """

    wanted: int
    missing: list[str] = field(default_factory=list)
    building: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def compared(wanted: Mapping[str, Sequence[Mapping[str, Any]]], there: IndexLists) -> Difference:
    """Hold what is wanted against what there is.

    Args:
        wanted: `firestore.indexes.json`.
        there: What the Admin API lists.
    """
    composites, overrides = wanted.get("indexes", ()), wanted.get("fieldOverrides", ())
    found = Difference(len(composites) + len(overrides))
    known = {_composite(_id_in(one, "indexes")[0], one): _state(one) for one in there.composite}
    for one in composites:
        index = _composite(str(one["collectionGroup"]), one)
        name = f"{index[0]} ({', '.join(path for path, _ in index[2])})"
        _sort(found, name, known.get(index))
    fields = {_id_in(one, "fields"): one for one in there.fields}
    for one in overrides:
        place = (str(one["collectionGroup"]), str(one["fieldPath"]))
        _sort(found, ".".join(place), _state_of_field(one, fields.get(place)))
    return found


def _sort(found: Difference, name: str, state: str | None) -> None:
    if state is None:
        found.missing.append(name)
    elif state in _BUILDING:
        found.building.append(name)
    elif state not in READY:
        found.broken.append(name)


def _state_of_field(wanted: Mapping[str, Any], there: Mapping[str, Any] | None) -> str | None:
    """Return the state of a field's indexes and of its time to live; None where they are others."""
    if there is None:
        return None
    config = there.get("indexConfig", {})
    indexes = config.get("indexes", ())
    if _single(wanted["indexes"]) != _single([_flat(one) for one in indexes]):
        return None
    life = there.get("ttlConfig")
    if wanted.get("ttl") and life is None:
        return None
    states = [_state(one) for one in (*indexes, *([life] if life is not None else ()))]
    return next((one for one in states if one not in READY), "READY")


def _composite(collection: str, index: Mapping[str, Any]) -> Composite:
    fields = [(str(one["fieldPath"]), _way(one)) for one in index["fields"]]
    if fields and fields[-1][0] == "__name__":  # which Firestore adds to every index
        fields = fields[:-1]
    return collection, str(index.get("queryScope", "COLLECTION")), tuple(fields)


def _single(indexes: Sequence[Mapping[str, Any]]) -> Single:
    return frozenset((str(one.get("queryScope", "COLLECTION")), _way(one)) for one in indexes)


def _flat(index: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an index of one field as a file writes it: with its order beside its scope."""
    (first, *_) = index.get("fields") or [{}]
    return {"queryScope": index.get("queryScope", "COLLECTION"), **first}


def _way(field: Mapping[str, Any]) -> str:
    return str(field.get("order") or field.get("arrayConfig") or "")


def _state(one: Mapping[str, Any]) -> str:
    return str(one.get("state", ""))


def _id_in(resource: Mapping[str, Any], kind: str) -> tuple[str, str]:
    """Return the collection and the last part of a resource's name."""
    above, _, own = str(resource.get("name", "")).partition(f"/{kind}/")
    return above.rpartition("/")[2], own.replace("`", "")
