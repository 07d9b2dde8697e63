"""What a write has to say of a document: the difference to what was read."""

from __future__ import annotations

from crm.core.equality import same
from crm.db.documents import REMOVED, Data, Snapshot, Update, key_path


def replaced(was: Snapshot, data: Data) -> Update:
    """Return the write that leaves a document as `data`; a smaller one costs less time.

    One that changes nothing writes all the same, which verifies the document.
    """
    return Update(was.path, difference(was.fields, data) or data, was.version, data)


def difference(before: Data, after: Data) -> dict[str, object]:
    """Return the fields that change, each by its path; in a map of which something stays, its keys.

    So an order of somebody with hundreds of events names the one that changes.
    """
    changes: dict[str, object] = {}
    for name, value in after.items():
        if name not in before:
            changes[name] = value
        elif not same(before[name], value):
            changes |= _inside(name, before[name], value)
    return changes


def _inside(path: str, before: object, after: object) -> dict[str, object]:
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return {path: after}
    changes: dict[str, object] = {
        key_path(path, key): REMOVED for key in before if key not in after
    }
    stays = False
    for key, value in after.items():
        there = key_path(path, key)
        if key not in before:
            changes[there] = value
        elif same(before[key], value):
            stays = True
        else:
            inner = _inside(there, before[key], value)
            stays = stays or inner.keys() != {there}
            changes |= inner
    return changes if stays else {path: after}
