"""A new secret on the Firestore emulator: the same people, under other keys."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from crm.audit.verify import verify as verify_audit
from crm.consent.plan import plan_unsubscribe
from crm.core.errors import Paused
from crm.core.keyring import Keyring
from crm.customers.reference import CustomerRef
from crm.db.collections import ALL, AUDIT
from crm.entrypoints.key_rotation import bring_in
from crm.privacy.erasure.erase import erase
from crm.repair.verify import verify
from crm.runtime.key_fingerprint import full_keyring, remember_key
from crm.runtime.lease import SECONDS, LeasedStore
from crm.sync.sync import Sync
from testing.hosts import order, user
from tests.support.live import LiveWorld

NEW = b"the secret that replaces it"
FIRST = re.compile(r"[euqc]1-[a-z2-7]{52}")


def test_everybody_is_known_under_a_new_secret_and_an_erased_person_stays_erased(
    live: LiveWorld,
) -> None:
    for number in range(30):
        opted = {"marketingOptIn": True} if number % 5 == 0 else {}
        live.put_order(f"o{number}", order(f"p{number % 7}@example.com", day=number, **opted))
    live.put_order("odd", order("p1@example.com", total="much"))
    live.host.put("users/u1", user("p1@example.com"))
    live.sync.sync_user("u1")
    live.put_order("waits", order("p2@example.com", userId="u9"))
    live.runner.run(lambda tx: plan_unsubscribe(tx, live.keys.address("p3@example.com")))
    erase(live.runner, lambda _: None, CustomerRef("email", "p4@example.com"), reason="asked")
    remember_key(live.store, live.keys, live.runner.now())
    live.resync()
    before = {c["id"]: (c["emails"], c["orderCount"]) for c in live.customers()}
    clock = iter((0.0, SECONDS, 2 * SECONDS))
    lost: list[None] = []
    stale = LeasedStore(live.store, live.keys, lambda: lost.append(None), lambda: next(clock))

    def meanwhile(_: float) -> None:
        live.host.put("orders/late", order("p5@example.com", day=40))
        with pytest.raises(Paused):
            Sync(replace(live.runner, store=stale)).sync_order("late")

    runner = replace(live.runner, keys=Keyring(NEW))
    assert bring_in(runner, live.keys.secret, 4, lambda *_: None, lambda _: None, meanwhile)
    with pytest.raises(Paused):
        Sync(replace(live.runner, store=stale)).sync_order("late")
    assert lost == [None, None]

    live.keys = full_keyring(live.store, NEW)
    live.runner = replace(live.runner, keys=live.keys)
    live.sync = Sync(live.runner)
    stored = {name: live.host.all(name) for name in ALL - {AUDIT}}
    assert not FIRST.findall(json.dumps(stored, default=str))
    assert {c["id"]: (c["emails"], c["orderCount"]) for c in live.customers()} == before
    assert live.sync.sync_order("late")
    live.put_order("old", order("p4@example.com", day=1))
    live.resync()  # to redact an order is an event of its own
    assert not live.resync()
    assert [fault for fault in live.wrong() if not fault.startswith("order odd ")] == []
    assert list(verify(live.runner)) == []
    assert len(live.customers()) == len(before)
    assert verify_audit(live.store, live.keys, live.runner.retry).faults == []
