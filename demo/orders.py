"""Real purchases as the order documents of an event host (see data/PROVENANCE.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

SAMPLE: Final = Path(__file__).with_name("data") / "CDNOW_sample.txt"


@dataclass(frozen=True, slots=True)
class Purchase:
    """One line of the file.

    Attributes:
        line: Its number, from 1.
        customer: The customer's id in the sample, four digits.
        day: Midnight (UTC) of the day of the purchase.
        cds: How many CDs were bought.
        dollars: What was paid, as the file has it.
    """

    line: int
    customer: str
    day: datetime
    cds: int
    dollars: str

    @property
    def order_id(self) -> str:
        """The id of the order's document; the same at every run."""
        return f"order-{self.line:05}"

    @property
    def email(self) -> str:
        """The address that stands for the customer, who is a number in the file."""
        return f"customer-{self.customer}@example.com"


def read_purchases(path: Path = SAMPLE) -> Iterator[Purchase]:
    """Read the file.

    Args:
        path: A file of five fields a line: master id, sample id, YYYYMMDD, CDs, dollars.
    """
    for line, text in enumerate(path.read_text(encoding="ascii").splitlines(), start=1):
        _master, customer, day, cds, dollars = text.split()
        at = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC)
        yield Purchase(line, customer, at, int(cds), dollars)


def opted_in(email: str) -> bool:
    """Whether the person behind an address ticks "send me news": made up, every third does."""
    return int(email.removeprefix("customer-").partition("@")[0]) % 3 == 0


def order_document(purchase: Purchase) -> dict[str, Any]:
    """Return the host's order document, in the default mapping.

    Person, day, amount and quantity are the file's. What was bought is made up, because the file's
    shop sold no tickets: the workshop of the purchase's quarter. So is who opts in.
    """
    year, quarter = purchase.day.year, (purchase.day.month + 2) // 3
    return {
        "email": purchase.email,
        "userId": None,
        "name": f"Customer {purchase.customer}",
        "status": "paid",
        "total": purchase.dollars,
        "currency": "USD",
        "createdAt": purchase.day,
        "marketingOptIn": opted_in(purchase.email),
        "items": [
            {
                "eventId": f"devops-workshop-{year}-q{quarter}",
                "eventName": f"DevOps Workshop {year} Q{quarter}",
                "quantity": purchase.cds,
            }
        ],
    }
