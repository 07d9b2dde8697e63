"""What an erasure does to sign-ups that wait: they go, and with them the links of their mails."""

from __future__ import annotations

from collections.abc import Iterable

from crm.customers.part import Part
from crm.db.collections import SIGNUPS
from crm.db.documents import Delete, Snapshot, Write
from crm.db.transaction import Transaction


def plan_sign_ups(tx: Transaction, parts: Iterable[Part]) -> list[Write]:
    """Return the writes that delete the sign-ups of erased parts.

    A refusal stays: it holds no address, and keeps the person from being asked again. Of an address
    that a user only typed or claimed, what was asked because of an order goes; a sign-up by a form
    is of whoever has the mailbox, who may be somebody else.

    Args:
        tx: The transaction.
        parts: The parts that are erased.
    """
    own: set[str] = set()
    typed: set[str] = set()
    for part in parts:
        own |= {part.key} if part.uid is None else set()
        typed |= {tx.keys.address(one.address) for one in part.contacts}
    found = tx.documents(f"{SIGNUPS}/{key}" for key in sorted(own | typed))
    return [
        Delete(one.path, one.version)
        for one in found
        if one.exists and one.fields["state"] != "refused" and (one.id in own or not _by_form(one))
    ]


def _by_form(one: Snapshot) -> bool:
    return any(asked["form"] is not None for asked in one.fields["asked"])
