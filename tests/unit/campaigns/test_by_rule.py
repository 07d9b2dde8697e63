"""Campaigns that rules send, as staff see them: apart from their own, and as any other."""

from __future__ import annotations

from typing import Any

from crm.campaigns.previewing import preview
from crm.campaigns.saving import list_campaigns
from crm.db.paging import Pager, PageTokens
from tests.support.mailing import LANDING
from tests.support.ruling import RuleRoom

TOKENS = PageTokens(b"a secret for tests only")


def listed(room: RuleRoom, size: int = 50, **asked: Any) -> list[str]:
    """Return the ids of all pages."""
    ids: list[str] = []
    token: str | None = None
    while True:
        pager = Pager(TOKENS, "staff", size, token)
        page: Any = list_campaigns(room.store, pager, room.runner.settings.time_zone, **asked)
        ids += [one["campaignId"] for one in page["campaigns"]]
        token = page["nextPageToken"]
        if token is None:
            return ids


def two_rules() -> tuple[RuleRoom, list[str]]:
    """Return a room in which two rules send by the same draft, and the ids of the rules."""
    room = RuleRoom()
    draft = {"send": room.template()}
    rules = [room.rule(when={"enters": {"tag": tag}}, then=draft).id for tag in ("a", "b")]
    for at in range(7):
        room.buy(f"p{at}@example.com")
        name = room.customer(f"p{at}@example.com")["id"]
        row = {"customerId": name, "at": room.store.now(), "scope": None}
        rule = rules[at % 2]
        row |= {"ruleId": rule, "since": room.rule_now(rule).since}
        room.store.put(f"crmOutbox/r{at}", row)
        room.drain()
        room.wait(minutes=5)
    return room, rules


def test_staff_see_their_own_and_those_of_rules_where_they_ask() -> None:
    room, (first, second) = two_rules()
    template = room.rule_now(first).campaign_id
    for size in (1, 2, 50):
        assert listed(room, size) == [template]
        of = {rule: listed(room, size, rule=rule) for rule in (first, second)}
        assert {rule: len(ids) for rule, ids in of.items()} == {first: 4, second: 3}
        every = listed(room, size, by_rules=True)
        assert {*every} == {template, *of[first], *of[second]}
        assert len(every) == 8


def test_a_preview_of_one_is_of_the_people_that_it_names() -> None:
    room, _ = two_rules()
    campaign = room.by_rules[0]
    shown: Any = preview(room.runner, campaign, None, LANDING)
    assert shown["audience"] == {"matched": 1, "reachable": 1, "excluded": {}}
    assert shown["customerId"] == (campaign.people or ())[0]
