"""A customer out of its parts: who speaks for it, what it adds up to, and when nothing is left."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.customers.attendance import Attendance, NameSource
from crm.customers.customer import Customer, mail_address
from crm.customers.decision import SUBSCRIBED, UNSUBSCRIBED, Decision
from crm.customers.part import Contact, Entry, Part, Spend
from testing.hosts import DAY

LATER = DAY + timedelta(days=1)
GUEST = Part("e-ada", address="ada@example.com", orders=1)
USER = Part("u-ada", 1, uid="u1", live=True, user_name="Ada L.")


def customer(*parts: Part, **more: Any) -> Customer:
    """Parts in the order of their ranks, whatever order their ids have."""
    ranked = {f"p{9 - rank}": replace(part, rank=rank) for rank, part in enumerate(parts)}
    return Customer("c", DAY, ranked, **more)


def data(*parts: Part, **more: Any) -> dict[str, Any]:
    return customer(*parts, **more).to_data(DAY, double=False)


# --- When nothing is left of it ------------------------------------------------------------------

LEFT = Part("e-ada", address="ada@example.com")


def test_a_customer_of_whom_nothing_is_known_is_empty() -> None:
    assert customer().empty
    assert customer(LEFT).empty
    assert customer(replace(USER, live=False)).empty


@pytest.mark.parametrize(
    "kept",
    [
        customer(GUEST),
        customer(LEFT, USER),
        customer(LEFT, tags=("vip",)),
        customer(LEFT, staff_merges=1),
        customer(replace(LEFT, decision=Decision(UNSUBSCRIBED, DAY, "staff"))),
        customer(replace(LEFT, decision=Decision(SUBSCRIBED, DAY, "form"))),
        customer(replace(LEFT, decision=Decision(SUBSCRIBED, DAY, "import"))),
        customer(replace(LEFT, entry=Entry("form", "news", DAY))),
        customer(replace(LEFT, notes=1)),
        customer(replace(LEFT, fields={"vegan": False})),
    ],
)
def test_an_order_a_live_user_and_what_staff_did_keep_a_customer(kept: Customer) -> None:
    assert not kept.empty


def test_what_the_person_decided_keeps_no_customer_it_is_kept_with_the_address() -> None:
    assert customer(replace(LEFT, decision=Decision(UNSUBSCRIBED, DAY, "link"))).empty


@pytest.mark.parametrize(
    "left",
    [
        replace(LEFT, fields={"company": None}),
        replace(LEFT, user_fields={"city": "Bonn"}),
        replace(LEFT, asked_at=DAY),
        replace(LEFT, decision=Decision(UNSUBSCRIBED, DAY, "suppression")),
        replace(LEFT, decision=Decision(UNSUBSCRIBED, DAY, "complaint")),
    ],
)
def test_what_was_emptied_and_what_a_user_who_is_gone_said_keep_no_customer(left: Part) -> None:
    assert customer(left).empty


# --- Who speaks for it ---------------------------------------------------------------------------


def test_a_new_part_stands_behind_the_others() -> None:
    assert customer().next_rank == 0
    assert customer(GUEST, USER).next_rank == 2
    assert Customer("c", DAY, {"p": replace(GUEST, rank=7)}).next_rank == 8


def test_the_first_address_speaks_for_a_customer_without_a_proven_one() -> None:
    other = Part("e-bob", address="bob@example.com")
    assert data(GUEST, other)["primaryEmail"] == "ada@example.com"
    assert data(other, GUEST)["primaryEmail"] == "bob@example.com"
    assert data(USER)["primaryEmail"] is None


def test_of_equal_ranks_the_lower_id_of_a_part_comes_first() -> None:
    other = Part("e-bob", address="bob@example.com")
    for parts in ({"b": GUEST, "a": other}, {"a": other, "b": GUEST}):
        made = Customer("c", DAY, parts).to_data(DAY, double=False)
        assert made["primaryEmail"] == "bob@example.com"


def test_a_proven_address_speaks_before_the_first_and_a_live_user_before_one_who_has_gone() -> None:
    other = Part("e-bob", address="bob@example.com")
    third = Part("e-eve", address="eve@example.com")
    gone = replace(USER, key="u-bob", uid="u2", live=False, proven="e-bob")
    lives = replace(USER, proven="e-eve")
    assert data(GUEST, other, third, gone)["primaryEmail"] == "bob@example.com"
    assert data(GUEST, other, third, gone, lives)["primaryEmail"] == "eve@example.com"


def test_only_a_user_proves_an_address() -> None:
    other = Part("e-bob", address="bob@example.com")
    nobody = Part("e-eve", address="eve@example.com", proven="e-bob", live=True)
    assert data(GUEST, other, nobody)["primaryEmail"] == "ada@example.com"
    assert data(GUEST, other, replace(nobody, uid="u1"))["primaryEmail"] == "bob@example.com"


def test_a_proven_address_that_went_elsewhere_speaks_no_more() -> None:
    lives = replace(USER, proven="e-ada")
    assert data(Part("e-ada"), Part("e-bob", address="b@example.com"), lives)["primaryEmail"] == (
        "b@example.com"
    )


def test_the_name_is_a_live_users_else_the_newest_orders() -> None:
    named = replace(GUEST, name="Ada", name_source=NameSource(DAY, "o1"))
    newer = replace(named, key="e-2", name="Ada B.", name_source=NameSource(LATER, "o0"))
    assert data(named, newer, USER)["name"] == "Ada L."
    assert data(named, newer, replace(USER, live=False))["name"] == "Ada B."
    assert data(newer, named, replace(USER, user_name=None))["name"] == "Ada B."
    assert data(GUEST)["name"] is None


# --- How to reach it -----------------------------------------------------------------------------


def typed(address: str, at: Any = DAY, by: str | None = "o1", *, free: bool = True) -> Contact:
    return Contact(address, at, by, free=free)


def test_the_name_that_came_along_is_used_where_no_user_and_no_order_has_one() -> None:
    came = replace(LEFT, entry=Entry("form", "news", DAY, "Ada"))
    later = replace(LEFT, key="e-b", address=None, entry=Entry("import", "i", DAY, "A. Lovelace"))
    nameless = replace(LEFT, key="e-c", address=None, entry=Entry("form", "news", DAY))
    assert data(came)["name"] == "Ada"
    assert data(nameless, came, later)["name"] == "Ada"
    ordered = replace(GUEST, name="A.", name_source=NameSource(DAY, "o1"))
    assert data(came, ordered)["name"] == "A."
    assert data(came, USER)["name"] == "Ada L."
    assert data(came, replace(USER, live=False))["name"] == "Ada"


# --- Own fields ----------------------------------------------------------------------------------


def test_an_own_field_is_of_the_part_of_the_lowest_rank_that_knows_it() -> None:
    first = replace(GUEST, fields={"company": "ACME"})
    second = replace(GUEST, key="e-b", fields={"company": "Beta", "seats": 3})
    assert customer(first, second).fields == {"company": "ACME", "seats": 3}
    assert customer(second, first).fields == {"company": "Beta", "seats": 3}
    assert data(first, second)["fields"] == {"company": "ACME", "seats": 3}
    assert data(GUEST)["fields"] == {}


def test_staff_speak_before_the_users_document_and_that_one_only_while_it_is_there() -> None:
    told = replace(USER, user_fields={"city": "Bonn", "size": "S"})
    assert customer(told).fields == {"city": "Bonn", "size": "S"}
    assert customer(replace(told, fields={"city": "Köln"})).fields == {"city": "Köln", "size": "S"}
    assert customer(replace(told, live=False)).fields == {}


def test_a_field_that_staff_emptied_hides_what_others_say() -> None:
    emptied = replace(GUEST, fields={"company": None, "city": None})
    told = replace(USER, user_fields={"city": "Bonn"})
    other = replace(GUEST, key="e-b", fields={"company": "Beta"})
    assert customer(emptied, told, other).fields == {}
    assert customer(told, other, emptied).fields == {"city": "Bonn", "company": "Beta"}


def test_no_and_nought_are_values() -> None:
    assert customer(replace(GUEST, fields={"vegan": False, "seats": 0, "x": ""})).fields == {
        "seats": 0,
        "vegan": False,
        "x": "",
    }


def test_the_newest_typed_address_comes_before_one_that_is_claimed() -> None:
    first = replace(USER, typed=typed("old@example.com"), claimed=Contact("claimed@example.com"))
    second = replace(USER, key="u-2", uid="u2", typed=typed("new@example.com", LATER))
    for parts in ((first, second), (second, first)):
        found = customer(*parts).contact
        assert found is not None
        assert found.address == "new@example.com"


def test_a_claimed_address_is_the_first_users() -> None:
    first = replace(USER, claimed=Contact("first@example.com"))
    second = replace(USER, key="u-2", uid="u2", claimed=Contact("second@example.com"))
    assert customer(first, second).contact == first.claimed
    taken = replace(first, claimed=Contact("first@example.com", free=False))
    assert customer(taken, second).contact == second.claimed


@pytest.mark.parametrize(
    "part",
    [
        USER,
        replace(USER, typed=typed("t@example.com", free=False)),
        replace(USER, claimed=Contact("t@example.com", free=False)),
        replace(USER, typed=typed("t@example.com", by=None)),
        replace(USER, typed=typed("t@example.com", at=None)),
        replace(GUEST, typed=typed("t@example.com")),
    ],
)
def test_nobody_is_reached_by_what_is_somebody_elses_or_nobody_typed(part: Part) -> None:
    assert customer(part).contact is None


def test_a_customers_own_addresses_are_no_strangers() -> None:
    user = replace(USER, typed=typed("ada@example.com"), claimed=Contact("x@example.com"))
    assert customer(GUEST, user).strange(user) == {"x@example.com"}
    assert customer(user).strange(user) == {"ada@example.com", "x@example.com"}


def test_a_contact_is_shown_where_no_address_is_the_customers_own() -> None:
    user = replace(USER, typed=typed("t@example.com"))
    shown = data(user)
    assert (shown["primaryEmail"], shown["contactEmail"]) == (None, "t@example.com")
    assert mail_address(shown) == "t@example.com"
    shown = data(GUEST, user)
    assert (shown["primaryEmail"], shown["contactEmail"]) == ("ada@example.com", None)
    assert mail_address(shown) == "ada@example.com"
    assert mail_address(data(USER)) is None


# --- What it adds up to --------------------------------------------------------------------------


def test_sums_are_of_all_parts() -> None:
    one = replace(
        GUEST,
        counted=2,
        first=LATER,
        last=LATER,
        spend={"USD": Spend(100, 1), "EUR": Spend(7, 1)},
    )
    other = replace(USER, counted=1, first=DAY, last=DAY, spend={"USD": Spend(-30, 1)})
    shown = data(one, other)
    assert shown["totalSpend"] == {"EUR": 7, "USD": 70}
    assert list(shown["totalSpend"]) == ["EUR", "USD"]
    assert (shown["orderCount"], shown["firstOrderAt"], shown["lastOrderAt"]) == (3, DAY, LATER)
    assert data(GUEST)["firstOrderAt"] is data(GUEST)["lastOrderAt"] is None


def at_event(**more: Any) -> dict[str, Attendance]:
    given: dict[str, Any] = {"orders": 1, "tickets": 1, "checked_in": 0, "unrecorded": 0}
    return {"e": Attendance(**given | more)}


def test_an_event_adds_up_and_is_described_by_the_newest_order() -> None:
    old = replace(GUEST, events=at_event(tickets=2, name="Old", source=NameSource(DAY, "o9")))
    new = replace(
        USER,
        events=at_event(
            tickets=3, checked_in=2, name="New", starts_at=LATER, source=NameSource(LATER, "o1")
        ),
    )
    expected = {"name": "New", "startsAt": LATER, "tickets": 5, "checkedIn": 2}
    for parts in ((old, new), (new, old)):
        assert data(*parts)["events"] == {"e": expected}
    bare = replace(new, events=at_event())
    assert data(old, bare)["events"]["e"]["name"] == "Old"


def test_of_two_that_are_as_new_the_part_of_the_lower_rank_describes_an_event() -> None:
    source = NameSource(DAY, "o1")
    first = replace(GUEST, events=at_event(name="First", starts_at=DAY, source=source))
    second = replace(USER, events=at_event(name="Second", starts_at=LATER, source=source))
    for parts, name in (((first, second), "First"), ((second, first), "Second")):
        assert data(*parts)["events"]["e"]["name"] == name


@pytest.mark.parametrize(
    ("checked_in", "unrecorded", "shown", "attended"),
    [(0, 0, 0, []), (0, 1, None, ["e"]), (1, 1, 1, ["e"]), (1, 0, 1, ["e"])],
)
def test_nothing_recorded_is_not_the_same_as_nobody_having_come(
    checked_in: int, unrecorded: int, shown: int | None, attended: list[str]
) -> None:
    events = at_event(checked_in=checked_in, unrecorded=unrecorded)
    made = data(replace(GUEST, events=events))
    assert made["events"]["e"]["checkedIn"] == shown
    assert (made["eventIds"], made["attendedEventIds"]) == (["e"], attended)


def test_what_is_not_recorded_of_one_part_is_not_forgotten_for_the_next() -> None:
    one = replace(GUEST, events=at_event(unrecorded=1))
    assert data(one, replace(USER, events=at_event()))["events"]["e"]["checkedIn"] is None


def test_the_last_withdrawal_counts_through_whatever_part() -> None:
    old = replace(GUEST, decision=Decision(UNSUBSCRIBED, DAY, "link"))
    new = replace(USER, decision=Decision(UNSUBSCRIBED, LATER, "link"))
    granted = replace(USER, decision=Decision(SUBSCRIBED, LATER, "link"))
    assert customer(old, new).withdrawn_at == LATER
    assert customer(old, granted).withdrawn_at == DAY
    assert customer(GUEST, granted).withdrawn_at is None
