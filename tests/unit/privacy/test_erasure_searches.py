"""What the steps of an erasure look for in each collection, and what they write there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crm.db.documents import REMOVED, Data, Delete, Update
from crm.jobs.job import Progress
from testing.hosts import DAY
from testing.world import World
from tests.support.erasing import (
    ADDRESS,
    OTHER,
    USER,
    erasure,
    put_all,
    seen,
    taken,
    version,
    written,
)

GONE = {"customerId": None, "identity": None, "erased": "e"}


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("collection", ["crmMails", "crmRuleRuns"])
def test_records_are_blanked_that_were_there_before_or_name_an_id_of_the_person(
    world: World, collection: str
) -> None:
    """A record of the moment itself was before it; one of later is of who came back."""

    def record(identity: str = ADDRESS, customer: str = "c2") -> Data:
        return {"identity": identity, "customerId": customer, "address": identity, "state": "x"}

    early = {"a-before": record(), "b-before": record(USER), "c-other": record(OTHER)}
    put_all(world, {f"{collection}/{name}": data for name, data in early.items()})
    world.store.put(f"{collection}/d-at", record())
    at = seen(world, f"{collection}/d-at").created
    late = {"e-after": record(), "f-own": record(customer="c"), "g-own": record(OTHER, "c")}
    put_all(world, {f"{collection}/{name}": data for name, data in late.items()})
    erasure(world, at=at)
    blank: dict[str, object] = dict(GONE)
    if collection == "crmMails":
        blank |= {"address": None, "providerId": None}
    names = [f"{collection}/{name}" for name in ("a-before", "b-before", "d-at", "f-own")]
    expected = [Update(path, blank, version(world, path)) for path in names]
    assert written(world) == expected
    assert world.store.all(collection)["a-before"] == {**record(), **blank}


def test_consents_go_by_the_earlier_of_their_time_and_the_databases(world: World) -> None:
    world.store.put("crmConsents/a-at", {"identity": ADDRESS, "at": DAY})
    at = seen(world, "crmConsents/a-at").created
    assert at is not None
    late = at + timedelta(days=9)
    world.store.put("crmConsents/b-decided-before", {"identity": USER, "at": DAY})
    world.store.put("crmConsents/c-decided-at-the-moment", {"identity": USER, "at": at})
    world.store.put("crmConsents/d-later", {"identity": USER, "at": late})
    world.store.put("crmConsents/e-other", {"identity": OTHER, "at": DAY})
    erasure(world, at=at)
    gone = ("a-at", "b-decided-before", "c-decided-at-the-moment")
    assert written(world) == [Delete(f"crmConsents/{name}") for name in gone]


def test_a_consent_whose_order_lies_ahead_goes_if_it_was_written_before(world: World) -> None:
    world.store.put("crmConsents/a", {"identity": ADDRESS, "at": DAY + timedelta(days=9_999)})
    erasure(world)
    assert written(world) == [Delete("crmConsents/a")]


def test_merges_lose_the_tags_of_the_persons_side(world: World) -> None:
    def merge(source: str, target: str, tags: list[str], more: list[str]) -> Data:
        sides = {"sourceId": source, "targetId": target}
        return {**sides, "source": {"tags": tags, "x": 1}, "target": {"tags": more, "y": 2}}

    versions = put_all(
        world,
        {
            "crmMerges/a": merge("c", "d", ["s"], ["t"]),
            "crmMerges/b": merge("d", "c", ["s"], ["t"]),
            "crmMerges/c": merge("c", "d", [], ["t"]),
            "crmMerges/d": merge("d", "e", ["s"], ["t"]),
            "crmMerges/e": merge("c2", "c", ["s"], ["t"]),
        },
    )
    erasure(world, customers=("c", "c2"))
    source, target = {"tags": [], "x": 1}, {"tags": [], "y": 2}
    both = {"source": source, "target": target}
    assert written(world) == [
        Update("crmMerges/a", {"source": source}, versions["crmMerges/a"]),
        Update("crmMerges/e", both, versions["crmMerges/e"]),
        Update("crmMerges/b", {"target": target}, versions["crmMerges/b"]),
    ]


def test_lists_lose_the_persons_rows_and_keep_the_others(world: World) -> None:
    def chunk(*keys: str) -> Data:
        rows = {str(place): {"key": key, "name": "x"} for place, key in enumerate(keys)}
        return {"keys": list(keys), "rows": rows, "done": {"9": {"key": OTHER}}, "undone": False}

    fields = {"key": OTHER, "fieldsKey": USER}
    versions = put_all(
        world,
        {
            "crmImported/a": chunk(OTHER, ADDRESS),
            "crmImported/b": chunk(OTHER),
            "crmImported/c": chunk(USER),
            "crmImported/d": {**chunk(OTHER), "keys": [OTHER, USER], "done": {"1": fields}},
        },
    )
    erasure(world)
    assert written(world) == [
        Update("crmImported/a", {"keys": [OTHER], "rows.`1`": REMOVED}, versions["crmImported/a"]),
        Update("crmImported/c", {"keys": [], "rows": {}}, versions["crmImported/c"]),
        Update("crmImported/d", {"keys": [OTHER], "done": {}}, versions["crmImported/d"]),
    ]


@pytest.mark.parametrize("number", [0, 29, 30, 31, 60, 61])
def test_notes_of_as_many_parts_as_there_are_go(world: World, number: int) -> None:
    """One query takes 30 parts."""
    put_all(world, {f"crmNotes/{n:02}": {"partId": f"p{n:02}"} for n in range(62)})
    erasure(world, parts=tuple(f"p{n:02}" for n in range(number)))
    progress = taken(world, [10, None])
    assert progress.writes == [Delete(f"crmNotes/{n:02}") for n in range(number)]
    assert progress.cursor == [11, None]


# --- Mails that are on their way ------------------------------------------------------------------


LIMIT, EARLY = timedelta(minutes=5), timedelta(minutes=1)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("since", "until", "waits"),
    [
        (timedelta(0), timedelta(0), True),
        (timedelta(0), -EARLY, True),
        (timedelta(0), -EARLY - TICK, False),
        (LIMIT - TICK, LIMIT, True),
        (LIMIT, LIMIT, False),
        (LIMIT + TICK, LIMIT, False),
    ],
)
def test_mails_wait_for_who_may_have_read_the_person_and_no_longer_than_that_lasts(
    world: World, since: timedelta, until: timedelta, waits: bool
) -> None:
    at = world.store.now()
    erasure(world, at=at)
    world.store.put("crmAudiences/a", {"leaseUntil": at + until})
    world.store.put("crmAudiences/b", {"leaseUntil": None})
    mail = {"identity": ADDRESS, "customerId": "c", "address": ADDRESS}
    world.store.put("crmMails/m", mail)
    now = at + since
    world.runner = replace(world.runner, now=lambda: now)
    progress = taken(world, [9, "behind"])
    if waits:
        later = now + timedelta(seconds=15)
        assert progress == Progress([9, "behind"], not_before=later)
    else:
        assert (progress.cursor, progress.not_before) == ([10, None], None)
        assert [one.path for one in progress.writes] == ["crmMails/m"]


def test_nothing_but_mails_waits(world: World) -> None:
    erasure(world)
    world.store.put("crmAudiences/a", {"leaseUntil": world.store.now() + LIMIT})
    for number in (*range(1, 9), 10):
        assert taken(world, [number, None]).not_before is None
