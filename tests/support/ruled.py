"""A host whose staff have rules, in memory: handlers are watched, and a sweep has rules act."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from crm.consent.plan import plan_consent
from crm.customers.reference import CustomerRef
from crm.db.paging import Pager, PageTokens
from crm.db.runner import Runner
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.privacy import rule_records
from crm.rules import saving
from crm.rules.book import book_of
from crm.rules.checking import Asked, check
from crm.rules.drain import Drained, drain
from crm.rules.rule import Rule
from crm.rules.watch import BookWatch
from crm.sync.sync import Sync
from crm.tags import tagging
from crm.tags.plan import change_of
from testing.hosts import order
from testing.world import KEYS, World

VIP = {
    "name": "VIP",
    "on": True,
    "when": {"enters": "total_spend >= 100 USD"},
    "then": {"addTags": ["VIP"]},
}


class Ruled(World):
    """A world with rules.

    Attributes:
        seen: The runner of handlers, which is watched; `runner` is that of everything else.
        sent: To whom rules have had something sent: rule ids and customer ids.
    """

    def __init__(self, trust: str = "document", settings: dict[str, Any] | None = None) -> None:
        super().__init__(trust=trust, settings=settings)
        self.watch = BookWatch(self.store, clock=lambda: self.store.now().timestamp())
        self.seen: Runner = replace(self.runner, watch=self.watch)
        self.sync = Sync(self.seen)
        self.sent: list[tuple[str, str]] = []

    def save(self, rule_id: str | None = None, /, **said: Any) -> Rule:
        """Save a rule; what is not said is that of `VIP`."""
        revision = said.pop("revision", None)
        checked = check(self.runner, Asked(**{**VIP, **said}))
        rule = saving.save(self.runner, checked, rule_id, revision)
        self.watch.forget()
        return rule

    def rule(self, rule: Rule) -> Rule:
        """A rule as it is now."""
        return book_of(self.store.all("crmRules").get("book")).rules[rule.id]

    def buy(self, name: str, total: int = 150, **more: Any) -> None:
        """Somebody buys: an order of its own each time."""
        number = len(self.orders())
        self.put_order(f"{name}{number}", order(f"{name}@example.com", total=total, **more))

    def id(self, name: str) -> str:
        found: str = self.with_email(f"{name}@example.com")["id"]
        return found

    def tags(self, name: str) -> list[str]:
        found: list[str] = self.with_email(f"{name}@example.com")["tags"]
        return found

    def tag(self, name: str, add: Any = (), remove: Any = ()) -> None:
        tagging.tag_customers(self.seen, [self.id(name)], change_of(add, remove))

    def consent(self, name: str, status: Any) -> None:
        mine, evidence = self.id(name), {"source": "a form on paper"}
        call = self.runner.new_id()
        self.seen.run(lambda tx: plan_consent(tx, call, mine, status, evidence))

    def merge(self, source: str, target: str) -> str:
        a, b = self.id(source), self.id(target)
        plan, _ = self.seen.run(lambda tx: plan_merge(tx, a, b))
        assert plan.merge_id
        return plan.merge_id

    def unmerge(self, merge_id: str) -> None:
        self.seen.run(lambda tx: plan_unmerge(tx, merge_id))

    def rows(self) -> list[dict[str, Any]]:
        """The outbox."""
        return list(self.store.all("crmOutbox").values())

    def runs(self) -> list[dict[str, Any]]:
        """That rules acted."""
        return list(self.store.all("crmRuleRuns").values())

    def drain(self, seconds: float = 60.0) -> Drained:
        """What the sweep does."""

        def send(_runner: Runner, _enqueue: Any, rule: Rule, entries: Any) -> None:
            self.sent += [(rule.id, entry.customer_id) for entry in entries]

        return drain(self.seen, self.queue.append, seconds, send, threads=1)

    def pager(self, size: int = 50, token: str | None = None) -> Pager:
        return Pager(PageTokens(KEYS.derive("page-token")), "staff", size, token)

    def listed(self, size: int = 50) -> list[dict[str, Any]]:
        """The rules, through all pages."""
        found: list[dict[str, Any]] = []
        token: Any = None
        while True:
            page: Any = saving.list_rules(self.store, self.pager(size, token))
            assert len(page["rules"]) <= size
            found += page["rules"]
            token = page["nextPageToken"]
            if token is None:
                return found

    def runs_of(self, name: str, size: int = 50) -> list[dict[str, Any]]:
        """What rules did with somebody, through all pages."""
        return self.runs_of_id(self.id(name), size)

    def runs_of_id(self, customer_id: str, size: int = 50) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        token: Any = None
        who = CustomerRef("customerId", customer_id)
        while True:
            page: Any = rule_records.runs_of_customer(self.runner, self.pager(size, token), who)
            found += page["runs"]
            token = page["nextPageToken"]
            if token is None:
                return found
