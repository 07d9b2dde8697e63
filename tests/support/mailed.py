"""A campaign whose mails are out: its records and shard, beside the customers they went to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from crm.campaigns.audience import Shard
from crm.campaigns.campaign import Campaign
from crm.campaigns.counts import Counts, PersonState
from crm.campaigns.mails import MailRecord, mail_key, record_id
from crm.mail.events import EventKind, MailEvent
from testing.hosts import DAY, order
from testing.world import KEYS, World

SENT = DAY + timedelta(days=10)


def subscribed(world: World, *names: str) -> None:
    """Have people with an order and an opt-in."""
    for name in names:
        world.put_order(f"order-{name}", order(f"{name}@example.com", marketingOptIn=True))


def two_mailed() -> World:
    """Make a world in which Ada's mail was accepted, and of Bob's nobody knows."""
    world = World()
    subscribed(world, "ada", "bob")
    mailed(world, {"ada": "accepted", "bob": "uncertain"})
    return world


def campaign_id(number: int = 1) -> str:
    """Return the id of a campaign, of the form of random ones."""
    return f"campaign{'abcdefghij'[number]}{'z' * 17}"


def mail_id(name: str = "ada", number: int = 1) -> str:
    """Return what a campaign's mail to somebody is known by."""
    campaign = campaign_id(number)
    return record_id(campaign, mail_key(KEYS, campaign, f"{name}@example.com"))


def mailed(
    world: World,
    states: dict[str, PersonState],
    number: int = 1,
    at: datetime = SENT,
    **more: Any,
) -> None:
    """Have mailed a campaign to people, each with what became of it; all are in one shard."""
    campaign = campaign_id(number)
    shard_id = f"{campaign}-000001"
    for name, state in states.items():
        key = KEYS.address(f"{name}@example.com")
        record = MailRecord(
            id=mail_id(name, number),
            campaign_id=campaign,
            customer_id=world.with_email(f"{name}@example.com")["id"],
            identity=key,
            address=key,
            shard=shard_id,
            state=state,
            at=at,
        )
        world.store.put(record.path, replace(record, **more).to_data())
    people = sorted(world.with_email(f"{name}@example.com")["id"] for name in states)
    shard = Shard(shard_id, campaign, tuple(people), (), {}, counts_of(states.values()))
    world.store.put(shard.path, shard.to_data())
    put_campaign(world, number)


def put_campaign(world: World, number: int = 1, state: Any = "sending") -> None:
    """Have a campaign."""
    campaign = Campaign(
        id=campaign_id(number),
        name="May",
        subject="What is on in May",
        preview="",
        body={"format": "markdown", "source": "Hello"},
        segment={},
        sender="news@example.com",
        created_at=DAY,
        updated_at=DAY,
        state=state,
    )
    world.store.put(campaign.path, campaign.to_data())


def counts_of(states: Iterable[PersonState]) -> Counts:
    """Count people by state."""
    some = list(states)
    return Counts(len(some), **{state: some.count(state) for state in set(some)})


def event(
    kind: EventKind,
    name: str = "ada",
    number: int = 1,
    hours: float = 1,
    **more: Any,
) -> MailEvent:
    """Return what is told of a mail, some hours after it was sent."""
    at = SENT + timedelta(hours=hours)
    return replace(MailEvent(kind, at, mail_id(name, number), event_id=f"{kind}-{hours}"), **more)


def record_of(world: World, name: str = "ada", number: int = 1) -> MailRecord:
    """Return the record of somebody's mail."""
    held = mail_id(name, number)
    return MailRecord.from_data(held, world.store.all("crmMails")[held])


def shard_counts(world: World, number: int = 1) -> Counts:
    """Return the counts of a campaign's shard."""
    return Counts.from_data(
        world.store.all("crmAudiences")[f"{campaign_id(number)}-000001"]["counts"]
    )
