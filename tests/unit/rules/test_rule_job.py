"""The steps of the job that gives an event's people their tags."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from crm.db.documents import Create
from crm.jobs.job import Job, Progress
from crm.rules import rule_job, saving
from crm.rules.pausing import plan_pause
from crm.rules.rule_job import KINDS
from tests.support.ruling import RuleRoom, each

PARTY = datetime(2026, 1, 10, 18, tzinfo=UTC)

DUE = datetime(2026, 1, 11, 9, tzinfo=UTC)

PAGE = 5

SAID: dict[str, Any] = {
    "when": {"eventEnded": {"days": 1, "at": "10:00"}},
    "once": "event",
    "then": {"addTags": ["Guest"], "removeTags": []},
}


class Begun(RuleRoom):
    """A room in which a rule has begun to act on the people of an event.

    Attributes:
        made: The rule.
    """

    def __init__(self, people: int = 3) -> None:
        super().__init__()
        for address in each(people):
            self.buy(address, "party", PARTY)
        self.made = self.rule(**SAID)
        self.until(DUE)
        self.tick()

    @property
    def begun(self) -> Job:
        (found,) = self.store.all("crmJobs").items()
        return Job.from_data(*found)

    def step(self, cursor: Any = None) -> Progress:
        """Take one step, and commit what it leaves to the job."""
        progress = KINDS["rule"].step(self.runner, replace(self.begun, cursor=cursor))
        self.store.commit(progress.writes)
        return progress

    @property
    def ids(self) -> list[str]:
        return sorted(self.store.all("customers"))


def test_a_step_is_a_page_of_people_in_the_order_of_their_ids(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rule_job, "PAGE", PAGE)
    room = Begun(PAGE + 2)
    first = room.step()
    assert first == Progress(
        cursor=room.ids[PAGE - 1], done=PAGE, counts={"done": PAGE}, finished=False, writes=[]
    )
    assert sorted(one["customerId"] for one in room.runs.values()) == room.ids[:PAGE]
    last = room.step(first.cursor)
    assert last == Progress(cursor=None, done=2, counts={"done": 2}, finished=True, writes=[])
    assert room.tagged("guest") == {*each(PAGE + 2)}
    # Whoever takes a step again finds on whom the rule has acted.
    assert room.step().counts == {"before": PAGE}


def waiting(room: Begun, name: str) -> dict[str, Any]:
    return {
        "ruleId": room.made.id,
        "customerId": name,
        "at": DUE,
        "since": room.made.since,
        "scope": "party",
    }


def test_where_the_rule_has_paused_meanwhile_people_wait_in_the_outbox() -> None:
    room = Begun()
    room.runner.run(
        lambda tx: plan_pause(tx, room.made.id, room.made.since, "template-gone", waiting=3)
    )
    progress = room.step()
    assert (progress.done, progress.counts, progress.finished) == (3, {"paused": 3}, True)
    assert all(isinstance(one, Create) for one in progress.writes)
    rows = sorted(room.outbox.values(), key=lambda one: one["customerId"])
    assert rows == [waiting(room, name) for name in room.ids]
    room.rule(room.made.id, **SAID, waiting="act")
    room.drain()
    assert room.outbox == {}
    assert room.tagged("guest") == {*each(3)}


def test_while_the_tag_is_renamed_people_wait_in_the_outbox() -> None:
    room = Begun()
    mine = room.begun
    row = {"label": "Guest", "createdAt": DUE, "since": DUE}
    room.store.put("crmTags/guest", {**row, "state": "renaming", "jobId": "j"})
    renaming = Job("j", "renameTag", {}, "system", DUE, DUE, state="running")
    room.store.put(renaming.path, renaming.to_data())
    progress = KINDS["rule"].step(room.runner, mine)
    room.store.commit(progress.writes)
    assert (progress.done, progress.counts, progress.finished) == (3, {"busy": 3}, True)
    rows = sorted(room.outbox.values(), key=lambda one: one["customerId"])
    assert rows == [waiting(room, name) for name in room.ids]
    assert room.runs == {}


@pytest.mark.parametrize("how", ["off", "again", "deleted", "sends"])
def test_a_rule_that_is_another_by_now_ends_the_job(how: str) -> None:
    room = Begun()
    if how == "deleted":
        saving.delete(room.runner, room.made.id)
    elif how == "sends":
        book = room.store.all("crmRules")["book"]
        book["rules"][room.made.id]["then"] = {"send": room.template()}
        room.store.put("crmRules/book", book)
    else:
        room.rule(room.made.id, **SAID, on=False)
        if how == "again":
            room.rule(room.made.id, **SAID)
    assert room.step() == Progress(finished=True)
    assert (room.runs, room.outbox) == ({}, {})


def test_only_is_about_the_event_also_in_the_job() -> None:
    room = RuleRoom()
    for address, came in (("a@example.com", True), ("b@example.com", False)):
        room.buy(address, "party", PARTY, came=came)
    room.rule(**SAID, only={"noShow": "this_event"})
    room.until(DUE)
    room.sweep()
    assert room.tagged("guest") == {"b@example.com"}
    assert {one["scope"] for one in room.runs.values()} == {"party"}
