"""Events begin on the real Firestore: in a segment at once, and ten thousand holders in time.

`CRM_HOLDERS=10000` for the full size.
"""

from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from crm.customers.attendance import Attendance, NameSource
from crm.customers.customer import Customer
from crm.customers.part import Part
from crm.db.collections import CUSTOMERS
from crm.db.documents import Create
from crm.repair.begun import attend_begun
from crm.repair.sweep import sweep
from crm.segments.engine.count import count
from crm.segments.language.text import parse
from testing.counting import counted
from testing.hosts import item, order
from testing.patience import eventually
from tests.support.live import LiveWorld

HOLDERS = int(os.environ.get("CRM_HOLDERS", "150"))
WITHIN = timedelta(minutes=5)
"""What is left of ten minutes where the start has just missed a run."""

GALA = parse("attended:gala")


def test_an_event_that_begins_is_attended_from_then_on(live: LiveWorld) -> None:
    starts = datetime.now(UTC) + timedelta(seconds=2)
    gala = item("gala", eventStartsAt=starts)
    later = item("later", eventStartsAt=starts + timedelta(days=9))
    live.put_order("o", order(items=[gala, later]))
    assert live.the_customer()["attendedEventIds"] == []
    assert live.wrong() == []

    def begun() -> None:
        assert sweep(live.runner, lambda _job: None).failed == []
        assert live.the_customer()["attendedEventIds"] == ["gala"]

    eventually(begun)
    assert datetime.now(UTC) >= starts
    assert count(live.store, GALA, live.runner.now()).value == 1
    assert live.the_customer()["nextStartAt"] == later["eventStartsAt"]
    assert live.wrong() == []
    assert attend_begun(live.runner).mended == {}
    assert live.resync() is False


def holder(number: int, starts: datetime) -> Customer:
    source = NameSource(starts, f"o-{number}")
    part = Part(
        key=f"e1-{number}",
        address=f"p{number}@example.com",
        orders=1,
        counted=1,
        events={"gala": Attendance(1, 1, 0, 1, "Gala", starts, source)},
    )
    return Customer(f"c{number:06}", starts, {f"p-{number}": part})


def test_whoever_holds_a_ticket_of_a_large_event_attends_it_in_time(
    live: LiveWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two runs at once, beside somebody who buys; one of them is stopped in the middle."""
    starts = datetime.now(UTC) - timedelta(seconds=1)
    before = starts - timedelta(days=1)
    for low in range(0, HOLDERS, 200):
        some = [holder(number, starts) for number in range(low, min(low + 200, HOLDERS))]
        live.store.commit(
            [Create(f"{CUSTOMERS}/{one.id}", one.to_data(before, double=False)) for one in some]
        )
    assert count(live.store, GALA, live.runner.now()).value == 0
    own = live.runner
    done = threading.Event()

    def stopped() -> None:
        attend_begun(own, seconds=HOLDERS / 1_000)
        done.set()

    beside = threading.Thread(target=stopped)
    begun = time.monotonic()
    beside.start()
    live.put_order("o", order("new@example.com", items=[item("gala", eventStartsAt=starts)]))
    report = attend_begun(own, seconds=WITHIN.total_seconds())
    taken = time.monotonic() - begun
    beside.join()
    assert done.is_set()
    assert report.finished
    assert report.failed == []
    assert count(live.store, GALA, live.runner.now()).value == HOLDERS + 1
    assert attend_begun(own).mended == {}
    assert taken < WITHIN.total_seconds()
    with capsys.disabled():
        print(f"\n{HOLDERS:,} holders attend in {taken:.1f} s: {HOLDERS / taken:.0f} a second")


def test_nobody_due_costs_one_read(live: LiveWorld) -> None:
    live.put_order("o", order(items=[item("gala", eventStartsAt=datetime(2999, 1, 1, tzinfo=UTC))]))
    bill = counted(live.client)
    attend_begun(live.runner)
    assert (bill.reads, bill.writes) == (1, 0)
