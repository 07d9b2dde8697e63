"""A short history of a shop with guests, and what its figures are by other code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from crm.customers.reference import CustomerRef
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.privacy.erasure.erase import erase
from crm.reports.buckets import By
from crm.reports.figures import get_figures
from testing.hosts import order
from testing.world import World
from tests.support.figures import Sale, expected


@dataclass
class History:
    """A world and a model of it.

    Attributes:
        world: The world.
        sales: What counts, by order: whose address, when, currency and net minor units.
        person: Address to the person it is of: another address of theirs, or their own.
        merges: Merges that can be undone: id, and `person` as it was.
        erased: Addresses of erased persons.
    """

    world: World
    sales: dict[str, Sale] = field(default_factory=dict)
    person: dict[str, str] = field(default_factory=dict)
    merges: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    erased: set[str] = field(default_factory=set)

    @property
    def zone(self) -> ZoneInfo:
        """Whose days are told."""
        return self.world.runner.settings.time_zone

    def put(
        self,
        order_id: str,
        address: str,
        at: datetime,
        total: int = 1000,
        currency: str = "USD",
        *,
        refunded: int = 0,
        counts: bool = True,
        items: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        """Write an order, new or again; amounts are minor units, items those of a host's order."""
        units = 1 if currency == "JPY" else 100
        document = order(
            address,
            createdAt=at,
            total=f"{total / units:.2f}",
            refunded=f"{refunded / units:.2f}",
            currency=currency,
            status="paid" if counts else "cancelled",
            **({} if items is None else {"items": [*items]}),
        )
        self.world.put_order(order_id, document)
        self.person.setdefault(address, address)
        self.sales.pop(order_id, None)
        if counts:
            self.sales[order_id] = Sale(address, at, currency, total - refunded)

    def delete(self, order_id: str) -> None:
        """Delete an order."""
        self.world.delete_order(order_id)
        self.sales.pop(order_id, None)

    def merge(self, source: str, target: str) -> None:
        """Merge the customer of one address into that of another."""
        ids = [self.world.with_email(one)["id"] for one in (source, target)]
        done, _ = self.world.runner.run(lambda tx: plan_merge(tx, *ids))
        assert done.merge_id is not None
        self.merges.append((done.merge_id, dict(self.person)))
        was, now = self.person[source], self.person[target]
        self.person = {key: now if one == was else one for key, one in self.person.items()}

    def unmerge(self) -> None:
        """Undo the last merge."""
        merge_id, self.person = self.merges.pop()
        self.world.runner.run(lambda tx: plan_unmerge(tx, merge_id))

    def erase(self, address: str) -> None:
        """Erase the person of an address."""
        who = CustomerRef("email", address)
        erase(self.world.runner, self.world.queue.append, who, reason="asked by letter")
        self.world.work()
        self.erased |= {key for key, one in self.person.items() if one == self.person[address]}
        self.merges.clear()

    def said(self, first: date, last: date, by: By) -> Mapping[str, Any]:
        """What the product says, all of it."""
        return get_figures(self.world.runner, first, last, by)

    def check(self, first: date, last: date, by: By) -> Mapping[str, Any]:
        """Hold what the product says to what other code counts."""
        people = [
            Sale(self.person[one.person], one.at, one.currency, one.net)
            for one in self.sales.values()
        ]
        said = self.said(first, last, by)
        assert said["figures"] == expected(people, first, last, by, self.zone)
        assert said["timeZone"] == self.zone.key
        assert said["erasedOrdersLeftOut"] == 0
        return said
