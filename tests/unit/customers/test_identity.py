"""What an identity remembers: its parts, its erasures, who proved it and who objected."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crm.customers.decision import Decision
from crm.customers.identity import MAX_CONTACTS, AddressIdentity, UserIdentity, identity_from
from testing.hosts import DAY

LATER = DAY + timedelta(days=1)
ADDRESS = AddressIdentity("c", "p", {"old": "c2"}, owner="u")
USER = UserIdentity(
    "c", "p", uid="u1", version=5, known=True, live=True, name="Ada", proven="e", claimed="e2"
)


def test_an_order_finds_the_customer_of_the_current_part_and_of_a_former_one() -> None:
    assert [ADDRESS.customer_of(one) for one in ("p", "old", "other")] == ["c", "c2", None]
    assert ADDRESS.parts == {"old": "c2", "p": "c"}
    assert AddressIdentity(former={"old": "c2"}).parts == {"old": "c2"}


def test_a_part_that_moves_takes_the_identity_along_or_stays_a_former_one() -> None:
    assert ADDRESS.moved("p", "c9") == replace(ADDRESS, customer_id="c9")
    assert ADDRESS.moved("old", "c9") == replace(ADDRESS, former={"old": "c9"})


def test_a_part_that_disappears_is_forgotten_and_no_other() -> None:
    assert ADDRESS.without("p") == replace(ADDRESS, customer_id=None, part_id=None)
    both = replace(ADDRESS, former={"old": "c2", "older": "c3"})
    assert both.without("old") == replace(both, former={"older": "c3"})
    assert USER.without("p").proven is None
    assert replace(USER, former={"old": "c"}).without("old") == USER


def test_an_erased_part_makes_a_tombstone_of_its_identity() -> None:
    erased = ADDRESS.erase("p", "e1", DAY)
    assert (erased.erased, erased.erased_at, erased.erased_by) == ({"p": "e1"}, DAY, "e1")
    assert (erased.customer_id, erased.part_id, erased.owner) == (None, None, None)
    again = erased.moved("x", "c")
    assert again.erase("x", "e2", LATER).erased == {"p": "e1", "x": "e2"}


def test_an_erased_former_part_leaves_the_identity_to_whose_it_is_by_now() -> None:
    erased = ADDRESS.erase("old", "e1", DAY)
    assert erased == replace(ADDRESS, former={}, erased={"old": "e1"})


def test_nothing_of_the_person_stays_in_a_users_tombstone() -> None:
    whole = replace(USER, conflict=True, keep_apart=("k",), quarantined="q", account=True)
    whole = replace(whole, fields={"city": "Bonn"})
    assert whole.buried("e1", DAY) == UserIdentity(
        "c", "p", version=5, erased_at=DAY, erased_by="e1"
    )


@pytest.mark.parametrize(
    ("suppressed", "erased_at", "at"),
    [(DAY, None, DAY), (None, DAY, DAY), (DAY, LATER, LATER), (LATER, DAY, LATER)],
)
def test_a_part_begins_unsubscribed_where_somebody_objected_or_was_erased(
    suppressed: object, erased_at: object, at: object
) -> None:
    identity = replace(ADDRESS, suppressed=suppressed, erased_at=erased_at)  # type: ignore[arg-type]
    assert identity.suppression == Decision("unsubscribed", at, "suppression")  # type: ignore[arg-type]
    assert ADDRESS.suppression is None


def test_the_last_objection_counts() -> None:
    assert ADDRESS.suppress(None).suppressed is None
    assert ADDRESS.suppress(DAY).suppress(None).suppressed == DAY
    assert ADDRESS.suppress(DAY).suppress(LATER).suppressed == LATER
    assert ADDRESS.suppress(LATER).suppress(DAY).suppressed == LATER


@pytest.mark.parametrize(
    ("identity", "free"),
    [
        (AddressIdentity(), True),
        (AddressIdentity("c", "p"), False),
        (AddressIdentity(erased_at=DAY), False),
        (AddressIdentity(suppressed=DAY, former={"p": "c"}), True),
    ],
)
def test_an_address_is_free_that_is_nobodys_and_no_erased_persons(
    identity: AddressIdentity, free: bool
) -> None:
    assert identity.free is free


def test_contacts_are_sorted_and_there_are_not_too_many() -> None:
    full = AddressIdentity()
    for number in reversed(range(MAX_CONTACTS)):
        full = full.with_contact(f"u{number:02d}")
    assert list(full.contacts) == [f"u{number:02d}" for number in range(MAX_CONTACTS)]
    assert full.with_contact("u00") is full
    assert full.with_contact("u99") is full
    assert full.without_contact("u49").contacts == full.contacts[:-1]
    assert full.without_contact("u99") == full


@pytest.mark.parametrize(
    "kept",
    [
        AddressIdentity("c", "p"),
        AddressIdentity(former={"p": "c"}),
        AddressIdentity(contacts=("u",)),
        AddressIdentity(suppressed=DAY),
        AddressIdentity(unreachable=DAY),
        AddressIdentity(erased={"p": "e"}),
        AddressIdentity(erased_at=DAY),
    ],
)
def test_an_address_is_kept_that_leads_somewhere_or_is_a_tombstone(kept: AddressIdentity) -> None:
    assert kept.needed
    assert not AddressIdentity(owner="u").needed
    assert UserIdentity().needed


def test_either_kind_is_read_as_it_was_written() -> None:
    for identity in (ADDRESS, USER):
        assert identity_from(identity.to_data()) == identity
