"""By what a person is found, and who else is not shown with that person."""

from __future__ import annotations

from typing import Any

import pytest

from crm.customers.customer import Customer
from crm.customers.part import Part
from crm.db.transaction import OPERATOR, SYSTEM
from crm.privacy.subject import Subject
from testing.hosts import DAY

PARTS = {
    "p2": Part("e-ada", address="ada@example.com"),
    "p1": Part("u-ada", uid="u1", live=True),
    "p3": Part("e-gone"),
}


def subject(**identities: dict[str, Any]) -> Subject:
    by_key = {key.replace("_", "-"): identity for key, identity in identities.items()}
    return Subject(Customer("c", DAY, PARTS), {}, ("c", "merged"), by_key)


def test_an_address_that_is_somebody_elses_since_is_no_key_of_the_person() -> None:
    person = subject()
    assert person.part_ids == ("p1", "p2", "p3")
    assert person.users == {"u-ada": "u1"}
    assert person.addresses == {"e-ada": "ada@example.com"}
    assert person.keys == ("e-ada", "u-ada")


@pytest.mark.parametrize(
    ("owner", "proven"), [("u-ada", True), ("u-bob", False), (None, False), ("e-ada", False)]
)
def test_an_address_is_proven_by_a_user_of_the_person(owner: str | None, proven: bool) -> None:
    assert subject(e_ada={"owner": owner}).proven("e-ada") is proven
    assert not subject().proven("e-ada")


@pytest.mark.parametrize(
    ("identity", "another"),
    [
        ({}, False),
        ({"former": {}, "erased": {}}, False),
        ({"former": {"p0": "c", "p9": "merged"}}, False),
        ({"former": {"p0": "c", "p9": "else"}}, True),
        ({"former": {}, "erased": {"p9": "e"}}, True),
    ],
)
def test_an_address_was_another_customers_that_led_elsewhere_or_was_erased(
    identity: dict[str, Any], another: bool
) -> None:
    assert subject(e_ada=identity).had_another_owner("e-ada") is another
    assert not subject().had_another_owner("e-ada")


@pytest.mark.parametrize(
    ("actor", "shown"),
    [
        ("u-ada", "you"),
        ("e-ada", "you"),
        ("u-boss", "staff"),
        ("e-gone", "staff"),
        (SYSTEM, SYSTEM),
        (OPERATOR, OPERATOR),
    ],
)
def test_of_others_no_more_is_told_than_that_they_are_staff(actor: str, shown: str) -> None:
    assert subject().actor(actor) == shown
