"""What an erasure leaves of a host's order: its sums and tickets, and nobody's name.

Pure. The address makes way for a pseudonym, the same one for all orders of an erasure, under a
domain that can never exist (RFC 2606). An order with a pseudonym belongs to nobody for good, so
that even a database that is built anew from the host's documents makes no customer of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from crm.config.settings import Settings
from crm.config.sources import Condition, FieldPath
from crm.core.equality import same
from crm.core.keyring import is_random_id

DOMAIN: Final = "erased.invalid"

PREFIX: Final = "erased-"


def pseudonym(erasure_id: str) -> str:
    """Return what stands in the place of an address since an erasure."""
    return f"{PREFIX}{erasure_id}@{DOMAIN}"


def erasure_of(address: str | None) -> str | None:
    """Return the erasure whose pseudonym a canonical address looks like; None for any other.

    Anybody can type one into a checkout: whether an erasure wrote it, its record says.
    """
    local, _, domain = (address or "").rpartition("@")
    erasure_id = local.removeprefix(PREFIX)
    is_one = domain == DOMAIN and local != erasure_id and is_random_id(erasure_id)
    return erasure_id if is_one else None


def is_nobodys(address: str) -> bool:
    """Return whether a canonical address is under the domain of pseudonyms, so nobody's."""
    return address.rpartition("@")[2] == DOMAIN


def without_address(
    data: Mapping[str, Any], settings: Settings, erasure_id: str
) -> dict[str, object]:
    """Return the fields of an order that change where a pseudonym takes the address's place.

    Returns:
        Top-level fields with their new values; none where nothing is to be changed.
    """
    name = pseudonym(erasure_id)
    paths = [path for source in settings.orders.fields.email for path in source.places]
    changed = dict(data)
    for path in paths:
        changed = _edited(changed, path, lambda held: held if _is_pseudonym(held) else name)
    if paths and not any(_is_pseudonym(_held(changed, path)) for path in paths):
        changed = _put(changed, paths[0], name)
    return _changes(data, changed)


def without_person(
    data: Mapping[str, Any], settings: Settings, erasure_id: str
) -> dict[str, object]:
    """Return the fields of an order that change where everything personal leaves it.

    The address makes way for a pseudonym; uid, name, phone and what `[erasure] order_fields` names
    become null.

    Returns:
        As `without_address`.
    """
    fields = settings.orders.fields
    changed = dict(data)
    lists = _maps_read_as_lists(settings)
    for source in (*fields.user_id, *fields.name, *fields.phone):
        for path in source.places:
            changed = _edited(changed, path, lambda _held: None, source.where)
    for path in settings.erasure.order_fields:
        changed = _edited(changed, path, lambda _held: None, lists=lists)
    # The address last: what is personal may be the whole map that it stands in. Where an earlier
    # erasure has written a pseudonym, that one stays.
    held = (_held(data, path) for source in fields.email for path in source.places)
    first = next(
        (erasure_of(one) for one in held if isinstance(one, str) and erasure_of(one)), None
    )
    return _changes(data, {**changed, **without_address(changed, settings, first or erasure_id)})


def _maps_read_as_lists(settings: Settings) -> frozenset[FieldPath]:
    return frozenset(one.path for one in settings.orders.fields.items if one.values)


def _is_pseudonym(value: object) -> bool:
    return isinstance(value, str) and erasure_of(value) is not None


def _edited(
    value: Any,
    path: FieldPath,
    change: Callable[[Any], object],
    where: Sequence[Condition] = (),
    lists: frozenset[FieldPath] = frozenset(),
    at: FieldPath = (),
) -> Any:
    """Return a value with what it holds at a path changed.

    Args:
        value: A document, or a part of it.
        path: Where, from there on.
        change: What becomes of a value that is there.
        where: Which elements of the first list on the way are meant.
        lists: Paths of maps that stand for the list of their values.
        at: Where in the document the value stands.
    """
    if value is None:
        return None
    if not path:
        return change(value)
    if isinstance(value, list):
        return [
            _edited(one, path, change, (), lists, at)
            if all(condition.holds(one) for condition in where)
            else one
            for one in value
        ]
    if not isinstance(value, Mapping):
        return value
    if at in lists:
        below = (*at, "")
        return {key: _edited(one, path, change, where, lists, below) for key, one in value.items()}
    if path[0] not in value:
        return value
    below = (*at, path[0])
    return {**value, path[0]: _edited(value[path[0]], path[1:], change, where, lists, below)}


def _held(value: Any, path: FieldPath) -> object:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _put(value: Any, path: FieldPath, new: object) -> Any:
    if not path:
        return new
    held = value if isinstance(value, Mapping) else {}
    return {**held, path[0]: _put(held.get(path[0]), path[1:], new)}


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, object]:
    return {key: value for key, value in after.items() if not same(before.get(key), value)}
