"""Renaming everything that is stored under an identity key, when a secret is replaced.

Nobody else may write meanwhile (`runtime.key_fingerprint.begin_rotation`). A new key is made of the
old one alone (`Keyring.renewed`), so nothing has to be known of whom it is about, and a document
that is renewed already stays as it is: stopped anywhere, the work is begun again from the start.

Entries of the audit trail stay as they were sealed, with the keys of their time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

from crm.audit.trail import CHAINS, record
from crm.consent.records import ORDER
from crm.core.batches import batches
from crm.core.keyring import Keyring
from crm.db.collections import (
    CAMPAIGNS,
    CONSENTS,
    CUSTOMERS,
    ERASURES,
    IDENTITIES,
    IMPORTED,
    IMPORTS,
    JOBS,
    MAILS,
    MERGES,
    NOTES,
    ORDERS,
    QUARANTINE,
    REQUESTS,
    RULE_RUNS,
    RULES,
    SEGMENT_NAMES,
    SEGMENTS,
    SIGNUPS,
    SLICES,
)
from crm.db.documents import (
    Create,
    Data,
    Delete,
    Query,
    Snapshot,
    Update,
    Write,
    document_id,
    quoted,
    version_of,
)
from crm.db.runner import Runner
from crm.db.scan import scan
from crm.db.transaction import Plan, Transaction
from crm.segments.saved_plan import name_path

AT_ONCE: Final = 10
"""Documents of one commit: a customer can be a megabyte, and a request ten."""

OnProgress = Callable[[str, int, int], None]

KEYS: Final[Mapping[str, str]] = {
    IDENTITIES: "owner claimed proven keepApart contacts",
    CUSTOMERS: "parts.*.key parts.*.proven",
    ORDERS: "identity addressKey userKey awaiting",
    CONSENTS: "identity actor",
    MAILS: "identity address",
    NOTES: "identity actor",
    CAMPAIGNS: "actor",
    RULES: "rules.*.actor",
    RULE_RUNS: "identity",
    MERGES: "proof.userKey proof.provenBefore proof.addressKey proof.ownerBefore",
    ERASURES: "keys actor",
    IMPORTED: "keys rows.*.key done.*.key done.*.fieldsKey",
    IMPORTS: "actor undoneBy",
    JOBS: "actor arguments cursor",
    SLICES: "low high cursor",
    QUARANTINE: "",
    REQUESTS: "",
    SEGMENT_NAMES: "",
    SIGNUPS: "",
}
"""By collection, the fields that hold keys, whatever lists and maps are below."""


def rekey(runner: Runner, threads: int, progress: OnProgress = lambda *_: None) -> int:
    """Bring every stored key under the runner's keyring, and seal the audit trail under it.

    Args:
        runner: Of the new secret and those before it.
        threads: How many work at a time.
        progress: Told of the collection, and how many of its documents were looked at.

    Returns:
        How many documents were changed.

    Raises:
        Conflict, Transient: Not done before the deadline; begin again.
    """
    segments = scan(runner.store, runner.retry, Query(SEGMENTS))
    names = {one.id: str(one.fields.get("name")) for one in segments}
    changed = 0
    with ThreadPoolExecutor(threads) as pool:
        for collection in KEYS:
            looked = 0
            found = scan(runner.store, runner.retry, Query(collection))
            for wave in batches(found, AT_ONCE * threads):
                groups = batches(wave, AT_ONCE)
                changed += sum(pool.map(partial(_renew, runner, names), groups))
                looked += len(wave)
                progress(collection, looked, 0)
    for chain in range(CHAINS):
        runner.run(partial(_seal, chain=chain))
    return changed


def renewed(keys: Keyring, names: Mapping[str, str], found: Snapshot) -> tuple[str, Data]:
    """Return the path and the fields that a document has under a keyring.

    Args:
        keys: The keyring.
        names: The names of saved segments, by their ids.
        found: The document.
    """
    collection = found.path.split("/")[0]
    data = {**found.fields}
    for field in KEYS[collection].split():
        _renew_field(data, field.split("."), keys)
    return f"{collection}/{_id(keys, names, collection, found, data)}", data


def _id(
    keys: Keyring, names: Mapping[str, str], collection: str, found: Snapshot, data: Data
) -> str:
    if collection in (IDENTITIES, QUARANTINE, REQUESTS, SIGNUPS):
        return keys.renewed(found.id)
    if collection == SEGMENT_NAMES:
        name = names.get(str(data.get("segmentId")))
        return document_id(name_path(keys, name)) if name is not None else found.id
    if collection == CONSENTS and keys.renewed(found.id) != found.id and data["source"] == ORDER:
        # Made of the identity's key: an order that is looked at again must meet its record.
        order_id = data["evidence"]["orderId"]
        return keys.opt_in(data["identity"], order_id, version_of(data["at"]))
    return found.id


def _renew_field(data: dict[str, Any], path: Sequence[str], keys: Keyring) -> None:
    head, *rest = path
    names = list(data) if head == "*" else [head] if head in data else []
    for name in names:
        if rest and isinstance(data[name], Mapping):
            below = {**data[name]}
            _renew_field(below, rest, keys)
            data[name] = below
        elif not rest:
            data[name] = _renew_value(data[name], keys)


def _renew_value(value: Any, keys: Keyring) -> Any:
    match value:
        case str():
            return keys.renewed(value)
        case list() | tuple():
            inner = [_renew_value(one, keys) for one in value]
            all_keys = all(one != before for one, before in zip(inner, value, strict=True))
            return sorted(inner) if all_keys else inner  # lists of keys are kept in their order
        case Mapping():
            return {name: _renew_value(one, keys) for name, one in value.items()}
    return value


def _renew(runner: Runner, names: Mapping[str, str], group: Sequence[Snapshot]) -> int:
    """Renew some documents in one commit; those that another try has renewed are gone by now."""
    known = list(group)

    def attempt() -> int:
        nonlocal known
        writes: list[Write] = []
        count = 0
        for found in known:
            if found.exists:
                changes = _writes(found, *renewed(runner.keys, names, found))
                count += bool(changes)
                writes += changes
        try:
            if writes:
                runner.store.commit(writes)
        except Exception:
            fresh = runner.store.read([one.path for one in known])
            known = list(fresh.values())
            raise
        return count

    return runner.retry.call(attempt)


def _writes(found: Snapshot, path: str, data: Data) -> list[Write]:
    if path != found.path:
        return [Delete(found.path, found.version), Create(path, data)]
    changes = {quoted(name): value for name, value in data.items() if value != found.fields[name]}
    return [Update(path, changes, found.version)] if changes else []


def _seal(tx: Transaction, chain: int) -> Plan[None]:
    """Add an entry to a chain: whoever has the earlier secret cannot change what is before it."""
    tx.memoise("audit chain", lambda: chain)
    return Plan(record(tx, "key.rotate", version=tx.keys.version), None)
