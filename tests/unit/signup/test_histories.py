"""Random histories: nobody is subscribed without a granting act after the last withdrawal."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta

import pytest

from crm.consent.plan import plan_consent, plan_unsubscribe
from crm.core.errors import Refusal
from crm.customers.reference import CustomerRef
from crm.mail.port import Mail
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.privacy.erasure.erase import erase
from testing.hosts import order
from testing.world import KEYS
from tests.support.signing_up import Door

HISTORIES = 240
STEPS = 22
EMAILS = [f"{name}@example.com" for name in ("ada", "bob", "cyd")]
SETTINGS = {
    "newsletter": {"opt_in": "double"},
    "forms": {
        name: {"text": {"en": "Yes."}, "per_network": 10_000, "per_hour": 10_000, "tags": ["N"]}
        for name in ("newsletter", "press")
    },
}


class History:
    """A life of three addresses, and by other code than the product's what may hold of them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.door = Door(settings=SETTINGS)
        self.granted: dict[str, datetime] = {}
        self.withdrawn: dict[str, datetime] = {}
        self.merges: list[str] = []
        self.met: Counter[str] = Counter()

    def live(self) -> None:
        acts = [self.buy, self.sign_up, self.sign_up, self.click, self.click, self.click]
        acts += [self.refuse, self.unsubscribe, self.decide, self.erase, self.join, self.split]
        acts += [self.wait, self.wait, self.sweep, self.look]
        for _ in range(STEPS):
            self.random.choice(acts)()
            self.check()

    def check(self) -> None:
        for customer in self.door.customers():
            email = customer["primaryEmail"]
            if customer["marketing"]["status"] == "subscribed":
                self.met["subscribed"] += 1
                granted, withdrawn = self.granted.get(email), self.withdrawn.get(email)
                assert granted is not None, "nobody granted anything for this address"
                assert withdrawn is None or granted >= withdrawn

    @property
    def email(self) -> str:
        return self.random.choice(EMAILS)

    def of(self, email: str) -> list[str]:
        """The addresses of whoever has one."""
        found = [one["emails"] for one in self.door.customers() if email in one["emails"]]
        return found[0] if found else [email]

    def withdraw(self, emails: list[str]) -> None:
        self.withdrawn |= dict.fromkeys(emails, self.door.now)

    def buy(self) -> None:
        number = self.random.randrange(10**9)
        data = order(self.email, marketingOptIn=self.random.random() < 0.7, createdAt=self.door.now)
        self.door.put_order(f"o{number}", data)

    def sign_up(self) -> None:
        form = self.random.choice(["newsletter", "press"])
        assert self.door.post(self.email, form).status_code == 202

    def mail(self) -> Mail | None:
        return self.random.choice(self.door.box.mails) if self.door.box.mails else None

    def look(self) -> None:
        if mail := self.mail():
            before = self.door.store.writes
            self.door.click(mail, self.random.choice(["GET", "HEAD"]))
            assert self.door.store.writes == before

    def click(self) -> None:
        if mail := self.mail():
            answer = self.door.click(mail)
            if "You are signed up</h1>" in answer.get_data(as_text=True):
                self.granted[mail.to] = self.door.now
                self.met["confirmed"] += 1
                if mail.to in self.withdrawn:
                    self.met["confirmed after a withdrawal"] += 1
            else:
                self.met[f"click {answer.status_code}"] += 1

    def refuse(self) -> None:
        if (mail := self.mail()) and self.random.random() < 0.4:
            emails, key = self.of(mail.to), f"crmSignups/{KEYS.address(mail.to)}"
            before = self.door.store.read([key])[key].fields
            self.door.click(mail, action="not-me")
            after = self.door.store.read([key])[key].fields
            confirmed = [one for one in before.get("asked", ()) if one["message"] == mail.key]
            if after.get("state") == "refused" != before.get("state") and (
                confirmed[0]["confirmedAt"] is not None
            ):
                self.withdraw(emails)
            self.met["refused"] += 1

    def unsubscribe(self) -> None:
        email = self.email
        self.door.runner.run(lambda tx: plan_unsubscribe(tx, KEYS.address(email)))
        self.withdraw(self.of(email))

    def decide(self) -> None:
        customers = self.door.customers()
        if not customers:
            return
        one, grants = self.random.choice(customers), self.random.random() < 0.3
        status = "subscribed" if grants else "unsubscribed"
        call_id = self.door.runner.new_id()
        self.door.runner.run(lambda tx: plan_consent(tx, call_id, one["id"], status, "by letter"))  # type: ignore[arg-type]
        if grants:
            self.granted[one["primaryEmail"]] = self.door.now
        else:
            self.withdraw(one["emails"])

    def erase(self) -> None:
        customers = self.door.customers()
        if customers and self.random.random() < 0.5:
            one = self.random.choice(customers)
            who = CustomerRef("customerId", one["id"])
            erase(self.door.runner, self.door.queue.append, who, reason="asked by letter")
            self.door.work()
            self.withdraw(one["emails"])
            self.met["erased"] += 1

    def join(self) -> None:
        ids = [one["id"] for one in self.door.customers()]
        if len(ids) > 1:
            pair = self.random.sample(ids, 2)
            plan, _ = self.door.runner.run(lambda tx: plan_merge(tx, *pair))
            self.merges += [plan.merge_id] if plan.merge_id else []

    def split(self) -> None:
        if self.merges:
            merge_id = self.merges.pop()
            try:
                self.door.runner.run(lambda tx: plan_unmerge(tx, merge_id))
            except Refusal:
                self.met["not undone"] += 1

    def wait(self) -> None:
        self.door.store.wait(timedelta(hours=self.random.choice([1, 25, 25, 60, 170])))

    def sweep(self) -> None:
        self.door.sweep()
        self.door.resync()


@pytest.mark.parametrize("share", range(4))
def test_nobody_is_subscribed_without_a_grant_after_the_last_withdrawal(share: int) -> None:
    met: Counter[str] = Counter()
    for seed in range(share, HISTORIES, 4):
        history = History(seed)
        try:
            history.live()
        except AssertionError as error:
            raise AssertionError(f"history {seed}: {error}") from error
        assert history.door.wrong() == [], seed
        met += history.met
    several = ("subscribed", "confirmed", "confirmed after a withdrawal", "click 410")
    for what in (*several, "refused", "erased"):
        assert met[what] >= 5, met
