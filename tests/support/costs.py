"""What a sync of one order costs: asserted in tests/suite/test_costs.py, told by installing."""

from typing import NamedTuple


class Cost(NamedTuple):
    """Documents read and written (none of these cases deletes any)."""

    reads: int
    writes: int


COSTS = {
    "a new order of a known guest": Cost(4, 2),
    "a new order of a known user": Cost(5, 2),
    "a new order whose uid is not known yet": Cost(6, 2),
    "the first order of a new address": Cost(3, 3),
    "the first order of an event, of a known guest": Cost(6, 3),
    "a new order with an opt-in, of a known guest": Cost(4, 3),
    "a refund": Cost(4, 2),
    "a change of something that is not read": Cost(3, 1),
    "the same version again": Cost(3, 0),
}
MOST_WHEN_THE_FIRST_ORDER_LEAVES = Cost(13, 2)
"""Ledger, order, identity, customer; two rows for each of first, last and two names; and one for
what the event is called."""
