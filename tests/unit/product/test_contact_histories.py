"""Any history of contacts: sign-ups, lists, orders, withdrawals, erasures, merges, and rules.

Nobody's address gets news without a granting act after its last withdrawal, and a rule acts on a
person as often as its `once` says, whatever else happened. What must hold is kept by a model of a
few dictionaries that knows addresses and the order of acts alone.
"""

from __future__ import annotations

import itertools
import os
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from crm.core.errors import Refusal
from crm.db.runner import Runner
from crm.mail.port import Mail
from crm.rules import saving
from crm.rules.checking import Asked, check
from crm.rules.drain import drain
from crm.rules.rule import Rule
from crm.rules.watch import BookWatch
from crm.sync.sync import Sync
from testing.hosts import order
from testing.world import World
from tests.support.importing import Desk
from tests.support.signing_up import SETTINGS, Box, Door

HISTORIES = int(os.environ.get("CRM_HISTORIES", "2000"))

SHARES = 4
"""Parts of them, which run side by side."""

NAMES = "abc"

MONTH = timedelta(days=30)

RULES: dict[str, dict[str, Any]] = {
    "welcome": {
        "when": {"subscribed": True},
        "then": {"addTags": ["welcome"]},
    },
    "asked for": {
        "when": {"enters": "tag:newsletter"},
        "then": {"addTags": ["asked"]},
        "once": {"days": 30},
    },
    "bought": {
        "when": {"enters": "order_count >= 1"},
        "then": {"addTags": ["bought"], "removeTags": ["welcome"]},
    },
}

DONE: Counter[str] = Counter()
"""What the histories really did."""


def mail(name: str) -> str:
    return f"{name}@example.com"


ROW = st.tuples(
    st.sampled_from(NAMES), st.sampled_from(["subscribed", "subscribed", "unsubscribed", "none"])
)

ACTS = (
    *("sign up", "sign up", "confirm", "confirm", "not me", "unsubscribe", "grant", "withdraw"),
    *("import", "undo import", "order", "opt in", "erase", "merge", "merge", "unmerge"),
    *("bounce", "untag", "hours", "days", "month", "sweep", "sweep"),
)

ACT = st.tuples(
    st.sampled_from(ACTS),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    st.lists(ROW, min_size=1, max_size=3),
)


OPENINGS = st.sampled_from(
    [
        [],
        [("order", "a"), ("opt in", "b"), ("sign up", "c"), ("confirm", "c")],
        [("opt in", "a"), ("withdraw", "a"), ("order", "b"), ("month", "a"), ("opt in", "a")],
        [("order", "a"), ("order", "b"), ("grant", "b"), ("merge", "a")],
    ]
)
"""Pasts with which histories begin, so that much can happen soon."""


class Town(Door, Desk):
    """A world of forms, lists and rules."""

    def __init__(self) -> None:
        World.__init__(self, settings=SETTINGS)
        self.box = Box()
        self.waited = []
        self.seconds = itertools.repeat(0.0)
        self.watch = BookWatch(self.store, clock=lambda: self.store.now().timestamp(), kept=0.0)
        self.seen: Runner = replace(self.runner, watch=self.watch)
        self.sync = Sync(self.seen)
        for name, said in RULES.items():
            asked = Asked(**{"name": name, "on": True, **said})
            saving.save(self.runner, check(self.runner, asked), None, None)

    def act(self) -> None:
        """What the sweep does."""

        def nothing(_runner: Runner, _enqueue: Any, _rule: Rule, _entries: Any) -> None:
            raise AssertionError("no rule here sends")

        self.sweep()
        report = drain(self.seen, self.queue.append, 60.0, nothing, threads=1)
        assert not report.failed
        assert not report.paused


@dataclass
class Life:
    """A town's history, and what it means.

    Attributes:
        grants: The numbers of acts that granted news to an address.
        withdrawals: The numbers of those that ended them.
        acted: By rule and address, when a rule acted on whoever had it.
        mails: Confirmation mails that are out, each with whom it went to.
    """

    town: Town = field(default_factory=Town)
    grants: dict[str, int] = field(default_factory=dict)
    withdrawals: dict[str, int] = field(default_factory=dict)
    acted: dict[tuple[str, str], list[Any]] = field(default_factory=lambda: defaultdict(list))
    mails: list[tuple[str, Mail]] = field(default_factory=list)
    merges: list[str] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)
    orders: int = 0
    heard: set[str] = field(default_factory=set)
    number: Any = field(default_factory=lambda: itertools.count(1))

    def customer(self, name: str) -> dict[str, Any] | None:
        found = self.town.customers(lambda one: mail(name) in one["emails"])
        return found[0] if found else None

    def all_of(self, name: str) -> set[str]:
        customer = self.customer(name)
        return (
            {name, *(one.partition("@")[0] for one in customer["emails"])} if customer else {name}
        )

    def withdrew(self, names: set[str]) -> None:
        self.withdrawals |= dict.fromkeys(names, next(self.number))

    def may_grant(self, names: set[str]) -> bool:
        """Whether an order or a list may: nobody there has ever withdrawn."""
        return not names & self.withdrawals.keys()

    def do(self, what: str, name: str, other: str, rows: Any) -> None:
        town, customer = self.town, self.customer(name)
        match what:
            case "sign up":
                before = len(town.box.mails)
                assert town.post(mail(name)).status_code == 202
                self.mails += [(name, one) for one in town.box.mails[before:]]
            case "confirm" if self.mails:
                who, letter = self.mails[len(self.mails) // 2]
                before = len(town.consents())
                assert town.click(letter).status_code in (200, 410)
                if len(town.consents()) > before:
                    self.grants[who] = next(self.number)
                    DONE["confirmed"] += 1
            case "not me" if self.mails:
                who, letter = self.mails[-1]
                subscribed = self.is_subscribed(who)
                names = self.all_of(who)
                town.click(letter, action="not-me")
                if subscribed and not self.is_subscribed(who):
                    self.withdrew(names)
            case "unsubscribe":
                self.withdrew(self.all_of(name))
                town.unsubscribe(mail(name))
            case "grant" if customer:
                self.grants |= dict.fromkeys(self.all_of(name), next(self.number))
                town.consent(mail(name), "subscribed")
            case "withdraw" if customer:
                self.withdrew(self.all_of(name))
                town.consent(mail(name), "unsubscribed")
            case "import":
                self.take_in(rows)
            case "undo import" if self.imports:
                with suppress(Refusal):  # too old
                    town.undo(self.imports.pop())
            case "order" | "opt in":
                self.orders += 1
                if what == "opt in" and self.may_grant(self.all_of(name)):
                    self.grants[name] = next(self.number)
                ticked = what == "opt in"
                data = order(mail(name), createdAt=town.store.now(), marketingOptIn=ticked)
                town.put_order(f"o{self.orders}", data)
            case "erase" if customer:
                self.withdrew(self.all_of(name))
                town.erase(mail(name))
            case "merge" if customer and other not in self.all_of(name) and self.customer(other):
                with suppress(Refusal):
                    self.merges.append(town.merge(mail(other), mail(name)))
            case "unmerge" if self.merges:
                with suppress(Refusal):
                    town.unmerge(self.merges.pop())
            case "bounce":
                town.bounce(mail(name))
            case "untag" if customer:
                town.tag(mail(name), remove=[*customer["tags"]])
            case "hours":
                town.store.wait(timedelta(hours=7))
            case "days":
                town.store.wait(timedelta(days=2))
            case "month":
                town.store.wait(timedelta(days=31))
            case "sweep":
                self.sweep()
            case _:
                return
        DONE[what] += 1

    def take_in(self, rows: Any) -> None:
        said = dict(rows)
        left = {name for name, status in rows if status == "unsubscribed"}
        may = [
            name
            for name, status in rows
            if status == "subscribed" and self.may_grant(self.all_of(name)) and name not in left
        ]
        gone = {one for name in left for one in self.all_of(name)}
        lines = [f"{mail(name)},{status}" for name, status in rows]
        done = self.town.take_in("\n".join(["email,status", *lines]))
        self.imports.append(done["importId"])
        self.grants |= {name: next(self.number) for name in may if name in said}
        if gone:
            self.withdrew(gone)

    def sweep(self) -> None:
        before = len(self.town.box.mails)
        self.town.act()
        for one in self.town.box.mails[before:]:
            self.mails.append((one.to.partition("@")[0], one))
            DONE["asked about an order"] += 1
        self.hear()

    def hear(self) -> None:
        """See whom rules have acted on since, and hold each to its `once`."""
        runs = self.town.store.all("crmRuleRuns")
        names = {rule["id"]: rule["name"] for rule in self.book().values()}
        people: set[tuple[str, str, Any]] = set()
        for run in runs.values():
            if (
                run["customerId"] is not None
                and f"{run['customerId']}{run['at']}" not in self.heard
            ):
                people.add((names[run["ruleId"]], run["customerId"], run["at"]))
        self.heard |= {f"{customer}{at}" for _, customer, at in people}
        for rule, customer_id, at in sorted(people):
            customer = self.town.store.all("customers").get(customer_id)
            for email in customer["emails"] if customer else ():
                before = self.acted[rule, email]
                once = RULES[rule].get("once")
                again = before and (once is None or at - before[-1] < MONTH)
                assert not again, f"{rule} acted on {email} at {before[-1]} and {at}"
                before.append(at)
                DONE[f"rule: {rule}"] += 1

    def book(self) -> dict[str, Any]:
        found: dict[str, Any] = self.town.store.all("crmRules")["book"]["rules"]
        return {name: {"id": name, **rule} for name, rule in found.items()}

    def is_subscribed(self, name: str) -> bool:
        customer = self.customer(name)
        return customer is not None and customer["marketing"]["status"] == "subscribed"

    def check(self) -> None:
        for one in self.town.customers(lambda c: c["marketing"]["status"] == "subscribed"):
            primary = one["primaryEmail"].partition("@")[0]
            names = {email.partition("@")[0] for email in one["emails"]}
            ended = max((self.withdrawals.get(name, 0) for name in names), default=0)
            granted = self.grants.get(primary, 0)
            assert granted > ended, f"{primary} of {sorted(names)}: {granted} is not after {ended}"
            DONE["subscribed"] += 1


@pytest.fixture(autouse=True)
def project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCLOUD_PROJECT", "demo-histories")


@given(OPENINGS, st.lists(ACT, min_size=5, max_size=14))
@settings(max_examples=max(1, HISTORIES // SHARES))
def histories(opening: list[Any], acts: list[Any]) -> None:
    life = Life()
    for act in [*((what, name, "b", [(name, "none")]) for what, name in opening), *acts]:
        life.do(*act)
        life.check()
    life.sweep()
    life.check()
    assert life.town.faults() == []


@pytest.mark.parametrize("share", range(SHARES))
def test_no_history_subscribes_anybody_without_a_grant_nor_repeats_a_rule(share: int) -> None:
    DONE.clear()
    seed(share)(histories)()
    print(dict(DONE))
    wanted = {*ACTS, "confirmed", "asked about an order", "subscribed"}
    wanted |= {f"rule: {name}" for name in RULES}
    floor = HISTORIES // 400
    missing = {what: DONE[what] for what in wanted if DONE[what] < floor}
    assert not missing
