"""Any list upon any past: nobody is subscribed who must not be; undone, it is as before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from crm.importing import record
from testing.enough import until_enough
from testing.hosts import order, user
from tests.support.faults import hurried
from tests.support.importing import Desk

NAMES = "abcde"

DONE: Counter[str] = Counter()
"""What the histories really did."""


@pytest.fixture(autouse=True)
def small_chunks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record, "CHUNK", 2)
        with hurried():
            yield


def mail(name: str) -> str:
    return f"{name}@example.com"


ROW = st.tuples(
    st.sampled_from(NAMES),
    st.sampled_from(["subscribed", "subscribed", "unsubscribed", "none", "", "inactive"]),
    st.sampled_from(["", "vip", "vip;x"]),
    st.sampled_from(["", "ACME", "Other"]),
)

FILES = st.lists(ROW, min_size=1, max_size=8)


def text(rows: list[tuple[str, str, str, str]]) -> str:
    lines = (f"{mail(name)},{status},{tags},{company}" for name, status, tags, company in rows)
    return "\n".join(["email,status,tags,company", *lines])


ACTS = (
    "merge",
    "order",
    "opt in",
    "sign up",
    "unsubscribe",
    "complain",
    "bounce",
    "erase",
    "grant",
    "withdraw",
    "unmerge",
    "tag",
    "field",
    "import",
    "undo",
)

ACT = st.tuples(st.sampled_from(ACTS), st.sampled_from(NAMES), st.sampled_from(NAMES), FILES)


class Life:
    """A desk with a past, and what that past means for consent.

    Attributes:
        withdrawn: Addresses that must not be subscribed: nobody granted anything since.
        merges: Ids of merges.
        undoable: Ids of imports.
    """

    def __init__(self) -> None:
        self.desk = Desk()
        self.withdrawn: set[str] = set()
        self.merges: list[str] = []
        self.undoable: list[str] = []
        self.orders = 0

    def customer(self, name: str) -> dict[str, Any] | None:
        found = self.desk.customers(lambda one: mail(name) in one["emails"])
        return found[0] if found else None

    def all_of(self, name: str) -> set[str]:
        """The names of the customer that has an address."""
        customer = self.customer(name)
        emails = customer["emails"] if customer else []
        return {name, *(one.partition("@")[0] for one in emails)}

    def act(self, what: str, name: str, other: str, rows: Any) -> None:
        desk, customer = self.desk, self.customer(name)
        match what:
            case "order" | "opt in":
                self.orders += 1
                at = desk.store.now()
                data = order(mail(name), createdAt=at, marketingOptIn=what == "opt in")
                desk.put_order(f"o{self.orders}", data)
            case "sign up":
                desk.put_user(f"u-{name}", user(mail(name)))
            case "unsubscribe":
                self.withdrawn |= self.all_of(name)
                desk.unsubscribe(mail(name))
            case "complain":
                self.withdrawn |= self.all_of(name)
                desk.complain(mail(name))
            case "bounce":
                desk.bounce(mail(name))
            case "erase" if customer:
                self.withdrawn |= self.all_of(name)
                desk.erase(mail(name))
            case "grant" if customer:
                self.withdrawn -= self.all_of(name)
                desk.consent(mail(name), "subscribed")
            case "withdraw" if customer:
                self.withdrawn |= self.all_of(name)
                desk.consent(mail(name), "unsubscribed")
            case "merge" if other not in self.all_of(name):
                for one in (name, other):
                    if self.customer(one) is None:
                        self.act("order", one, one, rows)
                self.merges.append(desk.merge(mail(other), mail(name)))
            case "unmerge" if self.merges or other not in self.all_of(name):
                if not self.merges:
                    self.act("merge", name, other, rows)
                with suppress(Exception):
                    desk.unmerge(self.merges[-1])
                self.merges.pop()
            case "tag" if customer:
                desk.tag(mail(name), ["vip"])
            case "field" if customer:
                desk.fields(mail(name), company="Staff")
            case "import":
                self.take_in(rows)
            case "undo" if self.undoable:
                desk.undo(self.undoable.pop())
            case _:
                return
        DONE[what] += 1

    def take_in(self, rows: Any) -> dict[str, int]:
        left = [one for one, status, *_ in rows if status == "unsubscribed"]
        gone = {name for one in left for name in self.all_of(one)}
        done = self.desk.take_in(text(rows))
        self.undoable.append(done["importId"])
        self.withdrawn |= gone
        told: Any = self.desk.imports()[0]["report"]
        counted = sum(told[one] for one in ("added", "changed", "unchanged"))
        counted += sum(told["keptOut"].values())
        assert told["rows"] == counted + told["duplicates"] + told["errorCount"]
        for reason, many in told["keptOut"].items():
            DONE[reason] += many
        DONE["changed"] += told["changed"]
        return {"added": told["added"], "changed": told["changed"]}

    def subscribed(self) -> set[str]:
        """All addresses of those who are subscribed."""
        found = self.desk.customers(lambda one: one["marketing"]["status"] == "subscribed")
        return {email.partition("@")[0] for one in found for email in one["emails"]}


@given(st.lists(ACT, min_size=4, max_size=12), FILES)
@settings(max_examples=40)
def history(acts: list[Any], rows: Any) -> None:
    life = Life()
    for act in acts:
        life.act(*act)
        assert not life.subscribed() & life.withdrawn, act
    before = life.subscribed()
    life.take_in(rows)
    raised = life.subscribed() - before
    assert not life.subscribed() & life.withdrawn
    said = {name for name, status, *_ in rows if status == "subscribed"}
    assert raised <= {name for one in said for name in life.all_of(one)}
    people = life.desk.people()
    assert life.take_in(rows) == {"added": 0, "changed": 0}
    assert life.desk.people() == people
    assert life.desk.faults() == []


def test_no_list_upon_any_past_subscribes_who_must_not_be() -> None:
    DONE.clear()
    until_enough(
        lambda number: seed(number)(history)(),
        DONE,
        {**dict.fromkeys(ACTS, 3), "withdrew": 5, "erased": 2, "complained": 2, "bounced": 2},
    )


@given(st.lists(ACT.filter(lambda one: one[0] != "undo"), max_size=8), FILES)
@settings(max_examples=40)
def test_undone_at_once_it_is_as_before_but_for_withdrawals(acts: list[Any], rows: Any) -> None:
    rows = [(name, status.replace("unsubscribed", "none"), *more) for name, status, *more in rows]
    life = Life()
    for act in acts:
        life.act(*act)
    before = life.desk.people()
    life.take_in(rows)
    life.desk.undo(life.undoable.pop())
    assert life.desk.people() == before
    assert life.desk.faults() == []
