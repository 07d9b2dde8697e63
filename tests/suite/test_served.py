"""Functions served as Cloud Run serves them, killed and cut off at random calls: exact in the end.

Real CloudEvents, callables and tasks by HTTP; SIGKILL at a call to Firestore, or its answer lost on
a connection that is cut. Then the platform's part: events and tasks are delivered again, whoever
got no answer calls again, and what was lost is left to a sweep. `CRM_KILLS=100` for the full size.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from google.cloud.firestore import FieldFilter

from crm.audit import verify as audit_check
from crm.core.keyring import Keyring
from crm.repair.verify import verify
from crm.runtime.services import EMULATOR_KEY
from suite.running import Suite
from testing.auth import sign_up
from testing.hosts import order, user
from tests.support.cloud_run import CloudRun, document
from tests.support.live import LiveWorld

KILLS = int(os.environ.get("CRM_KILLS", "3"))
SEED = 11
FAULTS = ("before", "after", "cut", "before", "after")
MOST_TRIES = 6


class Shop:
    """A shop whose functions are served; what was answered is remembered."""

    def __init__(self, run: CloudRun, live: LiveWorld) -> None:
        self.run, self.live = run, live
        self.random = random.Random(SEED)
        self.number = 0
        self.hit: Counter[str] = Counter()
        self.erased: set[str] = set()
        self.tagged: set[tuple[str, str]] = set()
        self.merges: list[str] = []

    # Every step makes a change and says whether it was answered.

    def new(self) -> tuple[str, str]:
        self.number += 1
        return f"o{self.number}", f"p{self.number}@example.com"

    def bought(self, email: str = "") -> tuple[str, str]:
        """An order whose event is handled at once, without a fault; its customer and address."""
        name, own = self.new()
        email = email or own
        self.live.host.put(f"orders/{name}", order(email, day=self.number))
        assert self.run.event(self.live.client, f"orders/{name}") == 200
        holds = FieldFilter("emails", "array_contains", email)
        (customer,) = self.live.client.collection("customers").where(filter=holds).get()
        return customer.id, email

    def hurt(self, calls: int, work: Callable[[], int], *, again: bool = True) -> bool:
        """Do something with one call of it gone wrong; then again, until it is answered."""
        fault = FAULTS[self.hit.total() % len(FAULTS)]
        self.run.arm(self.random.randint(1, calls), fault)
        status = work()
        if self.run.disarm():
            self.hit[fault] += 1
        for _ in range(MOST_TRIES):
            if status == 200 or not again:
                break
            status = work()
        assert status == 200 or not again
        return status == 200

    def order(self) -> None:
        name, email = self.new()
        self.live.host.put(f"orders/{name}", order(email, marketingOptIn=True))
        again = self.random.random() < 0.5  # else the sweep's
        self.hurt(4, lambda: self.run.event(self.live.client, f"orders/{name}"), again=again)

    def deletion(self) -> None:
        _, email = self.bought()
        self.bought(email)
        path = f"orders/o{self.number}"
        before = document(self.live.client, path)
        self.live.host.delete(path)
        self.hurt(5, lambda: self.run.event(self.live.client, path, before))

    def user(self) -> None:
        _, email = self.bought()
        uid = sign_up(email=email, project=self.live.project).uid
        self.live.host.put(f"users/{uid}", user(email))
        self.hurt(5, lambda: self.run.event(self.live.client, f"users/{uid}"))

    def merge(self) -> None:
        (source, _), (target, _) = self.bought(), self.bought()

        def work() -> int:
            status, answer = self.run.call("merge_customers", sourceId=source, targetId=target)
            if answer:
                self.merges.append(answer["mergeId"])
                assert answer["customer"]["orderCount"] == 2
            return status

        self.hurt(5, work)

    def undo(self) -> None:
        if not self.merges:
            self.merge()
        merge_id = self.merges.pop()
        self.hurt(5, lambda: self.run.call("unmerge_customers", mergeId=merge_id)[0])

    def tag(self) -> None:
        ids = [self.bought()[0] for _ in range(2)]
        label = f"t{self.number}"
        self.hurt(4, lambda: self.run.call("tag_customers", customerIds=ids, add=[label])[0])
        self.tagged |= {(one, label) for one in ids}

    def consent(self) -> None:
        one, _ = self.bought()
        self.hurt(
            4,
            lambda: self.run.call(
                "set_consent", customerId=one, status="subscribed", evidence="letter"
            )[0],
        )
        customer = self.live.host.all("customers")[one]
        assert customer["marketing"]["status"] == "subscribed"

    def export(self) -> None:
        one, email = self.bought()

        def work() -> int:
            status, answer = self.run.call("export_customer", customerId=one)
            assert answer is None or email in str(answer["archive"])
            return status

        self.hurt(12, work)

    def erasure(self) -> None:
        one, email = self.bought()
        self.bought(email)

        def work() -> int:
            status, answer = self.run.call("delete_customer", customerId=one, reason="letter")
            assert answer is None or answer["status"] == "done"
            return status

        self.hurt(30, work)
        self.erased.add(email)

    def rebuild(self) -> None:
        name, email = self.new()
        self.live.host.put(f"orders/{name}", order(email))  # its event is lost
        status, answer = self.run.call("rebuild_customers")
        assert status == 200
        self.hurt(30, lambda: self.run.call("worker", jobId=answer["jobId"])[0])
        assert name in self.live.host.all("crmOrders")

    def sweep(self) -> None:
        for _ in range(3):
            name, email = self.new()
            self.live.host.put(f"orders/{name}", order(email))
        self.hurt(25, lambda: self.run.post("sweep", b"", {})[0])


STEPS = (
    *("order", "erasure", "sweep", "order", "merge", "rebuild"),
    *("undo", "tag", "user", "consent", "export", "deletion"),
)


@pytest.fixture
def shop(suite: Suite, project_id: str, tmp_path: Path) -> Iterator[Shop]:
    run = CloudRun(suite, project_id, tmp_path)
    try:
        yield Shop(run, LiveWorld(project_id, keys=Keyring(EMULATOR_KEY)))
    finally:
        run.close()


def test_functions_that_are_killed_leave_nothing_half_done(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    rounds = 0
    while len(shop.run.deaths()) < KILLS:
        getattr(shop, STEPS[rounds % len(STEPS)])()
        rounds += 1
        assert rounds < 4 * KILLS + 10, shop.hit
    assert shop.run.post("sweep", b"", {})[0] == 200
    assert shop.run.post("sweep", b"", {})[0] == 200  # for what the erasures took out of orders
    live = shop.live
    assert live.wrong() == []
    assert list(verify(live.runner)) == []
    assert audit_check.verify(live.store, live.keys, live.runner.retry).faults == []
    customers = live.host.all("customers")
    for one, label in shop.tagged:
        assert label in customers[one]["tags"]
    assert len(live.host.all("orders")) == shop.number - deleted(shop)
    everything = str([customers, live.host.all("orders"), live.host.all("crmIdentities")])
    assert not [email for email in shop.erased if email in everything]
    assert "example.com" not in shop.run.logs()
    assert live.resync() is False
    assert len({*shop.run.deaths()}) == shop.hit["before"] + shop.hit["after"]
    if KILLS > 20:
        assert shop.run.wire.cuts > 5
    with capsys.disabled():
        print(f"\n{rounds} operations, {dict(shop.hit)} of their calls gone wrong: exact")


def deleted(shop: Shop) -> int:
    return sum(row["deleted"] for row in shop.live.host.all("crmOrders").values())
