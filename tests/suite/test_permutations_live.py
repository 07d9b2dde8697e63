"""As tests/unit/sync/test_permutations.py, where the database is the Firestore emulator."""

from __future__ import annotations

import random
import uuid
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from suite import Suite
from tests.support.live import LiveWorld
from tests.unit.sync.test_permutations import Event, Standings, lives, outcome, standings


def lived(
    life: list[Event], said: Standings, order: random.Random | None
) -> tuple[list[dict[str, Any]], list[str]]:
    """Let a host live, then deliver its events, mixed where an order is given; say what came."""
    live = LiveWorld(f"demo-{uuid.uuid4().hex[:20]}", trust="auth")
    said.tell(live.accounts)
    events = []
    for collection, document_id, data in life:
        gone = None
        if data is None:
            gone = live.host.delete(f"{collection}/{document_id}")
        else:
            live.host.put(f"{collection}/{document_id}", data)
        events.append((collection, document_id, gone))
    if order:
        events += order.choices(events, k=len(events))
        order.shuffle(events)
    for collection, document_id, gone in events:
        handler = live.sync.sync_order if collection == "orders" else live.sync.sync_user
        handler(document_id, gone)
    wrong = live.wrong()
    assert live.resync() is False
    return outcome(live), wrong


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(life=lives, said=standings, seed=st.integers(0, 2**32))
def check(life: list[Event], said: Standings, seed: int) -> None:
    straight, mixed = lived(life, said, None), lived(life, said, random.Random(seed))
    assert straight == mixed
    assert straight[1] == []


def test_any_order_and_any_number_of_deliveries_end_the_same(suite: Suite) -> None:
    check()
