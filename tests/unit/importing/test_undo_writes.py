"""What an undo commits: links of who goes, proofs, fields, and what is left of a withdrawal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm.db.collections import AUDIT, CONSENTS, IDENTITIES, LINKS
from crm.db.documents import Query, Snapshot
from testing.hosts import order, user
from testing.world import KEYS
from tests.support.importing import Desk
from tests.unit.importing.test_imports import crowd


@pytest.fixture
def desk() -> Desk:
    return Desk()


def brought(desk: Desk, csv: str) -> str:
    import_id: str = desk.take_in(csv)["importId"]
    return import_id


def revoked(desk: Desk) -> list[int]:
    trail = desk.store.all(AUDIT).values()
    return [one["facts"]["revoked"] for one in trail if one["action"] == "contacts.undo"]


@pytest.mark.parametrize(
    ("names", "others"),
    [(["ada"], []), (["ada"], ["bob", "dan"]), (["ada", "cyd", "eve"], ["bob"])],
)
def test_the_links_that_end_with_who_goes_go_too(
    desk: Desk, names: list[str], others: list[str]
) -> None:
    """Each proved the address after the import, and deleted the account."""
    for name in names:
        desk.put_order(f"o-{name}", order(None, userId=f"u-{name}"))
        desk.put_user(f"u-{name}", user(None))
    people = [f"{name}@example.com" for name in (*names, *others)]
    import_id = brought(desk, "\n".join(["email", *people]))
    for name in names:
        desk.put_user(f"u-{name}", user(f"{name}@example.com"))
    assert len(desk.store.all(LINKS)) == len(names)
    for name in names:
        desk.delete_order(f"o-{name}")
        desk.delete_user(f"u-{name}")
    assert desk.undo(import_id)["result"] == {"removed": len(people)}
    assert (desk.customers(), desk.store.all(LINKS)) == ([], {})
    assert desk.faults() == []


def test_the_links_of_who_stays_stay(desk: Desk) -> None:
    for name in ("ada", "cyd"):
        desk.put_order(f"o-{name}", order(None, userId=f"u-{name}"))
        desk.put_user(f"u-{name}", user(None))
    import_id = brought(desk, "email\nada@example.com\nbob@example.com\ncyd@example.com")
    for name in ("ada", "cyd"):
        desk.put_user(f"u-{name}", user(f"{name}@example.com"))
    desk.delete_order("o-ada")
    desk.delete_user("u-ada")
    assert desk.undo(import_id)["result"] == {"removed": 2, "restored": 1}
    cyd = desk.the_customer()
    assert [one["customerId"] for one in desk.store.all(LINKS).values()] == [cyd["id"]]
    assert desk.faults() == []


@pytest.mark.parametrize(
    ("people", "stay", "queries"),
    [(1, 0, 1), (30, 0, 1), (31, 0, 2), (61, 0, 3), (35, 5, 1), (3, 3, 0)],
)
def test_links_are_asked_for_thirty_customers_who_go_at_a_time(
    desk: Desk, people: int, stay: int, queries: int
) -> None:
    import_id = brought(desk, crowd(people))
    for one in range(stay):
        desk.put_order(f"o{one}", order(f"p{one:04}@example.com"))
    find, seen = desk.store.find, list[Query]()

    def watched(query: Query) -> list[Snapshot]:
        seen.append(query)
        return find(query)

    desk.store.find = watched  # type: ignore[method-assign]
    result = {"removed": people - stay, "restored": stay}
    assert desk.undo(import_id)["result"] == {name: one for name, one in result.items() if one}
    assert [one.collection for one in seen] == [LINKS] * queries


def test_grants_and_customers_of_the_commit_are_counted_each_once(desk: Desk) -> None:
    for name in ("ada", "bob", "cyd"):
        desk.put_order(f"o-{name}", order(f"{name}@example.com"))
    import_id = brought(
        desk,
        "email,tags,status,company\nada@example.com,,subscribed,ACME\nbob@example.com,x,,\n"
        "cyd@example.com,,,\ndan@example.com,,subscribed,\neve@example.com,,unsubscribed,\n",
    )
    ids = {name: desk.with_email(f"{name}@example.com")["id"] for name in ("ada", "bob", "dan")}
    eve = desk.with_email("eve@example.com")["id"]
    assert desk.undo(import_id)["result"] == {"restored": 2, "removed": 2}
    (entry,) = [one for one in desk.store.all(AUDIT).values() if one["action"] == "contacts.undo"]
    assert entry["customers"] == [eve, ids["dan"], ids["bob"], ids["ada"]]
    assert entry["facts"]["revoked"] == 2


def test_who_has_nothing_left_to_be_taken_back_is_kept(desk: Desk) -> None:
    for name in ("ada", "bob"):
        desk.put_order(f"o-{name}", order(f"{name}@example.com"))
    import_id = brought(
        desk, "email,tags,company\nada@example.com,vip,\nbob@example.com,,ACME\ncyd@example.com,,"
    )
    desk.tag("ada@example.com", remove=["vip"])
    desk.fields("bob@example.com", company="Other")
    desk.put_order("o-cyd", order("cyd@example.com"))
    assert desk.undo(import_id)["result"] == {"kept": 2, "restored": 1}
    assert revoked(desk) == [0]
    import_id = brought(desk, "email,tags\nada@example.com,vip")
    desk.erase("ada@example.com")
    assert desk.undo(import_id)["result"] == {}
    assert revoked(desk) == [0]  # nothing is changed, so nothing is told
    assert desk.faults() == []


def test_a_grant_of_another_moment_or_source_stays(desk: Desk) -> None:
    for name in ("ada", "bob", "cyd"):
        desk.put_order(f"o-{name}", order(f"{name}@example.com"))
    rows = [f"{name}@example.com,subscribed,2025-06-01" for name in ("ada", "bob", "cyd")]
    import_id = brought(desk, "\n".join(["email,status,consentedAt", *rows]))
    desk.consent("ada@example.com", "unsubscribed")
    desk.consent("ada@example.com", "subscribed")
    desk.unsubscribe("bob@example.com")
    proofs = {name for name, one in desk.store.all(CONSENTS).items() if one["source"] == "import"}
    assert desk.undo(import_id)["result"] == {"kept": 2, "restored": 1}
    left = {name for name, one in desk.store.all(CONSENTS).items() if one["source"] == "import"}
    assert proofs - left == {f"{import_id}-000000-2"}
    states = [desk.status(f"{name}@example.com") for name in ("ada", "bob", "cyd")]
    assert states == ["subscribed", "unsubscribed", "none"]
    assert revoked(desk) == [1]


@pytest.mark.parametrize(
    ("since", "left"),
    [
        (lambda _: None, []),
        (lambda d: d.complain("ada@example.com"), []),
        (lambda d: d.consent("ada@example.com", "unsubscribed"), ["ada@example.com"]),
        (lambda d: d.tag("ada@example.com", ["own"]), ["ada@example.com"]),
        (lambda d: d.fields("ada@example.com", company="X"), ["ada@example.com"]),
        (lambda d: d.put_order("o", order("ada@example.com")), ["ada@example.com"]),
    ],
)
def test_of_who_withdrew_by_the_list_the_address_keeps_that_and_nothing_else(
    desk: Desk, since: Any, left: list[str]
) -> None:
    import_id = brought(desk, "email,name,tags,status\nada@example.com,Ada,vip,unsubscribed")
    desk.store.wait(timedelta(hours=1))
    since(desk)
    desk.undo(import_id)
    assert [one["primaryEmail"] for one in desk.customers()] == left
    identity = desk.store.all(IDENTITIES)[KEYS.address("ada@example.com")]
    assert identity["suppressed"] is not None or left
    assert desk.report("email,status\nada@example.com,subscribed")["keptOut"]
    assert desk.faults() == []


@pytest.mark.parametrize(
    ("before", "written", "since", "after"),
    [
        ({}, "ACME,3,true", {}, {}),
        ({"company": "Old"}, "ACME,,", {}, {"company": "Old"}),
        ({"company": "Old", "seats": 1}, "ACME,3,", {"seats": 4}, {"company": "Old", "seats": 4}),
        ({"seats": 1}, ",1.5,", {"seats": None}, {}),
        ({"vegan": False}, ",,true", {"vegan": False}, {"vegan": False}),
        ({}, ",1,", {"seats": 1.0}, {}),  # the same number
        ({"size": "S"}, ",,true", {"size": "M"}, {"size": "M"}),
    ],
)
def test_fields_are_as_before_where_they_are_as_the_list_wrote_them(
    desk: Desk,
    before: dict[str, Any],
    written: str,
    since: dict[str, Any],
    after: dict[str, Any],
) -> None:
    desk.put_order("o", order("ada@example.com"))
    if before:
        desk.fields("ada@example.com", **before)
    import_id = brought(desk, f"email,company,seats,vegan\nada@example.com,{written}")
    if since:
        desk.fields("ada@example.com", **since)
    desk.undo(import_id)
    assert desk.the_customer()["fields"] == after
    assert desk.faults() == []
