from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.access import Role, require, role_of
from crm.errors import Refusal

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
        require({"crm": claim}, Role.VIEWER)
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
    order = ["viewer", "editor", "admin"]
    if order.index(held.word) >= order.index(needed.word):
        assert require({"crm": held.word}, needed) is held
    else:
        with pytest.raises(Refusal, match=needed.word) as refused:
            require({"crm": held.word}, needed)
        assert (refused.value.code, refused.value.reason) == ("permission-denied", "role")


def test_without_a_token_the_caller_is_asked_to_sign_in() -> None:
    with pytest.raises(Refusal) as refused:
        require(None, Role.VIEWER)
    assert (refused.value.code, refused.value.reason) == ("unauthenticated", "sign-in")
