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


def test_all_that_is_answered() -> None:
    said = sent().said()
    assert said == Results(
        recipients=3,
        ordered=1,
        orders=2,
        revenue={"JPY": 300, "USD": 5000},
        booked={"devops-2024": 1},
        attended={"devops-2024": 1},
        since=START,
        until=START + timedelta(days=14, hours=1),
        truncated=False,
        # The moment, the count, three rows, two identities, two customers, one record.
        documents_read=10,
    )
    assert said.to_data() == {
        "recipients": 3,
        "ordered": 1,
        "orders": 2,
        "revenue": {"JPY": 300, "USD": 5000},
        "booked": {"devops-2024": 1},
        "attended": {"devops-2024": 1},
        "since": START,
        "until": START + timedelta(days=14, hours=1),
        "truncated": False,
        "documentsRead": 10,
    }
    assert [*said.revenue] == ["JPY", "USD"]


def test_nothing_came_of_one_that_has_not_begun() -> None:
    none = {"recipients": 0, "ordered": 0, "orders": 0, "revenue": {}, "booked": {}}
    none |= {"attended": {}, "since": None, "until": None, "truncated": False}
    assert Results().to_data() == {**none, "documentsRead": 0}


@pytest.mark.parametrize(
    ("after", "orders"),
    [
        (timedelta(minutes=30, microseconds=-1), 0),
        (timedelta(minutes=30), 1),
        (timedelta(days=14, minutes=30, microseconds=-1), 1),
        (timedelta(days=14, minutes=30), 0),
    ],
)
def test_an_order_counts_from_the_mail_on_for_so_many_days(after: timedelta, orders: int) -> None:
    made = Sent()
    made.mail(ADA, minutes=30)
    made.put("a", ADA, after / timedelta(days=1))
    world = made.history.world
    row = {**world.store.all("crmOrders")["a"], "createdAt": START + after}
    world.store.put("crmOrders/a", row)
    assert made.said().orders == orders


@pytest.mark.parametrize(
    ("finished", "now", "until"),
    [
        (timedelta(hours=2), timedelta(days=30), timedelta(days=3, hours=2)),
        (timedelta(hours=2), timedelta(days=2), timedelta(days=2)),
        (None, timedelta(days=2), timedelta(days=2)),
    ],
)
def test_orders_are_looked_at_up_to_so_many_days_behind_its_end(
    finished: timedelta | None, now: timedelta, until: timedelta
) -> None:
    runner = replace(World().runner, now=lambda: START + now)
    end = None if finished is None else START + finished
    said = results(runner, replace(campaign(), finished_at=end), 3)
    assert (said.since, said.until, said.truncated) == (START, START + until, False)


@pytest.mark.parametrize(("mails", "reads"), [(0, 1), (1, 1), (2, 1), (3, 2), (4, 2), (5, 3)])
def test_a_count_costs_a_read_for_so_many_mails(
    monkeypatch: pytest.MonkeyPatch, mails: int, reads: int
) -> None:
    monkeypatch.setattr(results_module, "_AGGREGATED", 2)
    made = Sent()
    for number in range(mails):
        made.mail(f"p{number}@example.com")
    said = made.said()
    # The moment; and where anybody got it, that there are no orders.
    assert (said.recipients, said.documents_read) == (mails, 1 + reads + bool(mails))


@pytest.mark.parametrize("page", [1, 2, 3])
def test_what_was_read_is_not_read_again(monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    """Two people and their mails are read once, on however many pages their orders are."""
    monkeypatch.setattr(results_module, "_PAGE", page)
    made = Sent()
    made.mail(ADA)
    for day, address in enumerate((ADA, BOB, ADA, BOB), 1):
        made.put(f"a{day}", address, day)
    said = made.said()
    # A page that is full has another one behind it, and that is a read where it is empty.
    pages = {1: 5, 2: 5, 3: 4}[page]
    records = {1: 2, 2: 1, 3: 1}[page]  # none of Bob's is a read, too, where it is asked for alone
    assert said.documents_read == 2 + pages + 2 + 2 + records
    assert (said.ordered, said.orders) == (1, 2)


def test_many_people_are_asked_for_in_few_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results_module, "IN_QUERY", 2)
    made = Sent()
    addresses = [f"p{number}@example.com" for number in range(5)]
    for number, address in enumerate(addresses):
        made.mail(address)
        made.put(f"o{number}", address, 1)
    said = made.said()
    assert (said.recipients, said.ordered, said.orders) == (5, 5, 5)
    assert said.documents_read == 2 + 5 + 5 + 5 + 5


@pytest.mark.parametrize("collection", ["customers", "crmIdentities"])
def test_an_order_of_whom_nothing_is_left_counts_for_nobody(collection: str) -> None:
    made = sent()
    store = made.history.world.store
    for name in store.all(collection):
        store.delete(f"{collection}/{name}")
    said = made.said()
    assert (said.recipients, said.ordered, said.orders, said.revenue) == (3, 0, 0, {})


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
