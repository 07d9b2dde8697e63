"""What an erasure leaves of a person's orders: no customer can be counted, so they are read."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Final

from crm.db.collections import ORDERS
from crm.db.documents import Clause, Query
from crm.reports.asking import Asking

MAX_ERASED: Final = 10_000
"""Orders of erased persons that are read for one answer. Beyond, who was erased counts as no
customer, and the answer says so."""


def erased_people(asking: Asking) -> tuple[list[list[datetime]], int]:
    """Return when each erased person's counted orders were placed, one person for each erasure.

    Returns:
        The times, and 0; or nobody's, and how many orders were too many to read.
    """
    erased: tuple[Clause, ...] = (("erased", ">=", ""),)  # of any erasure
    (number,) = asking.counts([Query(ORDERS, erased)])
    if number > MAX_ERASED:
        return [], number
    people: dict[str, list[datetime]] = defaultdict(list)
    for row in asking.rows(ORDERS, erased, "erased") if number else ():
        if row.fields["counted"]:
            people[row.fields["erased"]].append(row.fields["createdAt"])
    return [*people.values()], 0
