"""Records of consent as staff see them: whole, in pages, and without what may be another's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm.core.errors import Refusal
from crm.customers.customer import Customer
from crm.customers.part import Part
from crm.customers.reference import CustomerRef
from crm.db.documents import Query
from crm.db.paging import Pager, PageTokens
from crm.privacy.consent_records import list_consents
from testing.hosts import DAY, order, user
from testing.world import KEYS, World


def test_who_is_found_by_no_key_has_no_records() -> None:
    world = World()
    left = Customer("c", DAY, {"p": Part("e-of-somebody-else-by-now", orders=1)})
    world.store.put("customers/c", left.to_data(DAY, double=False))
    pager = Pager(PageTokens(KEYS.derive("page-token")), "staff", 10)
    found = list_consents(world.runner, pager, CustomerRef("customerId", "c"))
    assert found == {"consents": [], "nextPageToken": None}


@pytest.fixture
def world() -> World:
    """Ada with an address and a uid, and what both have decided; and Bob."""
    made = World()
    made.put_user("u1", user())
    made.put_order("o1", order())
    made.put_order("bob", order("bob@example.com", marketingOptIn=True))
    keys = {"a": KEYS.address("ada@example.com"), "b": KEYS.user("u1"), "c": KEYS.user("u1")}
    for name, key in keys.items():
        one = {
            "identity": key,
            "at": DAY if name < "c" else DAY + timedelta(days=1),
            "status": "subscribed",
            "source": f"by {name}",
            "evidence": {"seen": DAY} if name == "a" else None,
            "actor": KEYS.user("boss"),
        }
        made.store.put(f"crmConsents/{name}", one)
    return made


ADA = CustomerRef("email", "ada@example.com")


def pager(size: int = 10, token: str | None = None, caller: str = "staff") -> Pager:
    return Pager(PageTokens(KEYS.derive("page-token")), caller, size, token)


def listed(world: World, size: int = 10, token: str | None = None) -> tuple[list[Any], Any]:
    page: Any = list_consents(world.runner, pager(size, token), ADA)
    assert {*page} == {"consents", "nextPageToken"}
    return page["consents"], page["nextPageToken"]


def test_records_are_told_whole_newest_first_and_the_later_id_before_the_other(
    world: World,
) -> None:
    common = {"status": "subscribed", "evidence": None}
    at, later = "2024-03-01T12:00:00Z", "2024-03-02T12:00:00Z"
    account = {**common, "address": None, "userId": "u1"}
    expected = [
        {**account, "consentId": "c", "at": later, "source": "by c"},
        {**account, "consentId": "b", "at": at, "source": "by b"},
        {
            **common,
            "consentId": "a",
            "address": "ada@example.com",
            "userId": None,
            "at": at,
            "source": "by a",
            "evidence": {"seen": at},
        },
    ]
    assert listed(world) == (expected, None)
    first, token = listed(world, 2)
    assert first == expected[:2]
    assert listed(world, 2, token) == (expected[2:], None)


def test_a_token_is_for_one_caller_and_one_person(world: World) -> None:
    _, token = listed(world, 2)
    bob = CustomerRef("email", "bob@example.com")
    for caller, who in (("another", ADA), ("staff", bob), ("staff", CustomerRef("userId", "u1"))):
        with pytest.raises(Refusal) as refusal:
            list_consents(world.runner, pager(2, token, caller), who)
        assert (refusal.value.code, refusal.value.reason) == ("invalid-argument", "page-token")


@pytest.mark.parametrize("was", [{"former": {"p": "else"}}, {"erased": {"p": "e"}}])
def test_evidence_of_whoever_had_the_address_before_is_not_told(
    world: World, was: dict[str, Any]
) -> None:
    key = KEYS.address("ada@example.com")
    identity = world.store.all("crmIdentities")[key]
    world.store.put(f"crmIdentities/{key}", {**identity, **was})
    (told,) = [one for one in listed(world)[0] if one["consentId"] == "a"]
    assert (told["address"], told["evidence"]) == ("ada@example.com", None)


def test_a_page_is_of_one_moment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written while it is read is not in it."""
    view = type(world.store)
    find = view.find

    def slow(self: Any, query: Query) -> Any:
        if query.collection == "crmConsents":
            data = world.store.all("crmConsents")["a"]
            world.store.put("crmConsents/z", {**data, "at": DAY + timedelta(days=9)})
        return find(self, query)

    monkeypatch.setattr(view, "find", slow)
    assert [one["consentId"] for one in listed(world)[0]] == ["c", "b", "a"]
    assert [one["consentId"] for one in listed(world)[0]] == ["z", "c", "b", "a"]
