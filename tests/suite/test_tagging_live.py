"""Tags by HTTP, the task queue and workers that are killed: `CRM_TAGGED` customers (2,500)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from google.cloud.firestore import FieldFilter

from crm.core.roles import Role
from crm.db.collections import CUSTOMERS, JOBS, SLICES, TAGS
from crm.firebase.staff import grant
from suite.running import Suite
from testing.auth import Person, sign_up
from testing.client import client_of
from testing.patience import eventually
from tests.support.gathering import NOW, Crowd, batches, customer, gather
from tests.support.processes import SHOWN, kill
from tests.support.web import call

NUMBER = int(os.environ.get("CRM_TAGGED", "2500"))
KILLS = 5


@pytest.fixture(scope="module")
def editor(suite: Suite) -> Person:
    person = sign_up()
    grant(person.email, Role.EDITOR)
    return person


@pytest.fixture(scope="module")
def crowd(suite: Suite) -> Iterator[Crowd]:
    made = gather(client_of(suite.project), NUMBER)
    yield made
    for ids in batches(made.ids):
        batch = made.documents.batch()
        for customer_id in ids:
            batch.delete(made.documents.document(f"{CUSTOMERS}/{customer_id}"))
        batch.commit()


def done_of(crowd: Crowd, job_id: str) -> int:
    """How many customers are tagged, as `get_job` says it; each slice counts for itself."""
    parts = crowd.documents.collection(SLICES).where(filter=FieldFilter("jobId", "==", job_id))
    done: int = job_of(crowd, job_id)["done"]
    return done + sum(int(one.get("done")) for one in parts.get())


def slices_of(crowd: Crowd, job_id: str) -> int:
    parts = crowd.documents.collection(SLICES).where(filter=FieldFilter("jobId", "==", job_id))
    return len(parts.get())


def job_of(crowd: Crowd, job_id: str) -> dict[str, Any]:
    return crowd.documents.document(f"{JOBS}/{job_id}").get().to_dict() or {}


def finished(crowd: Crowd, job_id: str) -> dict[str, Any]:
    def check() -> dict[str, Any]:
        job = job_of(crowd, job_id)
        assert job["state"] == "done", job
        return job

    return eventually(check, seconds=60 + NUMBER / 50)


@pytest.mark.skipif(not SHOWN, reason="finds processes in /proc")
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

    arguments = {
        "segment": {"attended": crowd.event},
        "add": [f"B {mark}"],
        "remove": [f"a {mark}"],
    }
    (answer,) = call(suite, editor, ("tag_customers", arguments))
    job_id = answer["data"]["jobId"]
    killed: list[int] = []
    while len(killed) < KILLS:

        def got_on() -> int:
            done = done_of(crowd, job_id)
            assert done > max(killed, default=0)
            return done

        at = eventually(got_on, seconds=120)
        if at == NUMBER:
            break
        if kill(suite, "worker"):
            killed.append(at)
    job = finished(crowd, job_id)
    assert len(killed) == KILLS, killed
    assert job["result"] == {"updated": NUMBER, "unchanged": 0, "full": 0}
    assert (job["done"], job["total"], job["arguments"]) == (NUMBER, NUMBER, {})
    assert slices_of(crowd, job_id) == 0
    tags = call(suite, editor, ("list_tags", {"pageSize": 200}))[0]["data"]["tags"]
    counts = {one["tag"]: one["customers"] for one in tags}
    assert counts[f"a-{mark}"] == crowd.having(f"a-{mark}") == 0
    assert counts[f"b-{mark}"] == crowd.having(f"b-{mark}") == NUMBER

    if "CRM_TAGGED" not in os.environ:
        return  # a comparison for people; the emulator keeps every version of every document
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
        data = replace(before, tags=("x",)).to_data(NOW, double=False)
        fields = {name: data[name] for name in ("tags", "facets", "updatedAt")}
        writer.update(crowd.documents.document(f"{CUSTOMERS}/{customer_id}"), fields)
    writer.close()
    return len(crowd.ids) / (time.monotonic() - began)


def test_tags_are_renamed_and_deleted_by_http(suite: Suite, editor: Person) -> None:
    few = gather(client_of(suite.project), 3)
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
    done = {"updated": 3, "unchanged": 0, "full": 0, "notFound": ["nobody"], "warnings": []}
    assert tagged["data"] == done
    assert again["data"] == done | {"updated": 0, "unchanged": 3, "notFound": []}
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
