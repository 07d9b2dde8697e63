"""The calls about rules: requests, refusals, answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from testing.hosts import order
from testing.world import World
from tests.unit.entrypoints.test_dispatch import Bad, call, each, refused

EDITOR: dict[str, object] = {"crm": "editor", "email_verified": True}
RULE: dict[str, Any] = {
    "name": "Big",
    "when": {"enters": "total_spend >= 1000 USD"},
    "then": {"addTags": ["Big"]},
}


def ask(name: str, data: Any, world: World, uid: str = "boss") -> Any:
    return call(name, data, world, claims=EDITOR, uid=uid)


def test_a_rule_is_previewed_saved_changed_listed_and_deleted() -> None:
    world = World()
    world.put_order("o1", order(total=5_000))
    shown = ask("preview_rule", RULE, world)
    assert (shown["matching"], shown["pauses"], shown["problems"]) == (1, False, [])
    assert world.store.all("crmRules") == {}
    saved = ask("save_rule", {**RULE, "on": None, "ruleId": None}, world)
    assert json.loads(json.dumps(saved, allow_nan=False)) == saved
    rule_id = saved["rule"]["ruleId"]
    changed = {**RULE, "on": True, "ruleId": rule_id, "revision": 1}
    rule = ask("save_rule", changed, world)["rule"]
    assert (rule["on"], rule["revision"]) == (True, 2)
    assert ask("preview_rule", {"ruleId": rule_id}, world)["matching"] == 1
    (listed,) = ask("list_rules", None, world)["rules"]
    assert listed == {**rule, "acted": 0}
    assert ask("list_rule_runs", {"ruleId": rule_id}, world) == {"runs": [], "nextPageToken": None}
    assert ask("delete_rule", {"ruleId": rule_id}, world) == {"ruleId": rule_id}
    assert ask("list_rules", {}, world)["rules"] == []


def test_what_a_rule_names_and_is_nowhere_is_a_warning() -> None:
    asked = {**RULE, "when": {"enters": 'attended:"Nowhere Days"'}}
    for name in ("preview_rule", "save_rule"):
        (warning,) = ask(name, asked, World())["warnings"]
        assert warning["name"] == "Nowhere Days"


WHOLE: Any = (0, -1, 1.5, True, "5", [], {}, 2.0)
IDS = ("", "a/b", "..", "__x__", "\0", "x" * 1_501)
NO_WHEN: Any = (
    *(None, "tag:vip", 1, True, [], {}, {"$where": "1"}, {"leaves": "tag:a"}, {"enters": None}),
    {"enters": "tag:a", "subscribed": True},
)
NO_THEN: Any = (
    *(None, "VIP", 1, [], {}, {"addTags": "VIP"}, {"addTags": [1]}, {"addTags": ["x"] * 101}),
    *({"addTags": ["A"], "send": "c"}, {"send": "a/b"}, {"send": 1}, {"delete": True}),
)
NO_ONCE: Any = ("never", 1, True, [], {"days": 0}, {"days": "1"}, {"days": 1, "at": "x"})
BAD: list[Bad] = [
    *(
        (
            "save_rule",
            {key: one for key, one in RULE.items() if key != lacking},
            "missing-key",
            lacking,
        )
        for lacking in RULE
    ),
    *each("save_rule", RULE, "name", "missing-key", [None]),
    *each("save_rule", RULE, "name", "value-invalid", [1, True, [], {"x": 1}]),
    *each("save_rule", RULE, "name", "text-invalid", ["\ud800", "a\0"]),
    *each("save_rule", RULE, "name", "name-invalid", ["", " ", "x" * 1_000]),
    *each("save_rule", RULE, "on", "value-invalid", [1, "true", [], {}]),
    *each("save_rule", RULE, "most", "value-invalid", WHOLE),
    *each("save_rule", RULE, "most", "rule-invalid", [100_001, 2**63, 10**400]),
    *each("save_rule", RULE, "waiting", "value-invalid", ["later", "", 1, True, []]),
    *each("save_rule", RULE, "enabled", "unknown-key", [True]),
    *each("save_rule", RULE, "rule_id", "unknown-key", ["x"]),
    *each("save_rule", RULE, "revision", "value-invalid", [1]),  # without a ruleId
    *each("save_rule", {**RULE, "ruleId": "a"}, "revision", "value-invalid", WHOLE),
    *each("save_rule", RULE, "ruleId", "id-invalid", IDS),
    *each("save_rule", RULE, "when", "rule-invalid", NO_WHEN),
    *each("save_rule", RULE, "then", "rule-invalid", NO_THEN),
    *each("save_rule", RULE, "once", "rule-invalid", NO_ONCE),
    ("save_rule", {**RULE, "when": {"enters": {"$where": "1"}}}, "segment-invalid", ""),
    ("save_rule", {**RULE, "only": {"tag": ["vip"]}}, "segment-invalid", "tag"),
    ("save_rule", {**RULE, "only": 5}, "segment-invalid", ""),
    ("save_rule", {**RULE, "then": {"addTags": ["a/b"]}}, "tag-invalid", ""),
    ("preview_rule", {}, "value-invalid", "ruleId"),
    ("preview_rule", {"name": "x"}, "value-invalid", "ruleId"),
    ("preview_rule", {"when": RULE["when"]}, "value-invalid", "ruleId"),
    ("preview_rule", {**RULE, "ruleId": "a"}, "value-invalid", "ruleId"),
    *each("preview_rule", RULE, "waiting", "unknown-key", ["act"]),
    *each("preview_rule", RULE, "revision", "unknown-key", [1]),
    *each("preview_rule", RULE, "most", "value-invalid", [0]),
    *each("preview_rule", {}, "ruleId", "id-invalid", IDS),
    ("delete_rule", {}, "missing-key", "ruleId"),
    *each("delete_rule", {}, "ruleId", "value-invalid", [5]),
    *each("delete_rule", {"ruleId": "a"}, "revision", "unknown-key", [1]),
    *each("delete_rule", {}, "ruleId", "id-invalid", IDS),
    *each("list_rules", {}, "pageSize", "value-invalid", [0]),
    *each("list_rules", {}, "pageToken", "page-token", ["forged"]),
    *each("list_rules", {}, "on", "unknown-key", [True]),
    ("list_rule_runs", {}, "value-invalid", "customerId"),
    ("list_rule_runs", {"customerId": "a", "ruleId": "b"}, "value-invalid", "customerId"),
    *each("list_rule_runs", {}, "customerId", "id-invalid", ["a/b"]),
    *each("list_rule_runs", {}, "ruleId", "id-invalid", ["a/b"]),
    *each("list_rule_runs", {}, "email", "unknown-key", ["a@example.com"]),
    *each("list_rule_runs", {"ruleId": "a"}, "pageToken", "page-token", ["forged"]),
]


@pytest.mark.parametrize(("name", "data", "reason", "told"), BAD, ids=lambda one: repr(one)[:60])
def test_a_bad_request_is_refused_and_nothing_is_written(
    name: str, data: Any, reason: str, told: str
) -> None:
    world = World()
    code, given, message = refused(name, data, world=world, claims=EDITOR)
    assert (code, given) == ("invalid-argument", reason), message
    assert told in message
    assert len(message) < 400
    assert world.store.writes == 0


def deep(levels: int) -> Any:
    found: Any = {"tag": "vip"}
    for _ in range(levels):
        found = {"not": found}
    return found


@pytest.mark.parametrize("levels", [9, 60, 900])
@pytest.mark.parametrize("key", ["when", "only"])
@pytest.mark.parametrize("name", ["save_rule", "preview_rule"])
def test_no_question_of_a_rule_is_without_end(name: str, key: str, levels: int) -> None:
    asked = deep(levels)
    data = {**RULE, key: {"enters": asked} if key == "when" else asked}
    code, reason, _ = refused(name, data, claims=EDITOR)
    assert code == "invalid-argument"
    assert reason.startswith("segment-")


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("save_rule", {**RULE, "ruleId": "none"}, "no-such-rule"),
        ("save_rule", {**RULE, "then": {"send": "none"}}, "no-such-campaign"),
        ("save_rule", {**RULE, "only": {"segment": "none"}}, "no-such-segment"),
        ("preview_rule", {"ruleId": "none"}, "no-such-rule"),
        ("delete_rule", {"ruleId": "none"}, "no-such-rule"),
        ("list_rule_runs", {"customerId": "none"}, "no-such-customer"),
    ],
)
def test_what_is_not_there_is_not_found(name: str, data: Any, reason: str) -> None:
    world = World()
    assert refused(name, data, world=world, claims=EDITOR)[1] == reason
    assert world.store.writes == 0


def test_a_page_of_rules_is_for_whom_it_was_made() -> None:
    world = World()
    for number in range(3):
        ask("save_rule", {**RULE, "name": f"R{number}"}, world)
    first = ask("list_rules", {"pageSize": 2}, world)
    rest = {"pageSize": 2, "pageToken": first["nextPageToken"]}
    assert [one["name"] for one in ask("list_rules", rest, world)["rules"]] == ["R2"]
    _, reason, _ = refused("list_rules", rest, world=world, claims=EDITOR, uid="other")
    assert reason == "page-token"
