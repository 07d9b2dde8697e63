"""What a sync of one order costs: asserted in tests/suite/test_costs.py, told by installing."""

from typing import NamedTuple


class Cost(NamedTuple):
    """What an event costs (none of these cases deletes any).

    Attributes:
        reads: Documents read by an instance that meets the order and its customer first.
        met: Documents read by one that has met both lately.
        writes: Documents written.
    """

    reads: int
    met: int
    writes: int


COSTS = {
    "a new order of a known guest": Cost(2, 0, 2),
    "a new order of a known user": Cost(3, 0, 2),
    "a new order whose uid is not known yet": Cost(4, 2, 2),
    "the first order of a new address": Cost(1, 1, 3),
    "the first order of an event, of a known guest": Cost(4, 2, 3),
    "a new order with an opt-in, of a known guest": Cost(2, 0, 3),
    "a refund": Cost(3, 0, 2),
    "a change of something that is not read": Cost(2, 1, 1),
    "the same version again": Cost(2, 2, 0),
}
MOST_WHEN_THE_FIRST_ORDER_LEAVES = Cost(12, 9, 2)
"""Ledger, identity, customer; two rows for each of first, last and two names; and one for
what the event is called."""
