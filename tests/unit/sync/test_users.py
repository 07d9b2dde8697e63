"""What a user document does: proof, takeover, orders that waited, and going away."""

from collections.abc import Iterable

import pytest

from crm.db.accounts import Verification
from crm.db.documents import Path, Snapshot
from testing.hosts import order, user
from testing.world import KEYS, World


@pytest.fixture
def world() -> World:
    return World(trust="auth")


def test_a_user_without_orders_is_a_customer(world: World) -> None:
    world.put_user("u1", user())
    customer = world.the_customer()
    assert customer["registered"] is True
    assert customer["userIds"] == ["u1"]
    assert customer["primaryEmail"] == "ada@example.com"
    assert customer["name"] == "Ada L."


@pytest.mark.parametrize("user_first", [True, False])
def test_a_proven_address_joins_guest_orders(world: World, user_first: bool) -> None:
    world.verified["u1"] = "ada@example.com"
    if user_first:
        world.put_user("u1", user())
    world.put_order("o1", order())
    if not user_first:
        old = world.the_customer()["id"]
        world.put_user("u1", user())
        assert world.store.all("crmLinks")[old]["customerId"] == world.the_customer()["id"]
    customer = world.the_customer()
    assert customer["orderCount"] == 1
    assert customer["userIds"] == ["u1"]
    assert customer["name"] == "Ada L."
    assert world.wrong() == []


def test_an_unproven_address_stays_apart_until_it_is_verified(world: World) -> None:
    world.verified["u1"] = None
    world.put_order("o1", order())
    world.put_user("u1", user())
    assert world.with_email("ada@example.com")["userIds"] == []
    apart = world.with_uid("u1")
    assert apart["primaryEmail"] is None
    assert apart["emails"] == []
    world.verified["u1"] = "ada@example.com"
    world.sync.sync_user("u1")
    assert world.the_customer()["primaryEmail"] == "ada@example.com"
    assert world.the_customer()["orderCount"] == 1
    assert world.wrong() == []


def test_auth_with_another_address_is_no_proof(world: World) -> None:
    world.verified["u1"] = "eve@example.com"
    world.put_order("o1", order())
    world.put_user("u1", user())
    assert len(world.customers()) == 2


def test_a_signed_in_order_belongs_to_its_user_and_its_address_is_no_alias(world: World) -> None:
    world.put_user("u1", user())
    world.put_order("o1", order("stranger@example.com", userId="u1"))
    world.put_order("o2", order("stranger@example.com"))
    assert world.with_uid("u1")["emails"] == ["ada@example.com"]
    assert world.with_uid("u1")["orderCount"] == 1
    assert world.with_email("stranger@example.com")["orderCount"] == 1
    assert world.wrong() == []


def test_orders_of_an_unknown_uid_move_over_when_the_user_comes(world: World) -> None:
    world.verified["u1"] = None
    world.put_order("o1", order("typed@example.com", userId="u1"))
    world.put_order("o2", order("typed@example.com"))
    world.put_order("o3", order(None, userId="u1"))
    assert world.reasons() == {"o3": "email-missing"}
    world.put_user("u1", user())
    assert world.with_uid("u1")["orderCount"] == 2
    assert world.with_email("typed@example.com")["orderCount"] == 1
    assert world.reasons() == {}
    assert world.wrong() == []


def test_a_user_id_added_later_moves_the_order(world: World) -> None:
    world.put_user("u1", user())
    world.put_order("o1", order("guest@example.com"))
    world.put_order("o1", order("guest@example.com", userId="u1"))
    assert world.the_customer()["orderCount"] == 1
    assert world.wrong() == []


def test_two_users_never_join_by_themselves(world: World) -> None:
    world.put_user("u1", user())
    world.put_user("u2", user(name="Impostor"))
    assert len(world.customers()) == 2
    assert world.with_uid("u2")["primaryEmail"] is None
    assert world.store.all("crmIdentities")[KEYS.user("u2")]["conflict"] is True
    assert world.resync() is False
    assert world.wrong() == []


def test_a_changed_address_keeps_the_old_one_as_an_alias(world: World) -> None:
    world.put_user("u1", user())
    world.put_order("o1", order())
    world.put_order("o2", order("new@example.com", day=1))
    world.put_user("u1", user("new@example.com"))
    customer = world.the_customer()
    assert customer["primaryEmail"] == "new@example.com"
    assert customer["emails"] == ["ada@example.com", "new@example.com"]
    assert customer["orderCount"] == 2
    assert world.wrong() == []


def test_a_change_that_is_reverted_before_its_proof_leaves_nothing_behind(world: World) -> None:
    world.verified["u1"] = "ada@example.com"
    world.put_user("u1", user())
    world.put_order("o1", order("new@example.com"))
    before = world.with_uid("u1")
    world.put_user("u1", user("new@example.com"))
    assert world.with_uid("u1")["primaryEmail"] == "ada@example.com"
    assert world.with_uid("u1")["emails"] == ["ada@example.com"]
    world.put_user("u1", user())
    assert {**world.with_uid("u1"), "updatedAt": 0} == {**before, "updatedAt": 0}
    assert len(world.customers()) == 2
    assert world.wrong() == []


def test_a_change_to_another_users_address_is_a_conflict_until_that_user_gives_it_up(
    world: World,
) -> None:
    world.put_user("u1", user())
    world.put_user("u2", user("bob@example.com"))
    world.put_user("u1", user("bob@example.com"))
    assert world.store.all("crmIdentities")[KEYS.user("u1")]["conflict"] is True
    assert world.with_uid("u1")["primaryEmail"] == "ada@example.com"
    assert world.with_email("bob@example.com")["userIds"] == ["u2"]
    world.put_user("u2", user("bob.new@example.com"))
    assert world.with_uid("u1")["primaryEmail"] == "bob@example.com"
    assert world.with_uid("u2")["emails"] == ["bob.new@example.com"]
    assert world.resync() is False


def test_gone_altogether_then_the_same_address_buys_again(world: World) -> None:
    world.put_user("u1", user())
    world.put_order("o1", order(marketingOptIn=True))
    first = world.the_customer()["id"]
    world.delete_order("o1")
    world.delete_user("u1")
    assert world.customers() == []
    world.put_order("o2", order(day=9))
    assert world.the_customer()["id"] != first
    assert world.the_customer()["orderCount"] == 1
    assert world.the_customer()["marketing"]["status"] == "none"
    assert world.wrong() == []


def test_an_old_alias_goes_to_the_user_who_proves_it_and_old_orders_stay(world: World) -> None:
    world.put_user("u1", user())
    world.put_order("o1", order())
    world.put_user("u1", user("new@example.com"))
    world.put_user("u2", user(name="Next"))
    world.put_order("o2", order(day=1))
    assert world.with_uid("u1")["orderCount"] == 1
    assert world.with_uid("u1")["emails"] == ["new@example.com"]
    assert world.with_uid("u2")["orderCount"] == 1
    assert world.with_email("ada@example.com")["userIds"] == ["u2"]
    world.put_order("o1", order(total=1))
    assert world.with_uid("u1")["totalSpend"] == {"USD": 100}
    world.delete_order("o1")
    assert world.with_uid("u1")["orderCount"] == 0
    assert world.resync() is False


def test_a_deleted_user_leaves_a_guest_or_nobody(world: World) -> None:
    world.put_user("u1", user())
    world.put_order("o1", order())
    world.put_user("u2", user("other@example.com"))
    world.delete_user("u1")
    world.delete_user("u2")
    customer = world.the_customer()
    assert customer["registered"] is False
    assert customer["name"] == "Ada Lovelace"
    assert customer["emails"] == ["ada@example.com"]
    assert world.wrong() == []
    world.put_user("u1", user())
    assert world.the_customer()["registered"] is True
    world.put_user("u2", user("other@example.com"))
    assert world.with_uid("u2")["primaryEmail"] == "other@example.com"
    assert world.wrong() == []


def test_a_known_uid_stays_known_after_its_user_is_gone(world: World) -> None:
    world.put_user("u1", user())
    world.delete_user("u1")
    assert world.customers() == []
    world.put_order("o1", order(userId="u1"))
    assert world.the_customer()["userIds"] == ["u1"]
    assert world.wrong() == []


def test_a_malformed_address_is_quarantined_and_the_user_is_known_without_it(world: World) -> None:
    world.put_user("u1", user("nonsense"))
    assert world.reasons() == {"u1": "email-invalid"}
    assert world.the_customer()["name"] == "Ada L."
    world.put_user("u1", user())
    assert world.reasons() == {}
    assert world.the_customer()["primaryEmail"] == "ada@example.com"


def test_an_account_that_is_deleted_proves_nothing() -> None:
    """Else anybody could sign up with somebody's address, and delete the account."""
    world = World(trust="auth")
    world.put_order("o1", order())
    world.verified["u1"] = None
    world.put_user("u1", user())
    assert len(world.customers()) == 2
    del world.verified["u1"]
    world.put_user("u1", user(name="Somebody Else"))
    world.sync.sync_user("u1")
    assert len(world.customers()) == 2
    world.verified["u1"] = "ada@example.com"
    world.sync.sync_user("u1")
    assert world.the_customer()["orderCount"] == 1


def test_what_was_proven_stays_so_without_the_account() -> None:
    world = World(trust="auth")
    world.verified["u1"] = "ada@example.com"
    world.put_user("u1", user())
    del world.verified["u1"]
    world.put_user("u1", user(name="Ada L."))
    assert world.the_customer()["emails"] == ["ada@example.com"]
    world.put_user("u1", user("other@example.com"))
    assert world.the_customer()["emails"] == ["ada@example.com"]


def test_an_older_reading_than_what_is_known_already_does_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One reading is no snapshot: the row can be newer than the document read just before it."""
    world.put_user("u1", user(name="Old"))
    read = world.store.read

    def torn(paths: Iterable[Path]) -> dict[Path, Snapshot]:
        document, row = paths
        before = read([document])
        monkeypatch.undo()
        world.put_user("u1", user(name="New"))
        return {**before, **read([row])}

    monkeypatch.setattr(world.store, "read", torn)
    assert world.sync.sync_user("u1") is False
    assert world.the_customer()["name"] == "New"
    assert world.wrong() == []


def test_auth_that_is_down_links_later(world: World) -> None:
    from crm.core.errors import Transient

    down = True

    def verify_address(uid: str, address: str) -> Verification:
        if down:
            raise Transient("Auth is down")
        return Verification.VERIFIED

    world.verify_address = verify_address  # type: ignore[method-assign]
    world.put_order("o1", order())
    with pytest.raises(Transient):
        world.put_user("u1", user())
    assert len(world.customers()) == 2
    down = False
    world.sync.sync_user("u1")
    assert world.the_customer()["orderCount"] == 1
