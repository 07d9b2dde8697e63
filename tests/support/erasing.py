"""An erasure's steps, taken one by one over documents that a test puts there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from crm.db.collections import ERASURES
from crm.db.documents import Data, Snapshot, Write
from crm.jobs.job import Job, Progress
from crm.privacy.erasure import job as steps
from crm.privacy.erasure.plan import KIND
from crm.privacy.erasure.record import Erasure
from testing.world import KEYS, World

ADDRESS, USER, OTHER = KEYS.address("ada@example.com"), KEYS.user("u1"), KEYS.address("b@c.de")
STEP = steps.KINDS[KIND].step
PHASES = steps.KINDS[KIND].phases


def erasure(world: World, **more: Any) -> Erasure:
    """Put the record of an erasure of somebody with an address and a uid; give it."""
    one = Erasure("e", world.store.now(), "staff", "asked", ("c",), (ADDRESS, USER), ("p",), "j")
    one = replace(one, **more)
    world.store.put(f"{ERASURES}/e", one.to_data())
    return one


def a_job(world: World, cursor: object = None) -> Job:
    now = world.store.now()
    return Job("j", KIND, {"erasureId": "e"}, "staff", now, now, cursor=cursor)


def taken(world: World, cursor: object = None) -> Progress:
    return STEP(world.runner, a_job(world, cursor))


def all_taken(world: World, cursor: object = (4, None)) -> Iterator[tuple[object, Progress]]:
    """Take steps until one is the last; give where each began, and what it did."""
    while True:
        progress = taken(world, cursor)
        yield cursor, progress
        world.store.commit(progress.writes)
        if progress.finished:
            return
        cursor = progress.cursor


def written(world: World) -> list[Write]:
    """What the steps behind the orders write, but for the record."""
    found = [one for _, progress in all_taken(world) for one in progress.writes]
    assert found[-1].path == f"{ERASURES}/e"
    return found[:-1]


def version(world: World, path: str) -> int:
    return seen(world, path).version


def seen(world: World, path: str) -> Snapshot:
    return world.store.read([path])[path]


def put_all(world: World, documents: Mapping[str, Data]) -> dict[str, int]:
    """Put documents; give their versions."""
    for path, data in documents.items():
        world.store.put(path, data)
    return {path: version(world, path) for path in documents}
