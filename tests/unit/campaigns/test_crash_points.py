"""A worker dies at each remote call and each thing said to the mail server; others go on."""

from __future__ import annotations

from collections import Counter

import pytest

from crm.core.errors import Conflict, Transient
from crm.db.collections import CAMPAIGNS
from testing.memory import MemoryStore
from tests.support.faults import OF_CHANGES, Fault, Faults, Killed
from tests.support.mailing import Room, spread, subscriber

PEOPLE = 200

PARTS = 8
"""Tests that the points are shared out to."""

MET: Counter[str] = Counter()


def people() -> MemoryStore:
    """200 subscribers, of whom two have typed the same address, and one left."""
    store = MemoryStore()
    for at, name in enumerate(sorted(spread(PEOPLE))):
        if at in (3, 150):
            subscriber(store, name, None, typed="shared@example.com")
        else:
            status = "unsubscribed" if at == 7 else "subscribed"
            subscriber(store, name, f"p{at:04}@example.com", status=status)
    return store


BASE = people()

ADDRESSES = {
    one: data["primaryEmail"] or "shared@example.com" for one, data in BASE.all("customers").items()
}


def room() -> Room:
    store = MemoryStore()
    store._kept = dict(BASE._kept)
    store._clock = BASE._clock
    made = Room(store)
    made.schedule(expected=PEOPLE - 2)
    return made


def run(made: Room, faults: Faults) -> int:
    """Work until a worker is killed; say how many were."""
    try:
        while made.queue or made.delayed:
            if not made.queue:
                return 0
            made.deliver(made.queue[0], faults=faults)
            made.queue.pop(0)
    except Killed:
        return 1
    except (Transient, Conflict):
        return 0  # not acknowledged: the queue calls again
    return 0


def clean() -> Faults:
    faults = Faults()
    made = room()
    assert run(made, faults) == 0
    assert made.campaign.state == "done"
    return faults


CALLS = clean()

POINTS = [
    *((Fault.KILLED, at) for at in range(1, CALLS.calls + 1)),
    *((Fault.KILLED_AFTER, at) for at in CALLS.changing),
    *((Fault.LOST, at) for at in CALLS.changing[::3]),
    *((Fault.AWAY, at) for at in range(1, CALLS.calls + 1, 5)),
    *((Fault.DOWN, at) for at in range(1, CALLS.calls + 1, 40)),
]


def test_there_are_enough_points() -> None:
    killed = [one for one in POINTS if "KILLED" in one[0].name]
    assert len(killed) >= 500


@pytest.mark.parametrize("part", range(PARTS))
def test_everybody_is_in_one_state_and_nobody_gets_two_mails(part: int) -> None:
    for fault, at in POINTS[part::PARTS]:
        made = room()
        deaths = run(made, Faults(at, fault))
        made.server.faults = Faults()
        made.work()
        states = made.check()
        where = f"{fault.name} at {at}"
        assert made.campaign.state == "done", where
        assert made.failed == [], where
        totals = Counter(states.values())
        assert totals["excluded"] == 2, where
        assert totals["waiting"] == totals["refused"] == 0, where
        assert totals["uncertain"] <= 10, where
        if not deaths:
            assert totals["uncertain"] <= (fault in (*OF_CHANGES, Fault.AWAY, Fault.DOWN)) * 10
        got = {*made.server.box}
        accepted = {ADDRESSES[one] for one, state in states.items() if state == "accepted"}
        assert accepted <= got, where
        assert len(got - accepted) <= totals["uncertain"], where
        assert made.campaign.counts["audience"] == PEOPLE == len(states), where
        assert made.store.all(CAMPAIGNS)["c1"]["counts"]["uncertain"] == totals["uncertain"]
