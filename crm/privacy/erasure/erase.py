"""Erasing a person (GDPR art. 17): at once where nobody may find them any more, then step by step.

The first commit (`plan`) makes tombstones of the person's identities; what is left is the
work of a job (`job`).
"""

from __future__ import annotations

from collections.abc import Collection
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
from crm.privacy.own import SignedIn
from crm.privacy.requests import plan_request

SECONDS: Final = 40.0
"""For which a call goes on with the steps itself; then the task queue takes over."""


def erase(
    runner: Runner,
    enqueue: Enqueue,
    who: CustomerRef | SignedIn,
    *,
    reason: str,
    force: bool = False,
    confirm: bool = False,
    seconds: float = SECONDS,
) -> dict[str, object]:
    """Erase a person, or say how far the erasure of a person who is gone is.

    Args:
        runner: Carries plans out, in the name of who asks.
        enqueue: Has a worker go on where the time is not enough.
        who: Whom: a customer, or what somebody who is signed in has proven, with the own account.
        reason: Why, without anything personal: it is kept.
        force: Go on although the person holds tickets for events that have not begun.
        confirm: The person who is signed in lets such tickets go, where all of them are free.
        seconds: After that long a worker takes over.

    Returns:
        `erasureId`, `status` (`done` or `running`) and `report`.

    Raises:
        Refusal: `not-found` (`no-such-customer`); `invalid-argument` (`reason-personal`, or for a
            malformed address); `failed-precondition` (`held`, `merged-by-staff`).
        Conflict, Transient: Not settled before the deadline; safe to call again.
    """
    check_reason(reason)
    try:
        asked = replace(_asked(runner, who, reason, force), confirm=confirm)
        runner.run(lambda tx: plan_erasure(tx, asked))
        erasure_id = asked.erasure_id
    except Refusal as refusal:
        if isinstance(who, SignedIn) and _takes_staff(refusal):
            runner.run(partial(plan_request, who=who, stopped_by=refusal.reason))
        if refusal.reason != "no-such-customer":
            raise
        found = _erased_before(runner, who) or _erase_orders(runner, who, reason)
        if found is None:
            raise
        erasure_id = found
    return _go_on(runner, enqueue, erasure_id, seconds)


def _takes_staff(refusal: Refusal) -> bool:
    """Return whether a person cannot have what is refused without staff."""
    if refusal.reason == "held":
        return not refusal.more.get("confirmHelps")
    return refusal.reason == "merged-by-staff"


def _asked(runner: Runner, who: CustomerRef | SignedIn, reason: str, force: bool) -> Asked:
    ids = (runner.new_id(), runner.new_id())
    if isinstance(who, SignedIn):
        return Asked(*ids, who, reason, force, (who.uid,))
    customer_id, data = find_customer(runner, who)
    parts = Customer.from_data(customer_id, data).parts.values()
    held = {part.address for part in parts if part.address}
    strangers = _accounts_of(runner, held) - {part.uid for part in parts}
    return Asked(*ids, customer_id, reason, force, strangers=len(strangers))


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
    keys = tuple(map(runner.keys.renewed, erasure.keys))  # a file can be older than the secret
    again = replace(erasure, keys=keys, job_id=runner.new_id())
    done = _apply(runner, again, "customer.erase-again")
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


def _accounts_of(runner: Runner, held: Collection[str]) -> set[str]:
    """Return the uids of accounts that have verified one of these addresses."""
    found = {runner.accounts.owner_of(address) for address in sorted(held)}
    return {uid for uid in found if uid is not None}


def _erased_before(runner: Runner, who: CustomerRef | SignedIn) -> str | None:
    """Find the erasure of somebody who is gone."""
    if isinstance(who, SignedIn):
        by_uid = _erased_before(runner, CustomerRef("userId", who.uid))
        if by_uid is not None:
            return by_uid
        # Of the address only one's own: somebody else may have had it, and been erased.
        found = _erased_before(runner, CustomerRef("email", who.address))
        return found if found and _erasure(runner, found).actor == runner.actor else None
    if who.kind == "customerId":
        query = Query(ERASURES, (("customers", "array_contains", who.value),), limit=1)
        rows = runner.retry.call(lambda: runner.store.find(query))
        return rows[0].id if rows else None
    key = _key(runner, who)
    data = runner.read_one(f"{IDENTITIES}/{key}").data
    return identity_from(data).erased_by if data is not None else None


def _key(runner: Runner, who: CustomerRef) -> str:
    if who.kind == "userId":
        return runner.keys.user(who.value)
    return runner.keys.address(addresses.canonical(who.value))


def _erase_orders(runner: Runner, who: CustomerRef | SignedIn, reason: str) -> str | None:
    """Erase somebody who is nobody's customer, of whom there are orders in quarantine all the same.

    Returns:
        The erasure; None where no order names the address or uid.
    """
    keys, fields = runner.keys, {"userId": "userKey", "email": "addressKey"}
    if isinstance(who, SignedIn):
        named = {"userKey": keys.user(who.uid), "addressKey": keys.address(who.address)}
        accounts: tuple[str, ...] = (who.uid,)
    elif who.kind == "customerId":
        return None
    else:
        named, accounts = {fields[who.kind]: _key(runner, who)}, ()
    nobodys = tuple(key for field, key in named.items() if _is_nobodys(runner, field, key))
    if not nobodys:
        return None
    strangers = 0
    if isinstance(who, CustomerRef) and who.kind == "email":
        strangers = len(_accounts_of(runner, [addresses.canonical(who.value)]))
    erasure = Erasure(
        runner.new_id(),
        runner.now(),
        runner.actor,
        reason,
        (),
        nobodys,
        (),
        runner.new_id(),
        uids=accounts,
        counts={"accounts": len(accounts)},
        left_open={"accounts-of-addresses": strangers} if strangers else {},
    )
    _apply(runner, erasure, "customer.erase")
    return erasure.id


def _is_nobodys(runner: Runner, field: str, key: str) -> bool:
    """Return whether an order names an identity, and no customer has it."""
    query = Query(ORDERS, ((field, "==", key),), limit=1)
    named = runner.retry.call(lambda: runner.store.find(query))
    return bool(named) and not runner.read_one(f"{IDENTITIES}/{key}").fields.get("customerId")


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
        "report": report(erasure, runner.settings),
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
