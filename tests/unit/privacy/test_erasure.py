"""An erasure: what goes, what is kept, and that nothing brings the person back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.core.errors import Refusal, Transient
from crm.customers.lookup import find_customer
from crm.customers.reference import CustomerRef
from crm.db.accounts import Account
from crm.db.documents import Query
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.privacy.erasure.erase import erase, erase_again, erasures
from crm.privacy.erasure.record import Erasure
from crm.repair.rebuild import rebuild
from crm.sync.sync import Sync
from testing import recount
from testing.hosts import DAY, item, order, user
from testing.world import KEYS, World

ADA = CustomerRef("email", "ada@example.com")


@pytest.fixture
def world() -> World:
    return World()


def gone(world: World, who: CustomerRef = ADA, **more: Any) -> dict[str, Any]:
    answer = erase(world.runner, world.queue.append, who, reason="asked by letter", **more)
    world.work()
    assert world.wrong() == []
    return answer


def after(world: World, **time: int) -> Any:
    """A moment after everything so far."""
    return world.store.now() + timedelta(**(time or {"days": 1}))


def unsubscribe(world: World) -> dict[str, Any]:
    """Have the only customer withdraw from news; return the decision."""
    path = f"customers/{world.the_customer()['id']}"
    data = world.store.read([path])[path].fields
    decision = {"status": "unsubscribed", "at": DAY + timedelta(days=1), "source": "staff"}
    parts = {key: {**part, "decision": decision} for key, part in data["parts"].items()}
    world.store.put(path, {**data, "parts": parts})
    return decision


def row(world: World, order_id: str) -> dict[str, Any]:
    return world.store.all("crmOrders")[order_id]


def kept(world: World) -> dict[str, Any]:
    """What is kept of each order."""
    fields = ("status", "total", "currency", "createdAt", "items")
    orders = world.store.all("orders").items()
    return {name: {field: data.get(field) for field in fields} for name, data in orders}


def refused(world: World, call: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        world.runner.run(call)
    return refusal.value.reason


# --- What goes and what stays --------------------------------------------------------------------


def test_the_customer_goes_at_once_and_the_orders_lose_their_person(world: World) -> None:
    world.put_user("u1", user())
    world.accounts.of["u1"] = "ada@example.com"
    for number in range(3):
        world.put_order(f"o{number}", order(userId="u1" if number else None, phone="030 123456"))
    before = kept(world)
    answer = gone(world)
    assert answer["status"] == "done"
    assert world.customers() == []
    assert world.store.all("users") == {}
    assert world.accounts.of == {}
    assert kept(world) == before
    pseudonym = f"erased-{answer['erasureId']}@erased.invalid"
    for data in world.store.all("orders").values():
        assert data["email"] == pseudonym
        assert data["userId"] is data["name"] is data["phone"] is None
    assert [world.store.all("crmOrders")[f"o{n}"]["net"] for n in range(3)] == [4990] * 3
    # Redacting an order is an event of its own, which stamps the row; then nothing is left to do.
    world.resync()
    assert world.resync() is False
    assert world.customers() == []


def test_an_erasures_job_says_how_many_orders_it_has_gone_through(world: World) -> None:
    for number in range(3):
        world.put_order(f"o{number}", order())
    gone(world)
    (job,) = world.store.all("crmJobs").values()
    assert (job["kind"], job["done"], job["total"]) == ("erasure", 3, 3)


@pytest.mark.parametrize("orders", [6, 7])
def test_an_erasure_goes_through_as_many_pages_as_there_are(
    world: World, monkeypatch: pytest.MonkeyPatch, orders: int
) -> None:
    monkeypatch.setattr("crm.privacy.erasure.job.PAGE", 2)
    for number in range(orders):
        world.put_order(f"o{number}", order(marketingOptIn=True, day=number))
    answer = gone(world)
    assert answer["status"] == "done"
    assert {one["name"] for one in world.store.all("orders").values()} == {None}
    assert world.store.all("crmConsents") == {}
    (job,) = world.store.all("crmJobs").values()
    assert (job["state"], job["done"]) == ("done", orders)


def test_the_report_says_what_went_what_is_kept_and_why(world: World) -> None:
    world.put_user("u1", user())
    world.put_order("o1", order(userId="u1"))
    report = gone(world)["report"]
    assert {one["what"]: one["count"] for one in report["removed"]} == {
        "customers": 1,
        "users": 1,
        "accounts": 1,
    }
    orders, tombstones = report["retained"]
    assert (orders["what"], orders["count"], orders["until"].year) == ("orders", 1, DAY.year + 10)
    assert "tax law" in orders["basis"]
    assert (tombstones["what"], tombstones["count"]) == ("tombstones", 2)
    assert [one["reason"] for one in report["open"]] == ["backups", "host-data"]


def test_a_report_names_claims_without_proof() -> None:
    world = World(trust="auth")
    world.verified = {"u1": None}
    world.put_order("o1", order())
    world.put_user("u1", user())
    report = gone(world)["report"]
    assert {one["reason"]: one["count"] for one in report["open"]}["claimed-by-others"] == 1
    assert world.the_customer()["userIds"] == ["u1"]
    report = gone(world, CustomerRef("userId", "u1"))["report"]
    assert "claims-another" not in {one["reason"] for one in report["open"]}


def test_a_user_who_claims_another_customers_address_leaves_that_one_alone() -> None:
    world = World(trust="auth")
    world.verified = {"u1": None}
    world.put_order("o1", order())
    world.put_user("u1", user())
    report = gone(world, CustomerRef("userId", "u1"))["report"]
    assert {one["reason"]: one["count"] for one in report["open"]}["claims-another"] == 1
    assert world.the_customer()["emails"] == ["ada@example.com"]
    assert world.store.all("users") == {}


def test_an_account_that_is_no_user_of_the_customer_stays_and_is_reported(world: World) -> None:
    """The mailbox may be somebody else's by now, who never ordered."""
    world.put_order("o1", order())
    world.accounts.of = {"signed-in-only": "ada@example.com", "stranger": "bob@example.com"}
    report = gone(world)["report"]
    assert {*world.accounts.of} == {"signed-in-only", "stranger"}
    assert {one["reason"]: one["count"] for one in report["open"]}["accounts-of-addresses"] == 1
    assert "accounts" not in {one["what"] for one in report["removed"]}


def test_a_user_who_has_just_verified_an_alias_of_somebody_elses_keeps_the_account() -> None:
    world = World()
    world.put_user("u1", user("old@example.com"))
    world.put_user("u1", user("new@example.com"))
    world.store.put("users/u2", user("old@example.com"))  # its event is on the way
    world.accounts.of = {"u1": "new@example.com", "u2": "old@example.com"}
    erase(world.runner, world.queue.append, CustomerRef("userId", "u1"), reason="asked by letter")
    assert world.accounts.of == {"u2": "old@example.com"}
    world.sync.sync_user("u2")
    assert world.the_customer()["emails"] == ["old@example.com"]
    assert world.wrong() == []


def test_an_account_that_has_not_verified_an_address_is_somebody_elses(world: World) -> None:
    world.put_order("o1", order())
    world.accounts.of = {"u1": None}
    gone(world)
    assert world.accounts.of == {"u1": None}


@pytest.mark.parametrize("who", ["customerId", "email", "userId"])
def test_repeating_gives_the_same_answer(world: World, who: Any) -> None:
    world.put_user("u1", user())
    world.put_order("o1", order(userId="u1"))
    value = {"email": "ada@example.com", "userId": "u1", "customerId": world.customers()[0]["id"]}
    first = gone(world, CustomerRef(who, value[who]))
    state = world.store.all("crmErasures")
    for kind, name in value.items():
        assert gone(world, CustomerRef(kind, name)) == first  # type: ignore[arg-type]
    assert world.store.all("crmErasures") == state


def test_a_person_of_whom_there_is_nothing_but_quarantine(world: World) -> None:
    world.put_order("odd", order(status="unheard of", odd=True))
    world.put_order("uid", order(None, userId="u9", odd=True))
    world.accounts.of = {"u8": "ada@example.com"}
    assert world.customers() == []
    answer = gone(world)
    assert world.store.all("orders")["odd"]["email"].endswith("@erased.invalid")
    assert world.accounts.of == {"u8": "ada@example.com"}
    assert "accounts-of-addresses" in {one["reason"] for one in answer["report"]["open"]}
    assert gone(world) == answer
    gone(world, CustomerRef("userId", "u9"))
    assert world.store.all("orders")["uid"]["userId"] is None
    assert world.reasons() == {}
    (first, second) = sorted(one["action"] for one in world.store.all("crmAudit").values())
    assert first == second == "customer.erase"


@pytest.mark.parametrize(
    "who", [ADA, CustomerRef("userId", "nobody"), CustomerRef("customerId", "nobody")]
)
def test_nobody_is_nobody(world: World, who: CustomerRef) -> None:
    with pytest.raises(Refusal, match="No customer"):
        gone(world, who)


def test_a_merged_id_leads_to_its_survivor_and_is_forgotten(world: World) -> None:
    world.put_order("o1", order())
    world.put_order("o2", order("bob@example.com"))
    ids = [one["id"] for one in world.customers()]
    world.runner.run(lambda tx: plan_merge(tx, *ids))
    first = gone(world, CustomerRef("customerId", ids[0]))
    assert world.customers() == []
    assert world.store.all("crmLinks") == {}
    assert gone(world, CustomerRef("customerId", ids[1])) == first
    assert gone(world, CustomerRef("email", "bob@example.com")) == first


def test_the_trail_has_one_entry_and_nothing_personal(world: World) -> None:
    world.put_order("o1", order())
    customer_id = world.the_customer()["id"]
    answer = gone(world)
    gone(world)
    (entry,) = world.store.all("crmAudit").values()
    assert entry["action"] == "customer.erase"
    assert entry["customers"] == [customer_id]
    assert entry["facts"] == {"erasure": answer["erasureId"], "forced": False, "orders": 1}
    (record,) = world.store.all("crmErasures").values()
    assert record["uids"] == []
    assert "ada" not in repr(record).lower()


@pytest.mark.parametrize(
    "reason", ["Ada Lovelace asked", "mail from ada@example.com", "call 030 1234567", "user uid-1"]
)
def test_a_reason_that_names_the_person_is_refused(world: World, reason: str) -> None:
    world.put_user("uid-1", user(name="Ada Lovelace"))
    before = world.store.all("customers")
    with pytest.raises(Refusal) as refusal:
        erase(world.runner, world.queue.append, ADA, reason=reason)
    assert refusal.value.reason == "reason-personal"
    assert world.store.all("customers") == before


# --- Holds ---------------------------------------------------------------------------------------


def test_a_ticket_for_an_event_to_come_holds_an_erasure(world: World) -> None:
    world.put_order("o1", order(items=[item("later", eventStartsAt=after(world))]))
    world.put_order("o2", order(items=[item("earlier", eventStartsAt=DAY), item("unknown")]))
    before = world.store.all("customers")
    with pytest.raises(Refusal) as refusal:
        gone(world)
    assert (refusal.value.code, refusal.value.reason) == ("failed-precondition", "held")
    assert refusal.value.more == {
        "events": ["later"],
        "freeEvents": [],
        "confirmHelps": False,
    }
    assert world.store.all("customers") == before
    gone(world, force=True)
    assert world.customers() == []
    (entry,) = world.store.all("crmAudit").values()
    assert entry["facts"]["forced"] is True


def test_a_refusal_names_the_first_events_of_many_and_which_are_free(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.privacy.erasure.plan.MAX_EVENTS_SHOWN", 2)
    soon = [item(name, eventStartsAt=after(world)) for name in ("c", "b", "a")]
    world.put_order("free", order(total=0, items=soon))
    world.put_order("paid", order(items=soon[1:2]))
    with pytest.raises(Refusal) as refusal:
        gone(world)
    assert refusal.value.more == {
        "events": ["a", "b"],
        "freeEvents": ["a", "c"],
        "confirmHelps": False,
    }


def test_a_ticket_for_an_event_that_begins_now_holds_nothing() -> None:
    world = World()
    now = world.store.now()
    world.runner = replace(world.runner, now=lambda: now)
    world.put_order("o1", order(items=[item("now", eventStartsAt=now)]))
    gone(world)


def test_an_opt_in_leaves_the_ledger_with_the_name(world: World) -> None:
    world.put_order("o1", order(marketingOptIn=True))
    assert row(world, "o1")["optedIn"] is True
    gone(world)
    kept_of_it = row(world, "o1")
    assert (kept_of_it["optedIn"], kept_of_it["name"]) == (False, None)
    assert kept_of_it["marks"] == ["counted", "event:devops-2024"]


def test_a_cancelled_ticket_holds_nothing(world: World) -> None:
    items = [item("later", eventStartsAt=after(world))]
    world.put_order("o1", order(status="cancelled", items=items))
    gone(world)


def test_holds_can_be_switched_off() -> None:
    world = World(settings={"erasure": {"hold_future_events": False}})
    world.put_order("o1", order(items=[item("later", eventStartsAt=after(world))]))
    gone(world)


# --- What becomes of the host's orders -----------------------------------------------------------


def test_orders_are_deleted_where_the_host_says_so() -> None:
    world = World(settings={"erasure": {"orders": "delete"}})
    world.put_order("o1", order())
    report = gone(world)["report"]
    assert {one["what"]: one["count"] for one in report["removed"]}["orders"] == 1
    assert world.store.all("orders") == {}
    assert row(world, "o1")["deleted"] is True
    world.store.put("orders/o1", order())  # a backup of it, or a job of the host's
    world.sync.sync_order("o1")
    assert world.store.all("orders") == {}
    assert world.resync() is False


def test_orders_stay_as_they_are_where_the_host_says_so() -> None:
    world = World(settings={"erasure": {"orders": "keep"}})
    world.put_order("o1", order())
    report = erase(world.runner, world.queue.append, ADA, reason="asked by letter")["report"]
    assert world.store.all("orders")["o1"]["email"] == "ada@example.com"
    assert "kept-as-they-are" in {one["reason"] for one in report["open"]}  # type: ignore[index]
    assert row(world, "o1")["name"] is row(world, "o1")["addressKey"] is None
    assert world.resync() is False
    assert world.customers() == []


def test_an_order_of_another_user_loses_only_the_address(world: World) -> None:
    world.put_order("o1", order())
    world.put_user("u2", user("bob@example.com", name="Bob"))
    world.put_order("o2", order("ada@example.com", userId="u2", name="Bob"))
    spend = world.with_uid("u2")["totalSpend"]
    gone(world)
    theirs = world.store.all("orders")["o2"]
    assert theirs["email"].endswith("@erased.invalid")
    assert (theirs["userId"], theirs["name"]) == ("u2", "Bob")
    assert world.the_customer()["totalSpend"] == spend
    world.put_order("o2", {**theirs, "total": "50"})
    assert world.the_customer()["totalSpend"] == {"USD": 5000}
    assert world.wrong() == []


def test_an_address_that_went_to_somebody_else_stays_theirs(world: World) -> None:
    """The alias of a user, proven by another since: its old orders stay where they are counted."""
    world.put_user("u1", user("old@example.com"))
    world.put_order("o1", order("old@example.com"))
    world.put_user("u1", user("new@example.com"))
    world.put_user("u2", user("old@example.com"))
    world.put_order("o2", order("old@example.com"))
    gone(world, CustomerRef("userId", "u1"))
    assert world.the_customer()["emails"] == ["old@example.com"]
    assert world.the_customer()["orderCount"] == 1
    assert world.store.all("orders")["o1"]["email"].endswith("@erased.invalid")
    assert world.store.all("orders")["o2"]["email"] == "old@example.com"
    world.put_order("o3", order("old@example.com", day=-5))
    assert world.the_customer()["orderCount"] == 2
    assert world.wrong() == []


def test_orders_that_somebody_bought_with_the_address_before_stay_with_them(world: World) -> None:
    world.put_user("u1", user("old@example.com"))
    world.put_order("o1", order("old@example.com"))
    world.put_user("u1", user("new@example.com"))
    world.put_user("u2", user("old@example.com"))
    world.put_order("o2", order("old@example.com"))
    gone(world, CustomerRef("userId", "u2"))
    assert world.the_customer()["orderCount"] == 1
    data = world.store.all("orders")["o1"]
    assert data["email"].endswith("@erased.invalid")
    world.put_order("o1", {**data, "total": "1"})
    assert world.the_customer()["totalSpend"] == {"USD": 100}
    assert world.wrong() == []


def test_what_an_undone_merge_left_without_an_address_goes_with_who_has_the_address_now(
    world: World,
) -> None:
    world.put_order("o1", order("old@example.com"))
    world.put_user("u1", user())
    pair = (world.with_email("old@example.com")["id"], world.with_uid("u1")["id"])
    merged = world.runner.run(lambda tx: plan_merge(tx, *pair))[0].merge_id
    assert merged
    world.put_user("u2", user("old@example.com"))
    world.runner.run(lambda tx: plan_unmerge(tx, merged))
    assert len(world.customers()) == 3
    gone(world, CustomerRef("userId", "u2"))
    assert world.the_customer()["userIds"] == ["u1"]


def test_quarantined_orders_are_found_and_redacted(world: World) -> None:
    world.put_order("o1", order())
    world.put_order("odd", order(status="unheard of", odd=True))
    world.put_order("uid", order(None, userId="u9", odd=True))
    assert set(world.reasons()) == {"odd", "uid"}
    gone(world)
    assert world.store.all("orders")["odd"]["email"].endswith("@erased.invalid")
    assert row(world, "odd")["erased"]
    assert not row(world, "odd")["quarantined"]
    assert world.reasons() == {"uid": "email-missing"}


def test_a_quarantined_user_document_is_taken_off_the_list(world: World) -> None:
    world.put_user("u1", user("not an address"))
    world.put_order("o1", order(userId="u1"))
    assert world.reasons() == {"u1": "email-invalid"}
    gone(world, CustomerRef("userId", "u1"))
    assert world.reasons() == {}


# --- Ways back -----------------------------------------------------------------------------------


def test_a_late_event_of_an_order_nobody_had_seen(world: World) -> None:
    world.put_order("o1", order())
    world.store.put("orders/late", order(day=1))
    gone_answer = erase(world.runner, world.queue.append, ADA, reason="asked by letter")
    world.sync.sync_order("late")
    assert row(world, "late")["erased"] == gone_answer["erasureId"]
    assert world.customers() == []
    assert world.wrong() == []


@pytest.mark.parametrize("late", [False, True])
def test_a_buyer_who_mistyped_the_address_loses_the_address_alone(late: bool) -> None:
    """Of a uid that no user document tells of yet: the order is that buyer's."""
    world = World(trust="auth")
    world.verified["u1"] = "bob@example.com"
    world.put_order("o1", order())
    mistyped = order(day=1, userId="u1", name="Bob", phone="+1 555")
    if late:
        world.store.put("orders/o2", mistyped)
    else:
        world.put_order("o2", mistyped)
    erase(world.runner, world.queue.append, ADA, reason="asked by letter")
    world.work()
    world.sync.sync_order("o2")
    kept = world.store.all("orders")["o2"]
    assert (kept["name"], kept["phone"], kept["userId"]) == ("Bob", "+1 555", "u1")
    assert kept["email"].endswith("@erased.invalid")
    assert world.reasons() == {"o2": "email-missing"}
    assert world.customers() == []
    world.put_user("u1", user("bob@example.com", name="Bob"))
    assert world.the_customer()["orderCount"] == 1
    assert world.reasons() == {}
    assert world.wrong() == []
    world.resync()  # the events of what the erasure wrote
    assert world.resync() is False


def test_a_visitors_order_is_the_guests_and_goes_whole() -> None:
    world = World(trust="auth")
    world.accounts.anonymous.add("u1")
    world.put_order("o1", order(userId="u1", phone="+1 555"))
    gone(world)
    kept = world.store.all("orders")["o1"]
    assert (kept["name"], kept["phone"], kept["userId"]) == (None, None, None)
    assert world.wrong() == []


def test_an_erasure_waits_for_firebase_auth_to_say_whose_an_order_is() -> None:
    world = World(trust="auth")
    world.accounts.anonymous.add("u1")
    world.put_order("o1", order(userId="u1"))
    find = world.accounts.find

    def silent(uid: str) -> Account:
        raise Transient("away")

    world.accounts.find = silent  # type: ignore[method-assign]
    erase(world.runner, world.queue.append, ADA, reason="asked by letter", seconds=0)
    world.work()
    assert world.store.all("orders")["o1"]["userId"] == "u1"
    world.accounts.find = find  # type: ignore[method-assign]
    gone(world)  # takes it up again
    assert gone(world)["status"] == "done"
    assert world.store.all("orders")["o1"]["userId"] is None


def test_a_late_order_of_an_erased_uid_under_another_address(world: World) -> None:
    world.put_user("u1", user())
    gone(world, CustomerRef("userId", "u1"))
    world.put_order("late", order("other@example.com", userId="u1"))
    assert world.customers() == []
    assert world.wrong() == []


def test_a_duplicate_of_an_old_event(world: World) -> None:
    world.put_order("o1", order())
    gone(world)
    world.sync.sync_order("o1")
    assert world.sync.sync_order("o1") is False
    assert world.customers() == []


def test_an_order_that_nothing_can_read_is_named_in_the_log_and_keeps_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("o1", "o2"):
        world.put_order(name, order())
    sync_order = Sync.sync_order

    def sync(self: Sync, order_id: str, *more: Any, **named: Any) -> bool:
        if order_id == "o1":
            raise ValueError("ada@example.com")
        return sync_order(self, order_id, *more, **named)

    monkeypatch.setattr(Sync, "sync_order", sync)
    erase(world.runner, world.queue.append, ADA, reason="asked by letter")
    world.work()
    assert "order o1: ValueError" in caplog.text
    assert "ada@example.com" not in caplog.text
    assert row(world, "o2")["erased"]
    assert {one["error"] for one in world.store.all("crmJobs").values()} == {"orders-left"}


def test_an_order_edited_after_the_erasure(world: World) -> None:
    world.put_order("o1", order())
    gone(world)
    data = world.store.all("orders")["o1"]
    world.put_order("o1", {**data, "status": "refunded"})
    assert row(world, "o1")["status"] == "refunded"
    assert world.customers() == []
    assert world.wrong() == []


@pytest.mark.parametrize("day", [0, 4000])
@pytest.mark.parametrize("email", ["ada@example.com", "else@example.com", "not an address"])
def test_an_order_that_gets_its_person_back_is_redacted_again(
    world: World, email: str, day: int
) -> None:
    world.put_order("o1", order())
    gone(world)
    world.put_order("o1", order(email, name="Ada", day=day))
    assert world.customers() == []
    assert world.store.all("orders")["o1"]["name"] is None
    assert world.reasons() == {}
    assert world.wrong() == []


def test_a_deleted_order_whose_id_is_used_again_by_somebody_else(world: World) -> None:
    world.put_order("o1", order())
    gone(world)
    world.delete_order("o1")
    world.put_order("o1", order("bob@example.com"))
    assert world.the_customer()["emails"] == ["bob@example.com"]
    assert world.wrong() == []


def test_a_user_document_written_again(world: World) -> None:
    world.put_user("u1", user())
    gone(world, CustomerRef("userId", "u1"))
    world.put_user("u1", user("else@example.com"))
    assert world.store.all("users") == {}
    assert world.customers() == []
    assert world.sync.sync_user("u1") is False
    assert world.wrong() == []


def test_a_rebuild(world: World) -> None:
    world.put_user("u1", user())
    world.put_order("o1", order(userId="u1"))
    world.put_order("o2", order())
    gone(world)
    rebuild(world.runner)
    assert world.customers() == []
    assert sum(rebuild(world.runner).changed.values()) == 0


def test_a_database_built_anew_from_the_hosts_documents(world: World) -> None:
    world.put_order("o1", order())
    gone(world)
    anew = World()
    for name, data in world.store.all("orders").items():
        anew.put_order(name, data)
    assert anew.customers() == []
    assert anew.reasons() == {"o1": "email-invalid"}, "nothing knows of an erasure yet"
    for one in erasures(world.runner):
        erase_again(anew.runner, anew.queue.append, one)
    rebuild(anew.runner)
    assert anew.customers() == []
    assert anew.reasons() == {}
    assert anew.wrong() == []


def test_a_withdrawal_is_known_of_in_a_database_built_anew(world: World) -> None:
    world.put_order("o1", order())
    decision = unsubscribe(world)
    gone(world)
    anew = World()
    (record,) = erasures(world.runner)
    assert erase_again(anew.runner, anew.queue.append, record)
    (identity,) = anew.store.all("crmIdentities").values()
    assert identity["suppressed"] == decision["at"]


def test_the_plan_after_a_backup_does_not_write_an_earlier_owner_of_the_address(
    world: World,
) -> None:
    world.put_user("u1", user())
    world.put_order("o1", order())
    world.put_user("u1", user("new@example.com"))
    world.put_user("u2", user())
    backup = dict(world.store._kept)
    gone(world, CustomerRef("userId", "u2"))
    (record,) = erasures(world.runner)
    world.store._kept = backup
    before = world.with_uid("u1")
    assert erase_again(world.runner, world.queue.append, record, seconds=0)
    assert world.the_customer() == before


def test_a_merge_into_an_erased_id(world: World) -> None:
    world.put_order("o1", order())
    erased = world.the_customer()["id"]
    gone(world)
    world.put_order("o2", order("bob@example.com"))
    other = world.the_customer()["id"]
    assert refused(world, lambda tx: plan_merge(tx, other, erased)) == "no-such-customer"
    assert refused(world, lambda tx: plan_merge(tx, erased, other)) == "no-such-customer"


def test_an_undo_of_a_merge_with_an_erased_side(world: World) -> None:
    world.put_order("o1", order())
    world.put_order("o2", order("bob@example.com"))
    ids = [one["id"] for one in world.customers()]
    plan, _ = world.runner.run(lambda tx: plan_merge(tx, *ids))
    gone(world)
    assert refused(world, lambda tx: plan_unmerge(tx, plan.merge_id or "")) == "survivor-gone"


def test_records_of_merges_lose_the_tags(world: World) -> None:
    world.put_order("o1", order())
    world.put_order("o2", order("bob@example.com"))
    ids = [one["id"] for one in world.customers()]
    for customer_id in ids:
        data = world.store.all("customers")[customer_id]
        world.store.put(f"customers/{customer_id}", {**data, "tags": [f"of-{customer_id}"]})
    plan, _ = world.runner.run(lambda tx: plan_merge(tx, *ids))
    world.runner.run(lambda tx: plan_unmerge(tx, plan.merge_id or ""))
    gone(world, CustomerRef("customerId", ids[0]))
    (merge,) = world.store.all("crmMerges").values()
    assert merge["source"]["tags"] == []
    assert merge["target"]["tags"] == [f"of-{ids[1]}"], "the other one lives"


# --- Buying again --------------------------------------------------------------------------------


@pytest.mark.parametrize(("side", "other"), [("source", "target"), ("target", "source")])
def test_tags_go_from_as_many_merges_as_the_person_had_ids(
    world: World, side: str, other: str
) -> None:
    """One query takes 30 ids, on either side of a merge."""
    ids = tuple(f"c{number:02d}" for number in range(61))
    for one in (*ids, "bob"):
        merge = {f"{side}Id": one, f"{other}Id": "else", side: {"tags": ["vip"]}}
        world.store.put(f"crmMerges/{one}", {**merge, other: {"tags": ["theirs"]}})
    record = Erasure(
        "e", world.store.now(), "staff", "asked", ids, (KEYS.address("a@b.c"),), (), "j"
    )
    assert erase_again(world.runner, world.queue.append, record)
    world.work()
    merges = world.store.all("crmMerges")
    assert {one for one in merges if merges[one][side]["tags"]} == {"bob"}
    assert all(one[other]["tags"] == ["theirs"] for one in merges.values())


def test_erased_then_the_same_address_buys_again(world: World) -> None:
    world.put_order("o1", order(marketingOptIn=True))
    first = world.the_customer()["id"]
    gone(world)
    world.put_order("o2", order(createdAt=after(world), total=1))
    customer = world.the_customer()
    assert customer["id"] != first
    assert customer["totalSpend"] == {"USD": 100}
    assert customer["orderCount"] == 1
    assert customer["tags"] == []
    assert customer["marketing"]["source"] == "suppression"
    assert find_customer(world.runner, ADA)[0] == customer["id"]
    world.resync()
    assert world.resync() is False
    assert world.wrong() == []


@pytest.mark.parametrize("opted_in", [True, False])
def test_a_box_that_is_ticked_after_an_erasure_waits(world: World, opted_in: bool) -> None:
    """Whoever was erased wants no news either, and anybody can order under the address."""
    world.put_order("o1", order(marketingOptIn=opted_in))
    gone(world)
    world.put_order("o2", order(createdAt=after(world), marketingOptIn=True))
    marketing = world.the_customer()["marketing"]
    assert (marketing["status"], marketing["pending"]) == ("unsubscribed", True)
    world.resync()
    assert world.resync() is False


def test_buying_again_stays_suppressed_after_an_opt_out(world: World) -> None:
    world.put_order("o1", order())
    unsubscribe(world)
    gone(world)
    world.put_order("o2", order(createdAt=after(world)))
    assert world.the_customer()["marketing"]["status"] == "unsubscribed"


def test_buying_again_and_being_erased_again(world: World) -> None:
    world.put_order("o1", order())
    first = gone(world)
    # A day that has come, so that the second erasure is after it.
    world.put_order("o2", order(createdAt=world.store.now() + timedelta(milliseconds=1)))
    assert world.the_customer()["orderCount"] == 1
    second = gone(world)
    assert second["erasureId"] != first["erasureId"]
    assert row(world, "o1")["erased"] == first["erasureId"]
    assert row(world, "o2")["erased"] == second["erasureId"]


def test_a_purchase_by_the_old_uid_after_the_erasure_is_the_addresses(world: World) -> None:
    """An ID token is good for an hour after its account is gone."""
    world.put_user("u1", user())
    gone(world, CustomerRef("userId", "u1"))
    world.put_order("o1", order(userId="u1", createdAt=after(world)))
    assert world.the_customer()["emails"] == ["ada@example.com"]
    assert world.the_customer()["userIds"] == []
    world.put_order("o2", order(None, userId="u1", createdAt=after(world)))
    assert world.reasons() == {"o2": "email-missing"}


def test_somebody_else_who_proves_the_address_later(world: World) -> None:
    world.put_order("o1", order())
    gone(world)
    world.put_user("u2", user())
    assert world.the_customer()["orderCount"] == 0
    assert world.the_customer()["emails"] == ["ada@example.com"]
    world.put_order("late", order(day=1))
    assert world.the_customer()["orderCount"] == 0
    assert world.wrong() == []


def test_only_the_ledger_is_left_of_the_sums(world: World) -> None:
    world.put_order("o1", order())
    world.put_order("o2", order(total=10, currency="eur"))
    gone(world)
    rows = world.store.find(Query("crmOrders"))
    assert sorted((one.fields["currency"], one.fields["net"]) for one in rows) == [
        ("EUR", 1000),
        ("USD", 4990),
    ]


def test_an_order_that_holds_not_a_number_is_written_once(world: World) -> None:
    def odd() -> dict[str, Any]:
        nan = float("nan")
        return {"note": float("nan"), "items": [{**item("e1"), "score": nan, "seats": {"x": nan}}]}

    world.put_order("o1", order(**odd()))
    gone(world)
    stored = world.store.all("orders")["o1"]
    world.store.put("orders/o1", {**stored, **odd()})  # as the emulator hands it out: a new object
    version = world.store.read(["orders/o1"])["orders/o1"].version
    world.sync.sync_order("o1")
    writes = world.store.writes
    world.sync.sync_order("o1")
    assert world.store.writes == writes
    assert world.store.read(["orders/o1"])["orders/o1"].version == version


FORGED = {"odd": recount.FORGED}


@pytest.mark.parametrize(
    "address",
    [
        "erased-@erased.invalid",
        "erased.invalid@erased.invalid",
        "erased-..@erased.invalid",
        "erased-__x__@erased.invalid",
        f"erased-{'a' * 20}@erased.invalid",
        f"erased-{'a' * 26}@erased.invalid",
        f"ERASED-{'A' * 26}@Erased.Invalid",
    ],
)
@pytest.mark.parametrize("uid", [None, "u1"])
def test_who_types_a_pseudonym_is_listed_and_nothing_is_stuck(
    world: World, address: str, uid: str | None
) -> None:
    world.put_order("forged", order(address, userId=uid, **FORGED))
    assert world.reasons() == {"forged": "email-invalid"}
    assert rebuild(world.runner).failed == []
    assert sum(rebuild(world.runner).changed.values()) == 0
    assert world.wrong() == []
    world.put_order("forged", order("ada@example.com"))
    assert world.the_customer()["orderCount"] == 1
    assert world.reasons() == {}
    assert world.wrong() == []


def test_who_copies_the_pseudonym_of_an_erasure_stays_in_the_books(world: World) -> None:
    world.put_order("o1", order())
    answer = gone(world)
    stolen = f"erased-{answer['erasureId']}@erased.invalid"
    world.put_order("mine", order(stolen, createdAt=after(world), **FORGED))
    assert world.reasons() == {"mine": "email-invalid"}
    assert row(world, "mine")["erased"] is None
    world.put_user("u2", user(stolen))
    assert world.the_customer()["emails"] == []
    assert world.wrong() == []


def test_redacting_an_order_looks_for_no_customer_of_a_person_who_has_gone(world: World) -> None:
    world.put_order("o1", order())
    erase(world.runner, world.queue.append, ADA, reason="asked by letter", seconds=0)
    assert not row(world, "o1")["erased"]
    reads = world.store.reads
    world.sync.sync_order("o1")
    assert row(world, "o1")["erased"]
    assert world.store.reads - reads == 3, "the order, its row, and whose the address was"


def test_an_order_that_an_erasure_has_marked_asks_for_its_record_once(world: World) -> None:
    world.put_order("o1", order())
    gone(world)
    world.put_order("o1", {**world.store.all("orders")["o1"], "status": "refunded"})
    assert row(world, "o1")["status"] == "refunded"
    assert row(world, "o1")["erased"]
    reads = world.store.reads
    world.sync.sync_order("o1")
    assert world.store.reads - reads == 2, "the order and its row"
