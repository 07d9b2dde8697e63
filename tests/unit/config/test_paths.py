"""Names of orders below other documents: legal as ids, one for each path, in Firestore's order."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.config.paths import (
    MAX_NAME,
    NOWHERE,
    document_at,
    filled,
    is_name,
    name_in,
    pattern_of,
    values_in,
)

BY_UID = "users/{uid}/orders"
DEEP = "shops/{shop}/years/{year}/orders"
PLAIN = "shops/berlin/orders"

# What Firestore takes as an id, with what is special to names more often than by chance.
ids = st.text(
    st.one_of(
        st.sampled_from("#$_!0S.-ab"), st.characters(codec="utf-8", exclude_characters="/\0")
    ),
    min_size=1,
    max_size=12,
).filter(lambda one: one not in {".", ".."} and not re.fullmatch("__.*__", one, re.DOTALL))


def by_uid(uid: str, own: str) -> str:
    return f"users/{uid}/orders/{own}"


def named(path: str, collection: str = BY_UID) -> str:
    name = name_in(collection, path)
    assert name is not None
    return name


@pytest.mark.parametrize(
    ("collection", "path", "name"),
    [
        (BY_UID, "users/u1/orders/o1", "u1#o1"),
        (BY_UID, "users/u1/orders/o 1", "u1#o$P1"),
        (BY_UID, "users/u#1/orders/$1", "u$S1#$T1"),
        (BY_UID, "users/__a/orders/b__", "__a#b__#"),
        (BY_UID, "users/größe/orders/注文", "größe#注文"),
        (DEEP, "shops/berlin/years/2024/orders/7", "berlin#2024#7"),
        (PLAIN, "shops/berlin/orders/a#b $", "a#b $"),
        ("orders", "orders/o1", "o1"),
    ],
)
def test_a_name(collection: str, path: str, name: str) -> None:
    assert name_in(collection, path) == name
    assert document_at(collection, name) == path


@given(ids, ids)
def test_a_name_is_a_legal_id_and_leads_back(uid: str, own: str) -> None:
    name = named(by_uid(uid, own))
    assert "/" not in name
    assert name not in {".", ".."}
    assert not re.fullmatch("__.*__", name, re.DOTALL)
    assert document_at(BY_UID, name) == by_uid(uid, own)


@given(ids, ids, ids)
def test_a_name_of_three_ids_leads_back(shop: str, year: str, own: str) -> None:
    path = f"shops/{shop}/years/{year}/orders/{own}"
    assert document_at(DEEP, named(path, DEEP)) == path
    assert values_in(DEEP, path) == {"{shop}": shop, "{year}": year}


@given(st.lists(st.tuples(ids, ids), min_size=2, unique=True))
def test_names_are_as_many_as_paths_and_in_their_order(pairs: list[tuple[str, str]]) -> None:
    """Firestore compares paths segment by segment, and each by its bytes."""
    in_order = sorted(pairs, key=lambda pair: [one.encode() for one in pair])
    names = [named(by_uid(*pair)).encode() for pair in in_order]
    assert all(one < other for one, other in pairwise(names))


@given(st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=12))
def test_whatever_is_no_name_leads_nowhere(text: str) -> None:
    """Such as an id of a collection that `crm.toml` named before."""
    path = document_at(BY_UID, text)
    assert path == f"{NOWHERE}/{text}" or name_in(BY_UID, path) == text
    assert is_name(BY_UID, text) == (not path.startswith(NOWHERE))


@pytest.mark.parametrize(
    "text",
    ["o1", "a#", "#a", "a##b", "a#b#", "a#b#c", "a# b", "a#$", "a#$~", "a#$_", ".#a", "a#.."],
)
def test_no_second_name_leads_to_a_path(text: str) -> None:
    assert document_at(BY_UID, text) == f"{NOWHERE}/{text}"
    assert not is_name(BY_UID, text)


@pytest.mark.parametrize(
    "path",
    [
        "orders/o1",
        "archive/x/orders/o1",
        "users/u1/sales/o1",
        "users/u1/orders/o1/parts/p1",
        "users/u1/archive/2024/orders/o1",
        "users/u1",
    ],
)
def test_what_lies_elsewhere_is_no_order(path: str) -> None:
    assert name_in(BY_UID, path) is None
    assert values_in(BY_UID, path) == {}


def test_ids_that_are_too_long_together_are_no_name() -> None:
    fits = MAX_NAME - len("u1#")
    assert name_in(BY_UID, by_uid("u1", "x" * fits)) is not None
    assert name_in(BY_UID, by_uid("u1", "x" * (fits + 1))) is None
    assert name_in(BY_UID, by_uid("u1", " " * (fits // 2 + 1))) is None  # two bytes for each
    assert not is_name(BY_UID, "u1#" + "x" * (fits + 1))


@given(ids, ids)
def test_the_bounds_of_a_pattern_hold_what_it_fits(uid: str, own: str) -> None:
    pattern = pattern_of(f"tenants/acme/{BY_UID}")
    assert pattern is not None
    low, high = (bound.split("/") for bound in pattern.bounds)
    # Numeric ids, as the lower bound has, come before all others.
    assert low[:-1] == ["tenants", "acme", "users"]
    assert f"tenants/acme/{by_uid(uid, own)}".split("/") < high
    assert high < ["tenants", "acme", "users!"]


def test_a_plain_collection_is_no_pattern() -> None:
    assert pattern_of(PLAIN) is None
    assert values_in(PLAIN, f"{PLAIN}/o1") == {}
    assert name_in(PLAIN, "shops/rome/orders/o1") is None


def test_wildcards_are_filled_by_name() -> None:
    values = {"orderId": "{uid}", "uid": "u1"}
    assert filled("users/{uid}/orders/{orderId}", values) == "users/u1/orders/{uid}"
