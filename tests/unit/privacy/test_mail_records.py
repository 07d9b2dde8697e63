"""What campaigns sent somebody: shown, followed through merges, and blanked by an erasure."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from crm.campaigns.recipients import list_recipients
from crm.core.errors import Refusal
from crm.customers.customer import Customer
from crm.customers.part import Part
from crm.customers.reference import CustomerRef
from crm.db.documents import Query
from crm.db.paging import Pager, PageTokens, Scope
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.privacy.erasure.erase import erase
from crm.privacy.export.archive import export
from crm.privacy.mail_records import list_mails, subjects_of
from crm.privacy.own import SignedIn
from testing.hosts import DAY, order, user
from testing.world import KEYS, World
from tests.support.archive import text
from tests.support.canary import Canary, residue
from tests.support.sent import put_sent, records

ADA = CustomerRef("email", "ada@example.com")


def pager(size: int = 10, token: str | None = None, caller: str = "staff") -> Pager:
    return Pager(PageTokens(KEYS.derive("page-token")), caller, size, token)


def mails(world: World, customer_id: str) -> list[Any]:
    answer: Any = list_mails(world.runner, pager(), CustomerRef("customerId", customer_id))
    return list(answer["mails"])


def archive(world: World, who: CustomerRef | SignedIn = ADA) -> Any:
    scope = Scope("admin", "export_customer", {})
    answer: Any = export(world.runner, scope, who)
    return answer["archive"]


@pytest.fixture
def world() -> World:
    world = World(trust="auth")
    for name in ("ada", "bob"):
        world.put_order(f"o-{name}", order(f"{name}@example.com", name=name.title()))
    return world


def ids(world: World, *names: str) -> list[str]:
    return [world.with_email(f"{name}@example.com")["id"] for name in names]


def test_a_customers_mails_are_listed_newest_first_with_the_subject(world: World) -> None:
    ada, bob = ids(world, "ada", "bob")
    put_sent(world, {ada: "accepted", bob: "refused"})
    world.store.wait(timedelta(hours=1))
    put_sent(world, {ada: "excluded"}, campaign_id="second", subject="Again")
    assert [(one["campaignId"], one["subject"], one["state"]) for one in mails(world, ada)] == [
        ("second", "Again", "excluded"),
        ("campaignabcdefghijklmnopqr", "Thank you, {{ name }}", "accepted"),
    ]
    (bobs,) = mails(world, bob)
    assert (bobs["state"], bobs["reason"], bobs["bounced"]) == ("refused", "550 5.1.1", None)


def test_a_mail_is_told_whole(world: World) -> None:
    (ada,) = ids(world, "ada")
    put_sent(world, {ada: "accepted"})
    ((name, kept),) = world.store.all("crmMails").items()
    times = ("bounced", "softBounced", "complained", "unsubscribed")
    later = {name: DAY + timedelta(days=number) for number, name in enumerate(times)}
    world.store.put(f"crmMails/{name}", {**kept, **later, "reason": "full"})
    told = {
        "campaignId": "campaignabcdefghijklmnopqr",
        "subject": "Thank you, {{ name }}",
        "state": "accepted",
        "reason": "full",
        "at": text(kept["at"]),
        **{name: text(at) for name, at in later.items()},
    }
    assert mails(world, ada) == [told]
    world.store.delete("crmCampaigns/campaignabcdefghijklmnopqr")
    assert mails(world, ada) == [{**told, "subject": None}]


def test_of_who_is_found_by_no_key_and_of_who_got_none_nothing_is_listed(world: World) -> None:
    (bob,) = ids(world, "bob")
    left = Customer("c", DAY, {"p": Part("e-of-somebody-else-by-now", orders=1)})
    world.store.put("customers/c", left.to_data(DAY, double=False))
    for customer_id in ("c", bob):
        who = CustomerRef("customerId", customer_id)
        page = list_mails(world.runner, pager(), who)
        assert page == {"mails": [], "nextPageToken": None}


def test_a_page_is_of_one_moment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is sent and what is renamed while it is read is not in it."""
    (ada,) = ids(world, "ada")
    put_sent(world, {ada: "accepted"})
    view = type(world.store)
    find = view.find

    def slow(self: Any, query: Query) -> Any:
        if query.collection == "crmMails":
            put_sent(world, {ada: "accepted"}, campaign_id="second")
            put_sent(world, {ada: "accepted"}, subject="Another")
        return find(self, query)

    monkeypatch.setattr(view, "find", slow)
    assert [one["subject"] for one in mails(world, ada)] == ["Thank you, {{ name }}"]
    assert [one["subject"] for one in mails(world, ada)] == ["Another", "Thank you, {{ name }}"]


def test_a_campaign_of_many_mails_is_read_once(world: World) -> None:
    found = put_sent(world, dict.fromkeys(ids(world, "ada", "bob"), "accepted"))
    records = world.store.find(Query("crmMails"))
    assert len(records) == 2
    before = world.store.reads
    assert subjects_of(world.store, records) == {found.id: "Thank you, {{ name }}"}
    assert world.store.reads - before == 1
    calls: list[None] = []
    world.store.pause = lambda: calls.append(None)
    assert subjects_of(world.store, []) == {}
    assert calls == []


def test_pages_are_bound_to_the_caller_and_the_customer(world: World) -> None:
    ada, bob = ids(world, "ada", "bob")
    for number in range(3):
        put_sent(world, {ada: "accepted", bob: "accepted"}, campaign_id=f"c{number}")
    who = CustomerRef("customerId", ada)
    first: Any = list_mails(world.runner, pager(2), who)
    last: Any = list_mails(world.runner, pager(2, first["nextPageToken"]), who)
    assert len(first["mails"]) == 2
    assert len(last["mails"]) == 1
    assert last["nextPageToken"] is None
    for caller, other in (("staff", bob), ("somebody else", ada)):
        with pytest.raises(Refusal, match="pageToken"):
            list_mails(
                world.runner,
                pager(2, first["nextPageToken"], caller),
                CustomerRef("customerId", other),
            )


def test_mails_follow_their_address_through_a_merge_and_back(world: World) -> None:
    ada, bob = ids(world, "ada", "bob")
    put_sent(world, {ada: "accepted", bob: "refused"})
    merged, _ = world.runner.run(lambda tx: plan_merge(tx, bob, ada))
    assert {one["state"] for one in mails(world, ada)} == {"accepted", "refused"}
    assert merged.merge_id
    world.runner.run(lambda tx: plan_unmerge(tx, merged.merge_id or ""))
    assert [one["state"] for one in mails(world, ada)] == ["accepted"]
    assert [one["state"] for one in mails(world, bob)] == ["refused"]


def test_an_archive_shows_them_and_nobody_elses(world: World) -> None:
    ada, bob = ids(world, "ada", "bob")
    put_sent(world, {ada: "accepted", bob: "refused"})
    (mail,) = archive(world)["mails"]
    assert (mail["address"], mail["state"]) == ("ada@example.com", "accepted")
    assert "provider" not in str(mail)


def test_self_service_shows_what_went_to_own_addresses_alone(world: World) -> None:
    ada, bob = ids(world, "ada", "bob")
    put_sent(world, {ada: "accepted", bob: "refused"})
    world.accounts.of["u1"] = "ada@example.com"
    world.put_user("u1", user("ada@example.com"))
    home = world.with_email("ada@example.com")["id"]
    world.runner.run(lambda tx: plan_merge(tx, bob, home))
    own = archive(world, SignedIn("u1", "ada@example.com"))["mails"]
    assert [one["address"] for one in own] == ["ada@example.com"]


def test_a_mail_to_who_had_the_address_before_is_not_shown(world: World) -> None:
    (ada,) = ids(world, "ada")
    put_sent(world, {ada: "accepted"})
    key = KEYS.address("ada@example.com")
    identity = world.store.all("crmIdentities")[key]
    world.store.put(f"crmIdentities/{key}", {**identity, "former": {"p": "somebodyelse"}})
    assert len(archive(world)["mails"]) == 1
    name, record = next(iter(world.store.all("crmMails").items()))
    world.store.put(f"crmMails/{name}", {**record, "customerId": "somebodyelse"})
    assert archive(world)["mails"] == []


def erased(world: World) -> Any:
    answer = erase(world.runner, world.queue.append, ADA, reason="asked by letter")
    world.work()
    return answer


def test_an_erasure_takes_the_person_out_of_records_and_the_sums_stay_true(world: World) -> None:
    ada, bob = ids(world, "ada", "bob")
    campaign = put_sent(world, {ada: "accepted", bob: "refused"})
    answer = erased(world)
    (mine,) = [one for one in records(world) if one["erased"]]
    gone = ("customerId", "identity", "address", "providerId")
    assert [mine[name] for name in gone] == [None] * 4
    assert (mine["state"], mine["erased"]) == ("accepted", answer["erasureId"])
    assert not residue({"mails": records(world)}, [Canary("address", "ada@example.com")])
    listed: Any = list_recipients(world.runner, pager(), campaign.id)
    assert Counter(one["state"] for one in listed["recipients"]) == {"accepted": 1, "refused": 1}
    assert [one["email"] for one in listed["recipients"]].count(None) == 1
    (kept,) = [one for one in answer["report"]["retained"] if one["what"] == "mails"]
    assert kept["count"] == 1


def test_an_erasure_without_mails_says_nothing_of_them(world: World) -> None:
    answer = erased(world)
    assert "mails" not in {one["what"] for one in answer["report"]["retained"]}


def test_the_mails_of_who_comes_back_are_not_taken_for_those_from_before(world: World) -> None:
    (ada,) = ids(world, "ada")
    put_sent(world, {ada: "accepted"})
    erased(world)
    world.store.wait(timedelta(days=1))
    world.put_order("o-new", order("ada@example.com", day=700))
    (again,) = ids(world, "ada")
    assert mails(world, again) == []
    put_sent(world, {again: "accepted"}, campaign_id="second")
    assert [one["campaignId"] for one in mails(world, again)] == ["second"]


def claim(world: World, until: timedelta | None) -> None:
    (name,) = world.store.all("crmAudiences")
    data = world.store.all("crmAudiences")[name]
    lease = None if until is None else world.store.now() + until
    held = {"holder": lease and "a worker", "leaseUntil": lease}
    world.store.put(f"crmAudiences/{name}", {**data, **held})


def test_an_erasure_waits_for_the_mails_that_a_worker_has_in_hand(world: World) -> None:
    """The worker has read the person before, and writes the record when the server has answered."""
    ada, bob = ids(world, "ada", "bob")
    put_sent(world, {ada: "accepted", bob: "waiting"}, state="sending")
    (record,) = records(world)
    path = f"crmMails/{next(iter(world.store.all('crmMails')))}"
    world.store.delete(path)
    claim(world, timedelta(minutes=3))
    answer = erase(world.runner, world.queue.append, ADA, reason="asked by letter")
    assert answer["status"] == "running"
    world.store.put(path, record)  # the commit of the turn
    claim(world, None)
    world.work()
    assert records(world)[0]["customerId"] is None
    assert not world.store.find(Query("crmMails", (("customerId", "==", ada),)))


def test_an_erasure_does_not_wait_for_a_claim_that_ended_before(world: World) -> None:
    ada, bob = ids(world, "ada", "bob")
    put_sent(world, {ada: "accepted", bob: "waiting"}, state="sending")
    claim(world, timedelta(minutes=-5))  # of a worker that died
    assert erased(world)["status"] == "done"


def test_an_erasure_waits_no_longer_than_a_claim_can_last(world: World) -> None:
    ada, bob = ids(world, "ada", "bob")
    put_sent(world, {ada: "accepted", bob: "waiting"}, state="sending")
    claim(world, timedelta(minutes=3))
    answer = erase(world.runner, world.queue.append, ADA, reason="asked by letter")
    assert answer["status"] == "running"
    world.store.wait(timedelta(minutes=5))  # others go on to claim
    claim(world, timedelta(minutes=3))
    world.work()
    assert [one["erased"] for one in records(world)] == [answer["erasureId"]]
