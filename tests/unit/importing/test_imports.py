"""What an import does, to whom, and to whom it does nothing."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from crm.core.errors import Refusal, Unfinished
from crm.customers.limits import MAX_TAGS
from crm.db.collections import AUDIT, CONSENTS, CUSTOMERS, IDENTITIES
from crm.importing import record
from crm.importing.jobs import IMPORT
from crm.importing.row import Row
from crm.tags import jobs as tag_jobs
from crm.tags import tagging
from crm.tags.tagging import rename_tag
from testing.hosts import order, user
from testing.world import KEYS
from tests.support.importing import Desk

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_contact_is_a_customer_without_orders(desk: Desk) -> None:
    told = desk.report(
        "email,name,tags,status,consentedAt,company,seats\n"
        "Ada@example.com,Ada Lovelace,VIP;Press,subscribed,2025-06-01,ACME,3\n"
    )
    assert told == {"rows": 1, "added": 1}
    ada = desk.the_customer()
    assert (ada["primaryEmail"], ada["name"]) == ("ada@example.com", "Ada Lovelace")
    assert (ada["tags"], ada["fields"]) == (["press", "vip"], {"company": "ACME", "seats": 3})
    assert (ada["registered"], ada["orderCount"]) == (False, 0)
    at = datetime(2025, 6, 1, tzinfo=UTC)
    assert ada["marketing"] == {"status": "subscribed", "at": at, "source": "import"}
    (proof,) = desk.store.all(CONSENTS).values()
    (one,) = desk.imports()
    assert proof == {
        "identity": KEYS.address("ada@example.com"),
        "status": "subscribed",
        "at": at,
        "source": "import",
        "actor": "system",
        "evidence": {
            "importId": one["importId"],
            "source": "the fair of 2025",
            "evidence": "a ticked box on paper",
        },
    }
    assert desk.faults() == []


def test_without_a_time_consent_is_of_the_import(desk: Desk) -> None:
    desk.take_in("email,status\nada@example.com,subscribed")
    (one,) = desk.imports()
    assert desk.the_customer()["marketing"]["at"] == one["at"]


def test_who_is_there_keeps_the_name_and_gets_what_is_new(desk: Desk) -> None:
    desk.put_order("o", order("ada@example.com", name="Ada"))
    desk.tag("ada@example.com", ["vip"])
    desk.fields("ada@example.com", company="ACME", seats=2)
    told = desk.report(
        "email,name,tags,status,company,seats\nada@example.com,Countess,VIP;Press,,ACME,5\n"
    )
    assert told == {"rows": 1, "changed": 1}
    ada = desk.the_customer()
    assert (ada["name"], ada["tags"]) == ("Ada", ["press", "vip"])
    assert ada["fields"] == {"company": "ACME", "seats": 5}
    assert ada["marketing"]["status"] == "none"


def test_an_empty_cell_changes_nothing(desk: Desk) -> None:
    desk.take_in("email,name,tags,status,company\nada@example.com,Ada,vip,subscribed,ACME")
    before = desk.people()
    told = desk.report("email,name,tags,status,company,seats\nada@example.com,,,,,\n")
    assert told == {"rows": 1, "unchanged": 1}
    assert desk.people() == before


def test_none_says_nothing_of_consent(desk: Desk) -> None:
    desk.take_in("email,status\nada@example.com,subscribed")
    desk.take_in("email,status\nada@example.com,none\nbob@example.com,none")
    assert (desk.status("ada@example.com"), desk.status("bob@example.com")) == (
        "subscribed",
        "none",
    )


def test_a_field_becomes_true_where_one_was(desk: Desk) -> None:
    """And false is no empty cell."""
    desk.take_in("email,vegan\nada@example.com,true")
    assert desk.report("email,vegan\nada@example.com,false") == {"rows": 1, "changed": 1}
    assert desk.the_customer()["fields"] == {"vegan": False}


# --- Case 12: nobody is raised --------------------------------------------------------------------


def test_nobody_is_raised(desk: Desk) -> None:
    for name in ("ada", "bob", "cyd", "dan", "eve"):
        desk.put_order(f"o-{name}", order(f"{name}@example.com"))
    desk.unsubscribe("ada@example.com")
    desk.complain("bob@example.com")
    desk.bounce("cyd@example.com")
    desk.erase("dan@example.com")
    desk.consent("eve@example.com", "unsubscribed")
    desk.unsubscribe("gone@example.com")  # whoever that was: nobody has it now
    names = ("ada", "bob", "cyd", "dan", "eve", "gone")
    rows = "".join(f"{name}@example.com,subscribed\n" for name in names)
    told = desk.report(
        f"email,status\n{rows}fay@example.com,inactive\ngus@example.com,Unsubscribed\n"
    )
    assert told == {
        "rows": 8,
        "keptOut": {"withdrew": 3, "complained": 1, "bounced": 1, "erased": 1},
        "errors": [
            {"row": 8, "reason": "status-unknown", "column": "status"},
            {"row": 9, "reason": "status-unknown", "column": "status"},
        ],
        "errorCount": 2,
    }
    assert not desk.customers(lambda one: one["marketing"]["status"] == "subscribed")
    assert not desk.customers(lambda one: "dan@example.com" in one["emails"])
    assert not [one for one in desk.store.all(CONSENTS).values() if one["status"] == "subscribed"]
    assert desk.faults() == []


def test_what_keeps_consent_out_keeps_nothing_else_out(desk: Desk) -> None:
    desk.put_order("o", order("ada@example.com"))
    desk.unsubscribe("ada@example.com")
    desk.report("email,tags,status\nada@example.com,vip,subscribed")
    assert desk.the_customer()["tags"] == ["vip"]
    assert desk.status("ada@example.com") == "unsubscribed"


def test_who_came_back_after_an_erasure_is_not_subscribed_by_a_list(desk: Desk) -> None:
    desk.put_order("o", order("ada@example.com"))
    desk.erase("ada@example.com")
    desk.store.wait(timedelta(days=1))
    desk.put_order("p", order("ada@example.com", createdAt=desk.store.now()))
    told = desk.report("email,status,tags\nada@example.com,subscribed,vip")
    assert told == {"rows": 1, "keptOut": {"erased": 1}}
    assert desk.status("ada@example.com") == "unsubscribed"
    assert desk.the_customer()["tags"] == ["vip"]


def test_a_withdrawal_through_another_address_counts(desk: Desk) -> None:
    desk.put_order("o", order("ada@example.com"))
    desk.put_order("p", order("countess@example.com"))
    desk.unsubscribe("ada@example.com")
    desk.merge("ada@example.com", "countess@example.com")
    assert desk.report("email,status\ncountess@example.com,subscribed") == {
        "rows": 1,
        "keptOut": {"withdrew": 1},
    }


def test_who_objected_as_somebodys_contact_is_not_subscribed(desk: Desk) -> None:
    """Typed into a user's order, and then objected to: it is nobody's, and stays unwanted."""
    desk.put_user("u", user(None))
    desk.put_order("o", order("typed@example.com", userId="u"))
    desk.unsubscribe("typed@example.com")
    told = desk.report("email,status\ntyped@example.com,subscribed")
    assert told == {"rows": 1, "keptOut": {"withdrew": 1}}
    assert desk.status("typed@example.com") == "unsubscribed"
    assert desk.faults() == []


def test_a_withdrawal_in_the_file_always_counts(desk: Desk) -> None:
    desk.put_order("o", order("ada@example.com", marketingOptIn=True))
    desk.consent("ada@example.com", "subscribed")
    told = desk.report("email,status\nada@example.com,unsubscribed\nbob@example.com,unsubscribed")
    assert told == {"rows": 2, "added": 1, "changed": 1}
    assert desk.status("ada@example.com") == desk.status("bob@example.com") == "unsubscribed"
    sources = [one["source"] for one in desk.store.all(CONSENTS).values()]
    assert sorted(sources) == ["import", "import", "order", "staff"]
    assert desk.report("email,status\nbob@example.com,subscribed") == {
        "rows": 1,
        "keptOut": {"withdrew": 1},
    }
    assert desk.faults() == []


def test_many_withdrawals_are_one_commit_with_one_entry_of_the_trail(desk: Desk) -> None:
    rows = "".join(f"p{one}@example.com,unsubscribed\n" for one in range(20))
    desk.take_in(f"email,status\n{rows}")
    entries = [one for one in desk.store.all(AUDIT).values() if one["action"] == "contacts.import"]
    assert [one["facts"]["withdrawn"] for one in entries] == [20]
    assert desk.faults() == []


def test_the_trail_says_for_how_many_news_were_granted(desk: Desk) -> None:
    desk.take_in("email,status\nada@example.com,subscribed\nbob@example.com,subscribed\ncy@x.org,")
    entries = [one for one in desk.store.all(AUDIT).values() if one["action"] == "contacts.import"]
    assert [one["facts"]["granted"] for one in entries] == [2]


def test_a_row_that_is_not_understood_keeps_its_address_from_being_subscribed(desk: Desk) -> None:
    told = desk.report("email,status\nada@example.com,subscribed\nada@example.com,inactive")
    assert told["keptOut"] == {"contradiction": 1}
    assert desk.status("ada@example.com") == "none"


def test_who_is_subscribed_stays_so_as_he_said_it(desk: Desk) -> None:
    desk.put_order("o", order("ada@example.com", marketingOptIn=True))
    before = desk.people()
    told = desk.report("email,status,consentedAt\nada@example.com,subscribed,2025-01-01")
    assert told == {"rows": 1, "unchanged": 1}
    assert desk.people() == before


def test_who_proves_the_address_later_takes_consent_along(desk: Desk) -> None:
    desk.take_in("email,name,status,company\nada@example.com,Ada,subscribed,ACME")
    desk.put_user("u", user("ada@example.com", name="Ada L."))
    ada = desk.the_customer()
    assert (ada["registered"], ada["name"]) == (True, "Ada L.")
    assert (ada["marketing"]["status"], ada["fields"]) == ("subscribed", {"company": "ACME"})
    assert desk.faults() == []


def test_too_many_tags_are_not_given(desk: Desk) -> None:
    desk.put_order("o", order("ada@example.com"))
    desk.tag("ada@example.com", [f"t{one}" for one in range(MAX_TAGS - 1)])
    told = desk.report("email,tags\nada@example.com,x;y")
    assert told == {"rows": 1, "keptOut": {"too-many-tags": 1}}
    assert desk.report("email,tags\nada@example.com,x;t1") == {"rows": 1, "changed": 1}


# --- Twice, before, and many ----------------------------------------------------------------------

FILE = (
    "email,name,tags,status,consentedAt,company\n"
    "ada@example.com,Ada,vip,subscribed,2025-01-01,ACME\n"
    "bob@example.com,Bob,,unsubscribed,,\n"
    "cyd@example.com,,Press,none,,\n"
    "dan@example.com,Dan,,subscribed,,\n"
    "eve@example.com,,,subscribed,2025-01-01,\n"
)


def crowd(number: int) -> str:
    return "email,name,tags,status\n" + "".join(
        f"p{one:04}@example.com,P{one},vip,{'subscribed' if one % 3 else ''}\n"
        for one in range(number)
    )


@pytest.fixture
def shop(desk: Desk) -> Desk:
    for name in ("ada", "dan", "eve"):
        desk.put_order(f"o-{name}", order(f"{name}@example.com"))
    desk.put_user("u-eve", user("eve@example.com"))
    desk.unsubscribe("dan@example.com")
    return desk


def test_a_file_twice_changes_nothing(shop: Desk) -> None:
    first = shop.report(FILE)
    assert first == {"rows": 5, "added": 2, "changed": 2, "keptOut": {"withdrew": 1}}
    before, trail = shop.people(), len(shop.store.all(AUDIT))
    assert shop.report(FILE) == {"rows": 5, "unchanged": 4, "keptOut": {"withdrew": 1}}
    assert shop.people() == before
    assert len(shop.store.all(AUDIT)) == trail + 1  # that it was asked for
    assert shop.faults() == []


def test_of_two_addresses_of_a_person_the_primary_ones_row_counts(desk: Desk) -> None:
    for name in ("ada", "countess"):
        desk.put_order(name, order(f"{name}@example.com"))
    desk.merge("countess@example.com", "ada@example.com")
    lines = ["countess@example.com,Other,2", "ada@example.com,ACME,"]
    for _ in range(2):
        desk.take_in("\n".join(["email,company,seats", *lines]))
        assert desk.the_customer()["fields"] == {"company": "ACME", "seats": 2}
        lines.reverse()
    assert desk.report("\n".join(["email,company,seats", *lines])) == {"rows": 2, "unchanged": 2}


def test_a_preview_says_the_same_and_writes_nothing(shop: Desk) -> None:
    before = {name: shop.store.all(name) for name in ("crmAudit", "crmJobs", "crmImported")}
    people = shop.people()
    told = shop.report(FILE, dry_run=True, source=None, evidence=None)
    ids = shop.take_in(FILE, dry_run=True, source=None, evidence=None)
    assert (ids["importId"], ids["jobId"]) == (None, None)
    assert shop.people() == people
    assert {name: shop.store.all(name) for name in before} == before
    assert told.pop("evidenceNeeded") is True
    assert shop.report(FILE) == told


def test_many_are_done_by_workers(monkeypatch: pytest.MonkeyPatch, shop: Desk) -> None:
    monkeypatch.setattr(record, "CHUNK", 7)
    done = shop.take_in(crowd(100))
    assert done["report"]["rows"] == 100
    (job,) = (one for one in shop.store.all("crmJobs").values() if one["kind"] == IMPORT)
    assert (job["state"], job["done"], job["total"]) == ("done", 100, 100)
    (told,) = shop.imports()
    assert told["report"]["added"] == 100
    assert (told["state"], told["undoable"]) == ("done", True)
    assert shop.report(crowd(100)) == {"rows": 100, "unchanged": 100}
    assert shop.faults() == []


def test_a_worker_with_several_chunks_does_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(record, "CHUNK", 7)
    desk, calls = Desk(jobs={"workers": 1}), itertools.count()

    def one_more() -> None:
        assert next(calls) < 2_000, "it stays where it is"

    desk.store.pause = one_more
    done = desk.take_in(crowd(100))
    assert desk.imports()[0]["report"]["added"] == 100
    assert desk.undo(done["importId"])["result"] == {"removed": 100}


def test_rows_are_kept_no_longer_than_they_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "CHUNK", 2)
    desk = Desk()
    work, desk.work = desk.work, lambda: None  # type: ignore[method-assign]
    desk.take_in(crowd(9))
    waiting = desk.store.all("crmImported")
    assert sum(len(one["rows"]) for one in waiting.values()) == 9
    assert all(one["goesAt"] == desk.imports()[0]["at"] + record.KEPT for one in waiting.values())
    work()
    assert "example.com" not in repr(desk.store.all("crmImported"))
    assert "example.com" not in repr(desk.store.all("crmImports"))
    assert "example.com" not in repr(desk.store.all("crmJobs"))


def test_large_rows_are_few_in_a_chunk() -> None:
    row = Row("a@example.com", tags=tuple("ü" * 60 + str(one) for one in range(100)))
    pieces = [*record.chunks([row] * 100)]
    assert max(map(len, pieces)) < 30
    assert sum(map(len, pieces)) == 100


def test_a_file_of_errors_alone_is_an_import_of_nobody(desk: Desk) -> None:
    told = desk.report("email\nnobody\n")
    assert told == {
        "rows": 1,
        "errors": [{"row": 2, "reason": "email-invalid", "column": "email"}],
        "errorCount": 1,
    }
    assert desk.imports()[0]["state"] == "done"


# --- What is refused ------------------------------------------------------------------------------


def refused(desk: Desk, **more: Any) -> str:
    before = {name: desk.store.all(name) for name in ("crmImported", "crmImports", "crmJobs")}
    with pytest.raises(Refusal) as caught:
        desk.take_in(**{"csv": FILE, **more})
    assert {name: desk.store.all(name) for name in before} == before
    return caught.value.reason


def test_an_import_says_where_it_comes_from_and_what_shows_consent(desk: Desk) -> None:
    assert refused(desk, source=None) == "source-missing"
    assert refused(desk, evidence=None) == "evidence-missing"
    assert refused(desk, csv="nothing") == "email-column-missing"
    desk.take_in("email,status\nada@example.com,unsubscribed", evidence=None)
    assert desk.status("ada@example.com") == "unsubscribed"


def test_a_tag_that_is_renamed_just_now_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the door it is refused; a list that is taken in already goes on when that is over."""
    monkeypatch.setattr(record, "CHUNK", 2)
    desk = Desk()
    names = "".join(f"q{one}@example.com,vip\n" for one in range(5))
    desk.report(f"email,tags\n{names}")
    work, desk.work = desk.work, lambda: None  # type: ignore[method-assign]
    desk.take_in(crowd(9))
    waiting, desk.queue = desk.queue, []
    monkeypatch.setattr(tagging, "INLINE_STEPS", 1)
    monkeypatch.setattr(tag_jobs, "PAGE", 2)
    assert "jobId" in rename_tag(desk.runner, desk.queue.append, "vip", "Best")
    assert refused(desk, csv="email,tags\na@example.com,vip") == "tag-busy"
    renaming, desk.queue = desk.queue, waiting[:]
    seconds = count()
    retry = replace(desk.runner.retry, clock=lambda: float(next(seconds)))
    desk.runner = replace(desk.runner, retry=retry)
    with pytest.raises(Unfinished):
        work()
    for queue in (renaming, waiting):
        desk.queue = queue
        work()
    assert desk.imports()[0]["report"]["added"] == 9
    assert desk.faults() == []


def test_a_customer_who_moves_meanwhile_is_met_where_it_is(desk: Desk) -> None:
    """Between the reading and the commit of a chunk two of its people are merged."""
    desk.put_order("o", order("ada@example.com"))
    desk.put_order("p", order("bob@example.com"))
    once = iter([True])

    def pause() -> None:
        if len(desk.store.all("crmImports")) and next(once, False):
            desk.store.pause = lambda: None
            desk.merge("ada@example.com", "bob@example.com")

    desk.store.pause = pause
    told = desk.report("email,tags\nada@example.com,x\nbob@example.com,y\nnew@example.com,z")
    assert told["added"] == 1
    assert desk.with_email("ada@example.com")["tags"] == ["x", "y"]
    assert len(desk.customers()) == 2
    assert desk.faults() == []


def test_an_erasure_is_not_undone_by_rows_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "CHUNK", 1)
    desk = Desk()
    desk.put_order("o", order("p0001@example.com"))
    work, desk.work = desk.work, lambda: None  # type: ignore[method-assign]
    desk.take_in(crowd(4))
    import_job, desk.queue = desk.queue, []
    desk.work = work  # type: ignore[method-assign]
    desk.erase("p0001@example.com")
    assert "p0001@" not in repr(desk.store.all("crmImported"))
    desk.queue = import_job
    desk.work()
    assert not desk.customers(lambda one: "p0001@example.com" in one["emails"])
    assert KEYS.address("p0001@example.com") in desk.store.all(IDENTITIES)
    assert len(desk.store.all(CUSTOMERS)) == 3
    assert desk.faults() == []
