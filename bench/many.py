"""One customer whose orders come to several instances at once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, Final

from google.cloud.firestore import Client

from bench.costs import Json, order
from bench.place import Host, fresh, put_all, shop
from bench.processes import Delivered, by_chance, processes

HOT: Final = 16
"""Orders of the hot customer that are under way at a time."""

SPREAD: Final = 4
"""Instances that a customer's orders are spread over."""

PEOPLE: Final = 16

SHOW: Final = [{"eventId": "show", "eventName": "Show"}]
"""All tickets are for one event, which every instance soon knows."""


def many(number: int, rounds: int) -> dict[str, dict[str, Any]]:
    """Return what events of few people cost at several instances, and how fast they are.

    Args:
        number: Events of one round.
        rounds: How many rounds.

    Returns:
        `one after the other`, `at once` (16 people) and `hot` (one person, 16 at a time, two
        instances). Of each by round `rates` (events a second), `reads` of an event and `conflicts`
        (the share of commits that were refused); and how many sums are `wrong` in the end.
    """
    return {
        "one after the other": _run(SPREAD, 1, 1, number, rounds),
        "at once": _run(SPREAD, PEOPLE, HOT, number, rounds),
        "hot": _run(2, 1, HOT, number, rounds),
    }


def _run(instances: int, people: int, in_flight: int, number: int, rounds: int) -> dict[str, Any]:
    client = fresh()
    host, names = Host(client), [f"{n:04}" for n in range(people)]
    put_all(client, shop(dict.fromkeys(names, 1)).items())
    ids = itertools.count(1)
    with processes(instances, client.project) as running:
        running.warm(host.write(_orders(names, ids, 2 * people)))
        done = [
            running.deliver(host.write(_orders(names, ids, number)), in_flight, by_chance(seed))
            for seed in range(rounds)
        ]
    return _figures(done) | {"wrong": _wrong(client, people, next(ids))}


def _orders(names: Sequence[str], ids: Iterator[int], number: int) -> list[tuple[str, Json]]:
    """Return new orders, each of another one of these people in turn."""
    some = itertools.islice(ids, number)
    return [(f"more-{n:06}", order(names[n % len(names)], n, items=SHOW)) for n in some]


def _figures(done: Sequence[Delivered]) -> dict[str, list[float]]:
    return {
        "rates": [round(one.rate, 1) for one in done],
        "reads": [round(one.reads, 3) for one in done],
        "conflicts": [round(one.conflicts, 4) for one in done],
    }


def _wrong(client: Client, people: int, beyond: int) -> int:
    """Count the orders that are missing from the customers, or are there too often."""
    found: Any = client.collection("customers").stream()
    counted: int = sum(one.get("orderCount") for one in found)
    # Each had one before; the ids begin with 1.
    return abs(people + beyond - 1 - counted)
