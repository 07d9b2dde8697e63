"""The growth of the list is what was decided, each decision once, and who is subscribed now."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.bill import Bill, Counting
from crm.consent.plan import plan_consent, plan_unsubscribe
from crm.customers.reference import CustomerRef
from crm.importing.imports import import_contacts
from crm.merging.merge import plan_merge
from crm.privacy.erasure.erase import erase
from crm.reports import growth
from crm.reports.buckets import By
from crm.reports.growth import get_growth
from testing.hosts import order, user
from testing.world import World
from tests.support.figures import LABELS

PEOPLE = ("ada", "bob", "cyd")

TODAY = date(2026, 1, 1)
"""When a world begins."""

WEEKS = date(2025, 12, 1), date(2026, 3, 31)


@dataclass
class Readers:
    """A shop with readers; who was asked what, by the test's own account.

    Attributes:
        ticked: When a box was ticked in an order.
    """

    world: World
    ticked: list[datetime] = field(default_factory=list)
    calls: int = 0

    def customer(self, name: str) -> str:
        return str(self.world.with_email(f"{name}@example.com")["id"])

    def know(self, name: str) -> None:
        """Make somebody known by an address and a user who has proven it."""
        address = f"{name}@example.com"
        self.world.put_order(f"first-{name}", order(address))
        self.world.verified[f"u-{name}"] = address
        self.world.put_user(f"u-{name}", user(address))

    def tick(self, name: str, moment: datetime) -> None:
        number = len(self.ticked)
        document = order(f"{name}@example.com", createdAt=moment, marketingOptIn=True)
        self.world.put_order(f"o{number}", document)
        self.ticked.append(moment)

    def decide(self, name: str, status: Any) -> None:
        self.calls += 1
        call_id, who = f"call{self.calls}", self.customer(name)
        self.world.runner.run(lambda tx: plan_consent(tx, call_id, who, status, "by phone"))

    def unsubscribe(self, name: str) -> None:
        key = self.world.runner.keys.address(f"{name}@example.com")
        self.world.runner.run(lambda tx: plan_unsubscribe(tx, key))

    def said(self, first: date, last: date, by: By) -> dict[str, Any]:
        return get_growth(self.world.runner, first, last, by)

    def expected(self, first: date, last: date, by: By) -> list[dict[str, Any]]:
        """Count ticks, and what the audit trail has: an entry for each decision, not a record."""
        zone = self.world.runner.settings.time_zone
        found = [(moment, "subscribed") for moment in self.ticked]
        named = {"consent.grant": "subscribed", "consent.withdraw": "unsubscribed"}
        trail = self.world.store.all("crmAudit").values()
        found += [(one["at"], named[one["action"]]) for one in trail if one["action"] in named]
        days = Counter(
            (moment.astimezone(zone).strftime("%Y-%m-%d"), status) for moment, status in found
        )
        rows: dict[str, dict[str, Any]] = {}
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            empty = {"start": day.isoformat(), "subscribed": 0, "unsubscribed": 0}
            row = rows.setdefault(day.strftime(LABELS[by]), empty)
            for status in ("subscribed", "unsubscribed"):
                row[status] += days[day.isoformat(), status]
        return [*rows.values()]

    def check(self, first: date, last: date, by: By) -> dict[str, Any]:
        said = self.said(first, last, by)
        assert said["growth"] == self.expected(first, last, by)
        now = [one["marketing"]["status"] for one in self.world.customers()]
        assert said["subscribers"] == now.count("subscribed")
        assert said["truncated"] is False
        return said


def readers(zone: str = "Europe/Berlin") -> Readers:
    made = Readers(World(trust="auth", settings={"time_zone": zone}))
    for name in PEOPLE:
        made.know(name)
    return made


def test_growth_by_hand() -> None:
    made = readers()
    made.decide("ada", "subscribed")
    made.decide("bob", "subscribed")
    made.decide("bob", "unsubscribed")
    made.world.store.wait(timedelta(days=40))
    made.unsubscribe("ada")
    made.tick("cyd", datetime(2026, 1, 31, 23, 30, tzinfo=UTC))  # February, in Berlin
    said = made.check(date(2026, 1, 1), date(2026, 2, 28), "month")
    assert said["growth"] == [
        {"start": "2026-01-01", "subscribed": 2, "unsubscribed": 1},
        {"start": "2026-02-01", "subscribed": 1, "unsubscribed": 1},
    ]
    assert (said["subscribers"], said["timeZone"]) == (1, "Europe/Berlin")
    records = made.world.store.all("crmConsents")
    assert len(records) > 5  # an account and its address have a record each


def test_a_merge_and_what_it_undoes_change_no_decision() -> None:
    made = readers()
    made.decide("ada", "subscribed")
    made.world.put_order("guest", order("eve@example.com", marketingOptIn=True))
    made.ticked.append(order()["createdAt"])
    ids = made.customer("eve"), made.customer("ada")
    made.world.runner.run(lambda tx: plan_merge(tx, *ids))
    made.decide("ada", "unsubscribed")  # a record for each of three identities
    said = made.check(*WEEKS, "month")
    assert sum(one["unsubscribed"] for one in said["growth"]) == 1


def test_people_of_a_list_decided_each_for_themselves() -> None:
    made = readers()
    csv = "email,status\n" + "".join(f"n{one}@example.com,subscribed\n" for one in range(30))
    csv += "".join(f"w{one}@example.com,unsubscribed\n" for one in range(3))
    queue = made.world.queue.append
    import_contacts(made.world.runner, queue, csv, source="a fair", evidence="paper")
    made.world.work()
    said = made.said(TODAY, TODAY, "day")
    assert said["growth"] == [{"start": "2026-01-01", "subscribed": 30, "unsubscribed": 3}]
    assert said["subscribers"] == 30


def test_who_was_erased_has_decided_nothing() -> None:
    made = readers()
    made.decide("ada", "subscribed")
    made.decide("bob", "unsubscribed")
    who = CustomerRef("email", "ada@example.com")
    erase(made.world.runner, made.world.queue.append, who, reason="asked by letter")
    made.world.work()
    said = made.said(TODAY, TODAY, "day")
    assert said["growth"] == [{"start": "2026-01-01", "subscribed": 0, "unsubscribed": 1}]
    assert said["subscribers"] == 0


def test_of_too_many_decisions_the_newest_stretches_are_told_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = readers()
    monkeypatch.setattr(growth, "MAX_RECORDS", 3)
    for day in (5, 6, 6, 7):
        made.tick("ada", datetime(2025, 12, day, 12, tzinfo=UTC))
    whole = made.expected(date(2025, 12, 1), date(2025, 12, 9), "day")
    said = made.said(date(2025, 12, 1), date(2025, 12, 9), "day")
    assert said["truncated"] is True
    assert said["growth"] == whole[5:], "the sixth may be whole or not, the fifth is not"
    monkeypatch.setattr(growth, "MAX_RECORDS", 2)
    assert made.said(date(2025, 12, 1), date(2025, 12, 9), "day")["growth"] == whole[6:]
    monkeypatch.setattr(growth, "MAX_RECORDS", 4)
    assert made.said(date(2025, 12, 1), date(2025, 12, 9), "day")["growth"] == whole


def test_without_days_it_is_the_latest_up_to_today() -> None:
    runner = readers("Pacific/Kiritimati").world.runner  # where it is tomorrow already
    for by, number in (("day", 31), ("week", 26), ("month", 12)):
        said: Any = get_growth(runner, None, None, by)  # type: ignore[arg-type]
        assert len(said["growth"]) == number
    told: Any = get_growth(runner, None, None, "day")
    assert told["growth"][-1]["start"] == "2026-01-01"


def test_the_reads_that_are_told_are_the_reads_that_are_billed() -> None:
    made, bill = readers(), Bill()
    for name in PEOPLE:
        made.decide(name, "subscribed")
    records = len(made.world.store.all("crmConsents"))
    runner = replace(made.world.runner, store=Counting(made.world.store, bill))
    said = get_growth(runner, *WEEKS, "week")
    assert said["documentsRead"] == bill.reads + bill.aggregations == 2 + records


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(1, 24 * 20)),
        st.tuples(st.just("tick"), st.sampled_from(PEOPLE)),
        st.tuples(st.just("subscribed"), st.sampled_from(PEOPLE)),
        st.tuples(st.just("unsubscribed"), st.sampled_from(PEOPLE)),
        st.tuples(st.just("link"), st.sampled_from(PEOPLE)),
        st.tuples(st.just("merge"), st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)),
    ),
    max_size=12,
)


@settings(max_examples=60)
@given(ACTS, st.sampled_from(["day", "week", "month"]), st.sampled_from(["UTC", "Asia/Tokyo"]))
def test_after_any_history_growth_is_what_other_code_counts(
    acts: list[Any], by: By, zone: str
) -> None:
    made = readers(zone)
    assert made.world.runner.settings.time_zone == ZoneInfo(zone)
    for what, *details in acts:
        if what == "wait":
            made.world.store.wait(timedelta(hours=details[0]))
        elif what == "tick":
            made.tick(details[0], made.world.store.now())
        elif what == "link":
            made.unsubscribe(details[0])
        elif what == "merge":
            one, other = map(made.customer, details)
            if one != other:
                joined = partial(plan_merge, source_id=one, target_id=other, allow_two_users=True)
                made.world.runner.run(joined)
        else:
            made.decide(details[0], what)
    made.check(date(2025, 12, 17), date(2026, 5, 20), by)
