"""Old ids: an id that was merged away leads to its survivor, by one link.

Customer and link are read one after the other, and a merge or an undo between the two readings
shows neither. So nobody is said to be unknown before both were missing at one moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm.core.errors import Conflict, Refusal
from crm.db.collections import CUSTOMERS, LINKS
from crm.db.documents import Snapshot
from crm.db.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Survivor:
    """Where an id leads.

    Attributes:
        snapshot: The live customer.
        merge_id: The merge that took the id away; None where the customer still has it.
    """

    snapshot: Snapshot
    merge_id: str | None = None


def resolve(tx: Transaction, ids: Sequence[str]) -> dict[str, Survivor]:
    """Lead ids to their live customers; ids that nobody has or had are left out.

    Raises:
        Conflict: A customer has moved meanwhile.
    """
    ids = list(dict.fromkeys(ids))
    found = dict(zip(ids, tx.documents(f"{CUSTOMERS}/{one}" for one in ids), strict=True))
    away = [one for one in ids if not found[one].exists]
    links = dict(zip(away, tx.documents(f"{LINKS}/{one}" for one in away), strict=True))
    lost = [one for one in away if not links[one].exists]
    if lost and not tx.absent(
        f"{collection}/{one}" for one in lost for collection in (CUSTOMERS, LINKS)
    ):
        raise Conflict("a customer has moved")
    led = {one: link for one, link in links.items() if link.exists}
    ends = tx.documents(f"{CUSTOMERS}/{link.fields['customerId']}" for link in led.values())
    if not all(survivor.exists for survivor in ends):
        raise Conflict("a customer has moved")
    survivors = {survivor.id: survivor for survivor in ends}
    return {
        one: Survivor(survivors[led[one].fields["customerId"]], led[one].fields["mergeId"])
        if one in led
        else Survivor(found[one])
        for one in ids
        if one not in lost
    }


def resolve_one(tx: Transaction, customer_id: str) -> Survivor:
    """Lead an id to its live customer.

    Raises:
        Refusal: `not-found` (`no-such-customer`).
        Conflict: As `resolve`.
    """
    found = resolve(tx, [customer_id])
    if customer_id not in found:
        raise Refusal("not-found", "no-such-customer", "No customer has this id: check it.")
    return found[customer_id]
