"""A campaign among merges, their undoing, erasures, withdrawals, and workers that die."""

from __future__ import annotations

import functools
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from crm.campaigns import control, preparing, resolving, sending, turns
from crm.consent.plan import plan_consent
from crm.core.errors import Conflict, Refusal, Transient
from crm.customers.reference import CustomerRef
from crm.db.collections import CAMPAIGNS
from crm.mail.port import Answer, Later, Mail, Refused, Uncertain
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.privacy.erasure.erase import erase
from testing.enough import until_enough
from testing.hosts import order, user
from tests.support.faults import Fault, Faults, Killed
from tests.support.mailing import CAMPAIGN, Room

PEOPLE = 24

AT_ONCE = 3

SEQUENCES = 15
"""Of one seed."""

DONE: Counter[str] = Counter()
"""What really happened, over all sequences."""

FLOORS = {
    **dict.fromkeys(("merged", "parted", "erased", "withdrew", "killed"), 5),
    **dict.fromkeys(("resumed", "done", "uncertain", "accepted", "typed"), 5),
    **dict.fromkeys(("excluded merged", "excluded erased", "excluded unsubscribed"), 3),
    "paused": 3,
    "sent again": 1,
}
"""How often each must have happened."""

pick = st.integers(0, 99)


def followed(work: Any) -> Any:
    """Let a worker take a step after what happens beside it."""

    @functools.wraps(work)
    def both(self: Machine, **given: Any) -> None:
        work(self, **given)
        self.step()

    return both


class Machine(RuleBasedStateMachine):
    """One campaign, and everything that may happen beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.room = Room(workers=2)
        for number in range(PEOPLE):
            self.buy(number, f"p{number}@example.com")
        for number in (30, 31):
            self.sign_up(number)
        self.merges: list[str] = []
        self.deaths = 0
        self.again: Counter[str] = Counter()
        self.room.server.given = self.look
        self.sending: list[str] = []
        self.room.schedule(segment={})

    @property
    def staff(self) -> Any:
        return self.room.world.runner

    def buy(self, number: int, address: str, **fields: Any) -> None:
        self.room.world.put_order(f"o{number}", order(address, marketingOptIn=True, **fields))

    def sign_up(self, number: int) -> None:
        """Let a user sign up who has proven nothing: all of them typed the same address."""
        uid = f"u{number}"
        self.room.world.accounts.of[uid] = None
        self.room.world.put_user(uid, user("typed@example.com"))
        one = self.room.world.with_uid(uid)
        self.decide(one["id"], "subscribed")
        DONE["typed"] += 1

    def customer(self, number: int) -> dict[str, Any]:
        found = sorted(self.room.world.customers(), key=lambda one: str(one["id"]))
        return found[number % len(found)]

    def look(self, mail: Mail) -> None:
        """Hold that nobody is written to who is not subscribed at this moment."""
        agreed = [
            one["marketing"]["status"] == "subscribed"
            for one in self.room.world.customers()
            if mail.to in (one["primaryEmail"], one["contactEmail"])
        ]
        assert any(agreed)

    def decide(self, customer_id: str, status: Any) -> None:
        call, evidence = self.staff.new_id(), {"source": "a form"}
        self.staff.run(lambda tx: plan_consent(tx, call, customer_id, status, evidence))

    @initialize(steps=st.integers(0, 5))
    def begins(self, steps: int) -> None:
        """Let the campaign be somewhere already."""
        for _ in range(steps):
            self.step()

    # --- People ---

    @rule(first=pick, second=pick)
    @followed
    def merges_two(self, first: int, second: int) -> None:
        a, b = self.customer(first)["id"], self.customer(second)["id"]
        if a == b:
            return
        with suppress(Refusal):
            done, _ = self.staff.run(lambda tx: plan_merge(tx, a, b, allow_two_users=True))
            self.merges.append(done.merge_id)
            DONE["merged"] += 1

    @precondition(lambda self: self.merges)
    @rule()
    @followed
    def parts_them_again(self) -> None:
        merge_id = self.merges.pop()
        with suppress(Refusal):
            self.staff.run(lambda tx: plan_unmerge(tx, merge_id))
            DONE["parted"] += 1

    @rule(number=pick)
    @followed
    def erases(self, number: int) -> None:
        if len(self.room.world.customers()) < 12:
            return
        who = CustomerRef("customerId", self.customer(number)["id"])
        with suppress(Refusal):
            erase(self.staff, self.room.world.queue.append, who, reason="asked by letter")
            self.room.world.work()
            DONE["erased"] += 1

    @rule(number=pick)
    @followed
    def withdraws(self, number: int) -> None:
        with suppress(Refusal):
            self.decide(self.customer(number)["id"], "unsubscribed")
            DONE["withdrew"] += 1

    @rule(number=pick)
    @followed
    def buys_for_another_address(self, number: int) -> None:
        self.buy(number % PEOPLE, f"p{(number + 1) % PEOPLE}@example.com")

    # --- The server ---

    @rule(
        number=st.integers(0, PEOPLE - 1),
        answer=st.sampled_from(
            [
                Refused("550 5.1.1"),
                Later("451 4.7.1"),
                Later("454 4.7.0", whole=True),
                Uncertain("connection-lost"),
            ]
        ),
    )
    @followed
    def answers_otherwise(self, number: int, answer: Answer) -> None:
        self.room.server.script.setdefault(f"p{number}@example.com", []).append(answer)

    # --- Workers ---

    @rule(steps=st.integers(1, 6))
    def works(self, steps: int) -> None:
        """Let workers take a few steps."""
        for _ in range(steps):
            self.step()

    @rule(steps=st.integers(1, 6), dies=st.integers(1, 40), fault=st.sampled_from(Fault))
    def works_and_dies(self, steps: int, dies: int, fault: Fault) -> None:
        """Let workers take a few steps, the last of which goes wrong."""
        for _ in range(steps - 1):
            self.step()
        self.step(dies, fault)

    def step(self, dies: int | None = None, fault: Fault = Fault.KILLED) -> None:
        if not self.room.queue:
            if not self.room.delayed:
                return
            self.room.delayed.sort()
            at, task = self.room.delayed.pop(0)
            self.room.store.wait(max(timedelta(0), at - self.room.store.now()))
            self.room.queue.append(task)
        task = self.room.queue.pop(0)
        try:
            self.room.deliver(task, 0, Faults(dies or 0, fault))
        except Killed:
            self.deaths += 1
            self.room.queue.append(task)
            DONE["killed"] += 1
        except (Conflict, Transient):
            self.room.queue.append(task)
        if dies is not None and "KILLED" not in fault.name:
            self.deaths += 1  # what is known may not get written
        self.room.server.faults = Faults()

    @rule()
    def time_passes(self) -> None:
        self.room.store.wait(timedelta(minutes=4))

    @rule()
    @followed
    def pauses_and_resumes(self) -> None:
        with suppress(Refusal):
            control.pause(self.staff, CAMPAIGN)
            DONE["paused"] += 1
        self.goes_on()

    @precondition(lambda self: self.room.campaign.state == "halted")
    @rule()
    def goes_on(self) -> None:
        with suppress(Refusal):
            control.resume(self.staff, self.room.queue.append, CAMPAIGN)
            DONE["resumed"] += 1

    @rule(number=pick)
    @followed
    def sends_again(self, number: int) -> None:
        found = [one for one in self.room.records if one.state == "uncertain" and one.customer_id]
        if not found:
            return
        one = found[number % len(found)]
        who = [str(one.customer_id)]
        queue = self.room.queue.append
        with suppress(Refusal):
            if resolving.resolve(self.staff, queue, CAMPAIGN, who, "resend"):
                self.again[one.id] += 1
                DONE["sent again"] += 1

    # --- What holds ---

    @invariant()
    def it_adds_up(self) -> None:
        room = self.room
        if CAMPAIGN not in room.store.all(CAMPAIGNS):
            return
        states = room.states()
        counts = room.campaign.counts
        five = ("waiting", "accepted", "refused", "excluded", "uncertain")
        assert counts["audience"] == sum(counts[one] for one in five)
        assert len(states) == sum(shard.counts.audience for shard in room.shards)
        for mail, number in Counter(mail.key for mail in room.server.mails).items():
            assert number <= 1 + self.again[mail]
        uncertain = sum(state == "uncertain" for state in states.values())
        told = sum(one.reason == "connection-lost" for one in room.records)
        assert uncertain <= AT_ONCE * self.deaths + told

    def teardown(self) -> None:
        room = self.room
        for _ in range(40):
            room.work()
            if room.campaign.state not in ("paused", "halted"):
                break
            control.resume(self.staff, room.queue.append, CAMPAIGN)
        self.it_adds_up()
        states = room.states()
        assert room.campaign.state == "done"
        DONE["done"] += 1
        assert "waiting" not in states.values()
        DONE.update(states.values())
        taken = {mail.key for mail in room.server.mails}
        for one in room.records:
            if one.state == "accepted":
                assert one.id in taken
            if one.state == "excluded":
                DONE[f"excluded {one.reason}"] += 1
                assert one.id not in taken or self.again[one.id]
        wrong = room.world.wrong()
        assert wrong == []


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "MOST", 8)
    monkeypatch.setattr(turns, "AT_ONCE", AT_ONCE)
    monkeypatch.setattr(sending, "STEP", timedelta(milliseconds=4))  # about one turn


def test_a_campaign_adds_up_whatever_happens_beside_it() -> None:
    def go_on(number: int) -> None:
        run_state_machine_as_test(
            seed(number)(Machine),
            settings=settings(
                max_examples=SEQUENCES,
                stateful_step_count=30,
                derandomize=False,
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                phases=(Phase.generate, Phase.shrink),
            ),
        )

    DONE.clear()
    until_enough(go_on, DONE, FLOORS)
