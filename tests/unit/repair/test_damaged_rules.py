"""Rules, their outbox and their records, as a hand has left them."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from crm.core.errors import Damaged
from crm.repair.damage import plan_whole
from crm.repair.rebuild import rebuild
from crm.repair.verify import verify
from tests.support.ruled import Ruled

GONE: Any = object()


def world_with(collection: str) -> tuple[Ruled, str]:
    world = Ruled()
    world.save()
    world.buy("ada")
    if collection != "crmOutbox":
        world.drain()
    (name,) = world.store.all(collection)
    return world, f"{collection}/{name}"


def damaged(world: Ruled, path: str, *keys: str, value: Any) -> None:
    collection, name = path.split("/")
    data = world.store.all(collection)[name]
    at = data
    for key in keys[:-1]:
        at = at[key]
    if value is GONE:
        del at[keys[-1]]
    else:
        at[keys[-1]] = value
    world.store.put(path, data)


@pytest.mark.parametrize("field", ["ruleId", "customerId", "at", "since", "scope"])
def test_of_a_damaged_row_nobody_is_acted_on(field: str) -> None:
    world, path = world_with("crmOutbox")
    damaged(world, path, field, value=GONE)
    assert [found for found, _ in verify(world.runner)] == [path]
    assert rebuild(world.runner, threads=1).failed == []
    assert world.rows() == []
    assert list(verify(world.runner)) == []


@pytest.mark.parametrize("value", [GONE, 3])
@pytest.mark.parametrize(
    "field", ["ruleId", "scope", "at", "did", "campaignId", "counted", "erased"]
)
def test_a_damaged_record_still_says_that_the_rule_acted(field: str, value: Any) -> None:
    world, path = world_with("crmRuleRuns")
    before = world.runs()[0]
    damaged(world, path, field, value=value)
    assert rebuild(world.runner, threads=1).failed == []
    (after,) = world.runs()
    assert {**after, "at": 0, "counted": 0} == {**before, "at": 0, "counted": 0}
    assert list(verify(world.runner)) == []


def test_a_record_of_nobody_is_named_and_left() -> None:
    world, path = world_with("crmRuleRuns")
    damaged(world, path, "identity", value=GONE)
    with pytest.raises(Damaged):
        world.runner.evaluate(partial(plan_whole, path=path))
    assert len(world.runs()) == 1


@pytest.mark.parametrize("value", [GONE, {"a": []}, 3, "?"])
@pytest.mark.parametrize(
    "field",
    [
        *("id", "name", "on", "once", "most", "createdAt", "updatedAt", "only", "entered"),
        *("asked", "uses", "since", "paused", "waiting", "allowed", "revision", "actor"),
    ],
)
def test_a_damaged_rule_is_switched_off_and_can_be_saved_again(field: str, value: Any) -> None:
    world, path = world_with("crmRules")
    (rule_id,) = world.store.all("crmRules")["book"]["rules"]
    damaged(world, path, "rules", rule_id, field, value=value)
    noted = bool(list(verify(world.runner)))
    assert rebuild(world.runner, threads=1).failed == []
    assert list(verify(world.runner)) == []
    rule = world.store.all("crmRules")["book"]["rules"][rule_id]
    assert rule["on"] is not noted or field == "on"
    assert world.save(rule_id).active


@pytest.mark.parametrize("field", ["when", "then"])
def test_a_rule_that_says_nothing_is_none(field: str) -> None:
    world, path = world_with("crmRules")
    (rule_id,) = world.store.all("crmRules")["book"]["rules"]
    other = world.save(name="Other", then={"addTags": ["Other"]})
    damaged(world, path, "rules", rule_id, field, value=GONE)
    rebuild(world.runner, threads=1)
    assert [one["ruleId"] for one in world.listed()] == [other.id]
    assert world.rule(other).active


def test_a_book_of_nothing_is_an_empty_one() -> None:
    world, path = world_with("crmRules")
    world.store.put(path, {"rules": 3, "gone": "?"})
    rebuild(world.runner, threads=1)
    assert world.listed() == []
    world.save()
