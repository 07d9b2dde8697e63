"""Erasing a person (GDPR art. 17): at once where nobody may find them any more, then step by step.

The first commit (`plan`) makes tombstones of the person's identities; what is left is the
work of a job (`job`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from crm.core import email as addresses
from crm.core.errors import Refusal, Transient
from crm.customers.customer import Customer
from crm.customers.identity import identity_from
from crm.customers.lookup import find_customer
from crm.customers.reference import CustomerRef
from crm.db.collections import ERASURES, IDENTITIES, ORDERS
from crm.db.documents import BY_ID, Query, Update
from crm.db.runner import Runner
from crm.db.transaction import Plan, Transaction
from crm.jobs import job as job_model
from crm.jobs import run as jobs
from crm.jobs.job import Enqueue
from crm.privacy.erasure.job import KINDS
from crm.privacy.erasure.plan import (
    KIND,
    Asked,
    check_reason,
    plan_again,
    plan_erasure,
)
from crm.privacy.erasure.record import Erasure
from crm.privacy.erasure.report import report

SECONDS: Final = 40.0
"""For which a call goes on with the steps itself; then the task queue takes over."""


def erase(
    runner: Runner,
    enqueue: Enqueue,
    who: CustomerRef,
    *,
    reason: str,
    force: bool = False,
    uids: Sequence[str] = (),
    seconds: float = SECONDS,
) -> dict[str, object]:
    """Erase a person, or say how far the erasure of a person who is gone is.

    Args:
        runner: Carries plans out, in the name of who asks.
        enqueue: Has a worker go on where the time is not enough.
        who: Whom.
        reason: Why, without anything personal: it is kept.
        force: Go on although the person holds tickets for events that have not begun.
        uids: Accounts known to be the person's, besides those of its users and verified addresses.
        seconds: After that long a worker takes over.

    Returns:
        `erasureId`, `status` (`done` or `running`) and `report`.

    Raises:
        Refusal: `not-found` (`no-such-customer`); `invalid-argument` (`reason-personal`, or for a
            malformed address); `failed-precondition` (`held`).
        Conflict, Transient: Not settled before the deadline; safe to call again.
    """
    check_reason(reason)
    try:
        customer_id, data = find_customer(runner, who)
        held = {one.address for one in Customer.from_data(customer_id, data).parts.values()}
        signed_in = _signed_in_only(runner, {address for address in held if address})
        asked = Asked(
            runner.new_id(),
            runner.new_id(),
            customer_id,
            reason,
            force,
            tuple(sorted({*signed_in, *uids})),
        )
        runner.run(lambda tx: plan_erasure(tx, asked))
        erasure_id = asked.erasure_id
    except Refusal as refusal:
        if refusal.reason != "no-such-customer":
            raise
        found = _erased_before(runner, who) or _erase_orders(runner, who, reason, uids)
        if found is None:
            raise
        erasure_id = found
    return _go_on(runner, enqueue, erasure_id, seconds)


def erase_again(
    runner: Runner, enqueue: Enqueue, erasure: Erasure, seconds: float = SECONDS
) -> bool:
    """Apply an erasure again, where a backup from before it was restored.

    Args:
        runner: Carries plans out.
        enqueue: Has a worker go on where the time is not enough.
        erasure: Its record.
        seconds: After that long a worker takes over.

    Returns:
        Whether anything was to be done.

    Raises:
        Conflict, Transient: Not settled before the deadline; safe to call again.
    """
    done = _apply(runner, replace(erasure, job_id=runner.new_id()), "customer.erase-again")
    _go_on(runner, enqueue, erasure.id, seconds)
    return done


def _apply(runner: Runner, erasure: Erasure, action: str) -> bool:
    """Carry an erasure's record out; say whether anything was to be done."""

    def plan(tx: Transaction) -> Plan[None]:
        if tx.document(job_model.path_of(erasure.job_id)).exists:
            return Plan([], None)  # by a commit whose answer was lost
        return plan_again(tx, erasure, action)

    done, _ = runner.run(plan)
    return bool(done.writes)


def erasures(runner: Runner) -> list[Erasure]:
    """Return the records of all erasures, by their ids."""
    found = runner.retry.call(lambda: runner.store.find(Query(ERASURES, order=BY_ID)))
    return [Erasure.from_data(one.id, one.fields) for one in found]


def _signed_in_only(runner: Runner, held: Collection[str]) -> list[str]:
    """Name the accounts that have verified an address and are no users.

    A user who has just verified an alias of somebody else's is not known as its owner yet, and is
    another person.
    """
    found = [runner.accounts.owner_of(address) for address in sorted(held)]
    users = {uid: f"{runner.settings.users.path}/{uid}" for uid in found if uid is not None}
    there = runner.retry.call(lambda: runner.store.read(users.values()))
    return [uid for uid, path in users.items() if not there[path].exists]


def _erased_before(runner: Runner, who: CustomerRef) -> str | None:
    """Find the erasure of somebody who is gone."""
    if who.kind == "customerId":
        query = Query(ERASURES, (("customers", "array_contains", who.value),), limit=1)
        found = runner.retry.call(lambda: runner.store.find(query))
        return found[0].id if found else None
    key = _key(runner, who)
    data = runner.read_one(f"{IDENTITIES}/{key}").data
    return identity_from(data).erased_by if data is not None else None


def _key(runner: Runner, who: CustomerRef) -> str:
    if who.kind == "userId":
        return runner.keys.user(who.value)
    return runner.keys.address(addresses.canonical(who.value))


def _erase_orders(runner: Runner, who: CustomerRef, reason: str, uids: Sequence[str]) -> str | None:
    """Erase somebody who is nobody's customer, of whom there are orders in quarantine all the same.

    Returns:
        The erasure; None where no order names the address or uid.
    """
    if who.kind == "customerId":
        return None
    key, field = _key(runner, who), "userKey" if who.kind == "userId" else "addressKey"
    query = Query(ORDERS, ((field, "==", key),), limit=1)
    if not runner.retry.call(lambda: runner.store.find(query)):
        return None
    held = [addresses.canonical(who.value)] if who.kind == "email" else []
    accounts = tuple(sorted({*uids, *_signed_in_only(runner, held)}))
    erasure = Erasure(
        runner.new_id(),
        runner.now(),
        runner.actor,
        reason,
        (),
        (key,),
        (),
        runner.new_id(),
        uids=accounts,
        counts={"accounts": len(accounts)},
    )
    _apply(runner, erasure, "customer.erase")
    return erasure.id


def _go_on(runner: Runner, enqueue: Enqueue, erasure_id: str, seconds: float) -> dict[str, object]:
    """Take the steps of an erasure as long as the time is enough, and report."""
    erasure = _erasure(runner, erasure_id)
    if erasure.state == "running":
        over = jobs.run(runner, KINDS, erasure.job_id, seconds)
        erasure = _erasure(runner, erasure_id)
        if erasure.state == "running" and over:
            # Its job was given up: what stood in its way may be gone.
            again = runner.new_id()
            runner.run(partial(_plan_restart, erasure_id=erasure_id, job_id=again))
            jobs.enqueue_job(enqueue, again)
        elif not over:
            jobs.enqueue_job(enqueue, erasure.job_id)
    return {
        "erasureId": erasure.id,
        "status": erasure.state,
        "report": report(erasure, runner.settings.erasure),
    }


def _plan_restart(tx: Transaction, erasure_id: str, job_id: str) -> Plan[None]:
    snapshot = tx.document(f"{ERASURES}/{erasure_id}")
    if snapshot.fields["state"] == "done" or snapshot.fields["jobId"] == job_id:
        return Plan([], None)
    _, job = jobs.new(tx, job_id, KIND, {"erasureId": erasure_id})
    return Plan([job, Update(snapshot.path, {"jobId": job_id}, snapshot.version)], None)


def _erasure(runner: Runner, erasure_id: str) -> Erasure:
    found = runner.read_one(f"{ERASURES}/{erasure_id}")
    if found.data is None:
        raise Transient("the record of an erasure is not there")  # it is never deleted
    return Erasure.from_data(erasure_id, found.data)
