from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.errors import Refusal
from crm.core.roles import RECENTLY, Person, Role, require, role_of

NOW = 1_700_000_000.0

NO_ROLE: list[object] = [
    None,
    True,
    1,
    3,
    "",
    "Admin",
    "ADMIN",
    " admin",
    "owner",
    "viewer,editor",
    ["admin"],
    ["viewer", "admin"],
    {"role": "admin"},
    {"admin": True},
]


@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_exactly_its_word(role: Role) -> None:
    assert role_of({"crm": role.word}) is role


@pytest.mark.parametrize("claim", NO_ROLE, ids=repr)
def test_whatever_else_stands_in_the_claim_is_no_role(claim: object) -> None:
    assert role_of({"crm": claim}) is None
    with pytest.raises(Refusal) as refused:
        require({"crm": claim, "email_verified": True}, Role.VIEWER)
    assert (refused.value.code, refused.value.reason) == ("permission-denied", "role")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_only_the_three_words_are_roles(claim: object) -> None:
    known = {"viewer": Role.VIEWER, "editor": Role.EDITOR, "admin": Role.ADMIN}
    assert role_of({"crm": claim}) is (known.get(claim) if isinstance(claim, str) else None)


def test_other_claims_are_no_role() -> None:
    assert role_of({"admin": True, "role": "admin", "CRM": "admin"}) is None


@pytest.mark.parametrize("needed", list(Role))
@pytest.mark.parametrize("held", list(Role))
def test_a_higher_role_may_do_all_that_a_lower_one_may(held: Role, needed: Role) -> None:
    order, claims = ["viewer", "editor", "admin"], {"crm": held.word, "email_verified": True}
    if order.index(held.word) >= order.index(needed.word):
        assert require(claims, needed) is held
    else:
        with pytest.raises(Refusal, match=needed.word) as refused:
            require(claims, needed)
        assert (refused.value.code, refused.value.reason) == ("permission-denied", "role")


@pytest.mark.parametrize("verified", [None, False, 1, "true"])
def test_a_role_counts_only_beside_a_verified_address(verified: object) -> None:
    """Else whoever signs up with somebody's address first is given that person's role."""
    with pytest.raises(Refusal) as refused:
        require({"crm": "admin", "email_verified": verified}, Role.VIEWER)
    assert (refused.value.code, refused.value.reason) == ("permission-denied", "role")


@pytest.mark.parametrize("needed", [*Role, *Person])
def test_a_token_of_a_tenant_is_none_of_the_projects(needed: Role | Person) -> None:
    claims = {"crm": "admin", "email_verified": True, "auth_time": NOW}
    assert require(claims | {"firebase": {"tenant": None}}, needed, lambda: NOW) is Role.ADMIN
    with pytest.raises(Refusal) as refused:
        require(claims | {"firebase": {"tenant": "t-1"}}, needed, lambda: NOW)
    assert (refused.value.code, refused.value.reason) == ("unauthenticated", "tenant")


def test_without_a_token_the_caller_is_asked_to_sign_in() -> None:
    with pytest.raises(Refusal) as refused:
        require(None, Role.VIEWER)
    assert (refused.value.code, refused.value.reason) == ("unauthenticated", "sign-in")


def own_call(needed: Person, **claims: object) -> tuple[str, str] | None:
    """How a call about the caller's own data is refused, if it is."""
    try:
        require(claims, needed, lambda: NOW)
    except Refusal as refusal:
        return refusal.code, refusal.reason
    return None


@pytest.mark.parametrize("needed", list(Person))
@pytest.mark.parametrize("verified", [None, False, "true", 1], ids=repr)
def test_a_persons_own_data_needs_a_verified_address(needed: Person, verified: object) -> None:
    refused = ("permission-denied", "address-not-verified")
    assert own_call(needed, email_verified=verified, auth_time=NOW) == refused


@pytest.mark.parametrize(
    ("auth_time", "recent"),
    [
        (int(NOW), True),
        (int(NOW) + 2, True),  # the other clock is a little ahead
        (int(NOW) - RECENTLY, True),
        (int(NOW) - RECENTLY - 1, False),
        (float("nan"), False),
        (None, False),
        (True, False),
        (str(int(NOW)), False),
        ([NOW], False),
    ],
)
def test_what_leads_to_all_of_a_person_needs_a_recent_sign_in(
    auth_time: object, recent: bool
) -> None:
    refused = None if recent else ("permission-denied", "recent-sign-in")
    assert own_call(Person.RECENT, email_verified=True, auth_time=auth_time) == refused
    assert own_call(Person.VERIFIED, email_verified=True, auth_time=auth_time) is None
