"""Giving the newsletter list out: row after row, audited, to nobody who did not subscribe.

Whatever segment is asked for, it is asked together with "is subscribed", and each customer is
checked once more right before the row is written.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from crm.audit import trail as audit
from crm.audit.trail import Fact
from crm.core.errors import Conflict, Transient, Unfinished, described
from crm.core.keyring import Keyring
from crm.customers.customer import mail_address
from crm.customers.decision import SUBSCRIBED
from crm.db.documents import Data
from crm.db.runner import Runner
from crm.newsletter import csv_rows as newsletter
from crm.newsletter.csv_rows import Form
from crm.segments.engine import pages as answering
from crm.segments.engine.predicate import matches
from crm.segments.language.ast import All, Marketing, Node
from crm.segments.language.json_form import to_json

log = logging.getLogger(__name__)

PAGE: Final = 200
"""Customers read at a time: all that is in memory, however long the list is."""

Row = tuple[str, ...]


@dataclass(frozen=True)
class ListExport:
    """What is given out.

    Attributes:
        id: Random; both entries of the audit trail have it.
        node: The segment, its saved ones expanded.
        asked: How the audit trail names it: by a saved segment's id, or by `digest`.
        link: Gives the unsubscribe link of an address.
        form: How the file is written.
    """

    id: str
    node: Node
    asked: Mapping[str, str]
    link: Callable[[str], str]
    form: Form = newsletter.PLAIN


def digest(keys: Keyring, node: Node) -> str:
    """Return the same text for the same question, from which nobody reads the question."""
    text = json.dumps(to_json(node), sort_keys=True)
    return hmac.digest(keys.derive("segment"), text.encode(), hashlib.sha256).hex()[:32]


def export(runner: Runner, wanted: ListExport) -> Iterator[bytes]:
    """Return the list, a page of customers at a time.

    Returns only when the export is in the audit trail and the first page has been read: what can
    be refused is refused before the first byte. When the last byte is out, or nobody listens any
    more (`close`), a second entry says how many rows were handed over.

    Raises:
        Conflict, Transient: Before the first byte. After it `Unfinished` cuts the list off.
    """
    facts: dict[str, Fact] = {"export": wanted.id, **wanted.asked}
    runner.run(audit.Once("newsletter.export", facts=facts))
    pages = _pages(runner, wanted)
    return _given(runner, wanted, next(pages), pages)


def _pages(runner: Runner, wanted: ListExport) -> Iterator[list[Row]]:
    asked = All((Marketing(SUBSCRIBED), wanted.node))
    now = runner.now()
    after: str | None = None
    more = True
    contacts: set[str] = set()
    own = tuple(runner.settings.fields)
    while more:
        # Not `answering.pages`: a page that fails is read again.
        read = functools.partial(answering.page, runner.store, asked, now, after, PAGE)
        page = runner.retry.call(read)
        yield [
            newsletter.row(data, wanted.link, own)
            for _, data in page.customers
            if _is_written_to(data, contacts) and matches(asked, data, now)
        ]
        after = page.next_after
        more = after is not None


def _is_written_to(data: Data, contacts: set[str]) -> bool:
    """Return whether a customer has an address that mail arrives at, and no row before has.

    Two users may have typed the same address, which neither has proven.
    """
    address = mail_address(data)
    if "unreachable" in data["marketing"]:
        return False
    if data["primaryEmail"] is None and address is not None:
        if address in contacts:
            return False
        contacts.add(address)
    return address is not None


def _given(
    runner: Runner, wanted: ListExport, first: list[Row], others: Iterator[list[Row]]
) -> Iterator[bytes]:
    given, complete = len(first), False
    head = newsletter.columns(runner.settings.fields)
    try:
        yield wanted.form.mark + newsletter.lines([head, *first], wanted.form)
        for rows in others:
            given += len(rows)
            if rows:
                yield newsletter.lines(rows, wanted.form)
        complete = True
    except Exception as error:
        log.error("export %s ends: %s", wanted.id, described(error))
        # Its own text, which the server logs, could hold somebody's data.
        raise Unfinished(f"export {wanted.id} is not complete") from None
    finally:
        _end(runner, wanted, given, complete)


def _end(runner: Runner, wanted: ListExport, given: int, complete: bool) -> None:
    facts: dict[str, Fact] = {"export": wanted.id, "rows": given, "complete": complete}
    try:
        runner.run(audit.Once("newsletter.exported", facts=facts))
    except (Conflict, Transient) as error:
        log.error("export %s: its end is not recorded: %s", wanted.id, type(error).__name__)
