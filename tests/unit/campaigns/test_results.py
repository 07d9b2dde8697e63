"""What came of a campaign is what other code counts, whatever became of orders and customers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.campaigns import results as results_module
from crm.campaigns.campaign import Campaign
from crm.campaigns.mails import MailRecord, mail_key, record_id
from crm.campaigns.results import Results, results
from testing.hosts import item, order, user
from testing.world import KEYS, World
from tests.support.history import History

START = datetime(2024, 3, 1, 9, tzinfo=UTC)
ADA, BOB, CYD, DAN = PEOPLE = [f"{name}@example.com" for name in ("ada", "bob", "cyd", "dan")]


def campaign(**fields: Any) -> Campaign:
    body = {"format": "markdown", "source": "# Hi"}
    made = Campaign("c1", "March", "Hi", "", body, {}, "Events <news@example.com>", START, START)
    return replace(
        made, state="done", started_at=START, finished_at=START + timedelta(hours=1), **fields
    )


@dataclass
class Sent:
    """A campaign among a history of orders, and what came of it by other code."""

    history: History = field(default_factory=lambda: History(World()))
    mails: dict[str, datetime] = field(default_factory=dict)

    def mail(
        self, address: str, minutes: int = 10, state: str = "accepted", of: str = "c1"
    ) -> None:
        """Note a mail to an address."""
        at = START + timedelta(minutes=minutes)
        name = record_id(of, mail_key(KEYS, of, address))
        key = KEYS.address(address)
        record = MailRecord(name, of, "as-of-then", key, key, f"{of}-000000", state, at)  # type: ignore[arg-type]
        self.history.world.store.put(record.path, record.to_data())
        if state == "accepted" and of == "c1":
            self.mails[address] = at

    def put(self, order_id: str, address: str, days: float, total: int = 1000, **more: Any) -> None:
        """Write an order of some days after the campaign began."""
        self.history.put(order_id, address, START + timedelta(days=days), total, **more)

    def said(self, days: int = 14, **more: Any) -> Results:
        return results(self.history.world.runner, campaign(), days, **more)

    def expected(self, days: int = 14) -> tuple[int, int, int, dict[str, int]]:
        person, found = self.history.person, []
        now: datetime = self.history.world.store.now()
        until = min(now, START + timedelta(hours=1, days=days))
        for sale in self.history.sales.values():
            times = [at for to, at in self.mails.items() if person.get(to) == person[sale.person]]
            first: datetime = min(times, default=until)
            within = first <= sale.at < first + timedelta(days=days)
            if within and sale.at < until and sale.person not in self.history.erased:
                found.append(sale)
        revenue: Counter[str] = Counter()
        for sale in found:
            revenue[sale.currency] += sale.net
        people = {person[sale.person] for sale in found}
        return len(self.mails), len(people), len(found), dict(sorted(revenue.items()))

    def check(self, days: int = 14) -> Results:
        said = self.said(days)
        told = (said.recipients, said.ordered, said.orders, said.revenue)
        assert told == self.expected(days)
        return said


def sent() -> Sent:
    """Three got it; one of them ordered twice after it, one before it, one long after."""
    made = Sent()
    for address in (ADA, BOB, CYD):
        made.mail(address)
    made.put("a1", ADA, 1, 5000)
    made.put("a2", ADA, 2, 300, currency="JPY")
    made.put("b1", BOB, -1)
    made.put("c1", CYD, 20)
    made.put("d1", DAN, 1)
    return made


def test_what_came_of_a_campaign_by_hand() -> None:
    said = sent().check()
    assert (said.recipients, said.ordered, said.orders) == (3, 1, 2)
    assert said.revenue == {"JPY": 300, "USD": 5000}
    assert said.booked == {"devops-2024": 1}
    assert not said.truncated


def test_longer_it_counts_more() -> None:
    made = sent()
    assert [made.check(days).orders for days in (1, 14, 30)] == [1, 2, 3]


def test_an_order_of_the_minute_before_the_own_mail_does_not_count() -> None:
    made = Sent()
    made.mail(ADA, minutes=30)
    made.put("early", ADA, 29 / 1440)
    made.put("late", ADA, 31 / 1440)
    assert made.check().orders == 1


@pytest.mark.parametrize("state", ["refused", "excluded", "uncertain"])
def test_who_got_no_mail_is_no_recipient(state: str) -> None:
    made = Sent()
    made.mail(ADA, state=state)
    made.mail(BOB, of="another")
    made.put("a", ADA, 1)
    made.put("b", BOB, 1)
    said = made.said()
    assert (said.recipients, said.orders) == (0, 0)
    assert said.documents_read == 2  # the moment, and the count: no order is looked at


def test_an_order_that_counts_no_more_and_a_refund_are_told() -> None:
    made = sent()
    made.put("a1", ADA, 1, 5000, refunded=2000)
    assert made.check().revenue == {"JPY": 300, "USD": 3000}
    made.put("a2", ADA, 2, 300, currency="JPY", counts=False)
    made.history.delete("a1")
    assert made.check().ordered == 0


def test_orders_of_an_account_are_the_recipients_whose_address_it_has_proven() -> None:
    made = Sent()
    world = made.history.world
    world.put_user("u1", user(ADA))
    made.mail(ADA)
    world.put_order("o1", order(None, userId="u1", createdAt=START + timedelta(days=1)))
    said = made.said()
    assert (said.recipients, said.ordered, said.orders) == (1, 1, 1)


def test_a_merge_makes_the_orders_the_recipients_and_its_undo_not() -> None:
    made = sent()
    made.history.merge(DAN, BOB)
    assert made.check().ordered == 2
    made.history.unmerge()
    assert made.check().ordered == 1


def test_two_mails_to_one_person_count_an_order_once() -> None:
    made = sent()
    made.history.merge(ADA, BOB)
    said = made.check()
    assert (said.recipients, said.ordered, said.orders) == (3, 1, 2)


def test_an_address_that_has_gone_to_another_person_leads_to_that_one_only() -> None:
    made = Sent()
    world = made.history.world
    world.put_user("u1", user(ADA))
    world.put_order("old", order(ADA, createdAt=START - timedelta(days=30)))
    made.mail(ADA)
    world.put_user("u1", user(BOB))  # the account's address changes
    world.put_user("u2", user(ADA))  # and somebody else proves the old one
    at = START + timedelta(days=1)
    world.put_order("one", order(None, userId="u1", createdAt=at, total="1.00"))
    world.put_order("two", order(None, userId="u2", createdAt=at, total="2.00"))
    said = made.said()
    assert (said.ordered, said.revenue) == (1, {"USD": 200})


def test_who_was_erased_is_in_no_number() -> None:
    made = sent()
    made.history.erase(ADA)
    assert made.check().ordered == 0


def test_who_came_to_an_event_booked_after_the_mail() -> None:
    made = Sent()
    world = made.history.world
    for address in (ADA, BOB):
        made.mail(address)
    at = START + timedelta(days=1)
    came, missed = item("ws", checkedIn=True), item("ws", checkedIn=False)
    world.put_order("a", order(ADA, createdAt=at, items=[came, item("talk", checkedIn=False)]))
    world.put_order("b", order(BOB, createdAt=at, items=[missed]))
    said = made.said()
    assert said.booked == {"talk": 1, "ws": 2}
    assert said.attended == {"ws": 1}


def test_before_it_has_begun_nothing_came_of_it() -> None:
    draft = replace(campaign(), state="draft", started_at=None)
    assert results(World().runner, draft) == Results()


def test_too_many_orders_are_told_up_to_where_they_were_read() -> None:
    made = sent()
    said = made.said(most=1)
    assert said.truncated
    assert said.until == START + timedelta(days=1)
    assert said.ordered <= 1
    assert not made.said(most=4).truncated


@pytest.mark.parametrize("page", [1, 2, 3, 500])
@pytest.mark.parametrize("most", [1, 2, 3, 4])
def test_so_many_orders_are_read_and_no_more_however_they_come(
    monkeypatch: pytest.MonkeyPatch, most: int, page: int
) -> None:
    monkeypatch.setattr(results_module, "_PAGE", page)
    made = Sent()
    made.mail(ADA)
    for day in range(1, 6):
        made.put(f"a{day}", ADA, day)
    said = made.said(most=most)
    told = (said.orders, said.until, said.truncated)
    assert told == (most, START + timedelta(days=most), True)


def test_what_it_costs_grows_with_orders_and_not_with_recipients() -> None:
    made = Sent()
    for number in range(40):
        made.mail(f"p{number}@example.com")
    made.mail(ADA)
    made.put("a1", ADA, 1)
    made.put("a2", ADA, 2)
    # The moment, the count, two rows, her identity, her customer, her record.
    assert made.check().documents_read == 7


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["put", "put", "put", "mail", "merge", "unmerge", "delete", "cancel"]),
        st.sampled_from(PEOPLE),
        st.sampled_from(PEOPLE),
        st.integers(-2, 20),
    ),
    max_size=20,
)


@given(actions=ACTIONS, days=st.sampled_from([1, 14, 30]))
def test_it_is_what_is_counted_over_everything(actions: list[Any], days: int) -> None:
    made = Sent()
    history = made.history
    for number, (what, one, other, day) in enumerate(actions):
        if what == "put":
            made.put(f"o{number % 7}", one, day, 100 + number)
        elif what == "mail":
            made.mail(one, minutes=number)
        elif what == "cancel":
            made.put(f"o{number % 7}", one, day, counts=False)
        elif what == "delete":
            history.delete(f"o{number % 7}")
        elif what == "unmerge" and history.merges:
            history.unmerge()
        elif what == "merge":
            owners = [next(iter(holders(history, who)), None) for who in (one, other)]
            if None not in owners and owners[0] != owners[1]:
                history.merge(one, other)
    made.check(days)


def holders(history: History, address: str) -> list[str]:
    return [one["id"] for one in history.world.customers() if address in one["emails"]]
