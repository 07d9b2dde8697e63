"""The life of a shop, continued: who comes in without an order, own fields, and rules that act."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Request
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from werkzeug.test import EnvironBuilder

from crm.core.errors import Transient
from crm.entrypoints.http import confirm_subscription
from crm.entrypoints.watching import watch_of
from crm.signup import asking, waiting
from crm.signup.sending import Post
from crm.sync.sync import Sync
from tests.support.life import DONE, PEOPLE, Host, pick
from tests.support.signing_up import link_of

DAYS = 2

RULES: dict[str, dict[str, Any]] = {
    "often": {"when": {"enters": "order_count >= 2"}, "then": {"addTags": ["Often"]}},
    "chosen": {
        "when": {"enters": "tag:vip"},
        "then": {"addTags": ["Greeted"]},
        "once": {"days": DAYS},
    },
}
"""Of the first one people are met once for ever."""

listed = st.sampled_from(tuple(PEOPLE)[:3])
"""The fourth one's address stays free more often: then a user who typed it is reached by it."""

ROW = st.tuples(
    listed, st.sampled_from(("subscribed", "subscribed", "unsubscribed", "none")), st.booleans()
)


class Arrivals(Host):
    """Forms, lists, own fields and rules."""

    def __init__(self) -> None:
        super().__init__()
        self.rule_names: dict[str, str] = {}
        """Names of rules by their ids."""
        for name, said in RULES.items():
            saved = self.world.call("save_rule", name=name, on=True, **said)
            self.rule_names[saved["rule"]["ruleId"]] = name
        runner = self.world.runner
        self.world.sync = Sync(replace(runner, watch=watch_of(runner.store)))
        self.acted: dict[tuple[str, str], datetime] = {}
        """By rule and address or uid: when the rule acted last on whoever has it."""
        self.heard: set[str] = set()
        """Records of consent, and of rules with their times, that are known already."""
        self.imports: list[str] = []

    def names_of(self, one: dict[str, Any]) -> set[str]:
        return {*one["emails"], *one["userIds"]}

    # --- Forms ---

    @property
    def post(self) -> Post:
        return Post(self.world.runner, self.world.services.mailer, "https://example.com/confirm")

    @rule(email=listed)
    def signs_up(self, email: str) -> None:
        form = self.world.runner.settings.forms["newsletter"]
        self.gone.pop(email, None)
        request = asking.Request(form, "newsletter", email, "en", None, worked=True)
        DONE["signed up"] += self.tried(lambda: asking.sign_up(self.post, request))

    @precondition(lambda self: self.world.box.mails)
    @rule(number=pick)
    def confirms(self, number: int) -> None:
        """A click in any mail that is out, also an old one, or a second time."""
        mails = self.world.box.mails
        link = link_of(mails[-1 - number % min(3, len(mails))])
        query = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}

        def click() -> None:
            request = Request(EnvironBuilder(method="POST", query_string=query).get_environ())
            answer = confirm_subscription.answer(request, lambda: self.world.services)
            assert answer.status_code in (200, 410, 503)
            if answer.status_code == 503:
                raise Transient("away")

        self.tried(click)

    # --- Lists ---

    @rule(rows=st.lists(ROW, min_size=1, max_size=3))
    def imports_a_list(self, rows: list[tuple[str, str, bool]]) -> None:
        lines = [
            f"{email},{status},Fair,{'ACME' if field else ''}" for email, status, field in rows
        ]
        leaving = {email for email, status, _ in rows if status == "unsubscribed"}
        left = {*leaving}
        for one in self.world.customers():
            left |= self.names_of(one) if leaving & {*one["emails"]} else set()
        before = self.world.store.now()
        answer = self.call(
            "import_contacts",
            csv="\n".join(["email,status,tags,company", *lines]),
            source="fair",
            evidence="paper",
        )
        if answer:
            report = answer["report"]
            assert report["rows"] == len(rows) == _sum(report)
            self.imports.append(answer["importId"])
            self.withdrawn |= dict.fromkeys(left, before)
            DONE["imported"] += 1

    @precondition(lambda self: self.imports)
    @rule(number=pick)
    def undoes_an_import(self, number: int) -> None:
        name = self.imports[number % len(self.imports)]
        held = self.world.customers()
        DONE["imports undone"] += self.call("undo_import", importId=name) is not None
        left = {one["id"] for one in self.world.customers()}
        assert all(one["id"] in left for one in held if one["orderCount"]), "who ordered stays"

    # --- Own fields ---

    @rule(number=pick, company=st.sampled_from((None, "ACME", "Globex")), city=st.booleans())
    def writes_fields(self, number: int, company: str | None, city: bool) -> None:
        customers = sorted(self.world.customers(), key=lambda one: str(one["id"]))
        if not customers:
            return
        one = customers[number % len(customers)]
        given = {"company": company} | ({"seats": number} if city else {})
        answer = self.call("set_fields", customerId=one["id"], fields=given)
        if answer:
            assert {name: answer["fields"].get(name) for name in given} == given
            DONE["fields"] += 1

    def fields_are_folded(self) -> None:
        users = self.world.store.all("users")
        for one in self.world.customers():
            known: dict[str, object] = {}
            parts = sorted(one["parts"].items(), key=lambda part: (part[1]["rank"], part[0]))
            for _, part in parts:
                told = part["userFields"] if part["live"] else {}
                assert told == ({"city": users[part["uid"]]["profile"]["city"]} if told else {})
                for name, value in {**told, **part["fields"]}.items():
                    known.setdefault(name, value)
            assert one["fields"] == {k: v for k, v in known.items() if v is not None}
            DONE["with fields"] += bool(one["fields"])

    # --- The sweep's steps for them ---

    def sweep(self) -> None:
        """What the scheduler does, in its order."""
        self.world.sweep()
        waiting.attend(self.world.runner, lambda: self.post)
        self.world.rules_act()

    def tried(self, work: Any) -> bool:
        done = super().tried(work)
        self.hear_of_grants()
        self.hear_of_rules()
        return done

    def hear_of_grants(self) -> None:
        """Know who said yes by a click, or of whom a list says so who has never withdrawn."""
        for name, record in self.world.store.all("crmConsents").items():
            if name in self.heard or record["source"] not in ("form", "import"):
                continue
            self.heard.add(name)
            if record["status"] != "subscribed":
                continue
            for one in self.world.customers():
                for part in one["parts"].values():
                    if part["key"] != record["identity"]:
                        continue
                    own = part["address"] or part["uid"]
                    names = self.names_of(one)
                    if record["source"] == "import" and names & self.withdrawn.keys():
                        continue
                    self.granted[own] = max(record["at"], self.granted.get(own, record["at"]))
                    DONE["confirmed" if record["source"] == "form" else "vouched for"] += 1

    def hear_of_rules(self) -> None:
        """Hold each rule to how often it may act on a person."""
        people: Counter[tuple[str, str, datetime]] = Counter()
        for name, run in self.world.store.all("crmRuleRuns").items():
            mark = f"{name} {run['at']}"
            if mark not in self.heard and run["customerId"] is not None:
                people[self.rule_names[run["ruleId"]], run["customerId"], run["at"]] += 1
            self.heard.add(mark)
        for rule_name, customer_id, at in people:
            customer = self.world.store.all("customers").get(customer_id)
            for own in self.names_of(customer) if customer else ():
                before = self.acted.get((rule_name, own))
                again = before and (rule_name == "often" or at - before < timedelta(days=DAYS))
                assert not again, f"{rule_name} acted on {own} at {before} and at {at}"
                self.acted[rule_name, own] = at
                DONE[f"rule: {rule_name}"] += 1


def _sum(report: dict[str, Any]) -> int:
    numbers = (report[name] for name in ("added", "changed", "unchanged", "duplicates"))
    return int(sum(numbers) + sum(report["keptOut"].values()) + report["errorCount"])
