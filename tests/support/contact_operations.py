"""What comes in, and is done by itself: rules, lists and sign-ups, each gone wrong at each call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from crm.db.transaction import Plan, Transaction
from crm.entrypoints.watching import watch_of
from crm.rules.book import book_of
from crm.signup.asking import asking
from crm.signup.confirming import plan_confirm, plan_refuse
from crm.signup.link import Link
from crm.signup.record import Asked
from crm.sync.sync import Sync
from testing.hosts import order
from tests.support.operation import Operation, call, undisturbed
from tests.support.stage import Process

RULE: dict[str, Any] = {
    "name": "Best",
    "when": {"enters": "order_count >= 3"},
    "then": {"addTags": ["Best"]},
}

ON = {"on": True}


def rule_saved(world: Process) -> str:
    """Staff saved a rule before, and left it off."""
    rule_id: str = undisturbed(world).call("save_rule", **RULE)["rule"]["ruleId"]
    return rule_id


def switched_on(world: Process, rule_id: str) -> object:
    return world.call("save_rule", ruleId=rule_id, on=True, **RULE)


def rule_deleted(world: Process, rule_id: str) -> object:
    return world.call("delete_rule", ruleId=rule_id)


def rule_on(world: Process) -> str:
    """A rule is on, and somebody is about to enter."""
    before = undisturbed(world)
    rule_id: str = before.call("save_rule", **RULE, **ON)["rule"]["ruleId"]
    world.store.put("orders/third", order("ada@example.com", day=20))
    return rule_id


def bought(world: Process, _rule_id: object) -> object:
    return watched(world).sync_order("third")


def entered(world: Process) -> str:
    """Two have entered, and no rule has acted."""
    rule_id, before = rule_on(world), undisturbed(world)
    world.store.put("orders/fourth", order("cyd@example.com", day=21))
    for name in ("third", "fourth"):
        assert watched(before).sync_order(name)
    assert len(world.store.all("crmOutbox")) == 2
    return rule_id


def watched(world: Process) -> Sync:
    """Return what handlers of events call: whoever enters is seen."""
    runner = world.runner
    return Sync(replace(runner, watch=watch_of(runner.store)))


def rules_acted(world: Process, _rule_id: object) -> object:
    world.rules_act()
    return None


def crowded(world: Process) -> str:
    """More have entered than the rule acts on at once."""
    rule_id = entered(world)
    undisturbed(world).call("save_rule", ruleId=rule_id, **RULE, **ON, most=1)
    return rule_id


def paused(world: Process) -> str:
    """A rule waits for staff to say what becomes of the two who have entered."""
    rule_id = crowded(world)
    assert undisturbed(world).rules_act().paused
    (rule,) = book_of(world.store.all("crmRules")["book"]).rules.values()
    assert rule.waiting == 2
    return rule_id


def answered(waiting: str) -> Callable[[Process, str], object]:
    def act(world: Process, rule_id: str) -> object:
        more = {"most": 1, "waiting": waiting}
        return world.call("save_rule", ruleId=rule_id, **RULE, **ON, **more)

    return act


LIST = (
    "email,name,tags,status\n"
    "ada@example.com,,VIP;Fair,subscribed\n"
    "bob@example.com,,Fair,unsubscribed\n"
    "cyd@example.com,,,subscribed\n"
    "new@example.com,New,Fair,subscribed\n"
)

LONG_LIST = LIST + "zoe@example.com,Zoe,,subscribed\nyan@example.com,,Other,unsubscribed\n"

VOUCHED = {"source": "the fair", "evidence": "a ticked box on paper"}


def taken_in(csv: str) -> Callable[[Process], str]:
    """Staff took a list in before."""

    def host(world: Process) -> str:
        before = undisturbed(world)
        import_id: str = before.call("import_contacts", "staff", csv=csv, **VOUCHED)["importId"]
        before.deliver()
        return import_id

    return host


def undone(world: Process, import_id: str) -> object:
    return world.call("undo_import", importId=import_id)


def signed_up(world: Process) -> Link:
    """Somebody new asked for news, and the mail is out."""
    runner = undisturbed(world).runner
    asked = Asked(runner.now(), "newsletter", "v", "en", runner.new_id())

    def plan(tx: Transaction) -> Plan[None]:
        return Plan(asking(tx, "new@example.com", asked, network="n", worked=True) or [], None)

    runner.run(plan)
    return Link(runner.keys.address("new@example.com"), asked.at)


def confirmed(world: Process, link: Link) -> object:
    return world.runner.run(lambda tx: plan_confirm(tx, link))[0].result


def refused(world: Process, link: Link) -> object:
    return world.runner.run(lambda tx: plan_refuse(tx, link))[0].result


def confirmed_before(world: Process) -> Link:
    link = signed_up(world)
    confirmed(undisturbed(world), link)
    return link


ONCE_MORE = ("crmImport",)
"""A list that is taken in again is one more import, which says that nothing was left to do."""

CONTACTS: dict[str, Operation] = {
    "switching a rule on": Operation(switched_on, rule_saved),
    "deleting a rule": Operation(rule_deleted, rule_saved, over="no-such-rule"),
    "deleting a rule for which people wait": Operation(rule_deleted, entered, over="no-such-rule"),
    "previewing a rule": call("preview_rule", **RULE),
    "an order by which somebody enters": Operation(bought, rule_on),
    "rules that act": Operation(rules_acted, entered),
    "a rule that pauses": Operation(rules_acted, crowded),
    "acting on who waited": Operation(answered("act"), paused),
    "dropping who waited": Operation(answered("drop"), paused),
    "confirming": Operation(confirmed, signed_up),
    "refusing": Operation(refused, signed_up),
    "refusing what was confirmed": Operation(refused, confirmed_before),
    "importing": replace(call("import_contacts", csv=LIST, **VOUCHED), leaves=ONCE_MORE),
    "importing many": replace(call("import_contacts", csv=LONG_LIST, **VOUCHED), leaves=ONCE_MORE),
    "undoing an import": Operation(undone, taken_in(LIST)),
    "undoing an import of many": Operation(undone, taken_in(LONG_LIST)),
}
