"""Handing confirmation mails over: in the request itself, else by the sweep.

A mail's turn is noted before it is handed over, so two that want to do it do it once. One whose
process died between the hand-over and its note is handed over again, with the same `Message-ID`: a
sign-up that is lost weighs more than a mail that comes twice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from crm.core.errors import Conflict, Transient
from crm.db.collections import SIGNUPS
from crm.db.diff import replaced
from crm.db.documents import Delete, Query
from crm.db.runner import Runner
from crm.db.transaction import Plan, Transaction
from crm.mail.answers import concerns_all
from crm.mail.port import Accepted, Answer, Halt, Later, Mailer, Refused, Uncertain
from crm.signup.letter import agreed_to, letter
from crm.signup.record import HANDING_OVER, ONE_DAY, SignUp, path_of

log = logging.getLogger(__name__)

MAX_TRIES: Final = 10

WAIT: Final = timedelta(minutes=10)
"""Before a mail is tried again that was not taken, at least."""

PAGE: Final = 100
"""Documents that are looked at at a time."""


@dataclass(frozen=True)
class Post:
    """What mails are handed over with.

    Attributes:
        runner: Reads and commits.
        mailer: Gives what sends, with a connection of its own.
        url: Where `confirm_subscription` answers.
    """

    runner: Runner
    mailer: Callable[[], Mailer]
    url: str


def hand_over(post: Post, mailer: Mailer, key: str) -> Answer | None:
    """Hand one address's mail over that was just asked for.

    Args:
        post: With what.
        mailer: Sends; it stays open.
        key: The identity key of the address.

    Returns:
        What was answered; None where there is nothing to hand over.

    Raises:
        Conflict, Transient: Nobody knows; the sweep sees to it.
    """
    found = post.runner.read_one(path_of(key))
    return _handed(post, mailer, SignUp.from_data(key, found.data)) if found.data else None


def hand_over_waiting(
    post: Post, *, seconds: float, clock: Callable[[], float] = time.monotonic
) -> int:
    """Hand over what waits, the longest waiting first; return how many went out.

    Args:
        post: With what.
        seconds: After that long, begin nothing more.
        clock: Seconds.

    Raises:
        Transient: The database could not be asked.
    """
    runner, end, sent = post.runner, clock() + seconds, 0
    due = Query(SIGNUPS, (("due", "<", runner.now()),), ("due", "asc"), PAGE)
    found = runner.retry.call(lambda: runner.store.find(due))
    if not found:
        return 0
    with closing(post.mailer()) as mailer:
        for one in found:
            if clock() >= end:
                break
            try:
                claimed, _ = runner.run(lambda tx, one=one: _plan_turn(tx, one.id))  # type: ignore[misc]
                if claimed.result is not None:
                    answer = _handed(post, mailer, claimed.result)
                    sent += isinstance(answer, Accepted)
                    if answer is not None and concerns_all(answer):
                        break
            except (Conflict, Transient):
                continue  # the next sweep
    return sent


def delete_expired(runner: Runner) -> int:
    """Delete what is over; return how many. Firestore's TTL does it too, within a day.

    Raises:
        Transient: The database could not be asked.
    """
    gone = 0
    over = Query(SIGNUPS, (("expireAt", "<", runner.now()),), ("expireAt", "asc"), PAGE)
    while found := runner.retry.call(lambda: runner.store.find(over)):
        try:
            runner.store.commit([Delete(one.path, one.version) for one in found])
        except Conflict:
            return gone  # somebody has just asked again
        gone += len(found)
        if len(found) < PAGE:
            break
    return gone


def _plan_turn(tx: Transaction, key: str) -> Plan[SignUp | None]:
    """Plan to take a mail in hand that waits; None where somebody else has, or it is given up."""
    found = tx.document(path_of(key))
    if found.data is None:
        return Plan([], None)
    was = SignUp.from_data(key, found.data)
    if was.due is None or was.due > tx.now:
        return Plan([], None)
    if was.address is None or was.tries >= MAX_TRIES or tx.now - was.requested_at >= ONE_DAY:
        return Plan([replaced(found, replace(was, due=None).to_data())], None)
    now = replace(was, due=tx.now + HANDING_OVER)
    return Plan([replaced(found, now.to_data())], now)


def _handed(post: Post, mailer: Mailer, waiting: SignUp) -> Answer | None:
    runner, asked = post.runner, waiting.asked[-1] if waiting.asked else None
    if waiting.address is None or asked is None:
        return None
    if asked.form is not None and agreed_to(runner.settings, asked) is None:
        answer: Answer = Refused("form-changed")  # whoever asked had another text before the eyes
    else:
        mail = letter(runner.settings, runner.keys, waiting.id, waiting.address, asked, post.url)
        answer = next(iter(mailer.send([mail])))
    runner.run(lambda tx: _plan_answer(tx, waiting.id, asked.message, answer))
    match answer:
        case Accepted():
            log.info("sign-up: a confirmation mail is out: %s", asked.form or "order")
        case Halt():
            log.error("sign-up: no confirmation mail goes out: %s %s", answer.code, answer.message)
        case _:
            log.warning("sign-up: a confirmation mail was not taken: %s", answer.code)
    return answer


def _plan_answer(tx: Transaction, key: str, message: str, answer: Answer) -> Plan[None]:
    found = tx.document(path_of(key))
    was = SignUp.from_data(key, found.data) if found.data is not None else None
    if was is None or not was.asked or was.asked[-1].message != message:
        return Plan([], None)  # confirmed or refused at once, or asked for anew
    match answer:
        case Later() | Halt():
            wait = WAIT * 2**was.tries
            if isinstance(answer, Later) and answer.seconds:
                wait = max(wait, timedelta(seconds=answer.seconds))
            left = replace(was, tries=was.tries + 1, due=tx.now + min(wait, timedelta(hours=4)))
        case Accepted() | Uncertain() | Refused():
            left = replace(was, tries=was.tries + 1, sent_at=tx.now, due=None)
    return Plan([replaced(found, left.to_data())], None)
