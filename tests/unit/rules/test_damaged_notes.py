"""What time has brought to rules, damaged by a hand: nothing is done twice for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from crm.db.collections import RULES
from crm.repair.heal import mend
from tests.support.ruling import RuleRoom

PARTY = datetime(2026, 1, 10, 18, tzinfo=UTC)

DUE = datetime(2026, 1, 11, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "damage",
    [
        {"state": None},
        {"state": "waiting", "at": "never"},
        {"ruleId": 7, "eventId": None, "dueAt": "x", "at": None, "people": "many"},
    ],
)
def test_an_event_that_was_looked_at_stays_so(damage: dict[str, Any]) -> None:
    room = RuleRoom()
    room.buy("p0@example.com", "party", PARTY)
    room.rule(when={"eventEnded": {"days": 1, "at": "10:00"}}, once={"days": 1})
    room.until(DUE)
    room.sweep()
    (name,) = [one for one in room.store.all(RULES) if one.startswith("event-")]
    room.store.put(f"{RULES}/{name}", {**room.store.all(RULES)[name], **damage})
    assert mend(room.runner, room.store.read([f"{RULES}/{name}"]).values())
    assert room.store.all(RULES)[name]["state"] == "begun"
    room.wait(hours=1)
    room.sweep()
    assert room.mailed == {"p0@example.com": 1}


def test_how_far_a_rule_has_looked_is_found_anew() -> None:
    room = RuleRoom()
    rule = room.rule(when={"sinceLastOrder": {"days": 30}}, then={"addTags": ["gone"]})
    room.wait(hours=2)
    room.sweep()
    path = f"{RULES}/since-{rule.id}"
    room.store.put(path, {"until": "yesterday"})
    assert mend(room.runner, room.store.read([path]).values())
    room.sweep()
    assert room.tick().failed == []
