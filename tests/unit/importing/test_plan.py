"""What is done for one address of a list: kept out or not, counted once, read with few calls."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest

from crm.customers import limits
from crm.customers.limits import MAX_TAGS
from crm.db.collections import AUDIT, CONSENTS, CUSTOMERS, IMPORTED, TAGS
from crm.db.documents import Snapshot
from testing.hosts import order, user
from tests.support.importing import Desk
from tests.unit.importing.test_imports import crowd

ADA = "ada@example.com"


@pytest.fixture
def desk() -> Desk:
    return Desk()


def ordered(desk: Desk, *names: str) -> None:
    for name in names:
        desk.put_order(f"o-{name}", order(f"{name}@example.com"))


def facts(desk: Desk) -> list[tuple[int, int]]:
    """How many the commits of imports have granted news, and withdrawn, by the trail."""
    found = [one for one in desk.store.all(AUDIT).values() if one["action"] == "contacts.import"]
    return [
        (one["facts"]["granted"], one["facts"]["withdrawn"])
        for one in sorted(found, key=lambda one: one["at"])
    ]


# Kept out


def withdrew(desk: Desk) -> None:
    desk.unsubscribe(ADA)


def complained(desk: Desk) -> None:
    desk.complain(ADA)


def bounced(desk: Desk) -> None:
    desk.bounce(ADA)


def both(desk: Desk) -> None:
    desk.complain(ADA)
    desk.bounce(ADA)


def gone_back(desk: Desk) -> None:
    desk.unsubscribe(ADA)
    desk.bounce(ADA)


def nothing(_: Desk) -> None:
    pass


def agreed(desk: Desk) -> None:
    desk.consent(ADA, "subscribed")


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize(
    ("past", "words", "why"),
    [
        (withdrew, ["subscribed"], "withdrew"),
        (withdrew, ["subscribed", "none"], "withdrew"),
        (bounced, ["subscribed"], "bounced"),
        (bounced, ["subscribed", "none"], "bounced"),
        (gone_back, ["subscribed"], "withdrew"),
        (nothing, ["subscribed", "none"], "contradiction"),
        (nothing, ["subscribed"], None),
        *((past, ["none"], None) for past in (withdrew, bounced, nothing)),
    ],
)
def test_why_somebody_is_kept_out(
    desk: Desk, past: Any, words: list[str], why: str | None, there: bool
) -> None:
    """The first one of the reasons that hold; whoever has the address, or nobody yet."""
    if there:
        ordered(desk, "ada")
    past(desk)
    told = desk.report("email,status\n" + "".join(f"{ADA},{word}\n" for word in words))
    kept_out = told.get("keptOut")
    assert kept_out == (None if why is None else {why: 1})
    granted = why is None and words == ["subscribed"]
    assert (desk.status(ADA) == "subscribed") is granted
    proofs = [one for one in desk.store.all(CONSENTS).values() if one["source"] == "import"]
    assert len(proofs) == granted


@pytest.mark.parametrize("past", [complained, both])
def test_who_complained_is_told_so_before_all_else(desk: Desk, past: Any) -> None:
    ordered(desk, "ada")
    past(desk)
    for words in ("subscribed", "subscribed\nada@example.com,none"):
        told = desk.report(f"email,status\n{ADA},{words}")
        assert told["keptOut"] == {"complained": 1}


def test_who_is_subscribed_is_kept_out_by_nothing_that_the_list_says(desk: Desk) -> None:
    ordered(desk, "ada")
    agreed(desk)
    desk.bounce(ADA)
    before = desk.people()
    rows = "".join(f"{ADA},{word}\n" for word in ("subscribed", "none"))
    assert desk.report(f"email,status\n{rows}")["unchanged"] == 1
    assert desk.people() == before


def test_consent_for_the_address_itself_is_enough(desk: Desk) -> None:
    """Beside another address of the person that comes first and never agreed to anything."""
    ordered(desk, "ada", "bob")
    desk.merge("bob@example.com", ADA)
    desk.take_in("email,status\nbob@example.com,subscribed")
    before = desk.people()
    assert desk.report("email,status\nbob@example.com,subscribed") == {"rows": 1, "unchanged": 1}
    assert desk.people() == before


@pytest.mark.parametrize(
    ("tags", "kept"),
    [
        (MAX_TAGS - 2, None),
        (MAX_TAGS - 1, {"too-many-tags": 1}),
        (MAX_TAGS, {"too-many-tags": 1}),
    ],
)
def test_tags_are_given_as_long_as_all_of_them_fit(
    desk: Desk, tags: int, kept: dict[str, int] | None
) -> None:
    ordered(desk, "ada")
    given = [f"t{one:03}" for one in range(tags)]
    desk.tag(ADA, given)
    told = desk.report(f"email,tags,company\n{ADA},New;VIP;T000,ACME")
    assert told.get("keptOut") == kept
    ada = desk.the_customer()
    assert ada["tags"] == sorted([*given, *([] if kept else ["new", "vip"])])
    assert ada["fields"] == {"company": "ACME"}  # what has room is written
    labels = {name: one["label"] for name, one in desk.store.all(TAGS).items()}
    assert ("new" in labels) is (kept is None)


def test_tags_are_listed_as_the_list_spells_them(desk: Desk) -> None:
    desk.take_in(f"email,tags\n{ADA},VIP;press\nbob@example.com,vip;Press Corps")
    labels = [one["label"] for one in desk.store.all(TAGS).values()]
    assert sorted(labels) == ["Press Corps", "VIP", "press"]


def test_fields_for_which_there_is_no_room_are_left_out_and_tags_are_given(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordered(desk, "ada")
    desk.fields(ADA, company="Old")
    monkeypatch.setattr(limits, "MAX_DOCUMENT_BYTES", 1)
    told = desk.report(f"email,tags,company,status\n{ADA},vip,ACME,subscribed")
    assert told == {"rows": 1, "keptOut": {"too-large": 1}}
    ada = desk.the_customer()
    assert (ada["tags"], ada["fields"]) == (["vip"], {"company": "Old"})
    assert desk.status(ADA) == "subscribed"
    ((_, chunk),) = desk.store.all(IMPORTED).items()
    (done,) = chunk["done"].values()
    assert (done["fieldsKey"], done["fields"], done["tags"]) == (None, {}, ["vip"])


# Counted


def test_each_address_is_counted_once_and_what_was_granted_with_it(desk: Desk) -> None:
    ordered(desk, "ada", "bob", "cyd", "dan")
    desk.unsubscribe("cyd@example.com")
    told = desk.report(
        "email,tags,status\n"
        "ada@example.com,,subscribed\nbob@example.com,x,\ncyd@example.com,y,subscribed\n"
        "dan@example.com,,\neve@example.com,x,subscribed\nfay@example.com,,unsubscribed\n"
    )
    kept_out = {"withdrew": 1}
    assert told == {"rows": 6, "added": 2, "changed": 2, "unchanged": 1, "keptOut": kept_out}
    assert facts(desk) == [(2, 1)]
    (entry,) = [one for one in desk.store.all(AUDIT).values() if one["action"] == "contacts.import"]
    ids = [desk.with_email(f"{name}@example.com")["id"] for name in ("ada", "bob", "cyd")]
    last = [desk.with_email(f"{name}@example.com")["id"] for name in ("eve", "fay")]
    assert entry["customers"] == [*ids, *last]


def test_people_come_in_the_order_of_the_list_however_many_they_are(desk: Desk) -> None:
    """A chunk's places are texts, and the tenth is behind the ninth."""
    import_id = desk.take_in(crowd(12))["importId"]
    ids = [desk.with_email(f"p{one:04}@example.com")["id"] for one in range(12)]
    desk.undo(import_id)
    entries = {one["action"]: one["customers"] for one in desk.store.all(AUDIT).values()}
    assert (entries["contacts.import"], entries["contacts.undo"]) == (ids, ids[::-1])


def test_a_withdrawal_that_says_nothing_new_is_no_change(desk: Desk) -> None:
    ordered(desk, "ada")
    desk.unsubscribe(ADA)
    entries = len(facts(desk))
    assert desk.report(f"email,status\n{ADA},unsubscribed") == {"rows": 1, "unchanged": 1}
    assert len(facts(desk)) == entries


def test_a_grant_is_of_the_day_that_the_list_says(desk: Desk) -> None:
    desk.take_in(f"email,status,consentedAt\n{ADA},subscribed,2025-06-01T10:00Z")
    agreed_at = datetime.fromisoformat("2025-06-01T10:00+00:00")
    assert desk.the_customer()["marketing"]["at"] == agreed_at
    (proof,) = desk.store.all(CONSENTS).values()
    assert proof["at"] == agreed_at


def test_what_somebody_else_has_in_the_list_is_not_taken_back_with_one(desk: Desk) -> None:
    """Of several addresses of a person each brings what it added."""
    ordered(desk, "ada", "bob")
    desk.merge("bob@example.com", ADA)
    desk.take_in(f"email,tags\n{ADA},a;b\nbob@example.com,b;c\n")
    (chunk,) = desk.store.all(IMPORTED).values()
    assert {place: one["tags"] for place, one in chunk["done"].items()} == {
        "0": ["a", "b"],
        "1": ["c"],
    }


@pytest.mark.parametrize(
    ("before", "rows", "after"),
    [
        ({}, ["ada,A,1"], {"company": "A", "seats": 1}),
        ({}, ["bob,B,1"], {"company": "B", "seats": 1}),
        ({"company": "Old"}, ["bob,B,1"], {"company": "Old", "seats": 1}),
        ({"company": "Old"}, ["ada,A,"], {"company": "A"}),
        ({}, ["bob,B,2", "ada,A,"], {"company": "A", "seats": 2}),
        ({}, ["ada,A,", "bob,B,2"], {"company": "A", "seats": 2}),
    ],
)
def test_the_primary_addresses_row_counts_and_the_others_fill_what_is_empty(
    desk: Desk, before: dict[str, Any], rows: list[str], after: dict[str, Any]
) -> None:
    ordered(desk, "ada", "bob")
    desk.merge("bob@example.com", ADA)
    assert desk.the_customer()["primaryEmail"] == ADA
    if before:
        desk.fields(ADA, **before)
    lines = [one.replace(",", "@example.com,", 1) for one in rows]
    desk.take_in("\n".join(["email,company,seats", *lines]))
    assert desk.the_customer()["fields"] == after


def test_the_row_of_an_address_to_be_reached_by_counts_where_none_is_proven(desk: Desk) -> None:
    desk.put_user("u", user(None))
    desk.put_order("o", order("typed@example.com", userId="u"))
    told = desk.report("email,company,status\ntyped@example.com,ACME,subscribed")
    assert told == {"rows": 1, "added": 1}
    assert len(desk.customers()) == 2  # who typed it has not proven that it is his
    assert desk.with_email("typed@example.com")["fields"] == {"company": "ACME"}
    assert desk.faults() == []


# Read


def calls(desk: Desk, csv: str) -> list[int]:
    """How many documents are read at a time while a chunk is planned."""
    read, sizes = desk.store.read, list[int]()

    def watched(paths: Iterable[str]) -> dict[str, Snapshot]:
        asked = [*paths]
        assert f"{CUSTOMERS}/None" not in asked  # of whom nobody knows yet, nothing is read
        if not any(path.startswith(("crmJobs", "crmImport")) for path in asked):
            sizes.append(len(asked))
        return read(asked)

    desk.store.read = watched  # type: ignore[method-assign]
    try:
        desk.take_in(csv)
    finally:
        desk.store.read = read  # type: ignore[method-assign]
    return sizes


@pytest.mark.parametrize("status", ["", "subscribed", "unsubscribed"])
@pytest.mark.parametrize("there", [True, False])
def test_many_people_are_read_with_as_few_calls_as_two(
    desk: Desk, there: bool, status: str
) -> None:
    number: dict[int, int] = {}
    for people in (2, 8):
        names = [f"n{people}x{one}" for one in range(people)]
        if there:
            ordered(desk, *names, *(f"also{name}" for name in names))
        for name in names if there else ():  # a withdrawal is for both addresses
            desk.merge(f"also{name}@example.com", f"{name}@example.com")
        rows = [f"{name}@example.com,t{at}x{people},{status}" for at, name in enumerate(names)]
        number[people] = len(calls(desk, "\n".join(["email,tags,status", *rows])))
    assert number[8] == number[2]
