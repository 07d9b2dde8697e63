"""Sixty workers of campaigns are killed (SIGKILL): nobody is lost, and nobody is mailed twice."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from crm.campaigns.campaign import Campaign
from crm.campaigns.control import SEND
from crm.db.collections import AUDIENCES, CAMPAIGNS, CUSTOMERS, MAILS
from crm.jobs.job import Job
from testing.memory import MemoryStore
from tests.support.killing import Point, Where, Workers
from tests.support.live import LiveWorld
from tests.support.mailing import spread, subscriber
from tests.support.smtp_server import SmtpServer

PEOPLE = 200

KILLS = 30
"""In each half."""

EACH: dict[Where, int] = {"before": 25, "behind": 25, "verb": 60}
"""Among how many calls or commands of a process one, by chance, is its last."""


def put_people(live: LiveWorld) -> None:
    memory, batch = MemoryStore(), live.client.batch()
    for at, name in enumerate(sorted(spread(PEOPLE))):
        data = subscriber(memory, name, f"p{at:03}@example.com")
        batch.set(live.client.document(f"{CUSTOMERS}/{name}"), data)
    batch.commit()


def put_campaign(live: LiveWorld) -> None:
    now = live.runner.now()
    body = {"format": "markdown", "source": "Hi"}
    sender = "Events <news@example.com>"
    state: dict[str, Any] = {"state": "scheduled", "scheduled_at": now, "job_id": "j1"}
    campaign = Campaign(
        *("c1", "News", "Hello", "", body, {"tag": "t"}, sender, now, now), **state, expected=PEOPLE
    )
    live.host.put(campaign.path, dict(campaign.to_data()))
    job = Job("j1", SEND, {"campaignId": "c1"}, "staff", now, now)
    live.host.put(job.path, dict(job.to_data()))


def adds_up(live: LiveWorld) -> dict[str, int]:
    """Return the sums of all shards, which are those of the list of people."""
    shards = live.host.all(AUDIENCES).values()
    total: Counter[str] = Counter()
    for one in shards:
        counts = one["counts"]
        states = ("waiting", "accepted", "refused", "excluded", "uncertain")
        assert counts["audience"] == sum(counts[state] for state in states)
        assert counts["waiting"] == len(one["people"]) - one["next"] + len(one["later"])
        total.update(counts)
    records = Counter(one["state"] for one in live.host.all(MAILS).values())
    assert records == {key: total[key] for key in records}
    assert sum(records.values()) == total["audience"] - total["waiting"]
    return {key: value for key, value in total.items() if value}


@pytest.mark.parametrize("half", range(2))
def test_whoever_is_killed_where_each_gets_one_mail_or_is_uncertain(
    project_id: str, half: int
) -> None:
    by_chance, deaths, campaigns = random.Random(half), 0, 0
    while deaths < KILLS:
        campaigns += 1
        assert campaigns < 60, "workers hardly ever come to where they are to die"
        deaths += killed_now_and_then(LiveWorld(f"{project_id}-{campaigns}"), by_chance)
    print(f"{deaths} workers of {campaigns} campaigns were killed")


def killed_now_and_then(live: LiveWorld, by_chance: random.Random) -> int:
    """Send a campaign whose workers die until it is done; return how many did."""
    put_people(live)
    put_campaign(live)
    with SmtpServer() as server:
        workers = Workers(live.project, server.dsn, ["j1"])
        server.watch = workers.watch
        while workers.queue:
            where = by_chance.choice([*EACH])
            workers.deliver(Point(where, by_chance.randint(1, EACH[where])))
            if live.host.all(AUDIENCES):
                assert adds_up(live).get("uncertain", 0) <= 10 * workers.deaths
        boxes = Counter(one.to for one in server.mails)
    campaign = live.host.all(CAMPAIGNS)["c1"]
    assert campaign["state"] == "done", campaign["reason"]
    assert adds_up(live)["audience"] == len(live.host.all(MAILS)) == PEOPLE
    records = live.host.all(MAILS).values()
    unsure = {one["customerId"] for one in records if one["state"] == "uncertain"}
    names = enumerate(sorted(spread(PEOPLE)))
    address = {name: f"p{at:03}@example.com" for at, name in names}
    assert max(boxes.values()) == 1
    assert {name for name in address if address[name] not in boxes} <= unsure
    return workers.deaths
