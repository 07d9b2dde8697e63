"""Mending the heads of the audit trail's chains: each says where its entries end.

Without its head a chain would begin anew over its own entries, and no change that it is chosen for
could be committed. What was cut off the end before is not to be seen here: `verify-audit --since`
shows it.
"""

from __future__ import annotations

import logging
import re
from typing import Final

from crm.audit.trail import CHAINS
from crm.core.errors import Damaged
from crm.db.collections import AUDIT, AUDIT_HEADS
from crm.db.documents import BY_ID, Create, Delete, Query, Snapshot, Update, Write
from crm.db.scan import PAGE
from crm.db.transaction import Plan, Transaction
from crm.repair.partitions import in_range
from crm.repair.shapes import examine

log = logging.getLogger(__name__)

HEADS: Final = tuple(f"{chain:02}" for chain in range(CHAINS))

_ID: Final = re.compile(r"\d{2}-(\d{12})")


def plan_head(tx: Transaction, found: Snapshot) -> Plan[None]:
    """Plan to have a head that is damaged or gone say again where its chain ends.

    Raises:
        Damaged: It is of no chain, or its chain's last entry is damaged too.
    """
    looked = examine(found)
    if found.exists and not looked.flaws and found.id in HEADS:
        return Plan([], None)
    last = _last(tx, found.id)
    if found.id not in HEADS and last is not None:
        raise Damaged(found.path, "count", "is of no chain of the audit trail")
    if last is None:
        return Plan([Delete(found.path, found.version)] if found.exists else [], None)
    number, seal = _ID.fullmatch(last.id), last.fields.get("seal")
    if number is None or not isinstance(seal, str):
        raise Damaged(last.path, "seal", "is damaged, and so where the chain ends is not known")
    tip = {"count": int(number[1]), "seal": seal}
    log.warning("%s is mended: check it by verify-audit --since an earlier tip", found.path)
    write: Write = Create(found.path, tip)
    if found.exists:
        write = Update(found.path, tip, found.version)
    return Plan([write], None)


def _last(tx: Transaction, chain: str) -> Snapshot | None:
    """Return a chain's last entry, however long it is."""
    ids = in_range(BY_ID[0], (f"{chain}-", f"{chain}."))
    query = Query(AUDIT, ids, BY_ID, PAGE)
    last: Snapshot | None = None
    while found := tx.find(query):
        last = found[-1]
        query = Query(AUDIT, ids, BY_ID, PAGE, after=(None, last.id))
    return last


def missing_heads(found: set[str], entries: set[str]) -> list[str]:
    """Return the paths of heads that are not there although their chains have entries."""
    return [f"{AUDIT_HEADS}/{chain}" for chain in HEADS if chain in entries - found]
