"""What rules did with a person: in the archive, for staff, and after an erasure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm.core.errors import Refusal
from crm.customers.customer import Customer
from crm.customers.part import Part
from crm.customers.reference import CustomerRef
from crm.db.documents import Query
from crm.db.paging import Scope
from crm.privacy.erasure.erase import erase
from crm.privacy.export.archive import export
from crm.privacy.rule_records import runs_of_customer, runs_of_rule
from crm.repair.rekey import renewed
from testing.hosts import DAY, order, user
from testing.world import KEYS
from tests.support.ruled import Ruled

ADA = CustomerRef("email", "ada@example.com")


def acted_on() -> Ruled:
    world = Ruled()
    world.save()
    world.put_user("u1", user("ada@example.com"))
    world.buy("ada")
    world.buy("bob")
    world.drain()
    return world


def archive(world: Ruled) -> list[dict[str, Any]]:
    found: Any = export(world.runner, Scope("staff", "", {}), ADA)["archive"]
    rules: list[dict[str, Any]] = found["rules"]
    return rules


def test_the_archive_shows_what_rules_did_with_the_person_alone() -> None:
    shown = archive(acted_on())
    assert sorted((one["address"] or "", one["userId"] or "") for one in shown) == [
        ("", "u1"),
        ("ada@example.com", ""),
    ]
    assert {(one["rule"], one["did"]) for one in shown} == {("VIP", "tags")}


def test_an_erasure_takes_from_the_records_whom_they_are_about() -> None:
    world = acted_on()
    rule_id = world.runs()[0]["ruleId"]
    ada = world.id("ada")
    bobs = [run for run in world.runs() if run["customerId"] == world.id("bob")]
    erase(world.runner, world.queue.append, ADA, reason="asked by letter")
    world.work()
    runs = world.runs()
    assert len(runs) == 3
    assert all(run in runs for run in bobs)
    blank = [run for run in runs if run not in bobs]
    assert {(run["customerId"], run["identity"]) for run in blank} == {(None, None)}
    assert all(run["erased"] for run in blank)
    assert ada not in str(world.store.all("crmRuleRuns"))
    assert sum(run["counted"] for run in runs) == 2
    page: Any = runs_of_rule(world.store, world.pager(), rule_id)
    assert sorted(str(run["customerId"]) for run in page["runs"]) == sorted(
        [world.id("bob"), "None"]
    )


def test_who_comes_again_after_an_erasure_is_somebody_new_to_a_reader() -> None:
    """The record's id is keyed: nobody can tell whose it was, and the rule does not act twice."""
    world = acted_on()
    erase(world.runner, world.queue.append, ADA, reason="asked by letter")
    world.work()
    world.accounts.of.clear()
    world.put_order("new", order("ada@example.com", total=900, day=1_000))
    assert world.runs_of("ada") == []


def test_who_is_erased_while_a_rule_waits_is_let_be() -> None:
    world = Ruled()
    world.save()
    world.buy("ada")
    erase(world.runner, world.queue.append, ADA, reason="asked by letter")
    world.work()
    assert dict(world.drain().outcomes) == {"gone": 1}
    assert world.rows() == world.runs() == []


def test_what_was_done_on_an_address_that_was_anothers_is_not_shown() -> None:
    world = acted_on()
    record = world.store.all("crmRuleRuns")
    for name, run in record.items():
        world.store.put(f"crmRuleRuns/{name}", {**run, "customerId": "somebody-else"})
    key = world.runner.keys.address("ada@example.com")
    identity = world.store.all("crmIdentities")[key]
    world.store.put(f"crmIdentities/{key}", {**identity, "former": {"p": "somebody-else"}})
    assert [one["userId"] for one in archive(world)] == ["u1"]


def test_of_nobody_nothing_is_listed() -> None:
    world = acted_on()
    with pytest.raises(Refusal):
        world.runs_of_id("nobody")
    assert len(world.runs_of("bob")) == 1


def test_a_new_secret_renews_whose_they_are_and_not_their_ids() -> None:
    world = acted_on()
    for found in world.store.find(Query("crmRuleRuns")):
        path, data = renewed(KEYS, {}, found)
        assert path == found.path
        assert data["identity"] == KEYS.renewed(found.fields["identity"])


# --- Lists for staff ------------------------------------------------------------------------------

BOOK = {"rules": {"r-1": {"name": "VIP"}, "r2": {"name": "Again"}}}


@pytest.fixture
def kept() -> Ruled:
    """Records of Ada's, by her address (1) and uid (2), and one of Bob's; r3 was deleted since."""
    world = Ruled()
    world.put_user("u1", user())
    world.put_order("bob", order("bob@example.com"))
    ada, bob = KEYS.address("ada@example.com"), KEYS.address("bob@example.com")
    records = [
        ("r-1-1", ada, 1, True, "tags", None, None),
        ("r-1-2", KEYS.user("u1"), 1, False, "tags", None, None),
        ("r2-1", ada, 1, True, "campaign", "e1", "mail"),
        ("r-1-3", ada, 2, True, "tags", None, None),
        ("r3-2", KEYS.user("u1"), 3, True, "webhook", None, None),
        ("r-1-9", bob, 4, True, "tags", None, None),
    ]
    for name, identity, day, counted, did, scope, campaign in records:
        record = {
            "ruleId": name.rpartition("-")[0],
            "customerId": world.id("bob" if identity == bob else "ada"),
            "identity": identity,
            "at": DAY + timedelta(days=day),
            "did": did,
            "scope": scope,
            "campaignId": campaign,
            "counted": counted,
            "erased": None,
        }
        world.store.put(f"crmRuleRuns/{name}", record)
    world.store.put("crmRules/book", BOOK)
    return world


def told(day: int, rule_id: str, rule: str | None, did: str = "tags") -> dict[str, Any]:
    return {
        "ruleId": rule_id,
        "rule": rule,
        "did": did,
        "eventId": "e1" if did == "campaign" else None,
        "campaignId": "mail" if did == "campaign" else None,
        "at": f"2024-03-{1 + day:02}T12:00:00Z",
    }


ACTS = [
    told(3, "r3", None, "webhook"),
    told(2, "r-1", "VIP"),
    told(1, "r2", "Again", "campaign"),
    told(1, "r-1", "VIP"),
]


def pages(world: Ruled, size: int, who: CustomerRef = ADA) -> list[list[dict[str, Any]]]:
    """All pages of what rules did with somebody."""
    found: list[list[dict[str, Any]]] = []
    token: Any = None
    while True:
        page: Any = runs_of_customer(world.runner, world.pager(size, token), who)
        assert {*page} == {"runs", "nextPageToken"}
        found.append(page["runs"])
        token = page["nextPageToken"]
        if token is None:
            return found


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6])
def test_an_act_is_told_whole_and_once_though_each_identity_has_a_record(
    kept: Ruled, size: int
) -> None:
    ada = kept.id("ada")
    found = [one for page in pages(kept, size) for one in page]
    assert found == [{**one, "customerId": ada} for one in ACTS]


def test_pages_end_where_their_records_do(kept: Ruled) -> None:
    """A page may tell nothing new: its records were of acts that the page before told."""
    assert [len(one) for one in pages(kept, 1)] == [1, 1, 1, 1, 0]
    assert [len(one) for one in pages(kept, 3)] == [3, 1]
    assert [len(one) for one in pages(kept, 4)] == [4, 0]
    assert [len(one) for one in pages(kept, 5)] == [4]


def test_what_a_rule_did_is_told_of_each_person_once(kept: Ruled) -> None:
    page: Any = runs_of_rule(kept.store, kept.pager(), "r-1")
    ada, bob = kept.id("ada"), kept.id("bob")
    assert page == {
        "runs": [
            {**told(4, "r-1", "VIP"), "customerId": bob},
            {**told(2, "r-1", "VIP"), "customerId": ada},
            {**told(1, "r-1", "VIP"), "customerId": ada},
        ],
        "nextPageToken": None,
    }
    first: Any = runs_of_rule(kept.store, kept.pager(2), "r-1")
    assert first["runs"] == page["runs"][:2]
    rest = runs_of_rule(kept.store, kept.pager(2, first["nextPageToken"]), "r-1")
    assert rest == {"runs": page["runs"][2:], "nextPageToken": None}
    with pytest.raises(Refusal) as refusal:
        runs_of_rule(kept.store, kept.pager(2, first["nextPageToken"]), "r2")
    assert refusal.value.reason == "page-token"


def test_a_token_is_for_one_person(kept: Ruled) -> None:
    first: Any = runs_of_customer(kept.runner, kept.pager(1), ADA)
    for who in (CustomerRef("userId", "u1"), CustomerRef("email", "bob@example.com")):
        with pytest.raises(Refusal) as refusal:
            runs_of_customer(kept.runner, kept.pager(1, first["nextPageToken"]), who)
        assert refusal.value.reason == "page-token"


def test_of_nobodys_no_acts_and_of_no_acts_no_names_are_read(kept: Ruled) -> None:
    left = Customer("c", DAY, {"p": Part("e-of-somebody-else-by-now", orders=1)})
    kept.store.put("customers/c", left.to_data(DAY, double=False))
    assert pages(kept, 5, CustomerRef("customerId", "c")) == [[]]
    before = kept.store.reads
    assert runs_of_rule(kept.store, kept.pager(), "r9") == {"runs": [], "nextPageToken": None}
    assert kept.store.reads - before == 1


def test_without_a_book_acts_have_no_names(kept: Ruled) -> None:
    kept.store.delete("crmRules/book")
    assert {one["rule"] for one in pages(kept, 9)[0]} == {None}
    kept.store.put("crmRules/book", {})
    assert {one["rule"] for one in pages(kept, 9)[0]} == {None}


def test_a_page_is_of_one_moment(kept: Ruled, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a rule does and what it is called while it is read is not in it."""
    view = type(kept.store)
    find = view.find

    def slow(self: Any, query: Query) -> Any:
        if query.collection == "crmRuleRuns":
            data = kept.store.all("crmRuleRuns")["r-1-1"]
            kept.store.put("crmRuleRuns/r-1-7", {**data, "at": DAY + timedelta(days=7)})
            kept.store.put("crmRules/book", {"rules": {"r-1": {"name": "Another"}}})
        return find(self, query)

    monkeypatch.setattr(view, "find", slow)
    (found,) = pages(kept, 9)
    assert [(one["rule"], one["at"][8:10]) for one in found] == [
        (None, "04"), ("VIP", "03"), ("Again", "02"), ("VIP", "02"),
    ]  # fmt: skip


def test_an_archive_tells_each_record_whole(kept: Ruled) -> None:
    """By the order of their ids, each with the address or uid that it is about."""
    mine = [
        ("ada@example.com", None, ACTS[3]),
        (None, "u1", ACTS[3]),
        ("ada@example.com", None, ACTS[1]),
        ("ada@example.com", None, ACTS[2]),
        (None, "u1", ACTS[0]),
    ]
    expected = []
    for address, uid, act in mine:
        shown = {key: value for key, value in act.items() if key != "ruleId"}
        expected.append({"address": address, "userId": uid, **shown})
    assert archive(kept) == expected
