"""Commits of an erasure whose answer is lost: each is recognised and not made a second time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from crm.core.errors import Refusal, Transient
from crm.customers.reference import CustomerRef
from crm.db.documents import Version, Write
from crm.privacy.erasure.erase import erase, erase_again, erasures
from crm.privacy.erasure.reason import OWN
from crm.privacy.own import SignedIn
from testing.hosts import item, order
from testing.world import KEYS, World

ADA = CustomerRef("email", "ada@example.com")


@pytest.fixture
def world() -> World:
    return World()


def lose(world: World, path: str) -> Counter[str]:
    """Have the answer of the first commit be lost that writes there; count these commits."""
    commit, met = world.store.commit, Counter[str]()

    def losing(writes: Sequence[Write]) -> list[Version]:
        done = commit(writes)
        if any(one.path.startswith(path) for one in writes):
            met[path] += 1
            if met[path] == 1:
                raise Transient("the answer was lost")
        return done

    world.store.commit = losing  # type: ignore[method-assign]
    return met


def gone(world: World, who: CustomerRef | SignedIn = ADA, seconds: float = 40) -> dict[str, Any]:
    return erase(world.runner, world.queue.append, who, reason="asked", seconds=seconds)


def made(world: World) -> dict[str, int]:
    """How many records, jobs and entries in the audit trail there are."""
    return {
        name: len(world.store.all(collection))
        for name, collection in (
            ("records", "crmErasures"),
            ("jobs", "crmJobs"),
            ("entries", "crmAudit"),
        )
    }


ONCE = {"records": 1, "jobs": 1, "entries": 1}


def test_the_commit_that_erases_a_customer(world: World) -> None:
    world.put_order("o1", order())
    met = lose(world, "crmErasures/")
    answer = gone(world, seconds=0)
    assert answer["status"] == "running"
    assert met["crmErasures/"] == 2, "that, and the step that forgets uids"
    world.work()
    assert gone(world)["status"] == "done"
    assert made(world) == ONCE


def test_the_commit_that_erases_nobodys_orders(world: World) -> None:
    world.put_order("odd", order(status="unheard of", odd=True))
    lose(world, "crmErasures/")
    assert gone(world)["status"] == "done"
    assert made(world) == ONCE
    assert world.store.all("orders")["odd"]["name"] is None


def test_the_commit_that_erases_again(world: World) -> None:
    world.put_order("o1", order())
    kept = dict(world.store._kept)
    gone(world)
    (record,) = erasures(world.runner)
    world.store._kept = kept
    lose(world, "crmErasures/")
    erase_again(world.runner, world.queue.append, record, seconds=0)
    world.work()
    assert made(world) == ONCE
    assert [one.state for one in erasures(world.runner)] == ["done"]
    assert world.customers() == []


def test_the_commit_that_begins_a_job_again_which_was_given_up(world: World) -> None:
    world.put_order("o1", order())
    gone(world, seconds=0)
    ((job_id, job),) = world.store.all("crmJobs").items()
    world.store.put(f"crmJobs/{job_id}", {**job, "state": "failed", "error": "internal"})
    world.queue.clear()
    met = lose(world, "crmErasures/")
    answer = gone(world)
    assert met["crmErasures/"] == 1
    (record,) = world.store.all("crmErasures").values()
    assert world.queue == [record["jobId"]] != [job_id]
    jobs = world.store.all("crmJobs")
    again = jobs[record["jobId"]]
    assert (len(jobs), again["state"], again["kind"]) == (2, "queued", "erasure")
    assert again["arguments"] == {"erasureId": answer["erasureId"]}
    assert answer["status"] == "running"
    world.work()
    assert gone(world)["status"] == "done"
    assert made(world) == {**ONCE, "jobs": 2}


def test_an_erasure_that_is_done_meanwhile_is_not_begun_again(world: World) -> None:
    """Its job was given up, and who took it up before this call has ended it since."""
    world.put_order("o1", order())
    gone(world, seconds=0)
    ((job_id, job),) = world.store.all("crmJobs").items()
    world.store.put(f"crmJobs/{job_id}", {**job, "state": "failed", "error": "internal"})
    ((erasure_id, record),) = world.store.all("crmErasures").items()
    new_id = world.runner.new_id

    def meanwhile() -> str:
        world.store.put(f"crmErasures/{erasure_id}", {**record, "state": "done"})
        return new_id()

    object.__setattr__(world.runner, "new_id", meanwhile)
    gone(world)
    assert made(world) == ONCE
    assert world.store.all("crmErasures")[erasure_id]["jobId"] == job_id


def test_the_commit_that_keeps_a_request_for_staff() -> None:
    world = World(trust="auth")
    world.accounts.of = {"u1": "ada@example.com"}
    world.put_user("u1", {"email": "ada@example.com"})
    soon = [item("e", eventStartsAt=world.store.now().replace(year=2099))]
    world.put_order("o1", order(userId="u1", items=soon))
    met = lose(world, "crmRequests/")
    for _ in range(2):
        with pytest.raises(Refusal) as refusal:
            erase(
                world.runner,
                world.queue.append,
                SignedIn("u1", "ada@example.com"),
                reason=OWN,
            )
        assert refusal.value.reason == "held"
    assert met["crmRequests/"] == 1
    ((name, request),) = world.store.all("crmRequests").items()
    assert name == KEYS.user("u1")
    assert request["stoppedBy"] == "held"
    assert [one["action"] for one in world.store.all("crmAudit").values()] == ["erasure.request"]
