"""Campaigns as they are stored when they were sent, without sending anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crm.campaigns.audience import Shard
from crm.campaigns.campaign import Campaign, CampaignState, path_of
from crm.campaigns.counts import Counts
from crm.campaigns.mails import MailRecord, mail_key, record_id
from crm.customers.customer import mail_address
from testing.world import World


def put_sent(
    world: World,
    people: Mapping[str, str],
    *,
    left_out: Mapping[str, str] | None = None,
    state: CampaignState = "done",
    campaign_id: str = "campaignabcdefghijklmnopqr",
    subject: str = "Thank you, {{ name }}",
) -> Campaign:
    """Put a campaign, its one shard and its records.

    Args:
        world: The world.
        people: Ids of customers, each with the state of the mail, `waiting` included: these come
            last.
        left_out: Others, with why they got none.
        state: The campaign's.
        campaign_id: Its id.
        subject: Its subject.
    """
    keys, now = world.runner.keys, world.runner.now()
    customers = world.store.all("customers")
    settled = {one: what for one, what in people.items() if what != "waiting"}
    order = [*sorted(settled), *sorted(people.keys() - settled.keys())]
    addresses = {one: mail_address(customers[one]) or "" for one in order}
    mail_keys = [mail_key(keys, campaign_id, addresses[one]) for one in order]
    excluded = dict(left_out or {})
    count = Counter(people.values())
    count["excluded"] += len(excluded)
    counts = Counts(len(people) + len(excluded), **count)
    shard = Shard(
        f"{campaign_id}-000000",
        campaign_id,
        tuple(order),
        tuple(mail_keys),
        excluded,
        counts,
        len(settled),
        len(settled),
    )
    world.store.put(shard.path, shard.to_data())
    for place, (customer_id, what) in enumerate((one, people[one]) for one in order[: shard.next]):
        address = keys.address(addresses[customer_id])
        record = MailRecord(
            record_id(campaign_id, mail_keys[place]),
            *(campaign_id, customer_id, address, address, shard.id, what, now),  # type: ignore[arg-type]
            reason="550 5.1.1" if what == "refused" else None,
            provider_id=f"provider-{place}",
        )
        world.store.put(record.path, record.to_data())
    campaign = Campaign(
        campaign_id,
        "Thanks",
        subject,
        "",
        {"format": "markdown", "source": "# Hello"},
        {"tag": "vip"},
        "Events <news@example.com>",
        created_at=now,
        updated_at=now,
        state=state,
        scheduled_at=now,
        latest_by=now,
        started_at=now,
        prepared_at=now,
        finished_at=now if state == "done" else None,
        expected=len(people),
        actor=keys.user("staff"),
        job_id="j",
        ready=True,
    )
    campaign = replace(campaign, counts={**campaign.counts, **counts.to_data()})
    world.store.put(path_of(campaign_id), campaign.to_data())
    return campaign


def records(world: World) -> list[dict[str, Any]]:
    """Return the records of all mails, by their ids."""
    return [data for _, data in sorted(world.store.all("crmMails").items())]
