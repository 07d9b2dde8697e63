"""A customer's document: all that is written of it, and what answers show."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.customers.attendance import NameSource
from crm.customers.customer import AHEAD, Customer, public, read_customer
from crm.customers.decision import UNSUBSCRIBED, Decision
from crm.customers.facets import facets
from crm.customers.part import Contact, Part, Spend
from crm.customers.search_terms import terms
from crm.db.documents import Snapshot
from testing.hosts import DAY
from tests.unit.customers.test_customer import GUEST, LATER, USER, at_event, customer, data


def test_a_document_is_all_that_its_parts_say() -> None:
    source = NameSource(LATER, "o2")
    guest = Part(
        "e-ada",
        address="ada@example.com",
        orders=2,
        counted=1,
        spend={"USD": Spend(70, 1)},
        first=DAY,
        last=DAY,
        name="Ada",
        name_source=NameSource(DAY, "o1"),
        events=at_event(name="Gala", starts_at=LATER, checked_in=0, unrecorded=1, source=source),
        days={"2024-03-01": 1},
        opted_in_at=DAY,
        unreachable=LATER,
        fields={"company": "ACME"},
    )
    lives = replace(USER, proven="e-ada", decision=Decision(UNSUBSCRIBED, LATER, "link"))
    made = customer(guest, lives, tags=("b", "a"), merges=("m1", "m2"), staff_merges=1)
    written = made.to_data(DAY, double=True)
    shown = {
        "primaryEmail": "ada@example.com",
        "contactEmail": None,
        "emails": ["ada@example.com"],
        "userIds": ["u1"],
        "name": "Ada L.",
        "registered": True,
        "tags": ["a", "b"],
        "fields": {"company": "ACME"},
        "totalSpend": {"USD": 70},
        "orderCount": 1,
        "firstOrderAt": DAY,
        "lastOrderAt": DAY,
        "events": {"e": {"name": "Gala", "startsAt": LATER, "tickets": 1, "checkedIn": None}},
        "eventIds": ["e"],
        "attendedEventIds": [],
        "marketing": {
            "status": "unsubscribed",
            "at": LATER,
            "source": "link",
            "unreachable": LATER,
        },
        "createdAt": DAY,
        "updatedAt": DAY,
        "schemaVersion": 1,
    }
    parts = {part_id: part.to_data() for part_id, part in made.parts.items()}
    assert written == {
        **shown,
        "facets": facets({**shown, "parts": parts}),
        "nextStartAt": LATER,
        "confirmFrom": None,
        "search": terms(shown),
        "parts": parts,
        "merges": {"open": ["m1", "m2"], "byStaff": 1},
    }
    assert {"o:2024-03-01", "e:2024-03"} <= written["facets"].keys()  # type: ignore[attr-defined]
    assert public("c", written) == {"customerId": "c", **shown}


def test_whoever_is_only_to_be_reached_waits_where_opt_ins_are_confirmed() -> None:
    user = replace(USER, user_name=None, opted_in_at=DAY, claimed=Contact("t@example.com"))
    for double in (False, True):
        written = customer(user).to_data(LATER, double=double)
        assert written["contactEmail"] == "t@example.com"
        assert written["confirmFrom"] == (DAY if double else None)
        assert written["marketing"] == (
            {"status": "none", "at": None, "source": None, "pending": True}
            if double
            else {"status": "subscribed", "at": DAY, "source": "order"}
        )


def test_a_document_is_read_as_it_was_written() -> None:
    made = customer(GUEST, USER, tags=("a", "b"), merges=("m",), staff_merges=2)
    written = made.to_data(LATER, double=False)
    assert written["schemaVersion"] == 1
    assert Customer.from_data("c", written) == replace(made, updated_at=LATER)
    assert read_customer(Snapshot("customers/c", written, 1)) == replace(made, updated_at=LATER)


@pytest.mark.parametrize("strange", [{}, {"parts": 1}, {"name": "somebody's own"}])
def test_a_document_that_is_none_of_ours_is_no_customer(strange: dict[str, Any]) -> None:
    assert read_customer(Snapshot("customers/c", strange, 1)) is None
    whole = customer(GUEST).to_data(DAY, double=False) | {"parts": {"p": 7}}
    assert read_customer(Snapshot("customers/c", whole, 1)) is None


def test_the_date_of_writing_moves_on_by_a_clock_that_stands_or_goes_back() -> None:
    for now in (DAY, DAY - timedelta(minutes=1)):
        written = customer(GUEST, updated_at=DAY).to_data(now, double=False)
        assert written["updatedAt"] == DAY + timedelta(microseconds=1)
    assert customer(GUEST, updated_at=DAY).to_data(LATER, double=False)["updatedAt"] == LATER


@pytest.mark.parametrize(
    ("ahead", "written"),
    [
        (timedelta(microseconds=-2), DAY),
        (timedelta(microseconds=-1), DAY),
        (timedelta(0), DAY + timedelta(microseconds=1)),
        (AHEAD - timedelta(microseconds=1), DAY + AHEAD),
        (AHEAD, DAY),
    ],
)
def test_a_date_of_writing_that_is_further_ahead_than_clocks_differ_is_not_believed(
    ahead: timedelta, written: Any
) -> None:
    made = customer(GUEST, updated_at=DAY + ahead).to_data(DAY, double=False)
    assert made["updatedAt"] == written


def test_answers_show_no_internals() -> None:
    assert "confirmFrom" not in public("c", data(GUEST))
    assert "fields" in public("c", data(GUEST))
    shown = public("c", data(GUEST))
    assert shown["customerId"] == "c"
    assert not {"facets", "merges", "parts", "search"} & shown.keys()
    assert {"primaryEmail", "tags", "marketing", "createdAt"} <= shown.keys()
