"""The costs that are counted in memory are those of Firestore's own calls."""

from dataclasses import replace

import pytest

from bench.bill import Bill, Counting
from bench.costs import Shop, costs, kept
from testing.client import PatientClient
from testing.counting import counted
from tests.support.live import LiveHost, LiveWorld


@pytest.mark.parametrize("orders", [1, 100])
def test_the_emulator_is_asked_for_the_same(live: LiveWorld, orders: int) -> None:
    calls, total = counted(live.client), Bill()
    host = LiveHost(PatientClient(project=live.project))  # its writes are no operation's
    runner = replace(live.runner, store=Counting(live.store, total))
    assert costs(orders, Shop.of(runner, host.put)) == kept()[str(orders)]
    told = (total.reads + total.aggregations, total.writes, total.deletes, total.trips)
    assert told == (calls.reads, calls.writes, calls.deletes, calls.round_trips)
