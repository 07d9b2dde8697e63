"""What a mail of a campaign costs in reads and writes, in memory."""

from __future__ import annotations

from datetime import datetime, timedelta

from testing.memory import MemoryStore
from tests.support.mailing import Room

PEOPLE = 4_000

MOST = 1.2
"""Reads and writes for each mail, over all of the sending."""

A_SECOND = 100
"""Mails: what is read once a second weighs the more the slower the server is."""


class Billed(MemoryStore):
    """A store that also counts what is read at moments."""

    def __init__(self) -> None:
        super().__init__()
        self.views: dict[datetime, tuple[MemoryStore, int]] = {}

    def at(self, moment: datetime | None = None) -> MemoryStore:
        view = super().at(moment)
        assert view.moment is not None
        if view.moment not in self.views:
            self.views[view.moment] = view, view.reads - 1  # to learn the time is a read
        return view

    @property
    def bill(self) -> tuple[int, int]:
        """How many documents were read and written."""
        more = sum(view.reads - before for view, before in self.views.values())
        return self.reads + more, self.writes


def billed(room: Room, store: Billed, until: str) -> tuple[float, float]:
    """Work until the campaign is in a state; return reads and writes a person."""
    reads, writes = store.bill
    while room.campaign.state != until:
        room.work(seconds=0 if until == "sending" else 240, most=1)
    after = store.bill
    return (after[0] - reads) / PEOPLE, (after[1] - writes) / PEOPLE


def test_a_mail_costs_little_more_than_a_read_and_a_write() -> None:
    store = Billed()
    room = Room(store)
    room.people(PEOPLE)
    room.schedule(expected=PEOPLE)
    prepared = billed(room, store, "sending")
    assert 1 <= prepared[0] <= 1.1
    assert prepared[1] <= 0.05
    room.server.before = lambda _: store.wait(timedelta(seconds=1 / A_SECOND))
    reads, writes = billed(room, store, "done")
    assert room.totals() == {"accepted": PEOPLE}
    assert 1 <= reads <= MOST
    assert 1 <= writes <= MOST
