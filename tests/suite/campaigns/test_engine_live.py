"""The engine on the real Firestore emulator: it ends as in memory, and a mail costs as little."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from crm.campaigns import jobs
from crm.campaigns.campaign import Campaign
from crm.campaigns.control import SEND
from crm.db.collections import AUDIENCES, CAMPAIGNS, JOBS, MAILS
from crm.jobs import fan_out
from crm.jobs.job import Job
from crm.jobs.slices import parsed
from testing.client import PatientClient
from testing.counting import counted
from testing.memory import MemoryStore
from tests.support.live import LiveHost, LiveWorld
from tests.support.mailing import Server, plain, spread, subscriber

PEOPLE = 1_000

MOST = 1.35
"""Reads and writes for each mail. Of so few, what a campaign costs once weighs more."""


def put_people(live: LiveWorld) -> None:
    """Put subscribers, two of whom have typed the same address."""
    memory = MemoryStore()
    writer = live.client.bulk_writer()
    for at, name in enumerate(sorted(spread(PEOPLE))):
        typed = {"typed": "typed@example.com"} if at in (5, 200) else {}
        address = None if typed else f"p{at:04}@example.com"
        data = subscriber(memory, name, address, **typed)
        writer.set(live.client.document(f"customers/{name}"), data)
    writer.close()  # type: ignore[no-untyped-call]


def put_campaign(live: LiveWorld) -> None:
    now = live.runner.now()
    campaign = Campaign(
        "c1",
        "News",
        "Hello",
        "",
        {"format": "markdown", "source": "Hi"},
        {"tag": "t"},
        "Events <news@example.com>",
        now,
        now,
        state="scheduled",
        scheduled_at=now,
        expected=PEOPLE - 1,
        actor="staff",
        job_id="j1",
    )
    live.host.put(campaign.path, dict(campaign.to_data()))
    job = Job("j1", SEND, {"campaignId": "c1"}, "staff", now, now)
    live.host.put(job.path, dict(job.to_data()))


def test_a_campaign_on_firestore_adds_up_and_costs_little(live: LiveWorld) -> None:
    put_people(live)
    put_campaign(live)
    server = Server()

    def compose(*_: object) -> Any:
        return plain

    kinds = jobs.kinds(
        lambda _runner: server, compose, lambda: False, lambda _runner: "https://example.com/u"
    )
    runner = replace(live.runner, actor="system")
    queue = ["j1"]
    bill = counted(live.client)
    seen = LiveHost(PatientClient(project=live.project))  # what the test itself reads is not billed
    sending: tuple[int, int] | None = None
    while queue:
        fan_out.work(runner, kinds, queue.append, parsed(queue.pop(0)), 0)
        state = seen.all(CAMPAIGNS)["c1"]["state"]
        if state == "sending" and sending is None:
            sending = bill.reads, bill.writes
    campaign = seen.all(CAMPAIGNS)["c1"]
    assert campaign["state"] == "done", campaign["reason"]
    counts = {key: value for key, value in campaign["counts"].items() if value}
    assert counts == {"audience": PEOPLE, "accepted": PEOPLE - 1, "excluded": 1}
    assert max(Counter(server.box).values()) == 1
    shards = seen.all(AUDIENCES).values()
    assert sum(shard["counts"]["accepted"] for shard in shards) == len(seen.all(MAILS))
    assert seen.all(JOBS)["j1"]["state"] == "done"
    assert sending is not None
    reads, writes = bill.reads - sending[0], bill.writes - sending[1]
    assert reads <= MOST * PEOPLE, reads / PEOPLE
    assert writes <= MOST * PEOPLE, writes / PEOPLE
    print(f"{reads / PEOPLE:.3f} reads and {writes / PEOPLE:.3f} writes a mail")
