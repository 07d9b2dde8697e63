"""Consent over generated histories: nobody is subscribed whom nobody subscribed, or who withdrew.

The model is what was asked for and nothing of how the product keeps it: when each address was last
withdrawn, by whatever way, while it was whoever's.
"""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, seed, settings
from hypothesis import strategies as st

from crm.consent.plan import plan_consent, plan_unsubscribe
from crm.consent.records import Status
from crm.core.errors import Refusal
from testing.enough import until_enough
from testing.world import KEYS, World
from tests.support.storm import ADDRESSES, Storm


@dataclass
class ConsentStorm(Storm):
    """A storm in which people also opt in, unsubscribe, and tell staff."""

    withdrawn: dict[str, datetime] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    owner: World | None = None

    @property
    def world(self) -> World:
        assert self.owner is not None
        return self.owner

    def step(self) -> None:
        draw = self.random.random()
        known = self.world.customers()
        if draw < 0.10 and known:
            self._staff(self.random.choice(known), "unsubscribed")
        elif draw < 0.25 and known:
            self._staff(self.random.choice(known), "subscribed")
        elif draw < 0.35:
            self._link(self.random.choice(ADDRESSES))
        else:
            super().step()

    def _order(self) -> dict[str, Any]:
        """Around now, so that opt-ins come before and after decisions, and some with them."""
        ago = timedelta(milliseconds=self.random.choice([0, 0, 1, 5, 100]))
        opted_in = self.random.choice([True, True, False, None, "true"])
        created = self.world.store.now() - ago
        return {**super()._order(), "createdAt": created, "marketingOptIn": opted_in}

    def _staff(self, customer: dict[str, Any], status: Status) -> None:
        runner, call_id = self.world.runner, self.world.runner.new_id()
        with suppress(Refusal):
            plan, _ = runner.run(
                lambda tx: plan_consent(tx, call_id, customer["id"], status, "told us")
            )
            self._count(f"staff {status}")
            marketing: Any = plan.result
            assert marketing["status"] == status
            if status == "unsubscribed":
                self._note(customer["emails"], marketing["at"])

    def _link(self, address: str) -> None:
        key = KEYS.address(address)
        holders = [one for one in self.world.customers() if address in one["emails"]]
        emails = holders[0]["emails"] if holders else [address]
        now = self.world.store.now()
        plan, _ = self.world.runner.run(lambda tx: plan_unsubscribe(tx, key))
        self._count("link, customer" if holders else "link, nobody")
        marketing: Any = plan.result
        if plan.writes:
            self._note(emails, marketing["at"] if marketing else now)

    def _note(self, emails: list[str], at: datetime) -> None:
        for email in emails:
            self.withdrawn[email] = max(at, self.withdrawn.get(email, at))

    def _count(self, what: str) -> None:
        self.counts[what] += 1


def wrong(world: World, withdrawn: dict[str, datetime]) -> list[str]:
    """Every customer whose state is not what its people decided."""
    faults = []
    records = world.store.all("crmConsents").values()
    for customer in world.customers():
        marketing, primary = customer["marketing"], customer["primaryEmail"]
        at = withdrawn.get(primary) if primary else None
        keys = {part["key"] for part in customer["parts"].values()}
        if marketing["status"] == "subscribed":
            shown = [
                one
                for one in records
                if one["identity"] in keys
                and (one["status"], one["at"]) == ("subscribed", marketing["at"])
            ]
            if not shown:
                faults.append(f"{customer['id']} is subscribed and nothing shows it")
            if at is not None and marketing["at"] <= at:
                faults.append(f"{customer['id']} withdrew and is subscribed")
        elif marketing["status"] == "none" and at is not None:
            faults.append(f"{customer['id']}: a withdrawal is forgotten")
    for email, at in withdrawn.items():
        identity = world.store.all("crmIdentities").get(KEYS.address(email))
        if identity is None or (identity["suppressed"] or at) < at:
            faults.append("an address is not suppressed")
    return faults


def test_nobody_is_subscribed_whom_nobody_subscribed_or_who_withdrew() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=80)
    @given(st.integers(0, 2**32), st.integers(10, 60))
    def run(number: int, steps: int) -> None:
        world = World()
        storm = ConsentStorm(world.store, world.sync, random.Random(number), owner=world)
        for step in range(steps):
            storm.step()
            if step % 4 == 3:
                assert wrong(world, storm.withdrawn) == []
        seen.update(storm.counts)
        seen["merge undone"] += storm.undone > 0
        seen.update(one["marketing"]["status"] for one in world.customers())
        world.resync()
        assert wrong(world, storm.withdrawn) == []
        assert world.wrong() == []

    floors = {
        **dict.fromkeys(("staff unsubscribed", "staff subscribed"), 80),
        **dict.fromkeys(("link, customer", "link, nobody", "subscribed"), 25),
        "merge undone": 3,
    }
    until_enough(lambda number: seed(number)(run)(), seen, floors)
