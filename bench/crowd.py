"""A shop's customers, made up with the shapes that real ones have, and questions about them.

Tags and events by Zipf's law, spend log-normal, last orders the more the nearer. The same seed
makes the same customers and questions.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any, Final
from zoneinfo import ZoneInfo

from crm.customers.facets import facets
from crm.customers.search_terms import terms
from crm.segments.language.ast import Node
from crm.segments.language.expansion import expand
from crm.segments.language.text import parse

NOW: Final = datetime(2026, 3, 1, 9, 17, 42, tzinfo=UTC)
TAGS: Final = [f"tag-{number:03}" for number in range(300)]
EVENTS: Final = [f"event-{number:03}" for number in range(150)]
DOMAINS: Final = [
    "gmail.com",
    "outlook.com",
    "acme.com",
    "example.org",
    *map("d{}.example".format, range(96)),
]
STATUSES: Final = ("subscribed", "unsubscribed", "none")
ZONE: Final = ZoneInfo("America/Los_Angeles")

Json = dict[str, Any]


def _zipf(number: int) -> list[float]:
    return list(accumulate(1 / (rank + 1) for rank in range(number)))


_TAG_WEIGHTS: Final = _zipf(len(TAGS))
_EVENT_WEIGHTS: Final = _zipf(len(EVENTS))
_DOMAIN_WEIGHTS: Final = _zipf(len(DOMAINS))


def customers(number: int, seed: int = 1) -> dict[str, Json]:
    """Return so many customers by id."""
    chance = random.Random(seed)
    ids = sorted({f"{chance.getrandbits(130):026x}" for _ in range(number)})
    return {customer_id: _customer(chance, customer_id) for customer_id in ids}


def _customer(chance: random.Random, customer_id: str) -> Json:
    orders = 0 if chance.random() < 0.05 else min(1 + int(chance.expovariate(0.45)), 400)
    held = sorted(set(chance.choices(EVENTS, cum_weights=_EVENT_WEIGHTS, k=orders)))[:12]
    last = NOW - timedelta(seconds=min(chance.expovariate(1 / 300) * 86_400, 3_000 * 86_400))
    first = last - timedelta(seconds=chance.expovariate(1 / 200) * 86_400 if orders > 1 else 0)
    domain = chance.choices(DOMAINS, cum_weights=_DOMAIN_WEIGHTS)[0]
    currency = chance.choices(("USD", "EUR", "THB"), (80, 18, 2))[0]
    came = [event for event in held if chance.random() < 0.8]
    data: Json = {
        "primaryEmail": f"{customer_id[:10]}@{domain}",
        "emails": [f"{customer_id[:10]}@{domain}"],
        "userIds": [customer_id[:8]] if chance.random() < 0.4 else [],
        "name": f"{customer_id[:5].title()} {customer_id[5:12].title()}",
        "tags": sorted(
            set(
                chance.choices(
                    TAGS, cum_weights=_TAG_WEIGHTS, k=min(int(chance.expovariate(0.4)), 20)
                )
            )
        ),
        "totalSpend": {currency: int(chance.lognormvariate(9, 1.2)) * orders} if orders else {},
        "orderCount": orders,
        "firstOrderAt": first if orders else None,
        "lastOrderAt": last if orders else None,
        "eventIds": held,
        "attendedEventIds": came,
        "events": {event: _event(event, came=event in came) for event in held},
        "marketing": {"status": chance.choices(STATUSES, (45, 10, 45))[0]},
        "createdAt": first,
        "updatedAt": NOW,
        "schemaVersion": 1,
    }
    data["registered"] = bool(data["userIds"])
    return {**data, "facets": facets(data), "search": terms(data)}


def _event(event_id: str, *, came: bool) -> Json:
    """Every other event of those that were attended has no check-ins recorded."""
    number = EVENTS.index(event_id)
    return {
        "name": f"Event {number}",
        "startsAt": NOW - timedelta(days=5 * (number + 1)),
        "tickets": 1,
        "checkedIn": 0 if not came else 1 if number % 2 else None,
    }


# --- Questions ---------------------------------------------------------------------------------


def _facet(chance: random.Random) -> Json:
    return chance.choice(
        (
            {"tag": chance.choices(TAGS, cum_weights=_TAG_WEIGHTS)[0]},
            {"tag": chance.choice(TAGS)},
            {"attended": chance.choices(EVENTS, cum_weights=_EVENT_WEIGHTS)[0]},
            {"hasTicket": chance.choices(EVENTS, cum_weights=_EVENT_WEIGHTS)[0]},
            {"noShow": chance.choices(EVENTS, cum_weights=_EVENT_WEIGHTS)[0]},
            {"tagged": chance.random() < 0.5},
            {"marketing": chance.choice(STATUSES)},
            {"registered": chance.random() < 0.5},
            {"emailDomain": chance.choices(DOMAINS, cum_weights=_DOMAIN_WEIGHTS)[0]},
        )
    )


def _common(chance: random.Random) -> Json:
    """Something many customers have."""
    return chance.choice(
        (
            {"tag": chance.choice(TAGS[:8])},
            {"hasTicket": chance.choice(EVENTS[:8])},
            {"marketing": chance.choice(STATUSES)},
            {"registered": chance.random() < 0.5},
        )
    )


def _limits(chance: random.Random, low: Any, high: Any) -> Json:
    lows, highs = {chance.choice(("gte", "gt")): low}, {chance.choice(("lt", "lte")): high}
    return chance.choice((lows, highs, lows | highs))


def _range(chance: random.Random) -> Json:
    kind = chance.randrange(6)
    if kind < 2:
        low = int(chance.lognormvariate(9.5, 1.3))
        limits = _limits(chance, low, low + int(chance.lognormvariate(9.5, 1.3)))
        return {"totalSpend": {"currency": chance.choice(("USD", "USD", "EUR")), **limits}}
    if kind == 2:
        low = chance.randint(1, 8)
        return {"orderCount": _limits(chance, low, low + chance.randint(1, 5))}
    field = chance.choice(("firstOrderAt", "lastOrderAt", "lastOrderAt"))
    if kind == 3:
        return {field: {chance.choice(("withinDays", "olderThanDays")): chance.randint(1, 700)}}
    start = NOW - timedelta(days=chance.uniform(5, 900))
    end = start + timedelta(days=chance.uniform(3, 400))
    if kind == 4:  # days, as people write them
        return {field: _limits(chance, start.date().isoformat(), end.date().isoformat())}
    return {field: _limits(chance, start.isoformat(), end.isoformat())}


def _mixed(chance: random.Random, levels: int = 3) -> Json:
    if levels == 0 or chance.random() < 0.25:
        return chance.choice((_facet, _common, _range))(chance)
    if chance.random() < 0.2:
        return {"not": _mixed(chance, levels - 1)}
    several = [_mixed(chance, levels - 1) for _ in range(chance.randint(2, 3))]
    return {chance.choice(("all", "all", "any")): several}


def _some(
    make: Callable[[random.Random], Json], chance: random.Random, low: int, high: int
) -> list[Json]:
    return [make(chance) for _ in range(chance.randint(low, high))]


CLASSES: Final[dict[str, Callable[[random.Random], Json]]] = {
    "one facet": _facet,
    "AND of 2-5 facets": lambda chance: {"all": _some(_common, chance, 2, 5)},
    "one range": _range,
    "facets and a range": lambda chance: {"all": [*_some(_common, chance, 1, 3), _range(chance)]},
    "2-3 ranges": lambda chance: {"all": _some(_range, chance, 2, 3)},
    "2-3 ranges and facets": lambda chance: {
        "all": [*_some(_range, chance, 2, 3), *_some(_common, chance, 1, 2)]
    },
    "OR of 2-4": lambda chance: {"any": _some(chance.choice((_facet, _range)), chance, 2, 4)},
    "NOT beside a facet": lambda chance: {
        "all": [_common(chance), *({"not": one} for one in _some(_facet, chance, 1, 2))]
    },
    "NOT alone": lambda chance: {"not": chance.choice((_facet, _range))(chance)},
    "deep, mixed": lambda chance: {"all": [_mixed(chance), _mixed(chance)]},
}


def questions(number: int, seed: int = 2) -> Iterator[tuple[str, Node]]:
    """Return so many random questions with their classes, in turn."""
    chance = random.Random(seed)
    for count in range(number):
        name = list(CLASSES)[count % len(CLASSES)]
        yield name, question(CLASSES[name](chance))


def question(segment: object) -> Node:
    """Return a question in either form as the engine takes it; days are those of `ZONE`."""
    return expand(parse(segment), lambda _: None, ZONE)


def picked() -> Iterator[tuple[str, Node]]:
    """Return the questions of `PICKED` with their classes."""
    for name, texts in PICKED.items():
        yield from ((name, question(text)) for text in texts)


PICKED: Final[dict[str, list[str]]] = {
    "one facet": [
        "tag:tag-000",
        "tag:tag-050",
        "tag:tag-299",
        "attended:event-000",
        "has_ticket:event-100",
        "no_show:event-001",
        "untagged",
        "subscribed",
        "registered:false",
        "email_domain:gmail.com",
    ],
    "AND of 2-5 facets": [
        "tag:tag-000 and tag:tag-001",
        "tag:tag-000 and subscribed and registered",
        "attended:event-000 and attended:event-001 and subscribed",
        "tag:tag-002 and has_ticket:event-003 and marketing:none",
        "tag:tag-000 and tag:tag-001 and tag:tag-002 and tag:tag-003",
        "subscribed and registered and email_domain:gmail.com and tag:tag-000 and tag:tag-001",
        "has_ticket:event-000 and no_show:event-001 and untagged",
    ],
    "one range": [
        "total_spend >= 100 USD",
        "total_spend >= 1000 USD",
        "total_spend < 25.50 USD",
        "total_spend >= 99.90 USD, < 250 USD",
        "total_spend > 0 EUR",
        "total_spend = 0 USD",
        "order_count >= 2",
        "order_count = 1",
        "order_count >= 3, <= 7",
        "last_order_at within 1 days",
        "last_order_at within 7 days",
        "last_order_at within 90 days",
        "last_order_at older than 90 days",
        "last_order_at >= 2025-01-01",
        "last_order_at >= 2025-03-01, < 2025-04-01",
        "last_order_at = 2025-11-02",
        "first_order_at < 2024-01-01",
        "first_order_at >= 2025-11-28T08:15:00Z, < 2025-11-29T20:45:00Z",
    ],
    "facets and a range": [
        "tag:tag-000 and total_spend >= 100 USD",
        "subscribed and total_spend >= 50 USD, < 500 USD",
        "attended:event-000 and last_order_at within 90 days",
        "subscribed and registered and tag:tag-000 and order_count >= 3",
        "tag:tag-001 and last_order_at older than 365 days",
        "has_ticket:event-002 and first_order_at >= 2025-01-01",
        "subscribed and registered and tag:tag-000 and tag:tag-001"
        " and total_spend >= 33.33 USD, < 1234.56 USD",
    ],
    "2-3 ranges": [
        "total_spend >= 100 USD and last_order_at within 90 days",
        "order_count >= 2 and last_order_at older than 180 days",
        "total_spend >= 100 USD and order_count >= 2 and last_order_at within 365 days",
        "first_order_at >= 2024-01-01 and last_order_at < 2025-06-01",
        "total_spend >= 20 USD, < 80 USD and last_order_at >= 2025-02-03, < 2025-07-08",
    ],
    "2-3 ranges and facets": [
        "subscribed and tag:tag-000 and attended:event-000 and total_spend >= 100 USD"
        " and last_order_at older than 90 days",
        "registered and order_count >= 2 and last_order_at within 60 days",
        "subscribed and total_spend >= 200 USD and order_count >= 3"
        " and last_order_at within 180 days",
    ],
    "OR of 2-4": [
        "tag:tag-000 or tag:tag-001",
        "tag:tag-000 or attended:event-000 or total_spend >= 500 USD",
        "subscribed or registered",
        "last_order_at within 7 days or last_order_at older than 700 days",
    ],
    "NOT beside a facet": [
        "tag:tag-000 and not tag:tag-001",
        "subscribed and not attended:event-000",
        "subscribed and not tag:tag-000 and not tag:tag-001",
        "attended:event-000 and not registered",
        "tag:tag-000 and not last_order_at within 90 days",
    ],
    "NOT alone": [
        "not tag:tag-000",
        "not subscribed",
        "not last_order_at within 90 days",
        "not (tag:tag-000 or tag:tag-001)",
        "not total_spend >= 100 USD",
    ],
    "deep, mixed": [
        "subscribed and (tag:tag-000 or tag:tag-001)"
        " and not (attended:event-000 and order_count < 3)",
        "(tag:tag-000 and total_spend >= 100 USD) or (tag:tag-001 and not registered)",
        "subscribed and not (total_spend < 100 USD and last_order_at older than 90 days)",
        "(tag:tag-000 or tag:tag-001 or tag:tag-002) and (attended:event-000 or attended:event-001)"
        " and (total_spend >= 100 USD or order_count >= 5)",
    ],
}
"""Questions that people ask, by class."""
