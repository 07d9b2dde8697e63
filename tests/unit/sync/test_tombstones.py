"""Whether an order is an erased person's: each rule, and who would be wronged without it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.customers.identity import AddressIdentity, UserIdentity
from crm.customers.ledger import LedgerEntry
from crm.db.documents import Snapshot, version_of
from crm.host.order import PartialOrder
from crm.sync.tombstones import ErasureCheck, first_seen
from testing.hosts import DAY

ERASED_AT = DAY
LATER = DAY + timedelta(microseconds=1)
DAY_BEFORE = DAY - timedelta(days=1)

USER = UserIdentity(uid="u1")
KNOWN = replace(USER, known=True, live=True)
ERASED_USER = replace(USER, erased_at=ERASED_AT, erased_by="of-the-uid")
ADDRESS = AddressIdentity()
ERASED_ADDRESS = AddressIdentity(erased_at=ERASED_AT, erased_by="of-the-address")
ROW = LedgerEntry(version_of(DAY_BEFORE), identity="k", part_id="p", address_key="k")


def nobody_visits(uid: str) -> bool:
    return False


def everybody_visits(uid: str) -> bool:
    return True


def not_asked(uid: str) -> bool:
    raise AssertionError("Firebase Auth is asked only where its answer decides")


def check(**given: Any) -> ErasureCheck:
    """An order of before the erasure, which names an address alone and is new to the ledger."""
    order = PartialOrder(
        email=given.pop("email", "ada@example.com"),
        user_id=given.pop("user_id", None),
        created_at=given.pop("created_at", DAY_BEFORE),
        erasure=given.pop("mark", None),
    )
    created: datetime = given.pop("stored_at", DAY_BEFORE)
    document = Snapshot("orders/o1", {}, version_of(created), created)
    plain: dict[str, Any] = {
        "before": None,
        "user": None,
        "address": None,
        "address_key": "k",
        "home": None,
    }
    return ErasureCheck(document, order, **plain | given)


@pytest.mark.parametrize(
    ("created_at", "stored_at", "seen"),
    [
        (DAY_BEFORE, DAY, DAY_BEFORE),  # a restored backup
        (DAY, DAY_BEFORE, DAY_BEFORE),  # a clock that goes ahead
        (DAY, DAY, DAY),
    ],
)
def test_an_order_was_there_when_the_earlier_of_two_clocks_says(
    created_at: datetime, stored_at: datetime, seen: datetime
) -> None:
    one = check(created_at=created_at, stored_at=stored_at)
    assert one.since == seen
    missing = replace(one.document, created=None)
    assert first_seen(missing, one.order) == created_at


@pytest.mark.parametrize(
    ("created_at", "erasure"),
    [(DAY_BEFORE, "of-the-address"), (ERASED_AT, "of-the-address"), (LATER, None)],
)
def test_an_address_takes_what_came_until_it_was_erased(
    created_at: datetime, erasure: str | None
) -> None:
    one = check(created_at=created_at, stored_at=created_at, address=ERASED_ADDRESS)
    assert one.erasure(not_asked) == one.lost_address == erasure


def test_nobody_erased_nothing_lost() -> None:
    assert check(address=ADDRESS, user=USER, user_id="u1").erasure(not_asked) is None
    assert check().lost_address is None


@pytest.mark.parametrize("stored_at", [DAY_BEFORE, ERASED_AT, LATER])
def test_an_erased_order_stays_erased_however_often_it_is_written(stored_at: datetime) -> None:
    row = replace(ROW, erased="first", version=version_of(LATER))
    one = check(before=row, user=KNOWN, user_id="u1", stored_at=stored_at)
    assert one.erasure(not_asked) == "first"


def test_a_row_that_was_not_erased_says_nothing() -> None:
    assert check(before=ROW, home=replace(ADDRESS, customer_id="c", part_id="p")).erasure(
        not_asked
    ) is (None)


def test_a_new_order_with_the_id_of_an_erased_one_is_a_purchase() -> None:
    row = replace(ROW, erased="first", version=version_of(DAY))
    anew = {"created_at": LATER, "address": ADDRESS}
    assert check(before=row, stored_at=LATER, **anew).erasure(not_asked) is None
    assert check(before=row, stored_at=DAY, **anew).erasure(not_asked) == "first", "the same order"
    deleted = replace(row, deleted=True)
    assert check(before=deleted, stored_at=DAY, **anew).erasure(not_asked) is None


@pytest.mark.parametrize("whose", [{"user": ERASED_USER}, {"address": ERASED_ADDRESS}])
def test_a_new_order_with_the_id_of_an_erased_one_of_an_erased_person_is_no_purchase(
    whose: dict[str, Any],
) -> None:
    """Whoever restores a backup writes the document anew."""
    row = replace(ROW, erased="first", version=version_of(DAY))
    assert check(before=row, stored_at=LATER, created_at=LATER, **whose).erasure(not_asked) == (
        "first"
    )


def test_a_known_user_keeps_an_order_with_an_erased_address_which_is_lost_alone() -> None:
    one = check(user=KNOWN, user_id="u1", address=ERASED_ADDRESS, mark="typed")
    assert one.erasure(not_asked) is None
    assert one.lost_address == "of-the-address"


@pytest.mark.parametrize(("at", "erasure"), [(ERASED_AT, "of-the-uid"), (LATER, None)])
def test_an_erased_uid_takes_what_came_until_it_was_erased(
    at: datetime, erasure: str | None
) -> None:
    one = check(created_at=at, stored_at=at, user=ERASED_USER, user_id="u1", address=ADDRESS)
    assert one.erasure(not_asked) == erasure


def test_a_uid_that_is_not_known_yet_keeps_its_order_a_visitor_does_not() -> None:
    one = check(user_id="u2", address=ERASED_ADDRESS)
    assert one.erasure(nobody_visits) is None
    assert one.erasure(everybody_visits) == "of-the-address"


def test_the_uid_that_is_asked_about_is_the_orders() -> None:
    one = check(user_id="u2", address=ERASED_ADDRESS)
    assert one.erasure(lambda uid: uid == "u2") == "of-the-address"


HOLDS = AddressIdentity(customer_id="c", part_id="p")
PART_ERASED = AddressIdentity(customer_id="c", part_id="new", erased={"p": "of-the-part"})


def test_an_order_stays_in_the_part_of_somebody_who_lives() -> None:
    home = replace(HOLDS, erased_at=ERASED_AT, erased_by="of-the-address")
    assert check(before=ROW, home=home, address=home).erasure(not_asked) is None
    former = replace(home, part_id="new", former={"p": "c"})
    assert check(before=ROW, home=former, address=former).erasure(not_asked) is None


def test_an_order_falls_with_the_part_in_which_it_is_counted() -> None:
    assert check(before=ROW, home=PART_ERASED).erasure(not_asked) == "of-the-part"
    again = replace(PART_ERASED, erased_at=ERASED_AT, erased_by="another")
    assert check(before=ROW, home=again).erasure(not_asked) == "of-the-part"


def test_a_part_takes_no_purchase_of_after_its_erasure() -> None:
    home = replace(PART_ERASED, erased_at=ERASED_AT, erased_by="another")
    one = check(before=ROW, home=home, created_at=LATER, stored_at=LATER)
    assert one.erasure(not_asked) is None


def test_an_order_that_names_another_address_by_now_was_somebody_elses() -> None:
    one = check(before=ROW, home=PART_ERASED, address_key="another", address=ADDRESS)
    assert one.erasure(not_asked) is None


def test_an_order_that_names_no_address_any_more_is_judged_by_where_it_was() -> None:
    one = check(before=ROW, home=PART_ERASED, email=None, address_key=None)
    assert one.erasure(not_asked) == "of-the-part"
    assert check(before=ROW, home=HOLDS, email=None, address_key=None, mark="m").erasure(
        not_asked
    ) is (None)


def test_a_row_without_a_part_is_judged_by_the_address() -> None:
    row = replace(ROW, part_id=None)
    assert check(before=row, home=PART_ERASED, address=ERASED_ADDRESS).erasure(not_asked) == (
        "of-the-address"
    )


def test_a_mark_in_the_document_counts_where_no_uid_is_named_since() -> None:
    assert check(email=None, address_key=None, mark="marked").erasure(not_asked) == "marked"
    handed_over = check(email=None, address_key=None, mark="marked", user_id="u2")
    assert handed_over.erasure(not_asked) is None
