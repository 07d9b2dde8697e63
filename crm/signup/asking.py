"""What a post of a sign-up form does. Whoever posts learns nothing of the address."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import dataclass

from crm.config.forms import Form
from crm.core.errors import Conflict, Transient
from crm.db.diff import replaced
from crm.db.documents import Create, Write
from crm.db.runner import Runner
from crm.db.transaction import Plan, Transaction
from crm.mail.port import Accepted
from crm.signup.guards import stopped_by
from crm.signup.record import Asked, SignUp, path_of
from crm.signup.sending import Post, hand_over

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Request:
    """One post of a form.

    Attributes:
        form: The form.
        name: Its name.
        address: Canonical.
        language: Of the form's text.
        network: A keyed hash of the caller's network; None where it is not known.
        worked: Whether a proof of work came along.
    """

    form: Form
    name: str
    address: str
    language: str
    network: str | None
    worked: bool


def sign_up(post: Post, request: Request) -> bool:
    """Ask an address whether it wants news, unless something is against it.

    Returns:
        Whether a mail is out.

    Raises:
        Conflict, Transient: Nothing was asked; safe to call again.
    """
    runner = post.runner
    key = runner.keys.address(request.address)
    if _is_quiet(runner, key):
        return False
    guard = runner.retry.call(
        lambda: stopped_by(
            runner.store,
            request.form,
            request.name,
            request.network,
            runner.now(),
            worked=request.worked,
        )
    )
    if guard is not None:
        say = log.error if guard == "paused" else log.warning
        say("sign-up: no mail, for a guard stopped it: %s (form %s)", guard, request.name)
        return False
    asked = Asked(
        runner.now(),
        request.name,
        request.form.version(request.language),
        request.language,
        runner.new_id(),
    )
    planned, _ = runner.run(lambda tx: plan_request(tx, request, asked))
    if not planned.result:
        return False
    try:
        with closing(post.mailer()) as mailer:
            return isinstance(hand_over(post, mailer, key), Accepted)
    except (Conflict, Transient):
        return False  # the sweep sees to it


def plan_request(tx: Transaction, request: Request, asked: Asked) -> Plan[bool]:
    """Plan to keep a request whose mail is to be handed over; False where there is to be none."""
    writes = asking(tx, request.address, asked, network=request.network, worked=request.worked)
    return Plan(writes or [], writes is not None)


def asking(
    tx: Transaction, address: str, asked: Asked, *, network: str | None, worked: bool
) -> list[Write] | None:
    """Return the writes that keep a request; None where the address gets no mail now.

    A commit whose answer was lost is known by the mail's key.
    """
    key = tx.keys.address(address)
    found = tx.document(path_of(key))
    was = (
        SignUp.from_data(key, found.data)
        if found.data is not None
        else SignUp(key, "pending", asked.at, asked.at)  # `asks` says until when
    )
    if was.asked and was.asked[-1].message == asked.message:
        return []
    if was.is_quiet(tx.now):
        return None
    data = was.asks(asked, address, network=network, worked=worked).to_data()
    return [replaced(found, data) if found.exists else Create(found.path, data)]


def _is_quiet(runner: Runner, key: str) -> bool:
    found = runner.read_one(path_of(key))
    return found.data is not None and SignUp.from_data(key, found.data).is_quiet(runner.now())
