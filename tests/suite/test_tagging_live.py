"""Tags by HTTP, the task queue and a worker that is killed: `CRM_TAGGED` customers (3,000)."""

from __future__ import annotations

import os
import random
import signal
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from google.cloud.firestore import Client, FieldFilter

from crm.access import Role
from crm.accounts import grant
from crm.customer import Customer
from crm.part import Attendance, Part, Source, Spend
from crm.planning import CUSTOMERS, JOBS, TAGS
from crm.store import client
from suite.running import Suite
from tests.support.auth import Person, sign_up
from tests.support.live import eventually
from tests.support.web import call

NUMBER = int(os.environ.get("CRM_TAGGED", "3000"))
BATCH = 250
KILLS = 3
NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)
PROC = Path("/proc")


@pytest.fixture(scope="module")
def editor(suite: Suite) -> Person:
    person = sign_up()
    grant(person.email, Role.EDITOR)
    return person


@dataclass(frozen=True)
class Crowd:
    """Customers who attended an event that nobody else did."""

    documents: Client
    event: str
    ids: list[str]

    def having(self, tag: str) -> int:
        query: Any = self.documents.collection(CUSTOMERS)
        found = query.where(filter=FieldFilter("tags", "array_contains", tag))
        return int(found.count().get()[0][0].value)


@pytest.fixture(scope="module")
def crowd(suite: Suite) -> Iterator[Crowd]:
    made = gather(client(suite.project), NUMBER)
    yield made
    for ids in batches(made.ids):
        batch = made.documents.batch()
        for customer_id in ids:
            batch.delete(made.documents.document(f"{CUSTOMERS}/{customer_id}"))
        batch.commit()


def gather(documents: Client, number: int) -> Crowd:
    crowd = Crowd(documents, uuid.uuid4().hex, [uuid.uuid4().hex for _ in range(number)])
    for ids in batches(crowd.ids):
        batch = documents.batch()
        for customer_id in ids:
            batch.create(
                documents.document(f"{CUSTOMERS}/{customer_id}"),
                customer(customer_id, crowd.event).to_data(NOW),
            )
        batch.commit()
    return crowd


def batches(ids: list[str]) -> Iterator[list[str]]:
    return (ids[at : at + BATCH] for at in range(0, len(ids), BATCH))


def customer(customer_id: str, event: str) -> Customer:
    source = Source(NOW, f"o-{customer_id}")
    part = Part(
        key=f"e1-{customer_id}",
        address=f"{customer_id}@example.com",
        orders=1,
        counted=1,
        spend={"USD": Spend(4990, 1)},
        first=NOW,
        last=NOW,
        name="Ada Lovelace",
        name_source=source,
        events={event: Attendance(1, 1, 1, 0, "DevOps Workshop", NOW, source)},
    )
    return Customer(customer_id, NOW, {f"p-{customer_id}": part})


def workers(suite: Suite) -> list[int]:
    """The processes of this suite in which the function `worker` runs."""
    needed = {b"FUNCTION_TARGET=worker", f"FIRESTORE_EMULATOR_HOST={suite.firestore_host}".encode()}
    found = []
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                environment = entry.joinpath("environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if needed <= {*environment}:
                found.append(int(entry.name))
    return found


def kill_workers(suite: Suite) -> int:
    pids = workers(suite)
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    return len(pids)


def job_of(crowd: Crowd, job_id: str) -> dict[str, Any]:
    return crowd.documents.document(f"{JOBS}/{job_id}").get().to_dict() or {}


def finished(crowd: Crowd, job_id: str) -> dict[str, Any]:
    def check() -> dict[str, Any]:
        job = job_of(crowd, job_id)
        assert job["state"] == "done", job
        return job

    return eventually(check, seconds=60 + NUMBER / 50)


@pytest.mark.skipif(not PROC.joinpath("self/environ").exists(), reason="finds processes in /proc")
def test_a_segment_is_tagged_by_workers_that_are_killed(
    suite: Suite, crowd: Crowd, editor: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    mark = crowd.event[:12]
    began = time.monotonic()
    arguments: dict[str, object] = {"segment": f"attended:{crowd.event}", "add": [f"A {mark}"]}
    (answer,) = call(suite, editor, ("tag_customers", arguments))
    job = finished(crowd, answer["data"]["jobId"])
    undisturbed = NUMBER / (time.monotonic() - began)
    assert job["result"] == {"updated": NUMBER, "unchanged": 0, "full": 0}
    assert crowd.having(f"a-{mark}") == NUMBER

    chance = random.Random(crowd.event)
    steps = sorted(chance.sample(range(4, NUMBER // BATCH), KILLS))
    arguments = {
        "segment": {"attended": crowd.event},
        "add": [f"B {mark}"],
        "remove": [f"a {mark}"],
    }
    (answer,) = call(suite, editor, ("tag_customers", arguments))
    job_id = answer["data"]["jobId"]
    killed = []
    for step in steps:

        def reached(step: int = step) -> int:
            done: int = job_of(crowd, job_id)["done"]
            assert done >= step * BATCH
            return done

        at = eventually(reached)
        if at < NUMBER and kill_workers(suite):
            killed.append(at)
    job = finished(crowd, job_id)
    assert len(killed) == KILLS, (steps, killed)
    assert job["result"] == {"updated": NUMBER, "unchanged": 0, "full": 0}
    assert (job["done"], job["total"], job["arguments"]) == (NUMBER, NUMBER, {})
    tags = call(suite, editor, ("list_tags", {"pageSize": 200}))[0]["data"]["tags"]
    counts = {one["tag"]: one["customers"] for one in tags}
    assert counts[f"a-{mark}"] == crowd.having(f"a-{mark}") == 0
    assert counts[f"b-{mark}"] == crowd.having(f"b-{mark}") == NUMBER

    bare = bulk_written(crowd)
    with capsys.disabled():
        print(
            f"\ntagging {NUMBER:,} customers: {undisturbed:,.0f} a second by the queue,"
            f" BulkWriter {bare:,.0f} a second; killed at {killed}"
        )


def bulk_written(crowd: Crowd) -> float:
    """Write what the job writes with a bare BulkWriter: no reading, no guard, no record."""
    began = time.monotonic()
    writer: Any = crowd.documents.bulk_writer()
    for customer_id in crowd.ids:
        before = customer(customer_id, crowd.event)
        data = replace(before, tags=("x",)).to_data(NOW)
        fields = {name: data[name] for name in ("tags", "facets", "updatedAt")}
        writer.update(crowd.documents.document(f"{CUSTOMERS}/{customer_id}"), fields)
    writer.close()
    return len(crowd.ids) / (time.monotonic() - began)


def test_tags_are_renamed_and_deleted_by_http(suite: Suite, editor: Person) -> None:
    few = gather(client(suite.project), 3)
    mark = few.event[:12]
    tagged, again, renamed, same, missing = call(
        suite,
        editor,
        ("tag_customers", {"customerIds": [*few.ids, "nobody"], "add": [f"X {mark}"]}),
        ("tag_customers", {"customerIds": few.ids, "add": [f"x-{mark}"]}),
        ("rename_tag", {"tag": f"x {mark}", "to": f"Y: {mark}"}),
        ("rename_tag", {"tag": f"y:-{mark}", "to": f"Y: {mark.upper()}"}),
        ("rename_tag", {"tag": f"x {mark}", "to": "z"}),
    )
    done = {"updated": 3, "unchanged": 0, "full": 0, "notFound": ["nobody"]}
    assert tagged["data"] == done
    assert again["data"] == {"updated": 0, "unchanged": 3, "full": 0, "notFound": []}
    assert renamed["data"] == {"updated": 3}
    assert same["data"] == {"updated": 0}
    assert missing["details"] == {"reason": "no-such-tag"}
    row = few.documents.document(f"{TAGS}/y:-{mark}").get()
    assert row.get("label") == f"Y: {mark.upper()}"
    assert few.having(f"y:-{mark}") == 3
    deleted, unknown = call(
        suite,
        editor,
        ("delete_tag", {"tag": f"Y: {mark}"}),
        ("get_job", {"jobId": "none"}),
    )
    assert deleted["data"] == {"updated": 3}
    assert unknown["details"] == {"reason": "no-such-job"}
    assert few.having(f"y:-{mark}") == 0
