"""What holds about news for a customer, folded from its parts. Pure.

A withdrawal counts whatever identity it came through. A grant counts where it was given by the
user, or for the primary address or another that the user proved: joining two customers must never
subscribe an address that nobody subscribed.

An opt-in in an order is a box that somebody ticked beside an address that somebody typed. It grants
by itself where the order is a user's who has proven an address, and, unless the settings ask for a
confirmation always (`opt_in = "double"`), where nothing was ever withdrawn. Otherwise it waits.

Whether mail arrives is no decision of the person's, and is shown beside it (`unreachable`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from crm.customers.decision import SUBSCRIBED, UNSUBSCRIBED, Decision, latest
from crm.customers.part import Contact, Part

ORDER = "order"

SUPPRESSION = "suppression"


def fold(
    parts: Iterable[Part], primary: Part | None, contact: Contact | None, *, double: bool
) -> dict[str, object]:
    """Return `marketing` of a customer.

    Args:
        parts: Its parts.
        primary: The one whose address mail goes to.
        contact: Where mail goes to instead, where none is.
        double: An opt-in of whoever has proven nothing needs a confirmation always.
    """
    held, waits = _held(parts, primary, contact, double=double)
    pending = any(held is None or one.at > held.at for one in waits)
    shown: dict[str, object] = {"status": "none", "at": None, "source": None}
    if held is not None:
        shown = held.to_data()
    if pending and shown["status"] != SUBSCRIBED:
        shown["pending"] = True
    reached = primary or contact
    if reached is not None and reached.unreachable is not None:
        shown["unreachable"] = reached.unreachable
    return shown


def confirm_from(
    parts: Iterable[Part], primary: Part | None, contact: Contact | None, *, double: bool
) -> datetime | None:
    """Return since when an opt-in waits for a confirmation that nobody was asked for yet.

    Args as for `fold`. None where none waits, where the person was asked since, or where no mail
    arrives.
    """
    parts = list(parts)
    reached = primary or contact
    held, waits = _held(parts, primary, contact, double=double)
    if reached is None or reached.unreachable is not None or (held and held.status == SUBSCRIBED):
        return None
    waiting = (one.at for one in waits if held is None or one.at > held.at)
    asked = max((part.asked_at for part in parts if part.asked_at), default=None)
    return max((at for at in waiting if asked is None or at > asked), default=None)


def _held(
    parts: Iterable[Part], primary: Part | None, contact: Contact | None, *, double: bool
) -> tuple[Decision | None, list[Decision]]:
    """Return the decision that holds, and the opt-ins that do not count by themselves."""
    decided: list[Decision | None] = []
    proven: list[Decision] = []
    unproven: list[Decision] = []
    if primary is None and contact is not None and contact.withdrawn is not None:
        decided.append(Decision(UNSUBSCRIBED, contact.withdrawn, SUPPRESSION))
    for part in parts:
        own = part.uid or part.by_proof or part is primary
        if part.decision and (own or part.decision.status == UNSUBSCRIBED):
            decided.append(part.decision)
        if part.opted_in_at and own:
            opt_in = Decision(SUBSCRIBED, part.opted_in_at, ORDER)
            by_owner = part.uid is not None and primary is not None and part.proven == primary.key
            (proven if by_owner else unproven).append(opt_in)
    withdrawn = latest(one for one in decided if one and one.status == UNSUBSCRIBED)
    counts = [] if double or withdrawn else unproven
    held = latest([*decided, *proven, *counts])
    return held, [] if counts else unproven
