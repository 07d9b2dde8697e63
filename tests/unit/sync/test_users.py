"""What a user document does: proof, takeover, orders that waited, and going away."""

from collections.abc import Iterable, Sequence

import pytest

from crm.core.errors import Transient
from crm.db.accounts import Account
from crm.db.documents import Path, Snapshot, Version, Write
from crm.merging.merge import plan_merge
from testing.hosts import order, user
from testing.world import KEYS, World


@pytest.fixture
def world() -> World:
    """Documents of users are believed."""
    return World()


@pytest.fixture
def auth() -> World:
    """Firebase Auth says whose an address is, as it does unless the settings say otherwise."""
    return World(trust="auth")


def test_a_user_without_orders_is_a_customer(world: World) -> None:
    world.put_user("u1", user())
    customer = world.the_customer()
    assert customer["registered"] is True
    assert customer["userIds"] == ["u1"]
    assert customer["primaryEmail"] == "ada@example.com"
    assert customer["name"] == "Ada L."


@pytest.mark.parametrize("user_first", [True, False])
def test_a_proven_address_joins_guest_orders(auth: World, user_first: bool) -> None:
    auth.verified["u1"] = "ada@example.com"
    if user_first:
        auth.put_user("u1", user())
    auth.put_order("o1", order())
    if not user_first:
        old = auth.the_customer()["id"]
        auth.put_user("u1", user())
        assert auth.store.all("crmLinks")[old]["customerId"] == auth.the_customer()["id"]
    customer = auth.the_customer()
    assert customer["orderCount"] == 1
    assert customer["userIds"] == ["u1"]
    assert customer["name"] == "Ada L."
    assert auth.wrong() == []


def test_an_unproven_address_stays_apart_until_it_is_verified(auth: World) -> None:
    auth.verified["u1"] = None
    auth.put_order("o1", order())
    auth.put_user("u1", user())
    assert auth.with_email("ada@example.com")["userIds"] == []
    apart = auth.with_uid("u1")
    assert apart["primaryEmail"] is None
    assert apart["emails"] == []
    auth.verified["u1"] = "ada@example.com"
    auth.sync.sync_user("u1")
    assert auth.the_customer()["primaryEmail"] == "ada@example.com"
    assert auth.the_customer()["orderCount"] == 1
    assert auth.wrong() == []


def test_who_types_the_proven_address_again_claims_no_other_any_more(auth: World) -> None:
    auth.verified["u1"] = "ada@example.com"
    auth.put_user("u1", user())
    auth.put_user("u1", user("eve@example.com"))
    identity = auth.store.all("crmIdentities")[KEYS.user("u1")]
    assert identity["claimed"] == KEYS.address("eve@example.com")
    auth.put_user("u1", user())
    identity = auth.store.all("crmIdentities")[KEYS.user("u1")]
    assert identity["proven"] == KEYS.address("ada@example.com")
    assert identity.get("claimed") is None
    assert auth.wrong() == []


def test_auth_with_another_address_is_no_proof(auth: World) -> None:
    auth.verified["u1"] = "eve@example.com"
    auth.put_order("o1", order())
    auth.put_user("u1", user())
    assert len(auth.customers()) == 2


def test_a_signed_in_order_belongs_to_its_user_and_its_address_is_no_alias(world: World) -> None:
    world.put_user("u1", user())
    world.put_order("o1", order("stranger@example.com", userId="u1"))
    world.put_order("o2", order("stranger@example.com"))
    assert world.with_uid("u1")["emails"] == ["ada@example.com"]
    assert world.with_uid("u1")["orderCount"] == 1
    assert world.with_email("stranger@example.com")["orderCount"] == 1
    assert world.wrong() == []


def test_orders_of_an_unknown_uid_move_over_when_the_user_comes(auth: World) -> None:
    auth.verified["u1"] = None
    auth.put_order("o1", order("typed@example.com", userId="u1"))
    auth.put_order("o2", order("typed@example.com"))
    auth.put_order("o3", order(None, userId="u1"))
    assert auth.reasons() == {"o3": "email-missing"}
    auth.put_user("u1", user())
    assert auth.with_uid("u1")["orderCount"] == 2
    assert auth.with_email("typed@example.com")["orderCount"] == 1
    assert auth.reasons() == {}
    assert auth.wrong() == []


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


def test_a_change_that_is_reverted_before_its_proof_leaves_nothing_behind(auth: World) -> None:
    auth.verified["u1"] = "ada@example.com"
    auth.put_user("u1", user())
    auth.put_order("o1", order("new@example.com"))
    before = auth.with_uid("u1")
    auth.put_user("u1", user("new@example.com"))
    assert auth.with_uid("u1")["primaryEmail"] == "ada@example.com"
    assert auth.with_uid("u1")["emails"] == ["ada@example.com"]
    auth.put_user("u1", user())
    assert {**auth.with_uid("u1"), "updatedAt": 0} == {**before, "updatedAt": 0}
    assert len(auth.customers()) == 2
    assert auth.wrong() == []


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


@pytest.mark.parametrize("guest_first", [True, False])
def test_what_a_guest_agreed_to_holds_when_the_user_who_proved_the_address_has_another(
    world: World, guest_first: bool
) -> None:
    if not guest_first:
        world.put_user("u1", user())
    world.put_order("o1", order(marketingOptIn=True))
    world.put_user("u1", user())
    world.put_user("u1", user("new@example.com"))
    customer = world.the_customer()
    assert (customer["primaryEmail"], customer["marketing"]["status"]) == (
        "new@example.com",
        "subscribed",
    )


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


@pytest.mark.parametrize("deleted", [False, True])
def test_silence_proves_nothing(auth: World, deleted: bool) -> None:
    """Whoever may write `users/{own uid}` is a client, and its account may be gone or never was."""
    auth.put_order("o1", order())
    if deleted:
        auth.verified["u1"] = "own@example.com"
        auth.put_user("u1", user("own@example.com"))
        del auth.verified["u1"]
    auth.put_user("u1", user())
    auth.put_order("o2", order(day=1))
    assert auth.with_email("ada@example.com")["userIds"] == []
    assert auth.with_email("ada@example.com")["orderCount"] == 2
    assert auth.with_uid("u1")["primaryEmail"] == ("own@example.com" if deleted else None)
    assert auth.wrong() == []


def test_a_visitor_is_a_guest_whatever_the_document_says(auth: World) -> None:
    """Every visit of an app that signs visitors in would else be one more registered customer."""
    auth.accounts.anonymous |= {"u1", "u2"}
    for uid in ("u1", "u2"):
        auth.put_user(uid, user())
        auth.put_order(f"o-{uid}", order(userId=uid))
    guest = auth.the_customer()
    assert (guest["registered"], guest["userIds"], guest["orderCount"]) == (False, [], 2)
    assert guest["primaryEmail"] == "ada@example.com"
    assert auth.wrong() == []
    assert auth.resync() is False
    auth.put_user("u1", user(name="Changed"))
    auth.delete_user("u2")
    assert auth.the_customer()["name"] == "Ada Lovelace"
    assert auth.wrong() == []


def test_a_visitor_whose_account_is_deleted_stays_a_guest(auth: World) -> None:
    auth.accounts.anonymous.add("u1")
    auth.put_user("u1", user())
    auth.put_order("o1", order())
    auth.accounts.delete("u1")
    auth.put_user("u1", user(name="Changed"))
    assert auth.the_customer()["userIds"] == []
    assert auth.wrong() == []


def test_a_visitor_who_signs_up_is_known_from_then_on(auth: World) -> None:
    auth.accounts.anonymous.add("u1")
    auth.put_user("u1", user())
    auth.put_order("o1", order(userId="u1"))
    auth.accounts.anonymous.discard("u1")
    auth.verified["u1"] = "ada@example.com"
    auth.sync.sync_user("u1")
    customer = auth.the_customer()
    assert (customer["registered"], customer["userIds"]) == (True, ["u1"])
    assert customer["orderCount"] == 1
    auth.accounts.anonymous.add("u1")  # cannot be, and would change nothing: known is known
    assert auth.resync() is False
    assert auth.wrong() == []


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


def test_a_change_that_was_taken_back_before_its_commit_does_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was known already is written for its version: whoever read one before has to see it."""
    world.put_user("u1", user())
    commit = world.store.commit

    def late(writes: Sequence[Write]) -> list[Version]:
        monkeypatch.undo()
        world.put_user("u1", user())
        return commit(writes)

    monkeypatch.setattr(world.store, "commit", late)
    world.put_user("u1", user(name="Mistyped"))
    assert world.the_customer()["name"] == "Ada L."
    assert world.wrong() == []


def test_auth_that_is_down_links_later() -> None:
    world = World(trust="auth")
    world.verified["u1"] = "ada@example.com"
    down, find = True, world.accounts.find

    def unanswered(uid: str) -> Account:
        if down:
            raise Transient("Auth is down")
        return find(uid)

    world.accounts.find = unanswered  # type: ignore[method-assign]
    world.put_order("o1", order())
    with pytest.raises(Transient):
        world.put_user("u1", user())
    assert world.the_customer()["userIds"] == []
    down = False
    world.sync.sync_user("u1")
    assert world.the_customer()["orderCount"] == 1


@pytest.mark.parametrize("seen", [True, False])
def test_a_deletion_that_is_told_again_writes_nothing(world: World, seen: bool) -> None:
    if seen:
        world.put_user("u1", user())
    else:
        world.store.put("users/u1", user())
    told = world.store.delete("users/u1")
    assert world.sync.sync_user("u1", told)
    writes = world.store.writes
    assert not world.sync.sync_user("u1", told)
    assert not world.sync.sync_user("u1")
    assert world.store.writes == writes


@pytest.mark.parametrize(("room", "taken"), [(2, False), (3, True)])
def test_a_proven_address_that_is_one_too_many_stays_claimed_in_conflict(
    world: World, monkeypatch: pytest.MonkeyPatch, room: int, taken: bool
) -> None:
    monkeypatch.setattr("crm.sync.user_plan.MAX_PARTS", room)
    world.put_user("u1", user())  # one part of the uid, one of the address
    world.put_user("u1", user("new@example.com"))
    customer = world.with_uid("u1")
    assert customer["emails"] == ["ada@example.com", *(["new@example.com"] if taken else [])]
    identity = world.store.all("crmIdentities")[KEYS.user("u1")]
    assert identity["conflict"] is not taken
    assert identity["proven"] == KEYS.address("new@example.com" if taken else "ada@example.com")
    assert world.wrong() == []


@pytest.mark.parametrize(("room", "taken"), [(3, False), (4, True)])
def test_an_alias_of_another_user_that_is_one_too_many_stays_with_that_user(
    world: World, monkeypatch: pytest.MonkeyPatch, room: int, taken: bool
) -> None:
    world.put_user("u1", user())
    world.put_user("u1", user("new@example.com"))  # ada@ is an alias of theirs from now on
    world.put_user("u2", user("bob@example.com"))
    world.put_user("u2", user("bobby@example.com"))
    monkeypatch.setattr("crm.sync.user_plan.MAX_PARTS", room)
    world.put_user("u2", user())
    assert ("ada@example.com" in world.with_uid("u2")["emails"]) is taken
    assert ("ada@example.com" in world.with_uid("u1")["emails"]) is not taken
    assert world.store.all("crmIdentities")[KEYS.user("u2")]["conflict"] is not taken
    assert world.wrong() == []


def test_a_user_who_is_gone_has_proven_no_more_what_somebody_else_proves(world: World) -> None:
    world.put_user("u1", user())
    world.put_user("u2", user("bob@example.com"))
    ids = [world.with_uid(one)["id"] for one in ("u1", "u2")]
    world.runner.run(lambda tx: plan_merge(tx, *ids, allow_two_users=True))
    world.delete_user("u1")
    assert world.store.all("crmIdentities")[KEYS.user("u1")]["proven"] == KEYS.address(
        "ada@example.com"
    )
    world.put_user("u3", user(name="Next"))
    assert world.with_email("ada@example.com")["userIds"] == ["u3"]
    assert world.store.all("crmIdentities")[KEYS.user("u1")]["proven"] is None
    assert world.wrong() == []


def test_a_visitors_malformed_address_is_listed_too(auth: World) -> None:
    auth.accounts.anonymous.add("u1")
    auth.put_user("u1", user("nonsense"))
    assert auth.reasons() == {"u1": "email-invalid"}
    auth.put_user("u1", user())
    assert auth.reasons() == {}
    assert auth.customers() == []
