"""Orders below users, and below any other documents: the same ids, other collections beside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crm.config.paths import name_in
from crm.customers.orders import list_orders
from crm.customers.reference import CustomerRef
from crm.db.documents import BY_ID, Query
from crm.db.paging import Pager, PageTokens, Scope
from crm.privacy.erasure.erase import erase
from crm.privacy.export.archive import Limits, export
from crm.repair import comparison, mirrors
from crm.repair.rebuild import rebuild
from crm.repair.sweep import EVERY, sweep
from crm.repair.sweep_run import SweepReport
from crm.repair.verify import verify
from crm.sync.quarantine import list_quarantine, retry_quarantine
from testing.hosts import order, user
from testing.world import KEYS, World
from tests.support.archive import whole

BY_UID = "users/{uid}/orders"
PAGER = Pager(PageTokens(KEYS.derive("page-token")), "staff", 10)
ADA, BOB = "ada@example.com", "bob@example.com"


class Nested(World):
    """A world whose orders are below users; its scheduler calls when the test says so."""

    def __init__(self, path: str = BY_UID, **more: Any) -> None:
        super().__init__(settings={"orders": {"path": path}, **more})
        self.turn = 0

    def swept(self) -> SweepReport:
        self.turn += 1
        now = self.store.now() + self.turn * EVERY
        runner = replace(self.runner, now=lambda: now)
        return sweep(runner, self.queue.append, threads=2)

    def assert_clean(self) -> None:
        assert self.wrong() == []
        assert list(verify(self.runner)) == []


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Nested:
    monkeypatch.setattr(comparison, "PAGE", 7)
    monkeypatch.setattr(mirrors, "PAGE", 7)  # so that a few documents are several pages
    return Nested()


def two_users(world: World) -> None:
    world.put_user("ada", user(ADA))
    world.put_user("bob", user(BOB))
    world.put_order("ada#o1", order(ADA))
    world.put_order("bob#o1", order(BOB, total="10.00"))


def elsewhere(world: World) -> None:
    """Other collections of that name, which are not the host's orders."""
    for number in range(20):
        for path in ("orders", "archive/x/orders", "users/ada/years/2024/orders", "zoo/x/orders"):
            world.store.put(f"{path}/o{number}", order("eve@example.com"))


def spent(world: World, uid: str) -> Any:
    return world.with_uid(uid)["totalSpend"]


def test_one_id_below_two_users_is_two_orders(world: Nested) -> None:
    two_users(world)
    assert (spent(world, "ada"), spent(world, "bob")) == ({"USD": 4990}, {"USD": 1000})
    world.delete_order("ada#o1")
    assert (spent(world, "ada"), spent(world, "bob")) == ({}, {"USD": 1000})
    world.assert_clean()


def test_an_order_is_the_users_below_whom_it_is_whatever_it_says(world: Nested) -> None:
    """Rules let a user write below the own uid; what is written there is the user's word alone."""
    world.put_user("ada", user(ADA))
    world.put_user("eve", user("eve@example.com"))
    world.put_order("eve#o1", order(ADA, userId="ada"))
    world.put_order("eve#o2", order(None, **{"{uid}": "ada"}))
    assert spent(world, "ada") == {}
    assert spent(world, "eve") == {"USD": 9980}
    world.assert_clean()


def test_where_the_mapping_says_so_the_documents_own_uid_goes_first() -> None:
    fields = {"userId": ["userId", "{uid}"]}
    world = World(settings={"orders": {"path": BY_UID, "fields": fields}})
    world.put_order("shop#o1", order(ADA, userId="ada"))
    world.put_order("bob#o2", order(BOB))
    world.put_user("ada", user(ADA))
    world.put_user("bob", user(BOB))
    assert (spent(world, "ada"), spent(world, "bob")) == ({"USD": 4990}, {"USD": 4990})


def test_a_wildcard_of_another_name_is_nobodys_uid() -> None:
    world = Nested("shops/{shop}/orders")
    world.put_order("berlin#o1", order(ADA))
    world.put_order("rome#o1", order(ADA, total="10.00"))
    assert world.the_customer()["totalSpend"] == {"USD": 5990}
    assert world.the_customer()["userIds"] == []
    world.assert_clean()


def test_a_path_feeds_other_fields_too() -> None:
    settings = {"path": "events/{event}/orders", "items": {"eventId": "^{event}"}}
    world = World(settings={"orders": settings})
    world.put_order("devops-2024#o1", order(ADA, items=[{}]))
    assert world.the_customer()["eventIds"] == ["devops-2024"]


def test_an_order_of_a_user_without_a_document_waits_for_it(world: Nested) -> None:
    world.put_order("ada#o1", order(ADA))
    world.put_order("bob#o1", order(None))
    assert world.the_customer()["registered"] is False
    assert world.reasons() == {"o1": "email-missing"}
    world.put_user("ada", user(ADA))
    world.put_user("bob", user(BOB))
    assert (spent(world, "ada"), spent(world, "bob")) == ({"USD": 4990}, {"USD": 4990})
    assert world.reasons() == {}
    world.assert_clean()


def test_people_find_the_document_by_what_is_listed(world: Nested) -> None:
    world.put_order("ada#o$P1", order(ADA, total="12,50"))
    page: Any = list_quarantine(world.store, PAGER)
    (item,) = page["items"]
    assert f"{item['collection']}/{item['documentId']}" == "users/ada/orders/o 1"
    world.store.put("users/ada/orders/o 1", order(ADA, total="12.50"))
    assert retry_quarantine(world.runner, item["id"])
    world.assert_clean()


def test_a_quarantined_order_is_looked_at_again_by_the_sweep(world: Nested) -> None:
    world.put_order("ada#o1", order(ADA, total="12,50"))
    world.store.put("users/ada/orders/o1", order(ADA))
    world.swept()
    assert world.reasons() == {}
    world.assert_clean()


# --- Looking at all of them ----------------------------------------------------------------------


def fill(world: World, orders: int = 60) -> None:
    for number in range(orders):
        # Ids that sort otherwise where they are joined by anything but what sorts first.
        uid = ("u", "u-1", "u 1", "u!", "U", "ü")[number % 6]
        name = f"{uid.replace(' ', '$P').replace('!', '$Q')}#o{number // 6:03}"
        world.put_order(name, order(f"p{number % 7}@example.com"))


def test_a_sweep_finds_what_was_lost_and_then_nothing(world: Nested) -> None:
    fill(world)
    elsewhere(world)
    world.store.put("users/u 1/orders/lost", order("lost@example.com"))
    world.store.put("users/zoe/orders/lost", order("lost@example.com"))
    world.store.delete("users/U/orders/o003")
    world.store.put("users/ü/orders/o009", order("new@example.com"))
    assert world.swept().mended[BY_UID] >= 3
    for _ in range(20):
        world.swept()
    world.assert_clean()
    report = world.swept()
    assert (sum(report.mended.values()), report.failed) == (0, [])


def test_what_firestore_counts_beside_the_orders_costs_a_look_and_no_more(world: Nested) -> None:
    fill(world)
    for number in range(3):
        world.store.put(f"users/u/years/2024/orders/o{number}", order("eve@example.com"))
    for _ in range(5):
        report = world.swept()
        assert report.mismatched == {BY_UID: 3}
        assert (sum(report.mended.values()), report.failed) == (0, [])
    world.assert_clean()


def test_other_collections_of_that_name_are_nobodys_orders(world: Nested) -> None:
    two_users(world)
    elsewhere(world)
    assert world.swept().mended == {}
    report = rebuild(world.runner)
    assert report.seen[BY_UID] == 2
    assert report.failed == []
    assert len(world.customers()) == 2
    world.assert_clean()


def test_a_rebuild_takes_in_what_was_there_before(world: Nested) -> None:
    world.store.put("users/ada", user(ADA))
    for number in range(30):
        world.store.put(f"users/ada/orders/o{number}", order(ADA))
        world.store.put(f"users/guest-{number}/orders/o{number}", order(BOB))
    elsewhere(world)
    report = rebuild(world.runner, dry_run=True)
    assert report.changed[BY_UID] == 60
    assert rebuild(world.runner).failed == []
    assert (world.with_uid("ada")["orderCount"], len(world.customers())) == (30, 2)
    assert sum(rebuild(world.runner).changed.values()) == 0
    world.assert_clean()


def test_verify_names_the_document_that_was_missed(world: Nested) -> None:
    two_users(world)
    world.store.put("users/ada/orders/o2", order(ADA))
    assert [path for path, _ in verify(world.runner)] == ["users/ada/orders/o2"]


def test_an_order_that_has_no_name_stops_nobody(world: Nested) -> None:
    """Whoever may write below the own uid may choose any id there."""
    two_users(world)
    world.store.put(f"users/eve/orders/{'x' * 1_499}", order("eve@example.com"))
    world.store.put("users/zoe/orders/o1", order("zoe@example.com"))
    assert world.swept().failed == []
    assert rebuild(world.runner).failed == []
    assert world.with_uid("bob")["orderCount"] == world.with_email("zoe@example.com")["orderCount"]
    world.assert_clean()


def test_pages_of_a_pattern_are_in_one_order_and_miss_nothing(world: Nested) -> None:
    fill(world)
    elsewhere(world)
    seen: list[str] = []
    after = None
    while found := world.store.find(Query(BY_UID, order=BY_ID, limit=7, after=after)):
        seen += [one.path for one in found]
        after = (None, str(name_in(BY_UID, found[-1].path)))
    assert len(seen) == 60
    assert seen == sorted(seen, key=lambda path: [one.encode() for one in path.split("/")])


def test_another_path_in_the_mapping_is_taken_in_by_a_rebuild(world: Nested) -> None:
    """From `orders` to below users, and what a sweep has kept of the former one."""
    before = World(store=world.store)
    for number in range(40):
        before.put_order(f"o{number}", order(ADA, userId="ada"))
    before.put_order("odd", order(ADA, total="12,50"))
    sweep(before.runner, before.queue.append, threads=2)
    for number in range(40):
        world.store.delete(f"orders/o{number}")
        world.store.put(f"users/ada/orders/o{number}", order(ADA))
    assert rebuild(world.runner).failed == []
    rebuild(world.runner)
    assert (world.the_customer()["orderCount"], world.reasons()) == (40, {})
    for _ in range(3):
        assert world.swept().failed == []
    assert list(verify(world.runner)) == []


# --- A person's rights ---------------------------------------------------------------------------


def gone(world: World, who: CustomerRef) -> dict[str, Any]:
    answer = erase(world.runner, world.queue.append, who, reason="asked by letter")
    world.work()
    return answer


@pytest.mark.parametrize("orders", ["pseudonymise", "delete", "keep"])
def test_an_erasure_finds_the_documents_and_nobody_elses(orders: str) -> None:
    world = Nested(erasure={"orders": orders})
    two_users(world)
    world.store.put("orders/o1", order(ADA))
    gone(world, CustomerRef("userId", "ada"))
    theirs = world.store.all(BY_UID)
    assert theirs["bob#o1"]["email"] == BOB
    assert ("ada#o1" in theirs) == (orders != "delete")
    if orders == "pseudonymise":
        assert theirs["ada#o1"]["email"].endswith("@erased.invalid")
        assert (theirs["ada#o1"]["name"], theirs["ada#o1"]["userId"]) == (None, None)
    assert world.store.all("orders")["o1"]["email"] == ADA
    assert [one["userIds"] for one in world.customers()] == [["bob"]]
    world.resync()  # the event of what the erasure wrote
    assert not world.resync()
    assert list(verify(world.runner)) == []


def test_what_says_that_the_uid_stays_in_paths(world: Nested) -> None:
    two_users(world)
    gone(world, CustomerRef("userId", "ada"))
    (erasure,) = world.store.all("crmErasures")
    again: dict[str, Any] = erase(
        world.runner, world.queue.append, CustomerRef("userId", "ada"), reason="asked again"
    )
    assert again["erasureId"] == erasure
    assert "uid-in-paths" in {one["reason"] for one in again["report"]["open"]}


def test_an_erased_buyers_order_stays_erased_without_the_ledger(world: Nested) -> None:
    two_users(world)
    gone(world, CustomerRef("userId", "ada"))
    world.store.delete("crmOrders/ada#o1")
    rebuild(world.runner)
    assert [one["userIds"] for one in world.customers()] == [["bob"]]
    assert world.store.all("crmOrders")["ada#o1"]["erased"] is not None
    assert world.reasons() == {}


def test_an_erased_visitors_order_stays_erased_without_the_ledger() -> None:
    """Nobody has a tombstone for the uid of a visitor: the mark in the document says it."""
    world = Nested()
    world.runner = replace(
        world.runner, settings=world.runner.settings.model_copy(update={"email_trust": "auth"})
    )
    world.sync = replace(world.sync, runner=world.runner)
    world.accounts.anonymous.add("visitor")
    world.put_order("visitor#o1", order(ADA))
    gone(world, CustomerRef("email", ADA))
    assert world.customers() == []
    world.accounts.anonymous.add("visitor")
    world.store.delete("crmOrders/visitor#o1")
    rebuild(world.runner)
    assert world.customers() == []
    assert world.reasons() == {}


def test_an_address_typed_below_a_known_user_goes_and_the_order_stays(world: Nested) -> None:
    world.put_order("guest#o1", order(ADA))
    world.put_user("bob", user(BOB))
    world.put_order("bob#o1", order(ADA))
    gone(world, CustomerRef("email", ADA))
    assert world.store.all(BY_UID)["bob#o1"]["email"] != ADA
    assert spent(world, "bob") == {"USD": 4990}
    world.store.delete("crmOrders/bob#o1")
    world.sync.sync_order("bob#o1")
    assert world.store.all("crmOrders")["bob#o1"]["erased"] is None


def test_answers_and_exports_name_the_order(world: Nested) -> None:
    two_users(world)
    customer_id = world.with_uid("ada")["id"]
    page: Any = list_orders(world.runner, PAGER, customer_id)
    assert [one["orderId"] for one in page["orders"]] == ["ada#o1"]
    scope = Scope("staff", "export_customer", {})
    who = CustomerRef("customerId", customer_id)
    archive = whole(lambda token: export(world.runner, scope, who, token, Limits()))
    (listed,) = archive["orders"]
    assert (listed["orderId"], listed["document"]["email"]) == ("ada#o1", ADA)
