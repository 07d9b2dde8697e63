"""Who gets a campaign's mail, and why somebody does not: the one place that decides it.

Asked of a customer's document as the audience is fixed, and again right before the mail leaves.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from crm.customers.customer import mail_address
from crm.customers.decision import SUBSCRIBED, UNSUBSCRIBED
from crm.db.documents import Data
from crm.db.runner import Runner
from crm.segments.engine.count import count
from crm.segments.engine.pages import page
from crm.segments.language.ast import All, Marketing, Node

SAME_ADDRESS: Final = "same-address"
"""Why somebody is excluded whose address is another one's too, who gets the mail."""

COMPLAINT: Final = "complaint"
"""The `source` of a withdrawal by calling a mail spam."""

PAGE: Final = 250

MOST_LOOKED_AT: Final = PAGE
"""Subscribed people of a question who are read to see whether mail arrives."""


def reason_against(data: Data) -> str | None:
    """Return why a customer gets no mail, as its document says; None where nothing is against it.

    `complained`, `unsubscribed`, `pending` (an opt-in waits for a confirmation), `not-subscribed`,
    `no-address`, `unreachable` (mail came back for good).
    """
    marketing: Data = data.get("marketing") or {}
    status = marketing.get("status")
    if status == UNSUBSCRIBED:
        return "complained" if marketing.get("source") == COMPLAINT else "unsubscribed"
    if status != SUBSCRIBED:
        return "pending" if marketing.get("pending") else "not-subscribed"
    if mail_address(data) is None:
        return "no-address"
    return None if marketing.get("unreachable") is None else "unreachable"


def typed_only(data: Data) -> str | None:
    """Return the address of somebody who has proven none; others may have typed the same."""
    return mail_address(data) if data["primaryEmail"] is None else None


@dataclass
class Audience:
    """Who would get a campaign, counted as it is walked through.

    Attributes:
        matched: How many are in the segment.
        excluded: How many of them get no mail, by reason.
        first: Id and document of the first one who gets it.
        typed: Addresses met so far that nobody has proven.
    """

    matched: int = 0
    excluded: Counter[str] = field(default_factory=Counter)
    first: tuple[str, Data] | None = None
    typed: set[str] = field(default_factory=set, repr=False)

    @classmethod
    def of(cls, runner: Runner, node: Node) -> Audience:
        """Walk through everybody in a segment, its saved ones expanded.

        Raises:
            Conflict, Transient: Not read before the deadline.
        """
        audience = cls()
        for _ in audience.walk(runner, node):
            pass
        return audience

    @property
    def reachable(self) -> int:
        """How many would get the mail."""
        return self.matched - self.excluded.total()

    def walk(self, runner: Runner, node: Node) -> Iterator[Data]:
        """Yield the documents of those who would get the mail, and count everybody on the way.

        Raises:
            Conflict, Transient: Not read before the deadline.
        """
        now, after = runner.now(), None
        while True:
            read = functools.partial(page, runner.store, node, now, after, PAGE)
            found = runner.retry.call(read)
            yield from self.look(found.customers)
            after = found.next_after
            if after is None:
                return

    def look(self, people: Iterable[tuple[str, Data]]) -> Iterator[Data]:
        """Yield the documents of those of some customers who would get the mail; count them all."""
        for name, data in people:
            self.matched += 1
            reason, address = reason_against(data), typed_only(data)
            if reason is None and address is not None:
                reason = SAME_ADDRESS if address in self.typed else None
                self.typed.add(address)
            if reason is not None:
                self.excluded[reason] += 1
                continue
            self.first = self.first or (name, data)
            yield data


@dataclass(frozen=True)
class Reach:
    """How many of a segment news can be mailed to.

    Attributes:
        subscribed: Who is subscribed.
        unsubscribed: Who withdrew.
        not_subscribed: Who has decided nothing that counts, also who has yet to confirm.
        excluded: Of the subscribed who get no mail, by `reason_against`; None where there are too
            many to look at each.
    """

    subscribed: int
    unsubscribed: int
    not_subscribed: int
    excluded: Mapping[str, int] | None

    def to_data(self) -> dict[str, object]:
        """Return it as `count_segment` answers it."""
        excluded = self.excluded
        return {
            "subscribed": self.subscribed,
            "unsubscribed": self.unsubscribed,
            "notSubscribed": self.not_subscribed,
            "reachable": None if excluded is None else self.subscribed - sum(excluded.values()),
            "excluded": None if excluded is None else dict(excluded),
        }


def count_reach(runner: Runner, node: Node) -> Reach:
    """Count whom of a segment news can be mailed to, and why not the others.

    Args:
        runner: Reads.
        node: The segment, its saved ones and days expanded.

    Raises:
        Conflict, Transient: Not counted before the deadline.
    """
    now = runner.now()

    def size(asked: Node) -> int:
        return runner.retry.call(lambda: count(runner.store, asked, now)).value

    subscribed = All((Marketing(SUBSCRIBED), node))
    everybody, yes = size(node), size(subscribed)
    no = size(All((Marketing(UNSUBSCRIBED), node)))
    excluded = None
    if yes <= MOST_LOOKED_AT:
        audience = Audience.of(runner, subscribed)
        yes, excluded = audience.matched, audience.excluded
    return Reach(yes, no, max(0, everybody - yes - no), excluded)
