"""What every customer should be, counted straight from the file's text.

Shares no code with the product, nor with the demo's own reading of the file: it is what both are
checked against.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass
class Sums:
    """A customer, counted again.

    Attributes:
        orders: How many.
        spend: Dollars.
        first: Day of the first order, YYYYMMDD.
        last: Day of the last order, likewise.
    """

    orders: int = 0
    spend: Decimal = Decimal(0)
    first: str = "99999999"
    last: str = "00000000"

    def __str__(self) -> str:
        return f"{self.orders} orders, {self.spend:.2f} USD, {self.first} to {self.last}"


@dataclass
class Changes:
    """What the demo did to orders of the file, by line number from 1.

    Attributes:
        refunded: Dollars given back.
        deleted: Orders that are gone.
    """

    refunded: dict[int, Decimal] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)


@dataclass
class Month:
    """A month, counted again.

    Attributes:
        orders: How many.
        cents: What they came to.
        new: People whose first order it was.
        again: People who had ordered in an earlier month.
    """

    orders: int = 0
    cents: int = 0
    new: int = 0
    again: int = 0


def expected(
    text: str, lines: int | None = None, changes: Changes | None = None
) -> dict[str, Sums]:
    """Count the customers of a file.

    Args:
        text: The file's text.
        lines: Only so many of its first lines.
        changes: What has become of some of them since.

    Returns:
        Address to sums.
    """
    changes = changes or Changes()
    customers: dict[str, Sums] = {}
    for number, line in enumerate(text.split("\n")[:lines], start=1):
        fields = line.split()
        if not fields or number in changes.deleted:
            continue
        sums = customers.setdefault(f"customer-{fields[1]}@example.com", Sums())
        sums.orders += 1
        sums.spend += Decimal(fields[4]) - changes.refunded.get(number, Decimal(0))
        sums.first = min(sums.first, fields[2])
        sums.last = max(sums.last, fields[2])
    return customers


def months(text: str, lines: int, changes: Changes) -> dict[str, Month]:
    """Count the months of a file, YYYY-MM; as `expected`."""
    found: dict[str, Month] = {}
    people: dict[str, set[str]] = {}
    for number, line in enumerate(text.split("\n")[:lines], start=1):
        fields = line.split()
        if fields and number not in changes.deleted:
            month = f"{fields[2][:4]}-{fields[2][4:6]}"
            sums = found.setdefault(month, Month())
            sums.orders += 1
            spent = Decimal(fields[4]) - changes.refunded.get(number, Decimal(0))
            sums.cents += int(spent * 100)
            people.setdefault(fields[1], set()).add(month)
    for of_one in people.values():
        for month in of_one:
            found[month].new += month == min(of_one)
            found[month].again += month != min(of_one)
    return found


def differences(wanted: Mapping[str, Sums], customers: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return where customers are not as the file says; nothing where all are.

    Args:
        wanted: What `expected` counted.
        customers: Documents of `customers`, all of them.
    """
    wrong: list[str] = []
    seen: set[str] = set()
    for customer in customers:
        emails = customer["emails"]
        if len(emails) != 1 or emails[0] not in wanted:
            wrong.append(f"a customer with the addresses {emails} is not in the file")
            continue
        if emails[0] in seen:
            wrong.append(f"{emails[0]} is two customers")
        seen.add(emails[0])
        has = Sums(
            customer["orderCount"],
            Decimal(customer["totalSpend"].get("USD", 0)) / 100,
            f"{customer['firstOrderAt']:%Y%m%d}",
            f"{customer['lastOrderAt']:%Y%m%d}",
        )
        if has != wanted[emails[0]] or set(customer["totalSpend"]) - {"USD"}:
            wrong.append(f"{emails[0]}: the file says {wanted[emails[0]]}; the customer has {has}")
    wrong += [f"{email} is missing" for email in sorted(wanted.keys() - seen)]
    return wrong
