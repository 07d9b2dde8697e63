"""Opt-ins of orders that wait for a confirmation: the sweep asks, one mail for an address and day.

A customer says since when one waits that nobody was asked for yet (`confirmFrom`). Once the mail is
asked for its parts say so, in the same commit, and the field goes: a run may be stopped anywhere.
Nobody is asked about a box that was ticked long ago (`NEWEST`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from crm.core.errors import Conflict, Transient
from crm.customers.change_set import ChangeSet
from crm.customers.customer import mail_address
from crm.db.collections import CUSTOMERS
from crm.db.documents import Clause, Query
from crm.db.transaction import Plan, Transaction
from crm.mail.answers import concerns_all
from crm.mail.port import Answer, Mailer
from crm.signup.asking import asking
from crm.signup.record import Asked, SignUp, path_of
from crm.signup.sending import Post, hand_over
from crm.signup.texts import of_orders

PAGE: Final = 24
"""Customers that are held in memory at a time (see `repair.begun`)."""

MOST: Final = 120
"""Customers that one run looks at."""

NEWEST: Final = timedelta(days=30)
"""How old an opt-in is that somebody is asked about, at most.

Whoever remembers no box takes the mail for an advertisement that nobody asked for (art. 13 of the
ePrivacy directive), and calls it spam: who begins beside years of orders would mail thousands of
them at once. An older one waits for staff with evidence, or for what the person does next.
"""

_FIELD: Final = "confirmFrom"


@dataclass
class Report:
    """What one run did: how many customers it looked at, and how many mails are asked for."""

    looked: int = 0
    asked: int = 0


def ask(post: Post, *, seconds: float, clock: Callable[[], float] = time.monotonic) -> Report:
    """Ask customers whose opt-in waits, and not for long, those first who wait longest.

    Args:
        post: With what.
        seconds: After that long, begin nothing more.
        clock: Seconds.

    Raises:
        Transient: The database could not be asked.
    """
    runner, end, report = post.runner, clock() + seconds, Report()
    now = runner.now()
    window: tuple[Clause, ...] = ((_FIELD, ">=", now - NEWEST), (_FIELD, "<", now))
    due = Query(CUSTOMERS, window, (_FIELD, "asc"), PAGE)
    with ExitStack() as opened:
        mailer: Mailer | None = None
        while clock() < end and report.looked < MOST:
            query = due
            found = runner.retry.call(lambda query=query: runner.store.find(query))  # type: ignore[misc]
            for one in found:
                if clock() >= end:
                    return report
                mailer = mailer or opened.enter_context(closing(post.mailer()))
                report.looked += 1
                try:
                    asked, answer = _ask(post, mailer, one.id)
                except (Conflict, Transient):
                    continue  # the next run
                report.asked += asked
                if answer is not None and concerns_all(answer):
                    return report
            if len(found) < PAGE:
                return report
            # Behind the last one: who was asked today is still due tomorrow.
            due = replace(due, after=(found[-1].fields[_FIELD], found[-1].id))
    return report


def plan_ask(tx: Transaction, customer_id: str, message: str) -> Plan[str | None]:
    """Plan to ask one customer; give the key of the address whose mail is to be handed over.

    Where somebody said "this was not me" nobody is asked, and it is noted as if it had been. An
    address that got a mail today waits for tomorrow: nothing is written.

    Args:
        tx: The transaction.
        customer_id: The customer.
        message: What the mail is known by.

    Raises:
        Conflict: Something moved meanwhile.
    """
    found = tx.document(f"{CUSTOMERS}/{customer_id}")
    waits = found.fields.get(_FIELD)
    if found.data is None or waits is None or not tx.now - NEWEST <= waits <= tx.now:
        return Plan([], None)
    changes = ChangeSet(tx)
    customer = changes.customer(customer_id)
    address = mail_address(found.data)
    key = tx.keys.address(address) if address is not None else None
    writes = []
    if address is not None and key is not None and not _has_refused(tx, key):
        asked = Asked(tx.now, None, None, of_orders(tx.settings), message)
        kept = asking(tx, address, asked, network=None, worked=False)
        if kept is None:
            return Plan([], None)
        writes = kept
    for part_id, part in customer.parts.items():
        if part.opted_in_at is not None:
            # Not before the opt-in: the host's clock may run ahead of ours.
            at = max(tx.now, part.opted_in_at)
            customer = customer.with_part(part_id, replace(part, asked_at=at))
    changes.put_customer(customer)
    return Plan([*writes, *changes.writes()], key if writes else None)


def _has_refused(tx: Transaction, key: str) -> bool:
    found = tx.document(path_of(key))
    if found.data is None:
        return False
    known = SignUp.from_data(key, found.data)
    return known.state == "refused" and tx.now < known.expire_at


def _ask(post: Post, mailer: Mailer, customer_id: str) -> tuple[bool, Answer | None]:
    """Ask one customer; return whether a mail was asked for, and what became of it."""
    runner, message = post.runner, post.runner.new_id()
    planned, _ = runner.run(lambda tx: plan_ask(tx, customer_id, message))
    if planned.result is None:
        return False, None
    return True, hand_over(post, mailer, planned.result)
