"""A world with subscribed customers and campaigns, in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from crm.campaigns.campaign import Campaign
from crm.db.collections import CAMPAIGNS
from testing.world import World

BEGIN = datetime(2023, 3, 1, 12, tzinfo=UTC)

STAFF = "u1-staff"


def order(email: str, **more: Any) -> dict[str, Any]:
    """A counted order whose buyer ticked the box."""
    return {
        "email": email,
        "status": "paid",
        "total": 10,
        "currency": "EUR",
        "createdAt": BEGIN,
        "marketingOptIn": True,
        "items": [{"eventId": "e1", "eventName": "DevOps Workshop", "eventStartsAt": BEGIN}],
        **more,
    }


def world_of(people: int, **settings: Any) -> World:
    """Return a world with so many subscribed customers, who attended the event `e1`."""
    world = World(settings={"mail": {"from": "News <news@example.com>", **settings}})
    world.runner = replace(world.runner, actor=STAFF)
    for number in range(people):
        world.put_order(f"o{number}", order(f"p{number}@example.com"))
    return world


def put_campaign(world: World, campaign_id: str = "c1", **fields: Any) -> str:
    """Put a campaign to everybody, a draft unless told otherwise."""
    now = world.runner.now()
    campaign = Campaign(
        campaign_id,
        "May",
        "News",
        "",
        {"format": "markdown", "source": "Hello"},
        {"attended": "e1"},
        "News <news@example.com>",
        now,
        now,
    )
    world.store.put(f"{CAMPAIGNS}/{campaign_id}", dict(replace(campaign, **fields).to_data()))
    return campaign_id


def campaign_in(world: World, campaign_id: str = "c1") -> Campaign:
    """Return a campaign as it is stored."""
    return Campaign.from_data(campaign_id, world.store.all(CAMPAIGNS)[campaign_id])
