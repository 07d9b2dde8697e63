"""What came of a campaign, without tracking anybody: what its recipients ordered and came to.

No mail says who opens it or follows a link. What counts is what people did after it, as orders say;
whether they did it because of the mail, nobody knows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from crm.campaigns.campaign import Campaign
from crm.campaigns.mails import MailRecord
from crm.core.batches import batches
from crm.customers.customer import Customer, read_customer
from crm.customers.identity import AddressIdentity, UserIdentity, identity_from
from crm.db.collections import CUSTOMERS, IDENTITIES, MAILS, ORDERS
from crm.db.documents import IN_QUERY, Clause, Query, Snapshot, Store
from crm.db.retry import RetryPolicy, interactive
from crm.db.runner import Runner

DAYS: Final = 14
"""How long after a mail what its recipient orders is counted, where nobody says."""

MOST_DAYS: Final = 90

MOST_ORDERS: Final = 20_000
"""Orders that are read for one answer; who sells more is told of the first ones (`truncated`)."""

_PAGE: Final = 500
"""Orders read at a time."""

_AGGREGATED: Final = 1_000
"""Index entries that one read of an aggregation counts (Firestore's price)."""


@dataclass(frozen=True, slots=True)
class Results:
    """What came of a campaign.

    Attributes:
        recipients: Mails that the server accepted.
        ordered: Recipients who ordered after their mail, each once.
        orders: Their counted orders.
        revenue: What they paid, net of refunds: minor units by currency.
        booked: Recipients by the events that these orders have tickets of.
        attended: Those of them who came, as far as is known by now.
        since: From when orders were looked at; None for a campaign that has not begun.
        until: Up to when.
        truncated: Whether that is sooner than asked for: there were too many orders to read.
        documents_read: What Firestore bills for it, at least.
    """

    recipients: int = 0
    ordered: int = 0
    orders: int = 0
    revenue: Mapping[str, int] = field(default_factory=dict)
    booked: Mapping[str, int] = field(default_factory=dict)
    attended: Mapping[str, int] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None
    truncated: bool = False
    documents_read: int = 0

    def to_data(self) -> dict[str, object]:
        """Return it as it is answered."""
        return {
            "recipients": self.recipients,
            "ordered": self.ordered,
            "orders": self.orders,
            "revenue": dict(self.revenue),
            "booked": dict(self.booked),
            "attended": dict(self.attended),
            "since": self.since,
            "until": self.until,
            "truncated": self.truncated,
            "documentsRead": self.documents_read,
        }


def results(
    runner: Runner, campaign: Campaign, days: int = DAYS, most: int = MOST_ORDERS
) -> Results:
    """Return what a campaign's recipients ordered within some days after their mail.

    An order is a recipient's where the customer that has it now also has an identity that the mail
    went to: so it follows merges, and whoever was erased is in no number but the revenue of nobody.
    It costs a read for each order of the time, whoever's; and for each customer who ordered then,
    one, one for each of its identities that ordered, and one for each 30 of its identities.

    Args:
        runner: Reads, at one moment.
        campaign: The campaign.
        days: How long after each mail.
        most: Orders that are read at most.

    Raises:
        Conflict, Transient: Not read before the deadline.
    """
    retry = interactive(runner.retry)
    if campaign.started_at is None:
        return Results()
    now = runner.now()
    since = campaign.started_at
    until = min(now, (campaign.finished_at or now) + timedelta(days=days))
    asking = _Asking(retry.call(runner.store.at), retry, campaign.id)
    recipients = asking.recipients()
    counting = _Counting(now, timedelta(days=days))
    read, truncated, reached = 0, False, since
    for page in asking.orders(since, until) if recipients else ():
        if read + len(page) > most:
            page, truncated = page[: most - read], True
        read += len(page)
        counting.add(page, asking)
        if page:  # else just as many as are read at most were in the pages before it
            reached = page[-1].fields["createdAt"]
        if truncated:
            until = reached
            break
    return counting.results(recipients, since, until, asking.reads, truncated=truncated)


class _Asking:
    """Questions to one moment of the database.

    Attributes:
        reads: What Firestore bills for them, at least.
    """

    def __init__(self, store: Store, retry: RetryPolicy, campaign_id: str) -> None:
        self._store, self._retry, self._campaign_id = store, retry, campaign_id
        self._identities: dict[str, AddressIdentity | UserIdentity | None] = {}
        self._customers: dict[str, Customer | None] = {}
        self._mailed: dict[str, datetime | None] = {}
        self.reads = 1  # to learn the moment

    def recipients(self) -> int:
        """Return how many mails of the campaign were accepted."""
        query = Query(MAILS, (("campaignId", "==", self._campaign_id), ("state", "==", "accepted")))
        found = self._retry.call(partial(self._store.count, query))
        self.reads += max(1, -(-found // _AGGREGATED))
        return found

    def orders(self, since: datetime, until: datetime) -> Iterator[list[Snapshot]]:
        """Read the ledger's rows of a time in their order, page by page."""
        after = None
        while True:
            query = Query(
                ORDERS,
                (("createdAt", ">=", since), ("createdAt", "<", until)),
                ("createdAt", "asc"),
                _PAGE,
                after,
            )
            page = self._retry.call(partial(self._store.find, query))
            self.reads += max(1, len(page))
            if page:
                yield page
            if len(page) < _PAGE:
                return
            after = page[-1].fields["createdAt"], page[-1].id

    def owners(self, rows: Iterable[Snapshot]) -> dict[str, Customer]:
        """Return whose the orders of rows are, by the rows' ids; nobody's are left out."""
        asked = [row for row in rows if row.fields.get("identity") and row.fields.get("partId")]
        self._read_identities({row.fields["identity"] for row in asked})
        ids = {}
        for row in asked:
            identity = self._identities[row.fields["identity"]]
            owner = identity.customer_of(row.fields["partId"]) if identity is not None else None
            if owner is not None:
                ids[row.id] = owner
        self._read_customers(set(ids.values()))
        found = {row_id: self._customers[owner] for row_id, owner in ids.items()}
        return {row_id: customer for row_id, customer in found.items() if customer is not None}

    def mailed(self, customers: Iterable[Customer]) -> Mapping[str, datetime]:
        """Return when each customer's mail was accepted, of those to whom one was."""
        asked = {one.id: one for one in customers if one.id not in self._mailed}
        holders: dict[str, set[str]] = defaultdict(set)
        for one in asked.values():
            self._mailed[one.id] = None
            for part in one.parts.values():
                holders[part.key].add(one.id)
        found = [one for keys in batches(sorted(holders), IN_QUERY) for one in self._records(keys)]
        records = [(one.identity, one) for one in found if one.identity is not None]
        self._read_identities({key for key, _ in records})
        for key, record in records:
            identity = self._identities[key]
            # A former part has the key of an address that is somebody else's by now.
            owner = identity.customer_id if identity is not None else None
            if owner in holders[key] and owner is not None:
                known = self._mailed[owner]
                self._mailed[owner] = min(known, record.at) if known else record.at
        return {key: at for key, at in self._mailed.items() if at is not None}

    def _records(self, keys: Sequence[str]) -> list[MailRecord]:
        where: tuple[Clause, ...] = (
            ("campaignId", "==", self._campaign_id),
            ("state", "==", "accepted"),
            ("identity", "in", tuple(keys)),
        )
        found = self._retry.call(partial(self._store.find, Query(MAILS, where)))
        self.reads += max(1, len(found))
        return [MailRecord.from_data(one.id, one.fields) for one in found]

    def _read_identities(self, keys: Collection[str]) -> None:
        for one in self._read(IDENTITIES, set(keys) - self._identities.keys()):
            self._identities[one.id] = identity_from(one.fields) if one.exists else None

    def _read_customers(self, ids: Collection[str]) -> None:
        for one in self._read(CUSTOMERS, set(ids) - self._customers.keys()):
            self._customers[one.id] = read_customer(one)

    def _read(self, collection: str, ids: Collection[str]) -> Iterator[Snapshot]:
        for some in batches(sorted(ids), _PAGE):
            paths = [f"{collection}/{one}" for one in some]
            self.reads += len(paths)
            yield from self._retry.call(partial(self._store.read, paths)).values()


@dataclass
class _Counting:
    """Adds up what recipients did."""

    now: datetime
    within: timedelta
    orders: int = 0
    revenue: Counter[str] = field(default_factory=Counter)
    ordered: set[str] = field(default_factory=set)
    booked: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    attended: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, rows: Sequence[Snapshot], asking: _Asking) -> None:
        """Add the orders of some rows, as far as they are recipients'."""
        counted = [row for row in rows if row.fields.get("counted")]
        owners = asking.owners(counted)
        mailed = asking.mailed(owners.values())
        came: dict[str, Collection[str]] = {}
        for row in counted:
            customer = owners.get(row.id)
            at = mailed.get(customer.id) if customer is not None else None
            if customer is None or at is None:
                continue
            if not at <= row.fields["createdAt"] < at + self.within:
                continue
            self.orders += 1
            self.revenue[row.fields["currency"]] += row.fields["net"]
            self.ordered.add(customer.id)
            if customer.id not in came:
                came[customer.id] = _attended(customer, self.now)
            for event_id in row.fields["events"]:
                self.booked[event_id].add(customer.id)
                if event_id in came[customer.id]:
                    self.attended[event_id].add(customer.id)

    def results(
        self, recipients: int, since: datetime, until: datetime, reads: int, *, truncated: bool
    ) -> Results:
        """Return what was counted."""
        return Results(
            recipients,
            len(self.ordered),
            self.orders,
            dict(sorted(self.revenue.items())),
            {key: len(people) for key, people in sorted(self.booked.items())},
            {key: len(people) for key, people in sorted(self.attended.items())},
            since,
            until,
            truncated,
            reads,
        )


def _attended(customer: Customer, now: datetime) -> Collection[str]:
    found = customer.as_of(now, double=False)["attendedEventIds"]
    assert isinstance(found, list)
    return found
