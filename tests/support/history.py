"""A short history of a shop with guests, and what its figures are by other code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm.core.errors import Refusal
from crm.customers.reference import CustomerRef
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.privacy.erasure.erase import erase
from crm.reports.buckets import By
from crm.reports.figures import get_figures
from testing.hosts import order
from testing.world import World
from tests.support.figures import Sale, expected


@dataclass(frozen=True)
class Merged:
    """A merge.

    Attributes:
        id: The merge.
        sides: The two persons who became one.
        person: As that of `History` was.
    """

    id: str
    sides: tuple[str, str]
    person: Mapping[str, str]


@dataclass
class History:
    """A world and a model of it.

    Attributes:
        world: The world.
        sales: What counts, by order: whose address, when, currency and net minor units.
        orders: Whose address each order has, also where it does not count.
        person: Address to the person it is of: another address of theirs, or their own.
        merges: Merges that are not undone.
        erased: Addresses of erased persons.
    """

    world: World
    sales: dict[str, Sale] = field(default_factory=dict)
    orders: dict[str, str] = field(default_factory=dict)
    person: dict[str, str] = field(default_factory=dict)
    merges: list[Merged] = field(default_factory=list)
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
        self.orders[order_id] = address
        self.person.setdefault(address, address)
        self.sales.pop(order_id, None)
        if counts:
            self.sales[order_id] = Sale(address, at, currency, total - refunded)

    def delete(self, order_id: str) -> None:
        """Delete an order."""
        self.world.delete_order(order_id)
        self.orders.pop(order_id, None)
        self.sales.pop(order_id, None)

    def merge(self, source: str, target: str) -> None:
        """Merge the customer of one address into that of another."""
        ids = [self.world.with_email(one)["id"] for one in (source, target)]
        done, _ = self.world.runner.run(lambda tx: plan_merge(tx, *ids))
        assert done.merge_id is not None
        was, now = self.person[source], self.person[target]
        self.merges.append(Merged(done.merge_id, (was, now), dict(self.person)))
        self.person = {key: now if one == was else one for key, one in self.person.items()}

    def unmerge(self) -> None:
        """Undo the last merge, or see it refused where one of the two has no order left."""
        last = self.merges[-1]
        parted = {**self.person, **last.person}
        left = {parted[address] for address in self.orders.values()}
        undo = partial(self.world.runner.run, lambda tx: plan_unmerge(tx, last.id))
        if not left.issuperset(last.sides):
            with pytest.raises(Refusal, match="no order, no user and nothing from staff left"):
                undo()
            return
        undo()
        self.merges.pop()
        self.person = parted

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
